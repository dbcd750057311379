# SPDX-License-Identifier: Apache-2.0
"""Which checks a kind has, and in which order: the table that leads from a kind to its rules.

The order of an update is a word of letters, since errors are reported in the order in which they are found, and some
of the API server's kinds go over an object more than once: ``U`` is the comparison of the metadata with what it was,
``C`` the check of the metadata itself, ``I`` what the kind does not let change, ``V`` the check of all the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from k8s_devkit.strategy.field_errors import FieldError, Problems
from k8s_plugins_builtin.apps.server import workloads
from k8s_plugins_builtin.core.server.pods import updates as pod_updates
from k8s_plugins_builtin.core.server.pods import validation as pods

__all__ = ["RULES", "Rules"]

Json = dict[str, Any]
Check = Callable[[Json, Json | None], list[FieldError]]
Update = Callable[[Json, Json], list[FieldError]]


def _nothing(_: Json, __: Json | None = None) -> list[FieldError]:
    return Problems()


@dataclass(frozen=True, slots=True)
class Rules:
    """The checks of one kind.

    Attributes:
        check: of a whole object; gets what it was before, None for a new one.
        update: what an update may not change.
        order: of an update, see above.
    """

    check: Check = _nothing
    update: Update = _nothing
    order: str = "UV"


RULES: dict[tuple[str, str], Rules] = {
    ("", "pods"): Rules(pods.check_pod, pod_updates.check_pod_update, "UCVI"),
    ("", "podtemplates"): Rules(workloads.check_template_kind),
    ("", "replicationcontrollers"): Rules(workloads.check_replication_controller, order="CVUV"),
}
"""The rules by the key under which a kind is stored."""
