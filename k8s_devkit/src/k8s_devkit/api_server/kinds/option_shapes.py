# SPDX-License-Identifier: Apache-2.0
"""The shapes of the small documents beside objects: options and scales."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.kinds.shapes import Shape, object_shape
from k8s_devkit.api_server.writes.conform import WrongType, check_types
from k8s_devkit.strategy.failures import bad_request

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DELETE_OPTIONS", "REVIEW", "SCALE", "check_document"]


def _object(name: str, /, **fields: Shape | str) -> Shape:
    known: Mapping[str, Shape] = {
        key: Shape(value) if isinstance(value, str) else value for key, value in fields.items()
    }
    return Shape("object", fields=lambda: known, name=name)


def _texts() -> Shape:
    return Shape("list", item=lambda: Shape("string"))


def _whole(name: str, /, **fields: Shape) -> Shape:
    return object_shape(lambda: fields, name=name)


DELETE_OPTIONS = _object(
    "DeleteOptions",
    gracePeriodSeconds="integer",
    propagationPolicy="string",
    orphanDependents="boolean",
    dryRun=_texts(),
    preconditions=_object("Preconditions", uid="string", resourceVersion="string"),
)
SCALE = _whole("Scale", spec=_object("ScaleSpec", replicas=Shape("integer", wide=False)))
REVIEW = _whole("Review", spec=_object("ReviewSpec"))


def check_document(document: Any, shape: Shape, version: str = "v1", *, prefix: str | None = None) -> None:
    """Raise the 400 for a document whose types are not those of ``shape``.

    Args:
        prefix: what stands before the error; None for the usual sentence.
    """
    try:
        check_types(document, shape)
    except WrongType as error:
        usual = f'{shape.name} in version "{version}" cannot be handled as a {shape.name}: '
        raise bad_request(f"{usual if prefix is None else prefix}{error}") from None
