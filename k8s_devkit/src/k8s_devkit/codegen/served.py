# SPDX-License-Identifier: Apache-2.0
"""The kinds that a server serves, read from the ``paths`` of OpenAPI v3 documents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from k8s_core.kinds import ALL_VERBS, GroupVersionKind, Scope
from k8s_devkit.codegen.ir import FieldDef, KindDef, ListOf, Scalar
from k8s_devkit.codegen.names import attribute_name
from k8s_devkit.codegen.schema import Place

__all__ = ["METHODS", "ServedKinds", "read_gvk", "read_served"]

PATH = re.compile(
    r"/(?:api/(?P<legacy>[^/]+)|apis/(?P<group>[^/]+)/(?P<version>[^/]+))"
    r"(?P<namespaced>/namespaces/\{namespace\})?/(?P<plural>[^/{}]+)(?:/\{name\}(?:/(?P<subresource>.+))?)?"
)
GROUP = re.compile(r"(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?)?")
VERSION = re.compile(r"[a-z][a-z0-9]*")
KIND = re.compile(r"[A-Za-z][A-Za-z0-9]*")
METHODS = frozenset({"delete", "get", "head", "options", "patch", "post", "put"})
_STRATEGIC = "application/strategic-merge-patch+json"
VERBS = {"post": "create", "put": "update"}
"""``x-kubernetes-action`` to verb, where they differ."""


@dataclass(slots=True)
class _Kind:
    """One kind while its paths are being read."""

    gvk: GroupVersionKind
    plural: str = ""
    namespaced: bool = False
    verbs: set[str] = field(default_factory=set)
    subresources: dict[str, str] = field(default_factory=dict)
    strategic_merge: bool = False


@dataclass(slots=True)
class ServedKinds:
    """What the paths say: ``kinds`` in order, and the fields of the kinds that exist as query parameters only.

    ``parameters`` are the kinds of ``connect`` operations (PodExecOptions, …): no document defines a schema for them.
    """

    kinds: dict[GroupVersionKind, KindDef]
    parameters: dict[GroupVersionKind, tuple[FieldDef, ...]]


def read_served(documents: Mapping[str, Mapping[str, Any]]) -> ServedKinds:
    """Collect the kinds of all the documents, sorted by group, version and kind.

    Raises:
        CodegenError: two resources claim one kind, or an operation's group-version-kind is malformed.
    """
    found: dict[GroupVersionKind, _Kind] = {}
    parameters: dict[GroupVersionKind, tuple[FieldDef, ...]] = {}
    for source, document in documents.items():
        paths = document.get("paths", {})
        watched = {path.rpartition("/")[2] for path in paths if "/watch/" in path}
        # A subresource is noted on its owner, so owners come first.
        for path in sorted(paths, key=lambda text: ("{name}/" in text, text)):
            match = PATH.fullmatch(path)
            if match is None or match["plural"] == "watch" or "{path}" in path:
                continue
            place = Place(source, ("paths", path))
            for operation, gvk in _operations(paths[path], place):
                _note(found, match, operation, gvk, place)
                if watched and match["plural"] not in watched:
                    found[gvk].verbs.discard("watch")
                if operation.get("x-kubernetes-action") == "connect" and gvk not in parameters:
                    parameters[gvk] = _query_fields(paths[path], operation, place)
    return ServedKinds({gvk: _finish(found[gvk]) for gvk in sorted(found)}, parameters)


def _operations(item: Mapping[str, Any], place: Place) -> Iterator[tuple[Mapping[str, Any], GroupVersionKind]]:
    for method, operation in item.items():
        raw = operation.get("x-kubernetes-group-version-kind") if method in METHODS else None
        if raw is not None:
            yield operation, read_gvk(raw, place.at(method, "x-kubernetes-group-version-kind"))


def read_gvk(raw: object, place: Place) -> GroupVersionKind:
    """One ``x-kubernetes-group-version-kind`` entry.

    The three texts become names of files and classes, so they are what Kubernetes allows or a CodegenError.
    """
    if isinstance(raw, Mapping):
        group, version, kind = raw.get("group", ""), raw.get("version"), raw.get("kind")
        if (
            (isinstance(group, str) and GROUP.fullmatch(group))
            and (isinstance(version, str) and VERSION.fullmatch(version))
            and (isinstance(kind, str) and KIND.fullmatch(kind))
        ):
            return GroupVersionKind(group, version, kind)
    raise place.error(f"expected group, version and kind, found {raw!r:.200}")


def _note(
    found: dict[GroupVersionKind, _Kind],
    match: re.Match[str],
    operation: Mapping[str, Any],
    gvk: GroupVersionKind,
    place: Place,
) -> None:
    group, version = match["group"] or "", match["legacy"] or match["version"]
    plural, subresource = match["plural"], match["subresource"]
    kind = found.setdefault(gvk, _Kind(gvk))
    if subresource:
        # The owner is the kind whose collection the path is below: known by plural, since gvk is the subresource's own.
        owner = next(
            (k for k in found.values() if k.plural == plural and k.gvk.group == group and k.gvk.version == version),
            None,
        )
        if owner is None:
            raise place.error(f"subresource of {plural!r}, whose own path comes later or never")
        owner.subresources[subresource] = "" if owner is kind else str(gvk)
        kind.namespaced = kind.namespaced or bool(match["namespaced"])
        return
    if (gvk.group, gvk.version) != (group, version):
        raise place.error(f"the path is of {group or 'core'}/{version}, its kind is {gvk}")
    if kind.plural not in ("", plural):
        raise place.error(f"{gvk} is served as {kind.plural!r} and as {plural!r}")
    kind.plural = plural
    kind.namespaced = kind.namespaced or bool(match["namespaced"])
    if _STRATEGIC in _content_types(operation):
        kind.strategic_merge = True
    action = operation.get("x-kubernetes-action")
    if isinstance(action, str):
        kind.verbs.add(VERBS.get(action, action))
        if action == "list":
            kind.verbs.add("watch")


def _content_types(operation: Mapping[str, Any]) -> Mapping[str, Any]:
    """The media types of bodies that an operation takes; only PATCH has several."""
    body = operation.get("requestBody")
    content = body.get("content") if isinstance(body, Mapping) else None
    return content if isinstance(content, Mapping) else {}


def _finish(kind: _Kind) -> KindDef:
    return KindDef(
        kind.gvk,
        kind.plural,
        Scope.NAMESPACED if kind.namespaced else Scope.CLUSTER,
        singular=kind.gvk.kind.lower() if kind.plural else "",
        verbs=tuple(verb for verb in ALL_VERBS if verb in kind.verbs),
        subresources=dict(sorted(kind.subresources.items())),
        strategic_merge=kind.strategic_merge,
    )


def _query_fields(item: Mapping[str, Any], operation: Mapping[str, Any], place: Place) -> tuple[FieldDef, ...]:
    fields = []
    types = {"boolean": "bool", "integer": "int", "string": "str", "number": "float"}
    entries = [*item.get("parameters", ()), *operation.get("parameters", ())]
    for entry in sorted((e for e in entries if e.get("in") == "query"), key=lambda e: str(e.get("name"))):
        name, kind = entry["name"], entry.get("schema", {}).get("type", "string")
        here = place.at("parameters", name)
        if kind == "array":
            fields.append(FieldDef(attribute_name(name), name, ListOf(Scalar("str")), options={"list_type": "atomic"}))
        elif kind in types:
            fields.append(FieldDef(attribute_name(name), name, Scalar(types[kind])))
        else:
            raise here.error(f"unknown type {kind!r}")
    return tuple(fields)
