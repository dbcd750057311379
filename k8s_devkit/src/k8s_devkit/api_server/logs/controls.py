# SPDX-License-Identifier: Apache-2.0
"""How tests say what containers log."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from k8s_devkit.api_server.network.server_core import ServerCore

__all__ = ["LogControls"]


class LogControls:
    """The logs of containers. Safe for use from any thread."""

    core: ServerCore

    def write_log(
        self,
        name: str,
        text: str | bytes,
        *,
        namespace: str = "default",
        container: str = "",
        stream: str = "Stdout",
        previous: bool = False,
    ) -> None:
        """Append to the log that ``pods/log`` serves; who follows it gets it at once.

        Args:
            name: the pod, or another object whose kind has logs.
            text: whole lines or parts of one, stamped with the server's clock; bytes need not be UTF-8.
            container: empty for all containers of the pod.
            stream: ``Stdout`` or ``Stderr``.
            previous: write to the log from before the container's last restart.

        Raises:
            LookupError: there is no such object, and no ``container`` was named.
            ValueError: no such stream.
        """
        if stream not in ("Stdout", "Stderr"):
            raise ValueError(f"a container writes to Stdout or Stderr, not to {stream!r}")
        data = text.encode() if isinstance(text, str) else text
        with self.core.lock:
            for key in self.core.logs.keys(namespace, name, container):
                self.core.logs.write(key, data, stream, previous=previous)

    def end_log(self, name: str, *, namespace: str = "default", container: str = "") -> None:
        """Say that a container has ended: followers get the rest and their stream ends in order.

        What is written afterwards is the log of the restarted container, and the old one is its ``previous``. In an
        `ApiServer`, a pod that is deleted and a status with a ``terminated`` state end followers as well.

        Raises:
            LookupError: there is no such object, and no ``container`` was named.
        """
        with self.core.lock:
            for key in self.core.logs.keys(namespace, name, container):
                self.core.logs.finish(key)
