# SPDX-License-Identifier: Apache-2.0
"""Questions about what a user may do, answered by the rules of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import ReviewStrategy, User
from k8s_devkit.strategy.failures import bad_request, invalid
from k8s_devkit.strategy.field_errors import Problems

if TYPE_CHECKING:
    from k8s_devkit.strategy import ControllerContext, Document

__all__ = [
    "LocalSubjectAccessReviewStrategy",
    "SelfSubjectAccessReviewStrategy",
    "SelfSubjectRulesReviewStrategy",
    "SubjectAccessReviewStrategy",
]

_DENIED: Document = {"allowed": False, "denied": True, "reason": "denied by a test rule"}


class _AccessReviewStrategy(ReviewStrategy):
    """Whether a user may do one thing."""

    def user(self, spec: Document, ctx: ControllerContext) -> User:
        """The user in question. Raises `Failure` if the spec names none."""
        raise NotImplementedError

    def check(self, spec: Document, namespace: str) -> Problems:
        """The errors of a spec."""
        problems = Problems()
        attributes, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
        if attributes is None and path is None:
            text = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
            problems.invalid("spec.resourceAttributes", None, text)
        if attributes is not None and path is not None:
            text = "cannot be specified in combination with resourceAttributes"
            problems.invalid("spec.nonResourceAttributes", path, text)
        return problems

    def review(self, spec: Document, ctx: ControllerContext, namespace: str) -> Document:
        user = self.user(spec, ctx)
        _raise(self.check(spec, namespace))
        attributes = spec.get("resourceAttributes") or {}
        verb, group, name = (attributes.get(field, "") for field in ("verb", "group", "name"))
        resource = attributes.get("resource", "")
        if attributes.get("subresource"):
            resource += "/" + attributes["subresource"]
        where = namespace or attributes.get("namespace", "")
        return {"allowed": True} if ctx.access.allowed(user, verb, group, resource, where, name) else dict(_DENIED)


class SelfSubjectAccessReviewStrategy(_AccessReviewStrategy):
    """SelfSubjectAccessReview: whether the user who asks may do something."""

    def user(self, spec: Document, ctx: ControllerContext) -> User:
        return ctx.user


class SubjectAccessReviewStrategy(_AccessReviewStrategy):
    """SubjectAccessReview: whether another user may do something."""

    def user(self, spec: Document, ctx: ControllerContext) -> User:
        problems = Problems()
        if not spec.get("user") and not spec.get("groups"):
            problems.invalid("spec.user", "", "at least one of user or group must be specified")
        _raise(problems)
        return User(spec.get("user") or "", groups=tuple(spec.get("groups") or ()))


class LocalSubjectAccessReviewStrategy(SubjectAccessReviewStrategy):
    """LocalSubjectAccessReview: the same in one namespace."""

    def check(self, spec: Document, namespace: str) -> Problems:
        problems = super().check(spec, namespace)
        named = (spec.get("resourceAttributes") or {}).get("namespace", "")
        if named != namespace:
            problems.invalid("spec.resourceAttributes.namespace", named, "must match metadata.namespace")
        return problems


class SelfSubjectRulesReviewStrategy(ReviewStrategy):
    """SelfSubjectRulesReview: everything that the user who asks may do in a namespace."""

    def review(self, spec: Document, ctx: ControllerContext, namespace: str) -> Document:
        if not spec.get("namespace"):
            raise bad_request("no namespace on request")
        everything: Document = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
        # With test rules in force, only a review of a single action tells the truth.
        restricted = ctx.access.restricted
        return {
            "resourceRules": [] if restricted else [everything],
            "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
            "incomplete": restricted,
        }


def _raise(problems: Problems) -> None:
    if problems:
        raise invalid("", "authorization.k8s.io", "", problems)  # the API server names no kind either
