# SPDX-License-Identifier: Apache-2.0
"""Patching and applying: protocol C26-C30, E2, E14, J18 as a client sees it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from scripted_server import ScriptedServer, reply, status_body

from k8s_core.errors import (
    ApplyConflict,
    ApplyWarning,
    Conflict,
    Invalid,
    NotFound,
    PatchError,
    RequestError,
    UnsupportedMediaType,
)
from k8s_core.meta import ObjectMeta
from k8s_core.model import Resource
from k8s_core.patches import ApplyPatch, JsonPatch, MergePatch, StrategicMergePatch
from k8s_plugins_builtin.apps.v1 import Deployment
from k8s_plugins_builtin.core.v1 import ConfigMap, Secret

if TYPE_CHECKING:
    from conftest import Connect
    from k8s_core.client import Client


def web(image: str = "i:1", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"a": "b"}},
            "template": {
                "metadata": {"labels": {"a": "b"}},
                "spec": {"containers": [{"name": "c", "image": image}, {"name": "d", "image": "d"}]},
            },
            **spec,
        },
    }


def crontab(client: Client) -> Any:
    """A kind without a plugin, served by the embedded server from now on."""
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {
            "openAPIV3Schema": {
                "type": "object",
                "properties": {"spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
            }
        },
    }
    names = {"plural": "gadgets", "singular": "gadget", "kind": "Gadget", "shortNames": ["gd"]}
    client.apply(
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": "gadgets.test.example"},
            "spec": {"group": "test.example", "scope": "Namespaced", "names": names, "versions": [version]},
        },
        field_manager="test",
    )
    return client.resource("gadgets.test.example")


def test_C26_each_kind_of_patch_changes_the_object(client: Client) -> None:
    client.create(web())
    assert client.patch(Deployment, "web", MergePatch({"spec": {"replicas": 2}})).spec.replicas == 2
    operations = [{"op": "replace", "path": "/spec/replicas", "value": 3}]
    assert client.patch(Deployment, "web", JsonPatch(operations)).spec.replicas == 3
    strategic = StrategicMergePatch({"spec": {"template": {"spec": {"containers": [{"name": "d", "image": "d:2"}]}}}})
    patched = client.patch(Deployment, "web", strategic)
    assert [container.image for container in patched.spec.template.spec.containers] == ["i:1", "d:2"]
    merged = MergePatch({"spec": {"template": {"spec": {"containers": [{"name": "d", "image": "d:3"}]}}}})
    assert len(client.patch("deploy", "web", merged).spec.template.spec.containers) == 1


def test_C26_content_types_on_the_wire(connect: Connect) -> None:
    patches = [JsonPatch([]), MergePatch({}), StrategicMergePatch({})]
    with ScriptedServer(default=reply(200, b'{"kind":"ConfigMap","apiVersion":"v1"}')) as server:
        client = connect(server)
        for patch in patches:
            client.patch(ConfigMap, "x", patch)
    assert [request.header("Content-Type") for request in server.requests] == [p.content_type for p in patches]
    assert {(request.method, request.path) for request in server.requests} == {
        ("PATCH", "/api/v1/namespaces/default/configmaps/x")
    }


def test_C26_a_strategic_patch_is_refused_before_sending_unless_the_class_declares_it(connect: Connect) -> None:
    class Gadget(Resource, group="test.example", version="v1", plural="gadgets"):
        pass

    class Gauge(Resource, group="metrics.example", version="v1", plural="gauges", strategic_merge=True):
        pass

    patch = StrategicMergePatch({"spec": {"n": 2}})
    with ScriptedServer(default=reply(200, b'{"kind":"Gauge","apiVersion":"metrics.example/v1"}')) as server:
        client = connect(server)
        with pytest.raises(PatchError, match=r"custom resources.*MergePatch.*allow_custom=True"):
            client.patch(Gadget, "g", patch)
        assert server.requests == []
        client.patch(Gauge, "g", patch)
        client.patch(Gadget, "g", StrategicMergePatch({"spec": {"n": 2}}, allow_custom=True))
        assert [request.method for request in server.requests] == ["PATCH", "PATCH"]


def test_C26_of_a_kind_without_a_class_the_server_decides_about_strategic_patches(client: Client) -> None:
    gadgets = crontab(client)
    obj = client.create(gadgets(metadata=ObjectMeta(name="g"), spec={"n": 1}))
    with pytest.raises(UnsupportedMediaType) as caught:
        client.patch(obj, patch=StrategicMergePatch({"spec": {"n": 2}}))
    assert "takes no strategic merge patches of Gadget: use MergePatch" in caught.value.__notes__[0]
    assert client.patch(obj, patch=MergePatch({"spec": {"n": 2}})).spec.n == 2


@pytest.mark.parametrize("patch", [{"spec": {}}, [{"op": "remove", "path": "/x"}], None, "x"])
def test_a_patch_says_which_kind_it_is(connect: Connect, patch: Any) -> None:
    with ScriptedServer() as server, pytest.raises(PatchError, match=r"MergePatch|JsonPatch"):
        connect(server).patch(ConfigMap, "x", patch)
    assert server.requests == []


def test_a_patch_needs_an_object(connect: Connect) -> None:
    with ScriptedServer() as server:
        client = connect(server)
        with pytest.raises(RequestError, match="the name of the ConfigMap is missing: give name="):
            client.patch(ConfigMap, patch=MergePatch({}))
        with pytest.raises(RequestError, match="an object has its own"):
            client.patch(ConfigMap(metadata=ObjectMeta(name="x")), "y", MergePatch({}))  # type: ignore[call-overload]  # wrong on purpose
        with pytest.raises(PatchError, match="force"):
            client.patch(ConfigMap, "x", MergePatch({}), force=True)
    assert server.requests == []


def test_C27_a_json_patch_that_does_not_fit(client: Client) -> None:
    client.create(web())
    with pytest.raises(Invalid):
        client.patch(Deployment, "web", JsonPatch([{"op": "test", "path": "/spec/replicas", "value": 7}]))
    with pytest.raises(Invalid):
        client.patch(Deployment, "web", JsonPatch([{"op": "remove", "path": "/spec/nothing"}]))
    with pytest.raises(NotFound):
        client.patch(Deployment, "other", MergePatch({}))


def test_C27_the_difference_of_two_objects_with_optimistic_locking(client: Client) -> None:
    before = client.create(web())
    for kind in (JsonPatch, MergePatch, StrategicMergePatch):
        before = client.get(Deployment, "web")
        after = before.copy()
        after.spec.replicas = (after.spec.replicas or 0) + 1
        patch = kind.diff(before, after, optimistic=True)
        assert client.patch(after, patch=patch).spec.replicas == after.spec.replicas
        with pytest.raises(Conflict):
            client.patch(after, patch=patch)


def test_E2_null_removes_in_a_merge_patch(client: Client) -> None:
    client.create(ConfigMap(metadata=ObjectMeta(name="x", labels={"a": "1", "b": "2"})))
    patched = client.patch(ConfigMap, "x", MergePatch({"metadata": {"labels": {"a": None}}}))
    assert patched.metadata.labels == {"b": "2"}


def test_C28_apply_creates_and_changes(client: Client) -> None:
    created = client.apply(web(), field_manager="deployer")
    assert isinstance(created, Deployment)
    changed = client.apply(web(replicas=4), field_manager="deployer")
    assert changed.spec.replicas == 4
    assert changed.metadata.uid == created.metadata.uid
    [owner] = changed.owners["spec.replicas"]
    assert (owner.manager, owner.operation, owner.api_version) == ("deployer", "Apply", "apps/v1")
    without = web()
    del without["spec"]["replicas"]
    assert "spec.replicas" not in client.apply(without, field_manager="deployer").owners


def test_C28_what_an_apply_needs(connect: Connect) -> None:
    with ScriptedServer(default=reply(201, b'{"kind":"ConfigMap","apiVersion":"v1"}')) as server:
        client = connect(server)
        with pytest.raises(PatchError, match=r"metadata\.name"):
            client.apply(ConfigMap(data={"a": "b"}), field_manager="m")
        with pytest.raises(RequestError, match="field_manager"):
            client.apply(ConfigMap(metadata=ObjectMeta(name="x")), field_manager="")
        with pytest.raises(RequestError, match="field_manager"):
            client.patch(ConfigMap, "x", ApplyPatch(ConfigMap(metadata=ObjectMeta(name="x"))))
        assert server.requests == []
        obj = ConfigMap.from_dict({"metadata": {"name": "x", "managedFields": [{"manager": "m"}]}})
        with pytest.warns(ApplyWarning):
            client.apply(obj, field_manager="m", force=True)
    [request] = server.requests
    assert request.header("Content-Type") == "application/apply-patch+yaml"
    assert json.loads(request.body) == {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}
    query = dict(request.query)
    assert (query["fieldManager"], query["force"]) == ("m", "true")


def test_C29_a_conflict_lists_field_owner_and_both_values(client: Client) -> None:
    client.apply(web(image="i:1"), field_manager="one")
    mine = web(image="i:2", replicas=5)
    with pytest.raises(ApplyConflict) as caught:
        client.apply(mine, field_manager="two")
    conflicts = {entry["field"]: entry for entry in caught.value.conflicts}
    replicas = conflicts[".spec.replicas"]
    assert (replicas["manager"], replicas["live"], replicas["applied"]) == ("one", 1, 5)
    image = conflicts['.spec.template.spec.containers[name="c"].image']
    assert (image["manager"], image["live"], image["applied"]) == ("one", "i:1", "i:2")
    [note] = caught.value.__notes__
    assert ".spec.replicas: owned by one, live value 1, yours 5" in note
    forced = client.apply(mine, field_manager="two", force=True)
    assert forced.owners["spec.replicas"][0].manager == "two"


def test_C29_values_of_secrets_stay_out_of_the_text(client: Client) -> None:
    def secret(value: str) -> Secret:
        return Secret(metadata=ObjectMeta(name="s"), data={"k": value.encode()})

    client.apply(secret("first"), field_manager="one")
    with pytest.raises(ApplyConflict) as caught:
        client.apply(secret("second"), field_manager="two")
    text = "".join([str(caught.value), *caught.value.__notes__])
    assert ".data.k: owned by one" in text
    assert secret("first").to_dict()["data"]["k"] not in text
    assert secret("second").to_dict()["data"]["k"] not in text


def test_C29_values_of_kinds_without_a_class_stay_out_of_the_text(client: Client) -> None:
    crontab(client)

    def gadget(value: str) -> dict[str, Any]:
        document = {"apiVersion": "test.example/v1", "kind": "Gadget", "metadata": {"name": "g"}}
        return document | {"spec": {"key": value, "size": len(value)}}

    client.apply(gadget("hunter2"), field_manager="one")
    with pytest.raises(ApplyConflict) as caught:
        client.apply(gadget("tiger"), field_manager="two")
    assert [(entry["live"], entry["applied"]) for entry in caught.value.conflicts] == [("hunter2", "tiger"), (7, 5)]
    [note] = caught.value.__notes__
    assert ".spec.key: owned by one, live value '***', yours '***'" in note
    assert ".spec.size: owned by one, live value 7, yours 5" in note


def test_C29_a_conflict_is_complete_without_the_live_object(connect: Connect) -> None:
    cause = {"reason": "FieldManagerConflict", "field": ".data.a", "message": 'conflict with "other" using v1'}
    conflict = reply(409, status_body(409, "Conflict", "Apply failed with 1 conflict", causes=[cause]))
    with (
        ScriptedServer(conflict, reply(403, status_body(403, "Forbidden"))) as server,
        pytest.raises(ApplyConflict) as caught,
    ):
        connect(server).apply(ConfigMap(metadata=ObjectMeta(name="x"), data={"a": "1"}), field_manager="m")
    [entry] = caught.value.conflicts
    assert (entry["manager"], entry["applied"], "live" in entry) == ("other", "1", False)


def test_apply_to_the_status(client: Client) -> None:
    client.create(web())
    status = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "status": {"observedGeneration": 7},
    }
    applied = client.apply(status, field_manager="controller", subresource="status")
    assert applied.status.observedGeneration == 7
    assert [owner.subresource for owner in applied.owners["status.observedGeneration"]] == ["status"]


def test_dry_run_of_patches(client: Client) -> None:
    client.create(web())
    assert client.patch(Deployment, "web", MergePatch({"spec": {"replicas": 9}}), dry_run=True).spec.replicas == 9
    assert client.apply(web(replicas=8), field_manager="m", dry_run=True, force=True).spec.replicas == 8
    assert client.get(Deployment, "web").spec.replicas == 1
