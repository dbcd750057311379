# SPDX-License-Identifier: Apache-2.0
"""What an update cannot change in the common kinds, with the API server's texts. Pure."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from k8s_core.testing.api_server.field_errors import FieldError, forbidden_field, invalid_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.testing.api_server.kinds.catalog import Kind

__all__ = ["check_immutable"]

Json = dict[str, Any]
_TEXT = "field is immutable"
_POD_TEXT = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)
_STATEFUL_TEXT = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)
_STATEFUL_FREE = {
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
}


def _get(document: Json, path: str) -> Any:
    node: Any = document
    for part in path.split("."):
        node = node.get(part) if isinstance(node, dict) else None
    return node


def _fields(*paths: str, text: str = _TEXT) -> Callable[[Json, Json], list[FieldError]]:
    def check(document: Json, live: Json) -> list[FieldError]:
        return [
            invalid_value(path, _get(document, path), text)
            for path in paths
            if _get(live, path) is not None and _get(document, path) != _get(live, path)
        ]

    return check


def _immutable_data(document: Json, live: Json) -> list[FieldError]:
    errors = []
    if live.get("type") is not None and document.get("type") != live.get("type"):
        errors.append(invalid_value("type", document.get("type"), _TEXT))
    if live.get("immutable"):
        if not document.get("immutable"):
            errors.append(forbidden_field("immutable", "field is immutable when `immutable` is set"))
        errors.extend(
            forbidden_field(name, "field is immutable when `immutable` is set")
            for name in ("data", "binaryData")
            if document.get(name) != live.get(name)
        )
    return errors


def _pod(document: Json, live: Json) -> list[FieldError]:
    def core(source: Json) -> Json:
        spec = copy.deepcopy(source.get("spec") or {})
        for name in ("containers", "initContainers"):
            for container in spec.get(name) or []:
                container.pop("image", None)
                container.pop("imagePullPolicy", None)
        spec.pop("activeDeadlineSeconds", None)
        spec.pop("ephemeralContainers", None)
        for toleration in (live.get("spec") or {}).get("tolerations") or []:
            if toleration not in (spec.get("tolerations") or []):
                spec.setdefault("tolerations", []).append("gone")
        if "gone" not in (spec.get("tolerations") or []):
            spec.pop("tolerations", None)
        return spec

    return [] if core(document) == core(live) else [forbidden_field("spec", _POD_TEXT)]


def _stateful_set(document: Json, live: Json) -> list[FieldError]:
    old = {name: value for name, value in (live.get("spec") or {}).items() if name not in _STATEFUL_FREE}
    new = {name: value for name, value in (document.get("spec") or {}).items() if name not in _STATEFUL_FREE}
    return [] if old == new else [forbidden_field("spec", _STATEFUL_TEXT)]


_RULES: dict[tuple[str, str], Callable[[Json, Json], list[FieldError]]] = {
    ("", "configmaps"): _immutable_data,
    ("", "pods"): _pod,
    ("", "secrets"): _immutable_data,
    ("apps", "daemonsets"): _fields("spec.selector"),
    ("apps", "deployments"): _fields("spec.selector"),
    ("apps", "replicasets"): _fields("spec.selector"),
    ("apps", "statefulsets"): _stateful_set,
    ("batch", "jobs"): _fields("spec.completions", "spec.selector"),
    ("rbac.authorization.k8s.io", "clusterrolebindings"): _fields("roleRef", text="cannot change roleRef"),
    ("rbac.authorization.k8s.io", "rolebindings"): _fields("roleRef", text="cannot change roleRef"),
    ("apiextensions.k8s.io", "customresourcedefinitions"): _fields(
        "spec.group", "spec.names.plural", "spec.names.kind", "spec.scope"
    ),
}


def check_immutable(kind: Kind, document: Json, live: Json) -> list[FieldError]:
    """Check that an update leaves alone what cannot change."""
    rule = _RULES.get(kind.key)
    return rule(document, live) if rule is not None else []
