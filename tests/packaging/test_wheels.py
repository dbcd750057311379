# SPDX-License-Identifier: Apache-2.0
"""The distributions as users get them: wheels, installed into a fresh environment outside the repository, and used."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_string
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from email.message import Message

pytestmark = [pytest.mark.packaging, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]
UV = Path(sys.executable).with_name("uv")
DISTRIBUTIONS = {"k8s-core": "k8s_core", "k8s-plugins-builtin": "k8s_plugins_builtin", "k8s-core-devkit": "k8s_devkit"}
ENVIRONMENT = {  # taken before a test moves HOME, where uv keeps its cache
    name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV", "UV_PROJECT"))
}


def run(*command: object, cwd: Path) -> str:
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Source distributions, and the wheels that are built from them (as an installer without our checkout would)."""
    folder = tmp_path_factory.mktemp("dist")
    for source in DISTRIBUTIONS.values():
        run(UV, "build", "--quiet", "--out-dir", folder, ROOT / source, cwd=folder)
    return folder


def wheel(dist: Path, distribution: str) -> Path:
    [path] = dist.glob(f"{distribution.replace('-', '_')}-*.whl")
    return path


class Installed:
    """A virtual environment that knows nothing of the repository."""

    def __init__(self, folder: Path, requirements: list[str]) -> None:
        self.folder = folder
        run(UV, "venv", "--quiet", "--python", sys.executable, folder / "venv", cwd=folder)
        self.python = folder / "venv" / "bin" / "python"
        # The wheels are named as files, so that no index can answer in their place.
        run(UV, "pip", "install", "--quiet", "--python", self.python, *requirements, cwd=folder)

    def script(self, text: str) -> Any:
        """Run a script that prints one JSON document."""
        return json.loads(run(self.python, "-I", "-W", "error", "-c", text, cwd=self.folder))


@pytest.fixture(scope="module")
def bare(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """What production needs: the core and the built-in kinds, without extras."""
    wheels = [str(wheel(dist, name)) for name in ("k8s-core", "k8s-plugins-builtin")]
    return Installed(tmp_path_factory.mktemp("bare"), wheels)


@pytest.fixture(scope="module")
def full(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """With the command line and the embedded API server."""
    return Installed(tmp_path_factory.mktemp("full"), [str(wheel(dist, name)) for name in DISTRIBUTIONS])


# --- contents --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("distribution", "package"), DISTRIBUTIONS.items())
def test_wheel_holds_the_package_and_nothing_else(dist: Path, distribution: str, package: str) -> None:
    with zipfile.ZipFile(wheel(dist, distribution)) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        licences = [name for name in archive.namelist() if name.endswith(".dist-info/licenses/LICENSE")]
    source = ROOT / package / "src"
    expected = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert f"{package}/py.typed" in names
    assert names == expected
    assert len(licences) == 1


@pytest.mark.parametrize(("distribution", "package"), DISTRIBUTIONS.items())
def test_source_distribution_is_the_folder(dist: Path, distribution: str, package: str) -> None:
    [path] = dist.glob(f"{distribution.replace('-', '_')}-*.tar.gz")
    with tarfile.open(path) as archive:
        tops = {name.split("/")[1] for name in archive.getnames() if "/" in name}
    assert {"src", "pyproject.toml", "README.md", "LICENSE", "PKG-INFO"} <= tops
    assert not tops & {"tests", ".venv", "uv.lock"}


def metadata(dist: Path, distribution: str) -> Message:
    with zipfile.ZipFile(wheel(dist, distribution)) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return message_from_string(archive.read(name).decode())


def test_metadata(dist: Path) -> None:
    core = metadata(dist, "k8s-core")
    assert core["License-Expression"] == "Apache-2.0"
    assert core["Requires-Python"] == ">=3.11"
    required = {
        re.split(r"[<>=!~;\[ ]", line, maxsplit=1)[0].lower()
        for line in core.get_all("Requires-Dist", [])
        if "extra" not in line
    }
    assert required == {"pluggy", "marshmallow", "urllib3", "importlib-metadata", "msgspec", "pyyaml"}
    builtin = metadata(dist, "k8s-plugins-builtin")
    assert [line for line in builtin.get_all("Requires-Dist", []) if "extra" not in line] == ["k8s-core<0.2,>=0.1"]


# --- use -------------------------------------------------------------------------------------------------


def test_entry_points_are_found_and_an_object_round_trips(bare: Installed) -> None:
    result = bare.script(
        """
import json, k8s_core
from k8s_core import Registry

registry = Registry()
Deployment = registry.get("apps/v1", "Deployment")
wire = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a", "unknown": None},
        "spec": {"replicas": 2, "template": {"spec": {"containers": [{"name": "c", "newField": [1, {"x": None}]}]}}}}
deployment = Deployment.from_dict(wire)
name = deployment.spec.template.spec.containers[0].name
deployment.spec.replicas = 3
wire["spec"]["replicas"] = 3
print(json.dumps({
    "where": k8s_core.__file__,
    "module": Deployment.__module__,
    "name": name,
    "same": deployment.to_dict() == wire and Deployment.from_yaml(deployment.to_yaml()).to_dict() == wire,
    "kinds": len(registry.kinds()),
}))
"""
    )
    assert result.pop("where").startswith(str(bare.folder))
    assert result.pop("kinds") > 50
    assert result == {"module": "k8s_plugins_builtin.apps.v1", "name": "c", "same": True}


def test_command_without_its_extra_says_what_to_install(bare: Installed) -> None:
    command = bare.python.with_name("k8s-core")
    done = subprocess.run(
        [command, "plugins"], cwd=bare.folder, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert done.stderr.strip().count("\n") == 0
    assert "pip install 'k8s-core[cli]'" in done.stderr


def test_command_lists_the_installed_kinds(full: Installed) -> None:
    listing = run(full.python.with_name("k8s-core"), "plugins", cwd=full.folder)
    assert "k8s-plugins-builtin" in listing
    assert "apps" in listing


def test_embedded_server_and_client(full: Installed) -> None:
    result = full.script(
        """
import json
from k8s_devkit import ApiServer
from k8s_core.meta import ObjectMeta
from k8s_plugins_builtin.core.v1 import ConfigMap

with ApiServer() as server, server.client() as client:
    client.create(ConfigMap(metadata=ObjectMeta(name="a", namespace="default"), data={"k": "v"}))
    found = client.get(ConfigMap, "a", namespace="default")
    print(json.dumps([dict(found.data), bool(found.metadata.uid)]))
"""
    )
    assert result == [{"k": "v"}, True]
