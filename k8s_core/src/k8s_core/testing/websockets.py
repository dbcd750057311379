# SPDX-License-Identifier: Apache-2.0
"""exec, attach and port-forward over WebSockets (protocol F, J30)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["serve_websocket"]


async def serve_websocket(app: Any, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
    """Serve one WebSocket request."""
    await send({"type": "websocket.close", "code": 1000})
