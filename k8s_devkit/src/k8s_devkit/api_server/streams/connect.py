# SPDX-License-Identifier: Apache-2.0
"""From a request for a stream of an object to who serves it: options, rules, object (protocol F5, F14). Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from k8s_devkit.api_server.access.rules import attributes_of
from k8s_devkit.api_server.discovery.served import subresource_type
from k8s_devkit.api_server.network.messages import Upgrade
from k8s_devkit.api_server.reads.reading import get_entry
from k8s_devkit.api_server.streams.accepting import accept, check_ports, names_ports_later, upgrade_of
from k8s_devkit.api_server.streams.registry import StreamTarget
from k8s_devkit.api_server.subresources.calls import call_of
from k8s_devkit.strategy.failures import bad_request, method_not_allowed

if TYPE_CHECKING:
    from k8s_devkit.api_server.core import ApiCore
    from k8s_devkit.api_server.requests.call import Call
    from k8s_devkit.strategy.document import Document
    from k8s_devkit.strategy.subresources import Connect, Connection

__all__ = ["connect"]


def connect(core: ApiCore, call: Call, served: Connect) -> Upgrade:
    """GET or POST of a stream. Raises Failure for what is refused before a handshake."""
    request, info = call.request, call.info
    if request.method not in ("GET", "POST"):
        raise method_not_allowed()
    type_ = subresource_type(call.kind, info.subresource)
    options: Document = {"kind": type_.kind, "apiVersion": type_.api_version, **served.options(call_of(call))}
    options = core.admission.review_connect(call, type_.gvk, options)
    upgrade = upgrade_of(request)
    if upgrade == "websocket" and request.method == "GET" and core.streams.needs_create:
        core.authorization.check(replace(attributes_of(request, info, call.user), verb="create"))
    document = get_entry(core.store, call.kind, info.namespace, info.name).document()
    connection = served.connect(document, options)
    ports_later = names_ports_later(request)
    targets = _targets(call, connection, ports_later=ports_later)
    if connection.unreachable and not (targets and all(map(core.streams.find, targets))):
        raise bad_request(connection.unreachable)
    if not upgrade:
        raise bad_request("Upgrade request required")
    if connection.stream == "portforward":
        check_ports(connection.ports, needed=not ports_later)
    else:
        options.update(container=connection.container, command=list(connection.command))
    return accept(Upgrade(upgrade, tuple(targets), options, document, call.user.name), core.streams)


def _targets(call: Call, connection: Connection, *, ports_later: bool) -> list[StreamTarget]:
    info, resource, stream = call.info, call.kind.resource, connection.stream
    kind = resource.singular or resource.kind.lower()
    if stream == "portforward":
        ports = (0,) if ports_later else connection.ports
        return [StreamTarget(stream, kind, info.namespace, info.name, port=port) for port in ports]
    return [StreamTarget(stream, kind, info.namespace, info.name, connection.container, connection.command)]
