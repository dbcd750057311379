# SPDX-License-Identifier: Apache-2.0
"""Whatever a server sends, a client gets an answer or a typed error, in time, and no connection is left open."""

from __future__ import annotations

import gzip
import random
from typing import TYPE_CHECKING, Any

import pytest
from scripted_server import ScriptedServer, chunk, close, head, hold, last_chunk, raw, reply, reset
from transport_help import FakeTime, get, post, watch

from k8s_core.errors import KubernetesError, OutcomeUnknown, TransportError, api_error

if TYPE_CHECKING:
    from conftest import MakeTransport

GOOD = (
    head(200, {"Content-Type": "application/json", "Content-Length": "17", "Warning": '199 - "x"'})
    + b'{"kind":"Status"}'
)
CHUNKED = head(200, {"Transfer-Encoding": "chunked"}) + b"5\r\n{}   \r\n0\r\n\r\n"
ZIPPED_BODY = gzip.compress(b'{"kind":"PodList","items":[]}')
ZIPPED = head(200, {"Content-Encoding": "gzip", "Content-Length": str(len(ZIPPED_BODY))}) + ZIPPED_BODY


def mutate(randomness: random.Random, data: bytes) -> bytes:
    mutated = bytearray(data)
    for _ in range(randomness.randint(1, 6)):
        place = randomness.randrange(len(mutated))
        match randomness.randrange(4):
            case 0:
                mutated[place] = randomness.randrange(256)
            case 1:
                del mutated[place : place + randomness.randint(1, 20)]
            case 2:
                mutated[place:place] = randomness.choice([b"\r\n", b"\0", b": ", b"chunked", b"99999999", b"\xff\xfe"])
            case _:
                mutated[place:] = b""
        if not mutated:
            break
    return bytes(mutated)


@pytest.mark.parametrize("seed", range(6))
def test_mutated_answers_give_typed_errors_only(connect: MakeTransport, fake_time: FakeTime, seed: int) -> None:
    randomness = random.Random(seed)
    with ScriptedServer() as server:
        transport = connect(server, timeout=5, stream_timeout=5, max_retries=0)
        for _ in range(60):
            data = mutate(randomness, randomness.choice([GOOD, CHUNKED, ZIPPED]))
            server._default = [raw(data), randomness.choice([close(), reset()])]
            request = randomness.choice([get(), post(), watch()])
            failure: TransportError | None = None
            try:
                response = transport.send(request)
                assert 200 <= response.status <= 999
                assert isinstance(b"".join(response.stream()), bytes)
            except TransportError as error:
                failure = error
            if failure is not None:
                assert isinstance(failure, OutcomeUnknown) == (request.method == "POST")
        transport.close()
        server.wait_for_open_connections(0)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":' * 100_000,
        b"[" * 100_000,
        b'{"kind":"Status","kind":"Pod","code":404,"code":500}',
        b'{"code": NaN, "message": Infinity}',
        b'{"kind":"Status","message":"\xff\xfe"}',
        b'{"kind":"Status","status":"Failure","code":"four","reason":7,"details":[1],"message":{}}',
        b"\xef\xbb\xbf{}",
        b"\x00" * 1000,
        b"x" * (3 << 20),
        b"<html>502 Bad Gateway</html>",
        b"",
    ],
    ids=["nested", "arrays", "duplicate keys", "NaN", "UTF-8", "types", "BOM", "NUL", "3 MiB", "html", "empty"],
)
def test_error_bodies_of_any_kind_become_an_api_error(connect: MakeTransport, body: bytes) -> None:
    with ScriptedServer(default=reply(502, body)) as server:
        response = connect(server).send(get())
        assert response.read() == body
        error = api_error(response.status, response.read(), method="GET", content_type=response.headers["content-type"])
    assert isinstance(error, KubernetesError)
    assert len(str(error)) < 10_000


@pytest.mark.parametrize("kind", ["length", "chunks", "until close", "tiny pieces", "gzip"])
def test_large_answers_arrive_whole(connect: MakeTransport, kind: str) -> None:
    body = random.Random(1).randbytes(3 << 20)
    pieces = [body[start : start + 100_000] for start in range(0, len(body), 100_000)]
    scripts: dict[str, Any] = {
        "length": reply(200, body),
        "chunks": [raw(head(200, {"Transfer-Encoding": "chunked"})), *map(chunk, pieces), last_chunk()],
        "until close": [raw(head(200)), raw(body), close()],
        "tiny pieces": [raw(head(200, {"Transfer-Encoding": "chunked"})), raw(b"1\r\nx\r\n" * 50_000), last_chunk()],
        "gzip": reply(200, gzip.compress(body), {"Content-Encoding": "gzip"}),
    }
    expected = b"x" * 50_000 if kind == "tiny pieces" else body
    with ScriptedServer(default=scripts[kind]) as server:
        transport = connect(server)
        assert transport.send(get()).read() == expected
        assert b"".join(transport.send(watch()).stream()) == expected


def test_headers_without_end_are_cut(connect: MakeTransport) -> None:
    endless = [raw(b"HTTP/1.1 200 OK\r\n"), *[raw(b"X-Filler: " + b"x" * 65_000 + b"\r\n")] * 8, hold()]
    with ScriptedServer(endless) as server, pytest.raises(TransportError, match="headers are longer"):
        connect(server).send(get())


def test_interim_responses_are_skipped_but_not_for_ever(connect: MakeTransport) -> None:
    interim = raw(head(100) + head(103, {"Link": "x"}))
    with ScriptedServer([interim, reply(200, b"ok")], [raw(head(102) * 40), reply(200, b"ok")]) as server:
        transport = connect(server)
        assert transport.send(get()).read() == b"ok"
        with pytest.raises(TransportError, match="too many interim"):
            transport.send(get())


def test_a_body_announced_to_be_huge_takes_no_memory_before_it_comes(connect: MakeTransport) -> None:
    announced = [raw(head(200, {"Content-Length": "900000000000000000"})), raw(b"x"), close()]
    with ScriptedServer(announced) as server, pytest.raises(TransportError, match="ended inside the body"):
        connect(server).send(get())


@pytest.mark.parametrize("status", [204, 304])
def test_answers_without_a_body(connect: MakeTransport, status: int) -> None:
    with ScriptedServer(raw(head(status, {"Content-Length": "5"})), reply(200, b"next")) as server:
        transport = connect(server)
        assert transport.send(get()).read() == b""
        assert transport.send(get()).read() == b"next"
        assert server.connections == 1
