# SPDX-License-Identifier: Apache-2.0
"""Who owns which fields of built-in kinds, whose structs OpenAPI only hints at (protocol J18)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from wire import APPLY_PATCH, MERGE_PATCH, STRATEGIC_PATCH, Wire
from wire_documents import DEPLOYMENTS, MAPS, apply, config_map, deployment
from wire_things import owners

Json = dict[str, Any]
SERVICES = "/api/v1/namespaces/{ns}/services"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def at(fields: Json, *path: str) -> Json:
    for element in path:
        fields = fields[element]
    return fields


def test_J18_structs_by_value_are_never_added(wire: Wire) -> None:
    made = wire.ok("POST", f"{DEPLOYMENTS}?fieldManager=me", deployment("a"))
    spec = owners(made)["me Update"]["f:spec"]
    assert "." not in spec  # neither are spec, strategy, template and its spec
    assert spec["f:selector"] == {}  # atomic
    assert spec["f:strategy"] == {"f:rollingUpdate": {".": {}, "f:maxSurge": {}, "f:maxUnavailable": {}}, "f:type": {}}
    assert spec["f:template"]["f:metadata"] == {"f:labels": {".": {}, "f:app": {}}}
    containers = at(spec, "f:template", "f:spec", "f:containers")
    assert set(containers) == {'k:{"name":"main"}'}  # a list that is always there, if only as null
    container = containers['k:{"name":"main"}']
    assert {".", "f:name", "f:image", "f:imagePullPolicy", "f:resources"} <= set(container)
    assert container["f:resources"] == {}  # there, and empty


def test_J18_lists_that_may_be_absent_are_added(wire: Wire) -> None:
    wire.ok("POST", f"{DEPLOYMENTS}?fieldManager=me", deployment("a"))
    container = {"name": "main", "ports": [{"containerPort": 80}], "resources": {"limits": {"cpu": "1000m"}}}
    patch = {"spec": {"template": {"spec": {"containers": [container]}}}}
    made = wire.ok("PATCH", f"{DEPLOYMENTS}/a?fieldManager=you", patch, content_type=STRATEGIC_PATCH)
    spec = at(owners(made)["you Update"], "f:spec", "f:template", "f:spec")
    ports = {".": {}, 'k:{"containerPort":80,"protocol":"TCP"}': {".": {}, "f:containerPort": {}, "f:protocol": {}}}
    limits = {".": {}, "f:cpu": {}}
    # The empty struct was mine; what fills it is not, and so both of us own a part.
    resources = {"f:limits": limits}
    assert spec == {"f:containers": {'k:{"name":"main"}': {"f:ports": ports, "f:resources": resources}}}


@pytest.mark.since("1.27")
def test_J18_structures_that_became_atomic_after_1_20(wire: Wire) -> None:
    document = deployment("a")
    document["spec"]["template"]["spec"].update(
        nodeSelector={"disk": "ssd"},
        imagePullSecrets=[{"name": "pull"}],
        tolerations=[{"key": "a", "operator": "Exists"}],
    )
    reference = {"configMapKeyRef": {"name": "m", "key": "k"}}
    document["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "E", "valueFrom": reference}]
    spec = at(owners(apply(wire, f"{DEPLOYMENTS}/a", document))["me Apply"], "f:spec", "f:template", "f:spec")
    assert (spec["f:nodeSelector"], spec["f:tolerations"]) == ({}, {})
    assert spec["f:imagePullSecrets"] == {'k:{"name":"pull"}': {}}
    env = at(spec, "f:containers", 'k:{"name":"main"}', "f:env")
    assert env == {'k:{"name":"E"}': {".": {}, "f:name": {}, "f:valueFrom": {"f:configMapKeyRef": {}}}}


def test_J18_what_the_server_allocates_belongs_to_nobody(wire: Wire) -> None:
    document = {
        "metadata": {"name": "a"},
        "spec": {"selector": {"a": "b"}, "ports": [{"port": 80}], "type": "NodePort"},
    }
    made = wire.ok("POST", f"{SERVICES}?fieldManager=me", document)
    assert made["spec"]["clusterIP"]
    assert made["spec"]["ports"][0]["nodePort"]
    spec = owners(made)["me Update"]["f:spec"]
    assert {"f:clusterIP", "f:clusterIPs", "f:ipFamilies"} & set(spec) == set()
    port = {".": {}, "f:port": {}, "f:protocol": {}, "f:targetPort": {}}
    assert spec["f:ports"] == {".": {}, 'k:{"port":80,"protocol":"TCP"}': port}
    assert {"f:type", "f:sessionAffinity", "f:selector"} <= set(spec)


def test_J18_generated_names_are_set_by_somebody(wire: Wire) -> None:
    made = wire.ok("POST", f"{MAPS}?fieldManager=me", {"metadata": {"generateName": "x-"}})
    assert owners(made) == {"me Update": {"f:metadata": {"f:generateName": {}}}}


def test_J18_labels_annotations_and_finalizers(wire: Wire) -> None:
    metadata = {"name": "a", "labels": {"l": "1"}, "annotations": {"n": "1"}, "finalizers": ["example.com/a"]}
    document = apply(wire, f"{MAPS}/a", {**config_map("a"), "metadata": metadata})
    assert owners(document)["me Apply"] == {
        "f:metadata": {
            "f:annotations": {"f:n": {}},
            "f:finalizers": {'v:"example.com/a"': {}},
            "f:labels": {"f:l": {}},
        }
    }
    wire.ok("PATCH", f"{MAPS}/a", {"metadata": {"finalizers": None}}, content_type=MERGE_PATCH)
    assert "finalizers" not in wire.ok("GET", f"{MAPS}/a")["metadata"]


def test_J18_an_update_of_more_than_ten_managers(wire: Wire) -> None:
    wire.ok("POST", f"{MAPS}?fieldManager=m00", config_map("a", data={"k00": "v"}))
    for number in range(1, 13):
        path = f"{MAPS}/a?fieldManager=m{number:02}"
        made = wire.ok("PATCH", path, {"data": {f"k{number:02}": "v"}}, content_type=MERGE_PATCH)
    found = owners(made)
    assert len(found) == 10
    assert found["ancient-changes Update"] == {"f:data": {".": {}, "f:k00": {}, "f:k01": {}, "f:k02": {}, "f:k03": {}}}


def test_J18_kubectl_takes_over_what_it_set_from_the_client_side(wire: Wire) -> None:
    old = config_map("a", data={"x": "1", "y": "1"})
    annotated: Json = {**old, "metadata": {"name": "a", "annotations": {LAST_APPLIED: json.dumps(old)}}}
    wire.ok("POST", f"{MAPS}?fieldManager=kubectl-client-side-apply", annotated)
    new = config_map("a", data={"x": "2", "y": "1"})
    path = f"{MAPS}/a?fieldManager="
    wire.fails(409, "PATCH", f"{path}other", new, content_type=APPLY_PATCH)
    made = wire.ok("PATCH", f"{path}kubectl", new, content_type=APPLY_PATCH)
    assert made["data"] == {"x": "2", "y": "1"}
    assert json.loads(made["metadata"]["annotations"][LAST_APPLIED])["data"] == {"x": "2", "y": "1"}
    wire.ok("PATCH", f"{path}third", {"data": {"y": "3"}}, content_type=MERGE_PATCH)
    status = wire.fails(409, "PATCH", f"{path}kubectl", config_map("a", data={"y": "4"}), content_type=APPLY_PATCH)
    assert {cause["field"] for cause in status["details"]["causes"]} == {".data.y"}


@pytest.mark.since("1.27")
def test_J18_fields_that_a_kind_lacks(wire: Wire) -> None:
    document = deployment("a", foo=1)
    status = wire.fails(500, "PATCH", f"{DEPLOYMENTS}/a?fieldManager=me", document, content_type=APPLY_PATCH)
    subject = "/a; apps/v1, Kind=Deployment"
    assert status["message"] == (
        f"failed to create typed patch object ({subject}): .spec.foo: field not declared in schema"
    )


@pytest.mark.since("1.27")
def test_J18_the_scale_of_a_deployment_in_its_books(wire: Wire) -> None:
    wire.ok("POST", f"{DEPLOYMENTS}?fieldManager=me", deployment("a", replicas=1))
    scale = {"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "a"}, "spec": {"replicas": 2}}
    path = f"{DEPLOYMENTS}/a/scale?fieldManager=scaler"
    status = wire.fails(409, "PATCH", path, scale, content_type=APPLY_PATCH)
    assert status["message"] == 'Apply failed with 1 conflict: conflict with "me" using autoscaling/v1: .spec.replicas'
    assert wire.ok("PATCH", f"{path}&force=true", scale, content_type=APPLY_PATCH)["spec"] == {"replicas": 2}
    found = owners(wire.ok("GET", f"{DEPLOYMENTS}/a"))
    assert found["scaler Apply scale"] == {"f:spec": {"f:replicas": {}}}
    assert "f:replicas" not in found["me Update"]["f:spec"]
