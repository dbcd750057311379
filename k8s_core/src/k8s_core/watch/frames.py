# SPDX-License-Identifier: Apache-2.0
"""Cutting a byte stream into watch frames (protocol D1-D4). Pure; the bytes may be split anywhere."""

from __future__ import annotations

import functools
import re
from typing import Any, Literal

import msgspec

from k8s_core.errors import DecodeError
from k8s_core.model.codec import encode_wire
from k8s_core.model.wire import decode, problem_of

__all__ = ["MAX_FRAME", "Frame", "FrameSplitter"]

MAX_FRAME = 16 * 1024 * 1024
"""Bytes of one frame beyond which the stream is given up (D3)."""

_OUTSIDE = re.compile(rb'["{}\[\]]')
_PLAIN_STRING = re.compile(rb'[^"\\\x00-\x1f]*"')
_INSIDE = re.compile(rb'["\\\x00-\x1f]')
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_BLANK = b" \t\r\n"
_MAY_PRECEDE_VALUE = b"{[,:"


class Frame(msgspec.Struct, gc=False):
    """One event. ``object`` is its JSON, free of the stream's buffer; its bytes are checked for syntax only."""

    type: str
    object: bytes
    parts: dict[str, Any] | None = None
    """The fields of the object, unparsed, where finding the frame's end has split it anyway."""


class _Envelope(msgspec.Struct, gc=False):
    type: Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"]
    object: msgspec.Raw


_decode = msgspec.json.Decoder(_Envelope).decode
_split = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_HEADS = tuple(
    (b'{"type":"%s","object":{' % kind.encode(), kind, len(kind) + len('{"type":"","object":'))
    for kind in ("MODIFIED", "ADDED", "DELETED")
)
_TRY_DECODING = 1 << 16
_UNREADABLE = (msgspec.DecodeError, RecursionError)


@functools.cache
def _words_for_a_cut() -> str:
    """What this version of the decoder says of input that ends inside a value; it has no other way to tell."""
    try:
        _decode(b"{")
    except msgspec.DecodeError as error:
        return str(error)
    return ""


def _frame(data: bytes, start: int, end: int) -> Frame:
    """Decode the frame in ``data[start:end]``. Raises what is in ``_UNREADABLE``."""
    for head, kind, length in _HEADS:
        if data.startswith(head, start) and data[end - 1] == 0x7D:
            # The head that servers write, and the envelope's brace at the end: what is between them is the object if
            # it is valid JSON, and splitting it tells, in the one pass that the envelope alone would take.
            raw = data[start + length : end - 1]
            try:
                return Frame(kind, raw, _split(raw))
            except (*_UNREADABLE, UnicodeDecodeError):
                break
    envelope = _decode(data[start:end])
    return Frame(envelope.type, bytes(envelope.object))


def _tolerant_frame(data: bytes) -> Frame:
    """Decode a frame with what only the standard library reads: escapes of lone surrogates. Raises DecodeError.

    Whether there is a usable object in it is not the frame's question: the next one can be found.
    """
    document = decode(data)
    try:
        envelope = msgspec.convert({**document, "object": msgspec.Raw(b"")}, _Envelope)
        return Frame(envelope.type, encode_wire(document["object"]))
    except (TypeError, KeyError, msgspec.ValidationError) as error:
        raise DecodeError(str(error)) from error


class FrameSplitter:
    """Collects bytes and hands out complete frames. Not thread-safe.

    Servers end every frame with a newline, so a whole line is tried first. Where that fails (two frames on a line, a
    frame over several lines, no newline at all) a scanner finds the end of the JSON value instead, as client-go does.
    After a frame that is no valid JSON the position in the stream is lost: ``error`` is set, ``corrupt`` holds the
    beginning of the offending bytes, and nothing more comes out.
    """

    __slots__ = ("_depth", "_in_string", "_position", "_scanning", "_tail", "corrupt", "error")

    def __init__(self) -> None:
        self.error: DecodeError | None = None
        self.corrupt = b""
        self._tail = bytearray()
        self._scanning = False
        self._position, self._depth, self._in_string = 0, 0, False

    @property
    def fragment(self) -> int:
        """How many bytes of an incomplete frame are waiting; they are to be discarded when the stream ends (D4)."""
        return len(self._tail)

    def feed(self, chunk: bytes) -> list[Frame]:
        """Take the next bytes, return the frames that they complete, in order. Look at ``error`` afterwards."""
        frames: list[Frame] = []
        if self.error is not None:
            return frames
        if self._scanning:
            self._tail += chunk
        else:
            self._feed_lines(chunk, frames)
        # A complete value ends with a brace; scanning is not worth it before one has come.
        if self._scanning or (self._tail.endswith(b"}") and not self._is_cut_short()):
            self._feed_values(frames)
        if len(self._tail) > MAX_FRAME:
            self._fail(f"object to decode was longer than maximum allowed size of {MAX_FRAME} bytes")
        return frames

    def _feed_lines(self, chunk: bytes, frames: list[Frame]) -> None:
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            line, begin, stop = chunk, start, end
            if self._tail:
                self._tail += chunk[start:end]
                line, begin, stop = bytes(self._tail), 0, len(self._tail)
                self._tail.clear()
                self._restart_scan()
            try:
                frames.append(_frame(line, begin, stop))
            except _UNREADABLE:
                rest = line[begin:stop]
                if rest and not rest.isspace():
                    self._tail += rest + chunk[end:]
                    self._scanning = True
                    return
            start = end + 1
        self._tail += chunk[start:] if start else chunk

    def _is_cut_short(self) -> bool:
        """The decoder says that its input ends inside a value: quicker than scanning, which is left to go on if not."""
        if self._position or len(self._tail) > _TRY_DECODING or _SURROGATE.search(self._tail) is not None:
            # Scanning goes on where it was; decoding begins anew with each piece, and calls a lone surrogate a cut.
            return False
        try:
            _decode(self._tail)
        except _UNREADABLE as error:
            return str(error) == _words_for_a_cut()
        return False

    def _feed_values(self, frames: list[Frame]) -> None:
        while (end := self._scan()) > 0:
            value = bytes(self._tail[:end])
            try:
                frames.append(_frame(value, 0, end))
            except _UNREADABLE as error:
                try:
                    frames.append(_tolerant_frame(value))
                except DecodeError:
                    self._fail(f"a frame of the watch is not a valid event: {problem_of(error)}", value)
                    return
            while end < len(self._tail) and self._tail[end] in _BLANK:
                end += 1
            del self._tail[:end]
            self._restart_scan()
        if not self._tail:
            self._scanning = False

    def _scan(self) -> int:
        """Go on to the end of the first JSON value; return the index behind it, or 0 if it is not complete yet."""
        tail = self._tail
        position, depth, in_string = self._position, self._depth, self._in_string
        while (match := (_INSIDE if in_string else _OUTSIDE).search(tail, position)) is not None:
            start = match.start()
            byte = tail[start]
            position = start + 1
            if in_string:
                if byte == 0x5C:  # a backslash escapes the next byte, which may not have come yet
                    position += 1
                elif byte == 0x22:
                    in_string = False
                else:
                    return self._fail("a string of the watch stream contains a control character")
            elif byte == 0x22:
                if (plain := _PLAIN_STRING.match(tail, position)) is not None:
                    position = plain.end()
                else:
                    in_string = True
            elif byte in b"{[":
                if not self._may_open(start, depth):
                    return self._fail("the watch stream is not a sequence of JSON objects")
                depth += 1
            else:
                depth -= 1
                if depth <= 0:
                    return position if depth == 0 else self._fail("the watch stream is not a sequence of JSON objects")
        self._position, self._depth, self._in_string = max(position, len(tail)), depth, in_string
        if not depth and tail.strip(_BLANK):
            return self._fail("the watch stream is not a sequence of JSON objects")
        return 0

    def _may_open(self, start: int, depth: int) -> bool:
        # Text before the first brace, or an object where none can stand (a line cut short, then the next event), would
        # otherwise swallow everything up to MAX_FRAME.
        before = start - 1
        while before >= 0 and self._tail[before] in _BLANK:
            before -= 1
        if depth == 0:
            return before < 0 and self._tail[start] == 0x7B
        return before >= 0 and self._tail[before] in _MAY_PRECEDE_VALUE

    def _restart_scan(self) -> None:
        self._position, self._depth, self._in_string = 0, 0, False

    def _fail(self, message: str, value: bytes | None = None) -> int:
        self.corrupt = bytes(self._tail[:4096]) if value is None else value
        # Secrets are watched too: the bytes stay out of the message.
        self.error = DecodeError(message)
        self._tail.clear()
        return 0
