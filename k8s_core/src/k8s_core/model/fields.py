# SPDX-License-Identifier: Apache-2.0
"""Declaring fields, and asking a class which it has."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from k8s_core.model.base import Model
    from k8s_core.model.resource import Resource
    from k8s_core.model.types import FieldType

__all__ = ["ABSENT", "FieldDeclaration", "FieldSpec", "field", "map_type", "model_fields", "sensitive_fields"]


class _Absent:
    """The type of ``ABSENT``; its only instance is falsy."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"

    def __bool__(self) -> bool:
        return False

    def __reduce__(self) -> str:
        return "ABSENT"


ABSENT: Final[Any] = _Absent()
"""The default of optional models, lists and maps: reading one that is absent gives an empty view, never None."""

REQUIRED: Final[Any] = object()


class FieldDeclaration:
    """What ``field()`` returns; the class takes it over when it is created."""

    __slots__ = (
        "default",
        "list_map_keys",
        "list_type",
        "options",
        "patch_merge_key",
        "patch_strategy",
        "sensitive",
        "wire_name",
    )

    def __init__(self, wire_name: str | None, default: Any) -> None:
        self.wire_name = wire_name
        self.default = default
        self.list_type: str | None = None
        self.list_map_keys: tuple[str, ...] = ()
        self.patch_merge_key: str | None = None
        self.patch_strategy: str | None = None
        self.sensitive = False
        self.options: Mapping[str, Any] = MappingProxyType({})


def field(
    wire_name: str | None = None,
    *,
    default: Any = REQUIRED,
    list_type: str | None = None,
    list_map_keys: tuple[str, ...] = (),
    patch_merge_key: str | None = None,
    patch_strategy: str | None = None,
    sensitive: bool = False,
    **options: Any,
) -> Any:
    """Declare a field with more than its annotation says.

    Args:
        wire_name: the JSON key where Python can't spell it (``"x-kubernetes-map-type"``, ``"$ref"``); by default the
            attribute's name, less one trailing underscore.
        default: None or ABSENT make the field optional; any other value as well, and it is the *server's* default,
            written into CRD manifests and never into objects (protocol E16). Without it the field is required.
        list_type: ``"atomic"``, ``"set"`` or ``"map"``, as ``x-kubernetes-list-type``.
        list_map_keys: the keys of a ``"map"`` list.
        patch_merge_key: the key by which a strategic merge patch merges a list.
        patch_strategy: ``"merge"``, ``"replace"`` or ``"retainKeys"``, comma-separated.
        sensitive: values print as ``***`` in ``repr`` and logs.
        options: facts for the CRD manifest: ``enum``, ``pattern``, ``minimum``, ``maximum``, ``min_length``,
            ``max_length``, ``min_items``, ``max_items``, ``format``, ``description``, ``nullable``, ``immutable``,
            ``validations`` (CEL rules).
    """
    if isinstance(list_map_keys, str):  # type: ignore[unreachable]  # not for those who check types
        raise TypeError(f"list_map_keys= is a tuple: write list_map_keys=({list_map_keys!r},)")
    declaration = FieldDeclaration(wire_name, default)
    declaration.list_type = list_type
    declaration.list_map_keys = list_map_keys
    declaration.patch_merge_key = patch_merge_key
    declaration.patch_strategy = patch_strategy
    declaration.sensitive = sensitive
    if options:
        declaration.options = MappingProxyType(options)
    return declaration


class FieldSpec(Struct, frozen=True):
    """What a class declares about one field.

    Attributes:
        name: the Python attribute.
        wire_name: the JSON key.
        type: how values convert; its class tells models, lists, maps, scalars and opaque JSON apart.
        required: the API server refuses objects without it.
        list_type, list_map_keys, patch_merge_key, patch_strategy: how lists merge (protocol J17, J18).
        sensitive: redacted in ``repr`` and logs.
        default: the server's default, ABSENT if none is declared.
        options: the other keyword arguments of ``field()``.
    """

    name: str
    wire_name: str
    type: FieldType
    required: bool = False
    list_type: str | None = None
    list_map_keys: tuple[str, ...] = ()
    patch_merge_key: str | None = None
    patch_strategy: str | None = None
    sensitive: bool = False
    default: Any = ABSENT
    options: Mapping[str, Any] = MappingProxyType({})


def model_fields(cls: type[Model]) -> Mapping[str, FieldSpec]:
    """The fields of a class by their wire names, in order of declaration, inherited ones first.

    Resolves the class's annotations on first use, which may import the modules that they name.

    Raises:
        TypeError: an annotation names something that is no field type; the message has class, field and advice.
    """
    return cls._model_fields()


def map_type(cls: type[Model]) -> str | None:
    """The ``map_type=`` of a class line: ``"atomic"`` where server-side apply owns the object as a whole."""
    return cls._map_type


def sensitive_fields(cls: type[Resource]) -> frozenset[str] | None:
    """The top-level fields that a class line calls ``sensitive=``; None for kinds without a class, where any may be."""
    return cls._sensitive
