# SPDX-License-Identifier: Apache-2.0
"""What controllers and kubelets would do, switched on by name, so that code which waits can be tested (J31).

They write status only: no Pods come out of a Deployment. Each is one function from an object to its next state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from k8s_devkit.strategy.context import ControllerContext

__all__ = ["RECONCILERS"]

Json = dict[str, Any]
Reconcile = Callable[["ControllerContext", Json], None]


def _claim(ctx: ControllerContext, document: Json) -> None:
    spec, status = document["spec"], document.setdefault("status", {})
    spec.setdefault("volumeName", f"pvc-{document['metadata']['uid']}")
    status.update(phase="Bound", accessModes=spec.get("accessModes", []))
    status["capacity"] = (spec.get("resources") or {}).get("requests", {})


RECONCILERS: dict[tuple[str, str], Reconcile] = {
    ("", "persistentvolumeclaims"): _claim,
}
