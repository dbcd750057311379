# SPDX-License-Identifier: Apache-2.0
"""An embedded server with running pods, clients of it, and clients of scripted servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from k8s_core.client import Client
from k8s_core.configuration import Config
from k8s_devkit import ApiServer
from k8s_plugins_builtin.core.v1 import Pod

if TYPE_CHECKING:
    from scripted_server import ScriptedServer

Connect = Callable[..., Client]
MakePod = Callable[..., Pod]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """``connect(server, token="x")`` gives a client of a scripted server."""
    made: list[Client] = []

    def make(server: ScriptedServer | str, **options: Any) -> Client:
        url = server if isinstance(server, str) else server.url
        made.append(Client(Config(server=url, trust_env=False, **options)))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def api() -> Iterator[ApiServer]:
    """An embedded API server for one test: handlers, faults and logs are the server's."""
    with ApiServer() as server:
        yield server


@pytest.fixture
def client(api: ApiServer) -> Iterator[Client]:
    with api.client() as client:
        yield client


@pytest.fixture
def make_pod(api: ApiServer, client: Client) -> MakePod:
    """``make_pod("web", "main", "sidecar")`` gives a running pod, as the server has it."""

    def make(name: str = "web", *containers: str, phase: str = "Running", ready: bool = True, **metadata: Any) -> Pod:
        names = containers or ("main",)
        running = {"state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}, "ready": ready, "restartCount": 0}
        status = {
            "phase": phase,
            "conditions": [{"type": "Ready", "status": "True" if ready else "False"}],
            "containerStatuses": [
                {"name": each, "image": "x", "imageID": "x", **running} for each in names if phase == "Running"
            ],
        }
        api.seed(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": name, "namespace": "default", **metadata},
                "spec": {"nodeName": "node-1", "containers": [{"name": each, "image": "x"} for each in names]},
                "status": status,
            }
        )
        return client.get(Pod, name)

    return make


@pytest.fixture
def pod(make_pod: MakePod) -> Pod:
    """A running pod of one container."""
    return make_pod()
