# SPDX-License-Identifier: Apache-2.0
"""From a request for a stream to who serves it: options, rules, object, handler (protocol F5, F14). Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from k8s_devkit.api_server.access.rules import attributes_of
from k8s_devkit.api_server.discovery.served import subresource_type
from k8s_devkit.api_server.network.messages import Upgrade
from k8s_devkit.api_server.reads.reading import get_entry
from k8s_devkit.api_server.streams.channels import TUNNEL
from k8s_devkit.api_server.streams.registry import StreamTarget
from k8s_devkit.api_server.subresources.calls import call_of
from k8s_devkit.strategy.failures import Failure, bad_request, method_not_allowed

if TYPE_CHECKING:
    from k8s_devkit.api_server.core import ApiCore
    from k8s_devkit.api_server.network.messages import HttpRequest
    from k8s_devkit.api_server.requests.call import Call
    from k8s_devkit.strategy.document import Document
    from k8s_devkit.strategy.subresources import Connect, Connection

__all__ = ["connect"]

_METHODS = {"exec": "exec", "attach": "attach", "portforward": "port_forward"}
_UPGRADE = re.compile(r"(^|.*,\s*)upgrade($|\s*,)")


def connect(core: ApiCore, call: Call, served: Connect) -> Upgrade:
    """GET or POST of a stream. Raises Failure for what is refused before a handshake."""
    request, info = call.request, call.info
    if request.method not in ("GET", "POST"):
        raise method_not_allowed()
    type_ = subresource_type(call.kind, info.subresource)
    options: Document = {"kind": type_.kind, "apiVersion": type_.api_version, **served.options(call_of(call))}
    options = core.admission.review_connect(call, type_.gvk, options)
    upgrade = _upgrade_of(request)
    if upgrade == "websocket" and request.method == "GET" and core.streams.needs_create:
        core.authorization.check(replace(attributes_of(request, info, call.user), verb="create"))
    document = get_entry(core.store, call.kind, info.namespace, info.name).document()
    connection = served.connect(document, options)
    spdy = upgrade.startswith("spdy/") or TUNNEL in request.header("sec-websocket-protocol")
    targets = _targets(call, connection, spdy=spdy)
    routes = [core.streams.find(target) for target in targets]
    if connection.unreachable and (None in routes or not routes):
        raise bad_request(connection.unreachable)
    if not upgrade:
        raise bad_request("Upgrade request required")
    if connection.stream == "portforward":
        _check_ports(connection.ports, needed=not spdy)
    else:
        options.update(container=connection.container, command=list(connection.command))
        if not any(options.get(name) for name in ("stdin", "stdout", "stderr")):
            raise bad_request("you must specify at least 1 of stdin, stdout, stderr")
    for target, route in zip(targets, routes, strict=True):
        if route is None:
            method = f"ApiServer.{_METHODS[connection.stream]}()"
            raise Failure(501, "NotImplemented", f"nothing serves {target}: register a handler with {method}")
    return Upgrade(upgrade, tuple(targets), options, document, call.user.name)


def _targets(call: Call, connection: Connection, *, spdy: bool) -> list[StreamTarget]:
    info, resource, stream = call.info, call.kind.resource, connection.stream
    kind = resource.singular or resource.kind.lower()
    if stream == "portforward":
        # Over SPDY the ports are named later, one connection after the other.
        ports = (0,) if spdy else connection.ports
        return [StreamTarget(stream, kind, info.namespace, info.name, port=port) for port in ports]
    return [StreamTarget(stream, kind, info.namespace, info.name, connection.container, connection.command)]


def _upgrade_of(request: HttpRequest) -> str:
    """The protocol that is asked for, in lower case; empty if it is no request to upgrade."""
    if not _UPGRADE.match(request.header("connection").lower()):
        return ""
    return request.header("upgrade").lower() or "?"


def _check_ports(ports: tuple[int, ...], *, needed: bool) -> None:
    """What the kubelet refuses."""
    if needed and not ports:
        raise bad_request('query parameter "port" is required')
    for port in ports:
        if port < 1:
            raise bad_request(f'port "{port}" must be > 0')
