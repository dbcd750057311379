# SPDX-License-Identifier: Apache-2.0
"""kubeconfig files as the common distributions write them, and the Config that each amounts to."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from k8s_core.auth import make_credentials
from k8s_core.auth.exec_plugin import ExecCredentials
from k8s_core.configuration import Config
from k8s_core.redaction import reveal

if TYPE_CHECKING:
    from collections.abc import Callable

FILES = Path(__file__).parent / "kubeconfigs"

EXPECTED: dict[str, tuple[str, str, dict[str, Any]]] = {
    # name: server, namespace, and what else there must be
    "kubeadm": ("https://192.168.10.11:6443", "default", {"has_client_certificate": True, "has_authority": True}),
    "kind": ("https://127.0.0.1:41871", "default", {"has_client_certificate": True, "has_authority": True}),
    "k3s": ("https://127.0.0.1:6443", "default", {"has_client_certificate": True, "has_authority": True}),
    "minikube": ("https://192.168.49.2:8443", "default", {"has_client_certificate": True, "has_authority": True}),
    "eks": ("https://0A1B2C3D4E5F60718293A4B5C6D7E8F9.gr7.eu-west-1.eks.amazonaws.com", "default", {"exec": "aws"}),
    "gke": ("https://203.0.113.20", "default", {"exec": "gke-gcloud-auth-plugin"}),
    "aks": ("https://prod-dns-1a2b3c4d.hcp.northeurope.azmk8s.io:443", "default", {"exec": "kubelogin"}),
    "openshift": ("https://api.crc.testing:6443", "my-project", {"verify_ssl": False, "has_authority": False}),
    "rancher": ("https://rancher.example.com/k8s/clusters/c-m-abcd1234", "default", {"has_authority": True}),
}


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Callable[[str], Path]:
    """One of the files in a home of its own, with the files that minikube would put there."""

    def make(name: str) -> Path:
        pki = tmp_path / ".minikube"
        (pki / "profiles/minikube").mkdir(parents=True)
        for path in ("ca.crt", "profiles/minikube/client.crt", "profiles/minikube/client.key"):
            (pki / path).write_text("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n")
        return Path(shutil.copy(FILES / f"{name}.yaml", tmp_path / "config"))

    return make


def test_every_file_is_expected() -> None:
    assert {path.stem for path in FILES.glob("*.yaml")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_distribution(name: str, kubeconfig: Callable[[str], Path], caplog: Any) -> None:
    server, namespace, more = EXPECTED[name]
    config = Config.from_kubeconfig(kubeconfig(name))
    assert (config.server, config.namespace) == (server, namespace)
    for attribute, expected in more.items():
        value = getattr(config, attribute)
        assert (value.command if attribute == "exec" else value) == expected
    assert config.has_credentials
    assert not caplog.records
    credentials = make_credentials(config)
    assert isinstance(credentials, ExecCredentials) == ("exec" in more)


def test_rancher_has_a_path_and_a_second_context(kubeconfig: Callable[[str], Path]) -> None:
    path = kubeconfig("rancher")
    assert Config.from_kubeconfig(path).server_path == "/k8s/clusters/c-m-abcd1234"
    node = Config.from_kubeconfig(path, "prod-node1")
    assert (node.server, node.has_authority) == ("https://10.1.2.3:6443", False)


def test_eks_arguments_and_environment(kubeconfig: Callable[[str], Path]) -> None:
    program = Config.from_kubeconfig(kubeconfig("eks")).exec
    assert program is not None
    assert reveal(program.args)[:3] == ("--region", "eu-west-1", "eks")
    assert reveal(program.env) == (("AWS_PROFILE", "operations"),)
    assert program.interactive_mode == "IfAvailable"


def test_gke_asks_for_cluster_info(kubeconfig: Callable[[str], Path]) -> None:
    program = Config.from_kubeconfig(kubeconfig("gke")).exec
    assert program is not None
    assert program.provide_cluster_info
    assert program.install_hint
