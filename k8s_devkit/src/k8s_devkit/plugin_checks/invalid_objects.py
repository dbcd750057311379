# SPDX-License-Identifier: Apache-2.0
"""Objects that clients send by mistake: made from a valid one, each with one thing wrong. Pure: they share parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["invalid_objects", "invalid_statuses"]

Json = dict[str, Any]
_HEAD = frozenset({"apiVersion", "kind", "metadata", "status"})


def invalid_objects(valid: Json, schema: Mapping[str, Any]) -> Iterator[tuple[str, Json]]:
    """What may be wrong with an object, apart from its status, each with what it is.

    Each part, such as ``spec``, is left out, null and of the wrong types; so is each of its fields. Metadata, which no
    schema describes, has a label that is not valid.

    Args:
        valid: an object that fits the schema.
        schema: the ``openAPIV3Schema`` of the kind.
    """
    yield "an object with an invalid label", {**valid, "metadata": {**valid["metadata"], "labels": {"a": "not valid!"}}}
    properties: Mapping[str, Any] = schema.get("properties") or {}
    for part in dict.fromkeys([*properties, *valid]):
        if part not in _HEAD:
            yield from _wrong_part(valid, part, properties.get(part) or {})


def invalid_statuses(valid: Json, schema: Mapping[str, Any]) -> Iterator[tuple[str, Json]]:
    """The same for ``status``."""
    yield from _wrong_part(valid, "status", (schema.get("properties") or {}).get("status") or {})


def _wrong_part(valid: Json, part: str, schema: Mapping[str, Any]) -> Iterator[tuple[str, Json]]:
    yield f"an object without {part}", {name: value for name, value in valid.items() if name != part}
    wrong: Any
    for wrong in (None, "text", 7, [], {}):
        if wrong != valid.get(part):
            yield f"an object whose {part} is {_shown(wrong)}", {**valid, part: wrong}
    fields: Mapping[str, Any] = schema.get("properties") or {}
    inner = valid.get(part)
    content: Json = inner if isinstance(inner, dict) else {}
    for field in content:
        left = {name: value for name, value in content.items() if name != field}
        yield f"an object without {part}.{field}", {**valid, part: left}
    for field in dict.fromkeys([*fields, *content]):
        for wrong in ("text", 7, {}, []):
            if not _is_of(wrong, fields.get(field) or {}, content.get(field)):
                case = f"an object whose {part}.{field} is {_shown(wrong)}"
                yield case, {**valid, part: {**content, field: wrong}}


def _is_of(value: Any, schema: Mapping[str, Any], like: Any) -> bool:
    """Whether a value may be of the right type, by the schema or else by what a valid object has."""
    types = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "object": dict, "array": list}
    wanted: Any = types.get(str(schema.get("type")))
    if wanted is None:
        return like is None or isinstance(value, type(like))
    return isinstance(value, wanted)


def _shown(value: Any) -> str:
    names = {str: "a string", int: "a number", list: "a list", dict: "an empty object", type(None): "null"}
    return names[type(value)]
