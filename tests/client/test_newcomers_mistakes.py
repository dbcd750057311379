# SPDX-License-Identifier: Apache-2.0
"""What people write on their first days, and the words of each error that name the way out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from k8s_core import Client, Config, Resource, Watcher, config
from k8s_core.errors import KubernetesError
from k8s_core.meta import ObjectMeta
from k8s_core.model.scalars import Quantity
from k8s_core.patches import JsonPatch, MergePatch, StrategicMergePatch
from k8s_plugins_builtin.apps.v1 import Deployment, DeploymentSpec
from k8s_plugins_builtin.core.v1 import ConfigMap, Container, Namespace, Pod, PodSpec, Secret

if TYPE_CHECKING:
    from collections.abc import Callable


class Widget(Resource, group="example.com", version="v1", plural="widgets"):
    pass


def pod(name: str = "p", **metadata: Any) -> Pod:
    spec = PodSpec(containers=[Container(name="c", image="i")])
    return Pod(metadata=ObjectMeta(name=name, **metadata), spec=spec)


@pytest.fixture
def stored(client: Client) -> Client:
    """A client of a namespace with one pod and one config map."""
    client.create(pod())
    client.create(ConfigMap(metadata=ObjectMeta(name="m"), data={"a": "1"}))
    return client


def imported(statement: str) -> Callable[[Client], Any]:
    return lambda client: exec(statement, {})  # noqa: S102  # a from-import of a constant


def stale(client: Client) -> None:
    mine = client.get(ConfigMap, "m")
    client.edit(mine, lambda fresh: fresh.data.update(a="2"))
    mine.data["a"] = "3"
    client.replace(mine)


def applied_against_another(client: Client) -> None:
    for manager, value in (("one", "2"), ("two", "3")):
        client.apply(ConfigMap(metadata=ObjectMeta(name="shared"), data={"a": value}), field_manager=manager)


def unpacked(client: Client) -> None:
    for _type, _obj in client.watch(ConfigMap):
        break


def assigned(name: str, value: Any) -> Callable[[Client], Any]:
    return lambda client: setattr(config, name, value)


MISTAKES: dict[str, tuple[Callable[[Client], Any], str]] = {
    # configuration
    "no configuration at all": (lambda c: Client(), "Config.from_kubeconfig(path)"),
    "the address in the place of a Config": (lambda c: Client("https://x"), "Config.from_kubeconfig()"),  # type: ignore[arg-type]  # the mistake
    "the address as an argument of the client": (lambda c: Client(server="https://x"), "Client(Config(server=…))"),  # type: ignore[call-arg]  # the mistake
    "a kubeconfig that is not there": (lambda c: Config.from_kubeconfig("/nowhere"), '"/nowhere" does not exist'),
    "the host of another client's configuration": (lambda c: Config(host="https://x"), "did you mean 'server'?"),  # type: ignore[call-arg]  # the mistake
    "a misspelt setting": (assigned("api_sever", "https://x"), "did you mean 'api_server'?"),
    "load_kube_config": (lambda c: config.load_kube_config(), "did you mean 'load_kubeconfig'?"),  # type: ignore[attr-defined]  # the mistake
    "an address without http or https": (lambda c: Config(server="ftp://x"), "must be http or https"),
    # importing names
    "a kind from the core": (imported("from k8s_core import Pod"), "from k8s_plugins_builtin.core.v1 import Pod"),
    "a kind from another group": (
        imported("from k8s_plugins_builtin.core.v1 import Deployment"),
        "from k8s_plugins_builtin.apps.v1 import Deployment",
    ),
    "a class of a generated client": (imported("from k8s_core import V1Pod"), "k8s_plugins_builtin.core.v1 import Pod"),
    "an API class": (imported("from k8s_core.client import CoreV1Api"), "from k8s_core import Client"),
    "an exception by another name": (imported("from k8s_core.errors import ApiException"), "import ApiError"),
    # fields
    "a misspelt field": (lambda c: Container(nmae="c"), "did you mean 'name'?"),  # type: ignore[call-arg]  # the mistake
    "snake case": (lambda c: Container(image_pull_policy="Always"), "did you mean 'imagePullPolicy'?"),  # type: ignore[call-arg]  # the mistake
    "a field of the metadata": (lambda c: Pod(name="a"), "write metadata=ObjectMeta(name=…)"),  # type: ignore[call-arg]  # the mistake
    "a field of the spec": (lambda c: Deployment(replicas=3), "write spec=DeploymentSpec(replicas=…)"),  # type: ignore[call-arg]  # the mistake
    "a field of an item": (lambda c: Container(container_port=80), "write ports=[ContainerPort(containerPort=…)]"),  # type: ignore[call-arg]  # the mistake
    "a positional argument": (lambda c: Pod(ObjectMeta(name="a")), "write Pod(metadata=ObjectMeta(…))"),  # type: ignore[misc]  # the mistake
    "a number as a string": (lambda c: DeploymentSpec(replicas="3"), "expected int, got str"),  # type: ignore[call-arg, arg-type]  # the mistake
    "a value that is not one of the allowed": (
        lambda c: Container(imagePullPolicy="always"),  # type: ignore[call-arg, arg-type]  # the mistake
        "is not one of 'Always'",
    ),
    "one item in the place of a list": (lambda c: PodSpec(containers=Container()), "expected a list"),  # type: ignore[arg-type, call-arg]  # the mistake
    "a dict of variables": (lambda c: Container(name="c", env={"A": "1"}), "write [EnvVar(…)]"),  # type: ignore[arg-type]  # the mistake
    "text in a secret": (lambda c: Secret(data={"a": "x"}), "text needs .encode()"),  # type: ignore[dict-item]  # the mistake
    "a unit that there is not": (lambda c: Quantity("1GB"), "write a number and one of n u m k M G"),
    "the name without the metadata": (lambda c: pod().name, "did you mean 'metadata.name'?"),  # type: ignore[attr-defined]  # the mistake
    # verbs
    "a verb of a generated client": (lambda c: c.list_namespaced_pod("n"), "client.list(Pod, namespace=…)"),  # type: ignore[attr-defined]  # the mistake
    "update": (lambda c: c.update(pod()), "did you mean 'replace'?"),  # type: ignore[attr-defined]  # the mistake
    "the namespace by position": (lambda c: c.get(Pod, "p", "n"), "write namespace='n'"),  # type: ignore[call-overload]  # the mistake
    "the object as body": (lambda c: c.create(body=pod()), "give the object first"),  # type: ignore[call-arg]  # the mistake
    "no name": (lambda c: c.get(Pod), "list() reads many objects"),  # type: ignore[call-overload]  # the mistake
    "an object without a name": (lambda c: c.create(pod("")), "metadata.name"),
    "a name that cannot be one": (lambda c: c.create(pod("My_Pod")), "lowercase RFC 1123"),
    "a namespace that is not there": (lambda c: c.create(pod(), namespace="nowhere"), "create the namespace first"),
    "a namespace for a kind without": (lambda c: c.list(Namespace, namespace="n"), "leave it out"),
    "every namespace as a star": (lambda c: c.list(Pod, namespace="*"), "namespace=ALL_NAMESPACES"),
    "a document without its kind": (lambda c: c.create({"metadata": {"name": "a"}}), "no apiVersion and no kind"),
    "a kind without a package or a CRD": (lambda c: c.list("podz"), "did you mean 'pods'?"),
    "a kind that the server does not serve": (lambda c: c.list(Widget), "is its CRD installed?"),
    "a part in the place of a kind": (lambda c: c.list(Container), "a name such as 'deployments.apps'"),  # type: ignore[type-var]  # the mistake
    "creating what was read": (lambda c: c.create(c.get(Pod, "p")), "use replace"),
    "creating what there is": (lambda c: c.create(pod()), "client.apply"),
    "saving what others changed": (stale, "client.edit"),
    "replacing by position": (lambda c: c.scale(Deployment, "d", 3), "write replicas=3"),  # type: ignore[call-arg, misc]  # the mistake
    # selectors
    "label_selector": (lambda c: c.list(Pod, label_selector="a=b"), "did you mean 'labels'?"),  # type: ignore[call-arg]  # the mistake
    "labels for a verb that takes none": (lambda c: Pod.list(labels="a=b", client=c), "find()"),  # type: ignore[call-arg]  # the mistake
    "a set without parentheses": (lambda c: c.list(Pod, labels="a in b"), "expected '('"),
    "a list of selectors": (lambda c: c.list(Pod, labels=["a=b"]), "is not a (key, value) pair"),  # type: ignore[list-item]  # the mistake
    "a value that is not a label": (lambda c: c.list(Pod, labels={"a": "b c"}), "nearest valid: 'b-c'"),
    "a field that cannot be selected by": (lambda c: c.list(Pod, fields={"spec.x": "y"}), "labels="),
    # patches and apply
    "a patch without its kind": (lambda c: c.patch(Pod, "p", {"metadata": {}}), "MergePatch({…})"),  # type: ignore[call-overload]  # the mistake
    "a strategic merge of a custom resource": (
        lambda c: c.patch(Widget, "w", StrategicMergePatch({})),
        "use MergePatch",
    ),
    "operations in a merge patch": (lambda c: c.patch(Pod, "p", MergePatch([])), "use JsonPatch"),  # type: ignore[arg-type]  # the mistake
    "a document in a JSON patch": (lambda c: c.patch(Pod, "p", JsonPatch({})), "use MergePatch"),  # type: ignore[arg-type]  # the mistake
    "an apply without a manager": (lambda c: c.apply(pod()), "field_manager='my-program'"),  # type: ignore[call-arg]  # the mistake
    "an apply against another manager": (applied_against_another, "force=True"),
    # deleting
    "deleting without a selector": (lambda c: c.delete_collection(Pod), "everything=True"),
    "deleting by an empty selector": (lambda c: c.delete_collection(Pod, labels={}), "everything=True"),
    "deleting by an absent selector": (
        lambda c: c.delete_collection(Pod, labels=Deployment().spec.selector),
        "LabelSelector",
    ),
    "deleting many by delete": (lambda c: c.delete(Pod, labels={"a": "b"}), "delete_collection"),  # type: ignore[call-arg]  # the mistake
    "a policy in lower case": (
        lambda c: c.delete(Pod, "p", propagation_policy="foreground"),  # type: ignore[arg-type]  # the mistake
        "did you mean 'Foreground'?",
    ),
    # watching and waiting
    "a pair of a watch": (unpacked, "event.type and event.object"),
    "a watch in a list": (lambda c: c.list(Pod, watch=True), "watch() follows changes"),  # type: ignore[call-arg]  # the mistake
    "a timeout of a watch": (lambda c: c.watch(Pod, timeout_seconds=5), "leave the loop"),  # type: ignore[call-arg]  # the mistake
    "a watcher with a selector": (lambda c: Watcher(Pod, labels="a=b"), "watch()"),  # type: ignore[call-arg]  # the mistake
    "a phase as a condition": (lambda c: c.wait(c.get(Pod, "p"), "phase=Running"), "jsonpath={.status.phase}=Running"),
    "no condition": (lambda c: c.wait(c.get(Pod, "p")), "'condition=Available'"),  # type: ignore[call-overload]  # the mistake
    "ready of a kind that never is": (lambda c: c.wait(c.get(ConfigMap, "m"), "ready"), "its class has no is_ready()"),
    "waiting for a kind": (lambda c: c.wait(Pod, "ready"), "give name="),
    # logs
    "logs of a pod that is not there": (
        lambda c: c.get(Pod, "nowhere", subresource="log"),
        'pods "nowhere" not found',
    ),
}
"""For each mistake, what is written, and words of the message that name the way out."""


def message_of(error: BaseException) -> str:
    """What a traceback shows."""
    return "\n".join([str(error), *getattr(error, "__notes__", ())])


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_message_names_the_way_out(stored: Client, mistake: str) -> None:
    write, way_out = MISTAKES[mistake]
    with pytest.raises((KubernetesError, AttributeError, ImportError, TypeError, ValueError)) as raised:
        write(stored)
    assert way_out in message_of(raised.value)


def test_there_are_at_least_forty() -> None:
    assert len(MISTAKES) >= 40


def test_no_selector_is_needed_where_everything_is_meant(stored: Client) -> None:
    stored.delete_collection(ConfigMap, everything=True)
    assert stored.list(ConfigMap) == []


def test_an_address_without_a_scheme_is_warned_of() -> None:
    with pytest.warns(UserWarning, match=re.escape("write https://example.com:6443")):
        Config(server="example.com:6443")
