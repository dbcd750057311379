# SPDX-License-Identifier: Apache-2.0
"""From kinds to CustomResourceDefinition manifests. Pure: the counterpart of the generator that reads CRDs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.kinds import AGE_COLUMN, CUSTOM_RESOURCE_DEFINITION, NAME_COLUMN, PrinterColumn
from k8s_core.model.crd_schema import class_description, object_schema
from k8s_core.model.fields import model_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from k8s_core.model.resource import Resource

__all__ = ["CRD_FACTS", "SCALE_PATHS", "crd_manifest", "stored_first"]

CRD_FACTS = frozenset({"annotations", "deprecated", "list_kind", "scale", "selectable_fields", "served", "stored"})
"""Keys of the mapping ``crd=`` in a kind's class line."""

SCALE_PATHS = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}
"""What the ``scale`` subresource reads and writes unless ``crd=`` says otherwise."""

_HEAD = {
    "apiVersion": {"type": "string"},
    "kind": {"type": "string"},
}


def crd_manifest(stored: type[Resource], *others: type[Resource]) -> dict[str, Any]:
    """The CustomResourceDefinition of a kind, accepted by API servers from 1.16 on (apiextensions.k8s.io/v1).

    Names, scope, subresources and printer columns come from the class line and ``printer_columns``; the schema from
    the annotations, the ``field()`` options, ``options=`` and docstrings; the rest from ``crd=``, a mapping with
    any of: ``annotations`` of the manifest, ``deprecated`` (True, or the warning's text), ``list_kind``, ``scale`` (the
    three paths as a CRD spells them), ``selectable_fields`` (JSONPaths), ``served`` (False keeps the version for
    conversion only), ``stored`` (True: tools that pick the stored class by themselves take this one).

    Args:
        stored: the class of the version in which the API server stores objects.
        others: classes of further versions of the same kind. Objects convert without a change but ``apiVersion``.

    Returns:
        A new dict of plain JSON values; its versions in the order given.

    Raises:
        TypeError: the classes are not versions of one kind, or one has something that a CRD can't say.
    """
    classes = (stored, *others)
    _check(classes)
    resource = stored.api_resource
    facts = _facts(stored)
    names: dict[str, Any] = {
        "plural": resource.plural,
        "singular": resource.singular,
        "kind": resource.kind,
        "listKind": facts.get("list_kind", f"{resource.kind}List"),
    }
    if resource.short_names:
        names["shortNames"] = list(resource.short_names)
    if resource.categories:
        names["categories"] = list(resource.categories)
    metadata: dict[str, Any] = {"name": f"{resource.plural}.{resource.group}"}
    if facts.get("annotations"):
        metadata["annotations"] = dict(facts["annotations"])
    return {
        "apiVersion": CUSTOM_RESOURCE_DEFINITION.api_version,
        "kind": CUSTOM_RESOURCE_DEFINITION.kind,
        "metadata": metadata,
        "spec": {
            "group": resource.group,
            "names": names,
            "scope": resource.scope.value,
            "conversion": {"strategy": "None"},
            "versions": [_version(cls, stored=cls is stored) for cls in classes],
        },
    }


def stored_first(classes: Iterable[type[Resource]]) -> list[list[type[Resource]]]:
    """Sort classes by kind, in order of appearance; of each kind's versions the stored one first.

    That is the one whose ``crd=`` says so, or else the first one given.
    """
    kinds: dict[tuple[str, str], list[type[Resource]]] = {}
    for cls in classes:
        kinds.setdefault((cls.api_resource.group, cls.api_resource.kind), []).append(cls)
    return [sorted(versions, key=lambda cls: not _facts(cls).get("stored")) for versions in kinds.values()]


def _check(classes: tuple[type[Resource], ...]) -> None:
    first = classes[0].api_resource
    if not first.group:
        raise TypeError(f"{classes[0].__qualname__}: kinds of the legacy group are built into the API server")
    versions: set[str] = set()
    for cls in classes:
        resource = cls.api_resource
        mine = (resource.group, resource.kind, resource.plural, resource.singular, resource.scope)
        if mine != (first.group, first.kind, first.plural, first.singular, first.scope):
            raise TypeError(
                f"{cls.__qualname__} is no version of {first.kind}: group, names and scope must be the same"
            )
        if resource.version in versions:
            raise TypeError(f"{cls.__qualname__}: version {resource.version} of {first.kind} is given twice")
        versions.add(resource.version)


def _facts(cls: type[Resource]) -> Mapping[str, Any]:
    facts = cls._crd_facts
    for key in facts:
        if key not in CRD_FACTS:
            raise TypeError(f"{cls.__qualname__}: crd= has no key {key!r}; known: {', '.join(sorted(CRD_FACTS))}")
    return facts


def _version(cls: type[Resource], *, stored: bool) -> dict[str, Any]:
    facts = _facts(cls)
    version: dict[str, Any] = {
        "name": cls.api_resource.version,
        "served": bool(facts.get("served", True)),
        "storage": stored,
    }
    if deprecated := facts.get("deprecated"):
        version["deprecated"] = True
        if isinstance(deprecated, str):
            version["deprecationWarning"] = deprecated
    version["schema"] = {"openAPIV3Schema": _schema(cls)}
    if subresources := _subresources(cls, facts):
        version["subresources"] = subresources
    if columns := list(_columns(cls.printer_columns)):
        version["additionalPrinterColumns"] = columns
    if facts.get("selectable_fields"):
        version["selectableFields"] = [{"jsonPath": path} for path in facts["selectable_fields"]]
    return version


def _schema(cls: type[Resource]) -> dict[str, Any]:
    fields = model_fields(cls)
    schema = object_schema(cls, leave_out=frozenset({"metadata"}))
    metadata = fields["metadata"].options.get("schema") if "metadata" in fields else None
    head: dict[str, Any] = {name: dict(text) for name, text in _HEAD.items()}
    head["metadata"] = dict(metadata) if metadata else {"type": "object"}
    properties = head | schema.get("properties", {})
    required = schema.get("required", [])
    if "metadata" in fields and fields["metadata"].required:
        required = ["metadata", *required]
    result = {"description": class_description(cls)} if class_description(cls) else {}
    result |= {"type": "object", "properties": properties}
    if required:
        result["required"] = required
    return result | {key: value for key, value in schema.items() if key not in result}


def _subresources(cls: type[Resource], facts: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in cls.api_resource.subresources:
        if name == "status":
            found["status"] = {}
        elif name == "scale":
            found["scale"] = dict(facts.get("scale", SCALE_PATHS))
        else:
            raise TypeError(f"{cls.__qualname__}: custom resources have no subresource {name!r}, only status and scale")
    return found


def _columns(columns: tuple[PrinterColumn, ...]) -> Iterable[dict[str, Any]]:
    """Columns as a CRD lists them: without the name, which is always there, but with the age, which is not."""
    whole = bool(columns) and columns[0] == NAME_COLUMN
    shown = columns[1:] if whole else columns
    if columns and not whole:
        shown = (*shown, AGE_COLUMN)
    for column in shown:
        if not isinstance(column.value, str):
            # Computed in Python: for people who list with k8s-core, not for kubectl.
            continue
        entry: dict[str, Any] = {"name": column.name, "type": column.type, "jsonPath": column.value}
        extras = {"description": column.description, "format": column.format, "priority": column.priority}
        entry |= {key: value for key, value in extras.items() if value}
        yield entry
