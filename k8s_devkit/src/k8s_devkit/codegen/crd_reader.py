# SPDX-License-Identifier: Apache-2.0
"""CustomResourceDefinitions to the neutral description: one module for each group and served version."""

from __future__ import annotations

import copy
import inspect
import keyword
import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from k8s_core import meta
from k8s_core.kinds import AGE_COLUMN, NAME_COLUMN, GroupVersionKind, PrinterColumn, Scope
from k8s_core.model import Model, Resource
from k8s_core.model.crd_manifest import SCALE_PATHS
from k8s_core.model.crd_schema import object_schema
from k8s_devkit.api_server.custom.definitions import check_definition, default_definition
from k8s_devkit.codegen.crd_compare import comparable_schema
from k8s_devkit.codegen.crd_names import SchemaNode, class_names, kind_class_name
from k8s_devkit.codegen.crd_schema import CrdSchemaReader, paragraphs
from k8s_devkit.codegen.errors import CodegenError
from k8s_devkit.codegen.ir import METADATA, ClassDef, FieldDef, KindDef, ModuleDef, PackageDef
from k8s_devkit.codegen.names import group_labels, version_priority
from k8s_devkit.codegen.overlay import Overlay
from k8s_devkit.codegen.schema import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Crd", "check_crd", "read_crds"]

Crd = tuple[str, "Mapping[str, Any]"]
"""Where a CRD comes from, for messages, and the document."""

_SHARED = ("LabelSelector", "LabelSelectorRequirement", "Condition", "OwnerReference")
_LABEL = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_APPROVAL = "api-approved.kubernetes.io"


def check_crd(source: str, document: object) -> Mapping[str, Any]:
    """Return the document if it is a usable CustomResourceDefinition.

    Raises:
        CodegenError: it is something else, of an old version, or not structural; names the path and the way out.
    """
    if not isinstance(document, dict):
        raise CodegenError("not a CustomResourceDefinition: the document is no mapping", source=source)
    kind, api_version = document.get("kind"), document.get("apiVersion")
    if kind != "CustomResourceDefinition":
        raise CodegenError(f"not a CustomResourceDefinition: kind is {kind!r}", source=source, path="kind")
    if api_version != "apiextensions.k8s.io/v1":
        hint = ": v1beta1 was removed in Kubernetes 1.22; let an API server or the CRD's authors convert it to v1"
        hint = hint if api_version == "apiextensions.k8s.io/v1beta1" else ""
        reason = f"apiVersion is {api_version!r}, not 'apiextensions.k8s.io/v1'{hint}"
        raise CodegenError(reason, source=source, path="apiVersion")

    completed = copy.deepcopy(document)
    if not isinstance(completed.get("metadata"), dict) or not isinstance(completed.get("spec"), dict):
        raise CodegenError("metadata and spec must be mappings", source=source)
    default_definition(completed)
    for finding in check_definition(completed):
        raise CodegenError(finding.body, source=source, path=finding.field)
    _check_names(source, completed["spec"])
    if completed["spec"].get("preserveUnknownFields"):
        reason = "must be false: a schema that does not prune is not structural"
        raise CodegenError(reason, source=source, path="spec.preserveUnknownFields")
    return document


def _check_names(source: str, spec: Mapping[str, Any]) -> None:
    """The API server's own rules for names, which become file names and Python names here."""
    names = spec["names"]
    wanted: list[tuple[str, object, re.Pattern[str]]] = [
        ("spec.group", spec["group"], _SUBDOMAIN),
        *((f"spec.names.{key}", names.get(key), _LABEL) for key in ("plural", "singular")),
        *((f"spec.names.{key}", str(names.get(key)).lower(), _LABEL) for key in ("kind", "listKind")),
        *(("spec.names.shortNames", name, _LABEL) for name in names.get("shortNames") or ()),
        *(("spec.names.categories", name, _LABEL) for name in names.get("categories") or ()),
        *(
            (f"spec.versions[{index}].name", version.get("name"), _LABEL)
            for index, version in enumerate(spec["versions"])
        ),
    ]
    for path, value, pattern in wanted:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise CodegenError(f"{value!r} is no name that an API server would take", source=source, path=path)


def read_crds(crds: Iterable[Crd], package: str, overlay: Overlay | None = None) -> PackageDef:
    """Describe the package that provides the kinds of some CRDs, in all versions that they serve.

    The first API group (the one with the fewest dots) has its modules at the top of the package, other groups in
    sub-packages.

    Args:
        crds: checked documents (``check_crd``).
        package: dotted name of the package to be.
        overlay: sensitive fields, other attribute names.

    Raises:
        CodegenError: two CRDs for one kind, or a schema that has no Python class; names document and path.
    """
    return _Builder(list(crds), package, overlay or Overlay()).build()


class _Builder:
    def __init__(self, crds: list[Crd], package: str, overlay: Overlay) -> None:
        self._package = package
        self._overlay = overlay
        self._by_module: dict[tuple[str, str], dict[str, _Version]] = defaultdict(dict)
        for source, document in crds:
            self._add(source, document)
        if not self._by_module:
            raise CodegenError("no CustomResourceDefinition with a served version in the input")
        self._folders = _folders(package, {group for group, _ in self._by_module})

    def _add(self, source: str, document: Mapping[str, Any]) -> None:
        spec = document["spec"]
        kind = spec["names"]["kind"]
        for index, version in enumerate(spec["versions"]):
            if not version.get("served"):
                continue
            place = Place(source, (f"spec.versions[{index}]",))
            kinds = self._by_module[spec["group"], version["name"]]
            if kind in kinds:
                other = kinds[kind].place.source
                raise place.error(f"{kind} of {spec['group']}/{version['name']} is also defined in {other}")
            kinds[kind] = _Version(document, version, place)

    def build(self) -> PackageDef:
        modules = []
        for (group, version), kinds in sorted(self._by_module.items(), key=lambda item: (item[0][0], _order(item[0]))):
            modules.append(self._module(group, version, dict(sorted(kinds.items()))))
        return PackageDef(self._package, tuple(modules), self._folders)

    def _module(self, group: str, version: str, kinds: Mapping[str, _Version]) -> ModuleDef:
        by_class: dict[str, str] = {}
        for kind, item in kinds.items():
            other = by_class.setdefault(kind_class_name(kind), kind)
            if other != kind:
                raise item.place.error(f"{kind} and {other} would be the same class {kind_class_name(kind)}")
        names = class_names({kind: item.schema for kind, item in kinds.items()})
        taken = _public_names(Model)
        reader = CrdSchemaReader(names, _shared_class, self._overlay.amend, taken)
        classes = [self._kind(kind, item, reader) for kind, item in kinds.items()]
        ordered = tuple(sorted([*classes, *reader.classes.values()], key=lambda item: item.name))
        return ModuleDef(f"{self._folders[group]}.{_module_name(version)}", group, version, ordered)

    def _kind(self, kind: str, item: _Version, reader: CrdSchemaReader) -> ClassDef:
        name = kind_class_name(kind)
        place = Place(item.place.source, (*item.place.path, "schema.openAPIV3Schema"))
        node = SchemaNode(kind, ())
        fields = reader.fields_of(item.schema, name, node, place, _public_names(Resource))
        return ClassDef(
            name,
            (_metadata(item.schema), *fields),
            self._overlay.complete(_kind_def(item)),
            doc=paragraphs(item.schema),
            options=reader.object_options(item.schema, place),
            crd=_facts(item),
            printer_columns=_columns(item.version.get("additionalPrinterColumns") or ()),
        )


class _Version:
    """One served version of one CRD."""

    def __init__(self, document: Mapping[str, Any], version: Mapping[str, Any], place: Place) -> None:
        self.document = document
        self.version = version
        self.place = place
        self.schema: Mapping[str, Any] = version["schema"]["openAPIV3Schema"]


def _order(key: tuple[str, str]) -> tuple[int, int, int, str]:
    return version_priority(key[1])


def _module_name(version: str) -> str:
    name = version.replace("-", "_")
    return f"{name}_" if keyword.iskeyword(name) else name


def _folders(package: str, groups: set[str]) -> dict[str, str]:
    first = min(groups, key=lambda group: (group.count("."), group))
    labels = group_labels(groups - {first})
    return {first: package} | {group: f"{package}.{label}" for group, label in labels.items()}


def _kind_def(item: _Version) -> KindDef:
    spec, names = item.document["spec"], item.document["spec"]["names"]
    declared = item.version.get("subresources") or {}
    subresources = {"status": ""} if "status" in declared else {}
    if "scale" in declared:
        subresources["scale"] = "autoscaling/v1 Scale"
    return KindDef(
        GroupVersionKind(spec["group"], item.version["name"], names["kind"]),
        names["plural"],
        Scope(spec["scope"]),
        names.get("singular") or names["kind"].lower(),
        tuple(names.get("shortNames") or ()),
        tuple(names.get("categories") or ()),
        subresources=subresources,
    )


def _metadata(schema: Mapping[str, Any]) -> FieldDef:
    declared = (schema.get("properties") or {}).get("metadata") or {}
    # A CRD may constrain the name and nothing else.
    options = {"schema": dict(declared)} if set(declared) - {"type", "description"} else {}
    return replace(METADATA, required="metadata" in (schema.get("required") or ()), options=options)


def _facts(item: _Version) -> dict[str, Any]:
    """What ``crd=`` says: all that the class line and the fields do not."""
    spec, version = item.document["spec"], item.version
    facts: dict[str, Any] = {}
    annotations = item.document["metadata"].get("annotations") or {}
    if _APPROVAL in annotations:
        # The API server demands it for the groups of *.k8s.io and *.kubernetes.io.
        facts["annotations"] = {_APPROVAL: annotations[_APPROVAL]}
    if version.get("deprecated"):
        facts["deprecated"] = version.get("deprecationWarning") or True
    list_kind = spec["names"].get("listKind")
    if list_kind not in (None, f"{spec['names']['kind']}List"):
        facts["list_kind"] = list_kind
    scale = (version.get("subresources") or {}).get("scale")
    if scale and dict(scale) != SCALE_PATHS:
        facts["scale"] = dict(scale)
    if version.get("selectableFields"):
        facts["selectable_fields"] = tuple(field["jsonPath"] for field in version["selectableFields"])
    if version.get("storage") and sum(bool(each.get("served")) for each in spec["versions"]) > 1:
        facts["stored"] = True
    return facts


def _columns(declared: Iterable[Mapping[str, Any]]) -> tuple[PrinterColumn, ...]:
    columns = tuple(
        PrinterColumn(
            column["name"],
            column["jsonPath"],
            column.get("type", "string"),
            column.get("priority", 0),
            " ".join(str(column.get("description") or "").split()),
            column.get("format", ""),
        )
        for column in declared
    )
    if columns and (columns[-1].name, columns[-1].value, columns[-1].type) == ("Age", AGE_COLUMN.value, "date"):
        return columns[:-1]
    # Without the age at the end the columns are the whole table, which then begins with the name.
    return (NAME_COLUMN, *columns) if columns else ()


def _public_names(base: type) -> frozenset[str]:
    declared = {name for cls in base.__mro__ for name in vars(cls).get("__annotations__", ())}
    return frozenset(name for name, _ in inspect.getmembers_static(base) if not name.startswith("_")) - declared


def _shared_class(schema: Mapping[str, Any]) -> str | None:
    """The class of ``k8s_core.meta`` that has just this schema, so that users meet types that they know."""
    if not ({"matchExpressions", "operator", "lastTransitionTime", "uid"} & set(schema.get("properties") or ())):
        return None

    wanted = comparable_schema(schema)
    for name in _SHARED:
        if comparable_schema(object_schema(getattr(meta, name))) == wanted:
            return name
    return None
