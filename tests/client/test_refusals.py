# SPDX-License-Identifier: Apache-2.0
"""A 401 names the credential that was refused and where it was configured; other refusals help, too."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pytest
from scripted_server import ScriptedServer, raw, reply, status_body

from k8s_core import Client, Config, hookimpl
from k8s_core.auth.base import CredentialsBase
from k8s_core.configuration import AuthProviderConfig, ExecConfig
from k8s_core.errors import AlreadyExists, ApplyConflict, BadRequest, ConfigError, Conflict, Unauthorized
from k8s_core.plugins import Plugins
from k8s_core.requests import Request
from k8s_plugins_builtin.core.v1 import ConfigMap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

VERSION = Request(method="GET", path="/version", verb="get")


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A server that knows nobody."""
    with ScriptedServer(default=reply(401, status_body(401, "Unauthorized"))) as server:
        yield server


def refusal(config: Config, request: Request = VERSION, **options: Any) -> str:
    with Client(config, **options) as client, pytest.raises(Unauthorized) as raised:
        client.request(request)
    assert raised.value.advice in str(pickle.loads(pickle.dumps(raised.value)))
    return str(raised.value)


def test_a_refused_token_is_named_with_its_source_and_not_shown(server: ScriptedServer) -> None:
    message = refusal(Config(server=server.url, token="hunter2", source='context "prod" of /home/a/.kube/config'))
    assert 'the server refused the token of context "prod" of /home/a/.kube/config' in message
    assert "`k8s-core doctor`" in message
    assert "hunter2" not in message


def test_a_refused_token_file_is_named(server: ScriptedServer, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("hunter2")
    message = refusal(Config(server=server.url, token_file=str(file), source="the service account of this pod"))
    assert f"the server refused the token file {file} of the service account of this pod" in message
    assert "hunter2" not in message


def test_a_refused_password_is_named_by_its_user(server: ScriptedServer) -> None:
    message = refusal(Config(server=server.url, username="jane", password="hunter2"))
    assert "the server refused the user name 'jane' and password of Config" in message
    assert "hunter2" not in message


def test_a_refused_login_program_is_named_without_its_arguments(server: ScriptedServer, tmp_path: Path) -> None:
    program = tmp_path / "login"
    program.write_text(
        '#!/bin/sh\necho \'{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", '
        '"status": {"token": "hunter2"}}\'\n'
    )
    program.chmod(0o755)
    login = ExecConfig(command=str(program), api_version="client.authentication.k8s.io/v1", args=("--key=hunter2",))
    message = refusal(Config(server=server.url, exec=login))
    assert f"the server refused the login program {program} of Config" in message
    assert "hunter2" not in message


def test_a_refused_auth_provider_is_named(server: ScriptedServer) -> None:
    message = refusal(
        Config(server=server.url, auth_provider=AuthProviderConfig(name="oidc", config={"id-token": "hunter2"}))
    )
    assert "the server refused the auth provider oidc of Config" in message


def test_refused_credentials_of_a_plugin_are_named_by_it(server: ScriptedServer) -> None:
    class Login(CredentialsBase):
        def headers(self) -> Mapping[str, str]:
            return {"Authorization": "Bearer hunter2"}

    class Plugin:
        @hookimpl
        def k8s_credentials(self, config: Config) -> Login:
            return Login()

    plugins = Plugins(block=())
    plugins.register(Plugin())
    message = refusal(Config(server=server.url, token="other"), plugins=plugins)
    assert f"the server refused the credentials of plugin {__name__}" in message


def test_a_request_with_a_header_of_its_own_is_refused_for_that(server: ScriptedServer) -> None:
    request = Request(method="GET", path="/version", verb="get", headers=(("Authorization", "Bearer hunter2"),))
    message = refusal(Config(server=server.url, token="other"), request)
    assert "the Authorization header that the request brought" in message


def test_no_credential_at_all_is_said(server: ScriptedServer) -> None:
    assert "no credential was sent: Config has none; `k8s-core doctor`" in refusal(Config(server=server.url))


def test_plain_http_to_a_server_with_tls_names_the_address_to_write() -> None:
    answer = b"HTTP/1.0 400 Bad Request\r\nContent-Length: 48\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
    with ScriptedServer(raw(answer)) as server, Client(Config(server=server.url)) as client:
        with pytest.raises(BadRequest, match=f"the server speaks TLS: write https://{server.url[7:]}$"):
            client.request(VERSION)


@pytest.mark.parametrize(
    ("reason", "causes", "error", "way"),
    [
        ("Conflict", [], Conflict, "client.edit"),
        ("AlreadyExists", [], AlreadyExists, "client.apply"),
        ("Conflict", [{"reason": "FieldManagerConflict"}], ApplyConflict, "force=True"),
    ],
)
def test_a_conflict_names_the_way_on(
    reason: str, causes: list[dict[str, str]], error: type[Exception], way: str
) -> None:
    answer = reply(409, status_body(409, reason, causes=causes))
    with ScriptedServer(answer) as server, Client(Config(server=server.url)) as client:
        with pytest.raises(error, match=way):
            client.create(ConfigMap(metadata={"name": "a"}))


def test_no_configuration_at_all_names_the_next_steps() -> None:
    with pytest.raises(ConfigError) as raised:
        Client()
    for step in ("KUBECONFIG", "Config.from_kubeconfig", "Config(server=", "config.api_server", "k8s-core serve"):
        assert step in str(raised.value)
