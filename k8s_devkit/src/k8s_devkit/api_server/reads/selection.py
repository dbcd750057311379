# SPDX-License-Identifier: Apache-2.0
"""Label and field selectors as the API server parses and applies them (protocol C14-C18, J9).

Written apart from `k8s_core.selectors` on purpose: the server must not share a mistake with the client it tests. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from k8s_devkit.strategy.failures import bad_request
from k8s_devkit.strategy.field_errors import invalid_value
from k8s_devkit.strategy.labels import label_key_problem, label_value_problem

if TYPE_CHECKING:
    from k8s_devkit.api_server.store import Entry

__all__ = [
    "FieldTerm",
    "LabelTerm",
    "Selection",
    "field_value",
    "matches_labels",
    "parse_field_selector",
    "parse_label_selector",
]

_TOKEN = re.compile(r"[ \t\r\n]*(?:(!=|==|=|!|,|\(|\)|<|>)|([^ \t\r\n!=,()<>]+))")


@dataclass(frozen=True, slots=True)
class LabelTerm:
    """One requirement: key, operator (``= != in notin exists !exists > <``) and values."""

    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Apply to a label set."""
        if self.operator == "exists":
            return self.key in labels
        if self.operator == "!exists":
            return self.key not in labels
        if self.operator in ("in", "="):
            return self.key in labels and labels[self.key] in self.values
        if self.operator in ("notin", "!="):
            return self.key not in labels or labels[self.key] not in self.values
        try:
            number, bound = int(labels[self.key]), int(next(iter(self.values)))
        except (KeyError, ValueError):
            return False
        return number > bound if self.operator == ">" else number < bound


def matches_labels(terms: tuple[LabelTerm, ...], labels: Mapping[str, str]) -> bool:
    """True if every term matches."""
    return all(term.matches(labels) for term in terms)


class _Tokens:
    def __init__(self, text: str) -> None:
        self.text = text
        self.items: list[tuple[str, str]] = []
        position = 0
        stripped = text.rstrip(" \t\r\n")
        while position < len(stripped):
            match = _TOKEN.match(stripped, position)
            assert match is not None  # every character is in one of the two classes
            self.items.append(("op", match[1]) if match[1] else ("word", match[2]))
            position = match.end()
        self.at = 0

    def peek(self) -> tuple[str, str]:
        return self.items[self.at] if self.at < len(self.items) else ("end", "")

    def take(self) -> tuple[str, str]:
        token = self.peek()
        self.at += 1
        return token


def parse_label_selector(text: str) -> tuple[LabelTerm, ...]:
    """Parse the whole grammar of C14. Raises the server's 400 for anything else; empty text selects everything."""
    tokens = _Tokens(text)
    terms: list[LabelTerm] = []
    if tokens.peek()[0] == "end":
        return ()
    expected = "!, identifier, or 'end of string'"
    while True:
        kind, value = tokens.peek()
        if kind != "word" and value != "!":
            raise bad_request(f"found '{value}', expected: {expected}")
        terms.append(_term(tokens))
        kind, value = tokens.take()
        if kind == "end":
            return tuple(terms)
        if value != ",":
            raise bad_request(f"found '{value}', expected: ',' or 'end of string'")
        expected = "identifier after ','"


def _term(tokens: _Tokens) -> LabelTerm:
    kind, key = tokens.take()
    if (kind, key) == ("op", "!"):
        return LabelTerm(_key(tokens.take()), "!exists")
    _key((kind, key))
    kind, operator = tokens.peek()
    if kind == "end" or operator == ",":
        return LabelTerm(key, "exists")
    tokens.take()
    if operator in ("in", "notin"):
        return LabelTerm(key, operator, _values(tokens, key))
    if operator not in ("=", "==", "!=", "<", ">"):
        raise bad_request(f"unable to parse requirement: found '{operator}', expected: in, notin, =, ==, !=, gt, lt")
    value, (kind, text) = "", tokens.peek()
    if kind == "word":
        value = tokens.take()[1]
    elif kind != "end" and text != ",":
        raise bad_request(f"unable to parse requirement: found '{text}', expected: identifier")
    if operator in "<>" and not re.fullmatch(r"[+-]?\d+", value):
        error = invalid_value("values[0]", value, "for 'Gt', 'Lt' operators, the value must be an integer")
        raise bad_request(f"unable to parse requirement: {error}")
    _check_values(key, {value})
    return LabelTerm(key, "=" if operator == "==" else operator, frozenset({value}))


def _key(token: tuple[str, str]) -> str:
    kind, key = token
    if kind != "word":
        raise bad_request(f"unable to parse requirement: found '{key}', expected: identifier")
    if problem := label_key_problem(key):
        error = invalid_value("<nil>", key, problem)  # the real server has no path for it either
        raise bad_request(f"unable to parse requirement: {error}")
    return key


def _check_values(key: str, values: set[str]) -> None:
    errors = [
        str(invalid_value(f"values[{index}][{key}]", value, problem))
        for index, value in enumerate(sorted(values))
        if (problem := label_value_problem(value))
    ]
    if errors:
        shown = errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]"
        raise bad_request(f"unable to parse requirement: {shown}")


def _values(tokens: _Tokens, key: str) -> frozenset[str]:
    if (found := tokens.take()[1]) != "(":
        raise bad_request(f"unable to parse requirement: found '{found}' expected: '('")
    values: set[str] = set()
    current = ""
    while True:
        kind, text = tokens.take()
        if kind == "end":
            raise bad_request("unable to parse requirement: found '', expected: ',' or ')'")
        if kind == "word":
            if current:
                raise bad_request(f"unable to parse requirement: found '{text}', expected: ',' or ')'")
            current = text
            continue
        if text not in (",", ")"):
            raise bad_request(f"unable to parse requirement: found '{text}', expected: ',' or ')'")
        values.add(current)
        current = ""
        if text == ")":
            _check_values(key, values)
            return frozenset(values)


@dataclass(frozen=True, slots=True)
class FieldTerm:
    """One requirement on a field: ``=`` or ``!=``."""

    field: str
    equal: bool
    value: str


def parse_field_selector(
    text: str, supported: Callable[[str], bool], *, only_metadata: bool = False
) -> tuple[FieldTerm, ...]:
    """Parse ``a=b,c!=d`` with the escapes of C17.

    Args:
        supported: whether the kind can select by a field; another one is the server's 400.
        only_metadata: the kind can select by nothing but name and namespace; the server then says so.
    """
    terms = []
    for part in _split_unescaped(text):
        if not part:
            continue
        match = re.match(r"((?:[^\\=!]|\\.)*?)(!=|==|=)(.*)$", part, re.DOTALL)
        if match is None:
            raise bad_request(f"invalid selector: '{text}'; can't understand '{part}'")
        name, operator, value = match[1], match[2], _unescape(match[3])
        if not name and not value:
            continue  # selects everything, says the real server
        if not supported(name) and only_metadata:
            known = '"metadata.name", "metadata.namespace"'
            raise bad_request(f'"{name}" is not a known field selector: only {known}')
        if not supported(name):
            raise bad_request(f"field label not supported: {name}")
        terms.append(FieldTerm(name, operator != "!=", value))
    return tuple(terms)


def _split_unescaped(text: str) -> list[str]:
    return re.findall(r"((?:[^\\,]|\\.|\\$)*)(?:,|$)", text)


def _unescape(value: str) -> str:
    out, characters = [], iter(value)
    for character in characters:
        if character == "\\":
            following = next(characters, "")
            if following not in ("\\", ",", "="):
                raise bad_request(f"invalid field selector: invalid escape sequence: \\{following}")
            out.append(following)
        elif character in ",=":
            raise bad_request(f"invalid field selector: unescaped character in value: {ord(character)}")
        else:
            out.append(character)
    return "".join(out)


def field_value(document: Mapping[str, Any], path: str) -> str:
    """The value of a dotted field as selectors compare it: text; empty where absent."""
    value: Any = document
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


@dataclass(frozen=True, slots=True)
class Selection:
    """Label and field terms of one list, watch or deletecollection."""

    labels: tuple[LabelTerm, ...] = ()
    fields: tuple[FieldTerm, ...] = ()

    @property
    def everything(self) -> bool:
        """True if nothing is filtered out."""
        return not self.labels and not self.fields

    def matches(self, entry: Entry) -> bool:
        """Apply to a stored object; parses it only for fields other than name and namespace."""
        if not matches_labels(self.labels, entry.labels):
            return False
        document: dict[str, Any] | None = None
        for term in self.fields:
            if term.field == "metadata.name":
                value = entry.name
            elif term.field == "metadata.namespace":
                value = entry.namespace
            else:
                document = entry.document() if document is None else document
                value = field_value(document, term.field)
            if (value == term.value) is not term.equal:
                return False
        return True
