# SPDX-License-Identifier: Apache-2.0
"""``k8s-core plugin new``: a complete package from CRDs, and the same package brought up to date."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from crd_corpus import corpus_crd
from fake_site import FakeSite
from scripted_server import ScriptedServer, reply

from k8s_core.cli import main
from k8s_core.model.yaml import dump_yaml
from k8s_devkit import ApiServer

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
NAME = "k8s-crd-corpus"
MODULE = "k8s_crd_corpus"


@pytest.fixture
def parent(tmp_path: Path) -> Path:
    """The directory in which projects are made."""
    path = tmp_path / "projects"
    path.mkdir()
    return path


@pytest.fixture
def crds(tmp_path: Path) -> Path:
    """A directory with CRDs of two groups."""
    folder = tmp_path / "input"
    folder.mkdir()
    for name in ("versions", "lists", "well-known", "subresources"):
        (folder / f"{name}.yaml").write_text(dump_yaml(corpus_crd(name)), encoding="utf-8")
    other = corpus_crd("maps")
    other["spec"]["group"] = "sub.corpus.example.com"
    other["metadata"]["name"] = "mapss.sub.corpus.example.com"
    (folder / "maps.yaml").write_text(dump_yaml(other), encoding="utf-8")
    return folder


@pytest.fixture
def run(parent: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs ``k8s-core plugin new`` in the parent directory: exit code, stdout, stderr."""

    def command(*arguments: str | Path) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            main(["plugin", "new", *map(str, arguments), "-C", str(parent / arguments[0])])
        text = capsys.readouterr()
        return int(caught.value.code or 0), text.out, text.err

    return command


def files_of(root: Path) -> dict[str, str]:
    found = (file for file in root.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    return {str(file.relative_to(root)): file.read_text(encoding="utf-8") for file in found}


@pytest.mark.slow
def test_a_new_package_is_complete_and_passes_its_own_tests(run: Any, crds: Path, parent: Path, tmp_path: Path) -> None:
    code, out, err = run(NAME, "--from", crds)
    assert code == 0, err
    files = files_of(parent / NAME)
    assert set(files) == {
        "pyproject.toml", "README.md", f"tests/test_{MODULE}.py",
        *(f"src/{MODULE}/{name}" for name in ("__init__.py", "_plugin.py", "py.typed", "v1.py", "v1beta1.py")),
        *(f"src/{MODULE}/sub/{name}" for name in ("__init__.py", "v1.py")),
        *(f"src/{MODULE}/crds/{name}.corpus.example.com.yaml" for name in ("versionss", "listss", "wellknowns")),
        f"src/{MODULE}/crds/subresourcess.corpus.example.com.yaml",
        f"src/{MODULE}/crds/mapss.sub.corpus.example.com.yaml",
    }  # fmt: skip
    assert all(f"wrote {parent / NAME / name}" in out for name in files)
    project = tomllib.loads(files["pyproject.toml"])["project"]
    assert project["entry-points"]["k8s_core.kinds"] == {
        "corpus.example.com": f"{MODULE}._plugin",
        "sub.corpus.example.com": f"{MODULE}._plugin",
    }
    assert project["dependencies"] == ["k8s-core>=0.1,<0.2"]
    for cls in ("v1.Lists", "v1.WellKnown", "v1beta1.Versions", "sub.v1.Maps"):
        assert f"`{MODULE}.{cls}`" in files["README.md"]
    assert not [path for path in parent.iterdir() if path.name != NAME]

    source = parent / NAME / "src"
    FakeSite(source).add(NAME, project["entry-points"], requires=project["dependencies"])
    environment = {**os.environ, "PYTHONPATH": str(source)}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-W",
        "error",
        "-p",
        "no:cacheprovider",
        str(parent / NAME / "tests"),
    ]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--cache-dir",
        str(ROOT / ".mypy_cache/corpus"),
        f"src/{MODULE}",
    ]
    done = subprocess.run(command, cwd=parent / NAME, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_running_again_changes_nothing(run: Any, crds: Path, parent: Path) -> None:
    run(NAME, "--from", crds)
    before = files_of(parent / NAME)
    code, out, err = run(NAME, "--from", crds)
    assert (code, out, err) == (0, "", "nothing to do\n")
    assert run(NAME) == (0, "", "nothing to do\n")
    assert run(NAME, "--from", crds, "--check")[0] == 0
    assert files_of(parent / NAME) == before


def test_running_again_updates_what_is_generated_and_leaves_the_rest(run: Any, crds: Path, parent: Path) -> None:
    run(NAME, "--from", crds)
    root = parent / NAME
    package = root / "src" / MODULE
    pyproject = (root / "pyproject.toml").read_text().replace('version = "0.1.0"', 'version = "7.7.7"\nlicense = "MIT"')
    (root / "pyproject.toml").write_text(pyproject)
    (root / "README.md").write_text("mine")
    (package / "helpers.py").write_text("x = 1\n")
    (package / "_behaviour.py").write_text("class ListsBehaviour:\n    def shout(self) -> str:\n        return 'A'\n")
    (package / "_register.py").write_text("def register_more(registrar):\n    pass\n")
    (root / "kinds.toml").write_text('[fields."SubresourcesSpec.copies"]\nsensitive = true\n')
    (crds / "maps.yaml").unlink()
    changed = corpus_crd("lists")
    schema = changed["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    schema["properties"]["spec"]["properties"]["brandNew"] = {"type": "string"}
    (crds / "lists.yaml").write_text(dump_yaml(changed))

    assert run(NAME, "--from", crds, "--check")[0] == 1
    code, out, _ = run(NAME, "--from", crds)
    assert code == 0
    files = files_of(root)
    assert files["README.md"] == "mine"
    assert files[f"src/{MODULE}/helpers.py"] == "x = 1\n"
    assert "brandNew: str | None = None" in files[f"src/{MODULE}/v1.py"]
    assert "class Lists(" in files[f"src/{MODULE}/v1.py"]
    assert "ListsBehaviour," in files[f"src/{MODULE}/v1.py"]
    assert "copies: int | None = field(default=None, sensitive=True)" in files[f"src/{MODULE}/v1.py"]
    assert files[f"src/{MODULE}/v1.py"].startswith("# SPDX-License-Identifier: MIT\n# Generated by")
    assert files[f"src/{MODULE}/_plugin.py"].endswith("    register_more(registrar)\n")
    project = tomllib.loads(files["pyproject.toml"])["project"]
    assert (project["version"], list(project["entry-points"]["k8s_core.kinds"])) == ("7.7.7", ["corpus.example.com"])
    assert f"src/{MODULE}/sub/v1.py" not in files
    assert f"src/{MODULE}/crds/mapss.sub.corpus.example.com.yaml" not in files
    assert f"removed {package / 'sub/v1.py'}" in out


def test_a_generated_file_that_became_hand_written_is_not_overwritten(run: Any, crds: Path, parent: Path) -> None:
    run(NAME, "--from", crds)
    file = parent / NAME / "src" / MODULE / "v1.py"
    file.write_text("# mine now\n")
    before = files_of(parent / NAME)
    code, _, err = run(NAME, "--from", crds)
    assert code == 1
    assert err == f"error: {file}: exists and is not generated: move it away\n"
    assert files_of(parent / NAME) == before


def test_a_file_of_several_documents_and_lists(run: Any, parent: Path, tmp_path: Path) -> None:
    documents = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}},
        {"apiVersion": "v1", "kind": "List", "items": [corpus_crd("lists"), corpus_crd("maps")]},
        corpus_crd("enums"),
    ]
    file = tmp_path / "all.yaml"
    file.write_text("---\n".join(dump_yaml(document) for document in documents))
    assert run(NAME, "--from", file)[0] == 0
    text = (parent / NAME / "src" / MODULE / "v1.py").read_text()
    assert all(f"class {kind}(" in text for kind in ("Lists", "Maps", "Enums"))


def test_from_a_cluster(run: Any, parent: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ApiServer() as server:
        client = server.client()
        for name in ("lists", "protected-group"):
            client.create(corpus_crd(name))
        kubeconfig = tmp_path / "kubeconfig"
        kubeconfig.write_text(server.kubeconfig())
        monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
        assert run(NAME, "--from", "cluster:corpus.example.com")[0] == 0
        code, _, err = run("k8s-crd-other", "--from", "cluster:no.such.group")
    assert "class Lists(" in (parent / NAME / "src" / MODULE / "v1.py").read_text()
    assert code == 1
    assert "no CRDs of API group 'no.such.group'; it has: corpus.example.com, corpus.k8s.io" in err


def test_from_a_url(run: Any, parent: Path) -> None:
    answer = reply(200, dump_yaml(corpus_crd("lists")).encode())
    with ScriptedServer(answer, reply(404, b"no"), reply(302, b"")) as server:
        assert run(NAME, "--from", f"{server.url}/crd.yaml")[0] == 0
        code, _, err = run("k8s-crd-other", "--from", f"{server.url}/nothing.yaml")
        assert (code, err) == (1, f"error: {server.url}/nothing.yaml: cannot be fetched: the server answered 404\n")
        code, _, err = run("k8s-crd-other", "--from", f"{server.url}/moved.yaml")
        assert "the server answered 302; give the address that it redirects to" in err
    assert [path.name for path in parent.iterdir()] == [NAME]


def test_an_unreachable_url_writes_nothing(run: Any, parent: Path) -> None:
    code, _, err = run(NAME, "--from", "http://127.0.0.1:1/crd.yaml")
    assert code == 1
    assert err.startswith("error: http://127.0.0.1:1/crd.yaml: cannot be fetched: ")
    assert list(parent.iterdir()) == []


def test_a_name_that_something_else_has(run: Any, crds: Path, parent: Path) -> None:
    (parent / NAME).mkdir()
    (parent / NAME / "file").touch()
    code, _, err = run(NAME, "--from", crds)
    assert code == 1
    assert err == f"error: {parent / NAME}: exists and was not made by 'k8s-core plugin new'; nothing was changed\n"
    code, _, err = run("yaml", "--from", crds)
    assert code == 1
    assert "a Python package 'yaml' is installed already" in err
    code, _, err = run("no/name", "--from", crds)
    assert code == 1
    assert "is no name for a package" in err
    assert [path.name for path in parent.iterdir()] == [NAME]


def test_a_new_package_needs_a_source(run: Any, parent: Path) -> None:
    code, _, err = run(NAME)
    assert code == 1
    assert "needs --from" in err
    assert list(parent.iterdir()) == []
