# SPDX-License-Identifier: Apache-2.0
"""``Warning`` headers on the wire, by their origin: what a server accepts, and what it says to that (protocol B19).

All texts that a 1.36.2 sent are in ``defaults/warnings-1.36.json``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from waiting import eventually
from wire_documents import CRDS, DEPLOYMENTS, MAPS, PODS, deployment, quiet

if TYPE_CHECKING:
    from wire import Wire

Json = dict[str, Any]
JOBS = "/apis/batch/v1/namespaces/{ns}/jobs"
SERVICES = "/api/v1/namespaces/{ns}/services"
NULL = "a null labelSelector results in matching no pod"
pytestmark = quiet


def warnings_of(wire: Wire, method: str, path: str, body: Any = None, *, status: int = 201) -> list[str]:
    reply = wire(method, path, body)
    assert reply.status == status, reply.body
    return reply.warnings


def pod(**spec: Any) -> Json:
    return {"metadata": {"name": "a"}, "spec": {"containers": [{"name": "a", "image": "nginx:1"}], **spec}}


# Deprecated versions


@pytest.mark.since("1.33")
@pytest.mark.parametrize("path", ["/api/v1/namespaces/{ns}/endpoints", "/api/v1/namespaces/{ns}/endpoints/none"])
def test_every_request_on_a_deprecated_version_warns_refused_ones_too(wire: Wire, path: str) -> None:
    assert wire("GET", path).warnings == ["v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"]


@pytest.mark.custom_resources
def test_a_deprecated_version_of_a_crd(wire: Wire) -> None:
    group = f"{wire.namespace}.deprecated.example.org"
    facts: dict[str, Json] = {
        "v2": {},
        "v1": {"deprecated": True},
        "v1beta1": {"deprecated": True, "deprecationWarning": 'the "beta" goes'},
        "v3alpha1": {},
    }
    schema = {"openAPIV3Schema": {"type": "object"}}
    versions = [
        {"name": name, "served": True, "storage": name == "v2", "schema": schema, **more}
        for name, more in facts.items()
    ]
    names = {"plural": "things", "singular": "thing", "kind": "Thing"}
    spec = {"group": group, "scope": "Namespaced", "names": names, "versions": versions}
    definition = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "spec": spec}
    wire.ok("POST", CRDS, {**definition, "metadata": {"name": f"things.{group}"}})
    eventually(lambda: wire("GET", f"/apis/{group}/v1beta1/things").status == 200, f"{group} is served")
    found = {name: warnings_of(wire, "GET", f"/apis/{group}/{name}/things", status=200) for name in facts}
    assert found == {
        "v2": [],
        "v1": [f"{group}/v1 Thing is deprecated; use {group}/v2 Thing"],
        "v1beta1": ['the "beta" goes'],
        "v3alpha1": [],
    }


# Deprecated and ineffective fields


@pytest.mark.since("1.36")
def test_a_deprecated_field(wire: Wire) -> None:
    volumes = [{"name": "a", "emptyDir": {}}, {"name": "b", "gitRepo": {"repository": "r"}}]
    assert warnings_of(wire, "POST", PODS, pod(volumes=volumes)) == ["spec.volumes[1].gitRepo: deprecated in v1.11"]


@pytest.mark.since("1.36")
def test_a_template_is_looked_at_when_its_generation_changes(wire: Wire) -> None:
    document = deployment("a")
    document["spec"]["template"]["spec"]["nodeSelector"] = {"beta.kubernetes.io/os": "linux"}
    text = 'deprecated since v1.14; use "kubernetes.io/os" instead'
    expected = [f"spec.template.spec.nodeSelector[beta.kubernetes.io/os]: {text}"]
    assert warnings_of(wire, "POST", DEPLOYMENTS, document) == expected
    document["metadata"]["labels"] = {"a": "b"}
    assert warnings_of(wire, "PUT", f"{DEPLOYMENTS}/a", document, status=200) == []
    document["spec"]["replicas"] = 2
    assert warnings_of(wire, "PUT", f"{DEPLOYMENTS}/a", document, status=200) == expected


@pytest.mark.since("1.36")
def test_an_external_name_that_is_ignored(wire: Wire) -> None:
    document = {"metadata": {"name": "a"}, "spec": {"ports": [{"port": 80}], "externalName": "a.example.org"}}
    assert warnings_of(wire, "POST", SERVICES, document) == [
        'spec.externalName is ignored when spec.type is not "ExternalName"'
    ]


@pytest.mark.since("1.36")
def test_a_null_selector(wire: Wire) -> None:
    spread = [{"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}]
    affinity = {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "zone"}]}}
    document = pod(topologySpreadConstraints=spread, affinity=affinity)
    where = "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector"
    assert warnings_of(wire, "POST", PODS, document) == [
        f"spec.topologySpreadConstraints[0].labelSelector: {NULL}",
        f"{where}: {NULL}",
    ]


@pytest.mark.since("1.36")
def test_a_name_that_is_no_host_name(wire: Wire) -> None:
    document = {**pod(), "metadata": {"name": "a.b"}}
    (text,) = warnings_of(wire, "POST", PODS, document)
    assert text.startswith("metadata.name: this is used in the Pod's hostname, which can result in surprising behavior")
    assert text.endswith("a DNS label is recommended: [must not contain dots]")


@pytest.mark.since("1.36")
def test_a_job_that_leaves_its_pods_behind(wire: Wire) -> None:
    spec = {"template": {"spec": {"restartPolicy": "Never", **pod()["spec"]}}}
    for name in ("a", "b"):
        assert warnings_of(wire, "POST", JOBS, {"metadata": {"name": name}, "spec": spec}) == []
    (text,) = warnings_of(wire, "DELETE", f"{JOBS}/a", status=200)
    assert text.startswith("child pods are preserved by default when jobs are deleted;")
    assert warnings_of(wire, "DELETE", f"{JOBS}/b?propagationPolicy=Orphan", status=200) == []


# Fields that are not there, or twice


@pytest.mark.since("1.27")
def test_unknown_and_duplicate_fields(wire: Wire) -> None:
    body = b'{"metadata": {"name": "a", "nmae": "b"}, "data": {"a": "1", "a": "2"}, "dta": {}}'
    assert sorted(warnings_of(wire, "POST", MAPS, body)) == [
        'duplicate field "data.a"',
        'unknown field "dta"',
        'unknown field "metadata.nmae"',
    ]


@pytest.mark.since("1.36")
def test_a_refusal_has_no_warnings_of_the_object_itself(wire: Wire) -> None:
    """Only a valid object is looked at; unknown fields are found before that."""
    document = pod(volumes=[{"name": "A", "gitRepo": {"repository": "r"}}], wrong=1)
    assert warnings_of(wire, "POST", PODS, document, status=422) == ['unknown field "spec.wrong"']
