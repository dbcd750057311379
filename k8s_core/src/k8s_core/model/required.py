# SPDX-License-Identifier: Apache-2.0
"""Which required fields a document lacks: a plain walk that touches only what can hold a required field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.model.types import FieldType, ListType, MapType, ModelType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_core.model.base import Model

__all__ = ["missing_paths"]


def missing_paths(cls: type[Model], wire: Any, path: str = "") -> Iterator[str]:
    """The paths of required fields that are absent or null; parts of the wrong shape are passed over."""
    if type(wire) is not dict:
        return
    for wire_name, spec in cls._model_fields().items():
        value = wire.get(wire_name)
        if value is None:
            if spec.required:
                yield f"{path}.{wire_name}" if path else wire_name
        elif type(value) is dict or type(value) is list:
            yield from _nested(spec.type, value, f"{path}.{wire_name}" if path else wire_name)


def _nested(field_type: FieldType, value: Any, path: str) -> Iterator[str]:
    if isinstance(field_type, ModelType):
        yield from missing_paths(field_type.model, value, path)
    elif isinstance(field_type, ListType) and type(value) is list:
        for index, item in enumerate(value):
            yield from _nested(field_type.item, item, f"{path}[{index}]")
    elif isinstance(field_type, MapType) and type(value) is dict:
        for key, item in value.items():
            yield from _nested(field_type.value, item, f"{path}[{key!r}]")
