# SPDX-License-Identifier: Apache-2.0
"""Importing does nothing, and fifty installed packages cost nothing until one is asked for. Modules are counted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from fake_site import FakeSite

HEAVY = (
    "pluggy",
    "importlib_metadata",
    "marshmallow",
    "urllib3",
    "ssl",
    "yaml",
    "k8s_core.plugins",
    "k8s_core.registry",
)
LIST_MODULES = "import json, sys; print(json.dumps(sorted(sys.modules)))"


def modules_after(site: FakeSite, code: str) -> set[str]:
    return set(json.loads(site.run(f"{code}\n{LIST_MODULES}").splitlines()[-1]))


def test_importing_the_core_loads_no_third_party_library_and_no_plugin(site: FakeSite) -> None:
    modules = modules_after(site, "import k8s_core")
    assert not modules & set(HEAVY)
    assert not {name for name in modules if name.startswith(("k8s_plugins_builtin", "k8s_crd_"))}


def test_importing_a_plugin_module_does_not_import_its_models(site: FakeSite) -> None:
    modules = modules_after(site, "import k8s_crd_crontab")
    assert "k8s_crd_crontab.v1" not in modules
    assert not modules & {"marshmallow", "urllib3", "importlib_metadata", "k8s_core.model"}


def test_a_class_imported_directly_needs_no_scan(site: FakeSite) -> None:
    code = """
from k8s_crd_crontab.v1 import CronTab, CronTabSpec
crontab = CronTab(spec=CronTabSpec(cronSpec="* * * * *", image="x"))
crontab.spec.replicas = 2
assert CronTab.from_dict(crontab.to_dict()) == crontab
"""
    assert not modules_after(site, code) & {"importlib_metadata", "marshmallow", "urllib3"}


@pytest.fixture
def fifty(site: FakeSite) -> FakeSite:
    for number in range(50):
        site.add_kinds(f"k8s-crd-fake{number}", f"fake{number}", f"fake{number}.example.com", "Alpha", "Beta")
    return site


def test_fifty_packages_one_get_loads_one(fifty: FakeSite) -> None:
    code = """
from k8s_core import Client, Config
with Client(Config(server="http://127.0.0.1:1")) as client:
    import sys
    assert not [name for name in sys.modules if name.startswith("fake")]
    alpha = client.registry.get("fake17.example.com/v1", "Alpha")
    assert alpha.api_resource.plural == "alphas"
"""
    modules = modules_after(fifty, code)
    assert {name for name in modules if name.startswith("fake")} == {"fake17", "fake17.v1"}
    assert not {name for name in modules if name.startswith("k8s_plugins_builtin.")}


def test_fifty_packages_can_be_listed_without_their_models(fifty: FakeSite) -> None:
    code = """
from k8s_core import Registry
kinds = Registry().kinds()
assert sum(gvk.group.startswith("fake") for gvk in kinds) == 100
"""
    modules = modules_after(fifty, code)
    assert len({name for name in modules if name.startswith("fake")}) == 50


def test_one_scan_serves_many_groups(fifty: FakeSite) -> None:
    code = """
import importlib_metadata
calls = []
original = importlib_metadata.distributions
importlib_metadata.distributions = lambda **kw: calls.append(1) or original(**kw)
from k8s_core import Registry
registry = Registry()
for number in range(50):
    registry.get(f"fake{number}.example.com/v1", "Beta")
assert len(calls) == 1, calls
"""
    fifty.run(code)
