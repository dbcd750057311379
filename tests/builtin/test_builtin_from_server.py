# SPDX-License-Identifier: Apache-2.0
"""The embedded server's OpenAPI documents hold all that the generated classes know: they can be generated from it."""

from __future__ import annotations

from pathlib import Path

from k8s_devkit import ApiServer
from k8s_devkit.codegen import discover_facts, load_overlay, plan, read_cluster

PROJECT = Path(__file__).resolve().parents[2] / "k8s_plugins_builtin"


def test_J28_the_built_in_classes_are_what_a_running_server_says() -> None:
    modules = {
        (path.parent.name, path.stem)
        for path in PROJECT.glob("src/k8s_plugins_builtin/*/v*.py")
        if (path.parent / "_plugin.py").exists()  # the classes of an add-on are not registered
    }
    with ApiServer() as server, server.client() as client:
        # Packages beside this one bring older versions of its groups, and groups of their own.
        names = [name for name in client.openapi_paths() if module_of(name) in modules]
        groups = frozenset("core" if name == "api/v1" else name.split("/")[1] for name in names)
        fetched = read_cluster(client, groups)
        documents = {name: fetched[name] for name in names}
        overlay = discover_facts(client, documents).updated(load_overlay(PROJECT / "kinds.toml"))
    assert len(documents) == len(modules)
    _, changes = plan(documents, "k8s_plugins_builtin", PROJECT / "src", overlay=overlay)
    assert not changes


def module_of(document: str) -> tuple[str, str]:
    """The sub-package and the module of a document: ``apps`` and ``v1`` of ``apis/apps/v1``."""
    parts = document.split("/")
    label = parts[1].partition(".")[0] if len(parts) == 3 else "core"
    return label, parts[-1]
