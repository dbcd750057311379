# SPDX-License-Identifier: Apache-2.0
"""How an API server treats Roles and ClusterRoles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.formats import path_segment
from k8s_devkit.strategy.selectors import check_label_selector
from k8s_plugins_builtin.rbac.server.escalation import check_role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import Document, FieldError, ServerContext

__all__ = ["ClusterRoleStrategy", "RoleStrategy"]


class RoleStrategy(Strategy):
    """Role."""

    create_on_update = True

    def name_problems(self, name: str, *, created: bool = True) -> list[str]:
        return path_segment(name)

    def admit(self, new: Document, old: Document | None, ctx: ServerContext) -> None:
        check_role(self.resource, new, old, ctx)

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *self._check(new)]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [
            *self.check_metadata(new, created=False),
            *self._check(new),
            *self.check_metadata_update(new, old),
        ]

    def _check(self, new: Document) -> Problems:
        return _check_rules(new, namespaced=self.resource.namespaced)


class ClusterRoleStrategy(RoleStrategy):
    """ClusterRole."""

    def _check(self, new: Document) -> Problems:
        problems = super()._check(new)
        aggregation = new.get("aggregationRule")
        if aggregation is not None:
            selectors, where = aggregation.get("clusterRoleSelectors") or [], "aggregationRule.clusterRoleSelectors"
            if not selectors:
                problems.required(where, "at least one clusterRoleSelector required if aggregationRule is non-nil")
            for index, selector in enumerate(selectors):
                problems += check_label_selector(selector, f"{where}[{index}]")
        return problems


def _check_rules(document: Document, *, namespaced: bool) -> Problems:
    problems = Problems()
    for index, rule in enumerate(document.get("rules") or []):
        where, urls = f"rules[{index}]", rule.get("nonResourceURLs") or []
        if not rule.get("verbs"):
            problems.required(f"{where}.verbs", "verbs must contain at least one value")
        if urls:
            if namespaced:
                text = "namespaced rules cannot apply to non-resource URLs"
                problems.invalid(f"{where}.nonResourceURLs", urls, text)
            if rule.get("apiGroups") or rule.get("resources") or rule.get("resourceNames"):
                text = "rules cannot apply to both regular resources and non-resource URLs"
                problems.invalid(f"{where}.nonResourceURLs", urls, text)
            continue
        if not rule.get("apiGroups"):
            problems.required(f"{where}.apiGroups", "resource rules must supply at least one api group")
        if not rule.get("resources"):
            problems.required(f"{where}.resources", "resource rules must supply at least one resource")
    return problems
