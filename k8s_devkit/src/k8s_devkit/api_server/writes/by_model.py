# SPDX-License-Identifier: Apache-2.0
"""Checks that come out of a kind's model: required fields and enums, for kinds without rules of their own. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.kinds.shapes import METADATA, Shape
from k8s_devkit.strategy.field_errors import FieldError, not_supported, required

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_devkit.strategy.document import Document

__all__ = ["check_by_model"]

# Structs that Go fills with zeroes: OpenAPI calls them required, the server does not miss them.
_ZERO_IS_FINE = frozenset({"LabelSelector", "ObjectMeta", "PodSpec", "PodTemplateSpec", "VolumeResourceRequirements"})


def check_by_model(shape: Shape, document: Document) -> list[FieldError]:
    """Required fields and enums of a whole object; its status is the controllers' business."""
    return list(dict.fromkeys(_walk(document, shape, "", top=True)))


def _walk(value: Any, shape: Shape, path: str, *, top: bool = False) -> Iterator[FieldError]:
    if shape is METADATA:
        return
    if isinstance(value, dict) and shape.type in ("object", "map"):
        yield from _missing(value, shape, path)
        for name, child in value.items():
            if not (top and name in ("status", "metadata")):
                where = f"{path}.{name}" if path else name
                yield from _walk(child, shape.field(name), where)
    elif isinstance(value, list) and shape.type == "list":
        for index, child in enumerate(value):
            yield from _walk(child, shape.item, f"{path}[{index}]")
    elif shape.enum and isinstance(value, str) and value not in shape.enum:
        yield not_supported(path, value, shape.enum)


def _missing(value: Document, shape: Shape, path: str) -> Iterator[FieldError]:
    for name in shape.required:
        if value.get(name) not in (None, ""):
            continue
        where = f"{path}.{name}" if path else name
        field = shape.field(name)
        if field.name in _ZERO_IS_FINE:
            yield from _missing({}, field, where)
        elif name not in value or value[name] is None or field.type == "string":
            yield required(where)
