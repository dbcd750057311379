# SPDX-License-Identifier: Apache-2.0
"""Plugins are found once, loaded one by one, and one that fails hurts only who asks for it."""

from __future__ import annotations

import logging
import sys
import types
from typing import TYPE_CHECKING, Any

import pytest

from k8s_core.errors import KindConflictError, PluginError, PluginLoadError
from k8s_core.plugins import KindRegistrar, Plugins, hookimpl

if TYPE_CHECKING:
    from fake_site import FakeSite

THIN = """
from k8s_core.plugins import hookimpl

@hookimpl
def k8s_register_kinds(registrar):
    registrar.add_kind("{group}/v1", "Thing", "{package}.v1:Thing", plural="things", short_names=("th",))
"""


def thin(package: str, group: str) -> dict[str, str]:
    return {f"{package}/__init__.py": THIN.format(group=group, package=package)}


def test_making_plugins_scans_and_imports_nothing(site: FakeSite) -> None:
    site.add(
        "broken", {"k8s_core.plugins": {"x": "no_such_module"}, "k8s_core.kinds": {"x.example.com": "no_such_module"}}
    )
    printed = site.run("""
        import sys
        scanned = []
        def note(event, arguments):
            if event == "open" and "dist-info" in str(arguments):
                scanned.append(arguments)
        sys.addaudithook(note)
        from k8s_core.plugins import Plugins
        plugins = Plugins()
        print(bool(scanned), "importlib_metadata" in sys.modules)
        plugins.declared_kinds("nobody.example.com")
        print(bool(scanned), "importlib_metadata" in sys.modules)
    """)
    assert printed.splitlines() == ["False False", "True True"]


def test_only_the_asked_group_is_loaded(site: FakeSite) -> None:
    for name in ("one", "two"):
        site.add(
            f"k8s-{name}",
            {"k8s_core.kinds": {f"{name}.example.com": f"fake_{name}"}},
            thin(f"fake_{name}", f"{name}.example.com"),
        )
    plugins = Plugins()
    assert {"one.example.com", "two.example.com"} <= set(plugins.groups())
    assert "fake_one" not in sys.modules
    (kind,) = plugins.declared_kinds("one.example.com")
    assert str(kind.gvk) == "one.example.com/v1 Thing"
    assert (kind.plural, kind.short_names, str(kind.origin)) == ("things", ("th",), "k8s-one 1.0")
    assert "fake_one" in sys.modules
    assert "fake_two" not in sys.modules
    assert "fake_one.v1" not in sys.modules


def test_the_scan_happens_once_per_instance(site: FakeSite) -> None:
    plugins = Plugins()
    before = plugins.groups()
    site.add("k8s-late", {"k8s_core.kinds": {"late.example.com": "fake_late"}}, thin("fake_late", "late.example.com"))
    assert plugins.groups() == before
    assert "late.example.com" in Plugins().groups()


def test_a_plugin_that_raises_on_import_hurts_only_its_own_group(site: FakeSite) -> None:
    site.add(
        "k8s-bad",
        {"k8s_core.kinds": {"bad.example.com": "fake_bad"}},
        {"fake_bad.py": "import no_such_dependency"},
        "2.1",
    )
    site.add("k8s-good", {"k8s_core.kinds": {"good.example.com": "fake_good"}}, thin("fake_good", "good.example.com"))
    plugins = Plugins()
    assert plugins.declared_kinds("good.example.com")
    with pytest.raises(PluginLoadError) as caught:
        plugins.declared_kinds("bad.example.com")
    text = str(caught.value)
    assert "k8s-bad 2.1" in text
    assert "'bad.example.com' = 'fake_bad'" in text
    assert "ModuleNotFoundError: " in text
    assert "'no_such_dependency'" in text
    assert "K8S_CORE_BLOCK_PLUGINS=k8s-bad" in text
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)


def test_a_plugin_that_exits_on_import_does_not_end_the_program(site: FakeSite) -> None:
    site.add("k8s-exit", {"k8s_core.kinds": {"exit.example.com": "fake_exit"}}, {"fake_exit.py": "raise SystemExit(3)"})
    with pytest.raises(PluginLoadError, match="SystemExit: 3"):
        Plugins().declared_kinds("exit.example.com")


def test_a_hook_that_raises_while_registering_leaves_no_trace(site: FakeSite) -> None:
    source = """
        from k8s_core.plugins import hookimpl
        fail = True

        @hookimpl
        def k8s_register_kinds(registrar):
            registrar.add_kind("half.example.com/v1", "Half", "fake_half.v1:Half")
            if fail:
                raise OSError("disk")
    """
    site.add("k8s-half", {"k8s_core.kinds": {"half.example.com": "fake_half"}}, {"fake_half.py": source})
    plugins = Plugins()
    for _ in range(2):
        with pytest.raises(PluginLoadError, match="OSError: disk"):
            plugins.declared_kinds("half.example.com")
    assert plugins.report()[0].state == "broken" or any(row.state == "broken" for row in plugins.report())
    sys.modules["fake_half"].fail = False  # type: ignore[attr-defined]  # the module was written by this test
    assert [kind.gvk.kind for kind in plugins.declared_kinds("half.example.com")] == ["Half"]


@pytest.mark.parametrize("block", ["blk.example.com", "k8s-blocked", "K8S_Blocked", "other, k8s.blocked\n"])
def test_a_blocked_plugin_is_never_imported(site: FakeSite, monkeypatch: pytest.MonkeyPatch, block: str) -> None:
    site.add("k8s-blocked", {"k8s_core.kinds": {"blk.example.com": "fake_blk"}}, {"fake_blk.py": "raise OSError"})
    monkeypatch.setenv("K8S_CORE_BLOCK_PLUGINS", block)
    plugins = Plugins()
    assert plugins.declared_kinds("blk.example.com") == ()
    assert "blk.example.com" not in plugins.groups()
    (row,) = [row for row in plugins.report(load=True) if row.distribution == "k8s-blocked"]
    assert (row.state, row.reason) == ("blocked", "named in K8S_CORE_BLOCK_PLUGINS")
    assert "fake_blk" not in sys.modules


def test_a_misspelt_hook_is_an_error(site: FakeSite) -> None:
    source = """
        from k8s_core.plugins import hookimpl

        @hookimpl
        def k8s_register_kind(registrar):
            pass
    """
    site.add("k8s-typo", {"k8s_core.kinds": {"typo.example.com": "fake_typo"}}, {"fake_typo.py": source})
    with pytest.raises(PluginLoadError, match="unknown hook 'k8s_register_kind'"):
        Plugins().declared_kinds("typo.example.com")


def test_an_optional_hook_of_a_newer_core_does_not_matter(site: FakeSite) -> None:
    source = THIN.format(group="new.example.com", package="fake_new") + (
        "\n@hookimpl(optionalhook=True)\ndef k8s_in_the_future(planet):\n    pass\n"
    )
    site.add("k8s-new", {"k8s_core.kinds": {"new.example.com": "fake_new"}}, {"fake_new/__init__.py": source})
    assert Plugins().declared_kinds("new.example.com")


def test_a_hook_with_an_unknown_argument_is_an_error(site: FakeSite) -> None:
    source = """
        from k8s_core.plugins import hookimpl

        @hookimpl
        def k8s_register_kinds(registrar, colour):
            pass
    """
    site.add("k8s-arg", {"k8s_core.kinds": {"arg.example.com": "fake_arg"}}, {"fake_arg.py": source})
    with pytest.raises(PluginLoadError, match="colour"):
        Plugins().declared_kinds("arg.example.com")


def test_a_module_without_hooks_is_an_error(site: FakeSite) -> None:
    site.add("k8s-none", {"k8s_core.kinds": {"none.example.com": "fake_none"}}, {"fake_none.py": "x = 1"})
    with pytest.raises(PluginLoadError, match="is @hookimpl missing"):
        Plugins().declared_kinds("none.example.com")


def test_kinds_of_a_group_without_an_entry_point_are_an_error(site: FakeSite) -> None:
    site.add("k8s-a", {"k8s_core.kinds": {"a.example.com": "fake_a"}}, thin("fake_a", "b.example.com"))
    with pytest.raises(PluginLoadError, match=r"no entry point named 'b\.example\.com' in k8s_core\.kinds"):
        Plugins().declared_kinds("a.example.com")


def test_a_hook_in_the_wrong_entry_point_group_is_an_error(site: FakeSite) -> None:
    source = """
        from k8s_core.plugins import hookimpl

        @hookimpl
        def k8s_credentials(config):
            return None
    """
    site.add("k8s-w", {"k8s_core.kinds": {"w.example.com": "fake_w"}}, {"fake_w.py": source})
    with pytest.raises(
        PluginLoadError, match=r"implements k8s_credentials, but has no entry point in k8s_core\.plugins"
    ):
        Plugins().declared_kinds("w.example.com")


def test_one_module_may_serve_several_groups(site: FakeSite) -> None:
    source = """
        from k8s_core.plugins import hookimpl

        @hookimpl
        def k8s_register_kinds(registrar):
            registrar.add_kind("v1", "Legacy", "fake_multi.v1:Legacy")
            registrar.add_kind("m.example.com/v1", "Modern", "fake_multi.v1:Modern")

        @hookimpl
        def k8s_observe(config):
            return None
    """
    groups = {
        "k8s_core.kinds": {"core": "fake_multi", "m.example.com": "fake_multi"},
        "k8s_core.plugins": {"multi": "fake_multi"},
    }
    site.add("k8s-multi", groups, {"fake_multi.py": source})
    plugins = Plugins(block=["k8s-plugins-builtin"])
    assert [kind.gvk.kind for kind in plugins.declared_kinds("m.example.com")] == ["Modern"]
    assert [kind.gvk.kind for kind in plugins.declared_kinds("")] == ["Legacy"]


def test_metadata_that_cannot_be_read_is_left_out_and_logged(site: FakeSite, caplog: pytest.LogCaptureFixture) -> None:
    site.add("k8s-fine", {"k8s_core.kinds": {"fine.example.com": "fake_fine"}}, thin("fake_fine", "fine.example.com"))
    broken = site.root / "stranger-1.dist-info"
    broken.mkdir()
    (broken / "entry_points.txt").write_text("[console_scripts]\nno equals sign\n")
    with caplog.at_level(logging.WARNING, "k8s_core.plugins"):
        assert "fine.example.com" in Plugins().groups()
    assert "stranger-1.dist-info" in caplog.text


def test_the_first_of_two_distributions_with_one_name_counts(site: FakeSite) -> None:
    site.add("k8s-twin", {"k8s_core.kinds": {"old.example.com": "fake_old"}}, version="1.0")
    shadow = type(site)(site.root / "later")
    shadow.root.mkdir()
    shadow.add("K8S_Twin", {"k8s_core.kinds": {"new.example.com": "fake_new"}}, version="2.0")
    sys.path.append(str(shadow.root))
    try:
        groups = Plugins().groups()
    finally:
        sys.path.remove(str(shadow.root))
    assert "old.example.com" in groups
    assert "new.example.com" not in groups


def plugin_module(name: str, **hooks: Any) -> types.ModuleType:
    module = types.ModuleType(name)
    for hook_name, function in hooks.items():
        setattr(module, hook_name, hookimpl(function))
    return module


def test_a_program_may_register_a_plugin_without_an_entry_point() -> None:
    plugins = Plugins()

    def register(registrar: KindRegistrar) -> None:
        registrar.add_kind("own.example.com/v1", "Own", "own.module:Own")

    plugins.register(plugin_module("own", k8s_register_kinds=register))
    (kind,) = plugins.declared_kinds("own.example.com")
    assert str(kind.origin) == "own (registered by the program)"
    assert "own.example.com" in plugins.groups()


def test_registering_the_same_plugin_twice_is_an_error() -> None:
    plugins = Plugins()
    module = plugin_module("same", k8s_observe=lambda config: None)
    plugins.register(module)
    with pytest.raises(PluginError, match="'same' cannot be registered: it is registered already"):
        plugins.register(module)


def test_a_registrar_kept_for_later_is_refused() -> None:
    kept: list[KindRegistrar] = []

    def keep(registrar: KindRegistrar) -> None:
        kept.append(registrar)

    Plugins().register(plugin_module("keeper", k8s_register_kinds=keep))
    with pytest.raises(PluginError, match="only be used while k8s_register_kinds runs"):
        kept[0].add_kind("v1", "Late", "a:B")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("x.example.com/v1", "Bad Kind", "a:B"), "no kind name"),
        (("x.example.com/v1", "Kind", "a.b"), "must be 'package.module:Class'"),
        (("x.example.com/v1", "Kind", ":B"), "must be 'package.module:Class'"),
    ],
)
def test_add_kind_checks_its_arguments(arguments: tuple[str, str, str], message: str) -> None:
    with pytest.raises(PluginError, match=message):
        KindRegistrar("unit").add_kind(*arguments)


def test_add_kind_refuses_a_text_for_short_names() -> None:
    with pytest.raises(PluginError, match="must be a tuple"):
        KindRegistrar("unit").add_kind("v1", "Kind", "a:B", short_names="k")


def test_add_kind_twice_is_fine_with_one_target_and_an_error_with_two() -> None:
    registrar = KindRegistrar("unit")
    registrar.add_kind("v1", "Kind", "a:B")
    registrar.add_kind("v1", "Kind", "a:B")
    with pytest.raises(KindConflictError, match="as a:B and as a:C"):
        registrar.add_kind("v1", "Kind", "a:C")
    assert len(registrar.kinds) == 1


def test_hook_calls_are_traced_by_type_only(caplog: pytest.LogCaptureFixture) -> None:
    plugins = Plugins()
    plugins.register(plugin_module("seen", k8s_observe=lambda config: None))
    with caplog.at_level(logging.DEBUG, "k8s_core.plugins"):
        plugins.observers("a-secret-token")  # type: ignore[arg-type]  # stands for a Config that holds a secret
    assert "calling k8s_observe(config: str)" in caplog.text
    assert "a-secret-token" not in caplog.text
