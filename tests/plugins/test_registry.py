# SPDX-License-Identifier: Apache-2.0
"""From apiVersion and kind to the class: on demand, by API group, with errors that say the way out."""

from __future__ import annotations

import logging
import threading
import types
from typing import TYPE_CHECKING, Any

import pytest

from k8s_core.errors import KindConflictError, PluginLoadError, UnknownKindError
from k8s_core.kinds import GroupVersionKind, version_priority
from k8s_core.model import ABSENT, Resource
from k8s_core.plugins import KindRegistrar, Plugins, hookimpl
from k8s_core.registry import Registry, default_registry

if TYPE_CHECKING:
    from fake_site import FakeSite


class Widget(Resource, group="w.example.com", version="v1", plural="widgets", short_names=("wd",)):
    spec: Any = ABSENT


class WidgetV2(Resource, group="w.example.com", version="v2beta1", kind="Widget", plural="widgets"):
    spec: Any = ABSENT


def test_a_kind_is_imported_when_it_is_asked_for(site: FakeSite) -> None:
    site.add_kinds("k8s-toys", "toys", "toys.example.com", "Ball", "Doll")
    registry = Registry(Plugins())
    assert GroupVersionKind("toys.example.com", "v1", "Ball") in registry.kinds()
    assert "toys.v1" not in site.imported()
    ball = registry.get("toys.example.com/v1", "Ball")
    assert ball.api_resource.plural == "balls"
    assert registry.get("toys.example.com/v1", "Ball") is ball
    assert "toys.v1" in site.imported()


def test_kinds_and_groups_are_sorted_and_import_no_models(site: FakeSite) -> None:
    site.add_kinds("k8s-toys", "toys", "toys.example.com", "Doll", "Ball")
    registry = Registry(Plugins())
    assert [gvk.kind for gvk in registry.kinds("toys.example.com")] == ["Ball", "Doll"]
    assert registry.groups() == sorted(registry.groups())
    assert "toys.example.com" in registry.groups()
    assert "toys.v1" not in site.imported()


def test_an_unknown_kind_names_what_comes_near(site: FakeSite) -> None:
    site.add_kinds("k8s-toys", "toys", "toys.example.com", "Ball", "Doll")
    registry = Registry(Plugins())
    with pytest.raises(UnknownKindError, match=r"provides toys.example.com/v1 Bal; did you mean 'Ball'\?"):
        registry.get("toys.example.com/v1", "Bal")
    with pytest.raises(UnknownKindError, match=r"API group 'toys.example.com' has: Ball, Doll"):
        registry.get("toys.example.com/v1", "Rocket")
    with pytest.raises(UnknownKindError, match=r"toys.example.com/v2 Ball is not known, but Ball is in version v1"):
        registry.get("toys.example.com/v2", "Ball")
    with pytest.raises(UnknownKindError, match=r"provides toy.example.com/v1 Ball; did you mean 'toys.example.com'\?"):
        registry.get("toy.example.com/v1", "Ball")


def test_an_unknown_kind_of_a_blocked_plugin_says_so(site: FakeSite) -> None:
    site.add_kinds("k8s-toys", "toys", "toys.example.com", "Ball")
    with pytest.raises(UnknownKindError, match=r"k8s-toys 1.0 would, but K8S_CORE_BLOCK_PLUGINS names it"):
        Registry(Plugins(block=["k8s-toys"])).get("toys.example.com/v1", "Ball")


def test_an_unknown_group_without_a_hint_says_how_to_go_on() -> None:
    with pytest.raises(UnknownKindError, match=r"client.resource\(\)"):
        Registry(Plugins()).get("zzz.qqq.invalid/v1", "Kind")


def test_a_name_that_no_group_has_says_which_installed_packages_were_not_asked(site: FakeSite) -> None:
    site.add_kinds("k8s-toys", "toys", "toys.example.com", "Ball")
    site.add("k8s-bad", {"k8s_core.kinds": {"bad.example.com": "bad"}}, {"bad.py": "raise RuntimeError('boom')"})
    with pytest.raises(UnknownKindError) as caught:
        Registry(Plugins(block=["k8s-toys"])).find(None, "rockets")
    assert str(caught.value) == (
        "no installed package provides 'rockets'; not asked: k8s-bad 1.0 is broken (RuntimeError: boom), "
        "k8s-toys 1.0 is blocked (named in K8S_CORE_BLOCK_PLUGINS)"
    )


def test_two_packages_for_one_kind_are_an_error_naming_both(site: FakeSite) -> None:
    site.add_kinds("k8s-red", "red", "dup.example.com", "Same", "OnlyRed", version="1.1")
    site.add_kinds("k8s-blue", "blue", "dup.example.com", "Same", version="2.2")
    registry = Registry(Plugins())
    with pytest.raises(KindConflictError) as caught:
        registry.get("dup.example.com/v1", "Same")
    for part in (
        "dup.example.com/v1 Same",
        "k8s-red 1.1 (red.v1:Same)",
        "k8s-blue 2.2 (blue.v1:Same)",
        "BLOCK_PLUGINS",
    ):
        assert part in str(caught.value)
    assert registry.get("dup.example.com/v1", "OnlyRed").__module__ == "red.v1"
    assert Registry(Plugins(block=["k8s-blue"])).get("dup.example.com/v1", "Same").__module__ == "red.v1"


def test_one_target_filed_twice_is_no_conflict(site: FakeSite) -> None:
    site.add_kinds("k8s-red", "red", "twice.example.com", "Same")
    plugins = Plugins()

    def register(registrar: KindRegistrar) -> None:
        registrar.add_kind("twice.example.com/v1", "Same", "red.v1:Same")

    module = types.ModuleType("again")
    module.k8s_register_kinds = hookimpl(register)  # type: ignore[attr-defined]  # a plugin made on the spot
    plugins.register(module)
    assert Registry(plugins).get("twice.example.com/v1", "Same").__module__ == "red.v1"


def test_register_wins_over_packages_and_the_last_one_counts(site: FakeSite) -> None:
    site.add_kinds("k8s-w", "wpkg", "w.example.com", "Widget")
    registry = Registry(Plugins())
    assert registry.get("w.example.com/v1", "Widget").__module__ == "wpkg.v1"
    assert registry.register(Widget) is Widget
    assert registry.get("w.example.com/v1", "Widget") is Widget

    @registry.register
    class Better(Widget):
        pass

    assert registry.get("w.example.com/v1", "Widget") is Better


def test_register_needs_no_scan() -> None:
    class NoPlugins(Plugins):
        def declared_kinds(self, group: str) -> Any:
            raise AssertionError("scanned")

    registry = Registry(NoPlugins())
    registry.register(Widget)
    assert registry.get("w.example.com/v1", "Widget") is Widget


@pytest.mark.parametrize("name", ["widgets", "widget", "Widget", "WIDGETS", "wd"])
def test_find_by_any_name(name: str) -> None:
    registry = Registry(Plugins())
    registry.register(Widget)
    registry.register(WidgetV2)
    assert registry.find("w.example.com", name) is Widget
    assert registry.find(None, name) is Widget


def test_find_takes_the_most_stable_version_or_the_one_asked_for() -> None:
    registry = Registry(Plugins())
    registry.register(WidgetV2)
    registry.register(Widget)
    assert registry.find("w.example.com", "widgets") is Widget
    assert registry.find("w.example.com", "widgets", "v2beta1") is WidgetV2
    with pytest.raises(UnknownKindError, match=r"'widgets' in API group 'w.example.com' in version v3"):
        registry.find("w.example.com", "widgets", "v3")


def test_find_imports_a_class_only_where_the_plugin_did_not_say(site: FakeSite) -> None:
    source = """
        from k8s_core.plugins import hookimpl

        @hookimpl
        def k8s_register_kinds(registrar):
            registrar.add_kind("f.example.com/v1", "Mouse", "f_no_module:Mouse", plural="mice", short_names=("ms",))
            registrar.add_kind("f.example.com/v1", "Cat", "fcat:Cat", plural="cats", short_names=("ct",))
    """
    cat = """
        from k8s_core.model import Resource

        class Cat(Resource, group="f.example.com", version="v1", plural="cats", short_names=("ct",)):
            pass
    """
    site.add("k8s-f", {"k8s_core.kinds": {"f.example.com": "fpkg"}}, {"fpkg.py": source, "fcat.py": cat})
    registry = Registry(Plugins())
    assert registry.find("f.example.com", "cats").api_resource.kind == "Cat"
    assert registry.find("f.example.com", "ct").api_resource.kind == "Cat"


def test_find_prefers_a_plural_over_another_kinds_short_name() -> None:
    class Short(Resource, group="p.example.com", version="v1", plural="aaas", short_names=("bbbs",)):
        pass

    class Plural(Resource, group="p.example.com", version="v1", plural="bbbs"):
        pass

    registry = Registry(Plugins())
    registry.register(Short)
    registry.register(Plural)
    assert registry.find("p.example.com", "bbbs") is Plural


def test_find_names_near_names(site: FakeSite) -> None:
    site.add_kinds("k8s-toys", "toys", "toys.example.com", "Ball")
    with pytest.raises(UnknownKindError, match=r"'bals' in API group 'toys.example.com'; did you mean 'Ball'"):
        Registry(Plugins()).find("toys.example.com", "bals")


def test_a_broken_package_is_left_out_of_listings_and_logged(site: FakeSite, caplog: pytest.LogCaptureFixture) -> None:
    site.add_kinds("k8s-toys", "toys", "toys.example.com", "Ball")
    site.add("k8s-bad", {"k8s_core.kinds": {"bad.example.com": "bad"}}, {"bad.py": "raise RuntimeError('boom')"})
    registry = Registry(Plugins())
    with caplog.at_level(logging.WARNING, "k8s_core.registry"):
        assert GroupVersionKind("toys.example.com", "v1", "Ball") in registry.kinds()
        assert registry.find(None, "balls").api_resource.kind == "Ball"
    assert "RuntimeError: boom" in caplog.text
    with pytest.raises(PluginLoadError, match="RuntimeError: boom"):
        registry.kinds("bad.example.com")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("raise ValueError('no')", "ValueError: no"),
        ("x = 1", "AttributeError: "),
        ("Kind = int", "it is not a subclass of Resource"),
        (
            "import k8s_core.model as m\nclass Kind(m.Resource, group='o.example.com', version='v1', plural='k'): pass",
            "its class keywords say o.example.com/v1 Kind",
        ),
    ],
)
def test_a_class_that_is_not_what_the_plugin_says(site: FakeSite, source: str, reason: str) -> None:
    site.add_kinds("k8s-wrong", "wrongpkg", "wrong.example.com", "Kind")
    (site.root / "wrongpkg/v1.py").write_text(source)
    with pytest.raises(PluginLoadError) as caught:
        Registry(Plugins()).get("wrong.example.com/v1", "Kind")
    assert reason in str(caught.value)
    assert "k8s-wrong 1.0" in str(caught.value)


def test_versions_in_the_order_of_the_api_server() -> None:
    order = ["v10", "v2", "v1", "v11beta2", "v10beta3", "v3beta1", "v12alpha1", "v11alpha2", "foo1", "foo10"]
    assert sorted(sorted(order), key=version_priority) == order


def test_a_package_may_teach_annotation_types(site: FakeSite) -> None:
    init = """
        from k8s_core.plugins import hookimpl

        @hookimpl
        def k8s_register_kinds(registrar):
            from marshmallow import fields
            from moneypkg.money import Money, MoneyField

            registrar.add_type(Money, MoneyField)
            registrar.add_kind("money.example.com/v1", "Price", "moneypkg.v1:Price")
    """
    money = """
        from marshmallow import fields

        class Money:
            def __init__(self, text):
                self.text = text

        class MoneyField(fields.Field):
            def _serialize(self, value, attr, obj, **kwargs):
                return value.text

            def _deserialize(self, value, attr, data, **kwargs):
                return Money(value)
    """
    classes = """
        from typing import Any
        from k8s_core.model import ABSENT, Model, Resource
        from moneypkg.money import Money

        class Spec(Model):
            amount: Money | None = None

        class Price(Resource, group="money.example.com", version="v1", plural="prices"):
            spec: Spec = ABSENT
    """
    files = {"moneypkg/__init__.py": init, "moneypkg/money.py": money, "moneypkg/v1.py": classes}
    site.add("k8s-money", {"k8s_core.kinds": {"money.example.com": "moneypkg"}}, files)
    direct = """
        from moneypkg.v1 import Price
        from moneypkg.money import Money
        price = Price.from_dict({"spec": {"amount": "5 EUR"}})
        print(price.spec.amount.text)
        price.spec.amount = Money("7 EUR")
        print(price.to_dict()["spec"])
    """
    assert site.run(direct).splitlines() == ["5 EUR", "{'amount': '7 EUR'}"]


def test_types_are_loaded_of_the_package_of_a_class_and_of_no_other(site: FakeSite) -> None:
    for name in ("one", "two"):
        site.add_kinds(f"k8s-{name}", f"{name}pkg", f"{name}.example.com", "Thing")
    printed = site.run("""
        import sys
        from k8s_core.model import Resource
        from k8s_core.registry import load_types_for
        class Widget(Resource, group="w.example.com", version="v1", plural="widgets"):
            pass
        load_types_for(Widget)
        print("onepkg" in sys.modules, "twopkg" in sys.modules)
        Widget.__module__ = "onepkg.v1"
        load_types_for(Widget)
        print("onepkg" in sys.modules, "twopkg" in sys.modules)
    """)
    assert printed.splitlines() == ["False False", "True False"]


def test_the_default_registry_is_one_and_made_once() -> None:
    found: list[Registry] = []
    threads = [threading.Thread(target=lambda: found.append(default_registry())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(registry) for registry in found}) == 1


def test_threads_that_ask_at_once_get_the_same_class(site: FakeSite) -> None:
    site.add_kinds("k8s-toys", "toys", "toys.example.com", "Ball")
    registry = Registry(Plugins())
    gate = threading.Barrier(8)
    found: list[type[Resource]] = []

    def ask() -> None:
        gate.wait()
        found.append(registry.get("toys.example.com/v1", "Ball"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(found) == 8
