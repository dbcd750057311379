# SPDX-License-Identifier: Apache-2.0
"""What is refused before, or instead of, looking at an object: selectors, options, paths, media types, reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from wire import Wire

MAPS = "/api/v1/namespaces/{ns}/configmaps"
TABLE = "application/json;as=Table;v={};g=meta.k8s.io"
PARTIAL = "application/json;as=PartialObjectMetadata{};v=v1;g=meta.k8s.io"
REVIEWS = "/apis/authorization.k8s.io/v1"


def config_map(name: str, **metadata: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, **metadata}}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("labelSelector===", "found '==', expected: !, identifier, or 'end of string'"),
        ("labelSelector=(", "found '(', expected: !, identifier, or 'end of string'"),
        ("labelSelector=a,", "found '', expected: identifier after ','"),
        ("labelSelector=a=1 b", "found 'b', expected: ',' or 'end of string'"),
        ("labelSelector=a in 1", "unable to parse requirement: found '1' expected: '('"),
        ("labelSelector=a=(", "unable to parse requirement: found '(', expected: identifier"),
        (
            "fieldSelector=data.a=1",
            '"data.a" is not a known field selector: only "metadata.name", "metadata.namespace"',
        ),
        ("fieldSelector=metadata.name===a", "invalid field selector: unescaped character in value: 61"),
    ],
)
def test_C14_selectors_that_can_not_be_read(wire: Wire, query: str, message: str) -> None:
    for path in (f"{MAPS}?{query}", f"{MAPS}?{query}&watch=true&timeoutSeconds=1"):
        status = wire.fails(400, "GET", path)
        assert (status["reason"], status["message"]) == ("BadRequest", message)
    wire.fails(400, "DELETE", f"{MAPS}?{query}")


@pytest.mark.since("1.27")
def test_C14_every_wrong_value_of_a_selector_is_named(wire: Wire) -> None:
    message = wire.fails(400, "GET", f"{MAPS}?labelSelector=a in (-1,x_)")["message"]
    assert message.startswith('unable to parse requirement: [values[0][a]: Invalid value: "-1": a valid label must be')
    assert ', values[1][a]: Invalid value: "x_"' in message


def test_C10_a_continue_token_that_is_none(wire: Wire) -> None:
    status = wire.fails(400, "GET", f"{MAPS}?continue=e30")  # base64 of {}
    assert "continue key is not valid: server does not recognize this encoded version" in status["message"]


@pytest.mark.since("1.27")
def test_C11_every_wrong_option_of_a_list_is_named(wire: Wire) -> None:
    status = wire.fails(422, "GET", f"{MAPS}?continue=x&resourceVersionMatch=Foo")
    assert [cause["message"].partition(":")[0] for cause in status["details"]["causes"]] == [
        "Forbidden",
        "Forbidden",
        "Unsupported value",
    ]
    status = wire.fails(422, "GET", f"{MAPS}?watch=true&timeoutSeconds=1&resourceVersionMatch=Exact")
    assert len(status["details"]["causes"]) == 2


@pytest.mark.parametrize(
    ("code", "method", "path"),
    [
        (404, "GET", "/api/v1/configmaps/x"),
        (404, "GET", f"{MAPS}/x/nope"),
        (404, "GET", "/api/v1/namespaces/{ns}/nodes"),
        (404, "GET", "/api/v1/nope"),
        (404, "GET", "/apis/apps/v9/deployments"),
        (405, "DELETE", "/api/v1/configmaps"),
        (405, "DELETE", "/api/v1/namespaces"),
        (405, "PUT", MAPS),
        (405, "POST", f"{MAPS}/x"),
    ],
)
def test_J2_paths_below_a_known_group_are_answered_by_a_status(wire: Wire, code: int, method: str, path: str) -> None:
    status = wire.fails(code, method, path, config_map("x") if method in ("PUT", "POST") else None)
    assert status["details"] == {}
    assert status["reason"] == {404: "NotFound", 405: "MethodNotAllowed"}[code]


def test_J2_an_empty_namespace_in_a_path_means_all(wire: Wire) -> None:
    wire.ok("POST", MAPS, config_map("everywhere"))
    items = wire.ok("GET", "/api/v1/namespaces//configmaps?fieldSelector=metadata.name=everywhere")["items"]
    assert wire.namespace in {item["metadata"]["namespace"] for item in items}


def test_J2_a_name_that_is_a_step_of_a_path(wire: Wire) -> None:
    status = wire.fails(400, "GET", f"{MAPS}/%2e%2e")
    assert status["message"] == "Name parameter invalid: \"..\": may not be '..'"


def test_J29_nothing_is_stored_when_the_answer_can_not_be_given(wire: Wire) -> None:
    answer = wire("POST", MAPS, config_map("a"), accept="text/plain")
    assert answer.status == 406
    wire.fails(404, "GET", f"{MAPS}/a")


def test_J29_subresources_change_nothing_when_the_answer_can_not_be_given(wire: Wire) -> None:
    deployments, labels = "/apis/apps/v1/namespaces/{ns}/deployments", {"app": "a"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    spec = {"replicas": 2, "selector": {"matchLabels": labels}, "template": template}
    wire.ok("POST", deployments, {"metadata": {"name": "a"}, "spec": spec})
    scale = {"metadata": {"name": "a", "namespace": wire.namespace}, "spec": {"replicas": 7}}
    assert wire("PUT", f"{deployments}/a/scale", scale, accept="text/plain").status == 406
    assert wire.ok("GET", f"{deployments}/a/scale")["spec"]["replicas"] == 2


def test_J29_refusals_are_yaml_where_that_is_asked_for(wire: Wire) -> None:
    answer = wire("GET", f"{MAPS}/nope", accept="application/yaml")
    assert (answer.status, answer.headers["Content-Type"]) == (404, "application/yaml")
    assert answer.body.startswith(b"apiVersion: v1\ncode: 404\n")


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_J27_tables_say_their_version(wire: Wire, version: str) -> None:
    wire.ok("POST", MAPS, config_map("a"))
    table = wire.ok("GET", MAPS, accept=TABLE.format(version))
    assert table["apiVersion"] == f"meta.k8s.io/{version}"
    assert {row["object"]["apiVersion"] for row in table["rows"]} == {f"meta.k8s.io/{version}"}


def test_J27_metadata_of_one_and_of_many_are_two_forms(wire: Wire) -> None:
    wire.ok("POST", MAPS, config_map("a"))
    many = wire("GET", MAPS, accept=PARTIAL.format(""))
    assert (many.status, many.json["message"]) == (
        406,
        "you requested PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)",
    )
    one = wire("GET", f"{MAPS}/a", accept=PARTIAL.format("List"))
    assert (one.status, "is not a list (*core.ConfigMap)" in one.json["message"]) == (406, True)


def test_C34_a_precondition_names_the_kind(wire: Wire) -> None:
    wire.ok("POST", MAPS, config_map("a"))
    status = wire.fails(409, "DELETE", f"{MAPS}/a", {"preconditions": {"uid": "x"}})
    assert status["details"]["kind"] == "ConfigMap"
    assert status["message"].startswith(
        'Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (x)'
    )


def test_H8_a_name_that_is_still_being_deleted(wire: Wire) -> None:
    wire.ok("POST", MAPS, config_map("a", finalizers=["example.com/hold"]))
    wire.ok("DELETE", f"{MAPS}/a")
    status = wire.fails(409, "POST", MAPS, config_map("a"))
    assert (status["reason"], status["message"]) == (
        "AlreadyExists",
        'object is being deleted: configmaps "a" already exists',
    )


def test_J20_the_refusal_of_a_terminating_namespace_names_the_object(wire: Wire) -> None:
    wire.ok("POST", MAPS, config_map("held", finalizers=["example.com/hold"]))
    wire.ok("DELETE", "/api/v1/namespaces/{ns}")
    status = wire.fails(403, "POST", MAPS, config_map("late"))
    assert status["message"].startswith('configmaps "late" is forbidden: unable to create new content in namespace')
    assert status["details"]["name"] == "late"


@pytest.mark.parametrize(
    ("path", "spec", "code", "message"),
    [
        (f"{REVIEWS}/selfsubjectaccessreviews", {}, 422, "exactly one of nonResourceAttributes or resourceAttributes"),
        (
            f"{REVIEWS}/selfsubjectaccessreviews",
            {"resourceAttributes": {}, "nonResourceAttributes": {"path": "/"}},
            422,
            "cannot be specified in combination with resourceAttributes",
        ),
        (
            f"{REVIEWS}/subjectaccessreviews",
            {"resourceAttributes": {"verb": "get"}},
            422,
            "at least one of user or group",
        ),
        (
            f"{REVIEWS}/namespaces/{{ns}}/localsubjectaccessreviews",
            {"user": "bob", "resourceAttributes": {"namespace": "other"}},
            422,
            "must match metadata.namespace",
        ),
        (f"{REVIEWS}/selfsubjectrulesreviews", {}, 400, "no namespace on request"),
        ("/apis/authentication.k8s.io/v1/tokenreviews", {}, 400, "token is required for TokenReview in authentication"),
    ],
)
def test_J30_reviews_that_ask_nothing(wire: Wire, path: str, spec: Any, code: int, message: str) -> None:
    assert message in wire.fails(code, "POST", path, {"spec": spec})["message"]


def test_J30_a_binding_without_a_node(wire: Wire) -> None:
    pod = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
    wire.ok("POST", "/api/v1/namespaces/{ns}/serviceaccounts", {"metadata": {"name": "default"}})
    wire.ok("POST", "/api/v1/namespaces/{ns}/pods", pod)
    binding = {"metadata": {"name": "p"}, "target": {}}
    status = wire.fails(500, "POST", "/api/v1/namespaces/{ns}/pods/p/binding", binding)
    assert status["message"] == "target.name: Required value"
