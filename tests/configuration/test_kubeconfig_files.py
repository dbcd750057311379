# SPDX-License-Identifier: Apache-2.0
"""Finding, reading and merging kubeconfig files: protocol A1-A10."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from k8s_core.configuration import Config
from k8s_core.configuration.kubeconfig import from_document, merge, parse
from k8s_core.configuration.loading import kubeconfig_paths, read_kubeconfig
from k8s_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Make = Callable[..., dict[str, Any]]
    Write = Callable[[str, dict[str, Any] | str], Path]


def test_A1_without_KUBECONFIG_only_the_file_in_HOME_is_read(write: Write, document: Make, tmp_path: Path) -> None:
    write(".kube/config", document({"server": "https://home"}))
    write("other", document({"server": "https://other"}))
    for environ in ({"HOME": str(tmp_path)}, {"HOME": str(tmp_path), "KUBECONFIG": ""}):
        assert kubeconfig_paths(environ) == [str(tmp_path / ".kube/config")]
        assert Config.load(environ=environ).server == "https://home"


def test_A2_KUBECONFIG_is_a_list_without_duplicates_and_empty_entries() -> None:
    assert kubeconfig_paths({"KUBECONFIG": "b:a::b:"}, separator=":") == ["b", "a"]
    assert kubeconfig_paths({"KUBECONFIG": r"C:\a;D:\b;C:\a"}, separator=";") == ["C:\\a", "D:\\b"]


@pytest.mark.parametrize("value", [os.pathsep, "missing", os.pathsep.join(["missing", "gone"])])
def test_A3_a_set_KUBECONFIG_hides_the_file_in_HOME(
    value: str, write: Write, document: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    write(".kube/config", document())
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="no configuration has been provided"):
        Config.load(environ={"HOME": str(tmp_path), "KUBECONFIG": value})
    assert f"Config not found: {', '.join(filter(None, value.split(os.pathsep)))}" in caplog.text


def test_A4_an_explicit_path_is_read_alone(
    write: Write, document: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(write("env", document({"server": "https://env"}))))
    asked = write("asked", document({"server": "https://asked"}))
    assert Config.from_kubeconfig(asked).server == "https://asked"
    assert Config.from_kubeconfig(str(asked)).server == "https://asked"
    with pytest.raises(ConfigError, match=r'config file ".*gone" does not exist') as caught:
        Config.from_kubeconfig(tmp_path / "gone")
    assert caught.value.source == str(tmp_path / "gone")


def test_A4_a_missing_file_in_the_list_is_skipped(write: Write, document: Make, tmp_path: Path) -> None:
    paths = os.pathsep.join([str(tmp_path / "gone"), str(write("there", document()))])
    assert Config.load(environ={"KUBECONFIG": paths}).server == "https://h:6443"


@pytest.mark.parametrize(
    ("content", "meaning"),
    [
        ("clusters: [", r"line \d+, column \d+"),
        ("a: b: c", "not YAML"),
        ("- a\n- b\n", "not a mapping"),
        ("just text", "not a mapping"),
        ("clusters: {a: b}", r": clusters: expected a list, found a mapping$"),
        (
            "users: [{name: x, user: {token: 12}}]",
            r": users\[0\].user.token: expected a string, found a number: quote it$",
        ),
        ("users: [{name: x}, {user: {as-groups: [true]}}]", r": users\[1\].user.as-groups\[0\]: .*found true or false"),
        (
            "users: [{user: {exec: {env: [x]}}}]",
            r": users\[0\].user.exec.env\[0\]: expected a mapping, found a string$",
        ),
        ("users: [{user: {as-user-extra: {a: x}}}]", r"as-user-extra.a: expected a list, found a string$"),
        ("users: [{user: {as-user-extra: {a: [[]]}}}]", r"as-user-extra.a\[0\]: expected a string, found a list$"),
        ("clusters: [{cluster: {insecure-skip-tls-verify: 'x'}}]", r"-verify: expected true or false, found a string$"),
        ("a: " + "[" * 300, "nested deeper than 200 levels"),
        ("apiVersion: v2", "not v1, Config"),
        ("kind: Pod\napiVersion: v1", "not v1, Config"),
        ("a: 1\n---\nb: 2\n", "expected one YAML document"),
    ],
)
def test_A5_an_unparsable_file_is_named(content: str, meaning: str, write: Write, document: Make) -> None:
    bad, good = write("bad", content), write("good", document())
    with pytest.raises(ConfigError, match=meaning) as caught:
        Config.load(environ={"KUBECONFIG": os.pathsep.join([str(good), str(bad)])})
    assert f'error loading config file "{bad}"' in str(caught.value)
    assert caught.value.source == str(bad)


def test_A5_a_file_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(ConfigError, match=f'error loading config file "{tmp_path}/folder": '):
        Config.from_kubeconfig(tmp_path / "folder")


@pytest.mark.parametrize("content", ["", "\n# nothing\n", "{}", "apiVersion: v1\nkind: Config\nusers: null\n"])
def test_A5_an_empty_file_is_an_empty_configuration(content: str, write: Write, document: Make) -> None:
    empty, full = write("empty", content), write("full", document())
    assert parse(content).empty
    assert Config.load(environ={"KUBECONFIG": os.pathsep.join([str(empty), str(full)])}).server == "https://h:6443"
    with pytest.raises(ConfigError, match="no configuration has been provided"):
        Config.from_kubeconfig(empty)


def test_A6_the_first_entry_of_a_name_counts_whole(document: Make) -> None:
    first = document({"server": "https://first"}, {"token": "t1"}, {"namespace": "n1"})
    second = document(
        {"server": "https://second", "tls-server-name": "x"}, {"username": "u", "password": "p"}, {"namespace": "n2"}
    )
    merged = merge([from_document(first), from_document(second)])
    assert merged.clusters["cl"].value.server == "https://first"
    assert merged.clusters["cl"].value.tls_server_name == ""
    assert merged.users["us"].value.token == "t1"
    assert merged.users["us"].value.username == ""
    assert merged.contexts["ctx"].value.namespace == "n1"


def test_A6_entries_of_all_files_are_there(document: Make) -> None:
    other = document()
    other["users"][0]["name"] = "them"
    assert set(merge([from_document(document()), from_document(other)]).users) == {"us", "them"}


@pytest.mark.parametrize(("contexts", "expected"), [(("", "x"), "x"), (("a", "b"), "a"), ((None, "x"), "x")])
def test_A7_the_first_current_context_that_is_set_counts(contexts: tuple[str, str], expected: str) -> None:
    files = [from_document({"current-context": name}) for name in contexts]
    assert merge(files).current_context == expected


@pytest.mark.parametrize("plural", ["clusters", "users", "contexts"])
def test_A8_a_duplicate_name_in_one_list_is_an_error(plural: str, document: Make) -> None:
    doc = document()
    doc[plural] *= 2
    with pytest.raises(ConfigError, match=r'duplicate name "(cl|us|ctx)" in list'):
        from_document(doc, "/f")


def test_A8_json_without_version_and_with_unknown_keys_is_accepted(write: Write, document: Make) -> None:
    doc = document({"x-new": 1}, {"token": "t", "color": "red"})
    del doc["apiVersion"], doc["kind"]
    doc["preferences"] = {"colors": True}
    assert Config.from_kubeconfig(write("config", json.dumps(doc))).token is not None


def test_A8_unknown_keys_of_the_chosen_entries_are_reported(selected: Callable[..., Any]) -> None:
    notes = selected({"x-new": 1}, {"tokn": "typo"}).notes
    assert notes == (
        "cluster \"cl\" has the unknown key 'x-new', which is ignored",
        "user \"us\" has the unknown key 'tokn', which is ignored",
    )


def test_A9_relative_paths_start_at_the_file_that_defines_them(
    write: Write, document: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ca_pem: bytes, identity: Any
) -> None:
    for name, content in (("ca", ca_pem), ("cert", identity[0]), ("key", identity[1]), ("token", b"t")):
        write(f"second/pki/{name}", content.decode())
    names = {"client-certificate": "pki/cert", "client-key": "pki/key", "tokenFile": "pki/token"}
    first = write("first/config", {"current-context": "ctx"})
    second = write("second/config", document({"certificate-authority": "pki/ca"}, names))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KUBECONFIG", f"first/config{os.pathsep}second/config")
    config = Config.load()
    assert config.certificate_authority == str(second.parent / "pki/ca")
    assert (config.client_certificate, config.client_key) == (
        str(tmp_path / "second/pki/cert"),
        str(tmp_path / "second/pki/key"),
    )
    assert config.token_file == str(tmp_path / "second/pki/token")
    assert first.parent.name not in str(config.token_file)


def test_A9_symbolic_links_are_not_resolved(write: Write, document: Make, tmp_path: Path) -> None:
    real = write("real/config", document({}, {"tokenFile": "token"}))
    (tmp_path / "link").mkdir()
    (tmp_path / "link/config").symlink_to(real)
    (tmp_path / "link/token").write_text("t")
    assert Config.from_kubeconfig(tmp_path / "link/config").token_file == str(tmp_path / "link/token")


def test_A9_a_document_without_a_file_keeps_its_paths(document: Make) -> None:
    assert (
        from_document(document({"certificate-authority": "pki/ca"})).clusters["cl"].value.certificate_authority
        == "pki/ca"
    )


@pytest.mark.parametrize(
    ("command", "resolved"), [("bin/login", "/etc/kube/bin/login"), ("./l", "/etc/kube/l"), ("aws", "aws")]
)
def test_A10_a_command_with_a_separator_is_resolved_and_a_name_is_not(
    command: str, resolved: str, document: Make
) -> None:
    program = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "interactiveMode": "Never",
        "command": command,
        "args": ["./arg"],
        "env": [{"name": "A", "value": "./b"}],
    }
    user = from_document(document({}, {"exec": program}), "/etc/kube/config").users["us"].value
    assert user.exec is not None
    assert user.exec.command == resolved
    assert user.exec.args == ["./arg"]
    assert [(item.name, item.value) for item in user.exec.env] == [("A", "./b")]


def test_a_tilde_is_the_home_folder(
    write: Write, document: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write("clusters/config", document())
    assert Config.from_kubeconfig("~/clusters/config").server == "https://h:6443"


def test_E19_numbers_and_times_are_read_as_kubectl_reads_them() -> None:
    text = "users:\n- name: 22:22\n  user: {username: 2026-01-01, password: 1:30}\n"
    assert parse(text).users["22:22"].value.username == "2026-01-01"


def test_reading_says_which_files_there_were(write: Write, document: Make) -> None:
    paths = [str(write("one", document())), str(write("two", document()))]
    assert read_kubeconfig(environ={"KUBECONFIG": os.pathsep.join(paths)}).files == tuple(paths)
