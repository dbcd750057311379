# SPDX-License-Identifier: Apache-2.0
"""What people know about kinds and OpenAPI documents do not say, from a hand-written TOML file.

::

    reference = "https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.36/"

    [kinds."v1/Secret"]                # short names, categories, singular, sensitive fields, lists among parameters,
    sensitive = ["data", "stringData"] # apply_order, defines_kinds
    apply_order = 160

    [fields."JSONSchemaProps.$ref"]    # CLASS.WIRE_NAME: another attribute name, or sensitive = true
    name = "ref"

    [modules]                          # definitions that another package has: prefix of their names, and its module
    "io.k8s.api.core.v1" = "k8s_plugins_builtin.core.v1"
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from k8s_devkit.codegen.errors import CodegenError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from k8s_devkit.codegen.ir import FieldDef, KindDef, ModuleDef

__all__ = ["Overlay", "load_overlay"]

TOP_KEYS: Mapping[str, type] = {"reference": str, "kinds": dict, "fields": dict, "modules": dict}
KIND_KEYS: Mapping[str, type] = {
    "short_names": list,
    "categories": list,
    "singular": str,
    "sensitive": list,
    "list_parameters": list,
    "defines_kinds": bool,
    "apply_order": int,
}
FIELD_KEYS: Mapping[str, type] = {"name": str, "sensitive": bool}
TYPE_NAMES = {str: "a text", list: "a list of texts", dict: "a table", bool: "true or false", int: "a whole number"}


@dataclass(frozen=True, slots=True)
class Overlay:
    """The parsed file. ``kinds`` is keyed by ``"apps/v1/Deployment"``, ``fields`` by ``"Class.wireName"``."""

    reference: str = ""
    kinds: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    modules: Mapping[str, str] = field(default_factory=dict)
    """Prefix of definition names to the module that has their classes already."""
    strict: bool = True
    """Whether names that no document has are errors; they are not where a cluster named them."""

    def updated(self, other: Overlay) -> Overlay:
        """Both together; what ``other`` says wins."""
        kinds = {name: {**self.kinds.get(name, {}), **facts} for name, facts in other.kinds.items()}
        fields = {**self.fields, **other.fields}
        return Overlay(
            other.reference or self.reference,
            {**self.kinds, **kinds},
            fields,
            {**self.modules, **other.modules},
            self.strict and other.strict,
        )

    def amend(self, owner: str, item: FieldDef) -> FieldDef:
        """The field with what the file says about it."""
        facts = self.fields.get(f"{owner}.{item.wire_name}")
        if not facts:
            return item
        options = {**item.options, "sensitive": True} if facts.get("sensitive") else item.options
        return replace(item, name=facts.get("name", item.name), options=options)

    def complete(self, kind: KindDef) -> KindDef:
        """The kind with what the file knows about it."""
        facts = self.kinds.get(f"{kind.gvk.api_version}/{kind.gvk.kind}", {})
        return replace(
            kind,
            short_names=tuple(facts.get("short_names", kind.short_names)),
            categories=tuple(facts.get("categories", kind.categories)),
            singular=facts.get("singular", kind.singular),
            sensitive=tuple(facts.get("sensitive", kind.sensitive)),
            defines_kinds=facts.get("defines_kinds", kind.defines_kinds),
            apply_order=facts.get("apply_order", kind.apply_order),
        )

    def check(self, modules: Iterable[ModuleDef]) -> None:
        """Raise CodegenError if the file speaks of a kind or a field that no module has: it is misspelt."""
        classes = [item for module in modules for item in module.classes]
        kinds = {f"{item.kind.gvk.api_version}/{item.kind.gvk.kind}" for item in classes if item.kind}
        fields = {f"{item.name}.{field.wire_name}" for item in classes for field in item.fields}
        for table, named, known in (("kinds", self.kinds, kinds), ("fields", self.fields, fields)):
            for name in named:
                if name not in known and self.strict:
                    raise CodegenError("the documents have no such thing", source="overlay", path=f'{table}."{name}"')

    def list_parameters(self, kind: KindDef) -> frozenset[str]:
        """Query parameters of the kind that may repeat, which OpenAPI documents show as single texts."""
        facts = self.kinds.get(f"{kind.gvk.api_version}/{kind.gvk.kind}", {})
        return frozenset(facts.get("list_parameters", ()))


def load_overlay(file: Path) -> Overlay:
    """Read an overlay file.

    Raises:
        CodegenError: the file cannot be read, is not TOML, or has a key that means nothing.
    """
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CodegenError(f"cannot be read: {error}", source=str(file)) from error
    _check(data, TOP_KEYS, "", file)
    kinds, fields = data.get("kinds", {}), data.get("fields", {})
    for name, facts in kinds.items():
        _check(facts, KIND_KEYS, f"kinds.{name}", file)
    for name, facts in fields.items():
        _check(facts, FIELD_KEYS, f"fields.{name}", file)
    modules = data.get("modules", {})
    _check(modules, dict.fromkeys(modules, str), "modules", file)
    return Overlay(data.get("reference", ""), kinds, fields, modules)


def _check(table: object, known: Mapping[str, type], path: str, file: Path) -> None:
    if not isinstance(table, dict):
        raise CodegenError("expected a table", source=str(file), path=path)
    for key, value in table.items():
        if key not in known:
            raise CodegenError(f"unknown key {key!r}; known: {', '.join(sorted(known))}", source=str(file), path=path)
        wanted = known[key]
        texts = all(isinstance(item, str) for item in value) if isinstance(value, list) else True
        if type(value) is not wanted or not texts:
            place = f"{path}.{key}" if path else key
            raise CodegenError(f"expected {TYPE_NAMES[wanted]}", source=str(file), path=place)
