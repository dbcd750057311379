# SPDX-License-Identifier: Apache-2.0
"""Authentication and authorization as reviews and token requests see them: see `k8s_devkit.strategy.context.Access`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.api_server.reads.reading import object_key
from k8s_devkit.strategy.context import Access

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from k8s_devkit.api_server.core import ApiCore
    from k8s_devkit.strategy.authorization import Attributes, Decision, UserRules
    from k8s_devkit.strategy.context import ObjectReference
    from k8s_devkit.strategy.users import User

__all__ = ["ServerAccess"]


class ServerAccess(Access):
    """The `Access` of one server."""

    def __init__(self, core: ApiCore) -> None:
        self._core = core

    def decide(self, attributes: Attributes) -> Decision:
        return self._core.authorization.decide(attributes)

    def rules_of(self, user: User, namespace: str) -> UserRules:
        return self._core.authorization.rules_of(user, namespace)

    def user_of_token(self, token: str) -> User | None:
        authenticator = self._core.authenticator
        return authenticator.user_of_token(token) if authenticator is not None else None

    def issue_token(self, token: str, user: User, *, expires: datetime, lives_with: Iterable[ObjectReference]) -> None:
        references, core = tuple(lives_with), self._core

        def owner() -> User | None:
            valid = core.clock() < expires and all(_exists(core, reference) for reference in references)
            return user if valid else None

        if core.authenticator is not None:
            core.authenticator.issued[token] = owner


def _exists(core: ApiCore, reference: ObjectReference) -> bool:
    entry = core.store.get((reference.group, reference.resource), object_key(reference.namespace, reference.name))
    return entry is not None and entry.uid == reference.uid
