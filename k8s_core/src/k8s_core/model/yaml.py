# SPDX-License-Identifier: Apache-2.0
"""YAML as kubectl reads and writes it: go-yaml's scalars, JSON's data model, no alias bombs (protocol E19, I6)."""

from __future__ import annotations

import base64
import binascii
import contextlib
import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from yaml.tokens import FlowMappingEndToken, FlowMappingStartToken, FlowSequenceEndToken, FlowSequenceStartToken

from k8s_core.errors import DecodeError, FieldTypeError
from k8s_core.model.wire import MAX_NESTING, TOO_DEEP, copy_json, decode_document, nests_deeper
from k8s_core.model.yaml_problems import explain, position, template_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["YAMLDocument", "documents_of", "dump_yaml", "load_all_yaml", "load_yaml"]

_LARGEST_EXPANSION = 400_000
"""Nodes that the aliases of a document may stand for."""

_LOOKAHEAD = 1024
"""Characters that the parser may read ahead of what it reports: the longest key in a line, by YAML's own rule."""

_BOOLEANS = {
    text: value
    for value, words in ((True, "y yes on true"), (False, "n no off false"))
    for word in words.split()
    for text in (word, word.capitalize(), word.upper())
}
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_INTEGER = re.compile(r"([-+]?)(0[bB][01]+|0[oO]?[0-7]+|0[xX][0-9a-fA-F]+|0|[1-9][0-9]*)", re.ASCII)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", re.ASCII)
_BASES = {"b": 2, "o": 8, "x": 16}

_TAG = "tag:yaml.org,2002:"
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _resolve_plain(text: str) -> Any:
    """What an unquoted scalar means to go-yaml v2, as kubectl uses it."""
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if text in _NULLS:
        return None
    if _NOT_FINITE.fullmatch(text):
        raise DecodeError(f"the number {text} can't be written as JSON")
    if text[0] in "0123456789+-":
        # Underscores may stand anywhere but in front.
        digits = text.replace("_", "")
        number = _integer(digits)
    elif text[0] == ".":
        digits, number = text, None
    else:
        return text
    if number is None and _FLOAT.fullmatch(digits):
        number = _number(float(digits))
    return text if number is None else number


def _number(number: float) -> int | float | None:
    """Go's JSON encoder writes ``1e3`` as ``1000``; what is no double stays text."""
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() and abs(number) < 1e21 else number


def _integer(text: str) -> int | float | None:
    """The integer, unless it is none or has more than 64 bits."""
    match = _INTEGER.fullmatch(text) if len(text) <= 70 else None
    if match is None:
        return None
    digits = match[2].lower()
    base = _BASES.get(digits[1:2], 8 if len(digits) > 1 and digits[0] == "0" else 10)
    number = int(digits[2:] if digits[1:2] in _BASES else digits, base)
    number = -number if match[1] == "-" else number
    return number if -(2**63) <= number < 2**64 else None


class YAMLDocument(NamedTuple):
    """One document of a stream, with the places of its keys and items. Lines are counted from 1."""

    value: Any
    line: int
    """Where it begins."""
    lines: Mapping[tuple[int, str | int], int] = {}
    """The line of each key and item, by ``id()`` of the dict or list that holds it; empty if it was read as JSON."""
    repeated: Mapping[int, str] = {}
    """The keys that their mapping has already, by line; the last one counts, as for kubectl."""

    def line_of(self, *path: str | int) -> int:
        """The line of what is at a path of keys and indices, as far as it leads."""
        line, value = self.line, self.value
        for key in path:
            line = self.lines.get((id(value), key), line)
            try:
                value = value[key]
            except (LookupError, TypeError):
                break
        return line


def load_yaml(text: str | bytes) -> Any:
    """Read exactly one YAML or JSON document as plain JSON values; an empty one is None, others beside it are skipped.

    Raises:
        DecodeError: malformed, several documents, an alias bomb, nested deeper than 200 levels, or not representable
            as JSON.
    """
    documents = load_all_yaml(text)
    if len(documents) > 1:
        raise DecodeError(f"expected one YAML document, found {len(documents)}; use load_all_yaml")
    return documents[0] if documents else None


def load_all_yaml(text: str | bytes) -> list[Any]:
    """Read all documents of a YAML stream as plain JSON values, skipping empty ones. Raises DecodeError."""
    return [document.value for document in documents_of(text)]


def documents_of(text: str | bytes) -> Iterator[YAMLDocument]:
    """The same, one after the other, with their places.

    Raises:
        DecodeError: in the document behind those that came; the message has line and column in ``text``.
    """
    if text.lstrip()[:1] in ("{", b"{"):
        # As kubectl does: JSON has escapes of surrogate pairs, which YAML refuses.
        try:
            document = decode_document(text.encode() if isinstance(text, str) else text)
        except (DecodeError, UnicodeEncodeError):
            pass
        else:
            yield YAMLDocument(document, 1)
            return
    yield from (document for document in _documents(text) if document.value is not None)


def _documents(text: str | bytes) -> Iterator[YAMLDocument]:
    try:
        events = yaml.parse(text, Loader=_PARSER)
        for event in events:
            if isinstance(event, DocumentStartEvent):
                yield _Builder(events).build()
    except yaml.YAMLError as error:
        if _begins_too_many(text):
            raise DecodeError(f"YAML {TOO_DEEP}") from None
        raise DecodeError(f"malformed YAML: {explain(error, text)}") from error
    except _Unfit as unfit:
        where = template_at(text, unfit.mark) if unfit.may_be_template else None
        raise DecodeError(f"malformed YAML: {where or f'{position(unfit.mark)}: {unfit}'}") from None
    except ValueError as error:
        raise DecodeError(f"malformed YAML: {explain(error, text)}") from error


class _Unfit(Exception):
    """What YAML allows, and JSON or kubectl do not.

    Attributes:
        mark: where.
        may_be_template: the braces of a template give this, too.
    """

    def __init__(self, problem: str, event: Any, *, may_be_template: bool = False) -> None:
        super().__init__(problem)
        self.mark = event.start_mark
        self.may_be_template = may_be_template


def _begins_too_many(text: str | bytes) -> bool:
    """Whether what the parser refuses is nested too deeply at the place where it stops.

    Newer parsers in C have a bound of their own, and count by it what they read ahead, of which the builder has not
    heard yet. What was reported is read again, as far as it goes, and the rest by the parser in Python, which has none.
    """
    open_in_flow: list[bool] = []
    end = 0
    events: Iterator[Any] = yaml.parse(text, Loader=_PARSER)
    with contextlib.suppress(yaml.YAMLError):
        for event in events:
            if isinstance(event, CollectionStartEvent):
                open_in_flow.append(bool(event.flow_style))
            elif isinstance(event, CollectionEndEvent):
                open_in_flow.pop()
            end = event.end_mark.index
    levels = deepest = len(open_in_flow)
    rest = (text if isinstance(text, str) else text.decode("utf-8", "replace"))[end : end + _LOOKAHEAD]
    inside = "[" if open_in_flow and open_in_flow[-1] else ""
    with contextlib.suppress(yaml.YAMLError):
        for token in yaml.scan(inside + rest, Loader=yaml.SafeLoader):
            if isinstance(token, (FlowSequenceStartToken, FlowMappingStartToken)):
                levels += 1
            elif isinstance(token, (FlowSequenceEndToken, FlowMappingEndToken)):
                levels -= 1
            deepest = max(deepest, levels - len(inside))
    return deepest > MAX_NESTING


class _Builder:
    """Turns the parser's events for one document into JSON values, counting what aliases expand to.

    Made from events, since PyYAML's own composer recurses in C: a deep document would end the process.
    """

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._expansion = _LARGEST_EXPANSION
        self._anchors: dict[str, tuple[Any, int] | None] = {}
        self._lines: dict[tuple[int, str | int], int] = {}
        self._repeated: dict[int, str] = {}

    def build(self) -> YAMLDocument:
        first = next(self._events)
        value = self._value(first, 0)[0]
        return YAMLDocument(value, first.start_mark.line + 1, self._lines, self._repeated)

    def _value(self, event: Any, depth: int) -> tuple[Any, int]:
        """A value, and the number of nodes that it is made of."""
        if isinstance(event, AliasEvent):
            return self._alias(event, depth)
        if isinstance(event, ScalarEvent):
            found: tuple[Any, int] = _scalar(event), 1
        elif depth >= MAX_NESTING:
            raise DecodeError(f"YAML {TOO_DEEP}")
        else:
            if event.anchor is not None:
                self._anchors[event.anchor] = None
            found = self._sequence(depth) if isinstance(event, SequenceStartEvent) else self._mapping(depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = found
        return found

    def _alias(self, event: Any, depth: int) -> tuple[Any, int]:
        if event.anchor not in self._anchors:
            raise _Unfit("an alias without its anchor; quote a value that begins with *", event)
        found = self._anchors[event.anchor]
        if found is None:
            raise _Unfit("an alias contains itself", event)
        # Shared, not copied, here; whoever copies the document pays for the expansion, so it is counted.
        self._expansion -= found[1]
        if self._expansion < 0:
            raise _Unfit("the document contains excessive aliasing", event)
        if nests_deeper(found[0], MAX_NESTING - depth):
            raise DecodeError(f"YAML {TOO_DEEP}")
        return found

    def _sequence(self, depth: int) -> tuple[Any, int]:
        values: list[Any] = []
        total = 1
        while not isinstance(event := next(self._events), SequenceEndEvent):
            value, size = self._value(event, depth + 1)
            self._lines[id(values), len(values)] = event.start_mark.line + 1
            values.append(value)
            total += size
        return values, total

    def _mapping(self, depth: int) -> tuple[Any, int]:
        mapping: dict[str, Any] = {}
        own: set[str] = set()
        total = 1
        while not isinstance(event := next(self._events), MappingEndEvent):
            merges = isinstance(event, ScalarEvent) and event.value == "<<" and _is_plain(event)
            key = None if merges else _key(self._value(event, depth + 1)[0], event)
            value, size = self._value(next(self._events), depth + 1)
            total += size + 1
            if key is not None:
                line = event.start_mark.line + 1
                if key in own:
                    self._repeated[line] = key
                own.add(key)
                self._lines[id(mapping), key] = line
                mapping[key] = value
                continue
            # As go-yaml v2 does, against YAML's own rule: only the keys below a merge override what it brings.
            for source in reversed(value) if isinstance(value, list) else [value]:
                if not isinstance(source, dict):
                    raise _Unfit("a merge key needs a mapping", event)
                mapping |= source
        return mapping, total


def _is_plain(event: ScalarEvent) -> bool:
    """Neither quoted nor tagged, so that its text decides its type."""
    return event.tag in (None, "!") and event.implicit[0]


def _scalar(event: Any) -> Any:
    text: str = event.value
    if _is_plain(event):
        try:
            return _resolve_plain(text)
        except DecodeError as error:
            raise _Unfit(str(error), event) from None
    tag = (event.tag or "!").removeprefix(_TAG)
    if tag in ("!", "str", "timestamp", "value", "merge"):
        return text
    if tag == "binary":
        try:
            return base64.b64decode("".join(text.split()), validate=True).decode("utf-8", "replace")
        except (binascii.Error, UnicodeEncodeError):
            raise _Unfit("a !!binary value is not base64", event) from None
    if tag not in _TYPES:
        # A tag is free text: a value that begins with an exclamation mark may be a secret.
        raise _Unfit("unknown tag; quote a value that begins with !", event)
    value = _resolve_plain(text)
    if type(value) not in _TYPES[tag]:
        raise _Unfit(f"the value is not of the type that its tag !!{tag} says", event)
    return value


_TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "null": (type(None),),
}


def _key(value: Any, event: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, (dict, list)):
        raise _Unfit("a mapping key must be a scalar other than null to be a JSON key", event, may_be_template=True)
    return str(value)


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # either base has the same interface
    """Block style; quotes every text that YAML 1.1 or go-yaml would take for something else."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_text(dumper: Any, text: str) -> Any:
    if "\n" in text and _fits_literal_block(text):
        return dumper.represent_scalar(f"{_TAG}str", text, style="|")
    ambiguous = not isinstance(_safe_resolve(text), str)
    return dumper.represent_scalar(f"{_TAG}str", text, style='"' if ambiguous else None)


def _fits_literal_block(text: str) -> bool:
    lines = text.split("\n")
    return lines[0][:1] not in ("", " ") and all(
        line.isprintable() and not line.endswith((" ", "\t")) for line in lines
    )


def _safe_resolve(text: str) -> Any:
    try:
        return _resolve_plain(text)
    except DecodeError:
        return None


_Dumper.add_representer(str, _represent_text)


def dump_yaml(value: Any) -> str:
    """Write plain JSON values as one block-style YAML document, keys in their order.

    Text that go-yaml or YAML 1.1 would read as a number, boolean, null or date is quoted, so kubectl and PyYAML read
    back what was written.

    Raises:
        FieldTypeError: not a JSON value, nested deeper than 200 levels, or a text with half of a surrogate pair.
    """
    value = copy_json(value)
    try:
        text: str = yaml.dump(
            value, Dumper=_Dumper, sort_keys=False, default_flow_style=False, allow_unicode=True, width=4096
        )
    except UnicodeEncodeError:
        raise FieldTypeError({"": ["a text holds half of a surrogate pair, which YAML has no way to write"]}) from None
    return text
