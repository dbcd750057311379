# SPDX-License-Identifier: Apache-2.0
"""Which defaults a kind has, and when they are filled in. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy.defaults import Json, fill_paths
from k8s_plugins_builtin._server_tables.default_tables import PATHS
from k8s_plugins_builtin.core.server import kind_defaults as kinds
from k8s_plugins_builtin.core.server import service_defaults as services

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.kinds import APIResource

__all__ = ["apply_defaults"]

_RULES: dict[tuple[str, str], Callable[[Json], None]] = {
    ("", "limitranges"): kinds.default_limits,
    ("", "nodes"): kinds.default_node,
    ("", "persistentvolumeclaims"): kinds.default_claim_object,
    ("", "persistentvolumes"): kinds.default_volume,
    ("", "resourcequotas"): kinds.default_quota,
    ("", "secrets"): kinds.default_secret,
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
