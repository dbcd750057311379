# SPDX-License-Identifier: Apache-2.0
"""Which namespaces are meant: one meaning of None in the explicit style, and one constant for every namespace."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest

from k8s_core import ALL_NAMESPACES, Client, Config, Informer, Watcher
from k8s_core.errors import RequestError
from k8s_core.watch import InformerFactory
from k8s_devkit import ApiServer
from k8s_plugins_builtin.core.v1 import ConfigMap, Namespace

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from k8s_core.watch import WatchEvent
HERE, EVERYWHERE = {"here"}, {"here", "there"}
FOUND = {"app": "found"}


@pytest.fixture
def client() -> Iterator[Client]:
    with ApiServer() as server, Client(server.config().replace(namespace="here")) as client:
        for name in EVERYWHERE:
            client.create(Namespace(metadata={"name": name}))
            client.create(ConfigMap(metadata={"name": "found", "namespace": name, "labels": FOUND}))
        yield client


def listed(client: Client, **where: Any) -> set[str]:
    return {found.metadata.namespace for found in client.list(ConfigMap, labels=FOUND, **where)}


def watched(client: Client, **where: Any) -> set[str]:
    return _until_marker(client, client.watch(ConfigMap, labels=FOUND, **where))


def followed(client: Client, **where: Any) -> set[str]:
    return _until_marker(client, Watcher(ConfigMap, client=client).watch(labels=FOUND, **where))


def informed(client: Client, **where: Any) -> set[str]:
    with Informer(ConfigMap, client=client, labels=FOUND, **where) as informer:
        return {found.metadata.namespace for found in informer.list()}


def _until_marker(client: Client, events: Generator[WatchEvent[ConfigMap], None, None]) -> set[str]:
    """The namespaces of all that existed: an object that is made at the first event comes after the others."""
    seen: set[str] = set()
    for event in events:
        metadata = event.object.metadata
        if metadata.name == "marker":
            break
        if not seen:
            client.create(ConfigMap(metadata={"name": "marker", "labels": FOUND}))
        seen.add(metadata.namespace or "")
    events.close()
    client.delete(ConfigMap, "marker")
    return seen


@pytest.mark.parametrize(
    ("verb", "omitted", "with_none"),
    [
        pytest.param(listed, HERE, HERE, id="list"),
        pytest.param(watched, HERE, HERE, id="client.watch"),
        pytest.param(followed, EVERYWHERE, HERE, id="Watcher"),
        pytest.param(informed, EVERYWHERE, HERE, id="Informer"),
    ],
)
def test_none_is_the_clients_namespace_and_only_watcher_and_informer_default_to_every_one(
    client: Client, verb: Callable[..., set[str]], omitted: set[str], with_none: set[str]
) -> None:
    assert verb(client) == omitted
    assert verb(client, namespace=None) == with_none
    assert verb(client, namespace=ALL_NAMESPACES) == EVERYWHERE


@pytest.mark.parametrize(
    "function", [Watcher.watch, Informer.__init__, InformerFactory.informer], ids=lambda function: function.__qualname__
)
def test_the_default_of_watcher_and_informer_is_a_constant_that_the_signature_shows(function: Any) -> None:
    assert inspect.signature(function).parameters["namespace"].default is ALL_NAMESPACES
    assert "ALL_NAMESPACES" in str(inspect.signature(function))


def test_the_tutorials_none_is_every_namespace(client: Client) -> None:
    found = ConfigMap.find(namespace=None, labels=FOUND, client=client)
    assert {config_map.metadata.namespace for config_map in found} == EVERYWHERE
    assert ConfigMap.list(client=client) == client.list(ConfigMap, namespace="default")


CALLS: list[Callable[[Client, str], object]] = [
    lambda c, word: c.list(ConfigMap, namespace=word),
    lambda c, word: c.get(ConfigMap, "a", namespace=word),
    lambda c, word: c.pages(ConfigMap, namespace=word),
    lambda c, word: c.delete_collection(ConfigMap, namespace=word, everything=True),
    lambda c, word: c.create(ConfigMap(metadata={"name": "a"}), namespace=word),
    lambda c, word: c.watch(ConfigMap, namespace=word),
    lambda c, word: Watcher(ConfigMap, client=c).watch(namespace=word),
    lambda c, word: Informer(ConfigMap, client=c, namespace=word),
    lambda c, word: c.kind(ConfigMap, namespace=word).list(),
    lambda c, word: ConfigMap.list(namespace=word, client=c),
]


@pytest.mark.parametrize("word", ["*", "all"])
@pytest.mark.parametrize("call", CALLS, ids=range(len(CALLS)))
def test_words_for_every_namespace_are_refused_with_the_name_of_the_constant(
    call: Callable[[Client, str], object], word: str
) -> None:
    with Client(Config(server="http://127.0.0.1:1")) as client, pytest.raises(RequestError, match="ALL_NAMESPACES"):
        call(client, word)
