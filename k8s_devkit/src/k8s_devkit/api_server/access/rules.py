# SPDX-License-Identifier: Apache-2.0
"""Who may do what: allow and deny rules of tests (protocol J25), and the authorizer that a package brings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from k8s_devkit.strategy.authorization import Attributes, Decision, UserRules
from k8s_devkit.strategy.failures import Failure
from k8s_devkit.strategy.users import PRIVILEGED

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_devkit.api_server.network.messages import HttpRequest
    from k8s_devkit.api_server.requests.routing import RequestInfo
    from k8s_devkit.strategy.authorization import Authorizer
    from k8s_devkit.strategy.users import User

__all__ = ["Authorization", "Rule", "attributes_of"]

_ANY = "*"
_ALLOWED = Decision(allowed=True)
_DENIED = Decision(allowed=False, reason="denied by a test rule", denied=True)
_EVERYTHING = UserRules(
    resources=({"verbs": [_ANY], "apiGroups": [_ANY], "resources": [_ANY]},),
    paths=({"verbs": [_ANY], "nonResourceURLs": [_ANY]},),
)
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


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

    def matches(self, asked: Attributes) -> bool:
        """Whether the rule speaks about an action."""
        pairs = (
            (self.verb, asked.verb),
            (self.resource, asked.combined_resource),
            (self.group, asked.group),
            (self.namespace, asked.namespace),
            (self.name, asked.name),
        )
        if any(pattern not in (_ANY, value) for pattern, value in pairs):
            return False
        return self.user in (_ANY, asked.user.name) or self.user in asked.user.groups


class Authorization:
    """Decides by the last rule of a test that matches, else by the authorizer; without one, everything is allowed.

    Attributes:
        rules: of the test. They are about resources, not about other paths.
        authorizer: gives the authorizer in force; None where there is none.
    """

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.authorizer: Callable[[], Authorizer] | None = None

    @property
    def active(self) -> bool:
        """False if everything is allowed."""
        return bool(self.rules) or self.authorizer is not None

    def decide(self, asked: Attributes) -> Decision:
        """Whether the user may."""
        for rule in reversed(self.rules):
            if not asked.path and rule.matches(asked):
                return _ALLOWED if rule.allow else _DENIED
        if self.authorizer is None or PRIVILEGED in asked.user.groups:
            return _ALLOWED
        return self.authorizer().decide(asked)

    def rules_of(self, user: User, namespace: str) -> UserRules:
        """What the user may do in a namespace."""
        if self.authorizer is not None:
            return self.authorizer().rules_of(user, namespace)
        # With test rules in force, only a review of a single action tells the truth.
        return UserRules(paths=_EVERYTHING.paths, incomplete=True) if self.rules else _EVERYTHING

    def check(self, asked: Attributes) -> None:
        """Raise the 403 if the user may not."""
        decision = self.decide(asked)
        if not decision.allowed:
            reason = f": {decision.reason}" if decision.reason and not decision.denied else ""
            raise _refusal(asked, _sentence(asked).translate(_ESCAPED) + reason)

    def check_impersonation(self, user: User, target: User) -> None:
        """Raise the 403 if a user may not act as another one: the authorizer says what that takes."""
        if self.authorizer is not None:
            for asked in self.authorizer().impersonation(user, target):
                self.check(asked)

    def check_create_on_update(self, asked: Attributes) -> None:
        """Raise the 403 if the user may not create what an update does not find."""
        decision = self.decide(asked)
        if not decision.allowed:
            raise _refusal(asked, "" if decision.denied else decision.reason)  # the API server says no more


def attributes_of(request: HttpRequest, info: RequestInfo | None, user: User) -> Attributes:
    """What a request does; ``info`` None is for a path that is not a resource."""
    if info is None:
        return Attributes(user, request.method.lower(), path=request.path)
    name = info.name
    if not name and info.verb in ("list", "watch"):
        name = _selected_name(request.query.get("fieldSelector"))
    return Attributes(user, info.verb, info.group, info.resource, info.subresource, info.namespace, name)


def _selected_name(field_selector: str) -> str:
    """The one name that a field selector asks for."""
    for requirement in field_selector.split(","):
        field, _, value = requirement.replace("==", "=").partition("=")
        if field == "metadata.name":
            return value
    return ""


def _sentence(asked: Attributes) -> str:
    if asked.path:
        return f'User "{asked.user.name}" cannot {asked.verb} path "{asked.path}"'
    where = f'in the namespace "{asked.namespace}"' if asked.namespace else "at the cluster scope"
    what = f'resource "{asked.combined_resource}" in API group "{asked.group}"'
    return f'User "{asked.user.name}" cannot {asked.verb} {what} {where}'


def _refusal(asked: Attributes, why: str) -> Failure:
    subject = f"{asked.resource}.{asked.group}" if asked.group else asked.resource
    subject += f' "{asked.name}"' if asked.name else ""
    details: dict[str, str] = {"name": asked.name} if asked.name else {}
    if asked.group:
        details["group"] = asked.group
    if asked.resource:
        details["kind"] = asked.resource
    message = f"{subject} is forbidden: {why}" if subject else f"forbidden: {why}"
    return Failure(403, "Forbidden", message, dict(details))
