# SPDX-License-Identifier: Apache-2.0
"""Where the ``scale`` subresource of a kind finds replicas and selector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.api_server.reads.jsonpath import find_first
from k8s_devkit.strategy.failures import internal_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from k8s_devkit.strategy.document import Document

__all__ = ["CustomScaleView", "ScaleView"]


class ScaleView:
    """The places that all built-in kinds with a scale have in common.

    Args:
        typed: a Scale can be converted to the kind's own versions, which server-side apply needs.
    """

    replicas_path = ".spec.replicas"
    status_path = ".status.replicas"
    checks_replicas = True
    """A number below zero is refused here; a custom resource is refused at the path of its own field."""

    def __init__(self, *, typed: bool = True) -> None:
        self.typed = typed

    def replicas(self, document: Document, missing: int | None) -> int | None:
        """The wanted replicas; ``missing`` stands for those that a custom resource does not have."""
        return find_first(document, self.replicas_path)  # type: ignore[no-any-return]  # JSON

    def selector(self, document: Document) -> str:
        """The label selector of the pods, as a string."""
        selector = (document.get("spec") or {}).get("selector") or {}
        is_selector = "matchLabels" in selector or "matchExpressions" in selector
        labels = selector.get("matchLabels", {}) if is_selector else selector
        terms = [f"{key}={value}" for key, value in sorted(labels.items())]
        expressions = selector.get("matchExpressions")
        terms.extend(_expression(item) for item in (expressions if isinstance(expressions, list) else ()))
        return ",".join(terms)


class CustomScaleView(ScaleView):
    """The places that a CRD names.

    Args:
        paths: its ``subresources.scale``.
    """

    checks_replicas = False

    def __init__(self, paths: Mapping[str, str]) -> None:
        super().__init__(typed=False)
        self.replicas_path = paths.get("specReplicasPath", ScaleView.replicas_path)
        self.status_path = paths.get("statusReplicasPath", ScaleView.status_path)
        self._selector_path = paths.get("labelSelectorPath")

    def replicas(self, document: Document, missing: int | None) -> int | None:
        replicas = super().replicas(document, missing)
        if replicas is None:
            replicas = missing
        if replicas is None:
            raise internal_error(f'the spec replicas field "{self.replicas_path}" does not exist')
        return replicas

    def selector(self, document: Document) -> str:
        found = find_first(document, self._selector_path) if self._selector_path else None
        return found if isinstance(found, str) else ""


def _expression(item: Document) -> str:
    operator, key = item.get("operator"), item.get("key", "")
    if operator in ("Exists", "DoesNotExist"):
        return key if operator == "Exists" else f"!{key}"
    return f"{key} {'in' if operator == 'In' else 'notin'} ({','.join(sorted(item.get('values') or []))})"
