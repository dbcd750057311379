# SPDX-License-Identifier: Apache-2.0
"""CRDs made from classes are accepted, and objects that break them are refused at the same paths, on both servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from crd_corpus import CORPUS, corpus_crd, corpus_since
from wire_documents import quiet

from k8s_core.errors import AlreadyExists, Invalid
from k8s_core.model.crd_manifest import stored_first
from k8s_core.registry import classes_of_package

if TYPE_CHECKING:
    from k8s_core import Client

pytestmark = pytest.mark.custom_resources
EXAMPLES = ("k8s-crd-crontab", "k8s-crd-fiaas-application", "k8s-crd-certmanager", "k8s-crd-gateway-api")


def establish(client: Client, crd: dict[str, Any]) -> dict[str, str]:
    """Create a CRD, wait until its kind is served, and return the status of each condition."""
    try:
        created: Any = client.create(crd)
    except AlreadyExists:
        # Another test of this session made it.
        created = client.get("customresourcedefinitions.apiextensions.k8s.io", crd["metadata"]["name"])
    fields = {"metadata.name": created.metadata.name}
    for event in client.watch(type(created), fields=fields):
        status = event.object.to_dict().get("status", {})
        conditions = {condition["type"]: condition["status"] for condition in status.get("conditions") or ()}
        if conditions.get("Established") == "True":
            return conditions
        assert conditions.get("NamesAccepted") != "False", status
    raise AssertionError("the watch ended")


@pytest.mark.parametrize("package", EXAMPLES)
def test_the_manifests_of_the_examples_are_accepted(admin: Client, package: str) -> None:
    for versions in stored_first(classes_of_package(package)):
        conditions = establish(admin, versions[0].crd(*versions[1:]))
        assert "NonStructuralSchema" not in conditions


@quiet  # an unknown format is worth a warning to 1.36
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.since(since)] if (since := corpus_since(name)) else [], id=name)
        for name in CORPUS
    ],
)
def test_the_corpus_is_accepted(admin: Client, name: str) -> None:
    assert "NonStructuralSchema" not in establish(admin, corpus_crd(name))


INVALID = {
    "a required field is missing": (
        "k8s-crd-crontab",
        {"apiVersion": "stable.example.com/v1", "kind": "CronTab", "spec": {"image": "x"}},
        {"spec.cronSpec"},
    ),
    "a wrong type": (
        "k8s-crd-crontab",
        {"apiVersion": "stable.example.com/v1", "kind": "CronTab", "spec": {"cronSpec": "* * * * *", "image": 5}},
        {"spec.image"},
    ),
    "a text that is too short": (
        "k8s-crd-fiaas-application",
        {
            "apiVersion": "fiaas.schibsted.io/v1",
            "kind": "Application",
            "spec": {"application": "", "image": "x", "config": {}},
        },
        {"spec.application"},
    ),
    "a value that is not in the list": (
        "k8s-crd-certmanager",
        {
            "apiVersion": "cert-manager.io/v1",
            "kind": "Certificate",
            "spec": {"secretName": "a", "issuerRef": {"name": "b"}, "privateKey": {"algorithm": "DSA"}},
        },
        {"spec.privateKey.algorithm"},
    ),
    "in a list, in several places": (
        "k8s-crd-gateway-api",
        {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "Gateway",
            "spec": {
                "gatewayClassName": "",
                "listeners": [
                    {"name": "a", "port": 80, "protocol": "HTTP"},
                    {"name": "b", "port": 70000, "protocol": "HTTP"},
                ],
            },
        },
        {"spec.gatewayClassName", "spec.listeners[1].port"},
    ),
    "twice the same key of a list": (
        "k8s-crd-gateway-api",
        {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "Gateway",
            "spec": {
                "gatewayClassName": "x",
                "listeners": [
                    {"name": "a", "port": 80, "protocol": "HTTP"},
                    {"name": "a", "port": 81, "protocol": "HTTP"},
                ],
            },
        },
        {"spec.listeners[1]"},
    ),
}


# Kubernetes 1.20 leaves the index out of paths in lists: spec.listeners.port.
OLDER = {"in a list, in several places": [pytest.mark.since("1.21")]}


@pytest.mark.parametrize("case", [pytest.param(case, marks=OLDER.get(case, ()), id=case) for case in INVALID])
def test_invalid_objects_are_refused_at_the_same_paths(admin: Client, namespace: str, case: str) -> None:
    package, document, paths = INVALID[case]
    for versions in stored_first(classes_of_package(package)):
        if versions[0].api_resource.kind == document["kind"]:
            establish(admin, versions[0].crd(*versions[1:]))
    with pytest.raises(Invalid) as caught:
        admin.create({**document, "metadata": {"name": "invalid", "namespace": namespace}})
    assert {cause["field"] for cause in caught.value.causes} == paths
