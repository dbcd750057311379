# SPDX-License-Identifier: Apache-2.0
"""``k8s-core plugins``: what is installed, loaded, blocked and broken, and why."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from k8s_core.cli import main

if TYPE_CHECKING:
    from fake_site import FakeSite


@pytest.fixture
def installed(site: FakeSite) -> FakeSite:
    site.add_kinds("k8s-crd-toys", "toys", "toys.example.com", "Ball", "Doll", version="1.2")
    site.add(
        "k8s-crd-bad", {"k8s_core.kinds": {"bad.example.com": "badpkg"}}, {"badpkg.py": "import no_such_dependency"}
    )
    source = """
        from k8s_core.plugins import hookimpl

        @hookimpl
        def k8s_observe(config):
            return None
    """
    site.add(
        "k8s-more",
        {"k8s_core.commands": {"more": "morepkg:register"}, "k8s_core.servers": {"toys.example.com": "morepkg.server"}},
    )
    site.add("k8s-watcher", {"k8s_core.plugins": {"watcher": "watchpkg"}}, {"watchpkg.py": source})
    return site


def listing(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(["plugins", *arguments])
    text = capsys.readouterr()
    return int(caught.value.code or 0), text.out, text.err


def rows(
    capsys: pytest.CaptureFixture[str], *arguments: str, groups: tuple[str, ...] = ("kinds", "plugins")
) -> dict[str, dict[str, Any]]:
    _, out, _ = listing(capsys, *arguments, "--output", "json")
    wanted = [f"k8s_core.{group}" for group in groups]
    return {row["distribution"]: row for row in json.loads(out) if row["group"] in wanted}


def test_listing_imports_no_plugin(installed: FakeSite, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = listing(capsys)
    assert code == 0
    assert not installed.imported()
    assert out.splitlines()[0].split("\t") == [
        "ENTRY POINT",
        "DISTRIBUTION",
        "VERSION",
        "STATE",
        "HOOKS",
        "REASON",
        "KINDS",
    ]
    (line,) = [line for line in out.splitlines() if "k8s-crd-toys" in line]
    assert line.split("\t") == ["kinds/toys.example.com", "k8s-crd-toys", "1.2", "available", "-", "-", "-"]


def test_load_finds_kinds_hooks_and_what_is_broken(installed: FakeSite, capsys: pytest.CaptureFixture[str]) -> None:
    found = rows(capsys, "--load")
    assert found["k8s-crd-toys"]["state"] == "loaded"
    assert found["k8s-crd-toys"]["kinds"] == ["toys.example.com/v1 Ball", "toys.example.com/v1 Doll"]
    assert found["k8s-watcher"]["hooks"] == ["k8s_observe"]
    assert found["k8s-crd-bad"]["state"] == "broken"
    reason = found["k8s-crd-bad"]["reason"]
    assert reason.startswith("ModuleNotFoundError: ")
    assert "'no_such_dependency'" in reason
    assert "toys.v1" not in sys.modules


def test_sub_commands_and_server_sides_are_listed_and_never_imported(
    installed: FakeSite, capsys: pytest.CaptureFixture[str]
) -> None:
    for group, name in (("commands", "more"), ("servers", "toys.example.com")):
        row = rows(capsys, "--load", groups=(group,))["k8s-more"]
        assert (row["name"], row["state"], row["hooks"]) == (name, "available", [])


def test_a_package_of_sub_commands_can_be_blocked_without_a_warning(
    installed: FakeSite, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("K8S_CORE_BLOCK_PLUGINS", "k8s-more")
    _, _, err = listing(capsys)
    assert err == ""
    assert rows(capsys, groups=("servers",))["k8s-more"]["state"] == "blocked"


def test_kinds_come_last_and_nothing_is_padded_so_that_a_long_list_makes_one_line_long(
    installed: FakeSite, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = listing(capsys, "--load")
    by_entry = {line.split("\t")[0]: line for line in out.splitlines()}
    assert by_entry["kinds/toys.example.com"].endswith("\tv1: Ball, Doll")
    assert len(by_entry["plugins/watcher"]) < 80


def test_a_broken_plugin_makes_the_exit_code_1(installed: FakeSite, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = listing(capsys, "--load")
    assert code == 1
    assert "no_such_dependency" in out


def test_blocked_plugins_and_names_that_block_nothing(
    installed: FakeSite, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("K8S_CORE_BLOCK_PLUGINS", "k8s-crd-bad, misspelt")
    code, out, err = listing(capsys, "--load")
    assert code == 0
    (line,) = [line for line in out.splitlines() if "k8s-crd-bad" in line]
    assert "blocked" in line
    assert "named in K8S_CORE_BLOCK_PLUGINS" in line
    assert err == "warning: K8S_CORE_BLOCK_PLUGINS names 'misspelt', which is not an installed plugin\n"


def test_a_program_finds_the_crontab_package_by_its_entry_point(capsys: pytest.CaptureFixture[str]) -> None:
    row = rows(capsys, "--load")["k8s-crd-crontab"]
    assert row["group"] == "k8s_core.kinds"
    assert row["kinds"] == ["stable.example.com/v1 CronTab"]
