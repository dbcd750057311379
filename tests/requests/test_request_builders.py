# SPDX-License-Identifier: Apache-2.0
"""Building requests: protocol C1-C8, C10, C11, C26-C35, D1, E15, I4, I11. Nothing here sends anything."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from k8s_core.errors import InvalidName, PatchError, RequestError
from k8s_core.kinds import APIResource, Scope
from k8s_core.meta import DeleteOptions, Preconditions
from k8s_core.requests import (
    apply_request,
    create_request,
    delete_collection_request,
    delete_options,
    delete_request,
    get_request,
    list_request,
    next_page_request,
    patch_request,
    replace_request,
    watch_request,
)
from k8s_core.requests.options import JSON, METADATA, METADATA_LIST, TABLE
from k8s_core.requests.write import APPLY_PATCH, JSON_PATCH, MERGE_PATCH, STRATEGIC_MERGE_PATCH

PODS = APIResource("", "v1", "Pod", "pods")
DEPLOYMENTS = APIResource("apps", "v1", "Deployment", "deployments")
NODES = APIResource("", "v1", "Node", "nodes", scope=Scope.CLUSTER)
ROLES = APIResource("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", scope=Scope.CLUSTER)


def test_C1_paths() -> None:
    assert get_request(PODS, "a", namespace="n").path == "/api/v1/namespaces/n/pods/a"
    assert get_request(DEPLOYMENTS, "a", namespace="n").path == "/apis/apps/v1/namespaces/n/deployments/a"
    assert get_request(NODES, "a").path == "/api/v1/nodes/a"
    path = get_request(DEPLOYMENTS, "a", namespace="n", subresource="scale").path
    assert path == "/apis/apps/v1/namespaces/n/deployments/a/scale"
    assert list_request(PODS, namespace="n").path == "/api/v1/namespaces/n/pods"
    assert list_request(PODS).path == watch_request(PODS).path == "/api/v1/pods"
    assert create_request(PODS, b"{}", namespace="n").path == "/api/v1/namespaces/n/pods"


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a%2fb", "a\nb", "a\x00b"])
def test_C2_bad_names_raise_before_any_request_exists(name: str) -> None:
    for build in (
        lambda: get_request(PODS, name, namespace="n"),
        lambda: get_request(PODS, "p", namespace=name),
        lambda: list_request(PODS, namespace=name),
        lambda: watch_request(PODS, namespace=name),
        lambda: create_request(PODS, b"{}", namespace=name),
        lambda: replace_request(PODS, name, b"{}", namespace="n"),
        lambda: patch_request(PODS, name, b"{}", MERGE_PATCH, namespace="n"),
        lambda: delete_request(PODS, name, namespace="n"),
        lambda: delete_collection_request(PODS, namespace=name),
    ):
        with pytest.raises(InvalidName):
            build()


def test_C2_other_characters_are_encoded_once() -> None:
    assert get_request(ROLES, "system:node").path.endswith("/clusterroles/system:node")
    assert get_request(ROLES, "a b?c#d").path.endswith("/clusterroles/a%20b%3Fc%23d")
    assert get_request(ROLES, "é").path.endswith("/clusterroles/%C3%A9")


def test_C3_names_are_required() -> None:
    for name in (None, 5):
        with pytest.raises(RequestError, match=r"the name of (the|an) object"):
            delete_request(PODS, name, namespace="n")  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(RequestError, match="empty namespace may not be set during creation"):
        create_request(PODS, b"{}")
    with pytest.raises(InvalidName, match="namespace"):
        get_request(PODS, "a")


def test_C4_options_serialise() -> None:
    request = create_request(PODS, b"{}", namespace="n", dry_run=True, field_manager="me", field_validation="Strict")
    assert request.query == (("dryRun", "All"), ("fieldManager", "me"), ("fieldValidation", "Strict"))
    assert create_request(PODS, b"{}", namespace="n").query == ()
    assert create_request(PODS, b"{}", namespace="n", dry_run="All").query == (("dryRun", "All"),)
    assert watch_request(PODS, allow_bookmarks=False).query == (("watch", "true"),)
    assert delete_options(grace_period_seconds=0) == {
        "kind": "DeleteOptions",
        "apiVersion": "v1",
        "gracePeriodSeconds": 0,
    }


def test_C5_delete_options_go_into_the_body_only() -> None:
    options = delete_options(propagation_policy="Foreground", grace_period_seconds=5, uid="u", dry_run=True)
    request = delete_request(PODS, "a", namespace="n", options=options)
    assert request.query == ()
    assert json.loads(request.body or b"") == {
        "kind": "DeleteOptions",
        "apiVersion": "v1",
        "propagationPolicy": "Foreground",
        "gracePeriodSeconds": 5,
        "dryRun": ["All"],
        "preconditions": {"uid": "u"},
    }
    assert dict(request.headers)["Content-Type"] == "application/json"
    collection = delete_collection_request(PODS, namespace="n", labels="a=b", fields="c=d", options=options)
    assert collection.query == (("labelSelector", "a=b"), ("fieldSelector", "c=d"))
    assert collection.body == request.body
    assert collection.verb == "deletecollection"


def test_C6_headers() -> None:
    assert get_request(PODS, "a", namespace="n").headers is JSON
    assert delete_request(PODS, "a", namespace="n").headers is JSON
    assert delete_request(PODS, "a", namespace="n").body is None
    created = create_request(PODS, b"{}", namespace="n")
    assert dict(created.headers) == {"Accept": "application/json", "Content-Type": "application/json"}
    for headers, kind in ((METADATA, "PartialObjectMetadata"), (METADATA_LIST, "PartialObjectMetadataList")):
        assert dict(headers)["Accept"] == f"application/json;as={kind};g=meta.k8s.io;v=v1,application/json"
    assert "as=Table" in dict(TABLE)["Accept"]


def test_C8_the_next_page_has_the_selectors_and_no_resource_version() -> None:
    first = list_request(PODS, labels="a=b", fields="c=d", limit=5, resource_version="7")
    second = next_page_request(first, "t0")
    assert second.query == (("labelSelector", "a=b"), ("fieldSelector", "c=d"), ("limit", "5"), ("continue", "t0"))
    assert next_page_request(second, "t1").query[-1] == ("continue", "t1")
    assert (second.path, second.verb, second.resource) == (first.path, "list", PODS)
    with pytest.raises(RequestError, match="continue token"):
        list_request(PODS, continue_token="t", resource_version="5")
    with pytest.raises(RequestError, match="end of a list"):
        list_request(PODS, continue_token="")


def test_C10_a_limit_does_not_turn_a_version_into_exactly_that_version() -> None:
    query = dict(list_request(PODS, limit=500, resource_version="7").query)
    assert query["resourceVersionMatch"] == "NotOlderThan"
    exact = dict(list_request(PODS, limit=500, resource_version="7", resource_version_match="Exact").query)
    assert exact["resourceVersionMatch"] == "Exact"
    assert "resourceVersionMatch" not in dict(list_request(PODS, limit=500, resource_version="0").query)
    assert "resourceVersionMatch" not in dict(list_request(PODS, resource_version="7").query)
    assert "resourceVersion" not in dict(list_request(PODS, limit=500).query)
    assert "limit" not in dict(list_request(PODS, limit=0).query)


@pytest.mark.parametrize(
    "options",
    [
        {"resource_version_match": "Exact"},
        {"resource_version_match": "Exact", "continue_token": "t"},
        {"resource_version_match": "Exact", "resource_version": "0"},
        {"resource_version_match": "exact", "resource_version": "5"},
        {"limit": -1},
        {"limit": True},
        {"limit": "5"},
        {"timeout_seconds": -1},
        {"resource_version": 5},
        {"resource_version": "5\r\nX: y"},
    ],
)
def test_C11_invalid_list_options(options: dict[str, Any]) -> None:
    with pytest.raises(RequestError):
        list_request(PODS, **options)


@pytest.mark.parametrize(
    "options",
    [
        {"send_initial_events": True},
        {"send_initial_events": True, "resource_version_match": "Exact"},
        {"resource_version_match": "NotOlderThan"},
        {"resource_version_match": "Exact", "resource_version": "5"},
        {"timeout_seconds": 1.5},
    ],
)
def test_C11_invalid_watch_options(options: dict[str, Any]) -> None:
    with pytest.raises(RequestError):
        watch_request(PODS, **options)


def test_D1_watch_is_a_get_on_the_collection() -> None:
    request = watch_request(
        PODS,
        namespace="n",
        fields={"metadata.name": "x"},
        resource_version="7",
        resource_version_match="NotOlderThan",
        send_initial_events=True,
        timeout_seconds=300,
    )
    assert (request.method, request.path, request.verb, request.stream) == (
        "GET", "/api/v1/namespaces/n/pods", "watch", True,
    )  # fmt: skip
    assert dict(request.query) == {
        "watch": "true",
        "fieldSelector": "metadata.name=x",
        "allowWatchBookmarks": "true",
        "resourceVersion": "7",
        "sendInitialEvents": "true",
        "resourceVersionMatch": "NotOlderThan",
        "timeoutSeconds": "300",
    }


def test_C26_content_types() -> None:
    for content_type in (JSON_PATCH, MERGE_PATCH, STRATEGIC_MERGE_PATCH):
        request = patch_request(PODS, "a", b"{}", content_type, namespace="n")
        assert dict(request.headers)["Content-Type"] == content_type
        assert (request.method, request.verb) == ("PATCH", "patch")
    with pytest.raises(PatchError, match="application/json"):
        patch_request(PODS, "a", b"{}", "application/json", namespace="n")


def test_C28_apply_needs_a_field_manager_and_force_goes_with_apply_only() -> None:
    request = apply_request(PODS, "a", b"{}", field_manager="me", namespace="n")
    assert dict(request.headers)["Content-Type"] == APPLY_PATCH
    assert request.query == (("fieldManager", "me"),)
    forced = apply_request(PODS, "a", b"{}", field_manager="me", force=True, namespace="n")
    assert dict(forced.query)["force"] == "true"
    assert dict(patch_request(PODS, "a", b"", APPLY_PATCH, namespace="n", field_manager="m", force=False).query) == {
        "fieldManager": "m",
        "force": "false",
    }
    with pytest.raises(RequestError, match="field_manager"):
        patch_request(PODS, "a", b"{}", APPLY_PATCH, namespace="n")
    with pytest.raises(PatchError, match="force"):
        patch_request(PODS, "a", b"{}", MERGE_PATCH, namespace="n", force=False)


@pytest.mark.parametrize("field_manager", ["", "x" * 129, "a\r\nX: y", "a\tb", 5])
def test_C30_I11_field_manager(field_manager: Any) -> None:
    with pytest.raises(RequestError, match="field_manager"):
        create_request(PODS, b"{}", namespace="n", field_manager=field_manager)
    create_request(PODS, b"{}", namespace="n", field_manager="x" * 128)


def test_C30_wrong_choices_name_the_nearest_one() -> None:
    with pytest.raises(RequestError, match="did you mean 'Strict'"):
        create_request(PODS, b"{}", namespace="n", field_validation="strict")  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(RequestError, match="'All'"):
        create_request(PODS, b"{}", namespace="n", dry_run="Some")  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(RequestError, match="did you mean 'Foreground'"):
        delete_options(propagation_policy="foreground")  # type: ignore[arg-type]  # wrong on purpose


def test_C33_one_way_to_say_what_happens_to_dependents() -> None:
    with pytest.raises(RequestError, match="orphanDependents"):
        delete_options({"orphanDependents": True}, propagation_policy="Orphan")
    assert (delete_options({"orphanDependents": False}) or {})["orphanDependents"] is False


def test_C34_preconditions() -> None:
    expected = {"uid": "u", "resourceVersion": "5"}
    assert (delete_options(uid="u", resource_version="5") or {})["preconditions"] == expected
    joined = delete_options(DeleteOptions(preconditions=Preconditions(resourceVersion="5")), uid="u")
    assert (joined or {})["preconditions"] == expected
    with pytest.raises(RequestError, match="precondition"):
        delete_options(uid="")


def test_C35_grace_period() -> None:
    with pytest.raises(RequestError, match="0 or greater"):
        delete_options(grace_period_seconds=-1)


def test_delete_options_in_every_form() -> None:
    wire = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Foreground"}
    assert delete_options(wire) == delete_options(DeleteOptions(propagationPolicy="Foreground")) == wire
    assert delete_options(propagation_policy="Foreground") == wire
    assert delete_options() is None
    assert delete_options({}) is None
    assert wire == {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Foreground"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"propagationpolicy": "Foreground"}, "did you mean 'propagationPolicy'"),
        ({"gracePeriod": 5}, "did you mean 'gracePeriodSeconds'"),
        ({"kind": "Pod"}, "not a Pod"),
        ({"dryRun": ["None"]}, r"\['All'\]"),
        ({"gracePeriodSeconds": "0"}, "whole number"),
        ("Foreground", "a dict or a DeleteOptions"),
    ],
)
def test_delete_options_that_make_no_sense(body: Any, message: str) -> None:
    with pytest.raises(RequestError, match=message):
        delete_options(body)


def test_delete_options_said_twice_differently() -> None:
    with pytest.raises(RequestError, match="give it once"):
        delete_options({"propagationPolicy": "Orphan"}, propagation_policy="Foreground")
    with pytest.raises(RequestError, match="uid='b'"):
        delete_options({"preconditions": {"uid": "b"}}, uid="a")
    assert (delete_options({"propagationPolicy": "Orphan"}, propagation_policy="Orphan") or {})["propagationPolicy"]


def test_requests_say_what_they_mean() -> None:
    obj = {"metadata": {"name": "a"}}
    request = create_request(PODS, b"{}", namespace="n", name="a", subresource="eviction", obj=obj, max_retries=0)
    assert (request.verb, request.resource, request.namespace, request.name) == ("create", PODS, "n", "a")
    assert (request.subresource, request.object, request.max_retries) == ("eviction", obj, 0)
    assert request.path == "/api/v1/namespaces/n/pods/a/eviction"
    assert replace_request(PODS, "a", b"", namespace="n", subresource="status").verb == "update"


def test_I1_the_repr_of_a_request_has_no_content() -> None:
    request = create_request(PODS, b'{"data":"s3cret"}', namespace="n", obj={"data": "s3cret"})
    assert "s3cret" not in repr(request)
    assert "/api/v1/namespaces/n/pods" in repr(request)


def test_importing_a_request_loads_no_models() -> None:
    code = "import sys, k8s_core.requests.request; print('k8s_core.model' in sys.modules, 'msgspec' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
