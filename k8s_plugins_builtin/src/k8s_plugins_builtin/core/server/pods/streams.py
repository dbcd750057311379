# SPDX-License-Identifier: Apache-2.0
"""``exec``, ``attach`` and ``portforward``: their options, and which container they mean (protocol F5, F14). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy.failures import bad_request
from k8s_devkit.strategy.subresources import Connect, Connection
from k8s_plugins_builtin.core.server.pods.running import choose_container, has_node

if TYPE_CHECKING:
    from k8s_devkit.strategy.document import Document
    from k8s_devkit.strategy.subresources import SubresourceCall

__all__ = ["PodAttach", "PodExec", "PodPortForward"]

_FLAGS = ("stdin", "stdout", "stderr", "tty")


class PodAttach(Connect):
    """``attach``: the terminal of a container's main process."""

    def options(self, call: SubresourceCall) -> Document:
        query = call.query
        found: Document = {name: True for name in _FLAGS if query.flag(name)}
        if query.get("container"):
            found["container"] = query.get("container")
        return found

    def connect(self, obj: Document, options: Document) -> Connection:
        container = choose_container(obj, options.get("container") or "")
        return Connection("attach", container, unreachable=_unreachable(obj))


class PodExec(PodAttach):
    """``exec``: a program that runs in a container."""

    def options(self, call: SubresourceCall) -> Document:
        return {**super().options(call), "command": call.query.all("command")}

    def connect(self, obj: Document, options: Document) -> Connection:
        container = choose_container(obj, options.get("container") or "")
        command = tuple(options.get("command") or ())
        return Connection("exec", container, command, unreachable=_unreachable(obj))


class PodPortForward(Connect):
    """``portforward``: connections to ports of a Pod."""

    def options(self, call: SubresourceCall) -> Document:
        return {"ports": [_port(text) for value in call.query.all("ports") for text in value.split(",")]}

    def connect(self, obj: Document, options: Document) -> Connection:
        return Connection("portforward", ports=tuple(options.get("ports") or ()), unreachable=_unreachable(obj))


def _unreachable(pod: Document) -> str:
    return "" if has_node(pod) else f"pod {pod['metadata']['name']} does not have a host assigned"


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) >= 1 << 16:
        why = "value out of range" if text.isdecimal() else "invalid syntax"
        raise bad_request(f'cannot convert to []int32: strconv.ParseUint: parsing "{text}": {why}')
    return int(text)
