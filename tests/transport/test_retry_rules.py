# SPDX-License-Identifier: Apache-2.0
"""Protocol B8-B14: what is sent again, when, how often - counted by the server - and what an error then says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from scripted_server import ScriptedServer, chunk, close, head, hold, raw, reply, reset, truncated
from transport_help import Background, FakeTime, get, interrupted, post, watch

from k8s_core.errors import (
    ConfigError,
    ConnectionFailed,
    KubernetesError,
    OutcomeUnknown,
    RequestTimeout,
    ResponseTruncated,
    TransportError,
)
from k8s_core.requests import Request
from k8s_core.transport.faults import after_sending
from k8s_core.transport.limits import Inactivity
from k8s_core.transport.retry import retry_after, wait_after_error

if TYPE_CHECKING:
    from conftest import MakeTransport

WRITES = ["POST", "PUT", "PATCH", "DELETE"]
BUSY = reply(429, b"busy", {"Retry-After": "3"})


def write(method: str) -> Request:
    body = None if method == "DELETE" else b'{"kind":"Pod"}'
    return Request(method=method, path="/api/v1/namespaces/default/pods/x", body=body)


def logs() -> Request:
    return get("/api/v1/namespaces/default/pods/x/log", stream=True)


@pytest.mark.parametrize("method", ["GET", *WRITES])
@pytest.mark.parametrize("status", [429, 500, 503, 504, 599])
def test_B8_retry_after_is_honoured_for_every_method(
    connect: MakeTransport, fake_time: FakeTime, method: str, status: int
) -> None:
    busy = reply(status, b"busy", {"Retry-After": "3"})
    with ScriptedServer(busy, busy, reply(200, b"done")) as server:
        transport = connect(server, timeout=60, **fake_time.hooks)
        request = get() if method == "GET" else write(method)
        assert transport.send(request).read() == b"done"
        assert fake_time.sleeps == [3, 3]
        assert [(seen.method, seen.body) for seen in server.requests] == [(method, request.body or b"")] * 3


def test_B8_ten_retries_then_the_last_answer(connect: MakeTransport, fake_time: FakeTime) -> None:
    with ScriptedServer(default=reply(503, b"busy", {"Retry-After": "1"})) as server:
        answer = connect(server, timeout=60, **fake_time.hooks).send(post())
        assert (answer.status, answer.read()) == (503, b"busy")
        assert len(server.requests) == 11
        assert fake_time.sleeps == [1] * 10


@pytest.mark.parametrize(("configured", "asked", "requests"), [(2, None, 3), (0, None, 1), (10, 1, 2), (3, 0, 1)])
def test_B8_the_number_of_retries_is_a_setting(
    connect: MakeTransport, fake_time: FakeTime, configured: int, asked: int | None, requests: int
) -> None:
    with ScriptedServer(default=reply(503, b"", {"Retry-After": "1"})) as server:
        transport = connect(server, timeout=60, max_retries=configured, **fake_time.hooks)
        assert transport.send(get(max_retries=asked)).status == 503
        assert len(server.requests) == requests


def test_B8_zero_seconds_are_a_retry_too(connect: MakeTransport, fake_time: FakeTime) -> None:
    with ScriptedServer(reply(503, b"", {"Retry-After": "0"}), reply(200, b"ok")) as server:
        assert connect(server, **fake_time.hooks).send(get()).status == 200
        assert fake_time.sleeps == [0]


@pytest.mark.parametrize(
    ("status", "header"),
    [
        (429, None),
        (503, None),
        (500, None),
        (503, "Sun, 22 Nov 2026 16:00:00 GMT"),
        (503, "1.5"),
        (503, "soon"),
        (503, ""),
        (409, "1"),
        (403, "1"),
        (413, "1"),
        (200, "1"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_B9_other_answers_are_final(
    connect: MakeTransport, fake_time: FakeTime, status: int, header: str | None, method: str
) -> None:
    headers = {} if header is None else {"Retry-After": header}
    with ScriptedServer(reply(status, b"x", headers)) as server:
        request = get() if method == "GET" else write(method)
        assert connect(server, **fake_time.hooks).send(request).status == status
        assert len(server.requests) == 1
        assert fake_time.sleeps == []


@pytest.mark.parametrize(
    ("text", "seconds"), [("5", 5), ("+5", 5), ("-5", 0), ("٣", None), ("5 ", None), ("9999999999", None)]
)
def test_B9_the_number_is_read_as_go_reads_it(text: str, seconds: int | None) -> None:
    assert retry_after(503, {"retry-after": text}) == seconds


@pytest.mark.parametrize("end", [reset(), close()], ids=["reset", "eof"])
def test_B10_a_get_that_lost_its_connection_is_repeated_after_a_second(
    connect: MakeTransport, fake_time: FakeTime, end: Any
) -> None:
    with ScriptedServer(end, end, reply(200, b"ok")) as server:
        assert connect(server, **fake_time.hooks).send(get()).read() == b"ok"
        assert fake_time.sleeps == [1, 1]
        assert len(server.requests) == 3


@pytest.mark.parametrize("end", [reset(), close()], ids=["reset", "eof"])
def test_B10_a_lost_get_is_given_up_after_ten_retries(connect: MakeTransport, fake_time: FakeTime, end: Any) -> None:
    with ScriptedServer(default=end) as server:
        with pytest.raises(ConnectionFailed, match=r"GET /api/v1/pods at http://127\.0\.0\.1"):
            connect(server, **fake_time.hooks).send(get())
        assert len(server.requests) == 11


@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize(
    "script",
    [
        reset(),
        close(),
        [raw(b"HTTP/1.1 201 Cre"), close()],
        [raw(b"\x15\x03\x01 rubbish\r\n\r\n"), close()],
        truncated(201, b'{"kind":"Po'),
        truncated(500, b"oops"),
        [raw(head(200, {"Transfer-Encoding": "chunked"})), chunk(b"{"), reset()],
    ],
    ids=["reset", "eof", "half a head", "rubbish", "truncated 201", "truncated 500", "reset inside"],
)
def test_B10_no_write_is_sent_twice_when_it_may_have_been_applied(
    connect: MakeTransport, fake_time: FakeTime, method: str, script: Any
) -> None:
    with ScriptedServer(script) as server:
        with pytest.raises(
            OutcomeUnknown, match="may have been applied: read the object before you repeat it"
        ) as error:
            connect(server, **fake_time.hooks).send(write(method))
        assert len(server.requests) == 1
        assert fake_time.sleeps == []
        assert error.value.__cause__ is not None


def test_B10_a_write_that_was_refused_for_certain_is_no_unknown_outcome(connect: MakeTransport) -> None:
    with ScriptedServer(truncated(409, b"conf")) as server, pytest.raises(ResponseTruncated):
        connect(server).send(post())


def test_B10_a_dry_run_has_no_outcome_to_doubt(connect: MakeTransport) -> None:
    with ScriptedServer(reset()) as server, pytest.raises(ConnectionFailed):
        connect(server).send(post(query=(("dryRun", "All"),)))
    assert len(server.requests) == 1


def test_B10_a_server_that_is_down_is_said_to_be_and_nothing_is_repeated(
    connect: MakeTransport, fake_time: FakeTime
) -> None:
    with ScriptedServer() as gone:
        url = gone.url
    for request in (get(), post()):
        with pytest.raises(ConnectionFailed, match=rf"no connection to {url}: connection refused"):
            connect(url, **fake_time.hooks).send(request)
    assert fake_time.sleeps == []


def test_B10_a_name_that_does_not_resolve(connect: MakeTransport, fake_time: FakeTime) -> None:
    with pytest.raises(ConnectionFailed, match="the host name can't be resolved"):
        connect("http://does-not-exist.invalid", **fake_time.hooks).send(get())
    assert fake_time.sleeps == []


@pytest.mark.parametrize("name", ["two..dots", "x" * 70 + ".example", ".leading"])
def test_names_that_are_none_are_errors_of_the_configuration(connect: MakeTransport, name: str) -> None:
    with pytest.raises(ConfigError, match=r"server: .* is no host name"):
        connect(f"http://{name}")
    with pytest.raises(ConfigError, match=r"tls_server_name: .* is no host name"):
        connect("https://127.0.0.1", tls_server_name=name)


def test_B10_a_reset_inside_the_body_is_no_reason_to_repeat() -> None:
    error = after_sending(ConnectionResetError(), get(), server="http://x", limit=Inactivity(1), status=200)
    assert isinstance(error, ResponseTruncated)
    assert wait_after_error(get(), error) is None
    before = after_sending(ConnectionResetError(), get(), server="http://x", limit=Inactivity(1))
    assert wait_after_error(get(), before) == 1


@pytest.mark.parametrize("script", [truncated(200, b"{}"), [raw(b"HTTP/1.1 2"), close()]], ids=["body", "head"])
def test_B10_a_get_whose_answer_began_is_not_repeated(connect: MakeTransport, fake_time: FakeTime, script: Any) -> None:
    with ScriptedServer(script) as server:
        with pytest.raises(TransportError):
            connect(server, **fake_time.hooks).send(get())
        assert len(server.requests) == 1
        assert fake_time.sleeps == []


@pytest.mark.parametrize("end", [reset(), close()], ids=["reset", "eof"])
def test_B11_other_streams_are_not_repeated_after_errors(connect: MakeTransport, fake_time: FakeTime, end: Any) -> None:
    with ScriptedServer(end) as server:
        with pytest.raises(ConnectionFailed):
            connect(server, **fake_time.hooks).send(logs())
        assert len(server.requests) == 1


@pytest.mark.parametrize("request_", [logs(), watch()], ids=["logs", "watch"])
def test_B11_streams_are_repeated_for_retry_after(
    connect: MakeTransport, fake_time: FakeTime, request_: Request
) -> None:
    with ScriptedServer(BUSY, reply(200, b"line\n")) as server:
        response = connect(server, **fake_time.hooks).send(request_)
        assert b"".join(response.stream()) == b"line\n"
        assert fake_time.sleeps == [3]


@pytest.mark.parametrize("end", [reset(), close()], ids=["reset", "eof"])
def test_B11_the_handshake_of_a_watch_is_repeated_and_ends_as_an_empty_watch(
    connect: MakeTransport, fake_time: FakeTime, end: Any
) -> None:
    with ScriptedServer(default=end) as server:
        response = connect(server, max_retries=4, **fake_time.hooks).send(watch())
        assert (response.status, list(response.stream()), response.read()) == (200, [], b"")
        assert len(server.requests) == 5
        assert fake_time.sleeps == [1] * 4


def test_B11_the_handshake_of_a_watch_is_repeated_after_silence(connect: MakeTransport, fake_time: FakeTime) -> None:
    with ScriptedServer(hold(), default=reply(200, b"event\n")) as server:
        response = connect(server, **fake_time.hooks).send(watch(inactivity_timeout=0.2))
        assert b"".join(response.stream()) == b"event\n"
        assert len(server.requests) > 1


def test_B11_who_allows_a_watch_no_retries_gets_the_error(connect: MakeTransport) -> None:
    with ScriptedServer(reset()) as server, pytest.raises(ConnectionFailed):
        connect(server).send(watch(max_retries=0))


def test_B12_a_wait_beyond_the_deadline_ends_at_once_and_says_why(connect: MakeTransport, fake_time: FakeTime) -> None:
    with ScriptedServer(BUSY, BUSY) as server:
        with pytest.raises(RequestTimeout) as error:
            connect(server, timeout=5, **fake_time.hooks).send(post())
        assert fake_time.sleeps == [3]  # the second wait would end after the deadline
        assert "no complete answer within 5 s" in str(error.value)
        assert "error from a previous attempt: 429 Too Many Requests (Retry-After: 3)" in str(error.value)


def test_B12_a_stream_does_not_wait_for_ever(connect: MakeTransport, fake_time: FakeTime) -> None:
    with ScriptedServer(reply(503, b"", {"Retry-After": "999999999"})) as server:
        with pytest.raises(RequestTimeout, match="error from a previous attempt: 503 Service Unavailable"):
            connect(server, **fake_time.hooks).send(logs())
        assert fake_time.sleeps == []


def test_B12_closing_the_transport_ends_a_wait(connect: MakeTransport) -> None:
    with ScriptedServer(reply(503, b"", {"Retry-After": "600"})) as server:
        transport = connect(server, timeout=10_000)
        sender = Background(lambda: transport.send(get()))
        server.wait_for_requests(1)
        transport.close()
        with pytest.raises(ConnectionFailed, match="error from a previous attempt: 503"):
            sender.result()


def test_B12_the_last_error_mentions_the_one_before(connect: MakeTransport, fake_time: FakeTime) -> None:
    with ScriptedServer(BUSY, reset()) as server:
        with pytest.raises(OutcomeUnknown, match="error from a previous attempt: 429 Too Many Requests"):
            connect(server, **fake_time.hooks).send(post())
        assert len(server.requests) == 2


def test_B12_ctrl_c_ends_a_wait(connect: MakeTransport) -> None:
    with ScriptedServer(reply(503, b"", {"Retry-After": "600"})) as server:
        transport = connect(server, timeout=10_000)
        with pytest.raises(KeyboardInterrupt):
            interrupted(lambda: transport.send(get()))


@pytest.mark.parametrize(("method", "status"), [("PUT", 413), ("DELETE", 503), ("GET", 301), ("PUT", 302)])
def test_B13_none_of_urllib3s_own_retries_is_at_work(
    connect: MakeTransport, fake_time: FakeTime, method: str, status: int
) -> None:
    headers = {"Retry-After": "0"} if status == 413 else {"Location": "http://127.0.0.1:1/elsewhere"}
    with ScriptedServer(default=reply(status, b"", headers)) as server:
        request = get() if method == "GET" else write(method)
        assert connect(server, **fake_time.hooks).send(request).status == status
        assert len(server.requests) == 1


@pytest.mark.parametrize("method", WRITES)
def test_B14_a_write_lost_to_a_timeout_has_an_unknown_outcome(connect: MakeTransport, method: str) -> None:
    with ScriptedServer(hold()) as server:
        with pytest.raises(OutcomeUnknown, match=r"no complete answer within 0\.2 s") as error:
            connect(server, timeout=0.2).send(write(method))
        server.wait_for_requests(1)
        assert len(server.requests) == 1
        assert isinstance(error.value.__cause__, TimeoutError)


def test_B14_a_read_lost_to_a_timeout_is_a_timeout(connect: MakeTransport) -> None:
    with ScriptedServer(hold()) as server, pytest.raises(RequestTimeout) as error:
        connect(server, timeout=0.2).send(get())
    assert isinstance(error.value, TimeoutError)
    assert isinstance(error.value, KubernetesError)


def test_an_early_refusal_of_a_large_body_is_read(connect: MakeTransport) -> None:
    # The server answers and hangs up before it has read the body: the answer counts, not the broken pipe.
    refusal = [reply(413, b"too large"), close()]

    def refuse_early(peer: Any) -> None:
        data = b""
        while b"\r\n\r\n" not in data:
            data += peer.sock.recv(65536)
        for step in refusal:
            step(peer)

    with ScriptedServer(accept=[refuse_early]) as server:
        try:
            answer = connect(server).send(post(b"x" * (8 << 20)))
        except OutcomeUnknown:
            pass  # the reset overtook the answer
        else:
            assert (answer.status, answer.read()) == (413, b"too large")
