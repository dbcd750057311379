# SPDX-License-Identifier: Apache-2.0
"""The configuration of a pod, and the order of automatic loading: protocol A43-A47."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from k8s_core.configuration import Config, incluster
from k8s_core.configuration.incluster import in_cluster
from k8s_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[[str, dict[str, Any] | str], Path]

POD = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}


@pytest.fixture
def account(tmp_path: Path, ca_pem: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The mounted files of a service account."""
    folder = tmp_path / "serviceaccount"
    folder.mkdir()
    (folder / "token").write_text("pod-token\n")
    (folder / "ca.crt").write_bytes(ca_pem)
    (folder / "namespace").write_text("team\n")
    monkeypatch.setattr(incluster, "SERVICE_ACCOUNT", folder)
    return folder


@pytest.mark.parametrize("missing", sorted(POD))
@pytest.mark.parametrize("value", [None, ""])
def test_A43_both_variables_are_needed(missing: str, value: str | None, account: Path) -> None:
    environ = POD | {missing: value or ""}
    if value is None:
        del environ[missing]
    with pytest.raises(
        ConfigError, match="KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined"
    ) as caught:
        in_cluster(Config, environ)
    assert caught.value.option == missing


@pytest.mark.parametrize(
    ("host", "server"),
    [("fd00::1", "https://[fd00::1]:443"), ("10.0.0.1", "https://10.0.0.1:443"), ("k", "https://k:443")],
)
def test_A44_an_IPv6_host_gets_brackets(host: str, server: str, account: Path) -> None:
    assert in_cluster(Config, POD | {"KUBERNETES_SERVICE_HOST": host}).server == server


def test_A45_token_and_authority_come_from_the_mounted_files(account: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in POD.items():
        monkeypatch.setenv(name, value)
    config = Config.in_cluster()
    assert (config.token_file, config.certificate_authority) == (str(account / "token"), str(account / "ca.crt"))
    assert config.verify_ssl


def test_A45_an_unreadable_or_empty_token_is_an_error(account: Path) -> None:
    (account / "token").write_text(" \n")
    with pytest.raises(ConfigError, match="token is empty"):
        in_cluster(Config, POD)
    (account / "token").unlink()
    with pytest.raises(ConfigError, match=r"can't read .*token: No such file"):
        in_cluster(Config, POD)


def test_A45_without_an_authority_the_systems_roots_are_used_and_it_is_logged(account: Path, caplog: Any) -> None:
    (account / "ca.crt").unlink()
    config = in_cluster(Config, POD)
    assert config.certificate_authority is None
    assert config.verify_ssl
    assert "the system's certificate authorities are used" in caplog.text


def test_A46_namespace_from_the_environment_the_file_or_default(account: Path) -> None:
    assert in_cluster(Config, POD | {"POD_NAMESPACE": "mine"}).namespace == "mine"
    assert in_cluster(Config, POD).namespace == "team"
    (account / "namespace").write_text("\n")
    assert in_cluster(Config, POD).namespace == "default"
    (account / "namespace").unlink()
    assert in_cluster(Config, POD).namespace == "default"


def test_A47_kubeconfig_comes_first(account: Path, write: Write, document: Callable[..., Any]) -> None:
    path = write("config", document({"server": "https://from-file"}))
    assert Config.load(environ=POD | {"KUBECONFIG": str(path)}).server == "https://from-file"


@pytest.mark.parametrize("content", [None, "", "apiVersion: v1\nkind: Config\n"])
def test_A47_in_cluster_is_used_when_the_kubeconfig_is_empty(content: str | None, account: Path, write: Write) -> None:
    home = write(".kube/config", content or "").parents[1] if content is not None else account
    assert Config.load(environ=POD | {"HOME": str(home)}).server == "https://10.0.0.1:443"


def test_A47_an_invalid_kubeconfig_is_an_error_even_in_a_pod(
    account: Path, write: Write, document: Callable[..., Any]
) -> None:
    for content in ("clusters: [", document() | {"current-context": "gone"}, document() | {"current-context": ""}):
        path = write("config", content)
        with pytest.raises(ConfigError):
            Config.load(environ=POD | {"KUBECONFIG": str(path)})


def test_A47_a_context_that_was_asked_for_is_never_replaced_by_the_pod(account: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='context "prod" does not exist'):
        Config.load(context="prod", environ=POD | {"HOME": str(tmp_path)})


def test_A47_in_cluster_needs_variables_and_token(account: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no configuration has been provided.*\.kube/config, and this is not a pod"):
        Config.load(environ={"HOME": str(tmp_path)})
    (account / "token").unlink()
    with pytest.raises(ConfigError, match="no configuration has been provided"):
        Config.load(environ=POD | {"HOME": str(tmp_path)})


def test_the_environment_of_the_process_is_the_default(
    account: Path, write: Write, document: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join([str(write("config", document()))]))
    assert Config.load().server == "https://h:6443"
