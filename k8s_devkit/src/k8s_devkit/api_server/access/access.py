# SPDX-License-Identifier: Apache-2.0
"""Authentication and authorization as reviews and token requests see them: see `k8s_devkit.strategy.context.Access`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.api_server.network.messages import HttpRequest
from k8s_devkit.strategy.context import Access
from k8s_devkit.strategy.failures import Failure

if TYPE_CHECKING:
    from k8s_devkit.api_server.core import ApiCore
    from k8s_devkit.strategy.users import User

__all__ = ["ServerAccess"]


class ServerAccess(Access):
    """The `Access` of one server."""

    def __init__(self, core: ApiCore) -> None:
        self._core = core

    @property
    def restricted(self) -> bool:
        return bool(self._core.authorizer.rules)

    def allowed(self, user: User, verb: str, group: str, resource: str, namespace: str, name: str) -> bool:
        return self._core.authorizer.allowed(user, verb, group, resource, namespace, name)

    def user_of_token(self, token: str) -> User | None:
        authenticator = self._core.authenticator
        if authenticator is None or not authenticator.knows(token):
            return None
        try:
            return authenticator.user_of(HttpRequest("POST", "/", headers={"authorization": f"Bearer {token}"}))
        except Failure:
            return None

    def issue_token(self, token: str, user: User) -> None:
        if self._core.authenticator is not None:
            self._core.authenticator.issued[token] = user
