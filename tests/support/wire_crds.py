# SPDX-License-Identifier: Apache-2.0
"""CRDs for tests on the wire: one version, a schema, established in a group of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from waiting import eventually
from wire_documents import CRDS

if TYPE_CHECKING:
    from wire import Wire

__all__ = ["Kind", "causes", "definition", "establish", "rule"]

Json = dict[str, Any]


def rule(expression: str, **more: Any) -> Json:
    """An entry of ``x-kubernetes-validations``."""
    return {"rule": expression, **more}


def definition(wire: Wire, schema: Json, plural: str = "gizmos", *, version: Json | None = None, **spec: Any) -> Json:
    """A CRD of a cluster-wide kind whose objects have ``schema``; ``version`` and ``spec`` are laid over it."""
    group, kind = f"{wire.namespace}.example.com", plural[:-1].capitalize()
    served = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}, **(version or {})}
    names = {"plural": plural, "singular": kind.lower(), "kind": kind, "listKind": f"{kind}List"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {"group": group, "scope": "Cluster", "names": names, "versions": [served], **spec},
    }


class Kind:
    """A kind of a CRD that is served: where its objects are, and how they look."""

    def __init__(self, wire: Wire, crd: Json) -> None:
        self.wire = wire
        self.spec = crd["spec"]
        self.group, self.kind = self.spec["group"], self.spec["names"]["kind"]

    def path(self, name: str = "", version: str = "v1") -> str:
        """The path of an object or, without a name, of the collection."""
        return f"/apis/{self.group}/{version}/{self.spec['names']['plural']}" + (f"/{name}" if name else "")

    def document(self, spec: Any = None, name: str = "a", version: str = "v1", **more: Any) -> Json:
        """An object; ``spec`` None leaves it out."""
        own = {} if spec is None else {"spec": spec}
        head = {"apiVersion": f"{self.group}/{version}", "kind": self.kind, "metadata": {"name": name}}
        return {**head, **own, **more}

    def create(self, spec: Any = None, name: str = "a", **more: Any) -> Json:
        """Create an object, which must succeed."""
        made: Json = self.wire.ok("POST", self.path(), self.document(spec, name, **more))
        return made

    def refused(self, spec: Any = None, name: str = "a", **more: Any) -> list[tuple[str, str, str]]:
        """Field, reason and message of each cause of a refused create."""
        return causes(self.wire.fails(422, "POST", self.path(), self.document(spec, name, **more)))


def causes(status: Json) -> list[tuple[str, str, str]]:
    """Field, reason and message of each cause of a Status."""
    return [(item["field"], item["reason"], item["message"]) for item in status["details"]["causes"]]


def establish(wire: Wire, crd: Json) -> Kind:
    """Create a CRD and wait until its first version is served."""
    kind = Kind(wire, crd)
    wire.ok("POST", CRDS, crd)
    path = kind.path(version=crd["spec"]["versions"][0]["name"])
    eventually(lambda: wire("GET", path).status == 200)
    return kind
