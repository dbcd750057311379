# SPDX-License-Identifier: Apache-2.0
"""What must stay within bounds when everything fails: requests, threads, sockets, memory; and every cut of a stream."""

from __future__ import annotations

import gc
import logging
import threading
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from scripted_server import RecordedRequest, ScriptedServer, chunk, head, hold, raw, reply
from simulated_api import FakeClock, SimulatedApi, frame
from state_talk import api_failure, item, said, started, thing_list
from watch_consumer import Thing

from k8s_core import Client, Config
from k8s_core.errors import ResponseTruncated
from k8s_core.watch import Informer, Watcher

if TYPE_CHECKING:
    from k8s_core.errors import ApiError

pytestmark = pytest.mark.chaos


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "k8s_core.watch")


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(
    "error",
    [api_failure(500, "InternalError"), api_failure(503, "ServiceUnavailable"), api_failure(429, "TooManyRequests")],
)
def test_D16_a_server_that_fails_every_watch_gets_fewer_than_12_requests_in_the_first_minute(
    seed: int, error: ApiError
) -> None:
    api = SimulatedApi(Thing.api_resource, clock=FakeClock())
    requests: list[float] = []
    original = api.request

    def request(request: Any) -> Any:
        requests.append(api.clock.time)
        if request.verb == "watch":
            raise error
        return original(request)

    api.request = request  # type: ignore[method-assign]  # a server that fails
    watcher = Watcher(Thing, client=api, clock=api.clock, random=Random(seed))  # type: ignore[arg-type]  # stands in
    begin = api.clock.time

    def until_a_minute() -> None:
        if api.clock.time - begin >= 60:
            watcher.stop()

    api.clock.on_sleep = until_a_minute
    assert list(watcher.watch()) == []
    within = [time for time in requests if time - begin < 60]
    assert 5 <= len(within) < 12


@pytest.mark.parametrize("ending", [None, ResponseTruncated("reset")], ids=["EOF", "reset"])
def test_a_stream_cut_at_every_byte_and_resumed_tells_everything_once(ending: Exception | None) -> None:
    events = [
        ("ADDED", item("b", 6, data={"text": 'ä { \\" }'})),
        ("MODIFIED", item("a", 7)),
        ("DELETED", item("b", 8)),
        ("BOOKMARK", {"kind": "ConfigMap", "metadata": {"resourceVersion": "9"}}),
        ("ADDED", item("b", 10, uid="another")),
        ("DELETED", item("a", 11)),
    ]
    frames = [frame(*event) for event in events]
    expected = ["ADDED b@6", "MODIFIED a@7", "DELETED b@8", "ADDED b@10", "DELETED a@11"]
    whole = b"".join(frames)
    for cut in range(len(whole) + 1):
        talk = started(item("a", 3))
        told = said(talk.state.feed(whole[:cut]))
        talk.close(error=ending)
        version = int(talk.open().resource_version or 0)
        rest = b"".join(
            encoded
            for encoded, (_, document) in zip(frames, events, strict=True)
            if int(document["metadata"]["resourceVersion"]) > version
        )
        assert told + said(talk.state.feed(rest)) == expected, cut


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def our_objects() -> int:
    gc.collect()
    return sum(1 for thing in gc.get_objects() if str(type(thing).__module__).startswith("k8s_core"))


def test_informers_that_come_and_go_leave_nothing_behind() -> None:
    stream = raw(head(200, {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}))

    def handler(request: RecordedRequest) -> Any:
        if request.path.endswith("things") and ("watch", "true") in request.query:
            return [stream, chunk(frame("ADDED", item("b", 6))), hold()]
        return reply(200, thing_list(item("a", 3), version=5))

    with ScriptedServer(handler=handler) as server, Client(Config(server=server.url)) as client:

        def cycle() -> None:
            came = threading.Event()
            informer = Informer(Thing, client=client)
            informer.add_handler(add=lambda thing: came.set() if thing.metadata.name == "b" else None)
            with informer:
                assert came.wait(20)

        for _ in range(10):
            cycle()
        server.wait_for(lambda: server.open_connections <= 1, "the end of the watches")
        threads, files, objects = threading.active_count(), open_files(), our_objects()
        for _ in range(200):
            cycle()
        server.wait_for(lambda: server.open_connections <= 1, "the end of the watches")
        assert open_files() <= files + 2
        assert threading.active_count() <= threads + 2
        assert our_objects() <= objects + 50
