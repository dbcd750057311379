# SPDX-License-Identifier: Apache-2.0
"""One suite, three servers: ``--server embedded`` (default), ``real`` or ``real-custom``; see tests/conftest.py."""

from __future__ import annotations

import os
import re
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conformance_differences import answers as accepted_answers
from custom_control_plane import CustomControlPlane
from wire import Wire
from wire_documents import establish_crontabs

from k8s_core import config
from k8s_devkit import ApiServer, ControlPlane

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from k8s_core import Client

    Server = ApiServer | ControlPlane | CustomControlPlane

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Everything below this folder is a conformance test; ``real-custom`` proves those on custom resources only."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.conformance)
            if "group" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.custom_resources)
    if config.getoption("--server") == "real-custom":
        others = [item for item in items if item.get_closest_marker("custom_resources") is None]
        items[:] = [item for item in items if item.get_closest_marker("custom_resources") is not None]
        config.hook.pytest_deselected(items=others)


@pytest.fixture(scope="session")
def api_server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """The server that all tests of a process share. Has ``url``, ``config()``, ``client()``, ``kubeconfig()``."""
    # Not skipped where the binaries are absent: who asks for a real server wants to know.
    if request.config.getoption("--server") == "real":
        with ControlPlane(start_timeout=120) as plane:
            yield plane
    elif request.config.getoption("--server") == "real-custom":
        with CustomControlPlane() as both:
            yield both
    else:
        with ApiServer() as server:
            yield server


@pytest.fixture(autouse=True)
def _since(request: pytest.FixtureRequest) -> None:
    """Skip a test marked ``since("1.27")`` on an older server."""
    marker = request.node.get_closest_marker("since")
    if marker is None or request.config.getoption("--server") == "embedded":
        return
    wanted = str(marker.args[0])
    server = request.getfixturevalue("api_server")
    if numbers(server.version) < numbers(wanted):
        pytest.skip(f"needs Kubernetes {wanted}; this server is {server.version}")


def numbers(version: str) -> tuple[int, int]:
    """``v1.20.2`` -> (1, 20)."""
    match = re.match(r"v?(\d+)\.(\d+)", version)
    assert match is not None, version
    return int(match[1]), int(match[2])


@pytest.fixture(scope="session")
def admin(api_server: Server) -> Iterator[Client]:
    """An administrator's client, shared by all tests."""
    with api_server.client() as client:
        yield client


@pytest.fixture
def wire(admin: Client, namespace: str) -> Wire:
    """Requests below the typed client: what goes over the wire is what the test says."""
    return Wire(admin, namespace)


@pytest.fixture
def namespace(admin: Client) -> str:
    """A namespace of its own. It stays: a kube-apiserver alone has no controller that would finish its deletion."""
    name = f"t-{uuid.uuid4().hex[:12]}"
    Wire(admin, "default").ok("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
    return name


@pytest.fixture
def answers(request: pytest.FixtureRequest) -> Callable[[str], tuple[Any, ...]]:
    """What this server may answer where the two accepted answers differ."""
    server = request.config.getoption("--server")
    return lambda name: accepted_answers(name, server)


@pytest.fixture
def tutorial(api_server: Server, namespace: str) -> Iterator[str]:
    """The default client of the tutorial, pointed at the server; gives the namespace that the test may use."""
    path = Path(os.environ["HOME"]) / f"{namespace}.kubeconfig"
    path.write_text(api_server.kubeconfig())
    config.load_kubeconfig(str(path))
    yield namespace
    config.reset()


@pytest.fixture(scope="session")
def group(admin: Client) -> str:
    """The group of a CronTab CRD for all tests: for the first object of a new one a real server takes two seconds."""
    return establish_crontabs(Wire(admin, f"g-{uuid.uuid4().hex[:12]}"))
