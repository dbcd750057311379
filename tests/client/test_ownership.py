# SPDX-License-Identifier: Apache-2.0
"""Who owns which field: ``obj.owners``, and paths as servers print them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_core.client.fieldpaths import MISSING, field_paths, value_at
from k8s_plugins_builtin.core.v1 import Pod

FIELDS = {
    "f:metadata": {"f:labels": {".": {}, "f:app.kubernetes.io/name": {}}, "f:finalizers": {'v:"a.b/c"': {}}},
    "f:spec": {
        "f:containers": {
            'k:{"name":"web"}': {
                ".": {},
                "f:image": {},
                "f:ports": {'k:{"containerPort":80,"protocol":"TCP"}': {".": {}, "f:containerPort": {}}},
            }
        },
        "f:list": {"i:1": {}},
    },
}
DOCUMENT = {
    "metadata": {"labels": {"app": "x", "app.kubernetes.io/name": "y"}, "finalizers": ["z", "a.b/c"]},
    "spec": {
        "containers": [
            {"name": "other", "image": "o"},
            {"name": "web", "image": "w", "ports": [{"containerPort": 80, "protocol": "TCP"}]},
        ],
        "list": ["p", "q"],
    },
}
PATHS = {
    ".metadata.labels": DOCUMENT["metadata"]["labels"],
    ".metadata.labels.app.kubernetes.io/name": "y",
    '.metadata.finalizers[="a.b/c"]': "a.b/c",
    '.spec.containers[name="web"]': DOCUMENT["spec"]["containers"][1],
    '.spec.containers[name="web"].image': "w",
    '.spec.containers[name="web"].ports[containerPort=80,protocol="TCP"]': {"containerPort": 80, "protocol": "TCP"},
    '.spec.containers[name="web"].ports[containerPort=80,protocol="TCP"].containerPort': 80,
    ".spec.list[1]": "q",
}


def pod() -> Pod:
    entries = [
        {"manager": "kubelet", "operation": "Update", "apiVersion": "v1", "subresource": "status",
         "time": "2026-01-02T03:04:05Z", "fieldsV1": {"f:status": {"f:phase": {}}}},
        {"manager": "me", "operation": "Apply", "apiVersion": "v1", "fieldsV1": FIELDS},
        {"manager": "other", "operation": "Update", "fieldsV1": {"f:spec": {"f:list": {"i:1": {}}}}},
    ]  # fmt: skip
    return Pod.from_dict({"metadata": {"managedFields": entries}})


def test_paths_are_those_of_conflict_messages() -> None:
    assert list(field_paths(FIELDS)) == list(PATHS)


@pytest.mark.parametrize("path", PATHS)
def test_values_are_found_by_path(path: str) -> None:
    assert value_at(DOCUMENT, path) == PATHS[path]


@pytest.mark.parametrize(
    "path",
    [
        ".nothing",
        ".metadata.labels.none",
        '.spec.containers[name="none"].image',
        ".spec.list[7]",
        ".spec.list[x]",
        ".spec.list[",
        ".metadata[0]",
        ".metadata.labels.app.more",
        "[name=]",
    ],
)
def test_missing_values(path: str) -> None:
    assert value_at(DOCUMENT, path) is MISSING


def test_quotes_and_brackets_in_keys() -> None:
    document = {"list": [{"name": 'a"]b', "x": 1}]}
    [_, path] = field_paths({"f:list": {'k:{"name":"a\\"]b"}': {".": {}, "f:x": {}}}})
    assert value_at(document, path) == 1


def test_owners() -> None:
    owners = pod().owners
    assert [owner.manager for owner in owners["spec.list[1]"]] == ["me", "other"]
    assert owners[".status.phase"] == owners["status.phase"]
    [kubelet] = owners["status.phase"]
    assert (kubelet.operation, kubelet.subresource) == ("Update", "status")
    assert str(kubelet.time) == "2026-01-02 03:04:05+00:00"
    assert owners.managers() == ["kubelet", "me", "other"]
    assert owners.by("other") == ["spec.list[1]"]
    assert 'spec.containers[name="web"].image' in owners
    assert repr(owners) == f"<Owners of {len(owners)} fields: kubelet, me, other>"


def test_a_field_that_nobody_owns() -> None:
    owners = pod().owners
    with pytest.raises(KeyError, match=r"nobody owns spec\.containers\[name=\"web\"\]\.imag"):
        owners['spec.containers[name="web"].imag']
    assert owners.get("spec.replicas", ()) == ()
    assert len(Pod.from_dict({}).owners) == 0


@given(st.recursive(st.just({}) | st.none() | st.integers(), lambda inner: st.dictionaries(st.text(max_size=4), inner)))
def test_odd_sets_never_raise(fields: Any) -> None:
    entry = {"manager": "m", "fieldsV1": fields}
    assert Pod.from_dict({"metadata": {"managedFields": [entry]}}).owners is not None
