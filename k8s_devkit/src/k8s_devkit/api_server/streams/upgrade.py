# SPDX-License-Identifier: Apache-2.0
"""The handshake: which protocol a stream is spoken in, and what is refused (protocol F2, F15, F16). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.api_server.network.messages import Answer
from k8s_devkit.api_server.streams.channels import PORT_FORWARD, TUNNEL, V4, V5

if TYPE_CHECKING:
    from k8s_devkit.api_server.network.messages import HttpRequest, Upgrade
    from k8s_devkit.api_server.streams.registry import StreamHandlers

__all__ = ["SPDY", "choose_protocol", "refusal"]

SPDY = "spdy/3.1"


def refusal(upgrade: Upgrade, request: HttpRequest, streams: StreamHandlers) -> Answer | None:
    """The answer to a handshake that cannot succeed; None for a good one."""
    if upgrade.protocol == SPDY:
        if choose_protocol(upgrade, request, streams):
            return None
        offered, spoken = _offered(upgrade, request), _spoken(upgrade, streams)
        text = f"client supports [{' '.join(offered)}], server accepts [{' '.join(spoken)}]"
        return _refuse(403, f"unable to upgrade: unable to negotiate protocol: {text}")
    if upgrade.protocol != "websocket":
        return _refuse(400, "unable to upgrade: missing upgrade headers in request")
    if request.method != "GET":
        return _refuse(405, "bad method")
    if not request.header("sec-websocket-key"):
        return _refuse(400, "mismatch challenge/response")
    if request.header("sec-websocket-version") != "13":
        answer = _refuse(400, "missing or bad WebSocket Version")
        answer.headers.append(("Sec-WebSocket-Version", "13"))
        return answer
    if not choose_protocol(upgrade, request, streams):
        offered, spoken = _offered(upgrade, request), _spoken(upgrade, streams)
        return _refuse(
            403, f"requested protocol(s) are not supported: [{' '.join(offered)}]; supports [{' '.join(spoken)}]"
        )
    return None


def _refuse(status: int, text: str) -> Answer:
    return Answer(status, text.encode() + b"\n", "text/plain; charset=utf-8", [("Connection", "close")])


def _spoken(upgrade: Upgrade, streams: StreamHandlers) -> tuple[str, ...]:
    forwarding = upgrade.targets[0].stream == "portforward"
    if upgrade.protocol == SPDY:
        return (PORT_FORWARD,) if forwarding else (V4,)
    return (TUNNEL, V4) if forwarding else streams.protocols


def _offered(upgrade: Upgrade, request: HttpRequest) -> list[str]:
    name = "x-stream-protocol-version" if upgrade.protocol == SPDY else "sec-websocket-protocol"
    lines = [value for key, value in request.header_lines if key.lower() == name]
    if upgrade.protocol != SPDY:
        # Several lines do not make a list here: the API server reads the first one only (F2).
        del lines[1:]
    return [part.strip() for line in lines for part in line.split(",") if part.strip()]


def choose_protocol(upgrade: Upgrade, request: HttpRequest, streams: StreamHandlers) -> str:
    """The subprotocol that both speak: v5 where it is offered, else the client's first; empty for none."""
    offered, spoken = _offered(upgrade, request), _spoken(upgrade, streams)
    if V5 in offered and V5 in spoken:
        return V5
    return next((name for name in offered if name in spoken), "")
