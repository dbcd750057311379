# SPDX-License-Identifier: Apache-2.0
"""Credentials that are given: tokens, passwords, certificates; which of several is used: A25, A40, A42."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from k8s_core.auth import ClientCertificate, Credentials, make_credentials
from k8s_core.auth.exec_plugin import ExecCredentials
from k8s_core.configuration import AuthProviderConfig, Config, ExecConfig
from k8s_core.errors import CredentialsError
from k8s_core.redaction import Sensitive

PROGRAM = ExecConfig(command="/nonexistent", api_version="client.authentication.k8s.io/v1")


def test_nothing_configured_is_anonymous() -> None:
    credentials = make_credentials(Config())
    assert isinstance(credentials, Credentials)
    assert (dict(credentials.headers()), credentials.client_certificate(), credentials.expires_at()) == ({}, None, None)
    assert not credentials.refresh({})


def test_a_token_is_a_bearer_header() -> None:
    credentials = make_credentials(Config(server="https://h", token="abc"))
    assert dict(credentials.headers()) == {"Authorization": "Bearer abc"}
    assert not credentials.refresh(credentials.headers())


@pytest.mark.parametrize("password", ["p", "", "p:ss wörd"])
def test_user_name_and_password_are_basic_auth_in_UTF8(password: str) -> None:
    credentials = make_credentials(Config(server="https://h", username="us", password=password))
    header = credentials.headers()["Authorization"].removeprefix("Basic ")
    assert base64.b64decode(header).decode() == f"us:{password}"


def test_half_a_character_in_a_password_is_an_error_without_it() -> None:
    with pytest.raises(CredentialsError, match="not valid Unicode") as caught:
        make_credentials(Config(server="https://h", username="u", password="hunter2\ud800"))
    assert caught.value.__context__ is None


@pytest.mark.parametrize("token", ["", "a b", "a\n", "\r\nX: y", "tök", "a\0"])
def test_a_token_that_no_header_can_carry_is_an_error_without_the_token(token: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        make_credentials(Config(server="https://h", token=token))
    assert "the token of Config" in str(caught.value)
    assert not token.strip() or token not in str(caught.value)


def test_A25_a_token_and_a_client_certificate_are_both_used() -> None:
    config = Config(server="https://h", token="abc", client_certificate_data=b"CERT", client_key_data=b"KEY")
    credentials = make_credentials(config)
    assert dict(credentials.headers()) == {"Authorization": "Bearer abc"}
    assert credentials.client_certificate() == ClientCertificate(b"CERT", Sensitive(b"KEY"))
    assert credentials.expires_at() is None
    assert not credentials.refresh(credentials.headers())


def test_A27_certificates_given_as_data_never_change() -> None:
    config = Config(server="https://h", client_certificate_data=b"CERT", client_key_data=b"KEY")
    credentials = make_credentials(config)
    assert credentials.client_certificate() is credentials.client_certificate()
    assert not credentials.refresh({})


def test_versions_of_certificates_follow_their_content() -> None:
    one, same, other = (ClientCertificate(b"C", Sensitive(key)) for key in (b"K", b"K", b"L"))
    assert one.version == same.version != other.version
    assert one == same != other
    assert "K" not in repr(one).replace("Key", "")


@pytest.mark.parametrize(
    "more",
    [
        {"token": "t"},
        {"username": "u"},
        {"client_certificate_data": b"C", "client_key_data": b"K"},
        {"token_file": "/f"},
    ],
)
def test_A40_other_credentials_come_before_exec(more: dict[str, Any]) -> None:
    assert isinstance(make_credentials(Config(server="https://h", exec=PROGRAM)), ExecCredentials)
    assert not isinstance(make_credentials(Config(server="https://h", exec=PROGRAM, **more)), ExecCredentials)


@pytest.mark.parametrize(("name", "instead"), [("gcp", "gke-gcloud-auth-plugin"), ("azure", "kubelogin")])
def test_A42_a_removed_auth_provider_names_what_to_install(name: str, instead: str) -> None:
    with pytest.raises(CredentialsError, match=f"the {name} auth plugin was removed.*install {instead}"):
        make_credentials(Config(server="https://h", auth_provider=AuthProviderConfig(name=name)))


def test_A42_an_unknown_auth_provider_is_an_error_and_never_anonymous() -> None:
    with pytest.raises(CredentialsError, match='no Auth Provider found for name "corp"; install a k8s_core plugin'):
        make_credentials(Config(server="https://h", auth_provider=AuthProviderConfig(name="corp")))


def test_a_token_source_is_called_before_each_request_and_after_a_401() -> None:
    tokens = iter(["one", "two", "two"])
    credentials = make_credentials(Config(server="https://h", token_source=lambda: next(tokens)))
    first = credentials.headers()
    assert dict(first) == {"Authorization": "Bearer one"}
    assert credentials.refresh(first)
    assert not credentials.refresh({"Authorization": "Bearer two"})


def broken() -> str:
    raise RuntimeError("secret-inside")


@pytest.mark.parametrize(
    ("source", "said"), [(broken, "failed: RuntimeError"), (lambda: None, "gave NoneType"), (lambda: "", "is empty")]
)
def test_a_token_source_that_yields_nothing_is_an_error_and_no_anonymous_request(source: Any, said: str) -> None:
    credentials = make_credentials(Config(server="https://h", token_source=source))
    with pytest.raises(CredentialsError, match=f"the token source of Config {said}") as caught:
        credentials.headers()
    assert "secret-inside" not in str(caught.value)
