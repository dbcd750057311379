# SPDX-License-Identifier: Apache-2.0
"""From a :class:`~k8s_core.requests.Request` to bytes on a connection and back: the only part that opens sockets.

Layers, outside in: wrappers of plugins, observation, retries, authentication, HTTP over urllib3's connections.
Importing this package loads neither urllib3 nor ssl; :func:`make_transport` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import lazy_attributes
from k8s_core.transport.base import (
    Response,
    Transport,
    TransportWrapper,
    UpgradedConnection,
    UpgradedResponse,
)

if TYPE_CHECKING:
    from k8s_core.transport.factory import make_transport
    from k8s_core.transport.observe import (
        Observer,
        Observers,
        RelistObservation,
        RequestObservation,
        RetryObservation,
        ThrottleObservation,
        TokenRefreshObservation,
        WatchObservation,
    )

__all__ = [
    "Observer",
    "Observers",
    "RelistObservation",
    "RequestObservation",
    "Response",
    "RetryObservation",
    "ThrottleObservation",
    "TokenRefreshObservation",
    "Transport",
    "TransportWrapper",
    "UpgradedConnection",
    "UpgradedResponse",
    "WatchObservation",
    "make_transport",
]

__getattr__, __dir__ = lazy_attributes(
    __name__,
    {
        ".factory": ("make_transport",),
        ".observe": (
            "Observer",
            "Observers",
            "RelistObservation",
            "RequestObservation",
            "RetryObservation",
            "ThrottleObservation",
            "TokenRefreshObservation",
            "WatchObservation",
        ),
    },
)
