# SPDX-License-Identifier: Apache-2.0
"""Values that should be strings and are not, as YAML reads ``no`` for a boolean and ``8080`` for a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from k8s_core.model.types import BYTES, STRING, FieldType, ListType, MapType, ModelType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_core.model.base import Model

__all__ = ["Path", "misread_strings", "written"]

Path: TypeAlias = "tuple[str | int, ...]"


def misread_strings(cls: type[Model], wire: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """The paths and values of numbers and booleans in fields that the class declares as strings."""
    if type(wire) is not dict:
        return
    for wire_name, spec in cls._model_fields().items():
        if wire.get(wire_name) is not None:
            yield from _nested(spec.type, wire[wire_name], (*path, wire_name))


def _nested(field_type: FieldType, value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if field_type is STRING or field_type is BYTES:
        if isinstance(value, (bool, int, float)):
            yield path, value
    elif isinstance(field_type, ModelType):
        yield from misread_strings(field_type.model, value, path)
    elif isinstance(field_type, ListType) and type(value) is list:
        for index, item in enumerate(value):
            yield from _nested(field_type.item, item, (*path, index))
    elif isinstance(field_type, MapType) and type(value) is dict:
        for key, item in value.items():
            yield from _nested(field_type.value, item, (*path, key))


def written(path: Path) -> str:
    """``spec.containers[0].name``, and ``metadata.labels['a/b']`` for a key that is not a word."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step.isidentifier():
            text += f".{step}" if text else step
        else:
            text += f"[{step!r}]"
    return text
