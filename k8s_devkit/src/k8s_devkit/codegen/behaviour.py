# SPDX-License-Identifier: Apache-2.0
"""Hand-written behaviour beside generated classes: found by name, so that it survives every regeneration.

In the sub-package of an API group, a class ``<Class>Behaviour`` in ``_behaviour_<version>.py``, or else in
``_behaviour.py``, becomes the first base of the generated class. The files are parsed, never imported.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from k8s_devkit.codegen.errors import CodegenError
from k8s_devkit.codegen.ir import ClassDef, ModuleDef, PackageDef, Ref

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["SUFFIX", "with_behaviour"]

SUFFIX = "Behaviour"


@dataclass(frozen=True, slots=True)
class _Mixin:
    """One hand-written class: where it is, and what it defines (its bases in the same file included)."""

    ref: Ref
    file: Path
    names: frozenset[str]


def with_behaviour(package: PackageDef, source_root: Path) -> PackageDef:
    """The package, with the mixins that exist below ``source_root`` as bases of its classes.

    Raises:
        CodegenError: a behaviour file is not Python; a ``…Behaviour`` class there belongs to no generated class (give
            helpers a leading underscore); or one of its methods has the name of a field.
    """
    files: dict[Path, dict[str, _Mixin]] = {}
    used: set[Ref] = set()
    modules = []
    for module in package.modules:
        classes = []
        for item in module.classes:
            mixin = _find(module, item.name, source_root, files)
            if mixin is not None:
                _check_collisions(item, mixin)
                used.add(mixin.ref)
                item = replace(item, mixins=(mixin.ref,))
            classes.append(item)
        modules.append(replace(module, classes=tuple(classes)))
    for mixins in files.values():
        for mixin in mixins.values():
            if mixin.ref not in used:
                reason = f"no generated class is called {mixin.ref.name.removesuffix(SUFFIX)!r}"
                raise CodegenError(reason, source=str(mixin.file), path=mixin.ref.name)
    return replace(package, modules=tuple(modules))


def _find(module: ModuleDef, name: str, root: Path, files: dict[Path, dict[str, _Mixin]]) -> _Mixin | None:
    group = module.name.rpartition(".")[0]
    for stem in (f"_behaviour_{module.version}", "_behaviour"):
        file = root.joinpath(*group.split("."), f"{stem}.py")
        if file not in files:
            files[file] = _read(file, f"{group}.{stem}") if file.exists() else {}
        if name + SUFFIX in files[file]:
            return files[file][name + SUFFIX]
    return None


def _read(file: Path, module: str) -> dict[str, _Mixin]:
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, SyntaxError) as error:
        raise CodegenError(f"cannot be read: {error}", source=str(file)) from error
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    return {
        name: _Mixin(Ref(name, module), file, frozenset(_names(node, classes)))
        for name, node in classes.items()
        if name.endswith(SUFFIX) and not name.startswith("_")
    }


def _names(node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> set[str]:
    names = {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
    for item in node.body:
        if isinstance(item, ast.Assign):
            names |= {target.id for target in item.targets if isinstance(target, ast.Name)}
        elif isinstance(item, ast.AnnAssign) and item.value is not None and isinstance(item.target, ast.Name):
            names.add(item.target.id)
    for base in node.bases:
        if isinstance(base, ast.Name) and base.id in classes:
            names |= _names(classes[base.id], classes)
    return names


def _check_collisions(item: ClassDef, mixin: _Mixin) -> None:
    for field in item.fields:
        if field.name in mixin.names:
            reason = f"the field {field.wire_name!r} of {item.name} has the same name: rename the method"
            raise CodegenError(reason, source=str(mixin.file), path=f"{mixin.ref.name}.{field.name}")
