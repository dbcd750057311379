# SPDX-License-Identifier: Apache-2.0
"""Every built-in kind on the embedded server: each verb that the kind has, and back as it went."""

from __future__ import annotations

import random
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from model_documents import MAX_DEPTH, document_of
from signing_requests import signing_request
from waiting import eventually

from k8s_core.errors import NotFound
from k8s_core.meta import ObjectMeta
from k8s_core.patches import MergePatch
from k8s_core.registry import Registry
from k8s_devkit import ApiServer
from k8s_plugins_builtin.apps.v1 import Deployment
from k8s_plugins_builtin.authentication.v1 import TokenRequest, TokenRequestSpec
from k8s_plugins_builtin.autoscaling.v1 import Scale
from k8s_plugins_builtin.core.v1 import Binding, ObjectReference, Pod, ServiceAccount
from k8s_plugins_builtin.policy.v1 import Eviction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_core.client import Client
    from k8s_core.kinds import GroupVersionKind
    from k8s_core.model import Resource
    from k8s_core.watch import WatchEvent

REGISTRY = Registry()
KINDS = [
    gvk
    for gvk in REGISTRY.kinds()
    if REGISTRY.get(gvk.api_version, gvk.kind).__module__.startswith("k8s_plugins_builtin")
]
STORED = [gvk for gvk in KINDS if "update" in REGISTRY.get(gvk.api_version, gvk.kind).api_resource.verbs]


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with ApiServer() as server, server.client() as made:
        yield made


def name_of(gvk: GroupVersionKind) -> str:
    return f"{gvk.kind}.{gvk.version}.{gvk.group}".rstrip(".")


LABELS = {"made-by": "test"}
POD_SPEC = {"containers": [{"name": "c", "image": "i"}], "restartPolicy": "Never"}
JOB_SPEC = {"template": {"spec": POD_SPEC}}
WORKLOAD: dict[str, Any] = {
    "selector": {"matchLabels": LABELS},
    "template": {"metadata": {"labels": LABELS}, "spec": {**POD_SPEC, "restartPolicy": "Always"}},
}
CRD = {
    "group": "example.org",
    "scope": "Namespaced",
    "names": {"plural": "samples", "kind": "Sample"},
    "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}}],
}
CLAIM_SPEC: dict[str, Any] = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
TEMPLATE = WORKLOAD["template"]

PARTS: dict[str, dict[str, Any]] = {
    "APIService": {"spec": {"group": "sample.org", "version": "v1", "groupPriorityMinimum": 1, "versionPriority": 1}},
    "CSINode": {"spec": {"drivers": [{"name": "d.example.org", "nodeID": "n"}]}},
    "CertificateSigningRequest": {
        "spec": {"request": signing_request("sample"), "signerName": "example.org/signer", "usages": ["client auth"]}
    },
    "ClusterRoleBinding": {"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "r"}},
    "ControllerRevision": {"data": {"spec": {}}},
    "CronJob": {"spec": {"schedule": "* * * * *", "jobTemplate": {"spec": JOB_SPEC}}},
    "CustomResourceDefinition": {"spec": CRD},
    "DaemonSet": {"spec": WORKLOAD},
    "Deployment": {"spec": WORKLOAD},
    "FlowSchema": {"spec": {"priorityLevelConfiguration": {"name": "workload-low"}}},
    "HorizontalPodAutoscaler": {
        "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}, "maxReplicas": 3}
    },
    "Ingress": {"spec": {"defaultBackend": {"service": {"name": "s", "port": {"number": 80}}}}},
    "IngressClass": {"spec": {"controller": "example.org/controller"}},
    "Job": {"spec": JOB_SPEC},
    "LimitRange": {"spec": {"limits": [{"type": "Pod", "max": {"cpu": "1"}}]}},
    "PersistentVolume": {
        "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/data"}}
    },
    "PersistentVolumeClaim": {"spec": CLAIM_SPEC},
    "Pod": {"spec": POD_SPEC},
    "PodTemplate": {"template": TEMPLATE},
    "PriorityLevelConfiguration": {"spec": {"type": "Limited", "limited": {"limitResponse": {"type": "Reject"}}}},
    "ReplicaSet": {"spec": WORKLOAD},
    "ReplicationController": {"spec": {"template": TEMPLATE}},
    "RoleBinding": {"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"}},
    "Service": {"spec": {"ports": [{"port": 80}]}},
    "StatefulSet": {"spec": {**WORKLOAD, "serviceName": "sample"}},
    "ValidatingAdmissionPolicyBinding": {"spec": {"policyName": "p", "validationActions": ["Deny"]}},
    "VolumeAttachment": {
        "spec": {"attacher": "a.example.org", "nodeName": "n", "source": {"persistentVolumeName": "v"}}
    },
    "VolumeAttributesClass": {"driverName": "d.example.org", "parameters": {"a": "b"}},
}
"""Parts of the kinds of which the server asks more than their schemas say; the others get their required fields."""
EVENT = {
    "action": "Testing",
    "eventTime": "2020-01-01T00:00:00.000000Z",
    "reason": "Tested",
    "regarding": {"kind": "Pod", "name": "p", "namespace": "default"},
    "reportingController": "example.org/tester",
    "reportingInstance": "tester-0",
    "type": "Normal",
}
"""An Event of events.k8s.io, of which the server asks more than of a core one."""


NAMES = {"APIService": "v1.sample.org", "CustomResourceDefinition": "samples.example.org"}


class Last(random.Random):
    """Takes the last choice, which is no empty text."""

    def choice(self, seq: Any) -> Any:
        return seq[-1]


def sample(cls: type[Resource]) -> Resource:
    document = document_of(cls, Last(), depth=MAX_DEPTH)
    name = NAMES.get(cls.__name__, "sample")
    document["metadata"] = {"name": name, "labels": LABELS}
    if cls.api_resource.namespaced:
        document["metadata"]["namespace"] = "default"
    document.update(EVENT if cls.api_resource.group == "events.k8s.io" else PARTS.get(cls.__name__, {}))
    return cls.from_dict(document)


# The server says so on every request.
DEPRECATED = pytest.mark.filterwarnings("ignore:v1 (Endpoints|ComponentStatus) is deprecated")

REVIEWS: list[tuple[str, str, dict[str, Any]]] = [
    ("authentication.k8s.io/v1", "SelfSubjectReview", {}),
    ("authentication.k8s.io/v1", "TokenReview", {"token": "abc"}),
    (
        "authorization.k8s.io/v1",
        "LocalSubjectAccessReview",
        {"user": "u", "resourceAttributes": {"namespace": "default"}},
    ),
    ("authorization.k8s.io/v1", "SelfSubjectAccessReview", {"resourceAttributes": {"verb": "get", "resource": "pods"}}),
    ("authorization.k8s.io/v1", "SelfSubjectRulesReview", {"namespace": "default"}),
    (
        "authorization.k8s.io/v1",
        "SubjectAccessReview",
        {"user": "u", "nonResourceAttributes": {"path": "/", "verb": "get"}},
    ),
]


def test_the_kinds_that_are_not_stored_are_all_here() -> None:
    classes = {gvk: REGISTRY.get(gvk.api_version, gvk.kind).api_resource for gvk in KINDS}
    only_created = {str(gvk) for gvk, resource in classes.items() if resource.verbs == ("create",)}
    assert only_created == {f"{api_version} {kind}" for api_version, kind, _ in REVIEWS} | {"v1 Binding"}
    assert {gvk.kind for gvk, resource in classes.items() if resource.verbs == ("get", "list")} == {"ComponentStatus"}


@pytest.mark.parametrize(("api_version", "kind", "spec"), REVIEWS, ids=[kind for _, kind, _ in REVIEWS])
def test_a_review_is_answered(api_version: str, kind: str, spec: dict[str, Any], client: Client) -> None:
    cls: Any = REGISTRY.get(api_version, kind)
    document: dict[str, Any] = {"spec": spec} if spec else {}
    if cls.api_resource.namespaced:
        document["metadata"] = {"namespace": "default"}
    answer = client.create(cls.from_dict(document))
    assert isinstance(answer, cls)
    assert answer.status


@DEPRECATED
def test_component_statuses_are_listed(client: Client) -> None:
    assert isinstance(client.list(REGISTRY.get("v1", "ComponentStatus")), list)


def test_the_scale_of_a_deployment(client: Client) -> None:
    client.create(Deployment.from_dict({"metadata": {"name": "scaled", "namespace": "default"}, "spec": WORKLOAD}))
    assert isinstance(client.get(Deployment, "scaled", namespace="default", subresource="scale"), Scale)
    deployment = client.get(Deployment, "scaled", namespace="default")
    assert isinstance(deployment.scale(5, client=client), Scale)
    assert deployment.spec.replicas == 1
    assert client.get(Deployment, "scaled", namespace="default").spec.replicas == 5
    client.delete(Deployment, "scaled", namespace="default")
    with pytest.raises(NotFound):
        deployment.scale(1, client=client)


def test_subresources_with_kinds_of_their_own(client: Client) -> None:
    pod = client.create(Pod.from_dict({"metadata": {"name": "p", "namespace": "default"}, "spec": POD_SPEC}))
    binding = Binding(metadata=ObjectMeta(name="p"), target=ObjectReference(kind="Node", name="n1"))
    client.create_subresource(pod, subresource="binding", body=binding)
    assert client.get(Pod, "p", namespace="default").spec.nodeName == "n1"
    client.create_subresource(pod, subresource="eviction", body=Eviction(metadata=ObjectMeta(name="p")))
    account = client.create(ServiceAccount.from_dict({"metadata": {"name": "robot", "namespace": "default"}}))
    asked = TokenRequest(spec=TokenRequestSpec(audiences=["api"], expirationSeconds=600))
    answer = client.create_subresource(account, subresource="token", body=asked)
    assert isinstance(answer, TokenRequest)
    assert answer.status.token
    assert answer.status.token not in repr(answer)
    client.delete(account)


@DEPRECATED
@pytest.mark.parametrize("gvk", STORED, ids=name_of)
def test_a_stored_kind_round_trips_through_all_its_verbs(gvk: GroupVersionKind, client: Client) -> None:
    cls: Any = REGISTRY.get(gvk.api_version, gvk.kind)
    obj = sample(cls)
    name, namespace = obj.metadata.name, obj.metadata.namespace
    created = client.create(obj)
    if gvk.kind == "CustomResourceDefinition":
        created = settled(client, cls, name)
    got = client.get(cls, name, namespace=namespace)
    assert got == created
    listed = client.list(cls, namespace=namespace, labels="made-by=test")
    assert list(listed) == [created]
    with closing(client.watch(cls, namespace=namespace, labels="made-by=test")) as events:
        assert seen(next(events)) == ("ADDED", created)
        got.metadata.annotations["changed"] = "yes"
        replaced = client.replace(got)
        assert replaced.metadata.annotations["changed"] == "yes"
        assert seen(next(events)) == ("MODIFIED", replaced)
        patch = MergePatch({"metadata": {"labels": {"patched": "yes"}}})
        patched = client.patch(cls, name, patch, namespace=namespace)
        assert patched.metadata.labels["patched"] == "yes"
        assert seen(next(events)) == ("MODIFIED", patched)
        # Statuses are the controllers' to write.
        assert [path for path in patched.validate() if not path.startswith("status.")] == []
        client.delete(cls, name, namespace=namespace, grace_period_seconds=0, propagation_policy="Background")
        wait_until_gone(client, cls, name, namespace)
        deleted = next(event.object for event in events if event.type == "DELETED")
    assert deleted.metadata.uid == created.metadata.uid


def settled(client: Client, cls: Any, name: str) -> Any:
    """A CustomResourceDefinition whose status the server has written, which it does in two steps of its own."""
    with closing(client.watch(cls, fields=f"metadata.name={name}")) as events:
        return next(event.object for event in events if event.object.is_ready())


def seen(event: WatchEvent[Any]) -> tuple[str, Any]:
    return event.type, event.object


def wait_until_gone(client: Client, cls: type[Resource], name: str, namespace: str | None) -> None:
    """Finalizers may take a moment: those of namespaces and of CustomResourceDefinitions."""

    def gone() -> bool:
        try:
            client.get(cls, name, namespace=namespace)
        except NotFound:
            return True
        return False

    eventually(gone, f"the end of {name}")
