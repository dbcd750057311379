# SPDX-License-Identifier: Apache-2.0
"""One request on its way through the handlers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from k8s_devkit.strategy.users import ANONYMOUS, User

if TYPE_CHECKING:
    from k8s_devkit.api_server.kinds.kind import Kind
    from k8s_devkit.api_server.network.messages import HttpRequest
    from k8s_devkit.api_server.requests.routing import RequestInfo

__all__ = ["Call"]


@dataclass(slots=True)
class Call:
    """A request on a resource that is served.

    Attributes:
        warnings: texts of the ``Warning`` headers that its answer gets.
        internal: the server itself sends it, which may do everything.
    """

    request: HttpRequest
    info: RequestInfo
    kind: Kind
    user: User = ANONYMOUS
    warnings: list[str] = field(default_factory=list)
    internal: bool = False
