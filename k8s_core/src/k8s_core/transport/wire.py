# SPDX-License-Identifier: Apache-2.0
"""HTTP/1.1 messages as values: parsing of response heads, and decoders of body framing. Pure: bytes in, bytes out.

Written for speed (``http.client`` spends most of a request in the e-mail parser) and for strictness where leniency lets
one response bleed into the next: ambiguous lengths are refused, and sizes are bounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Protocol

__all__ = [
    "MAX_HEAD",
    "BodyDecoder",
    "ChunkedBody",
    "Head",
    "Headers",
    "LengthBody",
    "MalformedResponse",
    "UntilCloseBody",
    "body_decoder",
    "head_end",
    "parse_head",
]

MAX_HEAD: Final = 256 * 1024
"""Bytes of status line and headers; Go's client allows 1 MiB, servers rarely send 2 KiB."""
_MAX_CHUNK_LINE: Final = 1024
_MAX_TRAILERS: Final = 64 * 1024


class MalformedResponse(Exception):
    """The bytes are not an HTTP/1.x response; the message never quotes header values, which may be secret."""


class Headers(Mapping[str, str]):
    """Header fields of a response. Lookup ignores case; names iterate in lower case; repeated lines are joined."""

    __slots__ = ("_fields",)

    def __init__(self, fields: dict[str, str]) -> None:
        """``fields`` has lower-case names; it is kept, not copied."""
        self._fields = fields

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._fields

    def __repr__(self) -> str:
        return f"Headers({list(self._fields)})"


class Head:
    """Status line and headers of one response."""

    __slots__ = ("fields", "headers", "keep_alive", "reason", "status", "warnings")

    def __init__(
        self, status: int, reason: str, fields: dict[str, str], *, keep_alive: bool, warnings: list[str]
    ) -> None:
        self.status = status
        self.reason = reason
        self.fields = fields
        self.headers = Headers(fields)
        self.keep_alive = keep_alive
        self.warnings = warnings
        """The ``Warning`` lines one by one: a malformed one must not take the others with it."""


def head_end(data: bytes | bytearray) -> tuple[int, int]:
    """Where the head ends and where the body begins in ``data``; ``(-1, -1)`` if the head is not complete."""
    end = data.find(b"\n\r\n")
    bare = data.find(b"\n\n", 0, end if end >= 0 else len(data))
    if bare >= 0:
        return bare, bare + 2
    return (end, end + 3) if end >= 0 else (-1, -1)


def parse_head(data: bytes | bytearray) -> Head:
    """Parse a head, without the empty line at its end.

    Raises:
        MalformedResponse: it is not one.
    """
    lines = data.decode("latin-1").split("\n")
    version, status, reason = _status_line(lines[0])
    fields: dict[str, str] = {}
    warnings: list[str] = []
    name = ""
    for line in lines[1:]:
        if line[:1] in (" ", "\t"):  # obsolete folding
            if name:
                fields[name] += " " + line.strip()
            continue
        name, colon, value = line.partition(":")
        name = name.lower()
        value = value.strip()
        if not colon or not name or name != name.strip():
            raise MalformedResponse("a header line has no name")
        if name == "warning":
            warnings.append(value)
        if name in fields:
            _join(fields, name, value)
        else:
            fields[name] = value
    return Head(status, reason, fields, keep_alive=_keep_alive(version, fields), warnings=warnings)


def _status_line(line: str) -> tuple[str, int, str]:
    version, _, rest = line.rstrip("\r").partition(" ")
    code, _, reason = rest.partition(" ")
    numeric = len(code) == 3 and code.isascii() and code.isdecimal() and code >= "100"
    if version not in ("HTTP/1.1", "HTTP/1.0") or not numeric:
        raise MalformedResponse(f"the answer does not begin as HTTP does: {line[:40]!r}")
    return version, int(code), reason


def _join(fields: dict[str, str], name: str, value: str) -> None:
    if name == "content-length":
        if fields[name] != value:
            raise MalformedResponse("two different Content-Length headers")
        return
    fields[name] = f"{fields[name]}, {value}"


def _keep_alive(version: str, fields: dict[str, str]) -> bool:
    connection = fields.get("connection")
    if connection is None:
        return version == "HTTP/1.1"
    tokens = [token.strip() for token in connection.lower().split(",")]
    return "close" not in tokens and (version == "HTTP/1.1" or "keep-alive" in tokens)


class BodyDecoder(Protocol):
    """Takes the bytes that follow a head and gives the body's bytes."""

    __slots__ = ()

    done: bool
    """The body is complete."""
    rest: bytes
    """Bytes after the end of the body; a server that sends any is out of step."""

    def feed(self, data: bytes) -> bytes:
        """Decode ``data``; may be empty although data came. Not called after ``done``.

        Raises:
            MalformedResponse: the framing is broken.
        """
        ...

    def end(self) -> bool:
        """The connection ended; returns whether the body is complete thereby."""
        ...


class LengthBody(BodyDecoder):
    """A body of known length."""

    __slots__ = ("done", "remaining", "rest")

    def __init__(self, length: int) -> None:
        self.remaining = length
        self.done = length == 0
        self.rest = b""

    def feed(self, data: bytes) -> bytes:
        if len(data) > self.remaining:
            self.rest = data[self.remaining :]
            data = data[: self.remaining]
        self.remaining -= len(data)
        self.done = self.remaining == 0
        return data

    def end(self) -> bool:
        return self.done


class UntilCloseBody(BodyDecoder):
    """A body that lasts until the server closes the connection; a broken connection can't be told from its end."""

    __slots__ = ("done", "rest")

    def __init__(self) -> None:
        self.done = False
        self.rest = b""

    def feed(self, data: bytes) -> bytes:
        return data

    def end(self) -> bool:
        self.done = True
        return True


class ChunkedBody(BodyDecoder):
    """``Transfer-Encoding: chunked``. Pieces of a chunk are passed on as they come."""

    __slots__ = ("_left", "_line", "_state", "done", "rest")

    _SIZE, _DATA, _DATA_END, _TRAILERS = range(4)

    def __init__(self) -> None:
        self.done = False
        self.rest = b""
        self._state = self._SIZE
        self._left = 0  # of the present chunk
        self._line = b""  # an incomplete line

    def feed(self, data: bytes) -> bytes:
        out: list[bytes] = []
        position, size = 0, len(data)
        while position < size and not self.done:
            if self._state == self._DATA:
                piece = data[position : position + self._left] if position or size > self._left else data
                position += len(piece)
                self._left -= len(piece)
                out.append(piece)
                if self._left == 0:
                    self._state = self._DATA_END
                continue
            newline = data.find(b"\n", position)
            if newline < 0:
                self._keep(data[position:])
                break
            line = data[position:newline]
            position = newline + 1
            if self._line:
                line, self._line = self._line + line, b""
            self._on_line(line.rstrip(b"\r"))
        if self.done:
            self.rest = data[position:]
        return out[0] if len(out) == 1 else b"".join(out)

    def _keep(self, part: bytes) -> None:
        self._line += part
        limit = _MAX_TRAILERS if self._state == self._TRAILERS else _MAX_CHUNK_LINE
        if len(self._line) > limit:
            raise MalformedResponse("a chunk header is too long")

    def _on_line(self, line: bytes) -> None:
        if self._state == self._DATA_END:
            if line:
                raise MalformedResponse("a chunk is longer than announced")
            self._state = self._SIZE
        elif self._state == self._SIZE:
            self._left = _chunk_size(line)
            self._state = self._DATA if self._left else self._TRAILERS
        elif not line:
            self.done = True

    def end(self) -> bool:
        return self.done


_HEX: Final = frozenset(b"0123456789abcdefABCDEF")


def _chunk_size(line: bytes) -> int:
    digits = line.partition(b";")[0].rstrip(b" \t")
    if not digits or len(digits) > 16 or not _HEX.issuperset(digits):
        raise MalformedResponse("a chunk size is no number")
    return int(digits, 16)


def body_decoder(head: Head, method: str) -> BodyDecoder:
    """The decoder for the body that follows ``head`` (RFC 9112, section 6.3).

    Raises:
        MalformedResponse: the length is not stated in one clear way.
    """
    fields = head.fields
    if method == "HEAD" or head.status in (204, 304) or head.status < 200:
        return LengthBody(0)
    encoding = fields.get("transfer-encoding")
    length = fields.get("content-length")
    if encoding is not None:
        if encoding.lower() != "chunked":
            raise MalformedResponse(f"unknown Transfer-Encoding {encoding[:40]!r}")
        if length is not None:
            # Both at once is how responses are smuggled: chunked wins, and the connection is not used again.
            head.keep_alive = False
        return ChunkedBody()
    if length is not None:
        if not (length.isdecimal() and length.isascii()) or len(length) > 18:
            raise MalformedResponse(f"Content-Length is no number: {length[:40]!r}")
        return LengthBody(int(length))
    head.keep_alive = False
    return UntilCloseBody()
