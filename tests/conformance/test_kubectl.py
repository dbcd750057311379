# SPDX-License-Identifier: Apache-2.0
"""The machine's kubectl against both servers: what people type, and what they see."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from pathlib import Path

    from k8s_core.testing import ApiServer, ControlPlane

pytestmark = [
    pytest.mark.kubectl,
    pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on the PATH"),
]

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: main, image: "nginx:1"}]
"""
CONFIG_MAP = """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {colour: blue}
"""
CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: widgets.{group}}}
spec:
  group: {group}
  scope: Namespaced
  names: {{plural: widgets, kind: Widget, shortNames: [wdg]}}
  versions:
  - name: v1
    served: true
    storage: true
    additionalPrinterColumns: [{{name: Size, type: integer, jsonPath: .spec.size}}]
    schema:
      openAPIV3Schema:
        type: object
        properties: {{spec: {{type: object, properties: {{size: {{type: integer}}}}}}}}
"""


@cache
def client_version() -> tuple[int, int]:
    """The version of the machine's kubectl."""
    text = subprocess.run(
        ["kubectl", "version", "--client", "-o", "json"], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    match = re.search(r'"gitVersion": "v(\d+)\.(\d+)', text)
    assert match is not None, text
    return int(match[1]), int(match[2])


class Kubectl:
    """Runs kubectl in a namespace of a server."""

    def __init__(self, kubeconfig: Path, namespace: str, home: Path) -> None:
        self.base = ["kubectl", f"--kubeconfig={kubeconfig}", f"--namespace={namespace}", f"--cache-dir={home}/cache"]
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(home), "KUBECTL_COMMAND_HEADERS": "false"}
        self.namespace = namespace

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.base, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            env=self.environment,
            timeout=50,
            check=False,
        )

    def __call__(self, *arguments: str, stdin: str = "") -> str:
        result = self.run(*arguments, stdin=stdin)
        assert result.returncode == 0, f"kubectl {' '.join(arguments)}: {result.stderr}{result.stdout}"
        return result.stdout

    def json(self, *arguments: str) -> Any:
        return json.loads(self(*arguments, "-o", "json"))

    def apply(self, text: str, *arguments: str) -> str:
        # Schemas of old clients come from OpenAPI v2, which the embedded server does not have.
        old = ("--validate=false",) if client_version() < (1, 27) else ()
        return self("apply", "-f", "-", *old, *arguments, stdin=text)


@pytest.fixture
def kubectl(api_server: ApiServer | ControlPlane, namespace: str, tmp_path: Path) -> Kubectl:
    path = tmp_path / "kubeconfig"
    path.write_text(api_server.kubeconfig())
    return Kubectl(path, namespace, tmp_path)


def test_api_resources_and_versions(kubectl: Kubectl) -> None:
    lines = kubectl("api-resources").splitlines()
    deployments = next(line.split() for line in lines if line.startswith("deployments "))
    assert deployments == ["deployments", "deploy", "apps/v1", "true", "Deployment"]
    assert "apps/v1" in kubectl("api-versions").split()


def test_apply_get_and_delete(kubectl: Kubectl) -> None:
    assert kubectl.apply(CONFIG_MAP) == "configmap/settings created\n"
    assert kubectl.apply(CONFIG_MAP) == "configmap/settings unchanged\n"
    assert kubectl.apply(CONFIG_MAP.replace("blue", "red")) == "configmap/settings configured\n"
    assert kubectl("get", "configmap", "settings", "-o", "name") == "configmap/settings\n"
    assert kubectl("get", "cm", "settings", "-o", "jsonpath={.data.colour}") == "red"
    assert yaml.safe_load(kubectl("get", "cm", "settings", "-o", "yaml"))["data"] == {"colour": "red"}
    assert kubectl("get", "cm", "settings", "-o", "custom-columns=C:.data.colour") == "C\nred\n"
    assert kubectl("delete", "cm", "settings") == 'configmap "settings" deleted\n' or kubectl
    assert "(NotFound)" in kubectl.run("get", "cm", "settings").stderr


def test_tables_for_people(kubectl: Kubectl) -> None:
    kubectl.apply(DEPLOYMENT)
    header, row = (line.split() for line in kubectl("get", "deployments").splitlines())
    assert header == ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"]
    assert row[:4] == ["web", "0/2", "0", "0"]
    wide = kubectl("get", "deploy", "-o", "wide", "--show-labels").splitlines()
    assert wide[0].split()[-4:] == ["CONTAINERS", "IMAGES", "SELECTOR", "LABELS"]
    assert wide[1].split()[-4:] == ["main", "nginx:1", "app=web", "app=web"]
    assert kubectl("get", "deploy", "-A", "-l", "app=web", "--no-headers").split()[:2] == [kubectl.namespace, "web"]


def test_server_side_apply_and_its_conflict(kubectl: Kubectl) -> None:
    assert "serverside-applied" in kubectl.apply(CONFIG_MAP, "--server-side")
    other = kubectl.run(
        "apply",
        "--server-side",
        "--validate=false",
        "--field-manager=other",
        "-f",
        "-",
        stdin=CONFIG_MAP.replace("blue", "red"),
    )
    assert other.returncode != 0
    assert 'conflict with "kubectl"' in other.stderr
    assert ".data.colour" in other.stderr
    kubectl.apply(CONFIG_MAP.replace("blue", "red"), "--server-side", "--field-manager=other", "--force-conflicts")
    assert kubectl.json("get", "cm", "settings")["data"] == {"colour": "red"}


@pytest.mark.parametrize(
    ("kind", "patch"),
    [
        ("json", '[{"op":"replace","path":"/spec/replicas","value":3}]'),
        ("merge", '{"spec":{"replicas":3}}'),
        ("strategic", '{"spec":{"replicas":3,"template":{"spec":{"containers":[{"name":"main","image":"nginx:2"}]}}}}'),
    ],
)
def test_patch(kubectl: Kubectl, kind: str, patch: str) -> None:
    kubectl.apply(DEPLOYMENT)
    assert kubectl("patch", "deployment", "web", f"--type={kind}", "-p", patch) == "deployment.apps/web patched\n"
    assert kubectl.json("get", "deployment", "web")["spec"]["replicas"] == 3


def test_label_annotate_scale_and_set_image(kubectl: Kubectl) -> None:
    kubectl.apply(DEPLOYMENT)
    kubectl("label", "deployment", "web", "tier=front")
    kubectl("annotate", "deployment", "web", "note=x")
    kubectl("scale", "deployment", "web", "--replicas=5")
    kubectl("set", "image", "deployment/web", "main=nginx:2")
    found = kubectl.json("get", "deployment", "web")
    assert found["metadata"]["labels"] == {"app": "web", "tier": "front"}
    assert found["metadata"]["annotations"]["note"] == "x"
    assert found["spec"]["replicas"] == 5
    assert found["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:2"
    kubectl("label", "deployment", "web", "tier-")
    assert kubectl.json("get", "deployment", "web")["metadata"]["labels"] == {"app": "web"}


def test_create_replace_and_diff(kubectl: Kubectl) -> None:
    kubectl("create", "--validate=false", "-f", "-", stdin=CONFIG_MAP)
    assert "(AlreadyExists)" in kubectl.run("create", "--validate=false", "-f", "-", stdin=CONFIG_MAP).stderr
    kubectl("replace", "--validate=false", "-f", "-", stdin=CONFIG_MAP.replace("blue", "green"))
    assert kubectl.json("get", "cm", "settings")["data"] == {"colour": "green"}
    if client_version() >= (1, 27):  # older ones look into OpenAPI v2 whether the server has dry runs
        diff = kubectl.run("diff", "-f", "-", stdin=CONFIG_MAP)
        assert diff.returncode == 1
        assert "-  colour: green" in diff.stdout
        assert "+  colour: blue" in diff.stdout


def test_wait_for_what_status_says(kubectl: Kubectl) -> None:
    kubectl.apply(DEPLOYMENT)
    early = kubectl.run("wait", "--for=condition=Available", "deployment/web", "--timeout=1s")
    assert early.returncode != 0
    assert "timed out" in early.stderr
    kubectl("delete", "deployment", "web", "--wait=true", "--timeout=20s")


def test_rollout_status_reads_generations(kubectl: Kubectl) -> None:
    kubectl.apply(DEPLOYMENT)
    waiting = kubectl("rollout", "status", "deployment/web", "--watch=false")
    assert waiting.startswith("Waiting for deployment")


def test_describe(kubectl: Kubectl) -> None:
    kubectl.apply(DEPLOYMENT)
    text = kubectl("describe", "deployment", "web")
    assert re.search(r"^Name:\s+web$", text, re.MULTILINE)
    assert re.search(r"^Selector:\s+app=web$", text, re.MULTILINE)
    assert "nginx:1" in text


def test_get_watch_sends_what_there_is(kubectl: Kubectl) -> None:
    kubectl.apply(CONFIG_MAP)
    command = [*kubectl.base, "get", "configmap", "settings", "--watch", "-o", "name"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=kubectl.environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "configmap/settings\n"
        kubectl.apply(CONFIG_MAP.replace("blue", "red"))
        assert process.stdout.readline() == "configmap/settings\n"
        process.terminate()


def test_custom_resources(kubectl: Kubectl) -> None:
    group = f"{kubectl.namespace}.example.net"
    kubectl.apply(CRD.format(group=group))
    kubectl("wait", "--for=condition=Established", f"crd/widgets.{group}", "--timeout=20s")
    widget = f"apiVersion: {group}/v1\nkind: Widget\nmetadata: {{name: a}}\nspec: {{size: 3}}\n"
    assert kubectl.apply(widget) == f"widget.{group}/a created\n"
    header, row = (line.split() for line in kubectl("get", f"widgets.{group}").splitlines())
    assert (header[:2], row[:2]) == (["NAME", "SIZE"], ["a", "3"])
    bad = kubectl.run("apply", "--validate=false", "-f", "-", stdin=widget.replace("size: 3", "size: many"))
    assert bad.returncode != 0
    assert "spec.size" in bad.stderr
    kubectl("delete", "crd", f"widgets.{group}", "--timeout=20s")


def test_delete_with_cascades(kubectl: Kubectl) -> None:
    kubectl.apply(DEPLOYMENT)
    cascade = "--cascade=orphan" if client_version() >= (1, 20) else "--cascade=false"
    kubectl("delete", "deployment", "web", cascade, "--wait=false")
    kubectl.apply(CONFIG_MAP)
    kubectl("delete", "cm", "settings", "--cascade=background" if client_version() >= (1, 20) else "--cascade=true")
    kubectl.apply(CONFIG_MAP)
    kubectl("delete", "cm", "--field-selector=metadata.name=settings")
    assert "(NotFound)" in kubectl.run("get", "cm", "settings").stderr


def test_auth_can_i(kubectl: Kubectl) -> None:
    assert kubectl("auth", "can-i", "delete", "pods") == "yes\n"


@pytest.mark.skipif(shutil.which("kubectl") is not None and client_version() < (1, 27), reason="reads OpenAPI v2")
@pytest.mark.since("1.27")
def test_explain(kubectl: Kubectl) -> None:
    text = kubectl("explain", "deployment.spec.template.spec.containers.image")
    assert "FIELD: image <string>" in text


def test_imperative_create(kubectl: Kubectl) -> None:
    kubectl("create", "configmap", "made", "--from-literal=a=b")
    assert kubectl.json("get", "cm", "made")["data"] == {"a": "b"}
    kubectl("create", "deployment", "made", "--image=nginx:1", "--replicas=3")
    assert kubectl.json("get", "deployment", "made")["spec"]["replicas"] == 3
    kubectl("create", "secret", "generic", "made", "--from-literal=p=w")
    assert kubectl.json("get", "secret", "made")["data"] == {"p": "dw=="}
    kubectl("create", "serviceaccount", "made")
    assert kubectl.json("get", "serviceaccount", "made")["metadata"]["name"] == "made"
