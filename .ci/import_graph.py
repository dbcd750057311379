# SPDX-License-Identifier: Apache-2.0
"""How the modules of a package import each other, with the imports that a linter of import statements does not see.

python .ci/import_graph.py [FOLDER ...]      FOLDER is a distribution with src/; default: every one of the repository

Counts import statements at module level, those inside of functions, and strings that name a module of the package
(``import_module("k8s_core.client")``, import strings of lazy names). A cycle is a strongly connected component; imports
for type checkers alone do not count.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Module:
    """The modules that one module imports, by where the import stands."""

    top: set[str] = field(default_factory=set)
    late: set[str] = field(default_factory=set)
    strings: set[str] = field(default_factory=set)


def read_package(source: Path) -> dict[str, Module]:
    """The imports of every module below a ``src`` folder."""
    files = {_name(path, source): path for path in source.rglob("*.py")}
    modules = {name: Module() for name in files}
    for name, path in files.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        for node, late in _nodes(tree):
            found = modules[name].late if late else modules[name].top
            if isinstance(node, ast.Constant):
                module = node.value.partition(":")[0]
                candidates = {module, f"{package}.{module}"} if module else set()
                modules[name].strings |= candidates & modules.keys() - {name}
            else:
                found |= set(_imported(node, modules)) - {name}
    return modules


def _name(path: Path, source: Path) -> str:
    parts = path.relative_to(source).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _nodes(tree: ast.AST) -> Iterator[tuple[ast.AST, bool]]:
    """Import statements and dotted strings, and whether they stand in a function; not what is for type checkers."""
    todo: list[tuple[ast.AST, bool]] = [(tree, False)]
    while todo:
        node, late = todo.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            todo += [(child, late) for child in node.orelse]
            continue
        if isinstance(node, ast.Import | ast.ImportFrom) or _is_dotted(node):
            yield node, late
        late = late or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        todo += [(child, late) for child in ast.iter_child_nodes(node)]


def _is_dotted(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in node.value


def _imported(node: ast.AST, modules: Mapping[str, Module]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in modules)
    elif isinstance(node, ast.ImportFrom) and node.module:
        for alias in node.names:
            inner = f"{node.module}.{alias.name}"
            yield from (name for name in (inner if inner in modules else node.module,) if name in modules)


def largest_cycle(graph: Mapping[str, set[str]]) -> list[str]:
    """The modules of the largest strongly connected component of more than one module, sorted."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    best: list[str] = []
    for root in graph:
        work = [(root, iter(sorted(graph[root])))] if root not in order else []
        while work:
            node, targets = work[-1]
            if node not in order:
                order[node] = low[node] = len(order)
                stack.append(node)
            for target in targets:
                if target not in order:
                    work.append((target, iter(sorted(graph[target]))))
                    break
                if target in stack:
                    low[node] = min(low[node], order[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    place = stack.index(node)
                    component, stack[place:] = stack[place:], []
                    best = max(best, component, key=len)
    return sorted(best) if len(best) > 1 else []


def report(folder: Path) -> Iterator[str]:
    """The lines for one distribution."""
    modules = read_package(folder / "src")
    top = {name: module.top for name, module in modules.items()}
    late = {name: module.top | module.late for name, module in modules.items()}
    strings = {name: late[name] | module.strings for name, module in modules.items()}
    yield f"{folder.name}: {len(modules)} modules"
    seam = {name: targets for name, targets in strings.items() if not name.endswith(".seam")}
    rows = (
        ("at module level", sum(len(module.top) for module in modules.values()), top),
        ("and in functions", sum(len(module.late) for module in modules.values()), late),
        ("and in strings", sum(len(module.strings) for module in modules.values()), strings),
        ("besides the seam", sum(map(len, seam.values())), {name: seam.get(name, set()) for name in modules}),
    )
    for title, count, graph in rows:
        cycle = largest_cycle(graph)
        yield f"  imports {title:<17}{count:5}   largest cycle {len(cycle):3}" + (
            f"  ({', '.join(cycle[:4])}{', …' if len(cycle) > 4 else ''})" if cycle else ""
        )


def main() -> None:
    """Report on the folders of the command line, or on every distribution."""
    default = sorted(path.parent for path in ROOT.glob("k8s_*/pyproject.toml"))
    folders = [Path(argument) for argument in sys.argv[1:]] or default
    for folder in folders:
        print("\n".join(report(folder)))


if __name__ == "__main__":
    main()
