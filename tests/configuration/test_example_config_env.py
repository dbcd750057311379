# SPDX-License-Identifier: Apache-2.0
"""The example package k8s-config-env: a configuration from environment variables, found by its entry point alone."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from k8s_config_env import config_from, k8s_load_config
from k8s_core.client.setup import load_config
from k8s_core.configuration import Config
from k8s_core.errors import ConfigError
from k8s_core.plugins import Plugins
from k8s_core.redaction import reveal

HOST = {"KUBE_HOST": "https://h:6443"}


def test_without_a_host_it_leaves_the_configuration_to_others() -> None:
    assert k8s_load_config() is None
    assert config_from({"KUBE_TOKEN": "t", "KUBE_HOST": ""}) is None


def test_every_variable(ca_pem: bytes, identity: tuple[bytes, bytes]) -> None:
    config = config_from(
        HOST
        | {
            "KUBE_TOKEN": "hunter2",
            "KUBE_NAMESPACE": "team",
            "KUBE_CLUSTER_CA_CERT_DATA": ca_pem.decode(),
            "KUBE_CLIENT_CERT_DATA": base64.b64encode(identity[0]).decode(),
            "KUBE_CLIENT_KEY_DATA": identity[1].decode().replace("\n", "\\n"),
            "KUBE_TLS_SERVER_NAME": "n",
            "KUBE_PROXY_URL": "http://p:1",
            "KUBE_INSECURE": "false",
        }
    )
    assert config == Config(
        server="https://h:6443",
        token="hunter2",
        namespace="team",
        certificate_authority_data=ca_pem,
        client_certificate_data=identity[0],
        client_key_data=identity[1],
        tls_server_name="n",
        proxy_url="http://p:1",
        source="the KUBE_* environment variables",
    )
    assert "hunter2" not in repr(config)


def test_other_logins_and_insecure() -> None:
    basic = config_from(HOST | {"KUBE_USER": "u", "KUBE_PASSWORD": "p", "KUBE_INSECURE": "TRUE"})
    assert basic is not None
    assert (basic.username, reveal(basic.password), basic.verify_ssl) == ("u", "p", False)
    from_file = config_from(HOST | {"KUBE_TOKEN_FILE": "/t"})
    assert from_file is not None
    assert from_file.token_file == "/t"


@pytest.mark.parametrize(
    ("variables", "option"),
    [
        ({"KUBE_INSECURE": "perhaps"}, "KUBE_INSECURE"),
        ({"KUBE_CLIENT_KEY_DATA": "hunter2"}, "KUBE_CLIENT_KEY_DATA"),
        ({"KUBE_CLUSTER_CA_CERT_DATA": "aHVudGVyMg=="}, "KUBE_CLUSTER_CA_CERT_DATA"),
        ({"KUBE_TOKEN": "hunter2", "KUBE_USER": "u"}, "token"),
        ({"KUBE_HOST": "https://h:hunter2"}, "server"),
    ],
)
def test_a_wrong_variable_is_an_error_without_its_value(variables: dict[str, str], option: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config_from(HOST | variables)
    assert caught.value.option == option
    assert "hunter2" not in str(caught.value) or option == "server"


def test_a_client_finds_it_by_its_entry_point(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("KUBE_HOST", "https://from-env")
    assert load_config(Plugins()).server == "https://from-env"
    with pytest.raises(ConfigError, match="no configuration has been provided"):
        load_config(Plugins(block=["k8s-config-env"]))
