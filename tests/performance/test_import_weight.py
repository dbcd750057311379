# SPDX-License-Identifier: Apache-2.0
"""What importing loads, counted in modules: the times of ``make bench`` follow from it, and counts do not flicker."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {
    "asyncio",
    "concurrent.futures",
    "dataclasses",
    "difflib",
    "email",
    "hashlib",
    "http",
    "importlib_metadata",
    "inspect",
    "json",
    "logging",
    "marshmallow",
    "pluggy",
    "ssl",
    "subprocess",
    "tempfile",
    "urllib.parse",
    "urllib3",
    "yaml",
}
"""Modules that cost more than a millisecond each, or pull in others that do; each is imported where it is used."""


def loaded_by(statement: str, *, after: str = "pass") -> set[str]:
    """The modules that a statement loads in a fresh process, on top of what the interpreter and ``after`` have."""
    script = f"import sys\n{after}\nbefore = set(sys.modules)\n{statement}\nprint(*(set(sys.modules) - before))"
    # Isolated: neither the test environment's start-up files nor its variables load anything for us.
    command = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:] = {json.dumps(sys.path)}\n{script}"]
    return set(subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.split())


def ours(modules: set[str]) -> set[str]:
    return {name for name in modules if name.split(".")[0] in ("k8s_core", "k8s_plugins_builtin")}


def test_importing_the_package_loads_nothing_else() -> None:
    assert ours(loaded_by("import k8s_core")) == {"k8s_core"}


@pytest.mark.parametrize(
    "statement",
    [
        "from k8s_core import Client",
        "from k8s_core import Model, Resource, field",
        "from k8s_plugins_builtin.core.v1 import Pod; Pod()",
        "from k8s_core.meta import ObjectMeta; ObjectMeta(name='x')",
    ],
)
def test_declaring_and_building_loads_nothing_heavy(statement: str) -> None:
    # msgspec itself imports typing_extensions, and with it inspect, where that is installed.
    assert not loaded_by(statement, after="import msgspec") & HEAVY


def test_the_client_is_light_until_it_is_used() -> None:
    loaded = loaded_by("from k8s_core import Client")
    parts = {".".join(name.split(".")[:2]) for name in ours(loaded)}
    assert not parts & {"k8s_core.configuration", "k8s_core.selectors", "k8s_core.transport", "k8s_core.registry"}
    assert "k8s_core.model.yaml" not in loaded
    assert len(loaded) < 150, sorted(loaded)


@pytest.mark.parametrize("group", ["core", "apps", "batch", "networking"])
def test_a_group_of_kinds_loads_no_other_group(group: str) -> None:
    module = f"k8s_plugins_builtin.{group}.v1"
    loaded = loaded_by(f"import {module}", after="import k8s_core.model")
    groups = {name.split(".")[1] for name in loaded if name.startswith("k8s_plugins_builtin.") and name.count(".") > 1}
    assert groups == {group}


def test_kinds_whose_methods_send_requests_load_no_client_before_they_do() -> None:
    statement = "from k8s_plugins_builtin.core.v1 import Pod; from k8s_plugins_builtin.apps.v1 import Deployment"
    parts = {".".join(name.split(".")[:2]) for name in ours(loaded_by(statement))}
    assert not parts & {"k8s_core.client", "k8s_core.transport", "k8s_core.patches", "k8s_core.watch"}


def test_a_watcher_loads_no_yaml_and_no_schemas() -> None:
    assert not loaded_by("from k8s_core import Watcher, Informer") & {"yaml", "marshmallow", "pluggy", "urllib3"}
