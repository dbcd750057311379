# SPDX-License-Identifier: Apache-2.0
"""Which defaults a kind has, and when they are filled in. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy.defaults import Json, fill_paths, objects
from k8s_plugins_builtin._server_tables.default_tables import PATHS
from k8s_plugins_builtin.apps.server import defaults as workloads
from k8s_plugins_builtin.core.server import kind_defaults as kinds
from k8s_plugins_builtin.core.server import service_defaults as services
from k8s_plugins_builtin.core.server.pods import defaults as pods

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.kinds import APIResource

__all__ = ["apply_defaults", "complete_created"]

_RBAC = "rbac.authorization.k8s.io"
_DRA = "resource.k8s.io"

_RULES: dict[tuple[str, str], Callable[[Json], None]] = {
    ("", "limitranges"): kinds.default_limits,
    ("", "nodes"): kinds.default_node,
    ("", "persistentvolumeclaims"): kinds.default_claim_object,
    ("", "persistentvolumes"): kinds.default_volume,
    ("", "pods"): pods.default_pod,
    ("", "podtemplates"): pods.default_template,
    ("", "replicationcontrollers"): workloads.default_replication_controller,
    ("", "resourcequotas"): kinds.default_quota,
    ("", "secrets"): kinds.default_secret,
    (_DRA, "resourceclaims"): lambda document: kinds.default_resource_claim(document.get("spec")),
    (_RBAC, "clusterrolebindings"): kinds.default_subjects,
    (_RBAC, "rolebindings"): kinds.default_subjects,
}

# Those that look at the object before the update.
_UPDATE_RULES: dict[tuple[str, str], Callable[[Json, Json | None], None]] = {
    ("", "services"): services.default_service,
}


def apply_defaults(resource: APIResource, document: Json, live: Json | None = None) -> None:
    """Fill defaults into ``document``, in place; what was allocated for ``live`` stays."""
    key = resource.group, resource.plural
    if (paths := PATHS.get(key)) is not None:
        fill_paths(document, paths)
    if (rule := _RULES.get(key)) is not None:
        rule(document)
    elif (update_rule := _UPDATE_RULES.get(key)) is not None:
        update_rule(document, live)
    elif key == (_DRA, "resourceclaimtemplates") and isinstance(template := document.get("spec"), dict):
        fill_paths(template, PATHS[_DRA, "resourceclaims"])
        kinds.default_resource_claim(template.get("spec"))


def complete_created(key: tuple[str, str], document: Json) -> None:
    """Fill in what depends on what a new object just got: its time."""
    now = document["metadata"]["creationTimestamp"]
    if key == ("apiregistration.k8s.io", "apiservices"):
        kinds.default_api_service(document, now)
    elif key == (_DRA, "resourceslices"):
        for device in objects(document.get("spec") or {}, "devices"):
            for taint in objects(device, "taints"):
                taint.setdefault("timeAdded", now)
