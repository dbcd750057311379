# SPDX-License-Identifier: Apache-2.0
"""The embedded server without its network: requests go straight into the core."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from k8s_devkit.api_server.access.users import ADMIN
from k8s_devkit.api_server.clock import Identities, ManualClock
from k8s_devkit.api_server.core import ApiCore
from k8s_devkit.api_server.kinds.sources import catalog_of
from k8s_devkit.api_server.network.messages import Answer, HttpRequest, Query, Stream

if TYPE_CHECKING:
    from k8s_devkit.strategy.users import User

Json = dict[str, Any]


@dataclass
class Reply:
    """An answer, decoded."""

    status: int
    body: bytes
    headers: dict[str, str]
    content_type: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Api:
    """A core with a clock that stands still, and the methods of HTTP."""

    def __init__(self, **options: Any) -> None:
        self.clock = options.pop("clock", ManualClock())
        options.setdefault("identities", Identities(seed=7))
        self.core = ApiCore(catalog_of(options.pop("registry", None)), clock=self.clock, **options)
        self.user: User = ADMIN

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content_type: str = "",
        accept: str = "",
        agent: str = "tester/1",
    ) -> Answer | Stream:
        target, _, query = path.partition("?")
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        headers = {"user-agent": agent}
        if data:
            headers["content-type"] = content_type or "application/json"
        if accept:
            headers["accept"] = accept
        return self.core.handle(
            HttpRequest(method, target, Query(query), headers, list(headers.items()), data), self.user
        )

    def __call__(self, method: str, path: str, body: Any = None, **options: Any) -> Reply:
        """Send, settle the background work, and decode."""
        answer = self.send(method, path, body, **options)
        self.core.settle()
        assert isinstance(answer, Answer)
        return Reply(answer.status, answer.body, dict(answer.headers), answer.content_type)

    def ok(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """The decoded answer of a request that must succeed."""
        reply = self(method, path, body, **options)
        assert 200 <= reply.status < 300, reply.body
        return reply.json

    def fails(self, status: int, method: str, path: str, body: Any = None, **options: Any) -> Json:
        """The Status of a request that must be refused with ``status``."""
        reply = self(method, path, body, **options)
        assert reply.status == status, reply.body
        document: Json = reply.json
        assert document["kind"] == "Status"
        assert document["status"] == "Failure"
        assert document["code"] == status
        return document

    def watch(self, path: str, **query: Any) -> Watch:
        answer = self.send("GET", f"{path}?{urlencode({'watch': 'true', **query})}", accept=query.pop("accept", ""))
        assert isinstance(answer, Stream), answer
        return Watch(answer)


class Watch:
    """The frames of a watch, decoded."""

    def __init__(self, stream: Stream) -> None:
        self.session = stream.session

    def events(self) -> list[Json]:
        return [json.loads(frame) for frame in self.session.drain()]

    def brief(self) -> list[tuple[str, str]]:
        """Type and name of each event."""
        return [(event["type"], event["object"]["metadata"].get("name", "")) for event in self.events()]


CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
PODS = "/api/v1/namespaces/default/pods"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
CRONTABS = "/apis/batch.example.org/v1/namespaces/default/crontabs"


def config_map(name: str = "a", **more: Any) -> Json:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, **more}


def pod(name: str = "a", *, node: str = "", labels: Json | None = None) -> Json:
    spec: Json = {"containers": [{"name": "main", "image": "nginx"}]}
    if node:
        spec["nodeName"] = node
    metadata: Json = {"name": name, **({"labels": labels} if labels else {})}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def deployment(name: str = "web", replicas: int | None = None) -> Json:
    labels = {"app": name}
    spec: Json = {
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": "nginx:1"}]}},
    }
    if replicas is not None:
        spec["replicas"] = replicas
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def crd(properties: Json | None = None, *, subresources: Json | None = None, **version: Any) -> Json:
    """The CronTab CRD with a spec of ``properties``."""
    spec = {
        "type": "object",
        "properties": properties or {"replicas": {"type": "integer"}, "image": {"type": "string"}},
    }
    status = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    schema = {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec, "status": status}}}
    served = {"name": "v1", "served": True, "storage": True, "schema": schema, **version}
    if subresources is not None:
        served["subresources"] = subresources
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "crontabs.batch.example.org"},
        "spec": {
            "group": "batch.example.org",
            "scope": "Namespaced",
            "names": {"plural": "crontabs", "singular": "crontab", "kind": "CronTab", "shortNames": ["ct"]},
            "versions": [served],
        },
    }


def crontab(name: str = "a", **spec: Any) -> Json:
    return {"apiVersion": "batch.example.org/v1", "kind": "CronTab", "metadata": {"name": name}, "spec": spec}
