# SPDX-License-Identifier: Apache-2.0
"""ControlPlane with the real etcd and kube-apiserver of KUBEBUILDER_ASSETS."""

from __future__ import annotations

import base64
import json
import ssl
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from k8s_devkit.control_plane.control_plane import ControlPlane

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.control_plane,
    pytest.mark.timeout(180),
    pytest.mark.skipif(ControlPlane.unavailable() is not None, reason=ControlPlane.unavailable() or "available"),
]


@pytest.fixture(scope="module")
def plane() -> Iterator[ControlPlane]:
    with ControlPlane(tokens={"alices-token": ("alice", ["dev"])}, start_timeout=120) as plane:
        yield plane


def ask(kubeconfig: str, tmp_path: Path, path: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
    """A request made from a kubeconfig's text alone."""
    document = yaml.safe_load(kubeconfig)
    cluster, user = document["clusters"][0]["cluster"], document["users"][0]["user"]
    authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
    context = ssl.create_default_context(cadata=authority)
    if "client-key-data" in user:
        for name in ("client-certificate-data", "client-key-data"):
            (tmp_path / name).write_bytes(base64.b64decode(user[name]))
        context.load_cert_chain(tmp_path / "client-certificate-data", tmp_path / "client-key-data")
    headers = {"Content-Type": "application/json"}
    if "token" in user:
        headers["Authorization"] = f"Bearer {user['token']}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(cluster["server"] + path, data=data, headers=headers)
    try:
        with urllib.request.urlopen(request, context=context, timeout=30) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_ready_for_an_administrator(plane: ControlPlane, tmp_path: Path) -> None:
    assert plane.running
    assert plane.version.startswith("v1.")
    pod = {"metadata": {"name": "a"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    status, created = ask(plane.kubeconfig(), tmp_path, "/api/v1/namespaces/default/pods", pod)
    assert status == 201, created
    assert created["metadata"]["uid"]
    _, roles = ask(plane.kubeconfig(), tmp_path, "/apis/rbac.authorization.k8s.io/v1/clusterroles/cluster-admin")
    assert roles["kind"] == "ClusterRole"


def test_authorization_is_on(plane: ControlPlane, tmp_path: Path) -> None:
    for kubeconfig in (plane.kubeconfig(token="alices-token"), plane.kubeconfig(user="alice", groups=["dev"])):
        status, answer = ask(kubeconfig, tmp_path, "/api/v1/namespaces/default/pods")
        assert status == 403
        assert 'User "alice" cannot list resource "pods"' in answer["message"]
    status, answer = ask(plane.kubeconfig(token="wrong"), tmp_path, "/api/v1/pods")
    assert (status, answer["reason"]) == (401, "Unauthorized")
