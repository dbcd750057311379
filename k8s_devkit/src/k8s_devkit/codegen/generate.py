# SPDX-License-Identifier: Apache-2.0
"""One run of the generator: documents in, files of a plugin package out, or an error and nothing written."""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING

from k8s_core.model import Model, Resource
from k8s_devkit.codegen.behaviour import with_behaviour
from k8s_devkit.codegen.emit import HEADER, emit_group, emit_module, emit_plugin, modules_by_group
from k8s_devkit.codegen.errors import CodegenError
from k8s_devkit.codegen.imports import type_parts
from k8s_devkit.codegen.ir import ClassDef, ModuleDef, PackageDef, Ref
from k8s_devkit.codegen.openapi import read_package
from k8s_devkit.codegen.write import Changes, compare, format_sources, is_generated, replace_entry_points

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

    from k8s_devkit.codegen.documents import Documents
    from k8s_devkit.codegen.overlay import Overlay

__all__ = ["check_names", "plan", "render"]

Progress = Callable[[str, int, int], None]
"""Called with (what, done, total) as long work proceeds."""


def plan(
    documents: Documents,
    package: str,
    source_root: Path,
    *,
    overlay: Overlay | None = None,
    pyproject: Path | None = None,
    progress: Progress | None = None,
) -> tuple[PackageDef, Changes]:
    """Work out what a run would write; `apply_changes` then writes it.

    Args:
        documents: parsed OpenAPI v3 documents by name (`read_directory`, `read_cluster`).
        package: dotted name of the package, such as ``k8s_plugins_builtin``.
        source_root: the directory that holds the package; behaviour files are looked for below it.
        overlay: short names, categories, sensitive fields.
        pyproject: a pyproject.toml whose generated section of entry points is to be kept in step.
        progress: told about the steps.

    Returns:
        The package's description and the changes, empty if all files are as they should be.

    Raises:
        CodegenError: naming document, path and reason.
    """
    tell: Progress = progress or (lambda what, done, total: None)
    described = with_behaviour(read_package(documents, package, overlay), source_root)
    for module in described.modules:
        check_names(module)
    sources = render(described, tell)
    tell("formatting", 0, 1)
    sources |= _package_root(source_root, package)
    changes = compare(format_sources(sources), source_root, package)
    marker = source_root.joinpath(*package.split("."), "py.typed")
    if not marker.exists():
        changes = Changes({**changes.write, marker: ""}, changes.remove)
    tell("formatting", 1, 1)
    if pyproject is not None:
        changes = _with_pyproject(changes, described, pyproject)
    return described, changes


def render(package: PackageDef, progress: Progress | None = None) -> dict[str, str]:
    """The unformatted sources of a package by relative path."""
    sources: dict[str, str] = {}
    groups = modules_by_group(package)
    for done, (group, modules) in enumerate(groups.items()):
        if progress is not None:
            progress("rendering", done, len(groups))
        folder = package.groups[group].replace(".", "/")
        sources[f"{folder}/__init__.py"] = emit_group(group, modules)
        if any(module.kinds for module in modules):
            sources[f"{folder}/_plugin.py"] = emit_plugin(modules)
        for module in modules:
            sources[f"{module.name.replace('.', '/')}.py"] = emit_module(module)
    if progress is not None:
        progress("rendering", len(groups), len(groups))
    return sources


def _package_root(source_root: Path, package: str) -> dict[str, str]:
    """The top ``__init__``, unless somebody wrote one by hand."""
    name = f"{package.replace('.', '/')}/__init__.py"
    file = source_root / name
    if file.exists() and not is_generated(file.read_text(encoding="utf-8")):
        return {}
    return {name: f'{HEADER}\n"""Kinds of the Kubernetes API, one module for each API group and version."""\n'}


def check_names(module: ModuleDef) -> None:
    """Refuse what would be a class that lies: an attribute that hides a method, a shared type that does not exist.

    Raises:
        CodegenError: naming class and field.
    """
    for item in module.classes:
        taken = _public_names(Resource if item.kind else Model)
        for field in item.fields:
            path = f"{module.name}.{item.name}.{field.name}"
            if field.name in taken:
                reason = (
                    f"the field {field.wire_name!r} collides with the method {field.name}(): rename it in the overlay"
                )
                raise CodegenError(reason, path=path)
        for ref in _foreign(item, module):
            if not hasattr(_loaded(ref.module), ref.name):
                raise CodegenError(f"{ref.module} has no {ref.name}", path=f"{module.name}.{item.name}")


def _foreign(item: ClassDef, module: ModuleDef) -> Iterator[Ref]:
    """References to classes of packages that exist already."""
    package = module.name.rpartition(".")[0].rpartition(".")[0]
    for field in item.fields:
        for part in type_parts(field.type):
            if isinstance(part, Ref) and part.module and not part.module.startswith(f"{package}."):
                yield part


@functools.cache
def _loaded(module: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise CodegenError(f"the module {module!r} of the overlay cannot be imported: {error}") from error


def _public_names(base: type) -> frozenset[str]:
    declared = {name for cls in base.__mro__ for name in vars(cls).get("__annotations__", ())}
    return frozenset(name for name, _ in inspect.getmembers_static(base) if not name.startswith("_")) - declared


def _with_pyproject(changes: Changes, package: PackageDef, pyproject: Path) -> Changes:
    try:
        text = pyproject.read_text(encoding="utf-8")
    except OSError as error:
        raise CodegenError(f"cannot be read: {error}", source=str(pyproject)) from error
    entry_points = {
        module.group: f"{package.groups[module.group]}._plugin" for module in package.modules if module.kinds
    }
    renewed = replace_entry_points(text, entry_points, "generate kinds", str(pyproject))
    if renewed == text:
        return changes
    return Changes({**changes.write, pyproject: renewed}, changes.remove)
