# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a YAML text, and where, in words that help: the parser's own are about tokens and scanners. Pure.

Messages never quote the text, which may hold a secret; at most a sign that has a meaning in YAML.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from yaml import YAMLError

__all__ = ["explain", "position", "template_at"]

_LINE_BREAK: Final = re.compile(r"\r\n|\r|\n")
_TEMPLATE: Final = re.compile(r"[^\"'#]*?\{[{%]")
_CONFLICT: Final = re.compile(r"(<<<<<<<|=======|>>>>>>>)( |$)")
_NOT_YAML: Final = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_RENDER: Final = "a template begins here, such as those of Helm: render it first, and give what comes out"
_INDENTED: Final = "the indentation of this line fits none of the lines above, or what is above is not complete"


class _Spot(NamedTuple):
    """A place in the text, counted from 0."""

    line: int
    column: int


class _Trouble(NamedTuple):
    """What the parser says: what it was at, since where, and what is wrong, where."""

    context: str
    since: _Spot
    problem: str
    at: _Spot
    lines: list[str]

    def line(self, spot: _Spot) -> str:
        return self.lines[spot.line] if spot.line < len(self.lines) else ""

    @property
    def before(self) -> str:
        """What is in the line in front of the place."""
        return self.line(self.at)[: self.at.column]

    @property
    def sign(self) -> str:
        """The character at the place."""
        return self.line(self.at)[self.at.column : self.at.column + 1]


def position(mark: Any) -> str:
    """``line 3, column 1``, as people count, of a mark of the parser."""
    return _shown(_Spot(mark.line, mark.column))


def _shown(spot: _Spot) -> str:
    return f"line {spot.line + 1}, column {spot.column + 1}"


def explain(error: YAMLError | ValueError, text: str | bytes) -> str:
    """``line 3, column 1: a tab indents here; YAML allows spaces only``, for what a parser says of ``text``."""
    shown = text if isinstance(text, str) else text.decode("utf-8", "replace")
    at = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if at is None:
        return _unreadable(error, text, shown)
    since = getattr(error, "context_mark", None) or at
    trouble = _Trouble(
        getattr(error, "context", None) or "",
        _Spot(since.line, since.column),
        getattr(error, "problem", None) or type(error).__name__,
        _Spot(at.line, at.column),
        _LINE_BREAK.split(shown),
    )
    for rule in (_foreign, _tab, _quoted, _colon, _scanned, _flow, _block):
        if found := rule(trouble):
            return f"{_shown(found[0])}: {found[1]}"
    return f"{_shown(trouble.at)}: {trouble.problem}"


def template_at(text: str | bytes, mark: Any) -> str | None:
    """The same for a template that happens to be YAML: ``{{ name }}`` is a mapping with a mapping for its key."""
    shown = text if isinstance(text, str) else text.decode("utf-8", "replace")
    lines = _LINE_BREAK.split(shown)
    found = _TEMPLATE.match(lines[mark.line]) if mark.line < len(lines) else None
    return f"{_shown(_Spot(mark.line, found.end() - 2))}: {_RENDER}" if found else None


def _unreadable(error: Exception, text: str | bytes, shown: str) -> str:
    """The text is not made of the characters that YAML allows."""
    try:
        found = _NOT_YAML.search(shown if isinstance(text, str) else text.decode())
    except UnicodeDecodeError as undecodable:
        start = undecodable.start
        before = undecodable.object[:start].decode("utf-8", "replace")
        return f"{_shown(_spot_after(before))}: this is not UTF-8, the encoding of YAML and JSON"
    if found is None:
        return str(getattr(error, "problem", None) or getattr(error, "reason", None) or type(error).__name__)
    return (
        f"{_shown(_spot_after(shown[: found.start()]))}: the character U+{ord(found[0]):04X} is not allowed in YAML; "
        "write it as an escape in double quotes"
    )


def _spot_after(before: str) -> _Spot:
    lines = _LINE_BREAK.split(before)
    return _Spot(len(lines) - 1, len(lines[-1]))


_Found = tuple[_Spot, str] | None


def _foreign(trouble: _Trouble) -> _Found:
    """Something else than YAML in between."""
    for spot in (trouble.at, trouble.since):
        line = trouble.line(spot)
        if found := _TEMPLATE.match(line):
            return _Spot(spot.line, found.end() - 2), _RENDER
        if _CONFLICT.match(line):
            return _Spot(spot.line, 0), "this is the mark of a merge conflict: resolve it"
        if line.startswith("```"):
            return _Spot(spot.line, 0), "this is the fence of a code block in Markdown: leave it out"
    return None


def _tab(trouble: _Trouble) -> _Found:
    line = trouble.line(trouble.at)
    indentation = line[: len(line) - len(line.lstrip())]
    if "\t" in indentation and trouble.at.column <= len(indentation):
        return _Spot(trouble.at.line, indentation.index("\t")), "a tab indents here; YAML allows spaces only"
    return (trouble.at, "a tab stands here; YAML allows spaces only") if trouble.sign == "\t" else None


def _quoted(trouble: _Trouble) -> _Found:
    if "quoted scalar" not in trouble.context:
        return None
    if "escape" in trouble.problem:
        return trouble.at, (
            "in double quotes a backslash begins an escape, and there is none of this letter: double the backslash, or "
            "use single quotes"
        )
    if "unexpected" in trouble.problem:
        return trouble.since, "the quote that begins here is not closed"
    return None


def _colon(trouble: _Trouble) -> _Found:
    if "could not find expected ':'" in trouble.problem:
        return trouble.since, "a key without its colon: write 'key: value', with a space after the colon"
    if "mapping values are not allowed" not in trouble.problem:
        return None
    if trouble.before.startswith("---"):
        return trouble.at, "'---' stands on a line of its own"
    if ": " in trouble.before:
        return trouble.at, "a second ': ' in one line: quote the value"
    return trouble.at, (
        "no key can be here: the line above has a value already, or lacks the ': ' after its key, or this line is "
        "indented too far"
    )


def _scanned(trouble: _Trouble) -> _Found:
    """Signs with which a value cannot begin, as they mean something else."""
    if "alias" in trouble.context or "anchor" in trouble.context:
        sign = trouble.line(trouble.since)[trouble.since.column : trouble.since.column + 1]
        return trouble.since, f"a value that begins with {sign} must be quoted: to YAML it is an alias or an anchor"
    if "block scalar" in trouble.context:
        return trouble.at, "behind | or > the rest of the line must be empty: the string begins on the next line"
    if "cannot start any token" in trouble.problem and trouble.sign and trouble.sign in "@`%":
        return trouble.at, f"a value that begins with {trouble.sign} must be quoted"
    if "<document start>" in trouble.problem:
        return trouble.at, "another document begins here, without a line '---' in front of it"
    return None


def _flow(trouble: _Trouble) -> _Found:
    if "flow sequence" in trouble.context or "flow mapping" in trouble.context:
        opened, closes = ("[", "]") if "sequence" in trouble.context else ("{", "}")
        return trouble.at, f"a ',' or the '{closes}' for the '{opened}' of {_shown(trouble.since)} is missing"
    if "node content" in trouble.problem:
        return trouble.at, "a value is missing here, or must be quoted"
    return None


def _block(trouble: _Trouble) -> _Found:
    if "block mapping" not in trouble.context and "block collection" not in trouble.context:
        return None
    before = trouble.before.rstrip()
    if before.endswith(("'", '"')):
        return trouble.at, (
            "the value ended with the quote before this: quote the whole value, and double a single quote inside of "
            "single quotes"
        )
    if "mapping" in trouble.context and trouble.sign == "-":
        return trouble.at, f"a list item among the keys of the mapping that begins at {_shown(trouble.since)}"
    return trouble.at, _INDENTED
