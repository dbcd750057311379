# SPDX-License-Identifier: Apache-2.0
"""Which defaults a kind has, and when they are filled in. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_plugins_builtin.apps.server import defaults as workloads
from k8s_plugins_builtin.core.server.pods import defaults as pods

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.kinds import APIResource
    from k8s_devkit.strategy.defaults import Json

__all__ = ["apply_defaults"]

_RULES: dict[tuple[str, str], Callable[[Json], None]] = {
    ("", "pods"): pods.default_pod,
    ("", "podtemplates"): pods.default_template,
    ("", "replicationcontrollers"): workloads.default_replication_controller,
}


def apply_defaults(resource: APIResource, document: Json, live: Json | None = None) -> None:
    """Fill defaults into ``document``, in place; what was allocated for ``live`` stays."""
    key = resource.group, resource.plural
    if (rule := _RULES.get(key)) is not None:
        rule(document)
