# SPDX-License-Identifier: Apache-2.0
"""Patches as values, and the difference of two objects: protocol C26-C28, E2, E4, E14, E16."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_core.errors import PatchError
from k8s_core.meta import ObjectMeta
from k8s_core.patches import ApplyPatch, JsonPatch, MergePatch, StrategicMergePatch
from k8s_devkit.api_server.kinds.shapes import shape_of_model
from k8s_devkit.api_server.patches.json_patch import apply_json_patch, merge_patch
from k8s_devkit.api_server.patches.strategic import strategic_merge
from k8s_plugins_builtin.apps.v1 import Deployment
from k8s_plugins_builtin.core.v1 import (
    ConfigMap,
    Container,
    ContainerPort,
    EnvVar,
    Pod,
    PodSpec,
    Service,
    ServiceAccount,
    Volume,
)


def deployment(**changes: Any) -> Deployment:
    document = {
        "metadata": {"name": "web", "namespace": "n", "resourceVersion": "7", "uid": "u", "labels": {"app": "web"}},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": "web"}},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {
                    "containers": [
                        {
                            "name": "a",
                            "image": "a:1",
                            "env": [{"name": "X", "value": "1"}, {"name": "Y", "value": "2"}],
                        },
                        {"name": "b", "image": "b:1", "args": ["-v"]},
                    ],
                    "volumes": [{"name": "v", "emptyDir": {}}],
                    "tolerations": [{"key": "k"}],
                },
            },
        },
    }
    return Deployment.from_dict({**document, **changes})


def test_a_patch_has_the_content_type_of_its_kind() -> None:
    assert JsonPatch([]).content_type == "application/json-patch+json"
    assert MergePatch({}).content_type == "application/merge-patch+json"
    assert StrategicMergePatch({}).content_type == "application/strategic-merge-patch+json"
    applied = ApplyPatch({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}})
    assert applied.content_type == "application/apply-patch+yaml"


def test_patches_take_models() -> None:
    assert MergePatch(ConfigMap(data={"a": "b"})).content["data"] == {"a": "b"}
    operation = {"op": "add", "path": "/metadata", "value": ObjectMeta(name="x")}
    assert JsonPatch([operation]).encode() == b'[{"op":"add","path":"/metadata","value":{"name":"x"}}]'


@pytest.mark.parametrize(
    ("operations", "message"),
    [
        ([{"op": "ad", "path": "/a", "value": 1}], "did you mean 'add'"),
        ([{"op": "add", "path": "a", "value": 1}], "JSON pointer"),
        ([{"op": "add", "path": "/a"}], "needs a value"),
        ([{"op": "move", "path": "/a"}], "from None"),
        ([{"path": "/a"}], "op None"),
        ([5], "operation 0"),
        ({"spec": {}}, "use MergePatch"),
        ([{"op": "remove", "path": "/a"}] * 10001, "10000"),
    ],
)
def test_C27_malformed_json_patches(operations: Any, message: str) -> None:
    with pytest.raises(PatchError, match=message):
        JsonPatch(operations)


def test_null_is_a_value_for_json_patches() -> None:
    JsonPatch([{"op": "add", "path": "/a", "value": None}, {"op": "remove", "path": ""}])


def test_documents_are_not_lists() -> None:
    for kind in (MergePatch, StrategicMergePatch):
        with pytest.raises(PatchError, match="use JsonPatch"):
            kind([])
        with pytest.raises(PatchError, match="model or a dict"):
            kind("spec")


def test_C28_E14_apply_leaves_out_managed_fields_and_needs_a_name() -> None:
    obj = ConfigMap.from_dict({"metadata": {"name": "x", "managedFields": [{"manager": "m"}]}, "data": {"a": "b"}})
    patch = ApplyPatch(obj)
    assert patch.content["metadata"] == {"name": "x"}
    assert len(obj.metadata.managedFields) == 1
    with pytest.raises(PatchError, match=r"metadata\.name; generateName"):
        ApplyPatch(ConfigMap(metadata=ObjectMeta(generateName="x-")))
    with pytest.raises(PatchError, match="apiVersion, kind"):
        ApplyPatch({"metadata": {"name": "x"}})


def test_E16_apply_sends_what_was_set_and_no_defaults() -> None:
    pod = Pod(
        metadata=ObjectMeta(name="p"),
        spec=PodSpec(containers=[Container(name="c", image="i", ports=[ContainerPort(containerPort=80)])]),
    )
    assert ApplyPatch(pod).content == {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p"},
        "spec": {"containers": [{"name": "c", "image": "i", "ports": [{"containerPort": 80}]}]},
    }


def test_a_patch_does_not_show_its_content() -> None:
    assert "s3cret" not in repr(MergePatch({"data": {"password": "s3cret"}}))
    assert repr(MergePatch({"data": {}})) == "MergePatch(<1 entry>)"


def test_no_difference_is_a_false_patch() -> None:
    before, after = deployment(), deployment()
    for kind in (JsonPatch, MergePatch, StrategicMergePatch):
        assert not kind.diff(before, after)
        assert not kind.diff(before, after, optimistic=True)


def test_bookkeeping_is_no_difference() -> None:
    before, after = deployment(), deployment()
    after.metadata.resourceVersion = "8"
    after.metadata.uid = "other"
    after.metadata.managedFields = [{"manager": "m"}]  # type: ignore[list-item]  # wire dicts are taken too
    assert not MergePatch.diff(before, after)


def test_C27_optimistic_patches_hold_on_to_the_version() -> None:
    before, after = deployment(), deployment()
    after.spec.replicas = 2
    locked = {"metadata": {"resourceVersion": "7"}, "spec": {"replicas": 2}}
    assert MergePatch.diff(before, after, optimistic=True).content == locked
    assert StrategicMergePatch.diff(before, after, optimistic=True).content == locked
    assert JsonPatch.diff(before, after, optimistic=True).content == [
        {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"},
        {"op": "replace", "path": "/spec/replicas", "value": 2},
    ]
    with pytest.raises(PatchError, match="read the object first"):
        MergePatch.diff({"a": 1}, {"a": 2}, optimistic=True)


def test_one_kind_is_not_patched_into_another() -> None:
    with pytest.raises(PatchError, match="one kind into another"):
        MergePatch.diff(ConfigMap(), Service())


def test_merge_diff_removes_a_label_with_null() -> None:
    before, after = deployment(), deployment()
    del after.metadata.labels["app"]
    after.metadata.labels["tier"] = "front"
    assert MergePatch.diff(before, after).content == {"metadata": {"labels": {"app": None, "tier": "front"}}}


def test_E4_numbers_and_booleans_are_told_apart() -> None:
    for old, new in ((1, True), (1, 1.0), (0, False)):
        assert MergePatch.diff({"a": old}, {"a": new}).content == {"a": new}
        assert JsonPatch.diff({"a": old}, {"a": new})


def test_json_diff_escapes_keys() -> None:
    patch = JsonPatch.diff({"a/b": 1, "c~d": 1}, {"a/b": 2})
    assert {operation["path"] for operation in patch.content} == {"/a~1b", "/c~0d"}


def test_strategic_diff_changes_one_item_of_a_list() -> None:
    before, after = deployment(), deployment()
    after.spec.template.spec.containers[0].image = "a:2"
    assert StrategicMergePatch.diff(before, after).content == {
        "spec": {
            "template": {
                "spec": {
                    "containers": [{"image": "a:2", "name": "a"}],
                    "$setElementOrder/containers": [{"name": "a"}, {"name": "b"}],
                }
            }
        }
    }


def test_strategic_diff_deletes_adds_and_orders() -> None:
    before, after = deployment(), deployment()
    containers = after.spec.template.spec.containers
    containers[0].env = [EnvVar(name="Z", value="3"), EnvVar(name="X", value="1")]
    del containers[1]
    containers.insert(0, Container(name="c", image="c:1"))
    spec = StrategicMergePatch.diff(before, after).content["spec"]["template"]["spec"]
    assert spec["$setElementOrder/containers"] == [{"name": "c"}, {"name": "a"}]
    assert spec["containers"] == [
        {"name": "c", "image": "c:1"},
        {
            "env": [{"name": "Z", "value": "3"}, {"$patch": "delete", "name": "Y"}],
            "$setElementOrder/env": [{"name": "Z"}, {"name": "X"}],
            "name": "a",
        },
        {"$patch": "delete", "name": "b"},
    ]


def test_strategic_diff_of_unions_names_the_keys_that_stay() -> None:
    before, after = deployment(), deployment()
    after.spec.strategy = {"type": "Recreate"}  # type: ignore[assignment]  # wire dicts are taken too
    after.spec.template.spec.volumes = [Volume(name="v", hostPath={"path": "/x"})]
    spec = StrategicMergePatch.diff(before, after).content["spec"]
    assert spec["strategy"] == {"type": "Recreate", "$retainKeys": ["type"]}
    assert spec["template"]["spec"]["volumes"] == [
        {"hostPath": {"path": "/x"}, "$retainKeys": ["hostPath", "name"], "name": "v"}
    ]


def test_strategic_diff_replaces_the_item_whose_list_has_a_merge_key_twice() -> None:
    before = Pod.from_dict({"spec": {"containers": [{"name": "c", "image": "i", "ports": [{"containerPort": 53}]}]}})
    after = before.copy()
    ports = [{"containerPort": 53, "protocol": "TCP"}, {"containerPort": 53, "protocol": "UDP"}]
    after.spec.containers[0].ports = [ContainerPort.from_dict(port) for port in ports]
    assert StrategicMergePatch.diff(before, after).content["spec"]["containers"] == [
        {"$patch": "delete", "name": "c"},
        {"name": "c", "image": "i", "ports": ports},
    ]


def test_strategic_diff_replaces_the_object_whose_list_has_a_merge_key_twice() -> None:
    before = Service.from_dict({"spec": {"type": "ClusterIP", "ports": [{"port": 53}]}})
    after = before.copy()
    after.spec.ports.append({"port": 53, "protocol": "UDP"})
    assert StrategicMergePatch.diff(before, after).content == {
        "spec": {"$patch": "replace", "type": "ClusterIP", "ports": [{"port": 53}, {"port": 53, "protocol": "UDP"}]}
    }
    again = after.copy()
    again.spec.ports[0].name = "dns"
    del again.spec.ports[1]
    assert StrategicMergePatch.diff(after, again).content["spec"] == {
        "ports": [{"port": 53, "name": "dns"}, {"$patch": "replace"}]
    }, "a list that has it twice no more is replaced by itself"


def test_strategic_diff_names_another_patch_where_only_the_document_could_be_replaced() -> None:
    before = ServiceAccount.from_dict({"secrets": [{"name": "a"}]})
    after = ServiceAccount.from_dict({"secrets": [{"name": "a"}, {"name": "a"}]})
    with pytest.raises(PatchError, match=r"cannot make secrets what it should be, because .*: use JsonPatch\.diff"):
        StrategicMergePatch.diff(before, after)


def test_strategic_diff_of_primitives_and_atomic_lists() -> None:
    before, after = deployment(), deployment()
    before.metadata.finalizers = ["a", "b"]
    after.metadata.finalizers = ["b", "c"]
    after.spec.template.spec.containers[1].args = ["-q"]
    content = StrategicMergePatch.diff(before, after).content
    assert content["metadata"] == {
        "finalizers": ["c"],
        "$deleteFromPrimitiveList/finalizers": ["a"],
        "$setElementOrder/finalizers": ["b", "c"],
    }
    assert content["spec"]["template"]["spec"]["containers"] == [{"args": ["-q"], "name": "b"}]


def test_strategic_diff_refuses_lists_that_the_class_does_not_know() -> None:
    before = Deployment.from_dict({"spec": {"newer": [{"name": "a"}], "deep": {"x": 1}}})
    after = Deployment.from_dict({"spec": {"newer": [], "deep": {"x": 2}}})
    with pytest.raises(PatchError, match=r"spec\.newer"):
        StrategicMergePatch.diff(before, after)
    after = Deployment.from_dict({"spec": {"newer": [{"name": "a"}], "deep": {"x": 2}}})
    assert StrategicMergePatch.diff(before, after).content == {"spec": {"deep": {"x": 2}}}


def test_strategic_diff_needs_a_class() -> None:
    with pytest.raises(PatchError, match="from_dict"):
        StrategicMergePatch.diff({"a": 1}, {"a": 2})


# -- the differences, applied by the embedded server

_LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.floats(-2, 2), st.text("ab/~", max_size=2))
_KEYS = st.sampled_from(["a", "b", "c", "a/b", "~", ""])
_JSON = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_KEYS, inner, max_size=3)),
    max_leaves=12,
)
_OBJECTS = st.dictionaries(_KEYS, _JSON, max_size=4)


def without_nulls(value: Any) -> Any:
    """What a merge patch can say: objects without null fields; lists verbatim."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return value


@given(_OBJECTS, _OBJECTS)
def test_json_diff_is_exact(before: dict[str, Any], after: dict[str, Any]) -> None:
    original = copy.deepcopy(before)
    patched = apply_json_patch(before, JsonPatch.diff(before, after).content)
    assert repr(sorted_keys(patched)) == repr(sorted_keys(after))
    assert before == original


@given(_OBJECTS, _OBJECTS)
def test_merge_diff_is_exact_but_for_nulls(before: dict[str, Any], after: dict[str, Any]) -> None:
    before, after = without_nulls(before), without_nulls(after)
    patched = merge_patch(before, MergePatch.diff(before, after).content)
    assert repr(sorted_keys(without_nulls(patched))) == repr(sorted_keys(after))


def sorted_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: sorted_keys(value[key]) for key in sorted(value)}
    return [sorted_keys(item) for item in value] if isinstance(value, list) else value


_ENV = st.lists(st.sampled_from("XYZ"), max_size=4).flatmap(
    lambda names: st.tuples(
        *[st.fixed_dictionaries({"name": st.just(n), "value": st.sampled_from("12")}) for n in names]
    )
)
_PORTS = st.lists(
    st.fixed_dictionaries({"containerPort": st.integers(1, 2), "protocol": st.sampled_from(["TCP", "UDP"])}), max_size=3
)
_CONTAINERS = st.lists(st.sampled_from("abc"), unique=True, min_size=1, max_size=3).flatmap(
    lambda names: st.tuples(
        *[
            st.fixed_dictionaries(
                {"name": st.just(name)},
                optional={
                    "image": st.sampled_from("12"),
                    "env": _ENV.map(list),
                    "ports": _PORTS,
                    "args": st.lists(st.sampled_from("pq"), max_size=2),
                },
            )
            for name in names
        ]
    )
)
_VOLUMES = st.lists(st.sampled_from("vw"), unique=True, max_size=2).flatmap(
    lambda names: st.tuples(
        *[st.sampled_from([{"name": n, "emptyDir": {}}, {"name": n, "hostPath": {"path": "/"}}]) for n in names]
    )
)
_PODS = st.fixed_dictionaries(
    {"spec": st.fixed_dictionaries({"containers": _CONTAINERS.map(list)}, optional={"volumes": _VOLUMES.map(list)})},
    optional={
        "metadata": st.fixed_dictionaries(
            {"labels": st.dictionaries(st.sampled_from("kl"), st.sampled_from("12"), max_size=2)},
            optional={"finalizers": st.lists(st.sampled_from("fgh"), unique=True, max_size=3)},
        )
    },
)


@given(_PODS, _PODS)
def test_strategic_diff_turns_one_pod_into_another(before: dict[str, Any], after: dict[str, Any]) -> None:
    patch = StrategicMergePatch.diff(Pod.from_dict(before), Pod.from_dict(after)).content
    patched = strategic_merge(copy.deepcopy(before), patch, shape_of_model(Pod))
    assert normal(patched) == normal(after)


def normal(pod: dict[str, Any]) -> dict[str, Any]:
    """Empty lists and objects that a merge may leave behind mean the same as nothing."""
    if isinstance(pod, dict):
        cleaned = {key: normal(value) for key, value in pod.items() if key not in ("apiVersion", "kind")}
        return {key: value for key, value in cleaned.items() if value or key == "emptyDir"}
    return [normal(item) for item in pod] if isinstance(pod, list) else pod
