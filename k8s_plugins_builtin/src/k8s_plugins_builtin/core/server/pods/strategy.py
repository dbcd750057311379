# SPDX-License-Identifier: Apache-2.0
"""How an API server treats Pods."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from k8s_devkit.strategy import Strategy, View
from k8s_plugins_builtin.core.server.pods.admission import admit_created, admit_updated
from k8s_plugins_builtin.core.server.pods.binding import PodBinding
from k8s_plugins_builtin.core.server.pods.defaults import default_pod
from k8s_plugins_builtin.core.server.pods.eviction import PodEviction
from k8s_plugins_builtin.core.server.pods.logs import PodLog
from k8s_plugins_builtin.core.server.pods.running import has_node, is_finished
from k8s_plugins_builtin.core.server.pods.simulate import end_pod, run_pod
from k8s_plugins_builtin.core.server.pods.streams import PodAttach, PodExec, PodPortForward
from k8s_plugins_builtin.core.server.pods.updates import check_ephemeral_update, check_pod_update
from k8s_plugins_builtin.core.server.pods.validation import check_pod
from k8s_plugins_builtin.core.server.pods.warnings import name_warnings, pod_warnings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from k8s_devkit.strategy import ControllerContext, Document, FieldError, ServerContext, Subresource

__all__ = ["PodStrategy"]

_GRACE = 30


class _EphemeralContainers(View):
    """``pods/ephemeralcontainers``."""

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*check_pod(new, old), *check_ephemeral_update(new, old)]


class PodStrategy(Strategy):
    """Pod."""

    delete_returns_object = True
    generation = "counted"
    initial_status: ClassVar[Mapping[str, object] | None] = {"phase": "Pending"}
    status_update_keeps = ("ownerReferences",)
    selectable_fields = (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.podIPs",
        "status.nominatedNodeName",
    )
    subresources: ClassVar[Mapping[str, Subresource]] = {
        "attach": PodAttach(),
        "binding": PodBinding(),
        "ephemeralcontainers": _EphemeralContainers("spec"),
        "eviction": PodEviction(),
        "exec": PodExec(),
        "log": PodLog(),
        "portforward": PodPortForward(),
        "resize": View("spec"),
    }

    def default(self, new: Document, old: Document | None) -> None:
        default_pod(new)

    def admit(self, new: Document, old: Document | None, ctx: ServerContext) -> None:
        if old is None:
            admit_created(self.resource, new, ctx)
        else:
            admit_updated(new, old)

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *check_pod(new)]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [
            *self.check_metadata_update(new, old),
            *self.check_metadata(new, created=False),
            *check_pod(new, old),
            *check_pod_update(new, old),
        ]

    def warnings(self, new: Document, old: Document | None) -> Iterable[str]:
        """Those of a new Pod: what changes one is mostly no person, who could read them."""
        if old is not None:
            return ()
        metadata = new["metadata"]
        return [*name_warnings(new, "the Pod's hostname"), *pod_warnings(new.get("spec") or {}, metadata)]

    def grace_period(self, obj: Document, requested: int | None) -> int | None:
        if is_finished(obj) or not has_node(obj):
            return 0
        return int(obj["spec"].get("terminationGracePeriodSeconds", _GRACE)) if requested is None else requested

    def reconcile(self, obj: Document, ctx: ControllerContext) -> None:
        run_pod(obj, ctx.now())

    def reconcile_deleted(self, obj: Document, ctx: ControllerContext) -> None:
        end_pod(obj, ctx)
