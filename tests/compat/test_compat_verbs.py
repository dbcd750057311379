# SPDX-License-Identifier: Apache-2.0
"""The verbs, selectors, lists and errors of ``k8s.base`` and ``k8s.client``, on the embedded API server."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pytest
from scripted_server import ScriptedServer, reply

from k8s import switches
from k8s.base import Equality, Exists, In, Inequality, ListMeta, Model, ModelList, NotIn
from k8s.client import Client, ClientError, K8sClientException, NotFound, ServerError
from k8s.fields import Field
from k8s.models.apiextensions_v1_custom_resource_definition import CustomResourceDefinition
from k8s.models.common import DeleteOptions, ObjectMeta
from k8s.models.configmap import ConfigMap
from k8s.models.deployment import Deployment, DeploymentSpec, LabelSelector
from k8s.models.namespace import Namespace
from k8s.models.pod import Container, PodSpec, PodTemplateSpec
from k8s.models.secret import Secret
from k8s.models.service import Service, ServicePort, ServiceSpec
from k8s_core import Informer, config, errors
from k8s_plugins_builtin.apps.v1 import Deployment as CoreDeployment

if TYPE_CHECKING:
    from k8s_devkit import ApiServer


def configmap(namespace: str, name: str = "a", labels: Any = None, **data: str) -> Any:
    made = ConfigMap(metadata=ObjectMeta(name=name, namespace=namespace, labels=labels), data=data)
    made.save()
    return made


def deployment(namespace: str, name: str = "web") -> Any:
    metadata = ObjectMeta(name=name, namespace=namespace, labels={"app": name})
    template = PodTemplateSpec(metadata=metadata, spec=PodSpec(containers=[Container(name="c", image="i:1")]))
    selector = LabelSelector(matchLabels={"app": name})
    return Deployment(metadata=metadata, spec=DeploymentSpec(template=template, selector=selector))


def names(found: Any) -> list[str]:
    return sorted(item.metadata.name for item in found)


# --- reading and writing -----------------------------------------------------------------------------------------


def test_save_creates_and_takes_over_what_the_server_made_of_it(namespace: str) -> None:
    made = deployment(namespace)
    made.save()
    assert made.metadata.uid
    assert made.spec.strategy.type == "RollingUpdate"
    assert Deployment.get("web", namespace) == made


def test_save_replaces_what_was_read(namespace: str) -> None:
    deployment(namespace).save()
    read = Deployment.get("web", namespace)
    read.spec.replicas = 2
    read.save()
    assert Deployment.get("web", namespace).spec.replicas == 2


def test_save_replaces_what_from_dict_says_is_there(namespace: str) -> None:
    configmap(namespace, colour="blue")
    known = ConfigMap.from_dict({"metadata": {"name": "a", "namespace": namespace}, "data": {"colour": "red"}})
    known.save()
    assert known.metadata.uid
    assert ConfigMap.get("a", namespace).data == {"colour": "red"}


def test_a_copy_that_is_new_is_created_beside_the_first(namespace: str) -> None:
    first = configmap(namespace, colour="blue")
    second = ConfigMap(new=True, metadata=first.metadata, data=first.data)
    second.metadata.name = "b"
    second.save()
    assert names(ConfigMap.list(namespace)) == ["a", "b"]


def test_a_service_keeps_the_address_that_the_server_gave(namespace: str) -> None:
    spec = ServiceSpec(ports=[ServicePort(port=80, targetPort="http")], selector={"app": "web"})
    made = Service(metadata=ObjectMeta(name="web", namespace=namespace), spec=spec)
    made.save()
    address = made.spec.clusterIP
    made.spec.clusterIP = "10.1.1.1"
    made.save()
    assert Service.get("web", namespace).spec.clusterIP == address


def test_fields_that_no_class_knows_go_back_to_the_server_as_they_came(api: ApiServer, namespace: str) -> None:
    made = deployment(namespace)
    made.save()
    with api.client() as client:
        document = client.get(CoreDeployment, "web", namespace=namespace).to_dict()
        document["spec"]["template"]["spec"]["containers"][0]["workingDir"] = "/w"
        document["metadata"]["annotations"] = {"a": "b"}
        client.replace(document)
        read = Deployment.get("web", namespace)
        read.spec.replicas = 5
        read.save()
        after = client.get(CoreDeployment, "web", namespace=namespace)
    assert (after.spec.template.spec.containers[0].workingDir, after.metadata.annotations) == ("/w", {"a": "b"})


def test_save_status_changes_the_status_alone(namespace: str) -> None:
    made = deployment(namespace)
    made.save()
    made.status.replicas = 3
    made.spec.replicas = 9
    made.save_status()
    read = Deployment.get("web", namespace)
    assert (read.status.replicas, read.spec.replicas) == (3, 1)


def test_a_kind_without_namespaces_is_sent_without_one(namespace: str) -> None:
    made = Namespace(metadata=ObjectMeta(name=f"{namespace}-other"))
    made.save()
    assert "namespace" not in made.to_dict()["metadata"]
    assert Namespace.get(f"{namespace}-other").metadata.uid == made.metadata.uid


def test_get_or_create_by_name_reads_or_makes(namespace: str) -> None:
    made = ConfigMap.get_or_create("a", namespace)
    assert made.metadata.uid is None
    made.data = {"colour": "blue"}
    made.save()
    again = ConfigMap.get_or_create("a", namespace)
    assert (again.metadata.uid, again.data) == (made.metadata.uid, {"colour": "blue"})


def test_get_or_create_sets_the_fields_that_are_given(namespace: str) -> None:
    first = configmap(namespace, labels={"old": "1"}, colour="blue")
    first.metadata.finalizers = ["example.com/keep"]
    first.save()
    metadata = ObjectMeta(name="a", namespace=namespace, labels={"new": "1"})
    again = ConfigMap.get_or_create(metadata=metadata, data={"colour": "red"})
    assert (again.metadata.uid, again.data, again.metadata.labels) == (
        first.metadata.uid,
        {"colour": "red"},
        {"new": "1"},
    )
    assert again.metadata.finalizers == ["example.com/keep"]
    again.save()


def test_get_or_create_keeps_what_only_the_server_sets_and_what_fiaas_k8s_does_not_know(namespace: str) -> None:
    metadata = ObjectMeta(name="web", namespace=namespace)
    first = Service(metadata=metadata, spec=ServiceSpec(ports=[ServicePort(port=80)], selector={"a": "b"}))
    first.spec.sessionAffinityConfig = {"clientIP": {"timeoutSeconds": 5}}
    first.spec.sessionAffinity = "ClientIP"
    first.save()
    again = Service.get_or_create(
        metadata=metadata, spec=ServiceSpec(ports=[ServicePort(port=81)], sessionAffinity="ClientIP")
    )
    again.save()
    read = Service.get("web", namespace)
    assert (read.spec.clusterIP, read.spec.ports[0].port, read.spec.selector) == (first.spec.clusterIP, 81, None)
    assert read.spec.sessionAffinityConfig.clientIP.timeoutSeconds == 5


# --- collections -------------------------------------------------------------------------------------------------


def test_list_is_of_a_namespace_or_of_all(namespace: str) -> None:
    configmap(namespace)
    assert names(ConfigMap.list(namespace)) == ["a"]
    assert isinstance(ConfigMap.list(namespace), list)
    assert "a" in names(ConfigMap.list(namespace=None))


def test_list_with_meta_has_the_metadata_of_the_list(namespace: str) -> None:
    configmap(namespace)
    found = ConfigMap.list_with_meta(namespace)
    assert isinstance(found, ModelList)
    assert isinstance(found.metadata, ListMeta)
    assert names(found.items) == ["a"]
    assert int(found.metadata.resourceVersion) > 0
    assert (found.metadata._continue, found.metadata.remainingItemCount) == (None, None)


def test_a_ModelList_can_be_made_of_a_document() -> None:
    document = {"metadata": {"resourceVersion": "7", "continue": "x"}, "items": [{"metadata": {"name": "q"}}]}
    found = ModelList.from_dict(ConfigMap, document)
    assert (found.metadata.resourceVersion, found.metadata._continue, names(found.items)) == ("7", "x", ["q"])


def test_find_looks_for_the_label_app(namespace: str) -> None:
    configmap(namespace, "a", {"app": "web"})
    configmap(namespace, "b", {"app": "db"})
    assert names(ConfigMap.find("web", namespace)) == ["a"]
    assert names(ConfigMap.find("web", namespace=None)) == ["a"]
    assert names(ConfigMap.find(namespace=namespace)) == []


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"app": "web"}, ["a"]),
        ({"app": Equality("web")}, ["a"]),
        ({"app": Inequality("web")}, ["b", "c"]),
        ({"app": In(["web", "db"])}, ["a", "b"]),
        ({"app": NotIn(["web"])}, ["b", "c"]),
        ({"app": Exists()}, ["a", "b"]),
        ([("app", Inequality("web")), ("app", Inequality("db"))], ["c"]),
    ],
)
def test_selectors(namespace: str, labels: Any, expected: list[str]) -> None:
    for name, own in (("a", {"app": "web"}), ("b", {"app": "db"}), ("c", {"other": "x"})):
        configmap(namespace, name, own)
    assert names(ConfigMap.find(labels=labels, namespace=namespace)) == expected


def test_delete_by_name_with_options_as_a_dict_or_a_model(namespace: str) -> None:
    for name, body in (("a", None), ("b", {"propagationPolicy": "Background"}), ("c", DeleteOptions(dryRun=["All"]))):
        configmap(namespace, name)
        ConfigMap.delete(name, namespace, body=body)
    assert names(ConfigMap.list(namespace)) == ["c"]


def test_an_object_deletes_itself(namespace: str) -> None:
    configmap(namespace).delete()
    assert ConfigMap.list(namespace) == []


def test_delete_list_by_labels(namespace: str) -> None:
    configmap(namespace, "a", {"foo": "bar"})
    configmap(namespace, "b", {"foo": "bar", "dog": "cat"})
    options = DeleteOptions(propagationPolicy="Foreground")
    ConfigMap.delete_list(namespace, {"foo": Equality("bar"), "dog": Inequality("cat")}, options)
    assert names(ConfigMap.list(namespace)) == ["b"]


# --- errors ------------------------------------------------------------------------------------------------------


def test_NotFound_is_that_of_both(namespace: str) -> None:
    with pytest.raises(NotFound) as caught:
        ConfigMap.get("nothing", namespace)
    error = caught.value
    assert isinstance(error, errors.NotFound)
    assert isinstance(error, K8sClientException)
    assert not isinstance(error, ClientError)
    assert (error.response.status_code, error.response.json()["reason"], error.response.ok) == (404, "NotFound", False)


def test_a_refusal_is_a_ClientError_and_the_error_of_its_reason(namespace: str) -> None:
    configmap(namespace)
    with pytest.raises(ClientError) as caught:
        ConfigMap(metadata=ObjectMeta(name="a", namespace=namespace)).save()
    assert isinstance(caught.value, errors.AlreadyExists)
    assert caught.value.response.status_code == 409
    again = pickle.loads(pickle.dumps(caught.value))
    assert isinstance(again, ClientError)
    assert isinstance(again, errors.AlreadyExists)


def test_a_failure_of_the_server_is_a_ServerError() -> None:
    with ScriptedServer(default=reply(500, b"broken")) as server:
        config.api_server = server.url
        with pytest.raises(ServerError) as caught:
            ConfigMap.get("a")
    assert (caught.value.response.status_code, isinstance(caught.value, errors.InternalError)) == (500, True)


def test_an_error_shows_no_secret(namespace: str) -> None:
    secret = Secret(metadata=ObjectMeta(name="A?", namespace=namespace), stringData={"password": "hunter2"})
    with pytest.raises(ClientError) as caught:
        Secret(metadata=ObjectMeta(name="a_b", namespace=namespace), stringData={"password": "hunter2"}).save()
    assert "hunter2" not in str(caught.value) + repr(getattr(caught.value, "__notes__", []))
    assert "hunter2" not in repr(secret)


# --- below the models --------------------------------------------------------------------------------------------


def test_the_client_sends_any_request(namespace: str) -> None:
    client = Client()
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    made = client.post(path, {"metadata": {"name": "a"}, "data": {"k": "1"}})
    assert (made.status_code, made.json()["data"], made.ok) == (201, {"k": "1"}, True)
    document = made.json() | {"data": {"k": "2"}}
    assert client.put(f"{path}/a", document, timeout=5).json()["data"] == {"k": "2"}
    found = client.get(path, params={"labelSelector": "a=b"}).json()
    assert found["items"] == []
    assert client.get(f"{path}?limit=1").json()["items"][0]["metadata"]["name"] == "a"
    assert client.delete(f"{path}/a", body={"propagationPolicy": "Background"}).text
    with pytest.raises(NotFound):
        client.get(f"{path}/a")
    client.clear_session()
    client.init_session()


def test_the_client_streams_lines(namespace: str) -> None:
    configmap(namespace)
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    response = Client().get(path, stream=True, params={"watch": "true", "timeoutSeconds": 1})
    assert b"ADDED" in next(response.iter_lines())


# --- the same classes in our style -------------------------------------------------------------------------------


def test_the_classes_are_kinds_of_the_client_of_apply_and_of_informers(api: ApiServer, namespace: str) -> None:
    with api.client() as client:
        made = client.apply(deployment(namespace), field_manager="t")
        assert isinstance(made, Deployment)
        assert made.spec.template.spec.restartPolicy == "Always"
        assert isinstance(client.get(Deployment, "web", namespace=namespace).spec, DeploymentSpec)
        assert not made.is_ready()
        with Informer(Deployment, client=client, namespace=namespace) as informer:
            informer.wait_synced(10)
            [cached] = informer.list()
            assert cached.spec.template.spec.containers[0].image == "i:1"


def test_a_custom_resource_is_served_by_a_class_with_Meta(api: ApiServer, namespace: str) -> None:
    class AppSpec(Model):
        image = Field(str)
        replicas = Field(int, 1)

    class App(Model):
        class Meta:
            url_template = "/apis/compat.example.com/v1/namespaces/{namespace}/applications/{name}"

        kind = Field(str, "Application")
        metadata = Field(ObjectMeta)
        spec = Field(AppSpec)

    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names_of = {"plural": "applications", "kind": "Application", "singular": "application"}
    spec = {"group": "compat.example.com", "scope": "Namespaced", "names": names_of, "versions": [version]}
    definition = CustomResourceDefinition(metadata=ObjectMeta(name="applications.compat.example.com"), spec=spec)
    definition.save()
    with api.client() as client:
        client.wait(definition, "condition=Established", timeout=10)
    App(metadata=ObjectMeta(name="shop", namespace=namespace), spec=AppSpec(image="shop:1")).save()
    read = App.get("shop", namespace)
    assert (read.kind, read.spec.image, read.spec.replicas) == ("Application", "shop:1", 1)


def test_a_switch_is_read_for_each_use(namespace: str) -> None:
    configmap(namespace)
    with pytest.raises(errors.RequestError, match="everything"):
        ConfigMap.delete_list(namespace)
    switches.use(ConfigMap, delete_everything=True)
    ConfigMap.delete_list(namespace)
    assert ConfigMap.list(namespace) == []
