# SPDX-License-Identifier: Apache-2.0
"""``Warning`` headers of the server, such as deprecations, become Python warnings (protocol B19, B20)."""

from __future__ import annotations

import contextlib
import re
import threading
from email.errors import MessageError
from email.header import decode_header, make_header
from typing import TYPE_CHECKING, Final, NamedTuple

from k8s_core.errors import KubernetesWarning
from k8s_core.errors.warn import warn_caller

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["WarningHeader", "WarningReporter", "parse_warning_line"]

_REMEMBERED: Final = 512
_QUOTED: Final = r'"((?:[^"\\]|\\.)*)"'
_ENTRY: Final = re.compile(rf'[ \t]*(\d{{3}}) ([^\s",]+) {_QUOTED}(?: "[^"]*")?[ \t]*(,|$)')
_ESCAPED: Final = re.compile(r"\\(.)")


class WarningHeader(NamedTuple):
    """One warning of a ``Warning`` header (RFC 7234, section 5.5)."""

    code: int
    agent: str
    text: str


def parse_warning_line(line: str) -> list[WarningHeader]:
    """The warnings of one header line, as far as it is well formed: a malformed one ends the line."""
    found: list[WarningHeader] = []
    position = 0
    while True:
        match = _ENTRY.match(line, position)
        if match is None:
            return found
        text = _decode(_ESCAPED.sub(r"\1", match[3]))
        if text is None:
            return found
        found.append(WarningHeader(int(match[1]), match[2], text))
        position = match.end()
        if match[4] != ",":
            return found


def _decode(text: str) -> str | None:
    """RFC 2047 words and UTF-8 decoded; None if the text holds control characters."""
    with contextlib.suppress(UnicodeError):  # then it is Latin-1 after all
        text = text.encode("latin-1").decode("utf-8")
    if "=?" in text:
        try:
            text = str(make_header(decode_header(text)))
        except (MessageError, LookupError, ValueError):
            return None
    return text if text.isprintable() else None


class WarningReporter:
    """Issues each text once per transport, as a :class:`KubernetesWarning` at the caller's line. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[str, None] = {}

    def report(self, lines: Iterable[str]) -> None:
        """Issue what is new in the ``Warning`` lines of a response.

        Raises:
            KubernetesWarning: a filter turns these warnings into errors.
        """
        for line in lines:
            for warning in parse_warning_line(line):
                if warning.code == 299 and warning.text and warning.text not in self._seen:
                    warn_caller(KubernetesWarning(warning.text))
                    self._remember(warning.text)

    def _remember(self, text: str) -> None:
        with self._lock:
            if len(self._seen) >= _REMEMBERED:
                del self._seen[next(iter(self._seen))]
            self._seen[text] = None
