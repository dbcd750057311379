# SPDX-License-Identifier: Apache-2.0
"""Several versions of one kind: ``obj.to("v2")`` through the functions of the kind's package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from k8s_core.errors import KindConflictError, PluginError, UnknownKindError
from k8s_core.plugins import KindRegistrar, Plugins
from k8s_core.registry import Registry

if TYPE_CHECKING:
    from fake_site import FakeSite

INIT = """
    from k8s_core.plugins import hookimpl

    @hookimpl
    def k8s_register_kinds(registrar):
        for version in ("v1alpha1", "v1", "v2", "v3", "v4"):
            registrar.add_kind(f"lamps.example.com/{version}", "Lamp", f"lamps.{version}:Lamp")
        registrar.add_converter("lamps.example.com/v1alpha1", "Lamp", "v1", "lamps.convert:alpha_to_v1")
        registrar.add_converter("lamps.example.com/v1", "Lamp", "v2", "lamps.convert:v1_to_v2")
        registrar.add_converter("lamps.example.com/v2", "Lamp", "v3", "lamps.convert:broken")
        registrar.add_converter("lamps.example.com/v1", "Lamp", "v3", "lamps.convert:confused")
"""
CONVERT = """
    from lamps.v2 import Lamp as LampV2, LampSpec

    def alpha_to_v1(lamp):
        wire = lamp.to_dict()
        wire["spec"]["watts"] = wire["spec"].pop("power")
        return wire

    def v1_to_v2(lamp):
        return LampV2(metadata=lamp.metadata, spec=LampSpec(milliwatts=lamp.spec.watts * 1000))

    def broken(lamp):
        raise KeyError("colour")

    def confused(lamp):
        return lamp
"""
CLASS = """
    from k8s_core.model import ABSENT, Model, Resource

    class LampSpec(Model):
        {field}: int | None = None

    class Lamp(Resource, group="lamps.example.com", version="{version}", plural="lamps"):
        spec: LampSpec = ABSENT
"""


@pytest.fixture
def registry(site: FakeSite) -> Registry:
    files = {"lamps/__init__.py": INIT, "lamps/convert.py": CONVERT}
    for version, field in (("v1alpha1", "power"), ("v1", "watts"), ("v2", "milliwatts"), ("v3", "x"), ("v4", "y")):
        files[f"lamps/{version}.py"] = CLASS.format(version=version, field=field)
    site.add("k8s-lamps", {"k8s_core.kinds": {"lamps.example.com": "lamps"}}, files)
    return Registry(Plugins())


def lamp(registry: Registry, version: str, **spec: Any) -> Any:
    cls = registry.get(f"lamps.example.com/{version}", "Lamp")
    return cls.from_dict({"metadata": {"name": "desk", "labels": {"room": "study"}}, "spec": spec})


def test_one_step_by_a_wire_document_keeps_what_the_converter_keeps(registry: Registry) -> None:
    old = lamp(registry, "v1alpha1", power=40, unknown=True)
    new = old.to("v1", registry=registry)
    assert type(new) is registry.get("lamps.example.com/v1", "Lamp")
    assert new.to_dict() == {
        "apiVersion": "lamps.example.com/v1",
        "kind": "Lamp",
        "metadata": {"name": "desk", "labels": {"room": "study"}},
        "spec": {"unknown": True, "watts": 40},
    }
    assert old.to_dict()["spec"] == {"power": 40, "unknown": True}


def test_several_steps_take_the_shortest_way(registry: Registry) -> None:
    new = lamp(registry, "v1alpha1", power=40).to("v2", registry=registry)
    assert (new.apiVersion, new.spec.milliwatts, new.metadata.labels["room"]) == (
        "lamps.example.com/v2",
        40000,
        "study",
    )


def test_the_same_version_is_the_object_itself(registry: Registry) -> None:
    one = lamp(registry, "v1", watts=1)
    assert one.to("v1", registry=registry) is one


def test_without_a_way_the_error_lists_the_converters(registry: Registry) -> None:
    with pytest.raises(
        UnknownKindError, match=r"from lamps.example.com/v1 Lamp to v4.*v1 to v2, v1 to v3, v1alpha1 to v1"
    ):
        lamp(registry, "v1", watts=1).to("v4", registry=registry)


def test_an_unknown_version_is_an_error(registry: Registry) -> None:
    with pytest.raises(UnknownKindError, match=r"lamps\.example\.com/v9 Lamp is not known"):
        lamp(registry, "v1", watts=1).to("v9", registry=registry)


def test_a_converter_that_fails_or_lies_is_named(registry: Registry) -> None:
    with pytest.raises(PluginError, match=r"k8s-lamps 1\.0: lamps\.convert:broken.* failed: KeyError: 'colour'"):
        lamp(registry, "v2", milliwatts=1).to("v3", registry=registry)
    with pytest.raises(PluginError, match=r"confused.* returned lamps\.v1\.Lamp, not lamps\.v3\.Lamp or a wire"):
        lamp(registry, "v1", watts=1).to("v3", registry=registry)


def test_add_converter_checks_its_arguments() -> None:
    registrar = KindRegistrar("unit")
    registrar.add_converter("x.example.com/v1", "Kind", "v2", "a:b")
    registrar.add_converter("x.example.com/v1", "Kind", "v2", "a:b")
    assert len(registrar.converters) == 1
    with pytest.raises(KindConflictError, match="twice: by a:b and by a:c"):
        registrar.add_converter("x.example.com/v1", "Kind", "v2", "a:c")
    with pytest.raises(PluginError, match=r"must be 'package\.module:function'"):
        registrar.add_converter("x.example.com/v1", "Kind", "v2", "nonsense")
