# SPDX-License-Identifier: Apache-2.0
"""Protocol B2, B24 in earnest: sixteen threads, every verb, one client; nothing crosses, nothing leaks."""

from __future__ import annotations

import itertools
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from scripted_server import ScriptedServer, close, reply, truncated
from transport_help import Background
from waiting import eventually

from k8s_core.errors import NotFound, TransportError
from k8s_core.meta import ObjectMeta
from k8s_core.patches import MergePatch
from k8s_core.requests import Request
from k8s_core.transport.connections import IDLE_CONNECTIONS
from k8s_devkit import ApiServer
from k8s_plugins_builtin.core.v1 import ConfigMap, Namespace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import MakeTransport
    from k8s_core import Client

THREADS = 16


def connections_to(port: int) -> int:
    """TCP connections of this machine whose far end is ``port``, in any state but waiting for the last packets."""
    count = 0
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, _, remote, state, *_ = line.split()
        count += int(remote.partition(":")[2], 16) == port and state in ("01", "08")
    return count


def config_map(name: str, owner: str, step: int = 0) -> ConfigMap:
    meta = ObjectMeta(name=name, labels={"owner": owner})
    return ConfigMap(metadata=meta, data={"owner": owner, "step": str(step), "padding": owner * 500})


class Worker:
    """One thread's round of verbs, in a namespace of its own; checks that every answer is its own."""

    def __init__(self, client: Client, number: int) -> None:
        self.client = client
        self.owner = f"worker-{number}"
        self.rounds = 0

    def check(self, obj: ConfigMap, step: int) -> None:
        assert obj.metadata.namespace == self.owner
        assert obj.data["owner"] == self.owner
        assert obj.data["step"] == str(step)
        assert obj.data["padding"] == self.owner * 500

    def run(self, rounds: int) -> None:
        self.client.create(Namespace(metadata=ObjectMeta(name=self.owner)))
        while self.rounds < rounds:
            self.round(f"object-{self.rounds}")
            self.rounds += 1

    def round(self, name: str) -> None:
        client, here = self.client, {"namespace": self.owner}
        created = client.create(config_map(name, self.owner), **here)
        self.check(created, 0)
        self.check(client.get(ConfigMap, name, **here), 0)
        created.data["step"] = "1"
        self.check(client.replace(created, **here), 1)
        self.check(client.patch(ConfigMap, name, MergePatch({"data": {"step": "2"}}), **here), 2)
        applied = config_map(name, self.owner, 3)
        self.check(client.apply(applied, field_manager=self.owner, force=True, **here), 3)
        listed = client.list(ConfigMap, labels={"owner": self.owner}, **here)
        assert name in {item.metadata.name for item in listed}
        for item in listed:
            self.check(item, 3)
        event = next(self.events(name))
        self.check(event.object, 3)
        client.delete(ConfigMap, name, **here)
        with pytest.raises(NotFound, match=name):
            client.get(ConfigMap, name, **here)
        if self.rounds % 5 == 4:
            client.create(config_map("left", self.owner, 3), **here)
            client.delete_collection(ConfigMap, labels={"owner": self.owner}, **here)

    def events(self, name: str) -> Iterator[Any]:
        """The events of one object, over a watch connection of its own that is closed after the first."""
        stream = self.client.watch(ConfigMap, namespace=self.owner, fields={"metadata.name": name})
        try:
            yield from stream
        finally:
            stream.close()  # type: ignore[attr-defined]  # it is a generator


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="counts connections in /proc/net/tcp")
@pytest.mark.parametrize("rounds", [6, pytest.param(60, marks=[pytest.mark.soak, pytest.mark.timeout(600)])])
def test_B24_sixteen_threads_and_every_verb_on_one_client(rounds: int) -> None:
    with ApiServer() as server:
        port = int(server.url.rpartition(":")[2])
        client = server.client()
        most = 0
        stop = threading.Event()

        def count() -> None:
            nonlocal most
            while not stop.wait(0.05):
                most = max(most, connections_to(port))

        counter = Background(count)
        workers = [Background(partial(Worker(client, n).run, rounds)) for n in range(THREADS)]
        for worker in workers:
            worker.result(500)
        stop.set()
        counter.result()
        # A worker has one request or one watch at a time; what it has closed may linger for a moment.
        assert most <= 3 * THREADS
        eventually(lambda: connections_to(port) <= IDLE_CONNECTIONS)
        client.close()
        eventually(lambda: connections_to(port) == 0)


def test_B24_answers_never_cross_while_connections_break_in_the_middle_of_them(connect: MakeTransport) -> None:
    counter = itertools.count()

    def answer(request: Any) -> Any:
        body = request.path.encode() * 50
        kind = next(counter) % 3
        if kind == 0:
            return truncated(200, body[:-1])
        return [reply(200, body), close()] if kind == 1 else reply(200, body)

    with ScriptedServer(handler=answer) as server:
        transport = connect(server, sleep=lambda seconds: None)

        def work(number: int) -> int:
            good = 0
            for step in range(40):
                path = f"/thread/{number}/{step}"
                try:
                    body = transport.send(Request(method="GET", path=path)).read()
                except TransportError:
                    continue
                assert body == path.encode() * 50
                good += 1
            return good

        results = [Background(partial(work, n)) for n in range(THREADS)]
        assert sum(result.result() for result in results) > 300
        transport.close()
        server.wait_for_open_connections(0)
