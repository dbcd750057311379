# SPDX-License-Identifier: Apache-2.0
"""The embedded server under load: what it does, counted in calls and frames. The seconds are those of `make bench`."""

from __future__ import annotations

import http.client
import json
import selectors
import socket
import sys
from typing import TYPE_CHECKING

import pytest
from server_core import Api, config_map
from uvicorn.protocols.http.h11_impl import H11Protocol

from k8s_devkit import ApiServer
from k8s_devkit.api_server.network.asgi import AsgiApp
from k8s_devkit.api_server.network.runner import LoopServer

if TYPE_CHECKING:
    from collections.abc import Callable

PATH = "/api/v1/namespaces/default/configmaps"


def calls_of(function: Callable[[], object]) -> int:
    """How many Python functions this thread calls meanwhile."""
    calls = 0

    def profile(_: object, event: str, __: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        function()
    finally:
        sys.setprofile(before)
    return calls


def test_a_server_starts_without_building_documents() -> None:
    with ApiServer() as warm:
        assert warm.port
    server = ApiServer()
    assert calls_of(ApiServer) < 1500
    assert calls_of(server.start) < 200
    assert server.core.openapi == {}
    server.stop()


def test_a_small_request_takes_few_calls() -> None:
    api = Api()
    api.ok("POST", PATH, config_map("a", data={"x": "1"}))

    def patch(value: str) -> object:
        return api.send("PATCH", f"{PATH}/a", {"data": {"x": value}}, content_type="application/merge-patch+json")

    patch("2")  # what is remembered of a kind comes with the first request
    assert calls_of(lambda: api.send("GET", f"{PATH}/a")) < 60
    assert calls_of(lambda: api.send("GET", PATH)) < 110
    assert calls_of(lambda: patch("3")) < 450


def test_two_thousand_objects_are_created_and_listed() -> None:
    with ApiServer() as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        for number in range(2000):
            connection.request(
                "POST", PATH, json.dumps(config_map(f"c{number:04}")), {"Content-Type": "application/json"}
            )
            assert connection.getresponse().read().startswith(b'{"kind":"ConfigMap"')
        connection.request("GET", PATH)
        names = [item["metadata"]["name"] for item in json.loads(connection.getresponse().read())["items"]]
        connection.close()
    assert names == [f"c{number:04}" for number in range(2000)]


@pytest.mark.parametrize("events", [600, pytest.param(10_000, marks=[pytest.mark.soak, pytest.mark.timeout(600)])])
def test_fifty_watchers_see_every_event(events: int) -> None:
    watchers, history = 50, 300
    with ApiServer(history=history) as server, selectors.DefaultSelector() as selector:
        counts, begin = {}, server.resource_version
        for _ in range(watchers):
            raw = socket.create_connection(("127.0.0.1", server.port), timeout=30)
            request = f"GET {PATH}?watch=1&resourceVersion={begin} HTTP/1.1\r\nHost: x\r\n\r\n"
            raw.sendall(request.encode())
            while b"\r\n\r\n" not in raw.recv(65536, socket.MSG_PEEK):
                pass
            counts[raw] = 0
            selector.register(raw, selectors.EVENT_READ)
        document = config_map("a")
        done = 0
        for number in range(events):
            server.seed({**document, "data": {"n": str(number)}})
            if number % 100 == 99 or number == events - 1:
                while done < watchers * (number + 1):
                    for key, _ in selector.select():
                        received = key.fileobj.recv(1 << 20).count(b'{"type":"')  # type: ignore[union-attr]  # a socket
                        counts[key.fileobj] += received  # type: ignore[index]  # a socket
                        done += received
        assert set(counts.values()) == {events}
        # What it remembers is bounded, however much happens.
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        connection.request("GET", f"{PATH}?watch=1&resourceVersion={begin}")
        assert b'"code":410' in connection.getresponse().readline()
        connection.close()
        for raw in counts:
            raw.close()


def test_the_server_also_runs_on_h11() -> None:
    server = ApiServer()
    app = AsgiApp(server.core, server.authenticator, server.faults, server.requests)
    loop = LoopServer(app, "127.0.0.1", 0, None, H11Protocol)
    loop.start()
    connection = http.client.HTTPConnection("127.0.0.1", loop.port, timeout=10)
    connection.request("POST", PATH, json.dumps(config_map()), {"Content-Type": "application/json"})
    assert connection.getresponse().read().startswith(b'{"kind":"ConfigMap"')
    connection.request("GET", f"{PATH}?watch=1&timeoutSeconds=1")
    assert connection.getresponse().read().count(b"\n") == 1
    connection.close()
    loop.stop()
