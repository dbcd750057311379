# SPDX-License-Identifier: Apache-2.0
"""The neutral description of classes that every frontend produces and the one emitter writes.

Frontends (`openapi`, a CRD reader) turn their documents into these values; `emit` turns them into modules. Nothing here
knows where a class came from or how it is spelled in Python.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from k8s_core.kinds import ALL_VERBS, GroupVersionKind, Scope

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from k8s_core.kinds import PrinterColumn

__all__ = [
    "METADATA",
    "ClassDef",
    "FieldDef",
    "KindDef",
    "ListOf",
    "Literals",
    "MapOf",
    "ModuleDef",
    "Opaque",
    "OptionValue",
    "PackageDef",
    "PlainValue",
    "Ref",
    "Scalar",
    "TypeDef",
    "is_container",
]

PlainValue = str | int | float | bool
"""A constant that Python source can spell as a literal."""

OptionValue: TypeAlias = "PlainValue | Sequence[OptionValue] | Mapping[str, OptionValue] | None"
"""What ``field()`` keywords and defaults hold: JSON values, lists as tuples where nothing depends on it."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A type with one JSON value: ``str int float bool bytes Quantity IntOrString Time MicroTime Duration``."""

    name: str


@dataclass(frozen=True, slots=True)
class Literals:
    """An enumeration: the values that the document lists, in its order."""

    values: tuple[str | int | bool, ...]


@dataclass(frozen=True, slots=True)
class Ref:
    """Another class. An empty ``module`` means the module that holds the reference."""

    name: str
    module: str = ""


@dataclass(frozen=True, slots=True)
class ListOf:
    """A JSON array of one type."""

    item: TypeDef


@dataclass(frozen=True, slots=True)
class MapOf:
    """A JSON object with free keys and values of one type."""

    value: TypeDef


@dataclass(frozen=True, slots=True)
class Opaque:
    """Any JSON value, kept verbatim."""


TypeDef = Scalar | Literals | Ref | ListOf | MapOf | Opaque


def is_container(type_: TypeDef) -> bool:
    """True if an absent value of this type reads as an empty view instead of None (design, section 4)."""
    return not isinstance(type_, Scalar | Literals)


@dataclass(frozen=True, slots=True)
class FieldDef:
    """One field.

    ``default`` is the default that the server fills in, None if it has none; ``options`` are the other keywords of
    ``k8s_core.model.field``.
    """

    name: str
    wire_name: str
    type: TypeDef
    required: bool = False
    default: OptionValue = None
    options: Mapping[str, OptionValue] = field(default_factory=dict)


METADATA = FieldDef("metadata", "metadata", Ref("ObjectMeta", "k8s_core.meta"))
"""The field that ``Resource`` declares: a kind writes it down only where something else is true of it."""


@dataclass(frozen=True, slots=True)
class KindDef:
    """How the server serves a kind; the keywords of a Resource class. ``plural`` is empty for subresource types."""

    gvk: GroupVersionKind
    plural: str
    scope: Scope = Scope.NAMESPACED
    singular: str = ""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ALL_VERBS
    subresources: Mapping[str, str] = field(default_factory=dict)
    sensitive: tuple[str, ...] = ()
    strategic_merge: bool = False
    defines_kinds: bool = False
    apply_order: int | None = None


@dataclass(frozen=True, slots=True)
class ClassDef:
    """One class: a Resource if ``kind`` is given, a Model otherwise.

    ``mixins`` are hand-written bases that come before Model or Resource. ``doc`` are the docstring's paragraphs.
    ``options`` and ``crd`` are those of the class line. ``map_type`` is ``"atomic"`` for a structure that server-side
    apply owns as a whole.
    """

    name: str
    fields: tuple[FieldDef, ...] = ()
    kind: KindDef | None = None
    doc: tuple[str, ...] = ()
    map_type: str = ""
    mixins: tuple[Ref, ...] = ()
    options: Mapping[str, OptionValue] = field(default_factory=dict)
    crd: Mapping[str, OptionValue] = field(default_factory=dict)
    printer_columns: tuple[PrinterColumn, ...] = ()

    @property
    def declared(self) -> tuple[FieldDef, ...]:
        """The fields that its source declares: all that it does not inherit."""
        return tuple(item for item in self.fields if self.kind is None or item != METADATA)

    @property
    def lacks_metadata(self) -> bool:
        """True for a kind that has to take back what ``Resource`` declares."""
        return self.kind is not None and all(item.name != METADATA.name for item in self.fields)


@dataclass(frozen=True, slots=True)
class ModuleDef:
    """One module: the classes of one group and version. ``name`` is dotted."""

    name: str
    group: str
    version: str
    classes: tuple[ClassDef, ...]

    @property
    def kinds(self) -> tuple[ClassDef, ...]:
        """The classes that are kinds, in order."""
        return tuple(item for item in self.classes if item.kind is not None)


@dataclass(frozen=True, slots=True)
class PackageDef:
    """Everything that one generator run writes. ``groups`` maps an API group to its sub-package's dotted name."""

    name: str
    modules: tuple[ModuleDef, ...]
    groups: Mapping[str, str]
