# SPDX-License-Identifier: Apache-2.0
"""Writing a kubeconfig: protocol I9."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from k8s_core.configuration.writing import write_kubeconfig
from k8s_core.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_I9_the_file_is_private_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "new/folder/config"
    write_kubeconfig(path, "one")
    path.chmod(0o644)
    write_kubeconfig(path, "two")
    assert path.read_text() == "two"
    assert mode(path) == 0o600
    assert mode(path.parent) == 0o755
    assert [item.name for item in path.parent.iterdir()] == ["config"]


def test_I9_a_lock_of_somebody_else_is_respected(tmp_path: Path) -> None:
    lock = tmp_path / "config.lock"
    lock.touch()
    with pytest.raises(ConfigError, match=r"config\.lock exists: another program is writing config"):
        write_kubeconfig(tmp_path / "config", "one")
    assert lock.exists()
    assert not (tmp_path / "config").exists()


def test_I9_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("one")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_kubeconfig(tmp_path / "link", "two")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "two"


def test_I9_a_failure_leaves_no_lock(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    with pytest.raises(ConfigError, match="can't write"):
        write_kubeconfig(tmp_path / "config", "one")
    assert [item.name for item in tmp_path.iterdir()] == ["config"]
