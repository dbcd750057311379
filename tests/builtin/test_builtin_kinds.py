# SPDX-License-Identifier: Apache-2.0
"""What the package offers: every kind through the registry, classes that agree with what they are filed as."""

from __future__ import annotations

import importlib
import json
import pkgutil
import random
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from model_documents import document_of
from openapi_documents import INPUT, kinds_in_paths

import k8s_plugins_builtin
from k8s_core.kinds import GroupVersionKind, table_columns
from k8s_core.model import Model, Resource, model_fields
from k8s_core.model.attributes import Attribute
from k8s_core.model.fields import map_type
from k8s_core.plugins import KindRegistrar
from k8s_core.registry import Registry
from k8s_plugins_builtin.apiextensions.v1 import JSONSchemaProps
from k8s_plugins_builtin.apps.v1 import Deployment
from k8s_plugins_builtin.core.v1 import Container, LocalObjectReference, Pod, PodExecOptions, Secret, ServicePort
from k8s_plugins_builtin.networking.v1 import IPBlock, NetworkPolicyIngressRule

PACKAGE = Path(k8s_plugins_builtin.__path__[0])
PYPROJECT = PACKAGE.parents[1] / "pyproject.toml"
NOT_REGISTERED = {"k8s_plugins_builtin.metrics.v1beta1"}  # of an add-on: no API server serves them by itself
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages([str(PACKAGE)], "k8s_plugins_builtin.")
    if re.fullmatch(r"v\d\w*", module.name.rpartition(".")[2]) and module.name not in NOT_REGISTERED
)


def classes_of(module: str) -> list[type[Model]]:
    loaded = importlib.import_module(module)
    return [getattr(loaded, name) for name in loaded.__all__]


def builtin_kinds() -> list[GroupVersionKind]:
    registrar = KindRegistrar()
    for module in MODULES:
        importlib.import_module(f"{module.rpartition('.')[0]}._plugin").k8s_register_kinds(registrar)
    return sorted(declared.gvk for declared in registrar.kinds)


KINDS = builtin_kinds()
every_kind = pytest.mark.parametrize("gvk", KINDS, ids=lambda gvk: f"{gvk.kind}.{gvk.version}.{gvk.group}".rstrip("."))


def test_every_kind_and_subresource_type_of_1_36_is_there() -> None:
    registry = Registry()
    classes = [registry.get(gvk.api_version, gvk.kind) for gvk in KINDS]
    served = [cls for cls in classes if cls.api_resource.plural]
    assert (len(MODULES), len(served)) == (22, 68)
    assert {cls.__name__ for cls in classes if not cls.api_resource.plural} == {
        "Eviction",
        "NodeProxyOptions",
        "PodAttachOptions",
        "PodExecOptions",
        "PodPortForwardOptions",
        "PodProxyOptions",
        "Scale",
        "ServiceProxyOptions",
        "TokenRequest",
    }
    assert registry.get("v1", "Binding").api_resource.verbs == ("create",)


@pytest.mark.skipif(not INPUT.is_dir(), reason="the OpenAPI documents are not here")
def test_every_kind_of_the_documents_resolves() -> None:
    assert [GroupVersionKind(*gvk) for gvk in kinds_in_paths()] == KINDS


@every_kind
def test_a_kind_is_what_it_is_filed_as(gvk: GroupVersionKind) -> None:
    registry = Registry()
    cls = registry.get(gvk.api_version, gvk.kind)
    resource = cls.api_resource
    assert resource.gvk == gvk
    if not resource.plural:
        assert resource.verbs == ()
        return
    for name in (resource.plural, resource.singular, gvk.kind, *resource.short_names):
        found = registry.find(gvk.group, name, gvk.version)
        assert found is cls, name
    assert resource.path("default" if resource.namespaced else None, "x").endswith(f"/{resource.plural}/x")
    for text in resource.subresources.values():
        if text:
            api_version, _, kind = text.partition(" ")
            assert registry.get(api_version, kind).api_resource.kind == kind


@every_kind
def test_documents_made_from_the_class_are_accepted_and_kept(gvk: GroupVersionKind) -> None:
    cls = Registry().get(gvk.api_version, gvk.kind)
    for seed in range(2):
        document = document_of(cls, random.Random(seed))
        obj = cls.from_dict(document)
        assert obj.validate() == {}
        assert json.dumps(obj.to_dict()) == json.dumps(document)


@every_kind
def test_columns_and_readiness_never_fail(gvk: GroupVersionKind) -> None:
    cls = Registry().get(gvk.api_version, gvk.kind)
    for seed in range(3):
        obj = cls.from_dict(document_of(cls, random.Random(seed)) if seed else {"metadata": {"name": "x"}})
        for column in table_columns(cls.printer_columns):
            if callable(column.value):
                column.value(obj)
        ready = getattr(obj, "is_ready", None)
        assert ready is None or ready() in (True, False)


@pytest.mark.parametrize("module", MODULES)
def test_no_behaviour_hides_a_field_and_no_field_a_method(module: str) -> None:
    for cls in classes_of(module):
        for spec in model_fields(cls).values():
            found = [parent for parent in cls.__mro__ if spec.name in vars(parent)]
            assert isinstance(vars(found[0])[spec.name], Attribute), f"{cls.__qualname__}.{spec.name}"
            inherited = [Resource] if issubclass(cls, Resource) and spec.name == "metadata" else []
            assert [parent for parent in found if parent is not cls] == inherited, f"{cls.__qualname__}.{spec.name}"
        with pytest.raises(AttributeError):
            cls.from_dict({}).no_such_field = 1  # type: ignore[attr-defined]  # behaviour must not bring a __dict__


def test_entry_points_are_the_groups_that_the_package_serves() -> None:
    declared = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]["entry-points"]["k8s_core.kinds"]
    assert set(declared) == {gvk.group or "core" for gvk in KINDS}
    for name, target in declared.items():
        registrar = KindRegistrar()
        importlib.import_module(target).k8s_register_kinds(registrar)
        assert {gvk.group for gvk in (kind.gvk for kind in registrar.kinds)} == {"" if name == "core" else name}


def test_importing_one_module_imports_no_other_group_and_builds_no_schema() -> None:
    script = f"""
import importlib, json, sys
result = {{}}
for name in {MODULES!r}:
    importlib.import_module(name)
    loaded = [other for other in sys.modules if other.startswith("k8s_plugins_builtin")]
    result[name] = sorted({{other.split(".")[1] for other in loaded if "." in other}})
    for other in loaded:
        del sys.modules[other]
heavy = [name for name in ("marshmallow", "urllib3", "pluggy", "importlib_metadata", "yaml") if name in sys.modules]
print(json.dumps([result, heavy]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    result, heavy = json.loads(done.stdout)
    assert heavy == []
    for module, groups in result.items():
        own = {module.split(".")[1], "_columns", "_editing", "_images", "_related_events", "_scaling"}
        assert set(groups) <= own, module


@pytest.mark.parametrize("module", ["core.v1", "apps.v1"])
def test_an_import_declares_and_resolves_nothing(module: str) -> None:
    """Counted, for `make bench` has the limits in milliseconds: a few calls for each field, and no annotation read."""
    script = f"""
import json, sys
import k8s_core.meta
from k8s_core.model import Model
calls = 0
def profile(frame, event, argument):
    global calls
    calls += event == "call" and "k8s_core" in frame.f_code.co_filename
sys.setprofile(profile)
import k8s_plugins_builtin.{module} as module
sys.setprofile(None)
classes = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, Model)]
fields = sum(len(each._declarations) for each in classes)
print(json.dumps([calls, len(classes), fields, [each.__name__ for each in classes if each._specs is not None]]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    calls, classes, fields, resolved = json.loads(done.stdout)
    assert classes > 30
    assert calls <= 5 * fields + 8 * classes
    assert resolved == []


def test_names_that_python_cannot_spell() -> None:
    rule = NetworkPolicyIngressRule.from_dict(
        {"from": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}]}
    )
    assert list(rule.from_[0].ipBlock.except_) == ["10.1.0.0/16"]
    assert IPBlock(cidr="10.0.0.0/8", except_=["10.1.0.0/16"]).to_dict()["except"] == ["10.1.0.0/16"]
    schema = JSONSchemaProps(
        type="object", not_=JSONSchemaProps(type="string"), x_kubernetes_int_or_string=True, ref="#/a"
    )
    assert schema.to_dict() == {
        "type": "object",
        "not": {"type": "string"},
        "x-kubernetes-int-or-string": True,
        "$ref": "#/a",
    }


def test_what_patches_and_apply_need_to_know() -> None:
    ports = model_fields(Container)["ports"]
    assert (ports.list_type, ports.list_map_keys) == ("map", ("containerPort", "protocol"))
    assert (ports.patch_merge_key, ports.patch_strategy) == ("containerPort", "merge")
    assert model_fields(ServicePort)["protocol"].default == "TCP"
    spec = model_fields(Pod)["spec"].type
    assert model_fields(spec.model)["nodeSelector"].options["map_type"] == "atomic"  # type: ignore[attr-defined]  # a ModelType
    assert map_type(LocalObjectReference) == "atomic"
    assert map_type(Pod) is None


def test_facts_that_the_documents_do_not_hold() -> None:
    assert Deployment.api_resource.short_names == ("deploy",)
    assert Deployment.api_resource.categories == ("all",)
    assert Deployment.api_resource.subresources == {"scale": "autoscaling/v1 Scale", "status": ""}
    assert "'***'" in repr(Secret(data={"password": b"hunter2"}))
    assert "hunter2" not in repr(Secret(stringData={"password": "hunter2"}))
    assert PodExecOptions(command=["ls", "-l"], stdout=True).to_dict()["command"] == ["ls", "-l"]
