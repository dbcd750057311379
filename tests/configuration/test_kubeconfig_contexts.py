# SPDX-License-Identifier: Apache-2.0
"""From a kubeconfig to a Config: protocol A11-A16, A18-A22, A25, A28, A30, A31, A40."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from k8s_core.configuration import Config, Impersonation
from k8s_core.configuration import config as settings
from k8s_core.configuration.kubeconfig import KubeConfig, from_document
from k8s_core.configuration.material import certificate_authority
from k8s_core.configuration.selection import default_namespace, select
from k8s_core.errors import ConfigError
from k8s_core.redaction import reveal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Make = Callable[..., dict[str, Any]]
    ConfigOf = Callable[..., Config]
    Write = Callable[[str, dict[str, Any] | str], Path]

V1 = "client.authentication.k8s.io/v1"


def test_A11_an_unknown_context_is_named(document: Make) -> None:
    kubeconfig = from_document(document(), "/f")
    with pytest.raises(ConfigError, match=r'context "prod" does not exist \(contexts in /f: ctx\)'):
        select(Config, kubeconfig, context="prod")
    gone = from_document(document() | {"current-context": "gone"}, "/f")
    with pytest.raises(ConfigError, match="context was not found for specified context: gone"):
        select(Config, gone)
    unset = from_document(document() | {"current-context": ""}, "/f")
    with pytest.raises(ConfigError, match=r"no current-context is set.*ctx"):
        select(Config, unset)


def test_A11_a_context_can_be_asked_for(document: Make) -> None:
    doc = document()
    doc["contexts"].append({"name": "two", "context": {"cluster": "cl", "user": "us", "namespace": "n2"}})
    assert select(Config, from_document(doc), context="two").config.namespace == "n2"


def test_A12_a_missing_cluster_or_user_is_named(document: Make) -> None:
    with pytest.raises(ConfigError, match='cluster "gone" was not found for context "ctx"; there are cl') as caught:
        select(Config, from_document(document(context={"cluster": "gone"}), "/f"))
    assert caught.value.source == "/f"
    with pytest.raises(ConfigError, match='user "gone" was not found for context "ctx"; there are us'):
        select(Config, from_document(document(context={"user": "gone"})))
    with pytest.raises(ConfigError, match='cluster was not specified for context "ctx"'):
        select(Config, from_document(document(context={"cluster": ""})))
    with pytest.raises(ConfigError, match=r'cluster "cl": no server found'):
        select(Config, from_document(document({"server": ""})))


def test_A12_a_context_without_a_user_is_anonymous_on_purpose(config_of: ConfigOf) -> None:
    assert not config_of(context={"user": ""}).has_credentials


def test_A13_namespace_of_the_context_override_or_default(document: Make, config_of: ConfigOf, write: Write) -> None:
    assert config_of().namespace == "default"
    assert config_of(context={"namespace": "team"}).namespace == "team"
    path = write("config", document(context={"namespace": "team"}))
    assert Config.from_kubeconfig(path, namespace="mine").namespace == "mine"
    assert default_namespace(KubeConfig(), override="mine") == "mine"
    assert default_namespace(KubeConfig()) == "default"
    assert default_namespace(from_document(document(context={"namespace": "team"}))) == "team"


@pytest.mark.parametrize("option", ["certificate-authority", "client-certificate", "client-key"])
def test_A14_both_forms_of_one_thing_are_an_error(option: str, config_of: ConfigOf, encode: Any) -> None:
    both = {option: "/path", f"{option}-data": encode(b"pem")}
    with pytest.raises(ConfigError, match=f"{option}-data and {option} are both specified"):
        config_of(both, both)


@pytest.mark.parametrize("option", ["certificate-authority-data", "client-certificate-data", "client-key-data"])
@pytest.mark.parametrize("value", ["c3Vw$$", "not base64", "YQ", "\N{SNOWMAN}"])
def test_A14_bad_base64_is_an_error_that_names_the_field(
    option: str, value: str, config_of: ConfigOf, encode: Any
) -> None:
    fields = {"client-certificate-data": encode(b"x"), "client-key-data": encode(b"x")} | {option: value}
    with pytest.raises(ConfigError, match=f"{option} is not valid base64") as caught:
        config_of({option: value} if "authority" in option else {}, fields)
    assert value not in str(caught.value)


def test_A14_data_is_decoded_and_wins_in_a_Config(config_of: ConfigOf, encode: Any, ca_pem: bytes) -> None:
    wrapped = encode(ca_pem)
    wrapped = "\n".join(wrapped[i : i + 64] for i in range(0, len(wrapped), 64))
    assert config_of({"certificate-authority-data": wrapped}).certificate_authority_data == ca_pem

    both = Config(server="https://h", certificate_authority="/nonexistent", certificate_authority_data=ca_pem)
    assert certificate_authority(both)[0] == ca_pem


def test_A15_half_a_key_pair_is_an_error(config_of: ConfigOf, encode: Any) -> None:
    with pytest.raises(ConfigError, match=r"client-key-data or client-key must be specified.*clientCert"):
        config_of(user={"client-certificate-data": encode(b"x")})
    with pytest.raises(ConfigError, match="client-certificate-data or client-certificate must be specified"):
        config_of(user={"client-key": "/k"})
    with pytest.raises(ConfigError, match="client_key or client_key_data must be given"):
        Config(client_certificate="/c")
    with pytest.raises(ConfigError, match="client_certificate or client_certificate_data must be given"):
        Config(client_key_data=b"k")


@pytest.mark.parametrize("option", ["certificate-authority", "client-certificate", "client-key", "tokenFile"])
def test_A15_an_unreadable_file_is_an_error_at_once(option: str, write: Write, document: Make, ca_pem: bytes) -> None:
    write("there", ca_pem.decode())
    files = {"certificate-authority": "there", "client-certificate": "there", "client-key": "there"}
    cluster = {"certificate-authority": "gone" if option == "certificate-authority" else "there"}
    user = {key: value for key, value in files.items() if key.startswith("client")} | {"tokenFile": "there"}
    if option != "certificate-authority":
        user[option] = "gone"
    path = write("config", document(cluster, user))
    with pytest.raises(ConfigError, match=f"unable to read {option}.*{path.parent}/gone.*No such file") as caught:
        Config.from_kubeconfig(path)
    assert caught.value.source == str(path.parent / "gone")


@pytest.mark.parametrize("form", ["certificate-authority", "certificate-authority-data"])
def test_A16_insecure_with_an_authority_is_an_error(form: str, config_of: ConfigOf, encode: Any) -> None:
    with pytest.raises(ConfigError, match="specifying a root certificates file with the insecure flag is not allowed"):
        config_of({"insecure-skip-tls-verify": True, form: encode(b"x")})
    with pytest.raises(ConfigError, match="insecure flag"):
        Config(verify_ssl=False, certificate_authority="/ca")


def test_A16_an_override_clears_what_it_contradicts(ca_pem: bytes) -> None:
    strict = Config(server="https://h", certificate_authority_data=ca_pem)
    lax = strict.replace(verify_ssl=False)
    assert (lax.verify_ssl, lax.has_authority) == (False, False)
    again = lax.replace(certificate_authority="/ca")
    assert (again.verify_ssl, again.certificate_authority, again.certificate_authority_data) == (True, "/ca", None)


def test_A18_tls_server_name(config_of: ConfigOf) -> None:
    config = config_of({"tls-server-name": "foo"})
    assert config.tls_server_name == "foo"
    assert config.replace(server="https://other").tls_server_name is None
    assert config.replace(server="https://other", tls_server_name="bar").tls_server_name == "bar"
    assert config.replace(timeout=3).tls_server_name == "foo"


@pytest.mark.parametrize(
    ("server", "kept", "path"),
    [
        ("https://h/k8s/clusters/c-1", "https://h/k8s/clusters/c-1", "/k8s/clusters/c-1"),
        ("https://h/k8s/clusters/c-1/", "https://h/k8s/clusters/c-1", "/k8s/clusters/c-1"),
        ("https://h:6443/", "https://h:6443", ""),
        ("https://h:6443/p?x=1#y", "https://h:6443/p", "/p"),
        ("HTTPS://H", "https://H", ""),
    ],
)
def test_A19_a_path_of_the_server_is_kept_without_slash_query_and_fragment(
    server: str, kept: str, path: str, config_of: ConfigOf
) -> None:
    for config in (config_of({"server": server}), Config(server=server)):
        assert (config.server, config.server_path) == (kept, path)


@pytest.mark.parametrize(
    ("fields", "server", "expected"),
    [
        ({}, "", "http://localhost"),
        ({"certificate_authority_data": b"x"}, "host:8443", "https://host:8443"),
        ({"client_certificate": "/c", "client_key": "/k"}, "host:8443", "https://host:8443"),
        ({"verify_ssl": False}, "host:8443/", "https://host:8443"),
    ],
)
def test_A20_the_scheme_of_an_address_without_one(fields: Any, server: str, expected: str) -> None:
    assert Config(server=server, **fields).server == expected


@pytest.mark.parametrize("server", ["host:8443", "host", "[::1]:80"])
def test_A20_an_address_without_a_scheme_or_trust_is_http_with_a_warning(server: str) -> None:
    advice = rf"has no scheme and counts as http: write https://{re.escape(server)}"
    with pytest.warns(UserWarning, match=advice) as shown:
        assert Config(server=server).server == f"http://{server}"
    assert [warning.filename for warning in shown] == [__file__]
    with pytest.warns(UserWarning, match="https://"):
        settings.api_server = server


@pytest.mark.parametrize("server", ["host/path", "host:8443/path", "https://", "h:port", "https://h:99999", "//h"])
def test_A20_what_is_no_address_is_an_error(server: str, config_of: ConfigOf) -> None:
    with pytest.raises(ConfigError, match="host must be a URL or a host:port pair"):
        config_of({"server": server})


@pytest.mark.parametrize("server", ["https://h\n", "https://h /", "https://h\t", "https://h\x00", "https://\u200bh"])
def test_A20_control_characters_are_an_error(server: str) -> None:
    with pytest.raises(ConfigError, match="white space or a control character"):
        Config(server=server)


def test_A20_other_schemes_are_an_error() -> None:
    with pytest.raises(ConfigError, match="unsupported scheme 'ftp'"):
        Config(server="ftp://h")


@pytest.mark.parametrize(
    "user",
    [
        {"token": "s3cret"},
        {"tokenFile": "/nonexistent"},
        {"username": "u", "password": "p"},
        {"exec": {"apiVersion": V1, "command": "c", "interactiveMode": "Never"}},
        {"auth-provider": {"name": "oidc", "config": {"id-token": "t"}}},
    ],
)
def test_A21_nothing_secret_is_applied_to_a_server_without_tls(user: Any, selected: Callable[..., Any]) -> None:
    selection = selected({"server": "http://h:8080"}, user | {"as": "jane"})
    assert not selection.config.has_credentials
    assert selection.config.impersonate == Impersonation(user="jane")
    assert selection.notes == ('credentials of user "us" are not sent: the server is not https',)


def test_A21_a_client_certificate_and_a_password_in_the_address_are_not_applied_either(
    config_of: ConfigOf, encode: Any
) -> None:
    pair = {"client-certificate-data": encode(b"x"), "client-key-data": encode(b"x")}
    assert not config_of({"server": "http://u:p@h"}, pair).has_credentials
    assert config_of({"server": "https://u:p%40@h"}).password is not None
    assert reveal(config_of({"server": "https://u:p%40@h"}).password) == "p@"


@pytest.mark.parametrize("proxy", ["http://p:3128", "https://p", "socks5://u:pw@p:1080"])
def test_A22_proxy_url(proxy: str, config_of: ConfigOf) -> None:
    assert reveal(config_of({"proxy-url": proxy}).proxy_url) == proxy


@pytest.mark.parametrize(
    ("proxy", "meaning"),
    [
        ("ftp://u:hunter2@p", "unsupported scheme 'ftp', must be http, https, or socks5"),
        ("p:3128", "is not a URL"),
        ("http://", "is not a URL"),
        ("http://p:hunter2", "is not a URL"),
    ],
)
def test_A22_a_wrong_proxy_url_is_an_error(proxy: str, meaning: str, config_of: ConfigOf) -> None:
    with pytest.raises(ConfigError, match=meaning):
        config_of({"proxy-url": proxy})
    with pytest.raises(ConfigError, match=meaning) as caught:
        Config(server="https://h", proxy_url=proxy)
    assert "u:hunter2" not in str(caught.value)


@pytest.mark.parametrize("user", [{"token": "t"}, {"tokenFile": "/f"}])
@pytest.mark.parametrize("basic", [{"username": "u", "password": "p"}, {"username": "u"}, {"password": "p"}])
def test_A25_token_and_basic_auth_together_are_an_error(user: Any, basic: Any, config_of: ConfigOf) -> None:
    with pytest.raises(ConfigError, match="more than one authentication method found"):
        config_of(user=user | basic)
    names = {"token": "token", "tokenFile": "token_file"}
    with pytest.raises(ConfigError, match="username/password or bearer token may be set, but not both"):
        Config(**{names[key]: value for key, value in user.items()}, **basic)


def test_A28_impersonation_is_read_whole(config_of: ConfigOf) -> None:
    user = {"as": "jane", "as-uid": "7", "as-groups": ["a", "b"], "as-user-extra": {"k": ["v", "w"]}}
    expected = Impersonation(user="jane", uid="7", groups=("a", "b"), extra=(("k", ("v", "w")),))
    assert config_of(user=user).impersonate == expected


@pytest.mark.parametrize("user", [{"as-uid": "7"}, {"as-groups": ["a"]}, {"as-user-extra": {"k": ["v"]}}])
def test_A28_groups_uid_or_extra_without_a_user_are_an_error(user: Any, config_of: ConfigOf) -> None:
    with pytest.raises(ConfigError, match="requesting uid, groups or user-extra without impersonating a user"):
        config_of(user=user)


@pytest.mark.parametrize("version", ["client.authentication.k8s.io/v1alpha1", "v1", "other/v1"])
def test_A30_other_versions_of_exec_are_an_error(version: str, config_of: ConfigOf) -> None:
    program = {"apiVersion": version, "command": "c", "interactiveMode": "Never"}
    with pytest.raises(ConfigError, match=f"exec plugin: invalid apiVersion '{version}'"):
        config_of(user={"exec": program})


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_A30_v1_and_v1beta1_are_accepted(version: str, config_of: ConfigOf) -> None:
    program = {"apiVersion": f"client.authentication.k8s.io/{version}", "command": "c", "interactiveMode": "Always"}
    assert config_of(user={"exec": program}).exec.interactive_mode == "Always"


@pytest.mark.parametrize(
    ("change", "meaning"),
    [
        ({"interactiveMode": ""}, "interactiveMode must be specified"),
        ({"interactiveMode": "Sometimes"}, "invalid interactiveMode 'Sometimes'"),
        ({"command": ""}, "command must be specified"),
        ({"apiVersion": ""}, "apiVersion must be specified"),
        ({"env": [{"value": "x"}]}, "env variable name must be specified"),
    ],
)
def test_A31_an_incomplete_exec_is_an_error(change: Any, meaning: str, config_of: ConfigOf) -> None:
    program = {"apiVersion": V1, "command": "c", "interactiveMode": "Never"} | change
    with pytest.raises(ConfigError, match=rf'user "us": {meaning}'):
        config_of(user={"exec": program})


def test_A31_v1beta1_defaults_to_IfAvailable(config_of: ConfigOf) -> None:
    program = {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "c"}
    assert config_of(user={"exec": program}).exec.interactive_mode == "IfAvailable"


def test_A31_exec_with_an_auth_provider_is_an_error(config_of: ConfigOf) -> None:
    program = {"apiVersion": V1, "command": "c", "interactiveMode": "Never"}
    with pytest.raises(ConfigError, match="authProvider cannot be provided in combination with an exec plugin"):
        config_of(user={"exec": program, "auth-provider": {"name": "oidc"}})


def test_A40_exec_is_left_out_beside_other_credentials(selected: Callable[..., Any]) -> None:
    program = {"apiVersion": V1, "command": "c", "interactiveMode": "Never"}
    selection = selected(user={"exec": program, "token": "t"})
    assert selection.config.exec is None
    old = program | {"apiVersion": "client.authentication.k8s.io/v1alpha1"}
    assert selected(user={"exec": old, "token": "t"}).config.token is not None
    assert selection.notes == ('exec of user "us" is not used: the user has other credentials, which come first',)


def test_B18_disable_compression(config_of: ConfigOf) -> None:
    assert config_of({"disable-compression": True}).disable_compression
    assert not config_of().disable_compression


def test_I5_loading_runs_nothing(write: Write, document: Make, tmp_path: Path) -> None:
    program = {"apiVersion": V1, "interactiveMode": "Never", "command": "touch", "args": [str(tmp_path / "ran")]}
    assert Config.from_kubeconfig(write("config", document(user={"exec": program}))).exec is not None
    assert not (tmp_path / "ran").exists()


def test_I11_line_breaks_in_header_values_are_refused() -> None:
    for wrong in (
        {"user": "a\r\nX: y"},
        {"user": "a", "groups": ("b\n",)},
        {"user": "a", "extra": {"k": ["v\0"]}},
        {"user": "\ud800"},
    ):
        with pytest.raises(ConfigError, match="line break"):
            Impersonation(**wrong)
    with pytest.raises(ConfigError, match="user_agent contains a line break"):
        Config(user_agent="a\r\nX: y")
