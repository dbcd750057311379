# SPDX-License-Identifier: Apache-2.0
"""Parser for the text form of label selectors, with the grammar of the API server (protocol C14). Pure."""

from __future__ import annotations

import re

from k8s_core.errors import SelectorError
from k8s_core.selectors.checks import check_label_key
from k8s_core.selectors.operators import (
    Equality,
    Exists,
    GreaterThan,
    In,
    Inequality,
    LessThan,
    NotExists,
    NotIn,
    Operator,
)

__all__ = ["parse_requirements"]

# Everything that is neither white space nor a symbol is a word; "in" and "notin" are operators only after a key.
_TOKEN = re.compile(r"[ \t\r\n]*(==|!=|[=!<>(),]|[^ \t\r\n=!<>(),]+)")
_SPACE = " \t\r\n"
_SYMBOLS = frozenset("=!<>(),")
_COMPARISONS: dict[str, type[Equality | Inequality | GreaterThan | LessThan]] = {
    "=": Equality,
    "==": Equality,
    "!=": Inequality,
    ">": GreaterThan,
    "<": LessThan,
}


def parse_requirements(text: str) -> list[tuple[str, Operator]]:
    """Read a comma-separated list of requirements; an empty text has none.

    Raises:
        SelectorError: with the whole text, the position in it, and what was expected there.
    """
    return _Parser(text).requirements()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, int]] = []
        position, end = 0, len(text.rstrip(_SPACE))
        while position < end:
            match = _TOKEN.match(text, position)
            if match is None:  # pragma: no cover - every non-space character is a word or a symbol
                raise SelectorError(f"label selector {text!r}: cannot read position {position}")
            self.tokens.append((match[1], match.start(1)))
            position = match.end()
        self.at = 0

    def peek(self) -> str:
        """The next token, ``""`` at the end."""
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def wrong(self, expected: str) -> SelectorError:
        found, where = self.tokens[self.at] if self.at < len(self.tokens) else ("end of text", len(self.text))
        return SelectorError(f"label selector {self.text!r}: expected {expected} at position {where}, found {found!r}")

    def is_word(self) -> bool:
        token = self.peek()
        return bool(token) and token[0] not in _SYMBOLS

    def requirements(self) -> list[tuple[str, Operator]]:
        found: list[tuple[str, Operator]] = []
        while self.peek():
            found.append(self.requirement())
            if not self.peek():
                break
            if self.peek() != ",":
                raise self.wrong("',' or the end")
            self.take()
            if not self.is_word() and self.peek() != "!":
                raise self.wrong("a label key after ','")
        return found

    def requirement(self) -> tuple[str, Operator]:
        negated = self.peek() == "!"
        if negated:
            self.take()
        if not self.is_word():
            raise self.wrong("a label key")
        key = check_label_key(self.take())
        if negated:
            return key, NotExists()
        operator = self.peek()
        if operator in ("", ","):
            return key, Exists()
        comparison = _COMPARISONS.get(operator)
        if comparison is not None:
            self.take()
            return key, comparison(self.exact_value())
        if operator in ("in", "notin"):
            self.take()
            return key, (In if operator == "in" else NotIn)(self.value_set())
        raise self.wrong("one of in, notin, =, ==, !=, >, <")

    def exact_value(self) -> str:
        if self.peek() in ("", ","):
            return ""  # "a=" means the empty value (C15)
        if not self.is_word():
            raise self.wrong("a value")
        return self.take()

    def value_set(self) -> list[str]:
        """Read ``(a,b)``; an empty place between commas or parentheses is the empty value (C15)."""
        if self.peek() != "(":
            raise self.wrong("'('")
        self.take()
        values = [self.one_of_set()]
        while self.peek() == ",":
            self.take()
            values.append(self.one_of_set())
        if self.peek() != ")":
            raise self.wrong("',' or ')'")
        self.take()
        return values

    def one_of_set(self) -> str:
        if self.peek() in (",", ")"):
            return ""
        if not self.is_word():
            raise self.wrong("a value")
        return self.take()
