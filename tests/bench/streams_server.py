# SPDX-License-Identifier: Apache-2.0
"""The embedded API server with a pod that pours bytes out, in its own process: ``python streams_server.py MIB 0``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from k8s_devkit import ApiServer

if TYPE_CHECKING:
    import socket

    from k8s_devkit import ExecSession

PIECE = bytes(1 << 20)
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "bench", "namespace": "default"},
    "spec": {"nodeName": "node-1", "containers": [{"name": "main", "image": "x", "ports": [{"containerPort": 80}]}]},
    "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
}


def main() -> None:
    """Print the port, and serve until standard input closes."""
    count = int(sys.argv[1])

    def pour(session: ExecSession) -> None:
        for _ in range(count):
            session.stdout.write(PIECE)

    def pour_socket(connection: socket.socket) -> None:
        for _ in range(count):
            connection.sendall(PIECE)

    with ApiServer() as server:
        server.seed(POD)
        server.exec(pour)
        server.port_forward(pour_socket)
        print(server.url.rpartition(":")[2], flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
