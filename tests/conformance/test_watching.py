# SPDX-License-Identifier: Apache-2.0
"""Watcher, Informer and wait on both servers: list, stream, resume, wait (protocol section D, H19-H22)."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from k8s_core import Informer, Watcher
from k8s_core.errors import WaitTimeout
from k8s_core.patches import MergePatch
from k8s_plugins_builtin.core.v1 import ConfigMap, Secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core import Client

SECONDS = 30.0


def config_map(name: str, namespace: str, **labels: str) -> ConfigMap:
    return ConfigMap(metadata={"name": name, "namespace": namespace, "labels": labels}, data={"n": "1"})


def own(name: str | None) -> bool:
    """Not one of the objects that controllers of a real cluster put into every namespace."""
    return name != "kube-root-ca.crt"


@pytest.mark.parametrize("streaming", [False, True], ids=["list", "stream"])
def test_a_watch_tells_what_exists_and_then_each_change(admin: Client, namespace: str, streaming: bool) -> None:
    admin.create(config_map("a", namespace))
    seen: list[tuple[str, str | None, str]] = []
    with Watcher(ConfigMap, client=admin, streaming_list=streaming) as watcher:
        for event in watcher.watch(namespace=namespace):
            if not own(event.object.metadata.name):
                continue
            seen.append((event.type, event.object.metadata.name, event.object.data["n"]))
            if len(seen) == 1:
                admin.patch(ConfigMap, "a", MergePatch({"data": {"n": "2"}}), namespace=namespace)
            elif len(seen) == 2:
                admin.create(config_map("b", namespace))
            elif len(seen) == 3:
                admin.delete(ConfigMap, "a", namespace=namespace)
            else:
                break
    assert seen == [("ADDED", "a", "1"), ("MODIFIED", "a", "2"), ("ADDED", "b", "1"), ("DELETED", "a", "2")]
    assert watcher.last_error is None


def test_C18_a_selector_makes_objects_come_and_go(admin: Client, namespace: str) -> None:
    admin.create(config_map("a", namespace, app="web"))
    seen = []
    for event in Watcher(ConfigMap, client=admin).watch(namespace=namespace, labels={"app": "web"}):
        seen.append(event.type)
        if len(seen) == 3:
            break
        value = "db" if len(seen) == 1 else "web"
        admin.patch(ConfigMap, "a", MergePatch({"metadata": {"labels": {"app": value}}}), namespace=namespace)
    assert seen == ["ADDED", "DELETED", "ADDED"]


def test_a_watch_goes_on_from_where_another_one_was(admin: Client, namespace: str) -> None:
    admin.create(config_map("a", namespace))
    first = Watcher(ConfigMap, client=admin)
    for event in first.watch(namespace=namespace):
        if event.object.metadata.name == "a" and first.resource_version is not None:
            break
    admin.delete(ConfigMap, "a", namespace=namespace)
    admin.create(config_map("a", namespace))
    seen = []
    for event in Watcher(ConfigMap, client=admin).watch(namespace=namespace, resource_version=first.resource_version):
        if own(event.object.metadata.name):
            seen.append((event.type, event.object.metadata.name))
        if len(seen) == 2:
            break
    assert seen == [("DELETED", "a"), ("ADDED", "a")]


def test_several_kinds_in_one_loop(admin: Client, namespace: str) -> None:
    admin.create(config_map("a", namespace))
    admin.create(Secret(metadata={"name": "b", "namespace": namespace}))
    seen = set()
    for event in Watcher.any(ConfigMap, Secret, namespaces=[namespace], client=admin).watch():
        seen.add((type(event.object).__name__, event.object.metadata.name))
        if {("ConfigMap", "a"), ("Secret", "b")} <= seen:
            break


@pytest.mark.parametrize("streaming", [False, True], ids=["list", "stream"])
def test_an_informer_follows(admin: Client, namespace: str, streaming: bool) -> None:
    for name in ("a", "b", "c"):
        admin.create(config_map(name, namespace, app=name))
    gone = threading.Event()

    def deleted(last: ConfigMap) -> None:
        if last.metadata.name == "b":
            gone.set()

    with Informer(ConfigMap, client=admin, namespace=namespace, page_size=2, streaming_list=streaming) as informer:
        informer.add_handler(delete=deleted)
        # A list from the watch cache of an older server comes in no order.
        assert sorted(found.metadata.name for found in informer.list(labels="app in (a,b)")) == ["a", "b"]
        assert "managedFields" not in informer.get("a").metadata  # type: ignore[union-attr]  # it is there
        admin.delete(ConfigMap, "b", namespace=namespace)
        assert gone.wait(SECONDS)
        assert informer.get("b") is None
        assert informer.healthy(SECONDS)


def soon(action: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(0.3, action)
    timer.start()
    return timer


def test_H20_H21_waiting(admin: Client, namespace: str) -> None:
    made = admin.create(config_map("a", namespace))
    timer = soon(lambda: admin.patch(ConfigMap, "a", MergePatch({"data": {"n": "9"}}), namespace=namespace))
    found = admin.wait(made, "jsonpath={.data.n}=9", timeout=SECONDS)
    timer.join()
    assert found is not None
    assert found.data["n"] == "9"
    with pytest.raises(WaitTimeout):
        admin.wait(made, "jsonpath={.data.n}=1", timeout=0)
    timer = soon(lambda: admin.delete(ConfigMap, "a", namespace=namespace))
    assert admin.wait(made, "delete", timeout=SECONDS) is None
    timer.join()
    timer = soon(lambda: admin.create(config_map("a", namespace)))
    assert admin.wait(ConfigMap, "create", name="a", namespace=namespace, timeout=SECONDS) is not None
    timer.join()
    assert admin.wait(made, "delete", timeout=SECONDS) is None, "another object has the name now"
