# SPDX-License-Identifier: Apache-2.0
"""RBAC-lite: allow and deny rules for tests (protocol J25)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from k8s_devkit.strategy.failures import Failure

if TYPE_CHECKING:
    from k8s_devkit.api_server.requests.call import Call
    from k8s_devkit.strategy.users import User

__all__ = ["Authorizer", "Rule"]

_ANY = "*"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; ``*`` matches everything. ``resource`` is a plural, ``pods/log`` for a subresource."""

    allow: bool
    verb: str = _ANY
    resource: str = _ANY
    group: str = _ANY
    namespace: str = _ANY
    name: str = _ANY
    user: str = _ANY

    def matches(self, user: User, verb: str, group: str, resource: str, namespace: str, name: str) -> bool:
        """Whether the rule speaks about a request."""
        pairs = (
            (self.verb, verb),
            (self.resource, resource),
            (self.group, group),
            (self.namespace, namespace),
            (self.name, name),
        )
        if any(pattern not in (_ANY, value) for pattern, value in pairs):
            return False
        return self.user in (_ANY, user.name) or self.user in user.groups


class Authorizer:
    """Decides by the last rule that matches; without one, everything is allowed."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def allowed(self, user: User, verb: str, group: str, resource: str, namespace: str, name: str) -> bool:
        """Whether ``user`` may."""
        for rule in reversed(self.rules):
            if rule.matches(user, verb, group, resource, namespace, name):
                return rule.allow
        return True

    def check(self, call: Call, *, verb: str = "") -> None:
        """Raise the 403 if the user of a call may not make it; ``verb`` asks for another one than the call's."""
        if not self.rules:
            return
        info, user = call.info, call.user
        verb = verb or info.verb
        resource = f"{info.resource}/{info.subresource}" if info.subresource else info.resource
        if self.allowed(user, verb, info.group, resource, info.namespace, info.name):
            return
        where = f' in the namespace "{info.namespace}"' if info.namespace else " at the cluster scope"
        subject = call.kind.resource.group_resource + (f' "{info.name}"' if info.name else "")
        message = (
            f'{subject} is forbidden: User "{user.name}" cannot {verb} resource "{resource}" '
            f'in API group "{info.group}"{where}'
        )
        details: dict[str, str] = {"name": info.name} if info.name else {}
        if info.group:
            details["group"] = info.group
        details["kind"] = info.resource
        raise Failure(403, "Forbidden", message, dict(details))
