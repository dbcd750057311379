# SPDX-License-Identifier: Apache-2.0
"""``k8s-core explain``."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import pytest

from k8s_devkit import ApiServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

frame = importlib.import_module("k8s_core.cli.main")  # the package has a function of the module's name


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("explain") / "kubeconfig"
    with ApiServer() as server:
        path.write_text(server.kubeconfig())
        yield path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        frame.main(["explain", *arguments])
    shown = capsys.readouterr()
    return int(ended.value.code or 0), shown.out, shown.err


def test_it_prints_what_the_server_says(kubeconfig: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "deployment.spec.replicas", "--kubeconfig", str(kubeconfig))
    assert (code, err) == (0, "")
    assert out.startswith("GROUP:      apps\nKIND:       Deployment\nVERSION:    v1\n\nFIELD: replicas <integer>\n")


def test_recursive_and_another_version(kubeconfig: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("hpa.spec", "--recursive", "--api-version", "autoscaling/v1", "--kubeconfig", str(kubeconfig))
    code, out, _ = run(capsys, *arguments)
    assert code == 0
    assert "VERSION:    v1\n" in out
    assert "\n    kind\t<string> -required-\n" in out


def test_a_mistake_is_one_line(kubeconfig: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "deployment.spec.replica", "--kubeconfig", str(kubeconfig))
    assert (code, out) == (1, "")
    assert err == "error: Deployment.spec has no field 'replica'; did you mean 'replicas'?\n"
