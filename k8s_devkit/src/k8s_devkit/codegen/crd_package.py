# SPDX-License-Identifier: Apache-2.0
"""CRDs to a complete plugin package: what is generated follows the CRDs, what people write stays theirs."""

from __future__ import annotations

import importlib.util
import re
import shutil
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from k8s_core.model.yaml import dump_yaml
from k8s_devkit.codegen.behaviour import with_behaviour
from k8s_devkit.codegen.crd_reader import read_crds
from k8s_devkit.codegen.crd_texts import CRD_MARK, new_files, test_module
from k8s_devkit.codegen.emit import GENERATED_MARK, emit_group, emit_module, emit_plugin, modules_by_group
from k8s_devkit.codegen.errors import CodegenError
from k8s_devkit.codegen.generate import check_names
from k8s_devkit.codegen.overlay import Overlay, load_overlay
from k8s_devkit.codegen.write import (
    LINE_LENGTH,
    Changes,
    apply_changes,
    compare,
    format_sources,
    replace_entry_points,
    section_command,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from k8s_devkit.codegen.crd_reader import Crd
    from k8s_devkit.codegen.ir import PackageDef

__all__ = [
    "Project",
    "find_project",
    "format_package",
    "package_sources",
    "plan_project",
    "raw_sources",
    "write_project",
]

HEADER = f"{GENERATED_MARK} (plugin new) from the CRDs in crds/; do not edit: the next run replaces it.\n"
OVERLAY = "kinds.toml"
LONG_LINES = "# ruff: noqa: E501, RUF100 - texts and patterns are as long as the CRD's authors made them.\n"
_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Project:
    """Where a plugin package is, or is going to be.

    Attributes:
        name: of the distribution, such as ``k8s-crd-widgets``.
        package: the Python package in it, such as ``k8s_crd_widgets``.
        root: its directory.
        exists: True if an earlier run made it.
    """

    name: str
    package: str
    root: Path
    exists: bool

    @property
    def source_root(self) -> Path:
        """The directory that holds the Python package."""
        return self.root / "src"


def find_project(name: str, root: Path) -> Project:
    """The project of a name in a directory: one that an earlier run made, or a new one.

    A directory for a new one is empty or does not exist; a ``kinds.toml`` may be there already.

    Raises:
        CodegenError: the name cannot be a distribution's, something else has it, or an installed package is called so.
    """
    package = re.sub(r"[-.]+", "_", name).lower()
    if not _NAME.fullmatch(name) or not package.isidentifier():
        raise CodegenError(f"{name!r} is no name for a package; take one such as 'k8s-crd-widgets'", path="NAME")
    pyproject = root / "pyproject.toml"
    if pyproject.is_file() and section_command(pyproject.read_text(encoding="utf-8")) == "plugin new":
        return Project(name, package, root, True)
    if root.exists() and (not root.is_dir() or any(file.name != OVERLAY for file in root.iterdir())):
        raise CodegenError("exists and was not made by 'k8s-core plugin new'; nothing was changed", source=str(root))
    found = importlib.util.find_spec(package)
    if found is not None:
        where = found.origin or next(iter(found.submodule_search_locations or ()), "built in")
        raise CodegenError(
            f"a Python package {package!r} is installed already: {where}; take another name", path="NAME"
        )
    return Project(name, package, root, False)


def plan_project(project: Project, crds: Sequence[Crd]) -> Changes:
    """Work out all files of a project. Reads those that exist; writes nothing.

    Generated are the modules, the copies of the CRDs, one test module and the entry points in pyproject.toml; all else
    is written once, when the project is new. Hand-written and respected: ``_behaviour.py`` beside the modules (mixins
    by class name), ``_register.py`` in the package (more registrations), ``kinds.toml`` in the project (names and
    sensitive fields).

    Args:
        project: from ``find_project``.
        crds: checked CRDs.

    Raises:
        CodegenError: names document, path and reason.
    """
    overlay_file = project.root / OVERLAY
    overlay = load_overlay(overlay_file) if overlay_file.is_file() else Overlay()
    described = with_behaviour(read_crds(crds, project.package, overlay), project.source_root)
    for module in described.modules:
        check_names(module)
    licence = _licence(project)
    more = (project.source_root / project.package / "_register.py").is_file()
    sources = package_sources(described, licence + HEADER, more=more)
    changes = compare(sources, project.source_root, project.package)
    write, remove = dict(changes.write), list(changes.remove)
    _plan_copies(project, crds, licence, write, remove)
    tests = project.root / "tests" / f"test_{project.package}.py"
    _put(
        write,
        tests,
        next(iter(format_sources({"test.py": test_module(licence + HEADER, project.package)}, own=()).values())),
    )
    if not project.exists:
        if overlay_file.is_file():
            write[overlay_file] = overlay_file.read_text(encoding="utf-8")
        texts = new_files(project.name, project.package, described)
        write |= {project.root / name: text for name, text in texts.items()}
    _plan_pyproject(project, described, write)
    return Changes(write, tuple(remove))


def write_project(project: Project, changes: Changes) -> None:
    """Write a plan: a new project appears whole or not at all, files of an old one are replaced one by one."""
    if project.exists:
        apply_changes(changes)
        return
    project.root.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{project.name}-", dir=project.root.parent) as directory:
        draft = Path(directory) / project.name
        apply_changes(
            Changes({draft / file.relative_to(project.root): text for file, text in changes.write.items()}, ())
        )
        if project.root.exists():
            (project.root / OVERLAY).unlink(missing_ok=True)
            project.root.rmdir()
        shutil.move(draft, project.root)


def _licence(project: Project) -> str:
    """The licence that the project's pyproject.toml declares, as the first line of each file; empty if it has none."""
    pyproject = project.root / "pyproject.toml"
    if not pyproject.is_file():
        return ""
    try:
        declared = tomllib.loads(pyproject.read_text(encoding="utf-8")).get("project", {}).get("license")
    except ValueError as error:
        raise CodegenError(f"cannot be read: {error}", source=str(pyproject)) from error
    return f"# SPDX-License-Identifier: {declared}\n" if isinstance(declared, str) else ""


def package_sources(package: PackageDef, header: str = HEADER, *, more: bool = False) -> dict[str, str]:
    """The formatted modules of a package by relative path; with ``more`` the hook calls ``_register.py`` too."""
    return format_package(raw_sources(package, header, more=more))


def format_package(sources: Mapping[str, str]) -> dict[str, str]:
    """Format the modules of one or more packages in one run."""
    return {name: _with_long_lines(text) for name, text in format_sources(sources, own=()).items()}


def _with_long_lines(text: str) -> str:
    if all(len(line) <= LINE_LENGTH for line in text.splitlines()):
        return text
    head, mark, rest = text.partition(HEADER)
    return f"{head}{mark}{LONG_LINES}{rest}"


def raw_sources(package: PackageDef, header: str = HEADER, *, more: bool = False) -> dict[str, str]:
    """As ``package_sources``, but not formatted yet."""
    sources: dict[str, str] = {}
    for group, modules in modules_by_group(package).items():
        folder = package.groups[group].replace(".", "/")
        sources[f"{folder}/__init__.py"] = emit_group(group, modules, header)
        for module in modules:
            sources[f"{module.name.replace('.', '/')}.py"] = emit_module(module, header)
    plugin = emit_plugin(package.modules, header)
    if more:
        last = "from k8s_core.plugins import KindRegistrar, hookimpl\n"
        plugin = plugin.replace(last, f"{last}from {package.name}._register import register_more\n")
        plugin += "    register_more(registrar)\n"
    sources[f"{package.name}/_plugin.py"] = plugin
    return sources


def _plan_copies(
    project: Project, crds: Sequence[Crd], licence: str, write: dict[Path, str], remove: list[Path]
) -> None:
    """Copies of the CRDs are part of the package: users install them, and the check compares the classes with them."""
    folder = project.source_root / project.package / "crds"
    copies = {folder / f"{document['metadata']['name']}.yaml": document for _, document in crds}
    for file, document in copies.items():
        _put(write, file, f"{licence}{CRD_MARK}\n{dump_yaml(_cleaned(document))}")
    if folder.is_dir():
        remove += [file for file in sorted(folder.glob("*.yaml")) if file not in copies]


def _cleaned(document: Mapping[str, Any]) -> dict[str, Any]:
    metadata = document["metadata"]
    annotations = {
        key: value
        for key, value in (metadata.get("annotations") or {}).items()
        if key != "kubectl.kubernetes.io/last-applied-configuration"
    }
    kept = {"name": metadata["name"]}
    kept |= {key: value for key, value in (("labels", metadata.get("labels")), ("annotations", annotations)) if value}
    return {"apiVersion": document["apiVersion"], "kind": document["kind"], "metadata": kept, "spec": document["spec"]}


def _plan_pyproject(project: Project, described: PackageDef, write: dict[Path, str]) -> None:
    pyproject = project.root / "pyproject.toml"
    text = write.pop(pyproject, "") or pyproject.read_text(encoding="utf-8")
    modules = dict.fromkeys(sorted(described.groups), f"{project.package}._plugin")
    _put(write, pyproject, replace_entry_points(text, modules, "plugin new", str(pyproject)))


def _put(write: dict[Path, str], file: Path, text: str) -> None:
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        write[file] = text
