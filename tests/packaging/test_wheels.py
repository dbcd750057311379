# SPDX-License-Identifier: Apache-2.0
"""The distributions as users get them: wheels, installed into a fresh environment outside the repository, and used."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
import release
from packaging.requirements import Requirement
from wheels import ENVIRONMENT, ROOT, UV, Environment, Wheel, build, distribution_folders, run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.packaging, pytest.mark.timeout(300)]

FOLDERS = [folder.relative_to(ROOT).as_posix() for folder in distribution_folders()]
SMOKE = ROOT / ".ci" / "smoke.py"


def package(folder: str) -> str:
    [found] = [path.name for path in (ROOT / folder / "src").iterdir() if (path / "__init__.py").exists()]
    return found


@pytest.fixture(scope="module")
def bare(wheels: dict[str, Wheel], tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The core and the built-in kinds without extras."""
    environment = Environment(tmp_path_factory.mktemp("bare"), list(wheels.values()))
    environment.install("k8s-plugins-builtin")
    return environment


def script(environment: Environment, text: str) -> Any:
    """Run a script that prints one JSON document."""
    return json.loads(environment.run("-c", text))


# --- contents --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", FOLDERS)
def test_wheel_holds_the_package_and_nothing_else(wheels: dict[str, Wheel], folder: str) -> None:
    wheel = wheels[folder]
    with zipfile.ZipFile(wheel.path) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        licences = [archive.read(name) for name in archive.namelist() if name.endswith(".dist-info/licenses/LICENSE")]
    source = ROOT / folder / "src"
    expected = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert f"{package(folder)}/py.typed" in names
    assert names == expected
    assert licences == [(ROOT / "LICENSE").read_bytes()]


@pytest.mark.parametrize("folder", FOLDERS)
def test_source_distribution_is_the_folder(dist: Path, wheels: dict[str, Wheel], folder: str) -> None:
    [path] = dist.glob(f"{wheels[folder].name.replace('-', '_')}-*.tar.gz")
    with tarfile.open(path) as archive:
        tops = {name.split("/")[1] for name in archive.getnames() if "/" in name}
    assert {"src", "pyproject.toml", "README.md", "LICENSE", "PKG-INFO"} <= tops
    assert tops <= {path.name for path in (ROOT / folder).iterdir()} | {"PKG-INFO", ".gitignore"}
    assert not tops & {".venv", "dist"}


@pytest.mark.parametrize("folder", ["k8s_core", "plugins_examples/crd_certmanager"])
def test_the_same_commit_gives_the_same_bytes(dist: Path, folder: str, tmp_path: Path) -> None:
    """Elsewhere, later, by a user with another umask."""
    copy = tmp_path / "elsewhere"
    for name in run("git", "ls-files", "-co", "--exclude-standard", cwd=ROOT / folder).splitlines():
        (copy / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        (copy / name).write_bytes((ROOT / folder / name).read_bytes())
        (copy / name).chmod(0o600)
    (copy / ".gitignore").write_bytes((ROOT / ".gitignore").read_bytes())  # a source distribution has it
    (tmp_path / "dist").mkdir()
    build([copy], tmp_path / "dist")
    made = {path.name: path.read_bytes() for path in (tmp_path / "dist").iterdir()}
    assert len(made) == 2
    assert made == {name: (dist / name).read_bytes() for name in made}


def test_what_the_core_and_the_builtin_kinds_require(wheels: dict[str, Wheel]) -> None:
    core = wheels["k8s_core"].metadata
    required = {requirement.name.lower() for requirement in core.requires_dist or () if not requirement.marker}
    assert required == {"pluggy", "marshmallow", "urllib3", "importlib-metadata", "msgspec", "pyyaml"}
    builtin = wheels["k8s_plugins_builtin"].metadata
    [requirement] = [each for each in builtin.requires_dist or () if not each.marker]
    assert requirement == Requirement("k8s-core>=0.1,<0.2")


def test_the_wheel_of_the_core_is_small(wheels: dict[str, Wheel]) -> None:
    assert wheels["k8s_core"].path.stat().st_size < 440_000


# --- use -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_readme_runs_where_nothing_but_its_own_line_was_installed(
    wheels: dict[str, Wheel], folder: str, tmp_path: Path
) -> None:
    wheel = wheels[folder]
    assert any(wheel.name in requirement for requirement in wheel.readme_requirements())
    release.try_readme(tmp_path / "alone", wheel, list(wheels.values()))


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_entry_points_load(complete: Environment, wheels: dict[str, Wheel], folder: str) -> None:
    complete.run(SMOKE, "entry-points", wheels[folder].name)


def test_no_index_answers_for_one_of_our_names(
    wheels: dict[str, Wheel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = wheels["plugins_examples/crd_crontab"]
    stranger = tmp_path / "stranger"
    shutil.copytree(ROOT / "plugins_examples/crd_crontab", stranger)
    project = (stranger / "pyproject.toml").read_text()
    (stranger / "pyproject.toml").write_text(project.replace(f'version = "{ours.version}"', 'version = "99"'))
    [newer] = build([stranger], tmp_path)
    assert newer.version == "99"
    monkeypatch.setitem(ENVIRONMENT, "UV_FIND_LINKS", str(tmp_path))
    environment = Environment(tmp_path, list(wheels.values()))
    environment.install(ours.name)
    assert f"{ours.name} @ {ours.path.as_uri()}" in run(
        UV, "pip", "freeze", "--quiet", "--python", environment.python, cwd=tmp_path
    )


def test_entry_points_are_found_and_an_object_round_trips(bare: Environment) -> None:
    result = script(
        bare,
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
""",
    )
    assert result.pop("where").startswith(str(bare.folder))
    assert result.pop("kinds") > 50
    assert result == {"module": "k8s_plugins_builtin.apps.v1", "name": "c", "same": True}


def test_every_module_but_the_server_side_is_imported_without_the_devkit(bare: Environment) -> None:
    result = script(
        bare,
        """
import importlib, importlib.util, json, sys
from pathlib import Path
import k8s_plugins_builtin

root = Path(k8s_plugins_builtin.__file__).parent
files = [path.relative_to(root.parent).with_suffix("") for path in root.rglob("*.py")]
names = [".".join(path.parts) for path in files if "server" not in path.parts[:-1]]
for name in names:
    importlib.import_module(name)
print(json.dumps({
    "imported": len(names),
    "devkit": importlib.util.find_spec("k8s_devkit") is not None,
    "servers": [name for name in sys.modules if name.startswith("k8s_") and ".server" in name],
}))
""",
    )
    assert result.pop("imported") > 80
    assert result == {"devkit": False, "servers": []}


def test_core_and_kinds_bring_no_pytest_plugin(bare: Environment) -> None:
    bare.install("pytest")
    (bare.folder / "test_nothing.py").write_text("def test_nothing(): pass\n")
    shown = bare.run("-m", "pytest", "--trace-config", "-p", "no:cacheprovider", "test_nothing.py")
    assert "1 passed" in shown
    assert "k8s" not in shown.replace(str(bare.folder), "")
    assert not (bare.bin / "k8s-core-devkit").exists()


def test_command_without_its_extra_says_what_to_install(bare: Environment) -> None:
    command = [bare.bin / "k8s-core", "plugins"]
    done = subprocess.run(command, cwd=bare.folder, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert done.stderr.strip().count("\n") == 0
    assert "pip install 'k8s-core[cli]'" in done.stderr


def test_command_lists_the_installed_kinds(complete: Environment) -> None:
    listing = run(complete.bin / "k8s-core", "plugins", cwd=complete.folder)
    assert "k8s-plugins-builtin" in listing
    assert "apps" in listing


def test_the_version_is_that_of_the_distribution(complete: Environment, wheels: dict[str, Wheel]) -> None:
    assert run(complete.bin / "k8s-core", "--version", cwd=complete.folder).split() == [
        "k8s-core",
        wheels["k8s_core"].version,
    ]


def test_the_demo_runs(complete: Environment) -> None:
    release.try_demo(complete)


def test_the_bill_of_materials_names_each_package_and_no_file_of_this_machine(
    complete: Environment, wheels: dict[str, Wheel], tmp_path: Path
) -> None:
    pytest.importorskip("cyclonedx_py", reason="cyclonedx-bom is not in this environment (DEPS=lowest)")
    release.write_sbom(complete, list(wheels.values()), tmp_path / "sbom")
    text = (tmp_path / "sbom").read_text(encoding="utf-8")
    document = json.loads(text)
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    components = {component["name"].lower(): component for component in document["components"]}
    assert {wheel.name for wheel in wheels.values()} | {"marshmallow", "urllib3", "typer", "botocore"} <= set(
        components
    )
    assert components["k8s-core"]["version"] == wheels["k8s_core"].version
    assert components["k8s-core"]["licenses"][0]["license"]["id"] == "Apache-2.0"
    assert "file:" not in text
    assert str(complete.folder) not in text
