# SPDX-License-Identifier: Apache-2.0
"""The Watcher over real sockets: stopping, half-open connections, leaks, Ctrl-C (protocol B16, B23, D17, D30)."""

from __future__ import annotations

import gc
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest
from scripted_server import RecordedRequest, ScriptedServer, chunk, close, head, hold, raw, reply, reset, truncated
from simulated_api import frame
from state_talk import item, thing_list
from waiting import eventually
from watch_consumer import Thing

from k8s_core import Client, Config
from k8s_core.watch import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from k8s_core.watch.clock import StopSignal

pytestmark = pytest.mark.slow  # silence on a connection takes its time

STREAM = raw(head(200, {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}))
LIST = reply(200, thing_list(item("a", 3), version=5))


def is_watch(request: RecordedRequest) -> bool:
    return ("watch", "true") in request.query


def client_of(server: ScriptedServer, **options: Any) -> Client:
    return Client(Config(server=server.url, **options))


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


class SlowClock:
    """One that waits for minutes instead of seconds, unless it is told to stop."""

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float, stop: StopSignal) -> None:
        stop.wait(seconds * 600)


class Loop:
    """A watcher that is iterated in a thread."""

    def __init__(self, client: Client, **options: Any) -> None:
        self.watcher = Watcher(Thing, client=client, **options)
        self.names: list[str] = []
        self.error: BaseException | None = None
        self.news = threading.Condition()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.watcher.stop()
        self.thread.join(20)
        assert not self.thread.is_alive()

    def run(self) -> None:
        try:
            for event in self.watcher.watch():
                with self.news:
                    self.names.append(f"{event.type} {event.object.metadata.name}")
                    self.news.notify_all()
        except Exception as error:  # compared by the test
            self.error = error

    def wait_for(self, *names: str) -> None:
        with self.news:
            assert self.news.wait_for(lambda: self.names == list(names), 20), self.names

    def stop(self) -> None:
        """End the loop. What the tests have it blocked in would last for minutes."""
        self.watcher.stop()
        self.thread.join(40)
        assert not self.thread.is_alive()
        assert self.error is None


def test_B23_stop_from_another_thread_ends_a_blocked_read_at_once_and_closes_the_socket() -> None:
    with ScriptedServer(LIST, [STREAM, hold()]) as server, client_of(server) as client, Loop(client) as loop:
        loop.wait_for("ADDED a")
        server.wait_for_requests(2)
        assert loop.watcher.wait_synced(20)
        loop.stop()
        server.wait_for(lambda: server.open_connections <= 1, "the end of the watch connection")


def test_D30_stop_ends_a_handshake_that_gets_no_answer() -> None:
    with (
        ScriptedServer(LIST, hold()) as server,
        client_of(server, timeout=10_000, stream_timeout=10_000) as client,
        Loop(client) as loop,
    ):
        server.wait_for_requests(2)
        loop.stop()


def test_D30_stop_ends_a_list_that_does_not_come() -> None:
    body = raw(head(200, {"Content-Type": "application/json", "Content-Length": "100"}) + b'{"kind"')
    with ScriptedServer([body, hold()]) as server, client_of(server, timeout=10_000) as client, Loop(client) as loop:
        server.wait_for_requests(1)
        loop.stop()
        assert loop.names == []


def test_D30_stop_ends_the_wait_between_attempts() -> None:
    failures = threading.Event()
    with (
        ScriptedServer(default=reply(500, b"no")) as server,
        client_of(server) as client,
        Loop(client, on_error=lambda _: failures.set(), clock=SlowClock()) as loop,
    ):
        assert failures.wait(20)
        loop.stop()


def test_B16_a_watch_lasts_longer_than_the_timeout_of_requests() -> None:
    later = threading.Event()
    script = [STREAM, chunk(frame("ADDED", item("b", 6))), hold(later), chunk(frame("ADDED", item("c", 7))), hold()]
    with ScriptedServer(LIST, script) as server, client_of(server, timeout=1.5) as client, Loop(client) as loop:
        loop.wait_for("ADDED a", "ADDED b")
        threading.Timer(2.0, later.set).start()
        loop.wait_for("ADDED a", "ADDED b", "ADDED c")
        assert len(server.requests) == 2


def test_D17_a_half_open_connection_is_noticed_and_resumed_without_loss() -> None:
    silent = [STREAM, chunk(frame("MODIFIED", item("a", 6))), hold()]
    again = [STREAM, chunk(frame("DELETED", item("a", 7)) + frame("ADDED", item("b", 8))), hold()]
    with (
        ScriptedServer(LIST, silent, again) as server,
        client_of(server, stream_timeout=2.0) as client,
        Loop(client) as loop,
    ):
        loop.wait_for("ADDED a", "MODIFIED a", "DELETED a", "ADDED b")
        assert dict(server.requests[2].query)["resourceVersion"] == "6"
        assert loop.watcher.last_error is None


@pytest.mark.parametrize(
    "ending",
    [
        [raw(b"0\r\n\r\n")],
        [close()],
        [reset()],
        [raw(b"1000\r\n" + frame("ADDED", item("b", 7))[:20]), close()],
    ],
    ids=["normal end", "FIN between chunks", "RST", "cut inside a frame"],
)
def test_D12_every_kind_of_end_is_followed_by_a_resumption(ending: list[Callable[[Any], None]]) -> None:
    first = [STREAM, chunk(frame("MODIFIED", item("a", 6))), *ending]
    again = [STREAM, chunk(frame("ADDED", item("b", 7))), hold()]
    with ScriptedServer(LIST, first, again) as server, client_of(server) as client, Loop(client) as loop:
        loop.wait_for("ADDED a", "MODIFIED a", "ADDED b")
        assert [dict(r.query).get("resourceVersion") for r in server.requests] == ["0", "5", "6"]


def test_broken_http_framing_is_a_failure_and_nothing_is_lost() -> None:
    first = [STREAM, chunk(frame("MODIFIED", item("a", 6))), raw(b"zz\r\n"), close()]
    again = [STREAM, chunk(frame("MODIFIED", item("a", 6)) + frame("ADDED", item("b", 7))), hold()]
    with ScriptedServer(LIST, first, again) as server, client_of(server) as client, Loop(client) as loop:
        loop.wait_for("ADDED a", "MODIFIED a", "ADDED b")


def test_D5_an_error_event_that_is_not_chunked() -> None:
    gone = frame("ERROR", {"kind": "Status", "status": "Failure", "code": 410, "reason": "Expired"})
    relist = reply(200, thing_list(item("b", 8), version=9))
    with (
        ScriptedServer(LIST, reply(200, gone), relist, [STREAM, hold()]) as server,
        client_of(server) as client,
        Loop(client) as loop,
    ):
        loop.wait_for("ADDED a", "ADDED b", "DELETED a")


def test_a_list_that_is_cut_deletes_nothing() -> None:
    whole = thing_list(item("a", 3), item("b", 4), version=9)
    gone = reply(410, b'{"kind":"Status","status":"Failure","code":410,"reason":"Expired"}')
    script = (LIST, gone, truncated(200, whole[:-30], missing=30), reply(200, whole), [STREAM, hold()])
    with ScriptedServer(*script) as server, client_of(server) as client, Loop(client) as loop:
        loop.wait_for("ADDED a", "ADDED b")


def test_closing_the_client_ends_the_loop_with_an_error() -> None:
    with ScriptedServer(LIST, [STREAM, hold()]) as server:
        client = client_of(server)
        with Loop(client) as loop:
            loop.wait_for("ADDED a")
            server.wait_for_requests(2)
            client.close()
            loop.thread.join(20)
            assert not loop.thread.is_alive()
            assert "closed" in str(loop.error)


def our_objects() -> int:
    gc.collect()
    return sum(1 for thing in gc.get_objects() if str(type(thing).__module__).startswith("k8s_core"))


def test_a_thousand_starts_and_stops_leave_nothing_behind() -> None:
    def handler(request: RecordedRequest) -> Any:
        return [STREAM, chunk(frame("ADDED", item("b", 6))), hold()] if is_watch(request) else LIST

    with ScriptedServer(handler=handler) as server, client_of(server) as client:

        def cycle() -> None:
            watcher = Watcher(Thing, client=client)
            for event in watcher.watch():
                if event.object.metadata.name == "b":
                    watcher.stop()

        for _ in range(20):
            cycle()
        server.wait_for(lambda: server.open_connections <= 1, "the end of the watches")
        threads, files, objects = threading.active_count(), open_files(), our_objects()
        for _ in range(1000):
            cycle()
        server.wait_for(lambda: server.open_connections <= 1, "the end of the watches")
        assert open_files() <= files + 2
        assert threading.active_count() <= threads + 2
        assert our_objects() <= objects + 50


CTRL_C = """
import sys
from k8s_core import Client, Config, Resource, Watcher

class Thing(Resource, group="test.dev", version="v1", plural="things"):
    pass

try:
    for event in Watcher(Thing, client=Client(Config(server=sys.argv[1]))).watch():
        print("ready", flush=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at a process in /proc")
def test_B23_ctrl_c_ends_a_script_that_watches_and_closes_the_socket() -> None:
    with ScriptedServer(LIST, [STREAM, hold()], default=[STREAM, hold()]) as server:
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(CTRL_C), server.url], stdout=subprocess.PIPE, text=True
        )
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            server.wait_for_requests(2)
            # It has sent its request: now it goes to sleep in the read that is to be interrupted.
            eventually(lambda: Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "S")
            process.send_signal(signal.SIGINT)
            assert process.stdout.readline() == "interrupted\n"
            process.wait(40)
            server.wait_for_open_connections(0)
        finally:
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()


@pytest.fixture
def handled_signal() -> Iterator[int]:
    before = signal.getsignal(signal.SIGUSR1)
    yield signal.SIGUSR1
    signal.signal(signal.SIGUSR1, before)


def test_B23_stop_from_a_signal_handler_ends_a_blocked_read(handled_signal: int) -> None:
    with ScriptedServer(LIST, [STREAM, hold()]) as server, client_of(server) as client:
        watcher = Watcher(Thing, client=client)
        signal.signal(handled_signal, lambda *_: watcher.stop())

        def interrupt() -> None:
            server.wait_for_requests(2)
            watcher.wait_synced(20)
            signal.pthread_kill(threading.main_thread().ident or 0, handled_signal)

        thread = threading.Thread(target=interrupt)
        thread.start()
        assert [event.type for event in watcher.watch()] == ["ADDED"]
        thread.join()


def test_B11_a_watch_that_is_not_answered_is_an_ended_watch() -> None:
    again = [STREAM, chunk(frame("ADDED", item("b", 7))), hold()]
    with ScriptedServer(LIST, [close()], again) as server, client_of(server) as client, Loop(client) as loop:
        loop.wait_for("ADDED a", "ADDED b")
        assert [dict(r.query).get("resourceVersion") for r in server.requests] == ["0", "5", "5"]
