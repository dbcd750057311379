# SPDX-License-Identifier: Apache-2.0
"""The public surface is ``__all__`` and the docs, and the two agree (house rule 4)."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import pydoc
import re
import subprocess
import sys
from pathlib import Path

import pytest

import k8s_core

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs/reference"
DOCUMENTED = re.findall(r"^::: (\S+)$", (REFERENCE / "api.md").read_text(), re.MULTILINE)
PRIVATE = {
    "k8s_core.cli",  # a command, documented by its --help
    "k8s_core.seam",  # how Resource reaches the verbs that it declares and documents itself
    "k8s_core.verbs",
}
DEVKIT = {"k8s_devkit", "k8s_devkit.codegen"}  # the rest of the devkit is reached through its top-level names


def test_every_module_of_the_first_level_is_documented() -> None:
    modules = {f"k8s_core.{module.name}" for module in pkgutil.iter_modules(k8s_core.__path__)}
    assert (modules - PRIVATE) | DEVKIT == set(DOCUMENTED)


@pytest.mark.parametrize("name", ["k8s_core", *DOCUMENTED])
def test_what_a_public_module_promises_is_there_and_documented(name: str) -> None:
    module = importlib.import_module(name)
    for public in module.__all__:
        thing = getattr(module, public)
        if inspect.isclass(thing) or inspect.isroutine(thing):
            assert thing.__doc__, f"{name}.{public} has no docstring"


@pytest.mark.parametrize(
    "name", [*sorted(DEVKIT), "k8s_devkit.strategy", "k8s_devkit.strategy.failures", "k8s_devkit.strategy.formats"]
)
def test_help_refers_to_nothing_that_readers_do_not_have(name: str) -> None:
    """Such as the numbers of the list of statements that the tests go by."""
    module = importlib.import_module(name)
    public = (getattr(module, each) for each in module.__all__)
    for thing in [module, *(each for each in public if inspect.isclass(each) or inspect.isroutine(each))]:
        shown = pydoc.plain(pydoc.render_doc(thing))
        assert re.findall(r".*(?:\bprotocol [A-Z]\d|\bprotocol list|\([A-J]\d+[-,)]).*", shown) == []


def test_the_top_level_names_are_in_the_reference() -> None:
    table = (REFERENCE / "index.md").read_text()
    assert {name for name in k8s_core.__all__ if f"`{name}`" not in table} == set()


@pytest.mark.parametrize(
    "name", ["k8s_core", "k8s_core.client", "k8s_core.requests", "k8s_core.transport", "k8s_core.watch"]
)
def test_packages_whose_names_load_late_show_them_and_no_others(name: str) -> None:
    package = importlib.import_module(name)
    assert set(package.__all__) <= set(dir(package))
    with pytest.raises(AttributeError, match=f"module '{name}' has no attribute 'nothing'"):
        _ = package.nothing


HEAVY = ("marshmallow", "urllib3", "pluggy", "importlib_metadata", "msgspec", "yaml", "k8s_plugins_builtin")


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ("import k8s_core", ()),
        ("from k8s_core import config", ("msgspec",)),
        ("from k8s_core import Model, Resource", ("msgspec",)),
        ("from k8s_core import Config", ("msgspec",)),
        ("from k8s_plugins_builtin.apps.v1 import Deployment", ("msgspec", "k8s_plugins_builtin")),
    ],
    ids=lambda value: value if isinstance(value, str) else "allowed",
)
def test_an_import_loads_nothing_that_it_does_not_need(statement: str, allowed: tuple[str, ...]) -> None:
    script = f"import sys; before = set(sys.modules); {statement}; print(*sorted(set(sys.modules) - before))"
    output = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=60
    ).stdout
    loaded = {name.partition(".")[0] for name in output.split()}
    assert loaded.intersection(HEAVY) <= set(allowed)
    if statement == "import k8s_core":
        assert {name for name in output.split() if name.startswith("k8s_core")} == {"k8s_core"}
