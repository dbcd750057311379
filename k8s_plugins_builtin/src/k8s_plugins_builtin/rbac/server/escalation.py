# SPDX-License-Identifier: Apache-2.0
"""Nobody gives what they do not have: the checks of those who write roles and bindings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Attributes
from k8s_devkit.strategy.failures import Failure, forbidden, unreasoned
from k8s_devkit.strategy.users import PRIVILEGED
from k8s_plugins_builtin.rbac.server.covering import described, go_list, missing_rules
from k8s_plugins_builtin.rbac.server.policy import GROUP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from k8s_core.kinds import APIResource
    from k8s_devkit.strategy import Document, ServerContext

__all__ = ["check_binding", "check_role"]

_EVERYTHING: tuple[Document, ...] = (
    {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},
    {"verbs": ["*"], "nonResourceURLs": ["*"]},
)


def check_role(resource: APIResource, new: Document, old: Document | None, ctx: ServerContext) -> None:
    """Refuse a role whose rules the user does not hold, unless it may ``escalate``. Raises `Failure`."""
    metadata = new["metadata"]
    name, namespace = metadata.get("name", ""), metadata.get("namespace", "")
    asked = Attributes(
        ctx.user, "escalate", GROUP, resource.plural, namespace=namespace, name=old["metadata"]["name"] if old else ""
    )
    if _may(asked, ctx) or (old is not None and _same_but_owners(new, old)):
        return
    _check_held(resource, name, new.get("rules") or (), namespace, ctx)
    aggregates = new.get("aggregationRule") or (old or {}).get("aggregationRule")
    if aggregates and _missing(_EVERYTHING, namespace, ctx):
        raise forbidden(resource, name, "must have cluster-admin privileges to use the aggregationRule")


def check_binding(resource: APIResource, new: Document, old: Document | None, ctx: ServerContext) -> None:
    """Refuse to bind a role whose rules the user does not hold, unless it may ``bind`` it. Raises `Failure`."""
    metadata, reference = new["metadata"], new.get("roleRef") or {}
    namespace, kind = metadata.get("namespace", ""), reference.get("kind", "")
    plural = {"Role": "roles", "ClusterRole": "clusterroles"}.get(kind, "")
    role_name = reference.get("name", "")
    asked = Attributes(ctx.user, "bind", reference.get("apiGroup", ""), plural, "", namespace, role_name)
    if (
        PRIVILEGED in ctx.user.groups
        or (old is not None and _same_but_owners(new, old))
        or (plural and _may(asked, ctx))
    ):
        return
    if not plural:
        raise unreasoned(f'unsupported role reference kind: "{kind}"')
    role = ctx.get(GROUP, plural, role_name, namespace if kind == "Role" else "")
    if role is None:
        details = {"name": role_name, "group": GROUP, "kind": plural}
        raise Failure(404, "NotFound", f'{plural}.{GROUP} "{role_name}" not found', details)
    _check_held(resource, metadata.get("name", ""), role.get("rules") or (), namespace, ctx)


def _may(asked: Attributes, ctx: ServerContext) -> bool:
    return PRIVILEGED in ctx.user.groups or ctx.access.decide(asked).allowed


def _same_but_owners(new: Document, old: Document) -> bool:
    """Whether an update does no more than the garbage collector has to do."""
    kept = {"ownerReferences": None, "finalizers": None, "managedFields": None, "resourceVersion": None}
    return {**new, "metadata": {**new["metadata"], **kept}} == {**old, "metadata": {**old["metadata"], **kept}}


def _missing(rules: Sequence[Document], namespace: str, ctx: ServerContext) -> list[Document]:
    held = ctx.access.rules_of(ctx.user, namespace)
    return missing_rules([*held.resources, *held.paths], rules)


def _check_held(
    resource: APIResource, name: str, rules: Sequence[Document], namespace: str, ctx: ServerContext
) -> None:
    if missing := _missing(rules, namespace, ctx):
        who = f'user "{ctx.user.name}" (groups={go_list(ctx.user.groups)})'
        why = f"{who} is attempting to grant RBAC permissions not currently held:\n{described(missing)}"
        raise forbidden(resource, name, why)
