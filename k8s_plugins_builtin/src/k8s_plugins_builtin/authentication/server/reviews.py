# SPDX-License-Identifier: Apache-2.0
"""Questions about who a user is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import ReviewStrategy
from k8s_devkit.strategy.failures import bad_request

if TYPE_CHECKING:
    from k8s_devkit.strategy import ControllerContext, Document, User

__all__ = ["SelfSubjectReviewStrategy", "TokenReviewStrategy"]


class TokenReviewStrategy(ReviewStrategy):
    """TokenReview: whose token it is."""

    def review(self, spec: Document, ctx: ControllerContext, namespace: str) -> Document:
        if not spec.get("token"):
            raise bad_request("token is required for TokenReview in authentication")
        user = ctx.access.user_of_token(spec["token"])
        if user is None:
            return {"user": {}, "error": "invalid bearer token"}
        return {"authenticated": True, "user": _user_info(user)}


class SelfSubjectReviewStrategy(ReviewStrategy):
    """SelfSubjectReview: the user who asks."""

    def review(self, spec: Document, ctx: ControllerContext, namespace: str) -> Document:
        return {"userInfo": _user_info(ctx.user)}


def _user_info(user: User) -> Document:
    info: Document = {"username": user.name, "groups": list(user.groups)}
    if user.uid:
        info["uid"] = user.uid
    if user.extra:
        info["extra"] = {key: list(values) for key, values in user.extra.items()}
    return info
