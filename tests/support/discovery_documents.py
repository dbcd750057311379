# SPDX-License-Identifier: Apache-2.0
"""Aggregated discovery documents, and a scripted server's handler that serves them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from scripted_server import reply, status_body

if TYPE_CHECKING:
    from scripted_server import RecordedRequest

__all__ = ["AGGREGATED", "APPS", "CORE", "EVENTS", "ODD", "SCALE", "Cluster", "aggregated", "group", "resource"]

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


def resource(plural: str, kind: str, *short: str, scope: str = "Namespaced", **more: Any) -> dict[str, Any]:
    return {
        "resource": plural,
        "responseKind": {"group": "", "version": "", "kind": kind},
        "scope": scope,
        "singularResource": kind.lower(),
        "verbs": ["get", "list"],
        "shortNames": list(short),
        **more,
    }


def group(name: str, *versions: tuple[str, list[dict[str, Any]]], stale: str = "") -> dict[str, Any]:
    entries = [
        {"version": version, "resources": resources, "freshness": "Stale" if version == stale else "Current"}
        for version, resources in versions
    ]
    return {"metadata": {"name": name}, "versions": entries}


def aggregated(*groups: dict[str, Any]) -> bytes:
    return json.dumps(
        {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "items": list(groups)}
    ).encode()


CORE = group(
    "",
    (
        "v1",
        [resource("pods", "Pod", "po"), resource("events", "Event", "ev"), resource("nodes", "Node", scope="Cluster")],
    ),
)
SCALE = {"subresource": "scale", "responseKind": {"group": "autoscaling", "version": "v1", "kind": "Scale"}}
STATUS = {"subresource": "status", "responseKind": {"group": "apps", "version": "v1", "kind": "Deployment"}}
APPS = group(
    "apps",
    ("v1", [resource("deployments", "Deployment", "deploy", subresources=[SCALE, STATUS], categories=["all"])]),
    ("v1beta1", [resource("deployments", "Deployment", "deploy"), resource("oldthings", "OldThing")]),
)
EVENTS = group("events.k8s.io", ("v1", [resource("events", "Event", "ev")]))
ODD = group("odd.example", ("v2", [resource("pos", "Pos", "po", "gd"), resource("gadgets", "Gadget", "gd")]))


class Cluster:
    """A handler for a scripted server; ``documents`` may change while it runs."""

    def __init__(self, *groups: dict[str, Any], core: dict[str, Any] | None = CORE) -> None:
        self.groups = list(groups)
        self.core = core
        self.content_type = AGGREGATED

    def __call__(self, request: RecordedRequest) -> Any:
        if request.path == "/api":
            if self.core is None:
                return reply(404, b"404 page not found\n", content_type="text/plain")
            return reply(200, aggregated(self.core), content_type=self.content_type)
        if request.path == "/apis":
            return reply(200, aggregated(*self.groups), content_type=self.content_type)
        return reply(404, status_body(404, "NotFound"))
