# SPDX-License-Identifier: Apache-2.0
"""The roles and bindings that a cluster has from the start, but for those of its own components."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_plugins_builtin.rbac.server.aggregation import aggregated_rules
from k8s_plugins_builtin.rbac.server.policy import GROUP

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from k8s_devkit.strategy import Document

__all__ = ["default_objects"]

_READ = "get list watch"
_WRITE = "create delete deletecollection patch update"
_ALL = "create delete deletecollection get list patch update watch"
_HEALTH = "/healthz /livez /readyz /version /version/"
_DISCOVERY = "/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/"
_WORKLOADS = "daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale"
_WORKLOADS_READ = (
    "daemonsets daemonsets/status deployments deployments/scale deployments/status"
    " {} replicasets replicasets/scale replicasets/status"
)


def _rule(verbs: str, groups: str, resources: str) -> Document:
    """A rule about resources; ``core`` is the legacy group."""
    named = ["" if group == "core" else group for group in groups.split()]
    return {"verbs": verbs.split(), "apiGroups": named, "resources": resources.split()}


def _paths(paths: str) -> list[Document]:
    return [{"verbs": ["get"], "nonResourceURLs": paths.split()}]


_RULES: Mapping[str, list[Document]] = {
    "cluster-admin": [_rule("*", "*", "*"), {"verbs": ["*"], "nonResourceURLs": ["*"]}],
    "system:aggregate-to-admin": [
        _rule("create", "authorization.k8s.io", "localsubjectaccessreviews"),
        _rule(_ALL, GROUP, "rolebindings roles"),
    ],
    "system:aggregate-to-edit": [
        _rule(_READ, "core", "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy"),
        _rule("impersonate", "core", "serviceaccounts"),
        _rule(_WRITE, "core", "pods pods/attach pods/exec pods/portforward pods/proxy"),
        _rule("create", "core", "pods/eviction"),
        _rule(
            _WRITE,
            "core",
            "configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale"
            " secrets serviceaccounts services services/proxy",
        ),
        _rule("create", "core", "serviceaccounts/token"),
        _rule(_WRITE, "apps", f"{_WORKLOADS} statefulsets statefulsets/scale"),
        _rule(_WRITE, "autoscaling", "horizontalpodautoscalers"),
        _rule(_WRITE, "batch", "cronjobs jobs"),
        _rule(_WRITE, "extensions", f"{_WORKLOADS} ingresses networkpolicies replicationcontrollers/scale"),
        _rule(_WRITE, "policy", "poddisruptionbudgets"),
        _rule(_WRITE, "networking.k8s.io", "ingresses networkpolicies"),
        _rule(_ALL, "coordination.k8s.io", "leases"),
    ],
    "system:aggregate-to-view": [
        _rule(
            _READ,
            "core",
            "configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods"
            " replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status",
        ),
        _rule(
            _READ,
            "core",
            "bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status"
            " resourcequotas resourcequotas/status",
        ),
        _rule(_READ, "core", "namespaces"),
        _rule(_READ, "discovery.k8s.io", "endpointslices"),
        _rule(
            _READ,
            "apps",
            f"controllerrevisions {_WORKLOADS_READ.format('')} statefulsets statefulsets/scale statefulsets/status",
        ),
        _rule(_READ, "autoscaling", "horizontalpodautoscalers horizontalpodautoscalers/status"),
        _rule(_READ, "batch", "cronjobs cronjobs/status jobs jobs/status"),
        _rule(
            _READ,
            "extensions",
            f"{_WORKLOADS_READ.format('ingresses ingresses/status networkpolicies')} replicationcontrollers/scale",
        ),
        _rule(_READ, "policy", "poddisruptionbudgets poddisruptionbudgets/status"),
        _rule(_READ, "networking.k8s.io", "ingresses ingresses/status networkpolicies"),
    ],
    "system:auth-delegator": [
        _rule("create", "authentication.k8s.io", "tokenreviews"),
        _rule("create", "authorization.k8s.io", "subjectaccessreviews"),
    ],
    "system:basic-user": [
        _rule("create", "authorization.k8s.io", "selfsubjectaccessreviews selfsubjectrulesreviews"),
        _rule("create", "authentication.k8s.io", "selfsubjectreviews"),
    ],
    "system:discovery": _paths(_DISCOVERY),
    "system:monitoring": _paths("/healthz /healthz/* /livez /livez/* /metrics /readyz /readyz/*"),
    "system:public-info-viewer": _paths(_HEALTH),
    "system:service-account-issuer-discovery": _paths("/.well-known/openid-configuration /openid/v1/jwks"),
}
_AGGREGATED_TO = {
    "edit": "admin",
    "view": "edit",
    "system:aggregate-to-admin": "admin",
    "system:aggregate-to-edit": "edit",
    "system:aggregate-to-view": "view",
}
_GROUPS = {
    "cluster-admin": ("system:masters",),
    "system:basic-user": ("system:authenticated",),
    "system:discovery": ("system:authenticated",),
    "system:monitoring": ("system:monitoring",),
    "system:public-info-viewer": ("system:authenticated", "system:unauthenticated"),
    "system:service-account-issuer-discovery": ("system:serviceaccounts",),
}


def default_objects() -> Iterator[Document]:
    """The default ClusterRoles and their bindings; ``admin``, ``edit`` and ``view`` have what is aggregated to them."""
    roles = [_object("ClusterRole", name, rules=rules) for name, rules in _RULES.items()]
    for name in ("view", "edit", "admin"):  # each one is part of the next one
        selector = {"matchLabels": {f"{_LABEL}{name}": "true"}}
        role = _object("ClusterRole", name, aggregationRule={"clusterRoleSelectors": [selector]})
        roles.append({**role, "rules": aggregated_rules(role, roles)})
    yield from roles
    for name, groups in _GROUPS.items():
        yield _object(
            "ClusterRoleBinding",
            name,
            subjects=[{"kind": "Group", "apiGroup": GROUP, "name": group} for group in groups],
            roleRef={"apiGroup": GROUP, "kind": "ClusterRole", "name": name},
        )


_LABEL = f"{GROUP}/aggregate-to-"


def _object(kind: str, name: str, **content: object) -> Document:
    labels = {"kubernetes.io/bootstrapping": "rbac-defaults"}
    if kind == "ClusterRole" and name in _AGGREGATED_TO:
        labels[f"{_LABEL}{_AGGREGATED_TO[name]}"] = "true"
    annotations = {"rbac.authorization.kubernetes.io/autoupdate": "true"}
    metadata = {"name": name, "labels": labels, "annotations": annotations}
    return {"apiVersion": f"{GROUP}/v1", "kind": kind, "metadata": metadata, **content}
