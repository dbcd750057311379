# SPDX-License-Identifier: Apache-2.0
"""Go's words on a string that is not JSON, found by a scanner of our own: Python's parsers word it by their version."""

from __future__ import annotations

import re

from k8s_core.model.wire import MAX_NESTING

__all__ = ["syntax_problem"]

_SPACE = re.compile(r"[ \t\r\n]*")
_PLAIN = re.compile(r'[^"\\\x00-\x1f]*')
_DIGITS = re.compile(r"[0-9]*")
_HEX = re.compile(r"[0-9A-Fa-f]{0,4}")
_LITERALS = {"t": "true", "f": "false", "n": "null"}


class _Wrong(Exception):
    """A character that cannot stand where it does; the message says where that is."""

    def __init__(self, position: int, where: str) -> None:
        super().__init__(where)
        self.position = position


def syntax_problem(text: str) -> str:
    """What Go's decoder says of ``text``; empty if it is JSON, nested no deeper than 200 levels."""
    try:
        _scan(text)
    except _Wrong as wrong:
        if wrong.position >= len(text):
            return "unexpected end of JSON input"
        return f"invalid character {_quoted(text[wrong.position])} {wrong}"
    return ""


def _quoted(character: str) -> str:
    if character in "'\\":
        return f"'\\{character}'"
    return f"'{character}'" if character.isprintable() else f"'{character.encode('unicode_escape').decode()}'"


def _scan(text: str) -> None:
    closers: list[str] = []
    position, expected = _skip(text, 0), "value"
    while expected != "end":
        if expected in ("value", "value or ]"):
            position, expected = _value(text, position, closers, or_end=expected != "value")
        elif expected in ("key", "key or }"):
            position, expected = _key(text, position, closers, or_end=expected != "key")
        else:
            position, expected = _after_value(text, position, closers)
        position = _skip(text, position)


def _skip(text: str, position: int) -> int:
    return _end(_SPACE, text, position)


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    assert match is not None  # the patterns match nothing, too
    return match.end()


def _value(text: str, position: int, closers: list[str], *, or_end: bool) -> tuple[int, str]:
    first = text[position : position + 1]
    if first == "]" and or_end:
        closers.pop()
        return position + 1, "more"
    if first and first in "{[":
        closers.append("}" if first == "{" else "]")
        if len(closers) > MAX_NESTING:
            raise _Wrong(position, "exceeded max depth")
        return position + 1, "key or }" if first == "{" else "value or ]"
    if first == '"':
        return _string(text, position), "more"
    if first in _LITERALS:
        return _literal(text, position, _LITERALS[first]), "more"
    if first and first in "-0123456789":
        return _number(text, position), "more"
    raise _Wrong(position, "looking for beginning of value")


def _key(text: str, position: int, closers: list[str], *, or_end: bool) -> tuple[int, str]:
    first = text[position : position + 1]
    if first == "}" and or_end:
        closers.pop()
        return position + 1, "more"
    if first != '"':
        raise _Wrong(position, "looking for beginning of object key string")
    position = _skip(text, _string(text, position))
    if text[position : position + 1] != ":":
        raise _Wrong(position, "after object key")
    return position + 1, "value"


def _after_value(text: str, position: int, closers: list[str]) -> tuple[int, str]:
    if not closers:
        if position < len(text):
            raise _Wrong(position, "after top-level value")
        return position, "end"
    character = text[position : position + 1]
    in_object = closers[-1] == "}"
    if character == closers[-1]:
        closers.pop()
        return position + 1, "more"
    if character != ",":
        raise _Wrong(position, "after object key:value pair" if in_object else "after array element")
    return position + 1, "key" if in_object else "value"


def _string(text: str, position: int) -> int:
    position += 1
    while True:
        position = _end(_PLAIN, text, position)
        character = text[position : position + 1]
        if character == '"':
            return position + 1
        if character != "\\":
            raise _Wrong(position, "in string literal")
        escaped = text[position + 1 : position + 2]
        if escaped == "u":
            digits = _end(_HEX, text, position + 2)
            if digits < position + 6:
                raise _Wrong(digits, "in \\u hexadecimal character escape")
            position = digits
        elif escaped and escaped in 'bfnrt\\/"':
            position += 2
        else:
            raise _Wrong(position + 1, "in string escape code")


def _literal(text: str, position: int, word: str) -> int:
    for offset, character in enumerate(word):
        if text[position + offset : position + offset + 1] != character:
            raise _Wrong(position + offset, f"in literal {word} (expecting '{character}')")
    return position + len(word)


def _number(text: str, position: int) -> int:
    position += text[position] == "-"
    # What follows a leading zero is no longer the number's business.
    if text[position : position + 1] == "0":
        position += 1
    else:
        position = _some_digits(text, position, "in numeric literal")
    if text[position : position + 1] == ".":
        position = _some_digits(text, position + 1, "after decimal point in numeric literal")
    if (exponent := text[position : position + 1]) and exponent in "eE":
        sign = text[position + 1 : position + 2]
        position += 2 if sign and sign in "+-" else 1
        position = _some_digits(text, position, "in exponent of numeric literal")
    return position


def _some_digits(text: str, position: int, where: str) -> int:
    end = _end(_DIGITS, text, position)
    if end == position:
        raise _Wrong(position, where)
    return end
