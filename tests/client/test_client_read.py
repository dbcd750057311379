# SPDX-License-Identifier: Apache-2.0
"""Reading: protocol C6-C13, representations, namespaces."""

from __future__ import annotations

import gc
import itertools
import json
from typing import TYPE_CHECKING, Any

import pytest
from scripted_server import RecordedRequest, ScriptedServer, reply, status_body
from simulated_api import FakeClock

from k8s_core.client import ALL_NAMESPACES, Client, ResourceList
from k8s_core.client.lists import whole_list
from k8s_core.errors import BadRequest, DecodeError, Expired, RequestError, RequestTimeout, Timeout
from k8s_core.kinds import APIResource
from k8s_core.meta import GenericResource, ObjectMeta, PartialObjectMetadata
from k8s_core.model import Resource
from k8s_core.requests.read import list_request
from k8s_devkit import ApiServer
from k8s_plugins_builtin.apps.v1 import Deployment
from k8s_plugins_builtin.core.v1 import ConfigMap, Namespace, Pod, Secret

if TYPE_CHECKING:
    from conftest import Connect


def page(*names: str, token: str = "", version: str = "10", **metadata: Any) -> Any:
    body = {
        "kind": "PodList",
        "apiVersion": "v1",
        "metadata": {"resourceVersion": version, **({"continue": token} if token else {}), **metadata},
        "items": [{"metadata": {"name": name}} for name in names],
    }
    return reply(200, json.dumps(body).encode())


def expired(token: str = "") -> Any:
    document = json.loads(status_body(410, "Expired", "The provided continue parameter is too old"))
    document["metadata"] = {"continue": token} if token else {}
    return reply(410, json.dumps(document).encode())


def query(request: RecordedRequest) -> dict[str, str]:
    """The parameters, without the transport's own (B15)."""
    return {key: value for key, value in request.query if key != "timeout"}


def names(pods: list[Pod]) -> list[str | None]:
    return [pod.metadata.name for pod in pods]


def test_C6_headers_of_a_read(connect: Connect) -> None:
    answer = reply(200, b'{"kind":"Pod","apiVersion":"v1"}', content_type="application/json;charset=utf-8")
    with ScriptedServer(answer) as server:
        connect(server).get(Pod, "x")
    [request] = server.requests
    assert request.header("Accept") == "application/json"
    assert request.header("Content-Type") is None
    assert request.body == b""


def test_C7_a_list_goes_on_while_there_is_a_token(connect: Connect) -> None:
    with ScriptedServer(page("a", token="t1"), page(token="t2"), page("b", "c", remainingItemCount=0)) as server:
        found = connect(server).list(Pod, labels={"app": "x"})
    assert names(found) == ["a", "b", "c"]
    assert isinstance(found, ResourceList)
    assert [query(request).get("continue") for request in server.requests] == [None, "t1", "t2"]
    assert all(query(request)["limit"] == "500" for request in server.requests)
    assert found.metadata.resourceVersion == found.resource_version == "10"


def test_C8_later_pages_have_no_resource_version(connect: Connect) -> None:
    with ScriptedServer(page("a", token="t1"), page("b")) as server:
        connect(server).list(Pod, labels="x=y", fields="status.phase=Running", limit=1, resource_version="7")
    first, second = (query(request) for request in server.requests)
    assert (first["resourceVersion"], first["resourceVersionMatch"]) == ("7", "NotOlderThan")
    assert second == {"labelSelector": "x=y", "fieldSelector": "status.phase=Running", "limit": "1", "continue": "t1"}


def test_C8_against_a_server_that_refuses_them(client: Client) -> None:
    for number in range(5):
        client.create(ConfigMap(metadata=ObjectMeta(name=f"m{number}")))
    version = client.list(ConfigMap).resource_version
    found = client.list(ConfigMap, limit=2, resource_version=version)
    assert [obj.metadata.name for obj in found] == [f"m{number}" for number in range(5)]


def test_C9_an_expired_token_makes_the_list_begin_again_by_default(connect: Connect) -> None:
    with ScriptedServer(page("a", token="t1"), expired("fresh"), page("b", "c", version="20")) as server:
        found = connect(server).list(Pod, labels="x=y")
    assert names(found) == ["b", "c"]
    assert query(server.requests[-1]) == {"labelSelector": "x=y"}
    assert found.resource_version == "20"


def test_C9_an_inconsistent_continuation_can_be_chosen(connect: Connect) -> None:
    with ScriptedServer(page("a", token="t1"), expired("fresh"), page("b")) as server:
        found = connect(server).list(Pod, on_expired="inconsistent")
    assert names(found) == ["a", "b"]
    assert query(server.requests[-1])["continue"] == "fresh"


def test_C9_or_the_error(connect: Connect) -> None:
    with ScriptedServer(page("a", token="t1"), expired("fresh")) as server, pytest.raises(Expired, match="too old"):
        connect(server).list(Pod, on_expired="raise")
    with pytest.raises(RequestError, match="did you mean 'inconsistent'"):
        connect(server).list(Pod, on_expired="inconsistant")  # type: ignore[call-overload]  # wrong on purpose


def test_C9_the_first_page_is_never_repeated(connect: Connect) -> None:
    for how in ("relist", "inconsistent", "raise"):
        with ScriptedServer(expired("fresh")) as server, pytest.raises(Expired):
            connect(server).list(Pod, on_expired=how)  # type: ignore[call-overload]  # one of the three
        assert len(server.requests) == 1


def test_C9_a_server_that_always_forgets_ends_in_the_error(connect: Connect) -> None:
    with ScriptedServer(page("a", token="t1"), default=expired("fresh")) as server, pytest.raises(Expired):
        connect(server).list(Pod, on_expired="inconsistent")
    assert len(server.requests) == 3


def test_C9_against_the_embedded_server(client: Client) -> None:
    for number in range(4):
        client.create(ConfigMap(metadata=ObjectMeta(name=f"m{number}")))
    with pytest.raises(BadRequest, match="continue"):
        next(iter(client.pages(ConfigMap, continue_token="garbage")))
    pages = client.pages(ConfigMap, limit=3)
    first = next(pages)
    token = first.metadata.continue_
    assert len(first) == 3
    assert token
    [last] = client.pages(ConfigMap, limit=3, continue_token=token)
    assert [obj.metadata.name for obj in last] == ["m3"]


@pytest.mark.parametrize("token", ["t1", 5, {"a": 1}])
def test_C9_a_token_that_leads_nowhere_ends_in_an_error(connect: Connect, token: Any) -> None:
    with ScriptedServer(default=page("a", token=token)) as server:
        with pytest.raises(DecodeError, match="continue token"):
            connect(server).list(Pod)
        assert len(server.requests) <= 2


def test_I4_a_continue_token_stays_a_value(connect: Connect) -> None:
    token = "x&limit=1#/../../secrets?a=b%2f\r\nHost: evil"
    with ScriptedServer(page("a", token=token), page("b")) as server:
        connect(server).list(Pod)
    assert server.requests[1].path == "/api/v1/namespaces/default/pods"
    assert query(server.requests[1]) == {"limit": "500", "continue": token}


def test_pages_are_fetched_when_they_are_asked_for(connect: Connect) -> None:
    with ScriptedServer(page("a", token="t1"), page("b", token="t2"), expired("fresh")) as server:
        pages = connect(server).pages(Pod, limit=1)
        assert server.requests == []
        assert names(next(pages)) == ["a"]
        assert len(server.requests) == 1
        assert next(pages).metadata.continue_ == "t2"
        with pytest.raises(Expired):
            next(pages)


def test_wrong_arguments_of_pages_raise_at_once(connect: Connect) -> None:
    with pytest.raises(RequestError):
        connect("http://127.0.0.1:9").pages(Pod, limit=-1)


def test_C10_versions_of_reads(connect: Connect) -> None:
    with ScriptedServer(default=page()) as server:
        client = connect(server)
        client.list(Pod)
        client.list(Pod, resource_version="0")
        client.list(Pod, resource_version="5", resource_version_match="Exact", limit=None)
    unset, zero, exact = (query(request) for request in server.requests)
    assert "resourceVersion" not in unset
    assert (zero["resourceVersion"], zero.get("resourceVersionMatch")) == ("0", None)
    assert exact == {"resourceVersion": "5", "resourceVersionMatch": "Exact"}


def test_C12_a_version_that_the_server_has_not_reached() -> None:
    with (
        ApiServer(version_wait=0) as server,
        Client(server.config().replace(max_retries=0)) as client,
        pytest.raises(Timeout) as caught,
    ):
        client.list(ConfigMap, resource_version="999999999")
    assert "Too large resource version" in caught.value.message
    assert caught.value.causes[0]["reason"] == "ResourceVersionTooLarge"


def test_C13_items_get_their_kind_from_the_list(connect: Connect) -> None:
    with ScriptedServer(page("a")) as server:
        [pod] = connect(server).list(Pod)
    assert (pod.apiVersion, pod.kind) == ("v1", "Pod")
    assert pod.to_dict() == {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}


@pytest.mark.parametrize("items", [b"null", b"[]"])
def test_C13_null_items_are_an_empty_list(connect: Connect, items: bytes) -> None:
    body = b'{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"3"},"items":' + items + b"}"
    with ScriptedServer(reply(200, body)) as server:
        found = connect(server).list(Pod)
    assert found == []
    assert found.resource_version == "3"


def test_C13_a_mixed_list_decodes_each_item_by_its_kind(connect: Connect) -> None:
    items = [
        {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "a"}},
        {"kind": "Deployment", "apiVersion": "apps/v1", "spec": {"replicas": 2}},
        {"kind": "Thing", "apiVersion": "nobody.example/v1", "spec": {"x": [1]}},
        {"metadata": {"name": "d"}},
    ]
    body = {"kind": "List", "apiVersion": "v1", "metadata": {}, "items": items}
    with ScriptedServer(reply(200, json.dumps(body).encode())) as server:
        found: list[Any] = list(connect(server).list(Pod))
    assert [type(obj) for obj in found] == [Pod, Deployment, GenericResource, Pod]
    assert found[2].spec.x == [1]
    assert found[2].kind == "Thing"


def test_items_do_not_keep_the_response_alive(connect: Connect) -> None:
    big = json.dumps({"items": [{"metadata": {"name": "a"}}, {"data": "x" * 100_000}]}).encode()
    with ScriptedServer(reply(200, big)) as server:
        first = connect(server).list(ConfigMap)[0]
    gc.collect()
    held = [obj for obj in gc.get_referents(first) if isinstance(obj, (bytes, memoryview))]
    assert sum(len(obj) for obj in held) < 1000


def test_namespaces(connect: Connect) -> None:
    with ScriptedServer(default=reply(200, b'{"metadata":{},"items":[]}')) as server:
        client = connect(server, namespace="ctx")
        client.list(Pod)
        client.list(Pod, namespace="n")
        client.list(Pod, namespace=ALL_NAMESPACES)
        client.list(Namespace)
        client.list(Namespace, namespace=ALL_NAMESPACES)
    assert [request.path for request in server.requests] == [
        "/api/v1/namespaces/ctx/pods",
        "/api/v1/namespaces/n/pods",
        "/api/v1/pods",
        "/api/v1/namespaces",
        "/api/v1/namespaces",
    ]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "it has no items"),
        ({"kind": "PodList", "apiVersion": "v1", "metadata": {}}, "it has no items"),
        ({"kind": "PodList", "apiVersion": "v1", "items": {}}, "not a list document"),
        (
            {"kind": "SecretList", "apiVersion": "v1", "items": []},
            "expected a v1 PodList, .* answered with a v1 Secret",
        ),
        ({"kind": "PodList", "apiVersion": "v2", "items": []}, "expected a v1 PodList, .* answered with a v2 PodList"),
        ({"kind": "Pod", "apiVersion": "v1", "items": []}, "expected a v1 PodList, .* answered with a v1 Pod"),
    ],
)
def test_an_answer_that_is_not_the_list_that_was_asked_for_is_no_empty_list(
    connect: Connect, body: dict[str, Any], message: str
) -> None:
    with ScriptedServer(default=reply(200, json.dumps(body).encode())) as server:
        client = connect(server)
        with pytest.raises(DecodeError, match=message):
            client.list(Pod)
        with pytest.raises(DecodeError, match=message):
            list(client.pages(Pod))


def test_a_list_kind_of_its_own_is_the_one_that_the_class_says(connect: Connect) -> None:
    class Goose(Resource, group="x.dev", version="v1", plural="geese", crd={"list_kind": "Geese"}):
        pass

    body = b'{"kind":"Geese","apiVersion":"x.dev/v1","metadata":{},"items":[{"metadata":{"name":"a"}}]}'
    with ScriptedServer(default=reply(200, body)) as server:
        assert [each.metadata.name for each in connect(server).list(Goose)] == ["a"]
        unknown = APIResource("x.dev", "v1", "Goose", "geese")
        assert len(connect(server).list(unknown)) == 1, "discovery does not say what lists are called"


@pytest.mark.parametrize("answer", [{"kind": "Pod", "apiVersion": "v1"}, {"kind": "ConfigMap", "apiVersion": "v2"}])
def test_an_object_of_another_kind_is_not_what_was_asked_for(connect: Connect, answer: dict[str, str]) -> None:
    body = json.dumps({**answer, "metadata": {"name": "a"}}).encode()
    with ScriptedServer(default=reply(200, body)) as server:
        with pytest.raises(DecodeError, match=f"expected a v1 ConfigMap, .* with a {answer['apiVersion']} "):
            connect(server).get(ConfigMap, "a")


def test_a_list_that_never_ends_ends_with_the_patience() -> None:
    tokens = itertools.count()

    def empty(_: Any) -> bytes:
        clock.time += 1
        return json.dumps({"metadata": {"continue": str(next(tokens))}, "items": []}).encode()

    clock = FakeClock()
    request = list_request(Pod.api_resource)
    with pytest.raises(RequestTimeout, match="only empty pages for 20 s"):
        whole_list(empty, request, "raise", 20.0, clock.now)
    assert next(tokens) < 25


def test_the_timeout_of_a_list_is_for_all_its_pages() -> None:
    tokens = itertools.count()
    given: list[float] = []

    def page(request: Any) -> bytes:
        given.append(request.timeout)
        clock.time += 4
        return json.dumps({"metadata": {"continue": str(next(tokens))}, "items": [{}]}).encode()

    clock = FakeClock()
    with pytest.raises(RequestTimeout, match="did not come to its end within 10 s"):
        whole_list(page, list_request(Pod.api_resource, timeout=10.0), "raise", 20.0, clock.now)
    assert given == [10.0, 6.0, 2.0]


def test_a_server_url_with_a_path(connect: Connect) -> None:
    with ScriptedServer(default=page()) as server:
        connect(f"{server.url}/k8s/clusters/c-1/").list(Pod)
    assert server.requests[0].path == "/k8s/clusters/c-1/api/v1/namespaces/default/pods"


def test_metadata_only(client: Client) -> None:
    client.create(Secret(metadata=ObjectMeta(name="s", labels={"a": "b"}), stringData={"k": "v"}))
    one = client.get_metadata(Secret, "s")
    assert isinstance(one, PartialObjectMetadata)
    assert one.metadata.labels == {"a": "b"}
    assert "data" not in one.to_dict()
    [listed] = client.list_metadata("secrets", labels="a=b")
    assert isinstance(listed, PartialObjectMetadata)
    assert listed.metadata.uid == one.metadata.uid
    assert "data" not in listed.to_dict()


def test_metadata_of_a_server_that_sends_everything(connect: Connect) -> None:
    """A server that does not know the representation answers with the object; its metadata is there all the same."""
    with ScriptedServer(reply(200, b'{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"},"spec":{}}')) as server:
        assert connect(server).get_metadata(Pod, "a").metadata.name == "a"
    assert "as=PartialObjectMetadata;g=meta.k8s.io;v=v1" in (server.requests[0].header("Accept") or "")


def test_tables(client: Client) -> None:
    client.create(ConfigMap(metadata=ObjectMeta(name="one"), data={"a": "1"}))
    client.create(ConfigMap(metadata=ObjectMeta(name="two", labels={"x": "y"})))
    table = client.table(ConfigMap)
    assert table.columnDefinitions[0].name == "Name"
    assert [row.cells[0] for row in table.rows] == ["one", "two"]
    assert [row.cells[0] for row in client.table("cm", labels="x=y").rows] == ["two"]
    assert client.table(ConfigMap, "one").rows[0].object.metadata.name == "one"
    assert client.table(ConfigMap, limit=1).metadata.continue_


def test_a_server_that_renders_no_table(connect: Connect) -> None:
    with ScriptedServer(page("a")) as server, pytest.raises(DecodeError, match="Table"):
        connect(server).table(Pod)


def test_a_subresource_is_read_as_its_own_kind(client: Client) -> None:
    client.create(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web"},
            "spec": {
                "replicas": 3,
                "selector": {"matchLabels": {"a": "b"}},
                "template": {
                    "metadata": {"labels": {"a": "b"}},
                    "spec": {"containers": [{"name": "c", "image": "i"}]},
                },
            },
        }
    )
    scale = client.get(Deployment, "web", subresource="scale")
    assert (scale.kind, scale.spec.replicas) == ("Scale", 3)
    assert isinstance(client.get(Deployment, "web", subresource="status"), Deployment)


def test_many_reads_use_one_connection(connect: Connect) -> None:
    with ScriptedServer(default=reply(200, b'{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"}}')) as server:
        client = connect(server)
        for _ in range(200):
            client.get(Pod, "a")
        assert server.connections == 1
