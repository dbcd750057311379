# SPDX-License-Identifier: Apache-2.0
"""Protocol B18-B22, A26, A28, C6, I7, I11: compression, warnings, identity, headers, the rate limit."""

from __future__ import annotations

import gzip
import logging
import sys
import threading
import warnings
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted_server import ScriptedServer, chunk, gzipped, head, hold, last_chunk, raw, reply
from transport_help import FakeTime, RotatingToken, get, post, watch

from k8s_core.auth import AnonymousCredentials
from k8s_core.configuration import Impersonation
from k8s_core.errors import CredentialsError, KubernetesError, KubernetesWarning, RequestError, TransportError
from k8s_core.transport.decompress import Gunzip
from k8s_core.transport.encode import default_user_agent
from k8s_core.transport.limiter import TokenBucket
from k8s_core.transport.warning_headers import WarningHeader, WarningReporter, parse_warning_line
from k8s_core.transport.wire import MalformedResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import MakeTransport

GZIPPED_STREAM = {"Transfer-Encoding": "chunked", "Content-Encoding": "gzip"}


# -- B18, I7: compression


def test_B18_compressed_answers_are_asked_for_and_decompressed(connect: MakeTransport) -> None:
    body = b'{"kind":"PodList"}' * 20_000
    with ScriptedServer(gzipped(200, body), gzipped(404, b"no such thing")) as server:
        transport = connect(server)
        assert transport.send(get()).read() == body
        assert transport.send(get()).read() == b"no such thing"
        assert server.requests[0].header("Accept-Encoding") == "gzip"


def test_B18_compression_can_be_declined(connect: MakeTransport) -> None:
    with ScriptedServer() as server:
        connect(server, disable_compression=True).send(get())
        assert server.requests[0].header("Accept-Encoding") is None


def test_B18_a_compressed_stream_is_decompressed_as_it_comes(connect: MakeTransport) -> None:
    compressor = zlib.compressobj(wbits=31)
    one = compressor.compress(b"one\n") + compressor.flush(zlib.Z_SYNC_FLUSH)
    two = compressor.compress(b"two\n") + compressor.flush(zlib.Z_FINISH)
    more = threading.Event()
    script = [raw(head(200, GZIPPED_STREAM)), chunk(one), hold(more), chunk(two[:3]), chunk(two[3:]), last_chunk()]
    with ScriptedServer(script) as server:
        stream = connect(server).send(watch()).stream()
        assert next(stream) == b"one\n"
        more.set()
        assert b"".join(stream) == b"two\n"


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "deflate"])
def test_B18_encodings_that_nobody_asked_for(connect: MakeTransport, encoding: str) -> None:
    with ScriptedServer(default=reply(200, b"x", {"Content-Encoding": encoding})) as server:
        transport = connect(server)
        for request in (get(), watch()):
            with pytest.raises(TransportError, match="unknown Content-Encoding"):
                transport.send(request)
        server.wait_for_open_connections(0)


@pytest.mark.parametrize("body", [b"rubbish", gzip.compress(b"x" * 5000)[:-9], b""], ids=["rubbish", "cut", "empty"])
def test_B18_broken_compression_is_a_typed_error(connect: MakeTransport, body: bytes) -> None:
    with ScriptedServer(default=reply(200, body, {"Content-Encoding": "gzip"})) as server:
        transport = connect(server)
        if not body:  # no body has no encoding to break
            assert transport.send(get()).read() == b""
            return
        with pytest.raises(TransportError):
            transport.send(get())
        with pytest.raises(TransportError):
            list(transport.send(watch()).stream())


def test_I7_a_gzip_bomb_meets_a_limit(connect: MakeTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("k8s_core.transport.response.MAX_BODY", 8 << 20)
    bomb = gzip.compress(bytes(64 << 20))
    with ScriptedServer(default=reply(200, bomb, {"Content-Encoding": "gzip"})) as server:
        transport = connect(server)
        with pytest.raises(TransportError, match="larger than 8388608 bytes"):
            transport.send(get())
        with pytest.raises(TransportError, match="larger than 8388608 bytes"):
            transport.send(watch()).read()


@given(st.lists(st.binary(max_size=3000), max_size=4), st.integers(1, 500), st.booleans())
def test_B18_gunzip_gives_the_same_however_the_input_is_cut(members: list[bytes], size: int, padded: bool) -> None:
    data = (b"\0" * 3 if padded else b"").join(gzip.compress(member) for member in members)
    gunzip = Gunzip()
    out = b"".join(piece for i in range(0, len(data), size) for piece in gunzip.feed(data[i : i + size]))
    assert out == b"".join(members)
    assert gunzip.complete
    if members:
        cut = Gunzip()
        list(cut.feed(data[:-1]))
        assert not cut.complete


def test_I7_gunzip_gives_large_output_in_pieces() -> None:
    pieces = list(Gunzip().feed(gzip.compress(bytes(5 << 20))))
    assert sum(map(len, pieces)) == 5 << 20
    assert max(map(len, pieces)) == 1 << 20
    with pytest.raises(MalformedResponse):
        list(Gunzip().feed(b"not gzip"))


# -- B19, B20: warnings


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (r'299 - "text with \"quotes\""', [(299, "-", 'text with "quotes"')]),
        ('299 agent "one", 299 - "two"', [(299, "agent", "one"), (299, "-", "two")]),
        ('299 - "one" "Sun, 22 Nov 2026 16:00:00 GMT",299 - "two"', [(299, "-", "one"), (299, "-", "two")]),
        ('299 - "one", rubbish, 299 - "three"', [(299, "-", "one")]),
        ('199 - "misc"', [(199, "-", "misc")]),
        ('299 - "=?utf-8?q?caf=C3=A9?="', [(299, "-", "café")]),
        ('299 - "caf\xc3\xa9"', [(299, "-", "café")]),
        ('299 - "back\\\\slash"', [(299, "-", "back\\slash")]),
        ('299 - ""', [(299, "-", "")]),
        ('299 - "with\x1b[31m control"', []),
        ('299 - "=?utf-8?q?=1B[31m?="', []),
        ("299 - unquoted", []),
        ('299 - "unfinished', []),
        ('29 - "code"', []),
        ("", []),
    ],
)
def test_B19_warning_lines_are_parsed(line: str, expected: list[tuple[int, str, str]]) -> None:
    assert parse_warning_line(line) == [WarningHeader(*fields) for fields in expected]


@given(st.text(alphabet=st.characters(max_codepoint=255)))
def test_B19_no_line_breaks_the_parser(line: str) -> None:
    parse_warning_line(line)
    parse_warning_line(f'299 - "{line}"')


def test_B19_every_warning_of_every_header_line_arrives(connect: MakeTransport) -> None:
    lines = [("Warning", '299 - "one", 299 - "two"'), ("Warning", "broken"), ("Warning", '299 - "three"')]
    with ScriptedServer(reply(200, b"{}", lines)) as server, pytest.warns(KubernetesWarning) as caught:
        connect(server).send(get())
    assert [str(warning.message) for warning in caught] == ["one", "two", "three"]
    assert {warning.filename for warning in caught} == {__file__}


@pytest.mark.parametrize("kind", ["error answer", "watch"])
def test_B19_warnings_come_with_errors_and_watches(connect: MakeTransport, kind: str) -> None:
    lines = {"Warning": '299 - "v1beta1 is deprecated"'}
    script = reply(404, b"", lines) if kind == "error answer" else [raw(head(200, lines)), hold()]
    with ScriptedServer(script) as server, pytest.warns(KubernetesWarning, match="v1beta1 is deprecated"):
        connect(server).send(get() if kind == "error answer" else watch())


def test_B20_other_codes_and_empty_texts_are_ignored_and_repetitions_said_once(connect: MakeTransport) -> None:
    lines = [("Warning", '199 - "misc", 299 - ""'), ("Warning", '299 - "deprecated"')]
    with ScriptedServer(default=reply(200, b"{}", lines)) as server:
        transport = connect(server)
        with pytest.warns(KubernetesWarning) as caught:
            statuses = [transport.send(get()).status for _ in range(3)]
    assert statuses == [200] * 3
    assert [str(warning.message) for warning in caught] == ["deprecated"]


def test_B20_warnings_can_be_made_errors_each_time(connect: MakeTransport) -> None:
    with ScriptedServer(default=reply(200, b"{}", {"Warning": '299 - "deprecated"'})) as server:
        transport = connect(server)
        with warnings.catch_warnings():
            warnings.simplefilter("error", KubernetesWarning)
            for request in (get(), watch()):
                with pytest.raises(KubernetesWarning, match="deprecated"):
                    transport.send(request)


def test_B20_the_memory_of_warnings_is_bounded() -> None:
    reporter = WarningReporter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number in range(2000):
            reporter.report([f'299 - "object {number}"'])
    assert len(reporter._seen) <= 512


# -- B21, A26, A28, C6, I11: identity and headers


@pytest.mark.parametrize(
    ("argument", "program"),
    [
        ("/usr/bin/my tool.py", "my-tool"),
        ("/x/mypackage/__main__.py", "mypackage"),
        ("-c", "python"),
        ("", "python"),
        ("/x/ünïcode", "n-code"),
    ],
)
def test_B21_the_user_agent_begins_with_the_program(monkeypatch: Any, argument: str, program: str) -> None:
    monkeypatch.setattr(sys, "argv", [argument])
    agent = default_user_agent()
    assert agent.partition("/")[0] == program
    assert f"({sys.platform}/" in agent


def test_B21_the_user_agent_can_be_chosen_and_never_overrides_a_requests_own(connect: MakeTransport) -> None:
    with ScriptedServer() as server:
        transport = connect(server, user_agent="my-operator/1.0")
        transport.send(get())
        transport.send(get(headers=(("user-agent", "special"),)))
        assert [request.header("User-Agent") for request in server.requests] == ["my-operator/1.0", "special"]


def test_C6_accept_and_content_type_have_defaults(connect: MakeTransport) -> None:
    with ScriptedServer() as server:
        transport = connect(server)
        transport.send(get())
        transport.send(post())
        transport.send(post(None))
        patch = (("Content-Type", "application/merge-patch+json"), ("Accept", "text/plain"))
        transport.send(post(b"{}", headers=patch))
        seen = [(r.header("Accept"), r.header("Content-Type"), r.header("Content-Length")) for r in server.requests]
        assert seen == [
            ("application/json", None, None),
            ("application/json", "application/json", "14"),
            ("application/json", None, "0"),
            ("text/plain", "application/merge-patch+json", "2"),
        ]


def test_A26_a_requests_own_authorization_is_kept_and_the_source_not_asked(connect: MakeTransport) -> None:
    credentials = RotatingToken("configured")
    with ScriptedServer(default=reply(401, b"")) as server:
        transport = connect(server, credentials=credentials)
        assert transport.send(get(headers=(("authorization", "Bearer own"),))).status == 401
        assert server.requests[0].header_lines("Authorization") == ["Bearer own"]
        assert (credentials.asked, len(server.requests)) == (0, 1)


def test_A28_impersonation_sends_one_line_per_group_and_value(connect: MakeTransport) -> None:
    who = Impersonation(
        user="jane",
        uid="42",
        groups=("devs", "ops,all"),
        extra={"example.com/a%b": ["x", "y"]},  # type: ignore[arg-type]  # a mapping is taken as well
    )
    with ScriptedServer() as server:
        transport = connect(server, impersonate=who, token="secret")
        transport.send(get())
        first = server.requests[0]
        assert first.header("Impersonate-User") == "jane"
        assert first.header("Impersonate-Uid") == "42"
        assert first.header_lines("Impersonate-Group") == ["devs", "ops,all"]
        assert first.header_lines("Impersonate-Extra-example.com%2Fa%25b") == ["x", "y"]
        assert first.header("Authorization") == "Bearer secret"
        transport.send(get(headers=(("Impersonate-User", "other"),)))
        second = [(name, value) for name, value in server.requests[1].headers if name.startswith("Impersonate")]
        assert second == [("Impersonate-User", "other")]


@pytest.mark.parametrize(
    "headers",
    [
        (("X-Note", "a\r\nX-Injected: b"),),
        (("X-Note", "a\nb"),),
        (("X-Note", "nul\0"),),
        (("X Note", "a"),),
        (("X-Note:", "a"),),
        (("X-Note", "žluťoučký"),),
        (("Content-Length", "5"),),
        (("host", "elsewhere"),),
        (("Transfer-Encoding", "chunked"),),
    ],
)
def test_I11_headers_that_break_the_request_are_refused_before_anything_is_sent(
    connect: MakeTransport, headers: tuple[tuple[str, str], ...]
) -> None:
    with ScriptedServer() as server:
        with pytest.raises(RequestError) as error:
            connect(server).send(get(headers=headers))
        assert "Injected" not in str(error.value)
        assert server.connections == 0


@pytest.mark.parametrize(
    "path", ["/api HTTP/1.1\r\nX: y", "/api v1", "api/v1", "", "/api/\x7f", "/ü", "/api#x", "//evil/\u2028"]
)
def test_I11_paths_that_break_the_request_are_refused(connect: MakeTransport, path: str) -> None:
    with ScriptedServer() as server:
        with pytest.raises(RequestError, match="must begin with / and be percent-encoded"):
            connect(server).send(get(path))
        with pytest.raises(RequestError, match="no HTTP method"):
            connect(server).send(type(get())(method="GE T", path="/"))
        assert server.connections == 0


def test_I11_credentials_that_break_the_request_are_refused_and_not_shown(connect: MakeTransport) -> None:
    class Broken(AnonymousCredentials):
        def headers(self) -> Mapping[str, str]:
            return {"Authorization": "Bearer hunter2\r\nX: y"}

    with ScriptedServer() as server:
        with pytest.raises(CredentialsError, match="header Authorization") as error:
            connect(server, credentials=Broken()).send(get())
        assert "hunter2" not in str(error.value)
        assert server.connections == 0


@pytest.mark.parametrize(
    "answer",
    [None, ["Authorization"], RuntimeError("hunter2"), {"Authorization": b"hunter2"}, {"Authorization": ["hunter2"]}],
    ids=["None", "list", "raises", "bytes", "list of values"],
)
def test_credentials_that_fail_are_an_error_and_never_an_anonymous_request(connect: MakeTransport, answer: Any) -> None:
    class Failing(AnonymousCredentials):
        def headers(self) -> Mapping[str, str]:
            if isinstance(answer, Exception):
                raise answer
            return answer  # type: ignore[no-any-return]  # what a faulty plugin may do

    with ScriptedServer() as server:
        with pytest.raises(KubernetesError, match=r"Failing|Authorization|both text") as error:
            connect(server, credentials=Failing()).send(get())
        assert "hunter2" not in str(error.value)
        assert server.connections == 0


def test_queries_are_encoded_once_and_in_order(connect: MakeTransport) -> None:
    pairs = (("labelSelector", "app in (a,b),x!=y"), ("a", "1"), ("a", "ü&=+ %"), ("continue", ""))
    with ScriptedServer() as server:
        connect(server).send(get(query=pairs, timeout=1))
        assert server.requests[0].query == [*pairs, ("timeout", "1s")]


# -- B22: the client-side rate limit


def test_B22_the_bucket_lets_a_burst_through_and_then_the_rate() -> None:
    time = FakeTime()
    bucket = TokenBucket(5, 10, time.clock)
    assert [bucket.reserve() for _ in range(10)] == [0] * 10
    assert [bucket.reserve() for _ in range(3)] == pytest.approx([0.2, 0.4, 0.6])
    time.now += 1000
    assert [bucket.reserve() for _ in range(10)] == [0] * 10
    assert bucket.reserve() == pytest.approx(0.2)


def test_B22_the_limit_delays_before_the_timeout_starts_and_is_visible(
    connect: MakeTransport, fake_time: FakeTime, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[Any] = []

    class Sees:
        throttle = staticmethod(seen.append)

    caplog.set_level(logging.INFO, "k8s_core.transport")
    with ScriptedServer() as server:
        transport = connect(server, qps=1, burst=2, timeout=0.5, observers=[Sees()], **fake_time.hooks)
        for _ in range(4):
            assert transport.send(get()).status == 200
    assert fake_time.sleeps == [1, 1]
    assert [event.wait for event in seen] == [1, 1]
    assert caplog.text.count("waits 1.00 s for the client's own rate limit") == 2


def test_B22_watches_are_exempt_and_there_is_no_limit_by_default(connect: MakeTransport, fake_time: FakeTime) -> None:
    with ScriptedServer() as server:
        limited = connect(server, qps=0.001, burst=1, **fake_time.hooks)
        for _ in range(5):
            limited.send(watch()).close()
        unlimited = connect(server, **fake_time.hooks)
        for _ in range(50):
            unlimited.send(get())
    assert fake_time.sleeps == []
