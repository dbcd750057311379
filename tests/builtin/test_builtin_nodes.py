# SPDX-License-Identifier: Apache-2.0
"""``kubectl cordon``, ``uncordon`` and ``taint`` as methods of a Node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from k8s_core.errors import Invalid, NotFound, RequestError
from k8s_core.meta import ObjectMeta
from k8s_devkit import ApiServer
from k8s_plugins_builtin.core.v1 import Node, Taint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_core import Client


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with ApiServer() as server:
        yield server


@pytest.fixture
def client(server: ApiServer) -> Client:
    return server.client()


@pytest.fixture
def node(client: Client) -> Node:
    """A node with one taint, ``a=1:NoSchedule``."""
    created = client.create(Node(metadata=ObjectMeta(name="n")))
    return client.edit(created, lambda fresh: setattr(fresh.spec, "taints", [taint("a=1:NoSchedule")]))


def taint(text: str) -> Taint:
    rest, _, effect = text.partition(":")
    key, _, value = rest.partition("=")
    return Taint.from_dict({"key": key, "effect": effect, **({"value": value} if value else {})})


def taints(node: Node) -> list[str]:
    return [f"{item.key}={item.value or ''}:{item.effect}" for item in node.spec.taints]


def test_cordon_and_uncordon_are_idempotent(server: ApiServer, client: Client, node: Node) -> None:
    for _ in range(2):
        assert node.cordon(client=client).spec.unschedulable is True
    count = len(server.requests)
    for _ in range(2):
        assert not node.uncordon(client=client).spec.unschedulable
    assert [request.method for request in list(server.requests)[count:]] == ["GET", "PATCH", "GET"]
    assert not node.spec.unschedulable


def test_a_cordon_can_be_tried(client: Client, node: Node) -> None:
    assert node.cordon(dry_run=True, client=client).spec.unschedulable is True
    assert not client.get(Node, "n").spec.unschedulable


@pytest.mark.parametrize("verb", ["cordon", "uncordon", "drain"])
def test_a_node_that_does_not_exist(client: Client, verb: str) -> None:
    with pytest.raises(NotFound, match='nodes "nothing" not found'):
        getattr(Node(metadata=ObjectMeta(name="nothing")), verb)(client=client)


@pytest.mark.parametrize(
    ("changes", "after"),
    [
        (["gpu=true:NoSchedule"], ["a=1:NoSchedule", "gpu=true:NoSchedule"]),
        (["gpu:NoExecute", "gpu:NoSchedule"], ["a=1:NoSchedule", "gpu=:NoExecute", "gpu=:NoSchedule"]),
        ([Taint(key="gpu", effect="PreferNoSchedule")], ["a=1:NoSchedule", "gpu=:PreferNoSchedule"]),
        (["a=1:NoExecute"], ["a=1:NoSchedule", "a=1:NoExecute"]),
        (["a=1:NoSchedule"], ["a=1:NoSchedule"]),
        (["a-"], []),
        (["a:NoSchedule-"], []),
        (["a=1:NoSchedule-"], []),
        (["a-", "b:NoSchedule"], ["b=:NoSchedule"]),
        (["a:NoSchedule-", "a:NoExecute"], ["a=:NoExecute"]),
    ],
)
def test_taints_are_added_and_removed(client: Client, node: Node, changes: list[Any], after: list[str]) -> None:
    assert taints(node.taint(*changes, client=client)) == after
    assert taints(client.get(Node, "n")) == after


def test_another_value_is_replaced_only_if_that_is_asked_for(client: Client, node: Node) -> None:
    with pytest.raises(RequestError, match=r"Node 'n' has a taint a:NoSchedule with another value: overwrite=True"):
        node.taint("a=2:NoSchedule", client=client)
    assert taints(client.get(Node, "n")) == ["a=1:NoSchedule"]
    assert taints(node.taint("b:NoExecute", "a=2:NoSchedule", overwrite=True, client=client)) == [
        "a=2:NoSchedule",
        "b=:NoExecute",
    ]


def test_a_taint_that_stays_keeps_its_fields(client: Client, node: Node) -> None:
    since = "2026-01-01T00:00:00Z"
    client.edit(node, lambda fresh: fresh.spec.taints.append({"key": "b", "effect": "NoExecute", "timeAdded": since}))
    node.taint("a-", client=client)
    assert client.get(Node, "n").to_dict()["spec"]["taints"] == [
        {"key": "b", "effect": "NoExecute", "timeAdded": since}
    ]


@pytest.mark.parametrize("change", ["b-", "a:NoExecute-"])
def test_a_taint_to_remove_must_be_there(client: Client, node: Node, change: str) -> None:
    with pytest.raises(RequestError, match=f"Node 'n' has no taint {change[:-1]} to remove; it has a:NoSchedule"):
        node.taint(change, client=client)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ([], "given no taint"),
        ([""], "expected 'key=value:Effect'"),
        (["gpu"], "expected 'key=value:Effect'"),
        (["gpu=true"], "expected 'key=value:Effect'"),
        (["gpu=true-"], "expected 'key=value:Effect'"),
        (["=true:NoSchedule"], "expected 'key=value:Effect'"),
        (["a=b=c:NoSchedule"], "expected 'key=value:Effect'"),
        ([Taint(key="gpu")], "expected 'key=value:Effect'"),
        (["gpu:Noschedule"], "must be one of NoSchedule, PreferNoSchedule, NoExecute, not 'Noschedule'"),
        (["gpu:Evict-"], "must be one of NoSchedule"),
        (["gpu=1:NoExecute", "gpu=2:NoExecute"], "given twice"),
        (["a-", "a=2:NoExecute"], "added and removed at once"),
    ],
)
def test_what_is_not_a_change_of_taints_is_refused(
    client: Client, node: Node, changes: list[Any], message: str
) -> None:
    with pytest.raises(RequestError, match=message):
        node.taint(*changes, client=client)
    assert taints(client.get(Node, "n")) == ["a=1:NoSchedule"]


def test_the_server_checks_keys_and_values(client: Client, node: Node) -> None:
    with pytest.raises(Invalid, match=r"taints\[1\]\.key"):
        node.taint("not a key:NoSchedule", client=client)


def test_a_taint_can_be_tried(client: Client, node: Node) -> None:
    assert taints(node.taint("a-", dry_run=True, client=client)) == []
    assert taints(client.get(Node, "n")) == ["a=1:NoSchedule"]
