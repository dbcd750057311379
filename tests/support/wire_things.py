# SPDX-License-Identifier: Apache-2.0
"""A CRD with every kind of list and map that server-side apply knows, in two versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from waiting import eventually
from wire import APPLY_PATCH, MERGE_PATCH
from wire_documents import CRDS

if TYPE_CHECKING:
    from wire import Wire

Json = dict[str, Any]
_TEXT: Json = {"type": "string"}
_PART: Json = {"type": "object", "properties": {"a": _TEXT, "b": _TEXT}}
_ITEM: Json = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": _TEXT, "v": {"type": "integer"}, "size": {"type": "integer", "default": 7}},
}
_PORT: Json = {
    "type": "object",
    "required": ["port"],
    "properties": {"port": {"type": "integer"}, "protocol": {"type": "string", "default": "TCP"}, "name": _TEXT},
}
PROPERTIES: Json = {
    "replicas": {"type": "integer"},
    "text": _TEXT,
    "flag": {"type": "boolean"},
    "part": _PART,
    "whole": {**_PART, "x-kubernetes-map-type": "atomic"},
    "map": {"type": "object", "additionalProperties": _TEXT},
    "wholeMap": {"type": "object", "additionalProperties": _TEXT, "x-kubernetes-map-type": "atomic"},
    "set": {"type": "array", "items": _TEXT, "x-kubernetes-list-type": "set"},
    "plain": {"type": "array", "items": _TEXT},
    "items": {"type": "array", "items": _ITEM, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]},
    "ports": {
        "type": "array",
        "items": _PORT,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["port", "protocol"],
    },
    "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
}
STATUS: Json = {"type": "object", "properties": {"ready": {"type": "boolean"}, "replicas": {"type": "integer"}}}


class Things:
    """Things of one group: their path, documents, and the writes that the tests are made of."""

    def __init__(self, wire: Wire, group: str) -> None:
        self.wire, self.group = wire, group

    def path(self, name: str = "", version: str = "v1") -> str:
        return f"/apis/{self.group}/{version}/namespaces/{{ns}}/things" + (f"/{name}" if name else "")

    def document(self, spec: Json | None = None, name: str = "a", version: str = "v1", **more: Any) -> Json:
        own = {} if spec is None else {"spec": spec}
        header = {"apiVersion": f"{self.group}/{version}", "kind": "Thing", "metadata": {"name": name}}
        return {**header, **own, **more}

    def apply(
        self,
        spec: Json | None = None,
        manager: str = "me",
        *,
        force: bool = False,
        sub: str = "",
        version: str = "v1",
        **more: Any,
    ) -> Json:
        """Server-side apply that must succeed."""
        query = f"?fieldManager={manager}" + ("&force=true" if force else "")
        document = self.document(spec, version=version, **more)
        path = self.path("a", version) + sub + query
        made: Json = self.wire.ok("PATCH", path, document, content_type=APPLY_PATCH)
        return made

    def refused(self, code: int, spec: Json | None = None, manager: str = "me", *, sub: str = "", **more: Any) -> Json:
        """Server-side apply that must fail; the Status."""
        path = f"{self.path('a')}{sub}?fieldManager={manager}"
        return self.wire.fails(code, "PATCH", path, self.document(spec, **more), content_type=APPLY_PATCH)

    def merge(self, patch: Json, manager: str = "editor", *, sub: str = "") -> Json:
        """A merge patch that must succeed."""
        path = f"{self.path('a')}{sub}?fieldManager={manager}"
        made: Json = self.wire.ok("PATCH", path, patch, content_type=MERGE_PATCH)
        return made

    def owners(self) -> dict[str, Json]:
        """Who owns what now: fields by ``manager operation version subresource``, the last two where they matter."""
        return owners(self.wire.ok("GET", self.path("a")))


def owners(document: Json) -> dict[str, Json]:
    """FieldsV1 by manager, operation and, where there is one, subresource."""
    return {
        " ".join(filter(None, (entry["manager"], entry["operation"], entry.get("subresource")))): entry["fieldsV1"]
        for entry in document["metadata"].get("managedFields", [])
    }


def define_things(wire: Wire) -> str:
    """Make the CRD; returns its group once both versions are served."""
    group = f"{wire.namespace}.things.example.org"
    schema = {
        "type": "object",
        "properties": {"spec": {"type": "object", "properties": PROPERTIES}, "status": STATUS},
    }
    versions = [
        {
            "name": name,
            "served": True,
            "storage": name == "v1",
            "schema": {"openAPIV3Schema": schema},
            "subresources": {
                "status": {},
                "scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"},
            },
        }
        for name in ("v1", "v2")
    ]
    names = {"plural": "things", "singular": "thing", "kind": "Thing"}
    spec = {"group": group, "scope": "Namespaced", "names": names, "versions": versions}
    document = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "spec": spec}
    wire.ok("POST", CRDS, {**document, "metadata": {"name": f"things.{group}"}})
    eventually(lambda: wire("GET", f"/apis/{group}/v2/things").status == 200, f"{group} is served")
    return group
