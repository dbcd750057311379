# SPDX-License-Identifier: Apache-2.0
"""Level 3 of protocol section J: finalizers, grace, namespaces, garbage, dry run, validation, CRDs, authentication."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
from server_core import (
    CONFIG_MAPS,
    DEPLOYMENTS,
    PODS,
    Api,
    config_map,
    deployment,
    pod,
)

from k8s_devkit.api_server.access.rules import Rule
from k8s_devkit.api_server.access.users import ADMIN, Authenticator
from k8s_devkit.api_server.network.messages import HttpRequest
from k8s_devkit.strategy.failures import Failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_devkit.strategy.users import User

Json = dict[str, Any]
MERGE = "application/merge-patch+json"


def held(name: str = "a") -> Json:
    document = config_map(name)
    document["metadata"]["finalizers"] = ["example.com/hold"]
    return document


def _owned(api: Api, name: str, owner: Json, *, block: bool = False, **more: Any) -> Json:
    document = config_map(name, **more)
    reference = {"apiVersion": owner["apiVersion"], "kind": owner["kind"]}
    reference |= {"name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"]}
    if block:
        reference["blockOwnerDeletion"] = True
    document["metadata"]["ownerReferences"] = [reference]
    created: Json = api.ok("POST", CONFIG_MAPS, document)
    return created


def _names(api: Api) -> list[str]:
    return [item["metadata"]["name"] for item in api.ok("GET", CONFIG_MAPS)["items"]]


def _user(authenticator: Authenticator, **headers: str) -> User:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return authenticator.user_of(HttpRequest("GET", "/", headers=names, header_lines=list(names.items())))


def test_J19_finalizers_hold_an_object(api: Api) -> None:
    api.ok("POST", CONFIG_MAPS, held())
    watch = api.watch(CONFIG_MAPS, resourceVersion=api.core.store.version)
    reply = api("DELETE", f"{CONFIG_MAPS}/a")
    metadata = reply.json["metadata"]
    assert (reply.status, reply.json["kind"]) == (200, "ConfigMap")
    assert (metadata["deletionTimestamp"], metadata["deletionGracePeriodSeconds"]) == ("2026-01-01T00:00:00Z", 0)
    again = api.ok("DELETE", f"{CONFIG_MAPS}/a")
    assert again["metadata"]["resourceVersion"] == metadata["resourceVersion"]
    last = api.ok("PATCH", f"{CONFIG_MAPS}/a", {"metadata": {"finalizers": None}}, content_type=MERGE)
    assert last["metadata"]["name"] == "a"
    api.fails(404, "GET", f"{CONFIG_MAPS}/a")
    assert watch.brief() == [("MODIFIED", "a"), ("DELETED", "a")]


def test_J19_no_new_finalizers_on_a_deleting_object(api: Api) -> None:
    api.ok("POST", CONFIG_MAPS, held())
    api.ok("DELETE", f"{CONFIG_MAPS}/a")
    patch = {"metadata": {"finalizers": ["example.com/hold", "example.com/more"]}}
    status = api.fails(422, "PATCH", f"{CONFIG_MAPS}/a", patch, content_type=MERGE)
    assert "no new finalizers can be added if the object is being deleted, found new finalizers" in status["message"]


def test_J19_deletion_cannot_be_taken_back(api: Api) -> None:
    api.ok("POST", CONFIG_MAPS, held())
    document = api.ok("DELETE", f"{CONFIG_MAPS}/a")
    del document["metadata"]["deletionTimestamp"]
    document["data"] = {"x": "1"}
    assert "deletionTimestamp" in api.ok("PUT", f"{CONFIG_MAPS}/a", document)["metadata"]


def test_J19_pods_end_gracefully(api: Api) -> None:
    api.ok("POST", PODS, pod("a", node="n"))
    ending = api.ok("DELETE", f"{PODS}/a")["metadata"]
    assert (ending["deletionGracePeriodSeconds"], ending["deletionTimestamp"]) == (30, "2026-01-01T00:00:30Z")
    longer = api.ok("DELETE", f"{PODS}/a", {"gracePeriodSeconds": 60})["metadata"]
    assert longer["deletionGracePeriodSeconds"] == 30
    shorter = api.ok("DELETE", f"{PODS}/a", {"gracePeriodSeconds": 5})["metadata"]
    assert (shorter["deletionGracePeriodSeconds"], shorter["deletionTimestamp"]) == (5, "2026-01-01T00:00:05Z")
    api.ok("GET", f"{PODS}/a")
    api.ok("DELETE", f"{PODS}/a", {"gracePeriodSeconds": 0})
    api.fails(404, "GET", f"{PODS}/a")


def test_J19_negative_grace_is_one_second(api: Api) -> None:
    api.ok("POST", PODS, pod("a", node="n"))
    assert api.ok("DELETE", f"{PODS}/a", {"gracePeriodSeconds": -5})["metadata"]["deletionGracePeriodSeconds"] == 1


def test_J19_unscheduled_and_finished_pods_go_at_once(api: Api) -> None:
    api.ok("POST", PODS, pod("a"))
    api.ok("DELETE", f"{PODS}/a")
    api.fails(404, "GET", f"{PODS}/a")
    api.ok("POST", PODS, pod("b", node="n"))
    api.ok("PATCH", f"{PODS}/b/status", {"status": {"phase": "Succeeded"}}, content_type=MERGE)
    api.ok("DELETE", f"{PODS}/b")
    api.fails(404, "GET", f"{PODS}/b")


def test_J20_a_missing_namespace_is_a_404(api: Api) -> None:
    status = api.fails(404, "POST", "/api/v1/namespaces/x/configmaps", config_map())
    assert status["message"] == 'namespaces "x" not found'


def test_J20_a_terminating_namespace_refuses_content(api: Api) -> None:
    api.ok("POST", "/api/v1/namespaces", {"metadata": {"name": "x"}})
    document = held()
    api.ok("POST", "/api/v1/namespaces/x/configmaps", document)
    assert api.ok("DELETE", "/api/v1/namespaces/x")["status"]["phase"] == "Terminating"
    status = api.fails(403, "POST", "/api/v1/namespaces/x/configmaps", config_map("b"))
    assert "unable to create new content in namespace x because it is being terminated" in status["message"]
    assert status["details"]["causes"][0]["reason"] == "NamespaceTerminating"
    api.ok("PATCH", "/api/v1/namespaces/x/configmaps/a", {"metadata": {"finalizers": None}}, content_type=MERGE)
    api.fails(404, "GET", "/api/v1/namespaces/x")


def test_J20_deleting_a_namespace_deletes_its_contents(api: Api) -> None:
    created = api.ok("POST", "/api/v1/namespaces", {"metadata": {"name": "x"}})
    assert created["metadata"]["labels"] == {"kubernetes.io/metadata.name": "x"}
    assert created["spec"] == {"finalizers": ["kubernetes"]}
    api.ok("POST", "/api/v1/namespaces/x/configmaps", config_map())
    watch = api.watch("/api/v1/configmaps", resourceVersion=api.core.store.version)
    namespaces = api.watch("/api/v1/namespaces", resourceVersion=api.core.store.version)
    api.ok("DELETE", "/api/v1/namespaces/x")
    api.fails(404, "GET", "/api/v1/namespaces/x")
    assert watch.brief() == [("DELETED", "a")]
    assert namespaces.brief() == [("MODIFIED", "x"), ("MODIFIED", "x"), ("DELETED", "x")]


def test_J20_finalize_takes_the_spec_finalizers(api: Api) -> None:
    document = api.ok("POST", "/api/v1/namespaces", {"metadata": {"name": "x"}})
    document["spec"]["finalizers"].append("example.com/mine")
    assert api.ok("PUT", "/api/v1/namespaces/x/finalize", document)["spec"]["finalizers"] == [
        "kubernetes",
        "example.com/mine",
    ]


@pytest.mark.parametrize("name", ["default", "kube-system", "kube-public"])
def test_J20_initial_namespaces_stay(api: Api, name: str) -> None:
    assert api.ok("GET", f"/api/v1/namespaces/{name}")["status"] == {"phase": "Active"}
    assert "this namespace may not be deleted" in api.fails(403, "DELETE", f"/api/v1/namespaces/{name}")["message"]


def test_J21_background_deletion_takes_dependents(api: Api) -> None:
    owner = api.ok("POST", CONFIG_MAPS, config_map("owner"))
    child = _owned(api, "child", owner)
    _owned(api, "grandchild", child)
    api.ok("DELETE", f"{CONFIG_MAPS}/owner", {"propagationPolicy": "Background"})
    assert _names(api) == []


def test_J21_foreground_deletion_goes_bottom_up(api: Api) -> None:
    owner = api.ok("POST", CONFIG_MAPS, config_map("owner"))
    _owned(api, "child", owner, block=True)
    watch = api.watch(CONFIG_MAPS, resourceVersion=api.core.store.version)
    answer = api.send("DELETE", f"{CONFIG_MAPS}/owner", {"propagationPolicy": "Foreground"})
    assert b'"foregroundDeletion"' in answer.body  # type: ignore[union-attr]  # an Answer
    api.core.settle()
    assert watch.brief() == [("MODIFIED", "owner"), ("DELETED", "child"), ("DELETED", "owner")]


def test_J21_orphans_lose_their_owner_only(api: Api) -> None:
    owner = api.ok("POST", CONFIG_MAPS, config_map("owner"))
    _owned(api, "child", owner)
    api.ok("DELETE", f"{CONFIG_MAPS}/owner", {"propagationPolicy": "Orphan"})
    assert _names(api) == ["child"]
    assert "ownerReferences" not in api.ok("GET", f"{CONFIG_MAPS}/child")["metadata"]


def test_J21_a_wrong_uid_is_no_owner(api: Api) -> None:
    owner = api.ok("POST", CONFIG_MAPS, config_map("owner"))
    owner["metadata"]["uid"] = "other"
    _owned(api, "child", owner)
    assert _names(api) == ["owner"]


def test_J21_an_owner_in_another_namespace_is_no_owner(api: Api) -> None:
    api.ok("POST", "/api/v1/namespaces", {"metadata": {"name": "x"}})
    owner = api.ok("POST", "/api/v1/namespaces/x/configmaps", config_map("owner"))
    _owned(api, "child", owner)
    assert _names(api) == []


def test_J21_collection_can_be_a_step(make_api: Callable[..., Api]) -> None:
    api = make_api(collect_garbage=False)
    owner = api.ok("POST", CONFIG_MAPS, config_map("owner"))
    _owned(api, "child", owner)
    api.ok("DELETE", f"{CONFIG_MAPS}/owner")
    assert _names(api) == ["child"]
    assert api.core.collector.collect() == 1
    assert _names(api) == []


def test_J22_dry_run_does_all_but_store(api: Api) -> None:
    version = api.core.store.version
    watch = api.watch(CONFIG_MAPS, resourceVersion=version)
    created = api("POST", f"{CONFIG_MAPS}?dryRun=All", config_map("a"))
    assert created.status == 201
    assert {"uid", "creationTimestamp"} <= set(created.json["metadata"])
    assert "resourceVersion" not in created.json["metadata"]
    api.fails(404, "GET", f"{CONFIG_MAPS}/a")
    api.fails(422, "POST", f"{CONFIG_MAPS}?dryRun=All", config_map("Bad Name"))
    live = api.ok("POST", CONFIG_MAPS, config_map("b"))
    version = api.core.store.version
    assert api.ok("PUT", f"{CONFIG_MAPS}/b?dryRun=All", {**live, "data": {"x": "1"}})["data"] == {"x": "1"}
    api.ok("PATCH", f"{CONFIG_MAPS}/b?dryRun=All", {"data": {"x": "1"}}, content_type=MERGE)
    api.ok("DELETE", f"{CONFIG_MAPS}/b?dryRun=All")
    assert api.ok("GET", f"{CONFIG_MAPS}/b") == live
    assert api.core.store.version == version
    assert watch.brief() == [("ADDED", "b")]
    status = api.fails(422, "POST", f"{CONFIG_MAPS}?dryRun=Some", config_map("c"))
    assert 'supported values: "All"' in status["message"]


def test_J22_unknown_fields_warn_by_default(api: Api) -> None:
    document = deployment("a")
    document["spec"]["x"] = 1
    reply = api("POST", DEPLOYMENTS, document)
    assert reply.status == 201
    assert reply.headers["Warning"] == '299 - "unknown field \\"spec.x\\""'
    assert "x" not in reply.json["spec"]
    assert (
        "Warning"
        not in api("POST", f"{DEPLOYMENTS}?fieldValidation=Ignore", {**document, "metadata": {"name": "b"}}).headers
    )


def test_J22_strict_validation_refuses(api: Api) -> None:
    document = deployment("a")
    document["spec"]["foo"] = 1
    status = api.fails(400, "POST", f"{DEPLOYMENTS}?fieldValidation=Strict", document)
    assert status["message"] == (
        'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.foo"'
    )
    api.ok("POST", DEPLOYMENTS, deployment("a"))
    patch = {"spec": {"foo": 1}}
    status = api.fails(422, "PATCH", f"{DEPLOYMENTS}/a?fieldValidation=Strict", patch, content_type=MERGE)
    assert 'strict decoding error: unknown field "spec.foo"' in status["message"]
    api.fails(422, "POST", f"{DEPLOYMENTS}?fieldValidation=Sometimes", deployment("b"))


def test_J22_duplicate_fields_are_reported(api: Api) -> None:
    body = b'{"metadata": {"name": "a"}, "data": {"x": "1", "x": "2"}}'
    reply = api("POST", CONFIG_MAPS, body)
    assert reply.json["data"] == {"x": "2"}
    assert "duplicate field" in reply.headers["Warning"]
    api.fails(400, "POST", f"{CONFIG_MAPS}?fieldValidation=Strict", body)


def test_J22_wrong_types_are_a_400(api: Api) -> None:
    document = deployment("a")
    document["spec"]["replicas"] = "two"
    status = api.fails(400, "POST", DEPLOYMENTS, document)
    assert status["message"].startswith(
        'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct'
    )


def test_J25_without_credentials_configured_all_are_admins() -> None:
    assert _user(Authenticator()) == ADMIN
    assert _user(Authenticator(), authorization="Bearer whatever") == ADMIN


def test_J25_tokens_and_passwords() -> None:
    authenticator = Authenticator({"t": "alice"}, {"bob": "pw"})
    assert _user(authenticator, authorization="Bearer t").name == "alice"
    basic = base64.b64encode(b"bob:pw").decode()
    assert _user(authenticator, authorization=f"Basic {basic}").name == "bob"
    for wrong in (
        {},
        {"authorization": "Bearer x"},
        {"authorization": "Basic !!"},
        {"authorization": "Basic Ym9iOng="},
    ):
        with pytest.raises(Failure) as caught:
            _user(authenticator, **wrong)
        assert caught.value.document()["message"] == "Unauthorized"


def test_J25_client_certificates() -> None:
    subject = ((("organizationName", "devs"),), (("commonName", "carol"),))
    request = HttpRequest("GET", "/", client_certificate={"subject": subject})
    user = Authenticator(certificates=True).user_of(request)
    assert (user.name, user.groups) == ("carol", ("devs", "system:authenticated"))


def test_J25_impersonation() -> None:
    lines = [
        ("impersonate-user", "dave"),
        ("impersonate-group", "a"),
        ("impersonate-group", "b"),
        ("impersonate-extra-example.com%2Fk", "v"),
    ]
    headers = dict(lines)
    user = Authenticator().user_of(HttpRequest("GET", "/", headers=headers, header_lines=lines))
    assert (user.name, user.groups, user.impersonated_by) == ("dave", ("a", "b", "system:authenticated"), ADMIN.name)
    assert user.extra == {"example.com/k": ("v",)}


def test_J25_the_last_matching_rule_counts(api: Api) -> None:
    api.core.authorization.rules += [Rule(allow=False, resource="configmaps"), Rule(allow=True, verb="list")]
    api.fails(403, "POST", CONFIG_MAPS, config_map())
    api.ok("GET", CONFIG_MAPS)
    api.ok("POST", PODS, pod())
