# SPDX-License-Identifier: Apache-2.0
"""exec and attach on the embedded server over real WebSockets (protocol F6-F11, J30)."""

from __future__ import annotations

import logging
import ssl
import subprocess
import threading
from typing import TYPE_CHECKING, Any

import pytest
from stream_client import (
    CLOSE,
    ERROR,
    PODS,
    RESIZE,
    STDERR,
    STDIN,
    STDOUT,
    V4,
    V5,
    StreamClient,
    exec_in,
    last_stream,
    running_pod,
    status_of,
)
from waiting import eventually

from k8s_devkit import ApiServer
from k8s_plugins_builtin.core.v1 import ConfigMap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_devkit import AttachSession, ExecSession


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with ApiServer() as running:
        running.seed(running_pod())
        yield running


@pytest.fixture(autouse=True)
def no_threads_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    # The client's threads end a moment after its connection.
    eventually(lambda: set(threading.enumerate()) <= before)


def test_J30_a_handler_is_a_plain_function(server: ApiServer) -> None:
    @server.exec(pod="web")
    def shell(session: ExecSession) -> int:
        session.stdout.write(b"out " + " ".join(session.command).encode())
        session.stderr.write(b"err " + session.container.encode())
        return 3

    with exec_in(server, "ls", "-l", "a b") as client:
        assert client.protocol == V5
        channels = client.drain()
    assert (channels[STDOUT], channels[STDERR]) == (b"out ls -l a b", b"err main")
    assert status_of(channels)["reason"] == "NonZeroExitCode"
    record = last_stream(server)
    assert (record.status, record.verb, record.resource, record.error) == (101, "get", "pods/exec", None)


def test_J30_canned_answers(server: ApiServer) -> None:
    server.exec(output="hello\n", errors=b"oh\n", exit_code=7)
    server.exec(command=["true"], exit_code=0)
    with exec_in(server, "anything") as client:
        channels = client.drain()
    assert (channels[STDOUT], channels[STDERR]) == (b"hello\n", b"oh\n")
    assert status_of(channels)["details"] == {"causes": [{"reason": "ExitCode", "message": "7"}]}
    with exec_in(server, "true") as client:
        assert client.drain() == {ERROR: b'{"metadata":{},"status":"Success"}'}


def test_F8_exit_codes(server: ApiServer) -> None:
    server.exec(lambda session: None, command=["none"])
    server.exec(lambda session: 255, command=["255"])

    @server.exec(command=["exit"])
    def leave(session: ExecSession) -> int:
        raise SystemExit(137)

    def ends_with(command: str) -> dict[str, Any]:
        with exec_in(server, command) as client:
            return status_of(client.drain())

    assert ends_with("none") == {"metadata": {}, "status": "Success"}
    assert ends_with("255")["message"] == "command terminated with non-zero exit code: exit status 255"
    assert ends_with("exit")["details"]["causes"] == [{"reason": "ExitCode", "message": "137"}]


def test_F8_what_a_handler_raises_is_a_failure(server: ApiServer) -> None:
    @server.exec
    def broken(session: ExecSession) -> int:
        raise LookupError("no such file")

    with exec_in(server, "x") as client:
        status = status_of(client.drain())
    message = "Internal error occurred: error executing command in container: no such file"
    assert (status["status"], status["reason"], status["message"]) == ("Failure", "InternalError", message)
    assert isinstance(last_stream(server).error, LookupError)
    server.exec(lambda session: "0")  # type: ignore[arg-type, return-value]  # the mistake that this is about
    with exec_in(server, "x") as client:
        assert "a handler returns its exit code, 0 to 255, or None" in status_of(client.drain())["message"]


def test_F10_half_close_ends_stdin_and_output_goes_on(server: ApiServer) -> None:
    @server.exec
    def count(session: ExecSession) -> None:
        session.stdout.write(b"%d" % len(session.stdin.read()))

    with exec_in(server, "wc", "-c") as client:
        client.send(STDIN, b"abc")
        client.send(STDIN, b"de")
        client.end_stdin()
        assert client.drain() == {STDOUT: b"5", ERROR: b'{"metadata":{},"status":"Success"}'}


def test_F10_v4_has_no_half_close(server: ApiServer) -> None:
    @server.exec
    def cat(session: ExecSession) -> None:
        for line in session.stdin:
            session.stdout.write(line)
            if line == b"end\n":
                return

    with exec_in(server, "cat", protocols=[V4]) as client:
        assert client.protocol == V4
        client.send(STDIN, b"a\n")
        assert client.expect(STDOUT, 2) == b"a\n"
        client.send(CLOSE, b"\x00")
        client.send(STDIN, b"end\n")
        assert client.drain()[STDOUT] == b"end\n"


def test_F10_a_real_program_can_be_behind_it(server: ApiServer) -> None:
    @server.exec
    def run(session: ExecSession) -> int:
        return subprocess.call(session.command, stdin=session.stdin, stdout=session.stdout, stderr=session.stderr)

    with exec_in(server, "sh", "-c", "tr a-z A-Z; echo oops >&2; exit 4") as client:
        client.send(STDIN, b"loud")
        client.end_stdin()
        channels = client.drain()
    assert (channels[STDOUT], channels[STDERR]) == (b"LOUD", b"oops\n")
    assert status_of(channels)["details"]["causes"][0]["message"] == "4"


def test_F11_resizes_and_a_terminal_without_stderr(server: ApiServer) -> None:
    @server.attach
    def screen(session: AttachSession) -> None:
        assert session.tty
        sizes = session.resizes()
        for size in (next(sizes), next(sizes)):
            session.stderr.write(b"%dx%d " % size)
        assert session.size == (80, 24)
        assert session.stdin.readline() == b"q\n"

    query = [("stdin", "1"), ("stdout", "1"), ("stderr", "1"), ("tty", "1")]
    with StreamClient(server, f"{PODS}/web/attach", query) as client:
        assert client.receive() == (STDOUT, b"")
        client.send(RESIZE, b"not a size")
        client.send(RESIZE, b'{"Width":120,"Height":40}')
        client.send(RESIZE, b'{"Width":80,"Height":24}')
        client.send(9, b"an unknown channel")
        client.send(STDIN, b"q\n")
        assert client.drain() == {STDOUT: b"120x40 80x24 ", ERROR: b'{"metadata":{},"status":"Success"}'}


def test_F6_the_first_message_is_empty_and_on_the_lowest_channel(server: ApiServer) -> None:
    server.exec(output=b"dropped", errors=b"kept")
    with StreamClient(server, f"{PODS}/web/exec", [("stderr", "true"), ("command", "x")]) as client:
        assert client.receive() == (STDERR, b"")
        channels = client.drain()
    assert channels[STDERR] == b"kept"
    assert STDOUT not in channels
    server.exec(lambda session: len(session.stdin.read()))
    with StreamClient(server, f"{PODS}/web/exec", [("stdin", "true"), ("command", "x")]) as client:
        assert client.receive() == (ERROR, b"")
        client.send(STDIN, b"12")
        client.end_stdin()
        assert status_of(client.drain())["details"]["causes"][0]["message"] == "2"


def test_F7_large_and_fragmented_messages_and_any_bytes(server: ApiServer) -> None:
    @server.exec
    def echo(session: ExecSession) -> None:
        session.stdout.write(session.stdin.read())

    data = bytes(range(256)) * 2048
    with exec_in(server, "cat") as client:
        # The empty fragments come before, within and after the byte that names the channel.
        client.socket.send([b"", b"\x00", b"", data[:100], data[100:200_000], data[200_000:], b""])
        client.end_stdin()
        assert client.drain()[STDOUT] == data


def test_F12_pings_in_both_directions(server: ApiServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "websockets.client")
    server.streams.ping_interval = 0.01
    server.exec(lambda session: len(session.stdin.read()))
    with exec_in(server, "x") as client:
        eventually(lambda: "< PING" in caplog.text)
        assert client.socket.ping(b"between").wait(10)
        client.end_stdin()
        assert status_of(client.drain())["status"] == "Success"


def test_F12_a_slow_client_blocks_the_handler_and_not_the_memory(server: ApiServer) -> None:
    written, went = [0], threading.Event()

    @server.exec
    def flood(session: ExecSession) -> None:
        try:
            while True:
                written[0] += session.stdout.write(b"x" * 65536)
        except BrokenPipeError:
            went.set()
            raise

    client = exec_in(server, "yes", max_queue=1)
    count = 0
    while count < written[0]:  # it stands still when the sockets are full
        count = written[0]
        went.wait(0.1)
    assert count < 32 * 1024 * 1024
    client.socket.socket.close()
    client.close()
    assert went.wait(10)


def test_J30_a_client_that_goes_is_the_end_of_stdin(server: ApiServer) -> None:
    got, done = [b""], threading.Event()

    @server.exec
    def read(session: ExecSession) -> None:
        got[0] = session.stdin.read()
        assert list(session.resizes()) == []
        done.set()

    with exec_in(server, "cat") as client:
        client.send(STDIN, b"last words")
    assert done.wait(10)
    assert got[0] == b"last words"


def test_J30_the_end_of_the_server_is_the_end_of_its_handlers() -> None:
    ended = threading.Event()
    with ApiServer() as server:
        server.seed(running_pod())

        @server.exec
        def wait(session: ExecSession) -> None:
            session.stdin.read()
            ended.set()

        client = exec_in(server, "sleep")
    assert ended.is_set()
    client.close()


def test_J30_a_handler_that_ignores_the_end_is_named() -> None:
    release = threading.Event()
    server = ApiServer().start()
    server.seed(running_pod())
    server.exec(lambda session: None if release.wait(30) else 1)
    with exec_in(server, "x"):
        with pytest.warns(ResourceWarning, match="exec of container main in pod default/web"):
            server.stop()
    release.set()
    eventually(lambda: not [thread for thread in threading.enumerate() if thread.name.startswith("exec")])


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_J30_exceptions_that_nobody_hears_are_those_of_a_thread(
    server: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised: list[object] = []
    monkeypatch.setattr(threading, "excepthook", lambda arguments: raised.append(arguments.exc_value))

    @server.exec
    def check(session: ExecSession) -> None:
        session.stdin.read()
        assert session.tty, "the test's own mistake"

    exec_in(server, "x").close()
    eventually(lambda: raised)
    assert "the test's own mistake" in str(raised[0])


def test_J30_a_handler_may_call_the_server(server: ApiServer) -> None:
    client = server.client()

    @server.exec
    def touch(session: ExecSession) -> None:
        client.create(ConfigMap(metadata={"name": session.command[1], "namespace": session.namespace}))

    with exec_in(server, "touch", "file") as stream:
        assert status_of(stream.drain())["status"] == "Success"
    assert [item["metadata"]["name"] for item in server.objects("v1", "ConfigMap")] == ["file"]


def test_J30_many_at_once(server: ApiServer) -> None:
    barrier = threading.Barrier(8)

    @server.exec
    def meet(session: ExecSession) -> int:
        barrier.wait(10)
        return int(session.command[0])

    clients = [exec_in(server, str(number)) for number in range(8)]
    codes = [status_of(client.drain()).get("details", {}).get("causes", [{}])[0].get("message") for client in clients]
    assert codes == [None, "1", "2", "3", "4", "5", "6", "7"]
    for client in clients:
        client.close()


def test_F3_over_tls_and_with_a_token() -> None:
    with ApiServer(tls=True, tokens={"secret": "alice"}) as server:
        server.seed(running_pod())
        server.exec(lambda session: len(session.user))
        context = ssl.create_default_context(cadata=server.ca_certificate.decode())
        headers = {"Authorization": "Bearer secret"}
        with exec_in(server, "x", ssl=context, additional_headers=headers) as client:
            assert status_of(client.drain())["details"]["causes"][0]["message"] == "5"
