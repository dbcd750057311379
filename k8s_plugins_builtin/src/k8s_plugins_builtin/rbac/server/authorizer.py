# SPDX-License-Identifier: Apache-2.0
"""The authorizer that ``ApiServer(rbac=True)`` asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Attributes, Authorizer
from k8s_devkit.strategy.users import account_of
from k8s_plugins_builtin.rbac.server.default_roles import default_objects
from k8s_plugins_builtin.rbac.server.policy import GROUP, Policy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import Decision, Document, ServerContext, User, UserRules

__all__ = ["RbacAuthorizer"]

_IDENTITY = "authentication.k8s.io"
_PLURALS = ("clusterroles", "roles", "clusterrolebindings", "rolebindings")


class RbacAuthorizer(Authorizer):
    """Roles, ClusterRoles and their bindings decide."""

    watches = tuple((GROUP, plural) for plural in _PLURALS)

    def __init__(self, ctx: ServerContext) -> None:
        self._policy = Policy(*(ctx.objects(GROUP, plural) for plural in _PLURALS))

    @classmethod
    def initial_objects(cls) -> Iterable[Document]:
        return default_objects()

    def decide(self, attributes: Attributes) -> Decision:
        return self._policy.decide(attributes)

    def impersonation(self, user: User, target: User) -> Iterable[Attributes]:
        account = account_of(target.name)
        if account is None:
            yield Attributes(user, "impersonate", resource="users", name=target.name)
        else:
            yield Attributes(user, "impersonate", resource="serviceaccounts", namespace=account[0], name=account[1])
        for group in target.groups:
            yield Attributes(user, "impersonate", resource="groups", name=group)
        for key, values in target.extra.items():
            for value in values:
                yield Attributes(user, "impersonate", _IDENTITY, "userextras", key, name=value)
        if target.uid:
            yield Attributes(user, "impersonate", _IDENTITY, "uids", name=target.uid)

    def rules_of(self, user: User, namespace: str) -> UserRules:
        return self._policy.rules_of(user, namespace)
