# SPDX-License-Identifier: Apache-2.0
"""Switching an authorizer on that a package brings: see `k8s_devkit.strategy.authorization.Authorizer`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.api_server.context import Context

if TYPE_CHECKING:
    from k8s_devkit.api_server.core import ApiCore
    from k8s_devkit.api_server.store import Change
    from k8s_devkit.strategy.authorization import Authorizer

__all__ = ["switch_on"]


def switch_on(core: ApiCore, mode: str) -> None:
    """Let the authorizer of ``mode`` decide from now on; its objects are put into the store.

    Raises:
        PluginError: no package brings one, or it cannot be imported.
        LookupError: the server does not serve the kinds of its objects.
    """
    cls = core.servers.authorizer(mode)
    current: Authorizer | None = None

    def forget(_: Change) -> None:
        nonlocal current
        current = None

    def authorizer() -> Authorizer:
        nonlocal current
        if current is None:
            current = cls(Context(core))
        return current

    for document in cls.initial_objects():
        core.seed(document)
    for resource in cls.watches:
        core.store.listen(resource, forget)
    core.authorization.authorizer = authorizer
