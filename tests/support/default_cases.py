# SPDX-License-Identifier: Apache-2.0
"""The corpus of tests/conformance/defaults: objects to send, and the wire form that a server makes of them."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from signing_requests import signing_request

from k8s_devkit.api_server.kinds.sources import catalog_of

if TYPE_CHECKING:
    from wire import Wire

__all__ = ["FOLDER", "OLDEST", "Case", "expected_answers", "load_cases", "load_expected", "play", "recorded_versions"]

Json = dict[str, Any]
OLDEST = "1.20"
FOLDER = Path(__file__).parent.parent / "conformance" / "defaults"
_ADDRESS = re.compile(r"1\d{1,2}(\.\d{1,3}){3}$")
_NODE_PORTS = range(30_000, 32_768)
_IN_BODY = {"uid": "<uid>", "resourceVersion": "<version>", "creationTimestamp": "<time>"}


@dataclass(frozen=True)
class Case:
    """One object to create, and the updates that follow."""

    name: str
    object: Json
    namespace: str = ""
    since: str = ""
    dry_run: bool = False
    then: tuple[Json, ...] = field(default=())


def load_cases() -> list[Case]:
    """All cases, in the order of the files."""
    return [
        Case(
            item["case"],
            item["object"],
            item.get("namespace", ""),
            item.get("since", ""),
            item.get("dry_run", False),
            tuple(item.get("then", ())),
        )
        for path in sorted(FOLDER.glob("*.yaml"))
        for item in yaml.safe_load(path.read_text())
    ]


def recorded_versions() -> list[str]:
    """The versions of Kubernetes whose answers are recorded, such as ``1.20``."""
    return [path.stem.partition("-")[2] for path in sorted(FOLDER.glob("expected-*.json"))]


@cache
def load_expected(version: str) -> dict[str, list[Json]]:
    """The recorded answers of a version by case; of a later one those that it answers differently than 1.20."""
    path = FOLDER / f"expected-{version}.json"
    expected: dict[str, list[Json]] = json.loads(path.read_text()) if path.exists() else {}
    return expected


def expected_answers(case: Case, version: str) -> list[Json]:
    """What a server of a version answers to each request of a case."""
    own = load_expected(version)
    return own[case.name] if case.name in own else load_expected(OLDEST)[case.name]


@cache
def _served(api_version: str, kind: str) -> tuple[str, bool]:
    group, _, version = api_version.rpartition("/")
    found = _catalog().by_kind(group, version, kind)
    assert found is not None, (api_version, kind)
    return found.resource.plural, found.resource.namespaced


@cache
def _catalog() -> Any:
    return catalog_of(None)


def _collection(case: Case) -> str:
    api_version = case.object["apiVersion"]
    plural, namespaced = _served(api_version, case.object["kind"])
    root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
    return f"{root}/namespaces/{case.namespace or '{ns}'}/{plural}" if namespaced else f"{root}/{plural}"


def play(case: Case, wire: Wire, warned: list[str] | None = None) -> list[Json]:
    """Send a case; returns the answers, normalised: what depends on the time or the server is a placeholder.

    Args:
        warned: the texts of all warnings are added here; the object is deleted without options then.
    """
    seen = [] if warned is None else warned
    path = _collection(case)
    text = json.dumps(case.object).replace("{csr}", signing_request("tester"))
    reply = wire("POST", path + ("?dryRun=All" if case.dry_run else ""), _placed(text, wire))
    seen += reply.warnings
    answers = [_normal(reply.json, wire.namespace)]
    if reply.status >= 300:
        return answers
    current = reply.json
    own = f"{path}/{current['metadata']['name']}"
    for step in case.then:
        ((what, change),) = step.items()
        target = f"{own}/status" if what == "status" else own
        reply = wire("PUT", target, _merge(current, _placed(json.dumps(change), wire)))
        seen += reply.warnings
        answers.append(_normal(reply.json, wire.namespace))
        if reply.status >= 300:
            break
        current = reply.json
    if not case.dry_run:
        # The server is shared; Jobs warn of their default.
        seen += wire("DELETE", own if warned is not None else f"{own}?propagationPolicy=Background").warnings
    return answers


def _placed(text: str, wire: Wire) -> Any:
    return json.loads(text.replace("{ns}", wire.namespace))


def _merge(target: Any, change: Any) -> Any:
    if not isinstance(change, dict):
        return change
    merged = copy.deepcopy(target) if isinstance(target, dict) else {}
    for name, value in change.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merge(merged.get(name), value)
    return merged


def _normal(document: Json, namespace: str) -> Json:
    uid = (document.get("metadata") or {}).get("uid") or "no uid"
    text = (
        json.dumps(document)
        .replace(namespace, "{ns}")
        .replace(uid, "<uid>")
        .replace(signing_request("tester"), "{csr}")
    )
    metadata = document.get("metadata") or {}
    if "generateName" in metadata:
        text = text.replace(metadata["name"].replace(namespace, "{ns}"), "<name>")
    document = json.loads(text)
    metadata = document.get("metadata") or {}
    metadata.pop("managedFields", None)
    for name, placeholder in _IN_BODY.items():
        if metadata.get(name):
            metadata[name] = placeholder
    kind = document.get("kind")
    if kind == "Service":
        _hide_allocated(document["spec"])
    elif kind == "PersistentVolume" and "lastPhaseTransitionTime" in document["status"]:
        document["status"]["lastPhaseTransitionTime"] = "<time>"
    elif kind == "CertificateSigningRequest":
        document["spec"]["username"] = "<user>"
    elif kind == "APIService":
        for condition in document["status"].get("conditions") or ():
            condition["lastTransitionTime"] = "<time>"
    return document


def _hide_allocated(spec: Json) -> None:
    if _ADDRESS.match(spec.get("clusterIP", "")):
        spec["clusterIP"] = "<address>"
    if "clusterIPs" in spec:
        spec["clusterIPs"] = ["<address>" if _ADDRESS.match(text) else text for text in spec["clusterIPs"]]
    for holder, name in [(spec, "healthCheckNodePort"), *((port, "nodePort") for port in spec.get("ports") or [])]:
        if holder.get(name) in _NODE_PORTS and holder.get(name) != 31234:
            holder[name] = "<port>"
