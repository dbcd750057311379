# SPDX-License-Identifier: Apache-2.0
"""From a target to an open WebSocket: the request, and what its answer must be (protocol F1-F4)."""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING, Any

from k8s_core.errors import BadRequest, UpgradeRefused
from k8s_core.requests.request import Request
from k8s_core.streams.frames import accept_token
from k8s_core.streams.session import ChannelSession

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from k8s_core.streams.targets import Target
    from k8s_core.transport import Response

__all__ = ["open_session"]


def open_session(
    target: Target,
    subresource: str,
    query: Iterable[tuple[str, str]],
    protocols: Sequence[str],
    *,
    timeout: float | None = None,
) -> ChannelSession:
    """Ask for a stream; blocks until the server has agreed.

    Args:
        target: the object.
        subresource: such as ``exec``.
        query: its options.
        protocols: to offer, the best first.
        timeout: seconds of silence after which the server is given up; None = the configured stream timeout.

    Raises:
        UpgradeRefused: the answer is no refusal of Kubernetes, but no stream either.
        ApiError, TransportError: see :mod:`k8s_core.errors`.
    """
    key = base64.b64encode(os.urandom(16)).decode("ascii")
    request = Request(
        method="GET",
        path=target.resource.path(target.namespace, target.name, subresource),
        query=tuple(query),
        headers=(
            ("Sec-WebSocket-Key", key),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Protocol", ", ".join(protocols)),
        ),
        verb="connect",
        resource=target.resource,
        namespace=target.namespace,
        name=target.name,
        subresource=subresource,
        stream=True,
        upgrade="websocket",
        inactivity_timeout=timeout,
    )
    where = f"{subresource} of {target}"
    try:
        response: Any = target.client.request(request)
    except BadRequest as error:
        if "pgrade" in error.message:
            # The server saw a plain request: what asked for the upgrade was lost on the way.
            raise UpgradeRefused(f"{where}: {error.message.strip()}; {_HINT}") from error
        raise
    try:
        protocol = _agreed(response, key, protocols, where)
    except BaseException:
        response.close()
        raise
    return ChannelSession(response.connection, protocol, where)


_HINT = "does a proxy or load balancer on the way take WebSockets?"


def _agreed(response: Response, key: str, protocols: Sequence[str], where: str) -> str:
    if response.status != 101:
        raise UpgradeRefused(f"{where}: the answer is {response.status} and not a WebSocket; {_HINT}")
    if getattr(response, "connection", None) is None:
        raise UpgradeRefused(
            f"{where}: the answer came without its connection; a transport wrapper must give back the one that it got"
        )
    if response.headers.get("Sec-WebSocket-Accept") != accept_token(key):
        raise UpgradeRefused(f"{where}: the answer is not that of a WebSocket server (Sec-WebSocket-Accept); {_HINT}")
    if "Sec-WebSocket-Extensions" in response.headers:
        raise UpgradeRefused(f"{where}: the server uses WebSocket extensions that nobody asked for")
    protocol = response.headers.get("Sec-WebSocket-Protocol", "")
    if protocol not in protocols:
        raise UpgradeRefused(
            f"{where}: the server chose the protocol {protocol!r}, expected one of {', '.join(protocols)}"
        )
    return protocol
