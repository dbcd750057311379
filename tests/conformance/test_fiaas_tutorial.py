# SPDX-License-Identifier: Apache-2.0
"""The tutorial of fiaas/k8s, prompt by prompt as it stands there, with its own imports, on both servers."""

from __future__ import annotations

import code
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from k8s import switches
from k8s.models.pod import HTTPGetAction, Probe
from k8s_core import config
from k8s_core.errors import NotFound
from k8s_core.meta import ObjectMeta
from k8s_core.patches import MergePatch
from k8s_plugins_builtin.apps.v1 import Deployment
from k8s_plugins_builtin.core.v1 import Container, Namespace, Pod, PodSpec

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from k8s_core import Client
    from k8s_devkit import ApiServer

CONFIGURE = """
from k8s import config
config.api_server = 'https://kubernetes.example.com:8443'
config.verify_ssl = 'path/to/ca.crt'
config.cert = ('path/to/apiserver.crt', 'path/to/apiserver.key')
config.api_token = 'a3ViZXJuZXRlczogY29tbWFuZCBub3QgZm91bmQK'
"""
FIRST_READ = """
from k8s.models.service import Service
Service.get('kubernetes')
"""
IMPORTS = r"""
from k8s.models.common import ObjectMeta
from k8s.models.pod import PodSpec, Container, ContainerPort, Probe, \
        HTTPGetAction, PodTemplateSpec
from k8s.models.deployment import Deployment, DeploymentSpec, \
        LabelSelector
"""
BUILD = """
objectmeta = ObjectMeta(
        name='nginx',
        namespace='default',
        labels={'app': 'nginx'})
pod_spec = PodSpec(containers=[Container(
        name='nginx',
        image='nginx:1.13',
        ports=[ContainerPort(containerPort=80)],
        readinessProbe=Probe(HTTPGetAction(path='/', port=80)))])
pod_template_spec = PodTemplateSpec(metadata=objectmeta, spec=pod_spec)
deployment = Deployment(
        metadata=objectmeta,
        spec=DeploymentSpec(
            replicas=1,
            template=pod_template_spec,
            selector=LabelSelector(matchLabels={'app':'nginx'})))
"""
DELETE = """
delete_options = {
    'kind': 'DeleteOptions',
    'apiVersion': 'v1',
    'propagationPolicy': 'Foreground'
}
Deployment.delete('nginx', body=delete_options)
"""
DELETE_LIST = """
delete_options = DeleteOptions(propagationPolicy='Foreground')
label_selectors = {"foo": Equality("bar"), "dog": Inequality("cat")}
Ingress.delete_list(labels=label_selectors, delete_options=delete_options)
"""
WATCHER = """
watcher = Watcher(Pod)
for event in watcher.watch(namespace="production"):
  _handle_watch_event(event)
"""
WATCH_LIST = """
for event in Pod.watch_list(namespace="production"):
  _handle_watch_event_event)
"""
NOT_IMPORTED = """
from k8s.base import Equality, Inequality
from k8s.models.common import DeleteOptions
from k8s.models.networking_v1_ingress import Ingress
from k8s.models.pod import Pod
from k8s.watcher import Watcher
"""


class SeenEnough(Exception):
    """The reader leaves the loop."""


class Reader:
    """A reader at the prompt: types, and sees what is shown."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[str, Any] = {"_handle_watch_event": self.handle}
        self.events: list[Any] = []
        self.shown: list[str] = []

    def handle(self, event: Any) -> None:
        self.events.append(event)
        raise SeenEnough

    def types(self, text: str) -> None:
        for statement in statements(text):
            exec(compile(statement, "<tutorial>", "single"), self.names)  # noqa: S102  # what the tutorial says

    def sees(self, expression: str) -> Any:
        return eval(expression, self.names)  # noqa: S307  # as above


def statements(text: str) -> Iterator[str]:
    """What a reader types before each prompt, until Python takes it for whole."""
    typed: list[str] = []
    for line in [*textwrap.dedent(text).strip("\n").splitlines(), ""]:
        typed.append(line)
        if any(typed) and code.compile_command("\n".join(typed), "<tutorial>", "single") is not None:
            yield "\n".join(typed)
            typed = []


@pytest.fixture
def reader(api_server: ApiServer, admin: Client, tmp_path: Path) -> Iterator[Reader]:
    (tmp_path / "kubeconfig").write_text(api_server.kubeconfig())
    admin.apply(Namespace(metadata=ObjectMeta(name="production")), field_manager="tutorial")
    pod = Pod(metadata=ObjectMeta(name="watched"), spec=PodSpec(containers=[Container(name="c", image="i")]))
    if api_server.version.startswith("v1.20"):
        # A kube-apiserver alone has no controller that makes the service account of a namespace.
        pod.spec.automountServiceAccountToken = False
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}
        admin.apply(account, namespace="production", field_manager="tutorial")
    admin.apply(pod, namespace="production", field_manager="tutorial")
    switches.use(positional="assign")
    yield Reader(tmp_path)
    switches.reset()
    config.reset()
    forget_nginx(admin)


def forget_nginx(admin: Client) -> None:
    """Without a garbage collector, an object that is deleted in the foreground waits for one."""
    try:
        admin.patch(Deployment, "nginx", MergePatch({"metadata": {"finalizers": None}}), namespace="default")
        admin.delete(Deployment, "nginx", namespace="default")
    except NotFound:
        pass


def connect(reader: Reader) -> None:
    """What the reader has at home: a cluster of another address."""
    config.reset()
    config.load_kubeconfig(str(reader.folder / "kubeconfig"))


def test_every_prompt_works_as_it_stands(reader: Reader, admin: Client) -> None:
    reader.types(CONFIGURE)
    assert reader.sees("config.api_server") == "https://kubernetes.example.com:8443"
    assert reader.sees("config.verify_ssl, config.cert[0]") == ("path/to/ca.crt", "path/to/apiserver.crt")
    connect(reader)
    reader.types(FIRST_READ)
    shown = reader.sees("repr(Service.get('kubernetes'))")
    assert all(part in shown for part in ("Service(", "ServiceSpec(", "ServicePort(", "component", "ClusterIP"))

    reader.types(IMPORTS)
    reader.types(BUILD)
    reader.types("deployment.save()")
    created = admin.get(Deployment, "nginx", namespace="default")
    assert created.metadata.uid == reader.sees("deployment.metadata.uid")
    assert created.spec.template.spec.containers[0].readinessProbe.httpGet.port == 80

    reader.types("Deployment.list()")
    assert "nginx" in reader.sees("[found.metadata.name for found in Deployment.list()]")
    reader.types("Deployment.get('nginx')")
    reader.types("deployment = Deployment.get('nginx')")
    reader.types("deployment = Deployment.get_or_create('nginx')")
    assert reader.sees("deployment.metadata.uid") == created.metadata.uid
    reader.types("deployment.spec.replicas = 2\ndeployment.save()")
    assert admin.get(Deployment, "nginx", namespace="default").spec.replicas == 2

    reader.types(NOT_IMPORTED)
    with pytest.raises(SeenEnough):
        reader.types(WATCHER)
    with pytest.raises(SyntaxError):
        reader.types(WATCH_LIST)
    with pytest.raises(SeenEnough):
        reader.types(WATCH_LIST.replace("_event_event)", "_event(event)"))
    assert [(event.type, event.object.metadata.name) for event in reader.events] == [("ADDED", "watched")] * 2

    reader.types(DELETE)
    reader.types(DELETE_LIST)


def test_the_probe_by_position_is_refused_unless_a_switch_is_set() -> None:
    with pytest.raises(TypeError, match=r"Probe\(httpGet=…\)"):
        Probe(HTTPGetAction(path="/", port=80))


def test_what_does_not_exist_is_made_by_get_or_create(reader: Reader, admin: Client) -> None:
    connect(reader)
    reader.types(IMPORTS)
    reader.types("deployment = Deployment.get_or_create('nginx')")
    assert reader.sees("deployment.metadata.uid") is None
    reader.types(BUILD.replace("deployment = ", "built = "))
    reader.types("deployment.spec = built.spec\ndeployment.save()")
    assert admin.get(Deployment, "nginx", namespace="default").spec.replicas == 1
