# SPDX-License-Identifier: Apache-2.0
"""``kubectl auth can-i`` as class methods of the review kinds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from scripted_server import ScriptedServer, reply

from k8s_core import ALL_NAMESPACES, Client, Config
from k8s_core.errors import RequestError, UnknownKindError
from k8s_core.meta import ObjectMeta
from k8s_devkit import ApiServer
from k8s_plugins_builtin.apps.v1 import Deployment
from k8s_plugins_builtin.authorization.v1 import SelfSubjectAccessReview, SelfSubjectRulesReview
from k8s_plugins_builtin.core.v1 import Node, Pod

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with ApiServer() as server:
        yield server


@pytest.fixture
def client(server: ApiServer) -> Client:
    return server.client()


def can_i(*arguments: Any, **keywords: Any) -> Any:
    return SelfSubjectAccessReview.can_i(*arguments, **keywords)


def test_the_answer_is_true_or_false_and_says_why(server: ApiServer, client: Client) -> None:
    assert can_i("create", Pod, client=client)
    server.deny(verb="delete", resource="pods", namespace="prod")
    answer = can_i("delete", Pod, namespace="prod", client=client)
    assert not answer
    assert answer.reason == "denied by a test rule"
    assert can_i("delete", Pod, namespace="default", client=client)


def test_a_subresource_and_a_single_object_are_asked_about(server: ApiServer, client: Client) -> None:
    server.deny(verb="get", resource="pods/log")
    server.deny(verb="get", resource="pods", name="secret")
    assert can_i("get", Pod, client=client)
    assert not can_i("get", Pod, subresource="log", client=client)
    assert not can_i("get", Pod, "secret", client=client)
    assert not can_i("get", Pod(metadata=ObjectMeta(name="secret")), client=client)


def test_a_kind_by_its_name(server: ApiServer, client: Client) -> None:
    server.deny(verb="patch", resource="deployments", group="apps")
    assert not can_i("patch", "deploy", client=client)
    with pytest.raises(UnknownKindError, match="deploymint"):
        can_i("patch", "deploymint", client=client)


@pytest.mark.parametrize(
    ("arguments", "keywords", "spec"),
    [
        (("list", Pod), {}, {"resource": "pods", "namespace": "mine"}),
        (("list", Pod), {"namespace": "prod"}, {"resource": "pods", "namespace": "prod"}),
        (("list", Pod), {"namespace": ALL_NAMESPACES}, {"resource": "pods"}),
        (("get", Pod, "a"), {"subresource": "log"}, {
            "resource": "pods", "namespace": "mine", "name": "a", "subresource": "log",
        }),
        (("get", Deployment(metadata=ObjectMeta(name="a", namespace="b"))), {}, {
            "group": "apps", "resource": "deployments", "namespace": "b", "name": "a",
        }),
        (("list", Node), {}, {"resource": "nodes"}),
        (("*", "*"), {}, {"group": "*", "resource": "*", "namespace": "mine"}),
        (("*", "*"), {"namespace": ALL_NAMESPACES}, {"group": "*", "resource": "*"}),
    ],
)  # fmt: skip
def test_the_question_that_is_sent(arguments: Any, keywords: Any, spec: dict[str, Any]) -> None:
    answer = {"status": {"allowed": True, "reason": "r", "evaluationError": "e"}}
    with ScriptedServer(default=reply(201, json.dumps(answer).encode())) as server:
        config = Config(server=server.url, namespace="mine", trust_env=False)
        with Client(config) as client:
            access = can_i(*arguments, **keywords, client=client)
    assert (bool(access), access.reason, access.evaluation_error) == (True, "r", "e")
    (request,) = server.requests
    assert request.path == "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    assert json.loads(request.body)["spec"] == {"resourceAttributes": {"verb": arguments[0], **spec}}


def test_a_path_that_is_not_of_a_kind() -> None:
    with ScriptedServer(default=reply(201, b'{"status": {"allowed": false}}')) as server:
        with Client(Config(server=server.url, trust_env=False)) as client:
            assert not can_i("get", "/metrics", client=client)
            with pytest.raises(RequestError, match="'/metrics' takes no name"):
                can_i("get", "/metrics", namespace="a", client=client)
    (request,) = server.requests
    assert json.loads(request.body)["spec"] == {"nonResourceAttributes": {"verb": "get", "path": "/metrics"}}


@pytest.mark.parametrize(
    ("arguments", "keywords", "message"),
    [
        (("", Pod), {}, "verb must be a verb"),
        (("get", Node), {"namespace": "a"}, "Node is cluster-scoped"),
        (("get", Pod(metadata=ObjectMeta(name="a")), "b"), {}, "an object has its own"),
    ],
)
def test_what_makes_no_question_is_refused_before_anything_is_sent(arguments: Any, keywords: Any, message: str) -> None:
    with ScriptedServer() as server, Client(Config(server=server.url, trust_env=False)) as client:
        with pytest.raises(RequestError, match=message):
            can_i(*arguments, **keywords, client=client)
        assert server.requests == []


def test_the_rules_of_a_namespace(server: ApiServer, client: Client) -> None:
    rules = SelfSubjectRulesReview.rules(client=client)
    assert not rules.incomplete
    assert rules.resourceRules[0].verbs == ["*"]
    server.deny(verb="delete")
    assert SelfSubjectRulesReview.rules("default", client=client).incomplete
