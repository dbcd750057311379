# SPDX-License-Identifier: Apache-2.0
"""Questions about what a user may do, answered by the rules of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Attributes, ReviewStrategy, User
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

_FIELDS = ("verb", "group", "resource", "subresource", "name")


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
        decision = ctx.access.decide(_asked(user, spec, namespace))
        status: Document = {"allowed": decision.allowed}
        if decision.denied:
            status["denied"] = True
        if decision.reason:
            status["reason"] = decision.reason
        return status


def _asked(user: User, spec: Document, namespace: str) -> Attributes:
    other = spec.get("nonResourceAttributes")
    if other is not None:
        return Attributes(user, other.get("verb", ""), path=other.get("path", ""))
    attributes = spec.get("resourceAttributes") or {}
    where = namespace or attributes.get("namespace", "")
    return Attributes(user, namespace=where, **{field: attributes.get(field, "") for field in _FIELDS})


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

    def answer(self, new: Document, ctx: ControllerContext, *, namespace: str = "", dry_run: bool = False) -> Document:
        answer = super().answer(new, ctx, namespace=namespace, dry_run=dry_run)
        return {**answer, "spec": {}}  # the API server leaves the namespace out

    def review(self, spec: Document, ctx: ControllerContext, namespace: str) -> Document:
        if not spec.get("namespace"):
            raise bad_request("no namespace on request")
        rules = ctx.access.rules_of(ctx.user, spec["namespace"])
        status: Document = {
            "resourceRules": list(rules.resources),
            "nonResourceRules": list(rules.paths),
            "incomplete": rules.incomplete,
        }
        if rules.error:
            status["evaluationError"] = rules.error
        return status


def _raise(problems: Problems) -> None:
    if problems:
        raise invalid("", "authorization.k8s.io", "", problems)  # the API server names no kind either
