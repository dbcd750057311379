# SPDX-License-Identifier: Apache-2.0
"""How packages bring the server side of their kinds: the hook, what is loaded when, and what is said of broken ones."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from fake_site import FakeSite
from server_core import Api

from k8s_core import Registry
from k8s_core.errors import KindConflictError, PluginError, PluginLoadError
from k8s_core.kinds import APIResource
from k8s_core.plugins import Plugins, declare_hooks
from k8s_devkit import ApiServer, ServerRegistrar, User
from k8s_devkit.api_server.kinds.servers import Servers
from k8s_devkit.strategy import hooks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GROUP = "acme.example.com"
HOOK = """
    from k8s_core import hookimpl

    @hookimpl
    def k8s_serve_kinds(registrar):
        registrar.add_strategy("acme.example.com/v1", "Gauge", "{target}")
"""
STRATEGY = """
    from k8s_devkit import CustomStrategy

    class GaugeStrategy(CustomStrategy):
        def default(self, new, old):
            new.setdefault("spec", {})["seen"] = True

        def reconcile(self, obj, ctx):
            obj["status"] = {"phase": "Measuring"}
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSite]:
    monkeypatch.syspath_prepend(str(tmp_path))
    fake = FakeSite(tmp_path)
    yield fake
    for name in fake.imported():
        del sys.modules[name]


def add(site: FakeSite, package: str, *, target: str = "", source: str = STRATEGY) -> None:
    """Install a package that serves Gauges."""
    files = {
        f"{package}/__init__.py": "",
        f"{package}/server.py": HOOK.format(target=target or f"{package}.strategies:GaugeStrategy"),
        f"{package}/strategies.py": source,
    }
    site.add(package.replace("_", "-"), {"k8s_core.servers": {GROUP: f"{package}.server"}}, files)


def crd() -> dict[str, Any]:
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    version["subresources"] = {"status": {}}
    names = {"kind": "Gauge", "plural": "gauges"}
    return {
        "metadata": {"name": f"gauges.{GROUP}"},
        "spec": {"group": GROUP, "scope": "Namespaced", "names": names, "versions": [version]},
    }


def serve(api: Api) -> str:
    """Create the CRD; returns the path of its collection."""
    api.ok("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", crd())
    api.core.settle()
    return f"/apis/{GROUP}/v1/namespaces/default/gauges"


def test_a_strategy_of_a_package_treats_the_objects_of_a_crd(site: FakeSite) -> None:
    add(site, "k8s_gauges")
    api = Api()
    gauges = serve(api)
    created = api.ok("POST", gauges, {"apiVersion": f"{GROUP}/v1", "kind": "Gauge", "metadata": {"name": "a"}})
    assert created["spec"] == {"seen": True}


def test_a_simulated_controller_runs_for_what_is_there_and_for_what_comes(site: FakeSite) -> None:
    add(site, "k8s_gauges")
    api = Api()
    gauges = serve(api)
    for name in ("before", "after"):
        api.ok("POST", gauges, {"apiVersion": f"{GROUP}/v1", "kind": "Gauge", "metadata": {"name": name}})
        if name == "before":
            assert "status" not in api.ok("GET", f"{gauges}/{name}")
            api.core.controllers.simulate((f"gauges.{GROUP}",))
        api.core.settle()
        assert api.ok("GET", f"{gauges}/{name}")["status"] == {"phase": "Measuring"}


def test_nothing_simulates_a_kind_without_a_reconcile_and_that_is_said(site: FakeSite) -> None:
    add(site, "k8s_gauges", source="from k8s_devkit import CustomStrategy as GaugeStrategy")
    api = Api()
    serve(api)
    with pytest.raises(ValueError, match="nothing simulates 'gauges'"):
        api.core.controllers.simulate(("gauges",))


def test_strategies_are_imported_when_their_kind_is_served(site: FakeSite) -> None:
    add(site, "k8s_gauges")
    servers = Servers()
    assert GROUP in servers.groups()
    assert "k8s_gauges.server" not in sys.modules
    servers.of_group(GROUP)
    assert "k8s_gauges.server" in sys.modules
    assert "k8s_gauges.strategies" not in sys.modules


def test_a_blocked_package_is_never_imported(site: FakeSite) -> None:
    add(site, "k8s_gauges")
    servers = Servers(declare_hooks(hooks.SERVERS_GROUP, hooks, block=["k8s-gauges"]))
    assert GROUP not in servers.groups()
    assert servers.of_group(GROUP) == ()
    assert "k8s_gauges.server" not in sys.modules


def test_two_packages_for_one_kind_are_an_error_that_names_both(site: FakeSite) -> None:
    add(site, "k8s_gauges")
    add(site, "k8s_other_gauges")
    with pytest.raises(PluginError, match=r"k8s-gauges 1\.0 and k8s-other-gauges 1\.0 register a strategy for"):
        Servers().kind(resource_of("Gauge"))


@pytest.mark.parametrize(
    ("target", "error", "message"),
    [
        ("no_such_module:Strategy", PluginLoadError, "k8s-gauges 1.0 registers 'no_such_module:Strategy'"),
        ("k8s_gauges.strategies:Nothing", PluginLoadError, "has no attribute 'Nothing'"),
        ("k8s_core.kinds:Scope", PluginError, "k8s_core.kinds:Scope is not a subclass of Strategy"),
    ],
)
def test_a_strategy_that_is_none_is_named_with_its_package(
    site: FakeSite, target: str, error: type[Exception], message: str
) -> None:
    add(site, "k8s_gauges", target=target)
    with pytest.raises(error) as caught:
        Servers().kind(resource_of("Gauge"))
    assert message in str(caught.value)


def test_a_package_whose_hook_cannot_be_imported_is_named_with_the_way_to_block_it(site: FakeSite) -> None:
    site.add("k8s-bad", {"k8s_core.servers": {GROUP: "k8s_bad"}}, {"k8s_bad.py": "import no_such_module\n"})
    with pytest.raises(PluginLoadError, match=r"plugin k8s-bad 1\.0 .* Set K8S_CORE_BLOCK_PLUGINS=k8s-bad"):
        Servers().of_group(GROUP)


def test_a_module_without_a_hook_is_refused(site: FakeSite) -> None:
    site.add("k8s-bad", {"k8s_core.servers": {GROUP: "k8s_bad"}}, {"k8s_bad.py": ""})
    with pytest.raises(PluginLoadError, match=r"implements no hook of k8s_core\.servers"):
        Servers().of_group(GROUP)


def test_one_package_cannot_register_two_strategies_for_a_kind() -> None:
    registrar = ServerRegistrar("test")
    registrar.add_strategy("acme.example.com/v1", "Gauge", "a:B")
    registrar.add_strategy("acme.example.com/v1", "Gauge", "a:B")
    with pytest.raises(
        KindConflictError, match=r"registers two strategies for acme\.example\.com/v1 Gauge: a:B and a:C"
    ):
        registrar.add_strategy("acme.example.com/v1", "Gauge", "a:C")


def test_a_server_without_any_package_of_kinds_serves_namespaces_and_crds() -> None:
    registry = Registry(Plugins(block=["k8s-plugins-builtin"]))
    with ApiServer(registry=registry) as server, server.client() as client:
        names = [item.metadata.name for item in client.list("namespaces")]
    assert "default" in names


def resource_of(kind: str) -> Any:
    return APIResource(GROUP, "v1", kind, f"{kind.lower()}s", kind.lower())


def test_a_server_of_one_group_loads_the_server_modules_of_that_group_and_of_core_alone() -> None:
    script = """
import subprocess
import sys
from k8s_core.kinds import GroupVersionKind
from k8s_devkit import ApiServer
from k8s_core.meta import ObjectMeta
from k8s_plugins_builtin.apps.v1 import Deployment

with ApiServer() as server, server.client() as client:
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": template}
    metadata = {"name": "a", "namespace": "default"}
    client.create({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec})
    assert client.get(Deployment, "a", namespace="default").spec.replicas == 1
groups = {name.split(".")[1] for name in sys.modules if name.startswith("k8s_plugins_builtin.") and ".server" in name}
print(*sorted(groups))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["apps", "core"]


def test_what_is_blocked_for_kinds_is_blocked_for_their_server_side(site: FakeSite) -> None:
    add(site, "k8s_gauges")
    for block, spec in ([], {"seen": True}), (["k8s-gauges"], None):
        with ApiServer(registry=Registry(Plugins(block=block))) as server, server.client() as client:
            server.seed({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", **crd()})
            server.settle()
            head = {"apiVersion": f"{GROUP}/v1", "kind": "Gauge"}
            created = client.create({**head, "metadata": {"name": "a", "namespace": "default"}})
            assert created.to_dict().get("spec") == spec


DIALS = """
    from k8s_core import Model, Resource, field, hookimpl

    class DialSpec(Model):
        lowest: int = field(minimum=0)
        unit: str = field(default="volt")

    class Dial(Resource, group="acme.example.com", version="v1", plural="dials"):
        spec: DialSpec

    @hookimpl
    def k8s_register_kinds(registrar):
        registrar.add_kind("acme.example.com/v1", "Dial", "k8s_dials:Dial", plural="dials")
"""


def test_a_kind_of_a_package_is_checked_by_the_crd_that_its_class_makes(site: FakeSite) -> None:
    site.add("k8s-dials", {"k8s_core.kinds": {GROUP: "k8s_dials"}}, {"k8s_dials.py": DIALS})
    api = Api(registry=Registry(Plugins()))
    dials = f"/apis/{GROUP}/v1/namespaces/default/dials"
    head = {"apiVersion": f"{GROUP}/v1", "kind": "Dial"}
    for name, spec, field in (
        ("low", {"lowest": -1}, "spec.lowest"),
        ("text", {"lowest": "many"}, "spec.lowest"),
        ("empty", {}, "spec.lowest"),
        ("none", None, "spec"),
    ):
        refused = api.fails(422, "POST", dials, {**head, "metadata": {"name": name}, "spec": spec})
        assert [cause["field"] for cause in refused["details"]["causes"]] == [field]
    created = api.ok("POST", dials, {**head, "metadata": {"name": "good"}, "spec": {"lowest": 1, "unknown": True}})
    assert created["spec"] == {"lowest": 1, "unit": "volt"}


AUTHORIZER = """
    from k8s_core import hookimpl
    from k8s_devkit.strategy import Authorizer, Decision

    @hookimpl
    def k8s_serve_kinds(registrar):
        registrar.add_authorizer("Acme", "k8s_gauges.server:GaugeAuthorizer")

    class GaugeAuthorizer(Authorizer):
        watches = (("", "configmaps"),)

        def __init__(self, ctx):
            self.names = [item["metadata"]["name"] for item in ctx.objects("", "configmaps")]

        @classmethod
        def initial_objects(cls):
            return [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "alice"}}]

        def decide(self, attributes):
            allowed = attributes.user.name in self.names
            return Decision(allowed, "" if allowed else f"only {self.names} are known")
"""


def test_an_authorizer_of_a_package_decides_in_servers_that_ask_for_it(site: FakeSite) -> None:
    entry_points = {"k8s_core.servers": {GROUP: "k8s_gauges.server"}}
    site.add("k8s-gauges", entry_points, {"k8s_gauges/__init__.py": "", "k8s_gauges/server.py": AUTHORIZER})
    api, path = Api(authorization_mode="Acme"), "/api/v1/namespaces/default/configmaps"
    api.user = User("bob")
    text = 'User "bob" cannot list resource "configmaps" in API group "" in the namespace "default"'
    message = api.fails(403, "GET", path)["message"]
    assert message == f"configmaps is forbidden: {text}: only ['alice'] are known"
    api.user = User("alice")
    api.ok("POST", path, {"metadata": {"name": "bob"}})
    api.user = User("bob")  # the authorizer is made anew after a change of what it watches
    api.ok("GET", path)


def test_an_authorizer_that_cannot_be_imported_is_an_error(site: FakeSite) -> None:
    source = AUTHORIZER.replace("k8s_gauges.server:GaugeAuthorizer", "k8s_gauges.absent:GaugeAuthorizer")
    entry_points = {"k8s_core.servers": {GROUP: "k8s_gauges.server"}}
    site.add("k8s-gauges", entry_points, {"k8s_gauges/__init__.py": "", "k8s_gauges/server.py": source})
    with pytest.raises(PluginLoadError, match=r"registers 'k8s_gauges\.absent:GaugeAuthorizer'"):
        Api(authorization_mode="Acme")


def test_a_mode_that_no_package_brings_is_an_error() -> None:
    with pytest.raises(PluginError, match="no installed package brings an authorizer for Acme: install k8s-plugins"):
        Api(authorization_mode="Acme")
