# SPDX-License-Identifier: Apache-2.0
"""ClusterRoles that gather the rules of others, and the controller that fills them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Controller
from k8s_devkit.strategy.selectors import selects
from k8s_plugins_builtin.rbac.server.policy import GROUP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from k8s_devkit.strategy import ControllerContext, Document

__all__ = ["AggregationController", "aggregated_rules"]


def aggregated_rules(role: Document, roles: Sequence[Document]) -> list[Document]:
    """The rules that a role with an ``aggregationRule`` has, in the order of selectors and names of roles. Pure."""
    name, rules = role["metadata"]["name"], list[dict[str, object]]()
    for selector in role["aggregationRule"].get("clusterRoleSelectors") or ():
        for other in sorted(roles, key=lambda each: str(each["metadata"]["name"])):
            if other["metadata"]["name"] != name and selects(selector, other["metadata"].get("labels")):
                rules.extend(rule for rule in other.get("rules") or () if rule not in rules)
    return rules


class AggregationController(Controller):
    """Fills the ClusterRoles with an ``aggregationRule``, again after each change of one of the others."""

    def changed(self, resource: tuple[str, str], obj: Document, ctx: ControllerContext, *, deleted: bool) -> None:
        roles = list(ctx.objects(GROUP, "clusterroles"))
        for role in roles:
            if role.get("aggregationRule") and (rules := aggregated_rules(role, roles)) != (role.get("rules") or []):
                ctx.update({"apiVersion": f"{GROUP}/v1", "kind": "ClusterRole", **role, "rules": rules})
