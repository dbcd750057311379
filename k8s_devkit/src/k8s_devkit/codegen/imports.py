# SPDX-License-Identifier: Apache-2.0
"""Which names a generated module imports: shared types at once, classes of other groups when they are first needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.codegen.ir import ListOf, Literals, MapOf, Opaque, Ref, Scalar, is_container
from k8s_devkit.codegen.names import implied_wire_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from k8s_devkit.codegen.ir import ClassDef, FieldDef, ModuleDef, TypeDef

__all__ = ["import_block", "is_plain", "lazy_imports", "type_parts"]

CORE = "k8s_core."
KINDS_MODULE = "k8s_core.kinds"
MODEL_MODULE = "k8s_core.model"
SCALAR_MODULE = "k8s_core.model.scalars"
EXTENDED_SCALARS = frozenset({"Duration", "IntOrString", "MicroTime", "Quantity", "Time"})


def type_parts(type_: TypeDef) -> Iterator[TypeDef]:
    """A type and the types that it is made of."""
    yield type_
    if isinstance(type_, ListOf):
        yield from type_parts(type_.item)
    elif isinstance(type_, MapOf):
        yield from type_parts(type_.value)


def is_plain(field: FieldDef) -> bool:
    """True if the annotation alone, with ``= None`` or ``= ABSENT``, says everything."""
    return not field.options and field.default is None and implied_wire_name(field.name) == field.wire_name


def lazy_imports(module: ModuleDef) -> dict[str, str]:
    """Classes of other generated modules, by name: those are imported when an annotation is first resolved."""
    return {
        part.name: part.module
        for part in _parts(module)
        if isinstance(part, Ref) and part.module and not part.module.startswith(CORE)
    }


def import_block(module: ModuleDef) -> list[str]:
    """The import statements, in blocks of the standard library, the project, and type checking."""
    wanted: dict[str, set[str]] = {}
    for source, name in _wanted(module):
        wanted.setdefault(source, set()).add(name)
    lazy: dict[str, set[str]] = {}
    for name, source in lazy_imports(module).items():
        lazy.setdefault(source, set()).add(name)
    wanted["k8s_core"] = {"elsewhere"}
    wanted.setdefault("typing", set()).add("TYPE_CHECKING")
    blocks = [_lines({source: names for source, names in wanted.items() if source == "typing"})]
    blocks.append(_lines({source: names for source, names in wanted.items() if source != "typing"}))
    if lazy:
        blocks.append(["if TYPE_CHECKING:", *(f"    {line}" for line in _lines(lazy))])
    return ["\n".join(block) + "\n" for block in blocks if block]


def _parts(module: ModuleDef) -> Iterator[TypeDef]:
    for item in module.classes:
        for field in item.declared:
            yield from type_parts(field.type)


def _wanted(module: ModuleDef) -> Iterator[tuple[str, str]]:
    for item in module.classes:
        yield from _wanted_by_class(item)
    for part in _parts(module):
        match part:
            case Scalar(name) if name in EXTENDED_SCALARS:
                yield SCALAR_MODULE, name
            case Literals():
                yield "typing", "Literal"
            case Opaque():
                yield "typing", "Any"
            case Ref(name, source) if source.startswith(CORE):
                yield source, name


def _wanted_by_class(item: ClassDef) -> Iterator[tuple[str, str]]:
    yield MODEL_MODULE, "Resource" if item.kind else "Model"
    for mixin in item.mixins:
        yield mixin.module, mixin.name
    if item.printer_columns:
        yield KINDS_MODULE, "PrinterColumn"
    if item.lacks_metadata or any(not field.required and is_container(field.type) for field in item.declared):
        yield MODEL_MODULE, "ABSENT"
    if not all(is_plain(field) for field in item.declared):
        yield MODEL_MODULE, "field"


def _lines(wanted: Mapping[str, set[str]]) -> list[str]:
    return [
        f"from {source} import {', '.join(sorted(names, key=_import_order))}"
        for source, names in sorted(wanted.items())
    ]


def _import_order(name: str) -> tuple[int, str]:
    # isort's: CONSTANTS, Classes, functions.
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)
