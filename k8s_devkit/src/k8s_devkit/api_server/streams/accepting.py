# SPDX-License-Identifier: Apache-2.0
"""What is asked of every request for a stream before its handshake, at an API server and at a kubelet. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from k8s_devkit.api_server.streams.channels import TUNNEL
from k8s_devkit.strategy.failures import Failure, bad_request

if TYPE_CHECKING:
    from k8s_devkit.api_server.network.messages import HttpRequest, Upgrade
    from k8s_devkit.api_server.streams.registry import StreamHandlers

__all__ = ["accept", "check_ports", "names_ports_later", "upgrade_of"]

_METHODS = {"exec": "exec", "attach": "attach", "portforward": "port_forward"}
_UPGRADE = re.compile(r"(^|.*,\s*)upgrade($|\s*,)")


def upgrade_of(request: HttpRequest) -> str:
    """The protocol that is asked for, in lower case; empty if it is no request to upgrade."""
    if not _UPGRADE.match(request.header("connection").lower()):
        return ""
    return request.header("upgrade").lower() or "?"


def names_ports_later(request: HttpRequest) -> bool:
    """Whether a port-forward names its ports one connection after the other, as it does over SPDY."""
    return upgrade_of(request).startswith("spdy/") or TUNNEL in request.header("sec-websocket-protocol")


def check_ports(ports: tuple[int, ...], *, needed: bool) -> None:
    """Raise what the kubelet refuses."""
    if needed and not ports:
        raise bad_request('query parameter "port" is required')
    for port in ports:
        if port < 1:
            raise bad_request(f'port "{port}" must be > 0')


def accept(upgrade: Upgrade, streams: StreamHandlers) -> Upgrade:
    """The same stream, if it can be served. Raises the refusal if it can't."""
    forwarding = upgrade.targets[0].stream == "portforward"
    if not forwarding and not any(upgrade.options.get(name) for name in ("stdin", "stdout", "stderr")):
        raise bad_request("you must specify at least 1 of stdin, stdout, stderr")
    for target in upgrade.targets:
        if streams.find(target) is None:
            method = f"{streams.owner}.{_METHODS[target.stream]}()"
            raise Failure(501, "NotImplemented", f"nothing serves {target}: register a handler with {method}")
    return upgrade
