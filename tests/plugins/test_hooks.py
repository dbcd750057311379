# SPDX-License-Identifier: Apache-2.0
"""One test for each hook, named after it, and what holds for all of them."""

from __future__ import annotations

import inspect
import re
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from k8s_core import Registry
from k8s_core.configuration import Config
from k8s_core.errors import CredentialsError, PluginError, PluginLoadError
from k8s_core.plugins import Plugins, hookimpl, spec
from k8s_devkit import ApiServer
from k8s_devkit.strategy import hooks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from fake_site import FakeSite

    from k8s_core.auth import ClientCertificate
    from k8s_core.plugins import KindRegistrar
    from k8s_core.transport import Response, Transport

ROOT = Path(__file__).parents[2]
HOOKS = [
    pytest.param(hook, id=name)
    for module in (spec, hooks)
    for name, hook in sorted(vars(module).items())
    if name.startswith("k8s_")
]
CONFIG = Config(server="https://cluster.example.com", token="t0ps3cret")


def module(name: str, **hooks: Callable[..., Any]) -> types.ModuleType:
    plugin = types.ModuleType(name)
    for hook, function in hooks.items():
        setattr(plugin, hook, hookimpl(function))
    return plugin


def plugins_with(*modules: types.ModuleType) -> Plugins:
    plugins = Plugins(block=["observe-prometheus"])  # the example that acts in every Client, once prometheus is there
    for each in modules:
        plugins.register(each)
    return plugins


class Token:
    """Complete credentials."""

    def headers(self) -> Mapping[str, str]:
        return {"Authorization": "Bearer x"}

    def refresh(self, rejected: Mapping[str, str]) -> bool:
        return False

    def client_certificate(self) -> ClientCertificate | None:
        return None

    def expires_at(self) -> datetime | None:
        return None


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_has_a_test_and_a_section_with_its_signature(hook: Callable[..., None]) -> None:
    sources = "\n".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert re.search(rf"^def test_hook_{hook.__name__}\(", sources, re.MULTILINE)
    parameters = ", ".join(inspect.signature(hook).parameters)
    page = (ROOT / "docs/reference/hooks.md").read_text()
    assert re.search(rf"^## `{hook.__name__}\({parameters}\)`$", page, re.MULTILINE)


def test_hook_k8s_register_kinds(site: FakeSite) -> None:
    """Called once per plugin, when its group is asked for; kinds arrive with their origin; replayed to late plugins."""
    source = """
        from k8s_core.plugins import hookimpl
        calls = []

        @hookimpl
        def k8s_register_kinds(registrar):
            calls.append(registrar)
            registrar.add_kind("hook.example.com/v1", "Thing", "fake_hook.v1:Thing")
    """
    site.add("k8s-hook", {"k8s_core.kinds": {"hook.example.com": "fake_hook"}}, {"fake_hook.py": source})
    plugins = Plugins()
    plugins.declared_kinds("another.example.com")
    assert "fake_hook" not in site.imported()
    for _ in range(3):
        (kind,) = plugins.declared_kinds("hook.example.com")
    assert kind.origin.distribution == "k8s-hook"
    assert len(site.imported()["fake_hook"].calls) == 1

    def late(registrar: KindRegistrar) -> None:
        registrar.add_kind("hook.example.com/v1", "Late", "late:Late")

    plugins.register(module("late", k8s_register_kinds=late))
    assert [kind.gvk.kind for kind in plugins.declared_kinds("hook.example.com")] == ["Thing", "Late"]


def test_hook_k8s_load_config() -> None:
    """The first Config wins, None passes on; without an answer the core looks for itself; nonsense is an error."""
    assert plugins_with(module("none", k8s_load_config=lambda: None)).load_config() is None
    first = module("first", k8s_load_config=lambda: CONFIG)
    last = module("last", k8s_load_config=lambda: None)
    assert plugins_with(first, last).load_config() is CONFIG
    with pytest.raises(PluginError, match=r"k8s_load_config of plugin wrong .* returned 'str', not a Config or None"):
        plugins_with(module("wrong", k8s_load_config=lambda: "https://x")).load_config()


def test_hook_k8s_credentials() -> None:
    """The first credentials win; incomplete ones and failures are errors and never an anonymous client."""
    token = Token()
    assert plugins_with(module("none", k8s_credentials=lambda config: None)).credentials(CONFIG) is None
    assert plugins_with(module("some", k8s_credentials=lambda config: token)).credentials(CONFIG) is token
    with pytest.raises(PluginError, match=r"plugin half .* it has no refresh, client_certificate, expires_at"):
        plugins_with(module("half", k8s_credentials=lambda config: types.SimpleNamespace(headers=dict))).credentials(
            CONFIG
        )

    def broken(config: Config) -> None:
        raise OSError("vault is sealed")

    with pytest.raises(PluginError, match=r"plugin broken .* failed in k8s_credentials: OSError: vault is sealed"):
        plugins_with(module("broken", k8s_credentials=broken)).credentials(CONFIG)

    def refused(config: Config) -> None:
        raise CredentialsError("no role")

    with pytest.raises(CredentialsError) as caught:
        plugins_with(module("refused", k8s_credentials=refused)).credentials(CONFIG)
    assert caught.value.__notes__ == ["raised in k8s_credentials of plugin refused (registered by the program)"]


def test_hook_k8s_transport_wrapper() -> None:
    """All wrappers, the outermost first; what is no wrapper, or makes no transport, is an error."""

    class Inner:
        def send(self, request: Any) -> Response:
            raise NotImplementedError

        def close(self) -> None:
            pass

    inner = Inner()
    seen: list[str] = []

    def wrapper(name: str) -> Callable[[Any], Any]:
        def hook(config: Any) -> Callable[[Transport], Transport]:
            def wrap(transport: Transport) -> Transport:
                seen.append(name)
                return transport

            return wrap

        return hook

    plugins = plugins_with(
        module("a", k8s_transport_wrapper=wrapper("a")),
        module("b", k8s_transport_wrapper=wrapper("b")),
        module("none", k8s_transport_wrapper=lambda config: None),
    )
    for wrap in plugins.transport_wrappers(CONFIG):
        wrap(inner)
    assert seen == ["b", "a"]
    with pytest.raises(PluginError, match=r"plugin text .* returned 'str', not a callable or None"):
        plugins_with(module("text", k8s_transport_wrapper=lambda config: "x")).transport_wrappers(CONFIG)
    (forgetful,) = plugins_with(
        module("forgetful", k8s_transport_wrapper=lambda config: lambda transport: None)
    ).transport_wrappers(CONFIG)
    with pytest.raises(PluginError, match="returned 'NoneType', not a transport with send and close"):
        forgetful(inner)


def test_hook_k8s_observe() -> None:
    """All observers; an object without any of the methods is misspelt."""

    class Observer:
        def request(self, event: Any) -> None:
            pass

    observer = Observer()
    plugins = plugins_with(
        module("one", k8s_observe=lambda config: observer), module("two", k8s_observe=lambda config: None)
    )
    assert plugins.observers(CONFIG) == [observer]
    with pytest.raises(PluginError, match="returned 'object', not an observer with any of request, retry"):
        plugins_with(module("wrong", k8s_observe=lambda config: object())).observers(CONFIG)


def test_hooks_run_in_the_documented_order(site: FakeSite) -> None:
    """Entry points by distribution and name, then the program's own; the last registered runs first."""
    source = """
        from k8s_core.plugins import hookimpl

        class Observer:
            name = {name!r}

            def request(self, event):
                pass

        @hookimpl{options}
        def k8s_observe():
            return Observer()
    """
    for name, options in (("c", "(trylast=True)"), ("b", ""), ("a", ""), ("d", "(tryfirst=True)"), ("e", "")):
        files = {f"order_{name}.py": source.format(name=name, options=options)}
        site.add(f"k8s-order-{name}", {"k8s_core.plugins": {"order": f"order_{name}"}}, files)
    plugins = Plugins()

    class Own:
        name = "own"

        def request(self, event: Any) -> None:
            pass

    plugins.observers(CONFIG)
    plugins.register(module("own", k8s_observe=lambda config: Own()))
    order = [observer.name for observer in plugins.observers(CONFIG) if hasattr(observer, "name")]
    assert order == ["d", "own", "e", "b", "a", "c"]


def test_hook_k8s_serve_kinds(site: FakeSite) -> None:
    """Called when its group is served, once for each of its groups, however many servers the process makes."""
    source = """
        from k8s_core import hookimpl
        calls = []

        @hookimpl
        def k8s_serve_kinds(registrar):
            calls.append(registrar)
    """
    groups = ("one.example.com", "two.example.com")
    site.add_kinds("k8s-crd-two", "fake_serve_two", "two.example.com", "Thing")
    site.add_kinds("k8s-crd-one", "fake_serve_one", "one.example.com", "Thing")
    site.add("k8s-bells", {"k8s_core.servers": dict.fromkeys(groups, "fake_server")}, {"fake_server.py": source})
    registry = Registry(Plugins())
    called = []
    for group in (groups[0], groups[0], groups[1]):
        with ApiServer(registry=registry) as server, server.client() as client:
            assert called or "fake_server" not in site.imported()
            client.list(registry.get(f"{group}/v1", "Thing"))
            called.append(len(site.imported()["fake_server"].calls))
    assert called == [1, 1, 2]


def test_a_hook_plugin_that_does_not_import_is_an_error_for_every_client(site: FakeSite) -> None:
    site.add("k8s-login", {"k8s_core.plugins": {"login": "fake_login"}}, {"fake_login.py": "import no_such_thing"})
    plugins = Plugins()
    for ask in (lambda: plugins.credentials(CONFIG), plugins.load_config, lambda: plugins.observers(CONFIG)):
        with pytest.raises(PluginLoadError, match="K8S_CORE_BLOCK_PLUGINS=k8s-login"):
            ask()
    assert Plugins(block=["login"]).credentials(CONFIG) is None


def test_kind_plugins_do_not_load_for_a_client(site: FakeSite) -> None:
    site.add("k8s-kind", {"k8s_core.kinds": {"kind.example.com": "fake_kind"}}, {"fake_kind.py": "raise OSError"})
    assert Plugins().credentials(CONFIG) is None


def test_k8s_core_hookimpl_marks_what_pluggy_understands() -> None:
    @hookimpl(tryfirst=True)
    def hook() -> None:
        pass

    assert hook.k8s_core_impl["tryfirst"] is True  # type: ignore[attr-defined]  # set by pluggy's marker
