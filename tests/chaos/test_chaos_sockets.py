# SPDX-License-Identifier: Apache-2.0
"""Watcher and Informer against the embedded server through a proxy that breaks connections (issue 6).

A failure names its seed; ``CHAOS_SEED=<seed> pytest tests/chaos/test_chaos_sockets.py -k histories`` repeats the
faults of that one (not the timing of threads).
"""

from __future__ import annotations

import logging
import os
import threading
import time
from contextlib import ExitStack
from random import Random
from typing import TYPE_CHECKING, Any, Self

import pytest
from fault_proxy import FaultProxy, ProxyFaults
from watch_consumer import Consumer, Thing

from k8s_core import Client, Config
from k8s_core.errors import Conflict, NotFound
from k8s_core.patches import MergePatch
from k8s_core.watch import Informer, Notification, Watcher
from k8s_devkit import ApiServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from k8s_core.watch.clock import StopSignal

pytestmark = pytest.mark.chaos

SEEDS = [int(os.environ["CHAOS_SEED"])] if "CHAOS_SEED" in os.environ else list(range(24))
SPEED = 40.0
SILENCE = 0.25  # seconds after which a silent connection is given up
PATIENCE = 30.0
NAMES = [f"p{number}" for number in range(6)]


class FastClock:
    """Real time, faster: so that backoff takes milliseconds."""

    def now(self) -> float:
        return time.monotonic() * SPEED

    def sleep(self, seconds: float, stop: StopSignal) -> None:
        stop.wait(seconds / SPEED)


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    for name in ("k8s_core.watch", "k8s_core.transport"):
        caplog.set_level(logging.CRITICAL, name)


@pytest.fixture(scope="module")
def server() -> Iterator[ApiServer]:
    with ApiServer(resources=[Thing.api_resource], create_missing_namespaces=True, bookmark_interval=0.05) as server:
        yield server


class Watching:
    """A Watcher or an Informer in a thread, and what a believing consumer makes of it."""

    def __init__(self, client: Client, namespace: str, *, streaming: bool) -> None:
        self.consumer = Consumer()
        self.failure: BaseException | None = None
        self.lock = threading.Lock()
        self.options: dict[str, Any] = {
            "client": client,
            "clock": FastClock(),
            "stream_timeout": SILENCE,
            "streaming_list": streaming,
            "page_size": 3,
            "on_error": lambda _: None,
        }
        self.namespace = namespace

    def guard(self, call: Callable[[], None]) -> None:
        try:
            with self.lock:
                call()
        except BaseException as error:  # raised again by check()
            self.failure = self.failure or error

    def check(self) -> dict[str, tuple[str, int]]:
        """What is believed to be alive."""
        if self.failure is not None:
            raise self.failure
        with self.lock:
            return dict(self.consumer.live)


class WatchingLoop(Watching):
    def __enter__(self) -> Self:
        self.watcher = Watcher(Thing, start_timeout=None, **self.options)
        self.thread = threading.Thread(target=self.guarded_run)
        self.thread.start()
        return self

    def guarded_run(self) -> None:
        try:
            for event in self.watcher.watch(namespace=self.namespace):
                with self.lock:
                    self.consumer.take(event)
        except BaseException as error:  # raised again by check()
            self.failure = error

    def __exit__(self, *_: object) -> None:
        self.watcher.stop()
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()


class WatchingInformer(Watching):
    def __enter__(self) -> Self:
        self.informer = Informer(Thing, namespace=self.namespace, **self.options)
        self.informer.add_handler(event=lambda event: self.guard(lambda: self.believe(event)))
        self.informer.start()
        return self

    def believe(self, event: Notification[Thing]) -> None:
        meta = event.object.metadata
        uid, version = meta.uid or "", int(meta.resourceVersion or 0)
        kinds = [(event.type, uid, version)]
        if event.old is not None and event.old.metadata.uid != uid:
            old = event.old.metadata
            kinds = [("DELETED", old.uid or "", int(old.resourceVersion or 0)), ("ADDED", uid, version)]
        for kind in kinds:
            self.consumer.believe(kind[0], event.key, kind[1], kind[2])

    def check(self) -> dict[str, tuple[str, int]]:
        live = super().check()
        assert all(key.startswith(f"{self.namespace}/") for key in list(self.informer.keys()))
        return live

    def __exit__(self, *_: object) -> None:
        self.informer.stop()


def alive(server: ApiServer, namespace: str) -> dict[str, tuple[str, int]]:
    documents = server.objects("test.dev/v1", "Thing", namespace)
    return {
        f"{namespace}/{document['metadata']['name']}": (
            document["metadata"]["uid"],
            int(document["metadata"]["resourceVersion"]),
        )
        for document in documents
    }


def write(random: Random, server: ApiServer, client: Client, namespace: str) -> None:
    name = random.choice(NAMES)
    chance = random.random()
    try:
        if chance < 0.35:
            client.create(
                Thing(metadata={"name": name, "namespace": namespace}, spec={"text": "ä" * random.randrange(300)})
            )
        elif chance < 0.65:
            client.patch(Thing, name, MergePatch({"spec": {"n": random.random()}}), namespace=namespace)
        elif chance < 0.85:
            client.delete(Thing, name, namespace=namespace)
        else:
            client.delete(Thing, name, namespace=namespace)
            client.create(Thing(metadata={"name": name, "namespace": namespace}))
    except (NotFound, Conflict):
        pass
    except Exception as error:
        if type(error).__name__ != "AlreadyExists":
            raise
    if random.random() < 0.05:
        server.compact()


def break_requests(random: Random, server: ApiServer) -> None:
    verb = random.choice(["watch", "list"])
    code = random.choice([429, 500, 503, 401, 410])
    server.faults.status(code, verb=verb, retry_after=1 if code == 429 else None)
    action = random.choice(["close", "split", "truncate", "error", "garbage", "reset"])
    payload = {
        "error": b'{"type":"ERROR","object":{"kind":"Status","status":"Failure","code":410,"reason":"Expired"}}\n',
        "garbage": b"<html>\n",
    }.get(action, b"")
    server.faults.watches(action, after=random.randrange(3), payload=payload)


def settle(server: ApiServer, namespace: str, watching: list[Watching]) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        wanted = alive(server, namespace)
        if all(one.check() == wanted for one in watching):
            return
        assert time.monotonic() < deadline, (wanted, [one.check() for one in watching])
        time.sleep(0.01)


def run_history(seed: int, server: ApiServer) -> list[str]:
    random = Random(seed)
    namespace = f"seed-{seed}"
    chances = (0.0, 0.0, 0.03, 0.1)
    faults = ProxyFaults(*(random.choice(chances) for _ in range(5)))
    with ExitStack() as stack:
        stack.callback(server.faults.clear)
        proxy = stack.enter_context(FaultProxy(server.port, seed=seed, faults=faults))
        direct = stack.enter_context(server.client())
        client = stack.enter_context(Client(Config(server=proxy.url, timeout=1.0, stream_timeout=SILENCE)))
        for _ in range(random.randrange(6)):
            write(random, server, direct, namespace)
        streaming = random.random() < 0.5
        watching: list[Watching] = [
            stack.enter_context(WatchingLoop(client, namespace, streaming=streaming)),
            stack.enter_context(WatchingInformer(client, namespace, streaming=streaming)),
        ]
        for _ in range(random.randrange(20, 60)):
            write(random, server, direct, namespace)
            if random.random() < 0.1:
                break_requests(random, server)
            time.sleep(random.choice([0.0, 0.0, 0.002, 0.01]))
        proxy.faults = ProxyFaults()
        server.faults.clear()
        settle(server, namespace, watching)
        return proxy.struck


@pytest.mark.parametrize("seed", SEEDS)
def test_histories_with_faults_end_at_the_state_of_the_server_and_tell_everything_once(
    seed: int, server: ApiServer
) -> None:
    try:
        run_history(seed, server)
    except BaseException as error:
        error.add_note(f"chaos seed {seed}")
        raise


def test_D17_packets_that_vanish_are_noticed_and_nothing_is_lost(server: ApiServer) -> None:
    namespace = "half-open"
    with ExitStack() as stack:
        proxy = stack.enter_context(FaultProxy(server.port))
        direct = stack.enter_context(server.client())
        client = stack.enter_context(Client(Config(server=proxy.url, timeout=1.0)))
        watching: list[Watching] = [
            stack.enter_context(WatchingLoop(client, namespace, streaming=False)),
            stack.enter_context(WatchingInformer(client, namespace, streaming=True)),
        ]
        for number in range(5):
            direct.create(Thing(metadata={"name": f"before-{number}", "namespace": namespace}))
            settle(server, namespace, watching)
            proxy.blackhole()
            direct.create(Thing(metadata={"name": f"after-{number}", "namespace": namespace}))
            direct.delete(Thing, f"before-{number}", namespace=namespace)
            settle(server, namespace, watching)
