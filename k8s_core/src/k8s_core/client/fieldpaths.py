# SPDX-License-Identifier: Apache-2.0
"""Paths of structured merge: as servers print them (``.spec.containers[name="web"].image``) and as FieldsV1 holds them.

Pure. See https://kubernetes.io/docs/reference/using-api/server-side-apply/.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

__all__ = ["MISSING", "field_paths", "value_at"]

MISSING: Final[Any] = object()
"""What :func:`value_at` gives where the document has nothing."""


def field_paths(fields: Any, prefix: str = "") -> Iterator[str]:
    """The paths of a FieldsV1 set, in the notation of conflict messages; malformed parts are passed over.

    Leaves are fields owned with everything below them; ``.`` in FieldsV1 means the container itself.
    """
    if not isinstance(fields, Mapping):
        return
    if not fields and prefix:
        yield prefix
    for key, inner in fields.items():
        if key == ".":
            yield prefix or "."
            continue
        kind, _, text = str(key).partition(":")
        step = _step(kind, text)
        if step is not None:
            yield from field_paths(inner, prefix + step)


def _step(kind: str, text: str) -> str | None:
    if kind == "f":
        return f".{text}"
    if kind == "i":
        return f"[{text}]"
    try:
        value = json.loads(text)
    except ValueError:
        return None
    if kind == "v":
        return f"[={json.dumps(value)}]"
    if kind == "k" and isinstance(value, dict):
        return "[" + ",".join(f"{key}={json.dumps(item)}" for key, item in value.items()) + "]"
    return None


def value_at(document: Any, path: str) -> Any:
    """The value at a printed path, :data:`MISSING` if there is none.

    Names in paths are not quoted, so ``.metadata.labels.app.kubernetes.io/name`` is read along the document: the
    longest name that it has is taken.
    """
    if not path or path == ".":
        return document
    if path[0] == "[":
        return _item_at(document, path)
    rest = path.removeprefix(".")
    if not isinstance(document, Mapping):
        return MISSING
    for key in sorted((key for key in document if rest.startswith(key)), key=len, reverse=True):
        after = rest[len(key) :]
        if not after or after[0] in ".[":
            value = value_at(document[key], after)
            if value is not MISSING:
                return value
    return MISSING


def _item_at(document: Any, path: str) -> Any:
    end = _closing_bracket(path)
    if not isinstance(document, list) or end < 0:
        return MISSING
    selector, rest = path[1:end], path[end + 1 :]
    if selector.isdigit():
        return value_at(document[int(selector)], rest) if int(selector) < len(document) else MISSING
    wanted = _selected(selector)
    for item in document:
        if wanted == {"": item} or (
            isinstance(item, Mapping) and wanted and all(item.get(key) == value for key, value in wanted.items())
        ):
            return value_at(item, rest)
    return MISSING


def _closing_bracket(path: str) -> int:
    """The end of a selector, minding brackets inside of quoted values."""
    quoted = escaped = False
    for index, character in enumerate(path):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = quoted
        elif character == '"':
            quoted = not quoted
        elif character == "]" and not quoted:
            return index
    return -1


def _selected(selector: str) -> dict[str, Any]:
    """``name="a",port=80`` as a dict; ``="x"`` (an element of a set) under the empty key; empty if malformed."""
    found: dict[str, Any] = {}
    decoder = json.JSONDecoder()
    position = 0
    while position < len(selector):
        key, equals, _ = selector[position:].partition("=")
        if not equals:
            return {}
        try:
            found[key], position = decoder.raw_decode(selector, position + len(key) + 1)
        except ValueError:
            return {}
        if selector[position : position + 1] == ",":
            position += 1
    return found
