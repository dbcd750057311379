# SPDX-License-Identifier: Apache-2.0
"""The code of the core and of the devkit knows no kinds: no constant, identifier or import is a built-in name.

What differs by kind is declared in the class line or in the behaviour class of the kind, and the core asks. How a
server treats a kind is said by a strategy of its package, and the devkit asks.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from k8s_core.registry import classes_of_package

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 17


@dataclass(frozen=True)
class Allowed:
    """A name that may be used all the same: why, and in which module (empty: in any)."""

    name: str
    reason: str
    module: str = ""


ALLOWED: dict[str, tuple[Allowed, ...]] = {
    "k8s_core": (
        Allowed("events", "what watches, observers and the YAML parser yield, in English"),
        Allowed("namespaces", "the part of the address that every namespaced kind has; Watcher.any(namespaces=…)"),
        Allowed("policy", "the propagationPolicy of deletes and the exec policy of a Config, in English"),
        Allowed("Event", "threading.Event", "transport/retry.py"),
        Allowed("CustomResourceDefinition", "Resource.crd makes its manifests, apply_all waits for them", "kinds.py"),
        Allowed("apiextensions.k8s.io", "the group of CustomResourceDefinition", "kinds.py"),
        Allowed("SelfSubjectReview", "the doctor asks the server who we are", "cli/doctor_checks.py"),
        Allowed("authentication.k8s.io/v1", "the apiVersion of SelfSubjectReview", "cli/doctor_checks.py"),
        Allowed("SelfSubjectAccessReview", "the doctor asks servers before 1.28", "cli/doctor_checks.py"),
        Allowed("authorization.k8s.io/v1", "the apiVersion of SelfSubjectAccessReview", "cli/doctor_checks.py"),
    ),
    "k8s_devkit": (
        Allowed("Event", "threading.Event and asyncio.Event; and no Event may own an object"),
        Allowed("events", "what wsproto and the audit of a plugin's import yield, in English"),
        Allowed("namespaces", "the part of the address that every namespaced kind has, and what it is looked up in"),
        Allowed("Namespace", "deleting one empties it, and nothing is created where there is none"),
        Allowed("policy", "the propagationPolicy of deletes, in English"),
        Allowed("CustomResourceDefinition", "the kind that makes kinds, and what packages are generated from"),
        Allowed("customresourcedefinitions", "their address"),
        Allowed("apiextensions.k8s.io", "their group"),
        Allowed("apiextensions.k8s.io/v1", "their apiVersion"),
        Allowed("Scale", "what the scale subresource of any kind answers with"),
        Allowed("autoscaling", "its group"),
        Allowed("autoscaling/v1", "its apiVersion"),
        Allowed("bindings", "an extension of CEL", "api_server/custom/cel/library.py"),
        Allowed("secrets", "Python's module of random tokens, and a check of plugins"),
        Allowed("IPAddress", "x509.IPAddress", "certificates.py"),
        Allowed("Node", "what leads a kube-apiserver to a kubelet", "control_plane/reports.py"),
        Allowed("pods", "what a kube-apiserver asks a kubelet about", "kubelet/requests.py"),
    ),
}
"""By distribution; ``meta.k8s.io`` needs no entry, since the registry of the built-in kinds does not have it."""


@cache
def registered_names() -> dict[str, str]:
    """Every kind, plural, group and apiVersion with a group, and which of these it is."""
    found: dict[str, str] = {}
    for cls in classes_of_package("k8s-plugins-builtin"):
        resource = cls.api_resource
        found |= {resource.kind: "kind", resource.plural: "plural", resource.group: "group"}
        if resource.group:
            found[resource.api_version] = "apiVersion"
    found.pop("", None)
    return found


def names_in(source: str) -> Iterator[tuple[int, str]]:
    """The string constants, identifiers and parts of dotted imports of a module, with their lines; no docstrings."""
    tree = ast.parse(source)
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str) and id(node) not in documentation:
                yield line, node.value
            continue
        # Whatever the syntax, names are the strings among the fields of nodes: id, attr, arg, name, module, …
        for _, value in ast.iter_fields(node):
            for name in value if isinstance(value, list) else [value]:
                if isinstance(name, str):
                    yield from ((line, part) for part in name.split("."))


def test_names_are_found_in_every_place_where_code_has_them() -> None:
    source = '''
    """pods"""
    import a.b1
    from a.b2 import b3 as b4

    class B5(b6, b7=b8):
        """services"""
        b9: b10 = "b11"

        async def b12(self, b13, *, b14=None) -> "b15":
            for b16.b17 in b18:
                """nodes"""
            match b19:
                case {"b20": b21, **b22} | B23(b24=b25):
                    return f"b26{b27}"
            try:
                lambda b28: b29
            except b30 as b31:
                global b32
    '''
    found = {name for _, name in names_in("\n".join(line[4:] for line in source.splitlines()))}
    assert {f"b{number}" for number in range(1, 33)} <= {name.lower() for name in found}
    assert not found & {"pods", "services", "nodes"}


@pytest.mark.parametrize("distribution", ALLOWED)
def test_the_code_knows_no_kinds(distribution: str) -> None:
    known, allowed = registered_names(), ALLOWED[distribution]
    assert {"Deployment", "deployments", "apps", "apps/v1"} <= known.keys()
    root = ROOT / distribution / "src" / distribution
    findings: list[str] = []
    used: set[Allowed] = set()
    for file in sorted(root.rglob("*.py")):
        module = file.relative_to(root).as_posix()
        for line, name in names_in(file.read_text(encoding="utf-8")):
            if name not in known:
                continue
            excuses = {entry for entry in allowed if entry.name == name and entry.module in ("", module)}
            used |= excuses
            if not excuses:
                findings.append(f"{distribution}/{module}:{line}: {name!r} is a {known[name]}")
    assert not findings, "\n".join(findings)
    assert not set(allowed) - used, "entries that nothing needs any more"


@pytest.mark.parametrize("distribution", ALLOWED)
def test_exceptions_are_few_and_each_has_a_reason(distribution: str) -> None:
    assert len(ALLOWED[distribution]) <= LIMIT
    assert all(entry.reason for entry in ALLOWED[distribution])
