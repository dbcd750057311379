# SPDX-License-Identifier: Apache-2.0
"""How an API server treats Pods."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from k8s_devkit.strategy.subresources import View
from k8s_plugins_builtin._server_tables.tables import SimulatedTableStrategy
from k8s_plugins_builtin.core.server.pods.binding import PodBinding
from k8s_plugins_builtin.core.server.pods.eviction import PodEviction
from k8s_plugins_builtin.core.server.pods.logs import PodLog
from k8s_plugins_builtin.core.server.pods.streams import PodAttach, PodExec, PodPortForward
from k8s_plugins_builtin.core.server.pods.updates import check_ephemeral_update
from k8s_plugins_builtin.core.server.pods.validation import check_pod

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from k8s_devkit.strategy.context import Document, ServerContext
    from k8s_devkit.strategy.field_errors import FieldError
    from k8s_devkit.strategy.subresources import Subresource

__all__ = ["PodStrategy"]


class _EphemeralContainers(View):
    """``pods/ephemeralcontainers``."""

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*check_pod(new, old), *check_ephemeral_update(new, old)]


class PodStrategy(SimulatedTableStrategy):
    """Pod."""

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
