# SPDX-License-Identifier: Apache-2.0
"""The lines of a log across broken connections: none lost, none twice (protocol F19, F20). Pure: no I/O.

The server is asked for time stamps. ``sinceTime`` knows whole seconds only, and two streams of a container may be out
of order by a little, so a second answer begins a second early. What was delivered of that time is known by its bytes.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LogBytes", "LogGap", "LogLine", "LogMemory", "RawLine"]

_STAMP: Final = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d) ")
_MARGIN: Final = 1
"""Seconds that a second answer begins before the last line."""


class LogLine(str):
    """A line of a log, without its end; a str that knows where it comes from.

    Attributes:
        pod, container: whose line it is; ``container`` is empty where the server chose the only one.
        timestamp: when the container runtime took it, as the server wrote it: RFC 3339 with nanoseconds.
    """

    __slots__ = ("container", "pod", "timestamp")

    pod: str
    container: str
    timestamp: str


class LogBytes(bytes):
    """The same as bytes."""

    pod: str
    container: str
    timestamp: str


class LogGap(NamedTuple):
    """Lines may be missing here: the log was rotated while the connection was broken.

    Attributes:
        pod, container: of the log.
        after: the time stamp of the last line before it.
        before: that of the first line behind it.
    """

    pod: str
    container: str
    after: str
    before: str


class RawLine(NamedTuple):
    """A line as the server sent it; ``begin`` is where its text begins, behind the time stamp."""

    data: bytes
    begin: int
    gap: tuple[str, str] | None = None
    """The time stamps on both sides of the gap before this line, if there is one."""


class _Stamp(NamedTuple):
    second: int
    nanosecond: int


class LogMemory:
    """Takes the bytes of one answer after the other, and gives each line once."""

    def __init__(self) -> None:
        self._rest = b""  # an incomplete line
        # Lines that were delivered, by second, as far as they can come again.
        self._seen: dict[int, Counter[bytes]] = {}
        self._first: _Stamp | None = None  # of all that were delivered
        self._last: _Stamp | None = None  # the latest
        self._last_text = ""
        self._parsed: tuple[bytes, bytes, int] = (b"", b"", 0)
        # While a second answer repeats what is known:
        self._known: dict[int, Counter[bytes]] = {}
        self._matched = True
        self._pending: list[tuple[bytes, int, _Stamp]] = []

    @property
    def since(self) -> str | None:
        """The ``sinceTime`` for another answer; None if no line with a time was delivered yet."""
        if self._last is None:
            return None
        return datetime.fromtimestamp(self._last.second - _MARGIN, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def again(self) -> None:
        """The next bytes are those of another answer, asked for with :attr:`since`. An incomplete line comes again."""
        self._rest = b""
        if self._last is None:
            return
        oldest = self._last.second - _MARGIN
        self._known = {second: Counter(lines) for second, lines in self._seen.items() if second >= oldest}
        self._matched = False
        self._pending = []

    def feed(self, data: bytes) -> Iterator[RawLine]:
        """The lines that ``data`` completes."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            yield from self._line(line)

    def end(self) -> Iterator[RawLine]:
        """The answer ended in order: what is left."""
        rest, self._rest = self._rest, b""
        if rest:
            yield from self._line(rest)
        yield from self._flush(gap=True)

    def _line(self, line: bytes) -> Iterator[RawLine]:
        match = _STAMP.match(line)
        if match is None:
            yield RawLine(line, 0)  # no time, so that it can't be known again
            return
        stamp = _Stamp(self._second(match[1], match[3]), int((match[2] or b"0").ljust(9, b"0")))
        if self._known:
            known = self._known.get(stamp.second)
            if known is not None and known[line] > 0:
                yield from self._on_known(line, known, stamp.second)
                return
            if self._last is not None and stamp.second > self._last.second + _MARGIN:
                self._known = {}
            if not self._matched:
                yield from self._on_unknown(line, match.end(), stamp)
                return
        yield self._deliver(line, match.end(), stamp)

    def _on_known(self, line: bytes, known: Counter[bytes], second: int) -> Iterator[RawLine]:
        known[line] -= 1
        if not known[line]:
            del known[line]
            if not known:
                del self._known[second]
        self._matched = True
        # What stands before all that is known is older than the first line that was asked for, if that is so young.
        if self._first is not None and self._last is not None and self._first.second >= self._last.second - _MARGIN:
            self._pending = []
        yield from self._flush(gap=False)

    def _on_unknown(self, line: bytes, begin: int, stamp: _Stamp) -> Iterator[RawLine]:
        self._pending.append((line, begin, stamp))
        if self._last is not None and stamp > self._last:
            # Nothing that is known will come: it is no longer in the log.
            yield from self._flush(gap=True)

    def _flush(self, *, gap: bool) -> Iterator[RawLine]:
        pending, self._pending = self._pending, []
        for line, begin, stamp in pending:
            sides = (self._last_text, line[: begin - 1].decode("ascii")) if gap and not self._matched else None
            self._matched = True
            yield self._deliver(line, begin, stamp, sides)

    def _deliver(self, line: bytes, begin: int, stamp: _Stamp, gap: tuple[str, str] | None = None) -> RawLine:
        if self._last is None or stamp > self._last:
            if self._last is None or stamp.second > self._last.second:
                for second in [each for each in self._seen if each < stamp.second - _MARGIN]:
                    del self._seen[second]
            self._last, self._last_text = stamp, line[: begin - 1].decode("ascii")
        self._first = self._first or stamp
        if stamp.second >= self._last.second - _MARGIN:
            self._seen.setdefault(stamp.second, Counter())[line] += 1
        return RawLine(line, begin, gap)

    def _second(self, text: bytes, zone: bytes) -> int:
        """Seconds since 1970; the same second comes many times."""
        if self._parsed[:2] != (text, zone):
            try:
                moment = datetime.fromisoformat((text + zone).decode("ascii"))
            except ValueError:  # such as a leap second
                return self._parsed[2]
            self._parsed = (text, zone, int(moment.timestamp()))
        return self._parsed[2]
