# SPDX-License-Identifier: Apache-2.0
"""How an API server treats RuntimeClasses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.formats import dns_label
from k8s_devkit.strategy.immutability import freeze
from k8s_devkit.strategy.labels import check_label_map
from k8s_plugins_builtin.core.server.pods.scheduling import check_tolerations
from k8s_plugins_builtin.core.server.resources import check_requirements

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import Document, FieldError, ServerContext

__all__ = ["RuntimeClassStrategy"]

_check_immutable = freeze("handler")


class RuntimeClassStrategy(Strategy):
    """RuntimeClass."""

    create_on_update = True
    unconditional_update = False
    standard_finalizers = False

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check(new)]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [
            *self.check_metadata(new, created=False),
            *_check(new),
            *self.check_metadata_update(new, old),
            *_check_immutable(new, old),
        ]


def _check(new: Document) -> Problems:
    problems, handler = Problems(), new.get("handler", "")
    problems.invalid("handler", handler, *dns_label(handler))
    if overhead := (new.get("overhead") or {}).get("podFixed"):
        problems += check_requirements({"limits": overhead}, "overhead")
    scheduling = new.get("scheduling") or {}
    problems += check_label_map(scheduling.get("nodeSelector"), "scheduling.nodeSelector")
    tolerations = scheduling.get("tolerations") or []
    problems += check_tolerations(tolerations, "scheduling.tolerations")
    keys = [tuple(item.get(part, "") for part in ("key", "operator", "value", "effect")) for item in tolerations]
    for index, key in enumerate(keys):
        if key in keys[:index]:
            problems.duplicate(f"scheduling.tolerations[{index}]", tolerations[index])
    return problems
