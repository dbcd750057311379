# SPDX-License-Identifier: Apache-2.0
"""exec on the wire: against the frames of the library ``websockets``, byte by byte, cut off, and broken on purpose."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest
from scripted_server import Peer, ScriptedServer, close, head, raw, reply, reset, status_body
from scripted_websocket import ERROR, STDERR, STDOUT, V4, V5, ScriptedStream, accept, exit_status, failure

from k8s_core.client import Client
from k8s_core.configuration import Config
from k8s_core.errors import (
    BadRequest,
    CommandNotRun,
    ConnectionFailed,
    Forbidden,
    KubernetesError,
    StreamBroken,
    UpgradeRefused,
)
from k8s_core.plugins import Plugins, hookimpl
from k8s_plugins_builtin.core.v1 import Pod

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Connect
    from k8s_core.requests import Request
    from k8s_core.transport import Response, Transport
    from k8s_devkit import ApiServer, ExecSession

POD = Pod(metadata={"name": "web", "namespace": "shop"})


def whole(stream: ScriptedStream) -> None:
    stream.send(STDOUT, b"")  # as servers do first: neither output nor its end
    stream.send(STDOUT, b"some output\n")
    stream.send(STDERR, b"and errors")
    stream.fragments(bytes((STDOUT,)), b"", b"in ", b"", b"pieces")
    stream.send(77, b"a channel of the future")
    stream.finish(exit_status(3))


def serve(talk: Callable[[ScriptedStream], None], **options: Any) -> Callable[[Peer], None]:
    def script(peer: Peer) -> None:
        talk(accept(peer, **options))

    return script


@pytest.mark.parametrize("split", [False, True], ids=["in frames", "byte by byte"])
@pytest.mark.parametrize("protocol", [V5, V4])
def test_messages_in_any_pieces_make_the_same_result(connect: Connect, split: bool, protocol: str) -> None:
    with ScriptedServer(serve(whole, split=split, protocols=(protocol,))) as server:
        done = connect(server).exec(POD, ["x"])
    assert (done.exit_code, done.stdout, done.stderr) == (3, b"some output\nin pieces", b"and errors")


def test_the_request_is_the_one_of_the_protocol(connect: Connect) -> None:
    with ScriptedServer(serve(lambda stream: stream.finish(exit_status()))) as server:
        command = ["sh", "-c", "echo a&b=c é"]
        connect(server, token="secret").exec(POD, command, container="main", tty=True)
        (request,) = server.requests
    assert request.method == "GET"
    assert request.path == "/api/v1/namespaces/shop/pods/web/exec"
    expected = [("command", each) for each in command]
    assert request.query == [*expected, ("stdout", "true"), ("tty", "true"), ("container", "main")]
    assert request.header_lines("Sec-WebSocket-Protocol") == [f"{V5}, {V4}"]
    assert request.header("Sec-WebSocket-Version") == "13"
    assert request.header("Authorization") == "Bearer secret"


def test_input_goes_in_masked_frames_and_ends_with_a_half_close(connect: Connect) -> None:
    seen: list[bytes] = []

    def talk(stream: ScriptedStream) -> None:
        seen.append(stream.input())
        stream.send(STDOUT, b"after")  # stdout goes on
        stream.finish(exit_status())

    with ScriptedServer(serve(talk)) as server:
        assert connect(server).exec(POD, ["x"], input=b"\x00\xffbinary" * 20_000).stdout == b"after"
        assert server.requests[0].header("Sec-WebSocket-Protocol") == V5
    assert seen == [b"\x00\xffbinary" * 20_000]


def test_pings_are_answered_while_the_command_runs(connect: Connect) -> None:
    def talk(stream: ScriptedStream) -> None:
        stream.ping(b"there?")
        assert stream.wait_for_pong() == b"there?"
        stream.input()
        stream.finish(exit_status())

    with ScriptedServer(serve(talk)) as server:
        assert connect(server).exec(POD, ["x"], input=b"x").exit_code == 0


def test_a_session_that_is_cut_off_anywhere_is_whole_or_an_error(connect: Connect) -> None:
    recorded: list[bytes] = []

    def record(peer: Peer) -> None:
        stream = accept(peer)
        try:
            whole(stream)
        finally:
            recorded.extend(stream.recorded)

    with ScriptedServer(record) as server:
        connect(server).exec(POD, ["x"])
    session = b"".join(recorded[1:])  # without the handshake
    # The Close at the end has four bytes; before it stands the Status, without which there is no success.
    complete = len(session) - 4
    sizes = iter(range(len(session)))

    def cut(peer: Peer) -> None:
        accept(peer)
        peer.send(session[: next(sizes)])
        close()(peer)

    results: list[Any] = []
    with ScriptedServer(default=cut) as server:
        client = connect(server)
        for _ in range(len(session)):
            try:
                results.append(client.exec(POD, ["x"]))
            except StreamBroken as error:
                results.append(error)
    assert {type(each) for each in results[:complete]} == {StreamBroken}
    assert {(each.exit_code, each.stdout) for each in results[complete:]} == {(3, b"some output\nin pieces")}


@pytest.mark.parametrize("end", [close(), reset()], ids=["FIN", "RST"])
def test_a_handshake_that_is_cut_off_may_have_begun(connect: Connect, end: Any) -> None:
    with ScriptedServer([raw(head(101, {"Upgrade": "websocket"})[:30]), end]) as server:
        with pytest.raises(KubernetesError, match="may have begun"):
            connect(server).exec(POD, ["x"])


@pytest.mark.parametrize("code", [1000, 1001, 1006, 1011])
def test_a_close_without_a_status_is_not_success(connect: Connect, code: int) -> None:
    def talk(stream: ScriptedStream) -> None:
        stream.send(STDOUT, b"output")
        stream.close(code if code != 1006 else 1000)

    with ScriptedServer(serve(talk)) as server, pytest.raises(StreamBroken, match="ended before the exit code came"):
        connect(server).exec(POD, ["x"])


@pytest.mark.parametrize(
    "status",
    [
        b"{",
        b"[]",
        b'"Success"',
        b'{"status":"Maybe"}',
        b'{"status":"Failure","reason":"NonZeroExitCode"}',
        b'{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"0"}]}}',
        b'{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"x"}]}}',
        b'{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":"x"}}',
        b"\xff\xfe",
    ],
)
def test_a_status_that_does_not_say_it_is_no_exit_code(connect: Connect, status: bytes) -> None:
    with ScriptedServer(serve(lambda stream: stream.finish(status))) as server, pytest.raises(StreamBroken):
        connect(server).exec(POD, ["x"])


def test_a_status_may_come_in_fragments(connect: Connect) -> None:
    def talk(stream: ScriptedStream) -> None:
        status = exit_status(5)
        stream.fragments(bytes((ERROR,)), status[:10], status[10:])
        stream.close()

    with ScriptedServer(serve(talk)) as server:
        assert connect(server).exec(POD, ["x"]).exit_code == 5


def test_a_failure_of_the_runtime_is_quoted(connect: Connect) -> None:
    with ScriptedServer(serve(lambda stream: stream.finish(failure("no such file")))) as server:
        with pytest.raises(CommandNotRun, match=r"^exec of Pod shop/web: the command could not be run: no such file$"):
            connect(server).exec(POD, ["x"])


@pytest.mark.parametrize("garbage", [b"\xff" * 20, b"\x82\x80abcd", b"\x03\x01x", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_bytes_that_are_no_frames(connect: Connect, garbage: bytes) -> None:
    def talk(peer: Peer) -> None:
        accept(peer)
        peer.send(garbage)
        close()(peer)

    with ScriptedServer(talk) as server, pytest.raises(StreamBroken):
        connect(server).exec(POD, ["x"])


def test_text_frames_are_refused(connect: Connect) -> None:
    with ScriptedServer(serve(lambda stream: stream.text("\x01hello"))) as server:
        with pytest.raises(StreamBroken, match="a frame of text came"):
            connect(server).exec(POD, ["x"])


# -- handshakes


def answer(*, status: int = 101, **replaced: str) -> Callable[[Peer], None]:
    """A handshake with other headers than it should have."""

    def script(peer: Peer) -> None:
        stream = accept(peer)
        stream.close()

    def changed(peer: Peer) -> None:
        sent: list[bytes] = []
        real, peer.send = peer.send, sent.append  # type: ignore[method-assign]  # seen instead of sent
        accept(peer)
        text = b"".join(sent).decode()
        for name, value in replaced.items():
            name = name.replace("_", "-")
            lines = [line for line in text.split("\r\n") if not line.lower().startswith(name.lower() + ":")]
            text = "\r\n".join(lines[:1] + ([f"{name}: {value}"] if value else []) + lines[1:])
        real(text.encode())
        close()(peer)

    return changed if replaced else script


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"Sec_WebSocket_Accept": "x"}, "not that of a WebSocket server"),
        ({"Sec_WebSocket_Accept": ""}, "not that of a WebSocket server"),
        ({"Sec_WebSocket_Protocol": ""}, r"chose the protocol '', expected one of v5.channel.k8s.io, v4"),
        ({"Sec_WebSocket_Protocol": "v9"}, "chose the protocol 'v9'"),
        ({"Sec_WebSocket_Extensions": "permessage-deflate"}, "extensions that nobody asked for"),
    ],
)
def test_a_handshake_that_is_not_the_one_asked_for(connect: Connect, headers: dict[str, str], words: str) -> None:
    with ScriptedServer(answer(**headers)) as server:
        with pytest.raises(UpgradeRefused, match=words):
            connect(server).exec(POD, ["x"])
        server.wait_for_open_connections(0)


@pytest.mark.parametrize(
    ("script", "error", "words"),
    [
        (reply(200, b"<html>"), UpgradeRefused, "is 200 and not a WebSocket; does a proxy or load balancer"),
        (reply(400, status_body(400, "BadRequest", "Upgrade request required")), UpgradeRefused, "does a proxy"),
        (reply(403, status_body(403, "Forbidden", "no")), Forbidden, "no"),
    ],
)
def test_refusals_of_the_upgrade(connect: Connect, script: Any, error: type[Exception], words: str) -> None:
    with ScriptedServer(script) as server, pytest.raises(error, match=words):
        connect(server).exec(POD, ["x"])


def test_the_pod_is_read_to_explain_a_refusal_and_the_refusal_stands_if_it_can_not_be(connect: Connect) -> None:
    refusal = reply(400, status_body(400, "BadRequest", "what?"))
    with ScriptedServer(refusal, reply(403, status_body(403, "Forbidden", "no"))) as server:
        with pytest.raises(BadRequest, match="what"):
            connect(server).exec(POD, ["x"])
        assert [request.path for request in server.requests] == [f"{_PATH}/exec", _PATH]


_PATH = "/api/v1/namespaces/shop/pods/web"


def test_a_wrapper_of_a_plugin_sees_a_verb_that_no_reading_has(connect: Connect) -> None:
    seen: list[Request] = []

    class Audit:
        def __init__(self, inner: Transport) -> None:
            self.inner = inner

        def send(self, request: Request) -> Response:
            seen.append(request)
            return self.inner.send(dataclasses.replace(request, headers=(*request.headers, ("X-Audit", "1"))))

        def close(self) -> None:
            self.inner.close()

    class Plugin:
        @hookimpl
        def k8s_transport_wrapper(self, config: Any) -> Any:
            return Audit

    plugins = Plugins()
    plugins.register(Plugin())
    with ScriptedServer(serve(lambda stream: stream.finish(exit_status()))) as server:
        with Client(Config(server=server.url, trust_env=False), plugins=plugins) as client:
            assert client.exec(POD, ["x"]).exit_code == 0
        assert server.requests[0].header("X-Audit") == "1"
    (request,) = seen
    assert (request.verb, request.method, request.subresource, request.name) == ("connect", "GET", "exec", "web")


# -- every fault of the embedded server

BROKEN = ["drop", "reset", "truncate", "close", "text", "omit_status"]


@pytest.mark.parametrize("fault", BROKEN)
@pytest.mark.parametrize("after", [0, 1, 2])
def test_faults_that_break_a_session_are_errors(
    api: ApiServer, client: Client, pod: Pod, fault: str, after: int
) -> None:
    api.exec(output="output", errors="errors", exit_code=0)
    api.faults.streams(fault, after=after)
    with pytest.raises((StreamBroken, ConnectionFailed)):
        client.exec(pod, ["x"], input=b"input")


@pytest.mark.parametrize("fault", ["split", "delay"])
def test_faults_that_break_nothing_change_nothing(api: ApiServer, client: Client, pod: Pod, fault: str) -> None:
    api.exec(lambda session: session.stdout.write(session.stdin.read()) and 9)
    api.faults.streams(fault, times=None, seconds=0.01)
    done = client.exec(pod, ["x"], input=b"input" * 100)
    assert (done.exit_code, done.stdout) == (9, b"input" * 100)


def test_garbage_between_the_frames(api: ApiServer, client: Client, pod: Pod) -> None:
    api.exec(output="output")
    api.faults.streams("garbage", payload=b"\xff\xff\xff\xff")
    with pytest.raises(StreamBroken):
        client.exec(pod, ["x"])


def test_another_status_than_that_of_the_command(api: ApiServer, client: Client, pod: Pod) -> None:
    api.exec(output="output")
    api.faults.streams("status", payload=json.dumps({"status": "Failure", "message": "pod is gone"}).encode())
    with pytest.raises(CommandNotRun, match="pod is gone"):
        client.exec(pod, ["x"])


def test_a_server_that_falls_silent_ends_with_the_timeout(api: ApiServer, client: Client, pod: Pod) -> None:
    api.exec(output="output")
    api.faults.streams("stall")
    with pytest.raises(TimeoutError):
        client.exec(pod, ["x"], timeout=0.2)


def test_a_pod_that_goes_during_the_command(api: ApiServer, client: Client, pod: Pod) -> None:
    @api.exec
    def waits(session: ExecSession) -> None:
        session.stdout.write(b"begun")
        session.stdin.read()

    with client.open_exec(pod, ["x"], stdin=True) as process:
        assert process.stdout.read(5) == b"begun"
        api.faults.streams("drop", now=True)
        with pytest.raises(StreamBroken, match="ended before the exit code came; the command may run on"):
            process.wait()
        with pytest.raises(StreamBroken):
            process.stdout.read()


# -- signs of life


def test_an_idle_connection_is_pinged_and_one_that_does_not_answer_is_given_up(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("k8s_core.streams.session.PING_INTERVAL", 0.01)

    def alive(peer: Peer) -> None:
        stream = accept(peer)
        for _ in range(3):
            stream.wait_for_ping()
        stream.finish(exit_status())

    def dead(peer: Peer) -> None:
        accept(peer)
        peer.wait_for_close()

    with ScriptedServer(alive, dead, dead) as server:
        assert connect(server).exec(POD, ["x"]).exit_code == 0
        monkeypatch.setattr("k8s_core.streams.session.SILENCE", 0.05)
        with pytest.raises(StreamBroken, match="not even an answer to a ping"):
            connect(server).exec(POD, ["x"])
        # The server may be waiting for a command that does not read: nobody can tell.
        with pytest.raises(TimeoutError):
            connect(server).exec(POD, ["x"], input=b"x", timeout=0.5)
