# SPDX-License-Identifier: Apache-2.0
"""Which subresources have kinds or rules of their own (protocol C36, J30)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.api_server.reads.reading import get_entry
from k8s_devkit.api_server.subresources import logs, pods, virtual
from k8s_devkit.api_server.subresources.scale import serve_scale
from k8s_devkit.strategy.failures import Failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_devkit.api_server.core import ApiCore, Call
    from k8s_devkit.api_server.network.messages import Reply

    Handler = Callable[[ApiCore, Call], Reply]

__all__ = ["handler_of"]

_VERBS = {"create": ("create",), "get": ("get",), "scale": ("get", "update", "patch")}


def handler_of(call: Call) -> Handler | None:
    """The special handler of a call's subresource; None if it behaves like ``status``."""
    subresource, plural = call.info.subresource, call.kind.resource.plural
    found: tuple[Handler, str] | None = None
    if subresource == "scale":
        found = serve_scale, "scale"
    elif call.kind.key == ("", "pods"):
        found = _PODS.get(subresource)
    elif (plural, subresource) == ("serviceaccounts", "token"):
        found = virtual.issue_token, "create"
    if subresource == "proxy":
        return _refuse_proxy
    if call.kind.key == ("", "pods") and subresource in _STREAMS:
        return _connect
    if found is None:
        return None
    handler, verbs = found
    if call.info.verb not in _VERBS[verbs]:
        raise call.kind.refuse_verb(call.info.verb)
    return handler


def _connect(core: ApiCore, call: Call) -> Reply:
    from k8s_devkit.api_server.streams.connect import connect

    return connect(core, call)


def _refuse_proxy(core: ApiCore, call: Call) -> Reply:
    parts = call.info.name.split(":")  # scheme:name:port, of which only the name must be there
    get_entry(core.store, call.kind, call.info.namespace, parts[1] if len(parts) == 3 else parts[0])
    what = f"{call.kind.resource.plural}/{call.info.subresource}"
    raise Failure(501, "NotImplemented", f"{what} is not served by the embedded API server")


_STREAMS = frozenset({"exec", "attach", "portforward"})
_PODS: dict[str, tuple[Handler, str]] = {
    "binding": (pods.bind, "create"),
    "eviction": (pods.evict, "create"),
    "log": (logs.read_log, "get"),
}
