# SPDX-License-Identifier: Apache-2.0
"""``client.wait`` for several objects and for a selector, against the embedded server."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from scripted_server import ScriptedServer
from waiting import eventually
from watch_consumer import Thing

from k8s_core import ALL_NAMESPACES, Client, Config
from k8s_core.errors import NotFound, RequestError, WaitTimeout
from k8s_core.patches import MergePatch
from k8s_devkit import ApiServer
from k8s_plugins_builtin.core.v1 import ConfigMap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from k8s_core.watch import WaitProgress

RED = "jsonpath={.data.colour}=red"


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with ApiServer(resources=[Thing.api_resource], create_missing_namespaces=True) as server:
        yield server


@pytest.fixture
def client(server: ApiServer) -> Iterator[Client]:
    with server.client() as client:
        yield client


def make(client: Client, *names: str, colour: str = "blue", namespace: str = "default") -> list[ConfigMap]:
    return [
        client.create(
            ConfigMap(
                metadata={"name": name, "namespace": namespace, "labels": {"app": "web"}}, data={"colour": colour}
            )
        )
        for name in names
    ]


def paint(client: Client, *names: str, colour: str = "red", namespace: str = "default") -> None:
    for name in names:
        client.patch(ConfigMap, name, MergePatch({"data": {"colour": colour}}), namespace=namespace)


def names(objects: list[Any]) -> list[str]:
    return [each.metadata.name for each in objects]


def as_soon_as_watched(server: ApiServer, action: Callable[[], object], watches: int = 1) -> threading.Thread:
    """Do something when that many watches are open, so that the change comes by a watch."""

    def run() -> None:
        eventually(lambda: server.watch_count >= watches)
        action()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_all_objects_of_a_selector_are_waited_for(server: ApiServer, client: Client) -> None:
    make(client, "a", "b", "c")
    make(client, "other", namespace="elsewhere")
    paint(client, "b")
    thread = as_soon_as_watched(server, lambda: paint(client, "a", "c"))
    found = client.wait(ConfigMap, RED, labels={"app": "web"}, timeout=20)
    thread.join()
    assert sorted(names(found)) == ["a", "b", "c"]
    assert {each.data["colour"] for each in found} == {"red"}


def test_a_handle_waits_for_a_selector(server: ApiServer, client: Client) -> None:
    make(client, "a", namespace="elsewhere")
    paint(client, "a", namespace="elsewhere")
    handle = client.kind(ConfigMap, namespace="elsewhere")
    assert names(handle.wait(condition=RED, labels={"app": "web"}, timeout=20)) == ["a"]


def test_a_selector_costs_one_list_and_one_watch(server: ApiServer, client: Client) -> None:
    make(client, *"abcdef")
    before = len(server.requests)
    thread = as_soon_as_watched(server, lambda: paint(client, *"abcdef"))
    client.wait(ConfigMap, RED, labels={"app": "web"}, timeout=20)
    thread.join()
    sent = [request for request in server.requests[before:] if request.method == "GET"]
    assert len(sent) == 2


def test_an_object_for_which_it_has_held_once_counts(server: ApiServer, client: Client) -> None:
    make(client, "a", "b")

    def blink() -> None:
        paint(client, "a")
        paint(client, "a", colour="blue")
        paint(client, "b")

    thread = as_soon_as_watched(server, blink)
    assert sorted(names(client.wait(ConfigMap, RED, labels={"app": "web"}, timeout=20))) == ["a", "b"]
    thread.join()


def test_objects_that_come_later_are_not_waited_for(server: ApiServer, client: Client) -> None:
    make(client, "a")

    def act() -> None:
        make(client, "late")
        paint(client, "a")

    thread = as_soon_as_watched(server, act)
    assert names(client.wait(ConfigMap, RED, labels={"app": "web"}, timeout=20)) == ["a"]
    thread.join()


def test_any_is_enough_if_asked(server: ApiServer, client: Client) -> None:
    make(client, "a", "b", "c")
    thread = as_soon_as_watched(server, lambda: paint(client, "b"))
    assert names(client.wait(ConfigMap, RED, labels={"app": "web"}, until="any", timeout=20)) == ["b"]
    thread.join()


def test_several_objects_of_several_kinds_and_namespaces(server: ApiServer, client: Client) -> None:
    a, b = make(client, "a", "b")
    [other] = make(client, "other", namespace="elsewhere")
    thing = client.create(Thing(metadata={"name": "thing"}))

    def act() -> None:
        paint(client, "a", "b")
        paint(client, "other", namespace="elsewhere")
        client.patch(Thing, "thing", MergePatch({"data": {"colour": "red"}}))

    thread = as_soon_as_watched(server, act, watches=3)
    found = client.wait([other, thing, b, a], RED, timeout=20)
    thread.join()
    assert names(found) == ["other", "thing", "b", "a"], "in the order given"
    assert [type(each) for each in found] == [ConfigMap, Thing, ConfigMap, ConfigMap]
    assert not [each for each in threading.enumerate() if each.name.startswith("k8s-wait")]


def test_deletion_of_several(server: ApiServer, client: Client) -> None:
    made = make(client, "a", "b")
    thread = as_soon_as_watched(server, lambda: [client.delete(each) for each in made])
    assert names(client.wait(made, "delete", timeout=20)) == ["a", "b"]
    thread.join()
    assert client.wait(ConfigMap, "delete", labels={"app": "web"}, timeout=20) == []


def test_an_object_that_stops_matching_is_neither_deleted_nor_waited_for(server: ApiServer, client: Client) -> None:
    make(client, "a", "b")
    relabel = MergePatch({"metadata": {"labels": {"app": None}}})

    def act() -> None:
        client.patch(ConfigMap, "a", relabel)
        client.delete(ConfigMap, "b")

    thread = as_soon_as_watched(server, act)
    assert names(client.wait(ConfigMap, "delete", labels={"app": "web"}, timeout=20)) == ["b"]
    thread.join()


def test_creation_of_whatever_matches(server: ApiServer, client: Client) -> None:
    thread = as_soon_as_watched(server, lambda: make(client, "late"))
    assert names(client.wait(ConfigMap, "create", labels={"app": "web"}, timeout=20)) == ["late"]
    thread.join()


def test_one_that_vanishes_ends_a_wait_for_all_and_not_one_for_any(server: ApiServer, client: Client) -> None:
    make(client, "a", "b")
    thread = as_soon_as_watched(server, lambda: client.delete(ConfigMap, "a"))
    with pytest.raises(NotFound, match='"a" not found while waiting for'):
        client.wait(ConfigMap, RED, labels={"app": "web"}, timeout=20)
    thread.join()
    make(client, "a")

    def act() -> None:
        client.delete(ConfigMap, "a")
        paint(client, "b")

    thread = as_soon_as_watched(server, act)
    assert names(client.wait(ConfigMap, RED, labels={"app": "web"}, until="any", timeout=20)) == ["b"]
    thread.join()


def test_nothing_that_matches_is_not_a_success(client: Client) -> None:
    with pytest.raises(NotFound, match="there are no configmaps in namespace default with app=web that could be"):
        client.wait(ConfigMap, RED, labels={"app": "web"}, timeout=20)
    with pytest.raises(NotFound, match="there are no configmaps with app=web that could be"):
        client.wait(ConfigMap, RED, labels={"app": "web"}, namespace=ALL_NAMESPACES, timeout=20)
    with pytest.raises(RequestError, match="the list of objects to wait for is empty"):
        client.wait([], "delete")


def test_a_timeout_says_how_many_and_which(client: Client) -> None:
    make(client, *"abcdefgh")
    paint(client, "a")
    with pytest.raises(WaitTimeout) as caught:
        client.wait(ConfigMap, RED, labels={"app": "web"}, timeout=0)
    assert str(caught.value) == (
        f"{RED} did not hold at once for 7 of 8 configmaps in namespace default with app=web: "
        + ", ".join(f"ConfigMap '{name}' in namespace default ({{.data.colour}} is 'blue')" for name in "bcdef")
        + ", 2 more"
    )


def test_progress_is_told_in_the_thread_that_waits(server: ApiServer, client: Client) -> None:
    make(client, "a", "b")
    told: list[tuple[int, int, str, bool, str]] = []

    def note(progress: WaitProgress) -> None:
        assert threading.current_thread() is threading.main_thread()
        told.append((progress.done, progress.total, progress.obj.metadata.name, progress.holds, progress.seen))

    def act() -> None:
        paint(client, "a", colour="green")
        paint(client, "b", "a")

    thread = as_soon_as_watched(server, act)
    client.wait(ConfigMap, RED, labels={"app": "web"}, timeout=20, on_progress=note)
    thread.join()
    assert told == [
        (0, 2, "a", False, "{.data.colour} is 'blue'"),
        (0, 2, "b", False, "{.data.colour} is 'blue'"),
        (0, 2, "a", False, "{.data.colour} is 'green'"),
        (1, 2, "b", True, ""),
        (2, 2, "a", True, ""),
    ]


def test_progress_that_raises_ends_the_wait(client: Client) -> None:
    [made] = make(client, "a")

    def give_up(progress: WaitProgress) -> None:
        raise RuntimeError(progress.seen)

    with pytest.raises(RuntimeError, match="colour} is 'blue'"):
        client.wait(made, RED, timeout=20, on_progress=give_up)


def test_mistakes_are_refused_before_anything_is_sent() -> None:
    with ScriptedServer() as server, Client(Config(server=server.url)) as client:
        made = ConfigMap(metadata={"name": "a"})
        with pytest.raises(RequestError, match="until='some'"):
            client.wait([made], "create", until="some")  # type: ignore[call-overload]  # that is the mistake
        with pytest.raises(RequestError, match="pass the kind, without name="):
            client.wait(made, "create", labels={"app": "web"})  # type: ignore[call-overload]  # that is the mistake
        with pytest.raises(RequestError, match="do not pass name= together with several objects"):
            client.wait([made], "create", name="a")  # type: ignore[call-overload]  # that is the mistake
        with pytest.raises(RequestError, match="can't be asked for 'ready'"):
            client.wait([made], "ready")
        assert server.requests == []
