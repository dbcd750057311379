# SPDX-License-Identifier: Apache-2.0
"""What is wrong with documents for ``apply_all``: file, number of the document, line, and the way out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from discovery_documents import Cluster, group
from scripted_server import ScriptedServer, reply, status_body

from k8s_core.errors import (
    ApplyFailed,
    DecodeError,
    Forbidden,
    InvalidName,
    KubernetesError,
    PatchError,
    RequestError,
    UnknownKindError,
)
from k8s_core.meta import ObjectMeta
from k8s_core.model import Resource
from k8s_plugins_builtin.core.v1 import ConfigMap

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Connect
    from k8s_core.client import Client

GOOD = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: good\n---\n"
"""Five lines."""

POD = """apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
  - name: c
    env:
    - name: PORT
      value: 8080
"""


def message(client: Client, documents: Any, error: type[KubernetesError], **options: Any) -> str:
    with pytest.raises(error) as caught:
        client.apply_all(documents, field_manager="m", **options)
    return str(caught.value)


@pytest.fixture
def nowhere(connect: Connect) -> Any:
    """A client whose server must not be asked."""
    with ScriptedServer() as server:
        yield connect(server)
        assert server.requests == []


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("no", "the boolean false: quote it ('no', 'off' or 'false')"),
        ("yes", "the boolean true: quote it ('yes', 'on' or 'true')"),
        ("123", "the number 123: quote it"),
        ("010", "the number 8: quote it"),
        ("1e3", "the number 1000: quote it"),
    ],
)
def test_a_name_that_yaml_reads_as_something_else(nowhere: Client, name: str, found: str) -> None:
    text = f"{GOOD}apiVersion: v1\nkind: ConfigMap\nmetadata:\n  labels: {{a: b}}\n  name: {name}\n"
    assert message(nowhere, text, RequestError).startswith(f"document 2, line 10: metadata.name is {found}")


def test_a_name_that_is_quoted_is_a_name(client: Client) -> None:
    report = client.apply_all("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 'no'}\n", field_manager="m")
    assert [result.name for result in report] == ["no"]


@pytest.mark.parametrize(
    ("document", "line", "path"),
    [
        ("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: off", 5, "metadata.namespace"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels:\n    v: 1.2", 6, "metadata.labels.v"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  p: x\n  q: true", 7, "data.q"),
        ("apiVersion: 1\nkind: ConfigMap\nmetadata:\n  name: a", 1, "apiVersion"),
        ("apiVersion: v1\nkind: no\nmetadata:\n  name: a", 2, "kind"),
        (POD, 9, "spec.containers[0].env[0].value"),
    ],
)
def test_strings_are_looked_for_wherever_the_class_declares_them(
    nowhere: Client, document: str, line: int, path: str
) -> None:
    found = message(nowhere, GOOD + document, RequestError)
    assert re.match(rf"document 2, line {line + 5}: {re.escape(path)} is (a|the) (boolean|number)", found)


def test_numbers_are_fine_where_numbers_and_quantities_belong(client: Client) -> None:
    pod = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  terminationGracePeriodSeconds: 5\n  containers:\n"
        "  - {name: c, image: i, resources: {limits: {cpu: 1.5}},\n"
        "     livenessProbe: {httpGet: {port: 80}, periodSeconds: 3}, stdin: true}\n"
    )
    assert client.apply_all(pod, field_manager="m").changed


def test_values_that_may_be_secret_are_not_shown(nowhere: Client) -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  password: 31415926\n"
    found = message(nowhere, secret, RequestError)
    assert found == "document 1, line 5: stringData.password is a number: quote it"
    for document in ("hunter2\n", "- hunter2\n", "a: 'hunter2\n", "kind: ConfigMap\ndata: {a: hunter2}\n"):
        with pytest.raises(KubernetesError) as caught:
            nowhere.apply_all(GOOD + document, field_manager="m")
        assert str(caught.value).startswith("document 2")
        assert "hunter2" not in str(caught.value)


def test_a_tab_is_called_a_tab(nowhere: Client, tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(f"{GOOD}apiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: x\n")
    assert message(nowhere, file, DecodeError) == (
        f"{file}, document 2: malformed YAML: line 9, column 1: a tab indents here; YAML allows spaces only"
    )


@pytest.mark.parametrize(
    ("document", "error", "words"),
    [
        ("hello", RequestError, "line 6: a string, not an object with apiVersion and kind"),
        ("[1]", RequestError, "line 6: a list, not an object"),
        ("\n\nkind: ConfigMap\n", RequestError, "line 8: it has no apiVersion, so its kind is unknown"),
        ("{apiVersion: v1, kind: ConfigMap}", PatchError, "line 6: a configuration to apply needs metadata.name"),
        ("{apiVersion: v1, kind: ConfigMap, metadata: [a]}", RequestError, "line 6: metadata must be a mapping"),
        ("{apiVersion: v1, kind: ConfigMap, metadata: {name: a/b}}", InvalidName, "line 6: "),
        ("{apiVersion: a/b/c, kind: ConfigMap, metadata: {name: a}}", InvalidName, "line 6: "),
        ("{apiVersion: v1, kind: ConfigMap, metadata: {name: good}}", RequestError, "line 6: ConfigMap 'good' in"),
        ("{apiVersion: v1, kind: List, items: [{}, 5]}", RequestError, "item 1, line 6: it has no apiVersion"),
        (
            "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: x},\nspec: {a: b}}",
            RequestError,
            "line 7: CustomResourceDefinition 'x' needs spec.group",
        ),
    ],
)  # fmt: skip
def test_every_refusal_names_the_document(
    nowhere: Client, tmp_path: Path, document: str, error: type[KubernetesError], words: str
) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(GOOD + document)
    assert message(nowhere, GOOD + document, error).startswith(f"document 2, {words}")
    assert message(nowhere, file, error).startswith(f"{file}, document 2, {words}")


def test_the_labels_for_pruning_are_missed_in_a_document(nowhere: Client) -> None:
    found = message(nowhere, [ConfigMap(metadata=ObjectMeta(name="a"))], RequestError, prune={"set": "shop"})
    assert found.startswith("document 1: ConfigMap 'a' does not carry the labels set=shop")


def test_what_the_server_refuses_names_the_document_too(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(f"{GOOD}\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: Not_A_Name}}\n")
    with pytest.raises(ApplyFailed) as caught:
        client.apply_all(file, field_manager="m")
    assert f"configmap/Not_A_Name in {client.namespace} failed ({file}, document 2, line 7): PATCH" in str(caught.value)
    assert [result.source for result in caught.value.report] == [
        f"{file}, document 1, line 1",
        f"{file}, document 2, line 7",
    ]


def unknown(api_version: str, kind: str) -> str:
    return f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: x}}\n"


@pytest.mark.parametrize(
    ("api_version", "kind", "words"),
    [
        ("shop.example/v1", "Part", "serve Part of shop.example/v1: its CRD is missing there. Install it first"),
        ("apps/v1beta1", "Deployment", "the server does not serve Deployment of apps/v1beta1, but v1 of this group"),
        ("apps/v1", "Deploymet", "the server does not serve Deploymet of apps/v1; did you mean 'Deployment'?"),
        ("app/v1", "Deployment", "no API group is called 'app'; did you mean 'apps'?"),
    ],
)  # fmt: skip
def test_a_kind_that_the_server_lacks(client: Client, api_version: str, kind: str, words: str) -> None:
    found = message(client, GOOD + unknown(api_version, kind), UnknownKindError)
    assert found.startswith("document 2, line 6: the server does not serve")
    assert words in found


def test_a_kind_that_has_a_class_and_no_crd(client: Client) -> None:
    class Part(Resource, group="shop.example", version="v1", plural="parts"):
        pass

    with pytest.raises(ApplyFailed) as caught:
        client.apply_all([Part(metadata=ObjectMeta(name="x"))], field_manager="m")
    assert "the server does not serve Part of API group shop.example; is its CRD installed?" in str(caught.value)


def test_a_file_of_kustomize_is_input_for_kustomize(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "kustomization.yaml"
    file.write_text("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: []\n")
    assert message(client, file, UnknownKindError).endswith("apply what `kustomize build` prints, such as by sys.stdin")
    file.write_text("resources: []\n")
    assert message(client, file, RequestError).endswith("apply what `kustomize build` prints, such as by sys.stdin")


def test_an_api_that_does_not_answer_is_not_a_missing_crd(connect: Connect) -> None:
    with ScriptedServer(handler=Cluster(group("m.example", ("v1", []), stale="v1"))) as server:
        found = message(connect(server), unknown("m.example/v1", "Metric"), UnknownKindError)
    assert "whether the server serves Metric of m.example/v1 is not known: that API does not answer" in found


def test_a_server_that_may_not_be_asked(connect: Connect) -> None:
    with ScriptedServer(default=reply(403, status_body(403, "Forbidden", "no"))) as server:
        with pytest.raises(Forbidden) as caught:
            connect(server).apply_all(unknown("shop.example/v1", "Part"), field_manager="m")
        assert "no installed package provides shop.example/v1 Part" in caught.value.__notes__[0]
