# SPDX-License-Identifier: Apache-2.0
"""From a request for a stream to who serves it: options, rules, pod, container, handler (protocol F5, F14). Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.network.messages import Upgrade
from k8s_devkit.api_server.streams.channels import TUNNEL
from k8s_devkit.api_server.streams.registry import StreamTarget
from k8s_devkit.api_server.subresources.containers import choose_container, find_pod
from k8s_devkit.strategy.failures import Failure, bad_request, method_not_allowed

if TYPE_CHECKING:
    from k8s_devkit.api_server.core import ApiCore, Call
    from k8s_devkit.api_server.network.messages import HttpRequest

__all__ = ["connect"]

Json = dict[str, Any]
_METHODS = {"exec": "exec", "attach": "attach", "portforward": "port_forward"}
_KINDS = {"exec": "PodExecOptions", "attach": "PodAttachOptions", "portforward": "PodPortForwardOptions"}
_UPGRADE = re.compile(r"(^|.*,\s*)upgrade($|\s*,)")


def connect(core: ApiCore, call: Call) -> Upgrade:
    """GET or POST of ``exec``, ``attach`` or ``portforward``. Raises Failure for what is refused before a handshake."""
    if call.request.method not in ("GET", "POST"):
        raise method_not_allowed()
    subresource = call.info.subresource
    options = core.admission.review_connect(call, _KINDS[subresource], _options(call))
    upgrade = _upgrade_of(call.request)
    if upgrade == "websocket" and call.request.method == "GET" and core.streams.needs_create:
        core.authorizer.check(call, verb="create")
    ports = _ports(options) if subresource == "portforward" else []
    pod = find_pod(core, call, call.info.name).document()
    spdy = upgrade.startswith("spdy/") or TUNNEL in call.request.header("sec-websocket-protocol")
    if subresource == "portforward":
        # Over SPDY the ports are named later, one connection after the other.
        targets = [_target(call)] if spdy else [_target(call, port=port) for port in ports]
    else:
        container = choose_container(pod, options.get("container") or "")
        options["container"] = container
        targets = [_target(call, container=container, command=tuple(options.get("command") or ()))]
    routes = [core.streams.find(target) for target in targets]
    if (None in routes or not routes) and not (pod.get("spec") or {}).get("nodeName"):
        raise bad_request(f"pod {call.info.name} does not have a host assigned")
    if not upgrade:
        raise bad_request("Upgrade request required")
    if subresource == "portforward":
        _check_ports(ports, needed=not spdy)
    elif not any(options.get(name) for name in ("stdin", "stdout", "stderr")):
        raise bad_request("you must specify at least 1 of stdin, stdout, stderr")
    for target, route in zip(targets, routes, strict=True):
        if route is None:
            method = f"ApiServer.{_METHODS[subresource]}()"
            raise Failure(501, "NotImplemented", f"nothing serves {target}: register a handler with {method}")
    return Upgrade(upgrade, tuple(targets), options, pod, call.user.name)


def _target(call: Call, **more: Any) -> StreamTarget:
    return StreamTarget(call.info.subresource, call.info.namespace, call.info.name, **more)


def _upgrade_of(request: HttpRequest) -> str:
    """The protocol that is asked for, in lower case; empty if it is no request to upgrade."""
    if not _UPGRADE.match(request.header("connection").lower()):
        return ""
    return request.header("upgrade").lower() or "?"


def _options(call: Call) -> Json:
    query, subresource = call.request.query, call.info.subresource
    document: Json = {"kind": _KINDS[subresource], "apiVersion": "v1"}
    if subresource == "portforward":
        document["ports"] = [port for text in query.all("ports") for port in text.split(",")]
        return document
    for name in ("stdin", "stdout", "stderr", "tty"):
        if query.flag(name):
            document[name] = True
    if query.get("container"):
        document["container"] = query.get("container")
    if subresource == "exec":
        document["command"] = query.all("command")
    return document


def _ports(options: Json) -> list[int]:
    ports: list[int] = []
    for text in map(str, options["ports"]):
        if not text.isdecimal() or int(text) >= 1 << 16:
            why = "value out of range" if text.isdecimal() else "invalid syntax"
            raise bad_request(f'cannot convert to []int32: strconv.ParseUint: parsing "{text}": {why}')
        ports.append(int(text))
    return ports


def _check_ports(ports: list[int], *, needed: bool) -> None:
    """What the kubelet refuses."""
    if needed and not ports:
        raise bad_request('query parameter "port" is required')
    for port in ports:
        if port < 1:
            raise bad_request(f'port "{port}" must be > 0')
