# SPDX-License-Identifier: Apache-2.0
"""pytest fixtures: ``k8s_api`` (embedded server) and ``k8s_control_plane`` (real one). Found by its entry point.

Importing this module imports pytest and nothing of the SDK: test runs that do not use the fixtures pay nothing.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_core.client import Client
    from k8s_devkit import ApiServer, ControlPlane

__all__ = ["K8sApi", "k8s_api", "k8s_control_plane"]


class K8sApi:
    """What ``k8s_api`` gives: a server of its own for the test, and a client for it.

    Attributes:
        server: the `ApiServer`: seeds, faults, request log.
        client: a Client for it; the default one of this test, so tutorial-style verbs (``Pod.get("a")``) use it too.
    """

    def __init__(self, server: ApiServer, client: Client) -> None:
        self.server = server
        self.client = client

    @property
    def url(self) -> str:
        """Where the server serves."""
        return self.server.url


@pytest.fixture
def k8s_api() -> Iterator[K8sApi]:
    """A fresh embedded API server and a client for it, which is the default client while the test runs.

    Milliseconds for each test; everything is stopped and closed afterwards.
    """
    from k8s_devkit import ApiServer  # noqa: PLC0415  # every run of pytest loads this plugin (284 modules)

    with ApiServer() as server:
        client = server.client()
        with client.active():
            yield K8sApi(server, client)


@pytest.fixture(scope="session")
def k8s_control_plane() -> Iterator[ControlPlane]:
    """A real etcd and kube-apiserver from ``KUBEBUILDER_ASSETS``, one for the whole run; skips where it is not set."""
    assets = os.environ.get("KUBEBUILDER_ASSETS", "")
    if not assets:
        pytest.skip("KUBEBUILDER_ASSETS is not set: it names the directory with etcd and kube-apiserver")
    for name in ("etcd", "kube-apiserver"):
        if not os.access(Path(assets, name), os.X_OK):
            pytest.skip(f"KUBEBUILDER_ASSETS={assets} has no executable {name}")
    from k8s_devkit import ControlPlane  # noqa: PLC0415  # as above (29 modules)

    with ControlPlane() as control_plane:
        yield control_plane
