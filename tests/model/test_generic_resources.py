# SPDX-License-Identifier: Apache-2.0
"""Objects of kinds without a class, and the metadata that all share."""

from __future__ import annotations

import pickle

from k8s_core.kinds import APIResource
from k8s_core.meta import ObjectMeta, OwnerReference, generic_resource
from k8s_core.model import model_fields


def test_generic_resources_read_and_write_as_attributes_and_items() -> None:
    foo = generic_resource(APIResource("a.example", "v1", "Foo", "foos"))
    assert foo is generic_resource(APIResource("a.example", "v1", "Foo", "foos"))
    obj = foo.from_dict({"metadata": {"name": "n"}, "spec": {"items": [{"a": 1}], "deep": {"x": None}}})
    assert obj.spec["items"][0].a == 1
    assert obj.spec.deep.nothing is None
    assert obj.spec.get("nope", 3) == 3
    obj.spec.deep.y = {"z": [1]}
    obj.status.phase = "Ready"
    obj.extra = "top"
    obj.spec.deep.x = None
    del obj.spec["items"]
    assert obj.to_dict() == {
        "apiVersion": "a.example/v1",
        "kind": "Foo",
        "metadata": {"name": "n"},
        "spec": {"deep": {"y": {"z": [1]}}},
        "status": {"phase": "Ready"},
        "extra": "top",
    }
    assert pickle.loads(pickle.dumps(obj)) == obj
    assert foo(metadata=ObjectMeta(name="m"), spec={"a": 1}).spec.a == 1


def test_meta_lists_merge_as_the_api_says() -> None:
    meta = ObjectMeta(ownerReferences=[OwnerReference(apiVersion="v1", kind="Pod", name="p", uid="u")])
    assert meta.ownerReferences[0].uid == "u"
    spec = model_fields(ObjectMeta)["ownerReferences"]
    assert (spec.list_type, spec.list_map_keys, spec.patch_merge_key) == ("map", ("uid",), "uid")
