# SPDX-License-Identifier: Apache-2.0
"""``to_yaml()`` of objects made in Python is what users of ``kubectl create --dry-run=client -o yaml`` know."""

from __future__ import annotations

from k8s_core.meta import LabelSelector, ObjectMeta
from k8s_plugins_builtin.apps.v1 import Deployment, DeploymentSpec
from k8s_plugins_builtin.core.v1 import (
    ConfigMap,
    Container,
    ContainerPort,
    HTTPGetAction,
    Pod,
    PodSpec,
    PodTemplateSpec,
    Probe,
    ResourceRequirements,
    Secret,
)


def test_a_pod() -> None:
    pod = Pod(
        spec=PodSpec(
            containers=[
                Container(
                    name="nginx",
                    image="nginx:1.27",
                    ports=[ContainerPort(containerPort=80)],
                    resources=ResourceRequirements(requests={"cpu": "500m", "memory": "128Mi"}),
                    livenessProbe=Probe(httpGet=HTTPGetAction(path="/", port="http")),
                    command=None,
                )
            ],
            nodeName=None,
        ),
        metadata=ObjectMeta(name="nginx", labels={"run": "nginx", "version": "1.27"}),
    )
    assert pod.to_yaml() == (
        "apiVersion: v1\n"
        "kind: Pod\n"
        "metadata:\n"
        "  name: nginx\n"
        "  labels:\n"
        "    run: nginx\n"
        '    version: "1.27"\n'
        "spec:\n"
        "  containers:\n"
        "  - name: nginx\n"
        "    image: nginx:1.27\n"
        "    ports:\n"
        "    - containerPort: 80\n"
        "    resources:\n"
        "      requests:\n"
        "        cpu: 500m\n"
        "        memory: 128Mi\n"
        "    livenessProbe:\n"
        "      httpGet:\n"
        "        path: /\n"
        "        port: http\n"
    )
    assert Pod.from_yaml(pod.to_yaml()) == pod


def test_a_deployment_and_its_template_share_nothing() -> None:
    labels = ObjectMeta(name="web", labels={"app": "web"})
    template = PodTemplateSpec(metadata=labels, spec=PodSpec(containers=[Container(name="web")]))
    deployment = Deployment(
        metadata=labels, spec=DeploymentSpec(selector=LabelSelector(matchLabels={"app": "web"}), template=template)
    )
    deployment.metadata.labels["tier"] = "front"
    assert "tier" not in deployment.spec.template.metadata.labels
    assert deployment.to_yaml().startswith("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n")


def test_falsy_values_and_text_that_looks_like_something_else() -> None:
    config = ConfigMap(
        metadata=ObjectMeta(name="c"), data={"empty": "", "yes": "yes", "number": "010"}, immutable=False
    )
    assert config.to_yaml() == (
        "apiVersion: v1\n"
        "kind: ConfigMap\n"
        "metadata:\n"
        "  name: c\n"
        "data:\n"
        '  empty: ""\n'
        '  "yes": "yes"\n'
        '  number: "010"\n'
        "immutable: false\n"
    )


def test_secret_data_is_base64_once() -> None:
    secret = Secret(metadata=ObjectMeta(name="s"), data={"password": b"hunter2"})
    assert "  password: aHVudGVyMg==\n" in secret.to_yaml()
    assert secret.data["password"] == b"hunter2"
