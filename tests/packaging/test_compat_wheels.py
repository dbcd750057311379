# SPDX-License-Identifier: Apache-2.0
"""The distributions ``k8s-core-compat-fiaas`` and ``k8s`` in one environment: what says so, and the way out."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from wheels import UV, Environment, Wheel, build, run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.packaging, pytest.mark.timeout(300)]

OURS = "plugins_examples/compat_fiaas"
PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "k8s"
version = "0.28.0"
[tool.hatch.build.targets.wheel]
packages = ["k8s"]
"""
DOCTOR = """
import json
from k8s_core.cli.doctor import diagnose
print(json.dumps([check.detail for check in diagnose(offline=True)[1] if check.step == "packages"]))
"""
FIRST_USE_OF_OURS = """
import k8s.config
from k8s.models.configmap import ConfigMap
k8s.config.api_server = "http://127.0.0.1:1"
try:
    ConfigMap.watch_list().send(None)
except Exception as error:
    print(type(error).__name__)
"""
FIRST_CLIENT = """
from k8s_core import Client, Config
Client(Config(server="http://127.0.0.1:1"))
"""


@pytest.fixture
def rival(tmp_path: Path) -> Wheel:
    """A distribution that is called as fiaas/k8s is, and has its import package."""
    folder = tmp_path / "rival"
    (folder / "k8s/models").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(PROJECT)
    for name in ("__init__.py", "base.py", "config.py", "models/__init__.py", "models/configmap.py"):
        (folder / "k8s" / name).write_text('"""Another package."""\nRIVAL = True\n')
    (tmp_path / "dist").mkdir()
    [wheel] = build([folder], tmp_path / "dist")
    return wheel


@pytest.fixture
def environment(wheels: dict[str, Wheel], tmp_path: Path) -> Environment:
    made = Environment(tmp_path, list(wheels.values()))
    made.install(wheels["k8s_core"].requirement("cli"), "k8s-plugins-builtin")
    return made


def install(environment: Environment, wheel: Wheel) -> None:
    run(
        UV,
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--reinstall",
        "--python",
        environment.python,
        wheel.path,
        cwd=environment.folder,
    )


def python(environment: Environment, script: str) -> tuple[str, str]:
    command = [environment.python, "-I", "-W", "ignore::DeprecationWarning", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout, done.stderr


def findings(environment: Environment) -> list[Any]:
    found: list[Any] = json.loads(python(environment, DOCTOR)[0])
    return found


@pytest.mark.parametrize("ours_last", [True, False], ids=["k8s, then ours", "ours, then k8s"])
def test_both_packages_of_the_name_k8s_are_noticed_and_the_advice_mends_it(
    environment: Environment, wheels: dict[str, Wheel], rival: Wheel, ours_last: bool
) -> None:
    ours = wheels[OURS]
    for wheel in (rival, ours) if ours_last else (ours, rival):
        install(environment, wheel)
    assert ("RIVAL" in python(environment, "import k8s; print(dir(k8s))")[0]) != ours_last

    advice = "pip uninstall --yes k8s"
    reinstall = "pip install --force-reinstall --no-deps k8s-core-compat-fiaas"
    [finding] = findings(environment)
    assert "k8s-core-compat-fiaas and k8s both install the import package 'k8s'" in finding
    assert advice in finding
    assert reinstall in finding
    for script in [FIRST_CLIENT, *([FIRST_USE_OF_OURS] if ours_last else [])]:
        warned = python(environment, script)[1]
        assert warned.count("RuntimeWarning") == 1
        assert f"{advice} && {reinstall}" in warned

    run(UV, "pip", "uninstall", "--quiet", "--python", environment.python, "k8s", cwd=environment.folder)
    install(environment, ours)
    assert findings(environment) == []
    assert python(environment, FIRST_USE_OF_OURS) == ("ConnectionFailed\n", "")


def test_ours_alone_is_fine(environment: Environment, wheels: dict[str, Wheel]) -> None:
    install(environment, wheels[OURS])
    assert findings(environment) == []
    assert python(environment, FIRST_USE_OF_OURS + FIRST_CLIENT) == ("ConnectionFailed\n", "")
