# SPDX-License-Identifier: Apache-2.0
"""``k8s.config`` and what it does to requests."""

from __future__ import annotations

import datetime
import importlib
import sys
from typing import TYPE_CHECKING

import pytest
from scripted_server import ScriptedServer, reply

import k8s.config
import k8s_core
from k8s import config
from k8s.models.configmap import ConfigMap

if TYPE_CHECKING:
    from pathlib import Path

    from k8s_devkit import ApiServer

NOON = datetime.datetime(2026, 1, 1, 12)  # noqa: DTZ001  # the clock of fiaas/k8s has no zone
EMPTY = reply(200, b'{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"}}')


def test_both_imports_give_the_same_module_and_take_assignments() -> None:
    assert config is k8s.config is sys.modules["k8s.config"]
    k8s.config.timeout = 7
    config.stream_timeout = 9
    assert (config.timeout, k8s.config.stream_timeout) == (7, 9)
    assert (k8s_core.config.timeout, k8s_core.config.stream_timeout) == (7, 9)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("api_server", "https://example.com:6443"),
        ("api_token", "t"),
        ("cert", ("a.crt", "a.key")),
        ("verify_ssl", "ca.crt"),
        ("verify_ssl", False),
        ("timeout", 3),
        ("stream_timeout", 4),
        ("debug", True),
        ("watcher_cache_size", 10),
    ],
)
def test_a_setting_has_its_name_and_reaches_the_default_client(name: str, value: object) -> None:
    config.api_server = "https://example.com:6443"
    with pytest.warns(DeprecationWarning, match=f"k8s.config.{name}: write k8s_core.config.{name}"):
        setattr(config, name, value)
    assert getattr(config, name) == value
    made = k8s_core.config.to_config()
    assert made.server == "https://example.com:6443"


def test_what_is_no_setting_is_an_ordinary_attribute_or_an_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'api_servr'"):
        _ = config.api_servr
    importlib.reload(config)
    assert config.FileTokenSource.__module__ == "k8s.config"


def test_a_token_is_sent_and_an_empty_one_is_none() -> None:
    with ScriptedServer(default=EMPTY) as server:
        config.api_server = server.url
        config.api_token = "one"
        ConfigMap.get("a")
        config.api_token = ""
        ConfigMap.get("a")
        assert [seen.header("Authorization") for seen in server.requests] == ["Bearer one", None]


def test_a_token_source_is_asked_for_each_request_and_comes_first() -> None:
    class Source:
        count = 0

        def token(self) -> str:
            self.count += 1
            return f"t{self.count}"

    with ScriptedServer(default=EMPTY) as server:
        config.api_server = server.url
        config.api_token = "fixed"
        config.api_token_source = source = Source()
        assert config.api_token_source is source
        ConfigMap.get("a")
        ConfigMap.get("a")
        assert [seen.header("Authorization") for seen in server.requests] == ["Bearer t1", "Bearer t2"]


def test_a_token_file_is_read_again_after_a_minute(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("one\n")
    source = config.FileTokenSource(str(file), now_func=lambda: NOON)
    file.write_text("two\n")
    later = [NOON + datetime.timedelta(seconds=seconds) for seconds in (59, 60)]
    assert [source.token(now_func=lambda now=now: now) for now in later] == ["one", "two"]
    with pytest.raises(OSError, match="missing"):
        config.FileTokenSource(str(tmp_path / "missing"))


def test_in_cluster_configuration_takes_token_and_authority(tmp_path: Path) -> None:
    token, authority = tmp_path / "token", tmp_path / "ca.crt"
    token.write_text("mounted")
    authority.write_text("")
    config.use_in_cluster_config(token_file=str(token), ca_cert_file=str(authority))
    made = k8s_core.config.to_config()
    assert made.server == "https://kubernetes.default.svc.cluster.local"
    assert (made.certificate_authority, config.verify_ssl) == (str(authority), str(authority))
    assert config.api_token_source.token() == "mounted"


def test_in_cluster_configuration_keeps_an_address_that_was_set(tmp_path: Path, api: ApiServer) -> None:
    token = tmp_path / "token"
    token.write_text("mounted")
    config.api_server = api.url
    config.use_in_cluster_config(token_file=str(token), ca_cert_file=str(tmp_path / "missing"))
    assert (config.api_server, config.verify_ssl) == (api.url, True)
