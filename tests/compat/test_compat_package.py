# SPDX-License-Identifier: Apache-2.0
"""The package as such: its kinds, its warnings, what it imports, and fiaas/k8s beside it."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import k8s.models
from k8s.client import NotFound
from k8s.models.cronjob import CronJob
from k8s.models.custom_resource_definition import CustomResourceDefinition
from k8s.models.ingress import Ingress
from k8s.models.pod_disruption_budget import PodDisruptionBudget
from k8s.models.third_party_resource import ThirdPartyResource
from k8s_core import Model, Resource
from k8s_core.model import model_fields

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "plugins_examples/compat_fiaas/src/k8s"
MODULES = [module.name for module in pkgutil.iter_modules(k8s.models.__path__)]
REMOVED = [CronJob, CustomResourceDefinition, Ingress, PodDisruptionBudget, ThirdPartyResource]


def classes(module: str) -> dict[str, type[Model]]:
    found = importlib.import_module(f"k8s.models.{module}")
    named = {name: getattr(found, name) for name in found.__all__}
    return {name: value for name, value in named.items() if isinstance(value, type)}


# What fiaas/k8s 0.28 declares, as its `_meta` shows: module -> class -> fields.
DECLARED: dict[str, dict[str, list[str]]] = json.loads((Path(__file__).parent / "declared.json").read_text())


@pytest.mark.parametrize("module", DECLARED)
def test_every_kind_and_field_of_fiaas_k8s_is_there(module: str) -> None:
    found = classes(module)
    missing = {
        f"{name}.{field}"
        for name, fields in DECLARED[module].items()
        for field in fields
        if name not in found or not hasattr(found[name], field)
    }
    assert missing == set()
    assert set(DECLARED[module]) <= set(found)


def test_there_are_no_other_modules() -> None:
    assert set(MODULES) == set(DECLARED)


@pytest.mark.parametrize("module", MODULES)
def test_every_class_goes_through_dicts_and_constructors(module: str) -> None:
    for name, cls in classes(module).items():
        assert cls.from_dict({"newer": {"x": None}}).to_dict()["newer"] == {"x": None}, name
        assert list(model_fields(cls)) or name.startswith("CustomResourceSubresourceStatus")
        if issubclass(cls, Resource):
            assert cls(metadata={"name": "a"}).metadata.name == "a"


def is_served(kind: Any) -> bool:
    try:
        kind.list()
    except NotFound as error:
        assert any("use " in note for note in error.__notes__)
        return False
    return True


@pytest.mark.parametrize("kind", REMOVED, ids=lambda kind: kind.__name__)
def test_a_kind_of_a_removed_version_says_at_use_what_replaced_it(kind: Any, namespace: str) -> None:
    with pytest.warns(DeprecationWarning, match=rf"Kubernetes removed {kind.api_resource.api_version} .+: use "):
        served = is_served(kind)
    # The package of older kinds that is installed beside this one serves some of them.
    assert served == (kind in (CronJob, PodDisruptionBudget))


# --- old spellings -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", ["base", "fields", "client", "watcher"])
def test_each_old_name_warns_once_and_names_the_new_one(module: str) -> None:
    found = importlib.import_module(f"k8s.{module}")
    for name in found.__all__:
        with pytest.warns(DeprecationWarning, match=rf"k8s\.{module}\.{name}: write .+") as seen:
            getattr(found, name)
        assert (len(seen), seen[0].filename) == (1, __file__)
        assert name in dir(found)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = found.nothing


@pytest.mark.parametrize("module", MODULES)
def test_the_new_spelling_of_a_kind_is_one_that_works(module: str) -> None:
    found = importlib.import_module(f"k8s.models.{module}")
    for name in found.__all__:
        with pytest.warns(DeprecationWarning, match=rf"k8s\.models\.{module}\.{name}: write ") as seen:
            value = getattr(found, name)
        if isinstance(value, str):
            assert str(seen[0].message).endswith(f"write {value!r}")
            continue
        new = re.fullmatch(r".*: write from (\S+) import (\w+)", str(seen[0].message))
        assert new is not None
        assert hasattr(importlib.import_module(new[1]), new[2]), f"{module}.{name}: {new[0]}"


def test_methods_warn_where_they_are_called() -> None:
    made = classes("configmap")["ConfigMap"](metadata={"name": "a"})
    for method, arguments in (("as_dict", ()), ("update_from_dict", ({},)), ("merge", (made,))):
        with pytest.warns(DeprecationWarning, match=rf"k8s\.base\.Model\.{method}") as seen:
            getattr(made, method)(*arguments)
        assert seen[0].filename == __file__


# --- seams -------------------------------------------------------------------------------------------------------


def imported(path: Path) -> set[str]:
    """The names of the core that a module imports, as ``module:name``."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("k8s_core", "k8s_plugins_builtin")):
            found |= {f"{node.module}:{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {f"{alias.name}:" for alias in node.names if alias.name.startswith("k8s_")}
    return found


def test_no_private_name_of_the_core_is_imported_or_touched() -> None:
    documented = set(re.findall(r"^::: (\S+)$", (ROOT / "docs/reference/api.md").read_text(), re.MULTILINE)) | {
        "k8s_core"
    }
    for path in SOURCE.rglob("*.py"):
        for name in imported(path):
            module, _, thing = name.partition(":")
            if module.startswith("k8s_core"):
                assert module in documented, f"{path.name}: {module} is not documented"
                offered = importlib.import_module(module)
                public = {*offered.__all__, *(f"{each.rpartition('.')[2]}" for each in documented)}
                assert thing in public, f"{path.name}: {name}"
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\._(wire|raw|bind|view|write|load|root|parent|key|room|specs|described)\b", text), (
            path.name
        )


def test_no_other_package_has_a_line_that_knows_of_this_one() -> None:
    folders = ["k8s_core", "k8s_devkit", "k8s_plugins_builtin"]
    knowing = [
        path
        for folder in folders
        for path in (ROOT / folder / "src").rglob("*.py")
        if re.search(
            r"fiaas|compat[_-]|^(from|import) k8s[. ]", path.read_text(encoding="utf-8"), re.MULTILINE | re.IGNORECASE
        )
    ]
    assert knowing == []


def test_importing_the_package_loads_no_client() -> None:
    code = (
        "import warnings; warnings.simplefilter('ignore')\n"
        "import sys, k8s.config, k8s.models.deployment as d; d.Deployment\n"
        "print([m for m in ('urllib3', 'marshmallow', 'pluggy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
