# SPDX-License-Identifier: Apache-2.0
"""The embedded API server with many pods, in a process of its own: ``python embedded_server.py PODS 0``."""

from __future__ import annotations

import sys

import data

from k8s_core.model.codec import load_resource
from k8s_devkit import ApiServer
from k8s_plugins_builtin.core.v1 import Pod


def main() -> None:
    """Fill the server, print its port, and serve until standard input closes."""
    with ApiServer() as server, server.client() as client:
        for raw in data.pods(int(sys.argv[1]), typed=True):
            pod = load_resource(Pod, raw)
            metadata = pod.metadata
            # An owner that does not exist would have the pods collected.
            for field in ("uid", "resourceVersion", "managedFields", "ownerReferences", "deletionTimestamp"):
                setattr(metadata, field, None)
            client.create(pod, namespace="default")
        print(server.url.rpartition(":")[2], flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
