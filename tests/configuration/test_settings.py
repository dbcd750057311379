# SPDX-License-Identifier: Apache-2.0
"""``from k8s_core import config``: the settings of the tutorial."""

from __future__ import annotations

import functools
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import k8s_core
from k8s_core import config
from k8s_core.configuration import Config, ExecPolicy, Settings, incluster
from k8s_core.errors import ConfigError
from k8s_core.redaction import Sensitive, reveal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[[str, dict[str, Any] | str], Path]


@pytest.fixture
def settings() -> Settings:
    return Settings()


def test_config_is_one_settings_object_wherever_it_is_imported_from() -> None:
    assert isinstance(config, Settings)
    assert config is k8s_core.config is k8s_core.configuration.config
    config.api_server = "https://h:6443/"
    config.api_token = "t0ken"
    assert config.to_config().server == "https://h:6443"
    assert "t0ken" not in repr(config)


def test_importing_a_submodule_does_not_replace_a_setting_or_method() -> None:
    code = (
        "import k8s_core.configuration.loading, k8s_core.configuration.settings, k8s_core\n"
        "from k8s_core import config\n"
        "config.timeout = 3\n"
        "assert callable(config.load) and config.timeout == 3 and k8s_core.config is config\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=30)


def test_the_tutorials_settings_make_a_config(settings: Settings) -> None:
    settings.api_server = "https://kubernetes.example.com"
    settings.api_token = "token"
    settings.verify_ssl = "/ca.pem"
    settings.cert = ("/cert", "/key")
    settings.timeout = 5
    settings.stream_timeout = 60
    settings.debug = True
    made = settings.to_config()
    assert made.server == "https://kubernetes.example.com"
    assert reveal(made.token) == "token"
    assert (made.certificate_authority, made.verify_ssl) == ("/ca.pem", True)
    assert (made.client_certificate, made.client_key) == ("/cert", "/key")
    assert (made.timeout, made.stream_timeout, made.debug) == (5, 60, True)


def test_cert_may_be_one_file_and_verify_ssl_a_boolean(settings: Settings) -> None:
    settings.api_server = "https://h"
    settings.cert = "/both.pem"
    settings.verify_ssl = False
    made = settings.to_config()
    assert (made.client_certificate, made.client_key, made.verify_ssl) == ("/both.pem", "/both.pem", False)


def test_defaults(settings: Settings) -> None:
    assert (settings.api_server, settings.api_token, settings.cert, settings.verify_ssl) == (None, None, None, True)
    assert (settings.timeout, settings.stream_timeout, settings.debug) == (20, 270, False)
    assert settings.watcher_cache_size is None
    assert not settings.configured


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("api_server", "https://h:port"),
        ("cert", 5),
        ("cert", ("a", "b", "c")),
        ("verify_ssl", 3),
        ("timeout", "20"),
        ("timeout", -1),
        ("timeout", True),
        ("stream_timeout", 0),
        ("watcher_cache_size", 0),
        ("watcher_cache_size", "many"),
    ],
)
def test_a_wrong_value_is_refused_at_once_and_changes_nothing(name: str, value: Any, settings: Settings) -> None:
    before = settings.revision, getattr(settings, name)
    with pytest.raises(ConfigError) as caught:
        setattr(settings, name, value)
    assert caught.value.option in (name, "server")
    assert (settings.revision, getattr(settings, name)) == before


def test_a_setting_that_does_not_exist_is_refused(settings: Settings) -> None:
    with pytest.raises(AttributeError, match="no setting 'api_sever'; did you mean 'api_server'"):
        setattr(settings, "api_sever", "x")  # noqa: B010 - a type checker knows better than to write it
    with pytest.raises(AttributeError, match="there are api_server, "):
        setattr(config, "zzz", 1)  # noqa: B010 - as above
    assert not hasattr(config, "zzz")


def test_revision_grows_with_changes_only(settings: Settings) -> None:
    seen = [settings.revision]
    settings.api_server = "https://a"
    seen.append(settings.revision)
    settings.api_server = "https://a"
    assert settings.revision == seen[-1]
    settings.api_server = None
    seen.append(settings.revision)
    settings.use(Config(server="https://b"))
    seen.append(settings.revision)
    settings.reset()
    seen.append(settings.revision)
    assert seen == sorted(set(seen))


def test_load_kubeconfig_replaces_server_and_credentials_but_not_timeouts(
    settings: Settings, write: Write, document: Callable[..., Any]
) -> None:
    settings.api_server, settings.api_token, settings.verify_ssl, settings.timeout = "https://old", "old", False, 7
    doc = document({"server": "https://new"}, {"username": "u", "password": "p"}, {"namespace": "team"})
    settings.load_kubeconfig(write("config", doc), context="ctx")
    made = settings.to_config()
    assert (made.server, made.token, made.username, made.verify_ssl, made.timeout) == (
        "https://new",
        None,
        "u",
        True,
        7,
    )
    assert made.namespace == "team"
    assert settings.api_server == "https://new"


def test_assigning_after_loading_replaces_that_one_thing(
    settings: Settings, write: Write, document: Callable[..., Any]
) -> None:
    exec_user = {
        "exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "login", "interactiveMode": "Never"},
        "as": "jane",
    }
    settings.load_kubeconfig(write("config", document({"tls-server-name": "x"}, exec_user)))
    settings.api_token = "mine"
    made = settings.to_config()
    assert (reveal(made.token), made.exec, made.server) == ("mine", None, "https://h:6443")
    assert made.impersonate is not None
    assert made.tls_server_name == "x"
    settings.api_server = "https://other"
    assert settings.to_config().tls_server_name is None


def test_load_takes_what_kubectl_would_use(
    settings: Settings, write: Write, document: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(write("config", document())))
    settings.load()
    assert settings.configured
    assert settings.api_server == "https://h:6443"


def test_use_in_cluster_config(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = settings.revision
    with pytest.raises(ConfigError, match="KUBERNETES_SERVICE_HOST"):
        settings.use_in_cluster_config()
    assert settings.revision == before
    (tmp_path / "token").write_text("t")
    monkeypatch.setattr(incluster, "SERVICE_ACCOUNT", tmp_path)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    settings.use_in_cluster_config()
    assert settings.to_config().token_file == str(tmp_path / "token")


def test_without_any_setting_the_first_use_loads_once(settings: Settings) -> None:
    calls = []

    def loader() -> Config:
        calls.append(1)
        return Config(server="https://found", token="t")

    settings.timeout = 3
    assert settings.to_config(loader).server == "https://found"
    assert settings.to_config(loader).timeout == 3
    assert settings.api_server == "https://found"
    assert len(calls) == 1
    with pytest.raises(ConfigError, match="no configuration has been provided"):
        Settings().to_config()


def test_exec_policy_reaches_the_config(settings: Settings) -> None:
    settings.exec_policy = ExecPolicy(mode="DenyAll")
    settings.use(Config(server="https://h"))
    assert settings.to_config().exec_policy == ExecPolicy(mode="DenyAll")


def test_I1_settings_never_show_secrets(settings: Settings) -> None:
    settings.api_server, settings.api_token = "https://user:pw1@h", "t0ken"
    assert "t0ken" not in repr(settings)
    assert "pw1" not in repr(settings)
    assert repr(settings.api_token) == "***"
    settings.use(Config(server="https://h", token="other"))
    assert isinstance(settings.api_token, Sensitive)
    with pytest.raises(TypeError):
        pickle.dumps(config)


def test_a_token_source_takes_the_place_of_every_loaded_credential() -> None:
    settings = Settings()
    settings.use(Config(server="https://h", username="u", password="p"))
    settings.api_token = "text"
    settings.api_token_source = source = functools.partial(str, "hidden")
    found = settings.to_config()
    assert (found.token_source, found.token, found.username) == (source, None, None)
    assert "hidden" not in repr(found)
    settings.api_token_source = None
    assert reveal(settings.to_config().token) == "text"


@pytest.mark.parametrize("other", [{"token": "t"}, {"token_file": "/t"}, {"username": "u", "password": "p"}])
def test_a_token_source_is_the_only_bearer_of_a_configuration(other: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="not both"):
        Config(server="https://h", token_source=str, **other)  # type: ignore[arg-type]  # texts of any field
    assert Config(server="https://h", **other).replace(token_source=str).token_source is str  # type: ignore[arg-type]  # as above
    with pytest.raises(ConfigError, match="function"):
        Config(server="https://h", token_source="token")  # type: ignore[arg-type]  # the mistake
