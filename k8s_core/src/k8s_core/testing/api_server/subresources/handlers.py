# SPDX-License-Identifier: Apache-2.0
"""Which subresources have kinds or rules of their own (protocol C36, J30)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core.testing.api_server.failures import Failure, bad_request, method_not_allowed
from k8s_core.testing.api_server.subresources import pods, virtual
from k8s_core.testing.api_server.subresources.scale import serve_scale

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.testing.api_server.core import ApiCore, Call
    from k8s_core.testing.api_server.network.messages import Answer

    Handler = Callable[[ApiCore, Call], Answer]

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
    if subresource in _STREAMS:
        return _refuse_upgrade
    if found is None:
        return None
    handler, verbs = found
    if call.info.verb not in _VERBS[verbs]:
        raise method_not_allowed()
    return handler


def _refuse_upgrade(core: ApiCore, call: Call) -> Answer:
    """GET or POST of exec, attach, port-forward or proxy: they need a stream that this server does not have."""
    del core
    if "upgrade" not in call.request.header("connection").lower():
        raise bad_request("Upgrade request required")
    what = f"{call.kind.resource.plural}/{call.info.subresource}"
    raise Failure(501, "NotImplemented", f"{what} is not served by the embedded API server")


_STREAMS = frozenset({"exec", "attach", "portforward", "proxy"})
_PODS: dict[str, tuple[Handler, str]] = {
    "binding": (pods.bind, "create"),
    "eviction": (pods.evict, "create"),
    "log": (pods.read_log, "get"),
}
