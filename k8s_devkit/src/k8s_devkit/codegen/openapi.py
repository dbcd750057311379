# SPDX-License-Identifier: Apache-2.0
"""OpenAPI v3 documents to the neutral description: one module for each group and version."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from k8s_devkit.codegen.documents import check_document
from k8s_devkit.codegen.errors import CodegenError
from k8s_devkit.codegen.ir import (
    ClassDef,
    FieldDef,
    ListOf,
    MapOf,
    ModuleDef,
    Opaque,
    PackageDef,
    Ref,
    Scalar,
    TypeDef,
)
from k8s_devkit.codegen.names import class_name, group_labels
from k8s_devkit.codegen.overlay import Overlay
from k8s_devkit.codegen.schema import Place, SchemaReader, map_type_of
from k8s_devkit.codegen.served import ServedKinds, read_gvk, read_served

if TYPE_CHECKING:
    from k8s_core.kinds import GroupVersionKind
    from k8s_devkit.codegen.documents import Documents

__all__ = ["read_package"]

META_PREFIX = "io.k8s.apimachinery.pkg."
META_MODULE = "k8s_core.meta"
WELL_KNOWN: Mapping[str, TypeDef] = {
    "api.resource.Quantity": Scalar("Quantity"),
    "util.intstr.IntOrString": Scalar("IntOrString"),
    "apis.meta.v1.Time": Scalar("Time"),
    "apis.meta.v1.MicroTime": Scalar("MicroTime"),
    "apis.meta.v1.Duration": Scalar("Duration"),
    "apis.meta.v1.FieldsV1": Opaque(),
    "apis.meta.v1.Patch": Opaque(),
    "runtime.RawExtension": Opaque(),
}
"""API machinery types that are no classes. The rest of apimachinery is in k8s_core.meta."""

SHARED = re.compile(r"io\.k8s\.api\.(?P<group>[a-z0-9]+)\.(?P<version>v[0-9a-z]+)\.\w+")
GVK_KEY = "x-kubernetes-group-version-kind"
REFERENCE = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class _Definition:
    """One entry of components.schemas, and the document that it was met in first."""

    schema: Mapping[str, Any]
    place: Place


@dataclass(slots=True)
class _Home:
    """One module while it fills: its group and version and the definitions that belong to it."""

    name: str
    group: str
    version: str
    definitions: dict[str, str] = field(default_factory=dict)
    """Class name to definition name."""


def read_package(documents: Documents, package: str, overlay: Overlay | None = None) -> PackageDef:
    """Describe the package that the documents amount to.

    Args:
        documents: parsed OpenAPI v3 documents by name.
        package: dotted name of the package to be, such as ``k8s_plugins_builtin``.
        overlay: what people know besides.

    Raises:
        CodegenError: naming document, path and reason.
    """
    checked = {name: check_document(name, document) for name, document in documents.items()}
    try:
        return _Builder(checked, package, overlay or Overlay()).build()
    except RecursionError as error:
        raise CodegenError("the documents are nested too deeply") from error


class _Builder:
    def __init__(self, documents: Documents, package: str, overlay: Overlay) -> None:
        self._package = package
        self._overlay = overlay
        everything = _collect(documents)
        self._definitions = {
            name: definition
            for name, definition in everything.items()
            if name.rpartition(".")[0] not in overlay.modules
        }
        self._served: ServedKinds = read_served(documents)
        self._check_complete(everything)
        self._homes = self._find_homes()
        self._module_of = {
            definition: home.name for home in self._homes.values() for definition in home.definitions.values()
        }

    def build(self) -> PackageDef:
        modules = tuple(self._module(home) for home in sorted(self._homes.values(), key=lambda home: home.name))
        self._overlay.check(modules)
        groups = {module.group: module.name.rpartition(".")[0] for module in modules}
        return PackageDef(self._package, modules, groups)

    def _check_complete(self, everything: Mapping[str, _Definition]) -> None:
        defined = {gvk for definition in everything.values() for gvk in _gvks(definition)}
        for gvk, kind in self._served.kinds.items():
            if kind.plural and gvk not in defined and gvk not in self._served.parameters:
                raise CodegenError(f"{gvk} is served, but no document has a schema for it")

    def _find_homes(self) -> dict[tuple[str, str], _Home]:
        """Give every definition a module: that of its kind, or that of the kinds which share its name's prefix."""
        by_prefix: dict[str, tuple[str, str]] = {}
        for name, definition in self._definitions.items():
            if not name.startswith(META_PREFIX):
                for gvk in _gvks(definition):
                    by_prefix.setdefault(name.rpartition(".")[0], (gvk.group, gvk.version))
        for name in self._definitions:
            # Types of another group come along without its kinds, in the documents of a group that uses them.
            match = SHARED.fullmatch(name)
            if match is not None:
                group = "" if match["group"] == "core" else match["group"]
                by_prefix.setdefault(name.rpartition(".")[0], (group, match["version"]))
        labels = group_labels({gv[0] for gv in by_prefix.values()} | {gvk.group for gvk in self._served.kinds})
        homes: dict[tuple[str, str], _Home] = {}
        for gvk in self._served.parameters:
            self._home(homes, labels, gvk.group, gvk.version)
        for name, definition in self._definitions.items():
            if name.startswith(META_PREFIX):
                continue
            prefix, _, last = name.rpartition(".")
            if prefix not in by_prefix:
                raise definition.place.error("belongs to no group and version: no kind's name has the same prefix")
            group, version = by_prefix[prefix]
            home = self._home(homes, labels, group, version)
            other = home.definitions.setdefault(class_name(last), name)
            if other != name:
                raise definition.place.error(f"would be the same class as {other!r}: {home.name}.{class_name(last)}")
        return homes

    def _home(self, homes: dict[tuple[str, str], _Home], labels: Mapping[str, str], group: str, version: str) -> _Home:
        module = f"{self._package}.{labels[group]}.{version}"
        return homes.setdefault((group, version), _Home(module, group, version))

    def _module(self, home: _Home) -> ModuleDef:
        reader = SchemaReader(lambda ref, place: self._resolve(ref, place, home.name, frozenset()), self._overlay.amend)
        classes = []
        for cls_name, name in home.definitions.items():
            made = self._class(cls_name, self._definitions[name], reader)
            if made is not None:
                classes.append(made)
        classes.extend(self._parameter_classes(home))
        taken = {item.name for item in classes}
        for inline in reader.classes:
            if inline.name in taken:
                raise Place("", (home.name, inline.name)).error("an inline object needs the name of another class")
            taken.add(inline.name)
        classes.extend(reader.classes)
        documented = (self._document(item, home) for item in classes)
        return ModuleDef(home.name, home.group, home.version, tuple(sorted(documented, key=lambda item: item.name)))

    def _class(self, name: str, definition: _Definition, reader: SchemaReader) -> ClassDef | None:
        schema, place = definition.schema, definition.place
        if not _is_class(schema):
            # Reading it anyway finds what is wrong in it; its users inline the type.
            reader.type_of(schema, place, name)  # which also makes the classes of its inline objects
            return None
        kind = next((self._served.kinds[gvk] for gvk in _gvks(definition) if gvk in self._served.kinds), None)
        skip = ("apiVersion", "kind") if kind else ()
        fields = reader.fields_of(schema, name, place, skip)
        return ClassDef(name, fields, kind and self._overlay.complete(kind), map_type=map_type_of(schema))

    def _parameter_classes(self, home: _Home) -> list[ClassDef]:
        classes = []
        for gvk, fields in self._served.parameters.items():
            if (gvk.group, gvk.version) == (home.group, home.version) and gvk.kind not in home.definitions:
                kind = self._overlay.complete(self._served.kinds[gvk])
                lists = self._overlay.list_parameters(kind)
                fields = tuple(_as_list(item) if item.wire_name in lists else item for item in fields)
                classes.append(ClassDef(gvk.kind, fields, kind))
        return classes

    def _document(self, item: ClassDef, home: _Home) -> ClassDef:
        api_version = f"{home.group}/{home.version}" if home.group else home.version
        doc = [f"{item.name} of {api_version}."]
        if self._overlay.reference:
            anchor = f"{item.name}-{home.version}-{home.group or 'core'}".lower().replace(".", "-")
            doc.append(f"{self._overlay.reference}#{anchor}")
        return replace(item, doc=tuple(doc))

    def _resolve(self, reference: str, place: Place, module: str, seen: frozenset[str]) -> TypeDef:
        name = reference.removeprefix(REFERENCE)
        prefix, _, last = name.rpartition(".")
        if name != reference and prefix in self._overlay.modules:
            return Ref(class_name(last), self._overlay.modules[prefix])
        if name == reference or name not in self._definitions:
            raise place.error(f"unresolvable $ref {reference!r}")
        if name.startswith(META_PREFIX):
            short = name.removeprefix(META_PREFIX)
            return WELL_KNOWN.get(short) or Ref(short.rpartition(".")[2], META_MODULE)
        definition = self._definitions[name]
        if not _is_class(definition.schema):
            if name in seen:
                raise place.error(f"{name!r} refers to nothing but itself")
            home = self._module_of[name]
            nested = SchemaReader(lambda ref, where: self._resolve(ref, where, home, seen | {name}))
            # The classes of its inline objects are made once, with the module that the definition belongs to.
            type_ = nested.type_of(definition.schema, definition.place, class_name(last))
            return type_ if home == module else _seen_from(module, type_, home)
        home = self._module_of[name]
        return Ref(class_name(last), "" if home == module else home)


def _seen_from(module: str, type_: TypeDef, home: str) -> TypeDef:
    """A type of module ``home`` as another module refers to it."""
    match type_:
        case ListOf(item):
            return ListOf(_seen_from(module, item, home))
        case MapOf(value):
            return MapOf(_seen_from(module, value, home))
        case Ref(name, source):
            source = source or home
            return Ref(name, "" if source == module else source)
    return type_


def _collect(documents: Documents) -> dict[str, _Definition]:
    """All definitions by name, sorted. The same name with another content is an error."""
    found: dict[str, _Definition] = {}
    for source, document in documents.items():
        place = Place(source, ("components", "schemas"))
        for name, schema in document.get("components", {}).get("schemas", {}).items():
            if not isinstance(schema, Mapping):
                raise place.at(name).error("expected a JSON object")
            known = found.setdefault(name, _Definition(schema, place.at(name)))
            if known.schema is not schema and _content(known.schema) != _content(schema):
                raise place.at(name).error(f"two definitions with one name: {known.place.source} has another")
    return dict(sorted(found.items()))


def _content(schema: Mapping[str, Any]) -> dict[str, Any]:
    # Every document lists the kinds of its own group only for the shared types (DeleteOptions, WatchEvent).
    return {key: value for key, value in schema.items() if key not in (GVK_KEY, "description")}


def _gvks(definition: _Definition) -> list[GroupVersionKind]:
    place, raw = definition.place.at(GVK_KEY), definition.schema.get(GVK_KEY, [])
    # A document of one kind may name it without a list.
    return [read_gvk(item, place) for item in (raw if isinstance(raw, list) else [raw])]


def _is_class(schema: Mapping[str, Any]) -> bool:
    """A named structure; named maps, texts and free values are spelled out where they are used."""
    if schema.get("x-kubernetes-embedded-resource"):
        return False
    return bool(schema.get("properties")) or (schema.get("type") == "object" and "additionalProperties" not in schema)


def _as_list(item: FieldDef) -> FieldDef:
    return replace(item, type=ListOf(item.type), options={"list_type": "atomic"})
