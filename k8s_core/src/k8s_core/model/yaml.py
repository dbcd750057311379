# SPDX-License-Identifier: Apache-2.0
"""YAML as kubectl reads and writes it: go-yaml's scalars, JSON's data model, no alias bombs (protocol E19, I6)."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import yaml
from yaml.constructor import ConstructorError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from k8s_core.errors import DecodeError
from k8s_core.model.wire import Raw, materialize

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["dump_yaml", "load_all_yaml", "load_yaml"]

_LARGEST_DOCUMENT = 10_000_000
"""Nodes that a document may have after its aliases are expanded."""

_DEEPEST = 200

_BOOLEANS = {
    text: value
    for value, words in ((True, "y yes on true"), (False, "n no off false"))
    for word in words.split()
    for text in (word, word.capitalize(), word.upper())
}
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_INTEGER = re.compile(r"[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|0|[1-9][0-9_]*)", re.ASCII)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", re.ASCII)

_TAG = "tag:yaml.org,2002:"
_PLAIN = "plain"


def _resolve_plain(text: str) -> Any:
    """What an unquoted scalar means to go-yaml v2, as kubectl uses it."""
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if text in _NULLS:
        return None
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        return _number(float(text))
    if _NOT_FINITE.fullmatch(text):
        raise DecodeError(f"the number {text} can't be written as JSON")
    return text


def _number(number: float) -> int | float:
    """Go's JSON encoder writes ``1e3`` as ``1000``."""
    if not math.isfinite(number):
        raise DecodeError("a number is out of the range of a double")
    return int(number) if number.is_integer() and abs(number) < 1e21 else number


def _integer(text: str) -> int | float | str:
    digits = text.replace("_", "")
    sign, digits = (-1, digits[1:]) if digits[0] == "-" else (1, digits.removeprefix("+"))
    base = 10
    if len(digits) > 1 and digits[0] == "0":
        base, digits = {"b": (2, digits[2:]), "x": (16, digits[2:]), "o": (8, digits[2:])}.get(digits[1], (8, digits))
    try:
        number = sign * int(digits, base)
    except ValueError:
        return text
    return number if -(2**63) <= number < 2**64 else _number(float(number))


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the C parser where PyYAML has it
    """Leaves unquoted scalars unresolved, so that go-yaml's rules can be applied and not PyYAML's."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        if kind is ScalarNode:
            return _PLAIN if implicit[0] else f"{_TAG}str"
        return super().resolve(kind, value, implicit)


def load_yaml(text: str | bytes) -> Any:
    """Read exactly one YAML or JSON document as plain JSON values; an empty one is None.

    Raises:
        DecodeError: malformed, several documents, an alias bomb, too deep, or not representable as JSON.
    """
    documents = list(_documents(text))
    if len(documents) > 1:
        raise DecodeError(f"expected one YAML document, found {len(documents)}; use load_all_yaml")
    return documents[0] if documents else None


def load_all_yaml(text: str | bytes) -> list[Any]:
    """Read all documents of a YAML stream as plain JSON values, skipping empty ones. Raises DecodeError."""
    return [document for document in _documents(text) if document is not None]


def _documents(text: str | bytes) -> Iterator[Any]:
    try:
        loader = _Loader(text)
        try:
            while loader.check_node():
                yield _Builder().build(loader.get_node())
        finally:
            loader.dispose()
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        raise DecodeError(f"malformed YAML: {_where(error)}") from error
    except RecursionError as error:
        raise DecodeError("YAML nested too deeply") from error


def _where(error: Exception) -> str:
    """The parser's complaint and position, without the text around it, which may hold a secret."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or type(error).__name__
    return f"{problem}, line {mark.line + 1}, column {mark.column + 1}" if mark is not None else str(problem)


class _Builder:
    """Turns the node graph of one document into JSON values, counting what aliases expand to."""

    def __init__(self) -> None:
        self._budget = _LARGEST_DOCUMENT
        self._done: dict[int, tuple[Any, int]] = {}
        self._open: set[int] = set()

    def build(self, root: Node) -> Any:
        return self._value(root, 0)[0]

    def _value(self, node: Node, depth: int) -> tuple[Any, int]:
        if depth > _DEEPEST:
            raise DecodeError(f"YAML nested deeper than {_DEEPEST} levels")
        if isinstance(node, ScalarNode):
            return _scalar(node), 1
        key = id(node)
        if key in self._open:
            raise DecodeError("a YAML alias contains itself")
        if key in self._done:
            # Shared, not copied, here; whoever copies the document pays for the expansion, so it is counted.
            value, size = self._done[key]
            self._spend(size)
            return value, size
        self._open.add(key)
        value, size = self._sequence(node, depth) if isinstance(node, SequenceNode) else self._mapping(node, depth)
        self._open.discard(key)
        self._done[key] = value, size
        return value, size

    def _spend(self, size: int) -> None:
        self._budget -= size
        if self._budget < 0:
            raise DecodeError("the YAML document contains excessive aliasing")

    def _sequence(self, node: SequenceNode, depth: int) -> tuple[Any, int]:
        values, total = [], 1
        for child in node.value:
            value, size = self._value(child, depth + 1)
            values.append(value)
            total += size
        self._spend(len(values))
        return values, total

    def _mapping(self, node: Node, depth: int) -> tuple[Any, int]:
        assert isinstance(node, MappingNode)
        mapping: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        total = 1
        for key_node, value_node in node.value:
            value, size = self._value(value_node, depth + 1)
            total += size + 1
            if isinstance(key_node, ScalarNode) and key_node.tag == _PLAIN and key_node.value == "<<":
                for source in value if isinstance(value, list) else [value]:
                    if not isinstance(source, dict):
                        raise DecodeError("a YAML merge key needs a mapping")
                    merged = source | merged
            else:
                mapping[_key(key_node)] = value
        self._spend(len(mapping))
        return ({**merged, **mapping} if merged else mapping), total


def _scalar(node: ScalarNode) -> Any:
    text: str = node.value
    if node.tag == _PLAIN:
        return _resolve_plain(text)
    tag = node.tag.removeprefix(_TAG)
    if tag in ("str", "binary", "timestamp", "value", "merge"):
        return text
    if tag in ("int", "float", "bool", "null"):
        return _resolve_plain(text)
    raise ConstructorError(None, None, f"unknown tag {node.tag!r}", node.start_mark)


def _key(node: Node) -> str:
    if not isinstance(node, ScalarNode):
        raise DecodeError("a YAML mapping key must be a scalar to be a JSON key")
    value = _scalar(node)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
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
    """
    if type(value) is Raw:
        value = materialize(value)
    text: str = yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, default_flow_style=False, allow_unicode=True, width=4096
    )
    return text
