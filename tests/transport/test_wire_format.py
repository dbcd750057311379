# SPDX-License-Identifier: Apache-2.0
"""HTTP/1.1 messages: heads, lengths, chunks; pure functions, however the bytes are cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_core.transport.wire import (
    BodyDecoder,
    ChunkedBody,
    Head,
    Headers,
    LengthBody,
    MalformedResponse,
    UntilCloseBody,
    body_decoder,
    head_end,
    parse_head,
)


def parse(text: str) -> Head:
    data = text.encode("latin-1")
    end, begin = head_end(data)
    assert begin == len(data)
    return parse_head(data[:end])


def test_a_head_is_parsed() -> None:
    head = parse("HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nX-Empty:\r\nAudit-Id:  a: b \r\n\r\n")
    assert (head.status, head.reason, head.keep_alive) == (404, "Not Found", True)
    assert dict(head.headers) == {"content-type": "application/json", "x-empty": "", "audit-id": "a: b"}


def test_headers_ignore_case_and_join_repetitions() -> None:
    headers = parse("HTTP/1.1 200\r\nVary: A\r\nVARY: B\r\n\r\n").headers
    assert headers["Vary"] == headers["vary"] == headers.get("vArY") == "A, B"
    assert "VARY" in headers
    assert "x" not in headers
    assert 5 not in headers
    assert (len(headers), repr(headers)) == (1, "Headers(['vary'])")
    assert Headers({"a": "b"}) == {"a": "b"}


def test_folded_lines_and_bare_newlines_are_understood() -> None:
    assert parse("HTTP/1.1 200 OK\nA: one\n two\nB: three\n\n").headers == {"a": "one two", "b": "three"}
    assert parse("HTTP/1.1 200 OK\r\n folded onto nothing\r\nA: b\r\n\r\n").headers == {"a": "b"}


def test_the_head_ends_at_its_own_empty_line() -> None:
    assert head_end(b"HTTP/1.1 200 OK\nA: b\n\nbody\r\n\r\nmore") == (20, 22)
    assert head_end(b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody\n\nmore") == (22, 25)
    assert head_end(b"HTTP/1.1 200 OK\r\nA: b\r\n") == (-1, -1)


@pytest.mark.parametrize(
    ("version", "connection", "expected"),
    [
        ("1.1", None, True),
        ("1.1", "close", False),
        ("1.1", "Keep-Alive, Close", False),
        ("1.0", None, False),
        ("1.0", "keep-alive", True),
    ],
)
def test_keep_alive(version: str, connection: str | None, expected: bool) -> None:
    line = f"Connection: {connection}\r\n" if connection else ""
    assert parse(f"HTTP/{version} 200 OK\r\n{line}\r\n").keep_alive is expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "HTTP/2 200 OK",
        "HTTP/1.1 2000 OK",
        "HTTP/1.1 20 OK",
        "HTTP/1.1 099 OK",
        "HTTP/1.1 ٢٠٠ OK".encode().decode("latin-1"),
        "SSH-2.0-OpenSSH",
        "HTTP/1.1 200 OK\r\nno colon",
        "HTTP/1.1 200 OK\r\n: no name",
        "HTTP/1.1 200 OK\r\nname : value",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6",
    ],
)
def test_what_is_no_head(text: str) -> None:
    with pytest.raises(MalformedResponse):
        parse_head(text.encode("latin-1"))


@pytest.mark.parametrize(
    ("headers", "method", "status", "kind"),
    [
        ("Content-Length: 5", "GET", 200, LengthBody),
        ("Content-Length: 5\r\nContent-Length: 5", "GET", 200, LengthBody),
        ("Transfer-Encoding: Chunked", "GET", 200, ChunkedBody),
        ("X: y", "GET", 200, UntilCloseBody),
        ("Content-Length: 5", "HEAD", 200, LengthBody),
        ("Transfer-Encoding: chunked", "GET", 204, LengthBody),
        ("X: y", "GET", 304, LengthBody),
    ],
)
def test_the_length_of_a_body(headers: str, method: str, status: int, kind: type[BodyDecoder]) -> None:
    decoder = body_decoder(parse(f"HTTP/1.1 {status} OK\r\n{headers}\r\n\r\n"), method)
    assert type(decoder) is kind
    assert decoder.done is (method == "HEAD" or status in (204, 304))


@pytest.mark.parametrize(
    "headers",
    [
        "Content-Length: -1",
        "Content-Length: +5",
        "Content-Length: 5, 5",
        "Content-Length: 0x5",
        "Content-Length: ",
        "Content-Length: 9999999999999999999",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: identity",
    ],
)
def test_lengths_that_are_not_clear_are_refused(headers: str) -> None:
    with pytest.raises(MalformedResponse):
        body_decoder(parse(f"HTTP/1.1 200 OK\r\n{headers}\r\n\r\n"), "GET")


def test_two_kinds_of_length_at_once_end_the_connection() -> None:
    head = parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n")
    assert isinstance(body_decoder(head, "GET"), ChunkedBody)
    assert not head.keep_alive


def decode(decoder: BodyDecoder, data: bytes, size: int) -> bytes:
    out = b""
    for start in range(0, len(data), size):
        if decoder.done:
            decoder.rest += data[start:]
            break
        out += decoder.feed(data[start : start + size])
    return out


@given(st.lists(st.binary(min_size=1, max_size=400), max_size=6), st.integers(1, 300), st.binary(max_size=20))
def test_chunked_bodies_decode_the_same_however_they_are_cut(chunks: list[bytes], size: int, rest: bytes) -> None:
    data = b"".join(b"%X;ext=1\r\n%b\r\n" % (len(piece), piece) for piece in chunks) + b"0\r\nTrailer: x\r\n\r\n"
    decoder = ChunkedBody()
    assert decode(decoder, data + rest, size) == b"".join(chunks)
    assert decoder.done
    assert decoder.end()
    assert decoder.rest == rest
    cut = ChunkedBody()
    decode(cut, data[:-1], size)
    assert not cut.end()


@pytest.mark.parametrize(
    "data",
    [b"zz\r\n", b"\r\n", b"-1\r\n", b"+5\r\n", b"0x5\r\n", b"5\r\nhelloX\r\n", b"11111111111111111\r\n", b"1" * 2000],
)
def test_broken_chunks_are_refused(data: bytes) -> None:
    with pytest.raises(MalformedResponse):
        decode(ChunkedBody(), data, len(data))


@given(st.binary(max_size=200), st.integers(0, 100), st.integers(1, 50))
def test_bodies_of_known_length(data: bytes, length: int, size: int) -> None:
    decoder = LengthBody(length)
    assert decode(decoder, data, size) == data[:length]
    assert decoder.done is decoder.end() is (len(data) >= length)
    assert decoder.rest == data[length:]


@given(st.binary(max_size=300))
def test_no_bytes_break_the_decoders(data: bytes) -> None:
    for make in (ChunkedBody, UntilCloseBody, lambda: LengthBody(50)):
        try:
            decode(make(), data, 7)
        except MalformedResponse:
            continue
    try:
        parse_head(data)
        body_decoder(parse_head(b"HTTP/1.1 200 OK\r\n" + data), "GET")
    except MalformedResponse:
        return
