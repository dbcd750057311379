# SPDX-License-Identifier: Apache-2.0
"""How an API server treats PodTemplates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Strategy
from k8s_plugins_builtin.core.server.pods.templates import check_pod_template, default_template
from k8s_plugins_builtin.core.server.pods.warnings import template_warnings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import Document, FieldError, ServerContext

__all__ = ["PodTemplateStrategy"]


class PodTemplateStrategy(Strategy):
    """PodTemplate."""

    delete_returns_object = True
    generation = "counted"

    def default(self, new: Document, old: Document | None) -> None:
        default_template(new)

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *check_pod_template(new.get("template") or {}, "template")]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata_update(new, old), *check_pod_template(new.get("template") or {}, "template")]

    def warnings(self, new: Document, old: Document | None) -> Iterable[str]:
        return template_warnings(new, old, "template")
