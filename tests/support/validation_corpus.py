# SPDX-License-Identifier: Apache-2.0
"""The corpus of invalid objects below tests/conformance/validation: reading it, sending it, and recording answers.

A case takes a base document and sets fields of it (null takes one away). It is created with ``dryRun=All``; one with
``then`` is created indeed, and then replaced with those fields set. What the server answers is a list of texts: one
``field: message`` for each cause of a 422, or one text for any other answer. ``answers/`` has what real
kube-apiservers said, 1.20.2 and 1.36.2: one list where they say the same; else both. To record one of them anew, and
then to read the difference::

    KUBEBUILDER_ASSETS=... python tests/support/validation_corpus.py
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from wire import Wire

from k8s_devkit import ControlPlane

Json = dict[str, Any]
FOLDER = Path(__file__).parents[1] / "conformance" / "validation"
ANSWERS = FOLDER / "answers"
NAMESPACE = "validation"
PLURALS = {"Endpoints": "endpoints", "NetworkPolicy": "networkpolicies", "Ingress": "ingresses"}
CLUSTER = {
    "Namespace",
    "Node",
    "PersistentVolume",
    "StorageClass",
    "CSIDriver",
    "CSINode",
    "VolumeAttachment",
    "IngressClass",
    "ClusterRole",
    "ClusterRoleBinding",
    "PriorityClass",
    "RuntimeClass",
    "ValidatingWebhookConfiguration",
    "APIService",
    "CertificateSigningRequest",
}
REASONS = {
    "Required value": "FieldValueRequired",
    "Invalid value": "FieldValueInvalid",
    "Unsupported value": "FieldValueNotSupported",
    "Forbidden": "FieldValueForbidden",
    "Duplicate value": "FieldValueDuplicate",
    "Not found": "FieldValueNotFound",
    "Too long": "FieldValueTooLong",
    "Too many": "FieldValueTooMany",
}
# A uid, an address in memory, and a time.
_VARYING = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|0xc[0-9a-f]{9}|20\d\d-[-0-9:. T+]+(UTC|Z)?")


@dataclass(frozen=True)
class Case:
    """One object, or one change of an object, that a server may refuse."""

    file: str
    base: str
    title: str
    document: Json
    then: Json | None

    @property
    def id(self) -> str:
        return f"{self.base}: {self.title}"


def cases() -> list[Case]:
    """All cases of the corpus."""
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        content = yaml.safe_load(path.read_text())
        for base, entries in content["cases"].items():
            for title, changes in entries.items():
                document = changed(content["bases"][base], {k: v for k, v in changes.items() if k != "then"})
                found.append(Case(path.stem, base, title, document, changes.get("then")))
    return found


def changed(document: Json, changes: Json) -> Json:
    """A copy of a document with fields set, by paths as ``spec.containers[0].name``."""
    result = copy.deepcopy(document)
    for path, value in changes.items():
        *steps, last = [int(part) if part.isdecimal() else part for part in re.split(r"[.\[\]]+", path.rstrip("]"))]
        node: Any = result
        for step in steps:
            node = node[step] if isinstance(step, int) else node.setdefault(step, {})
        if value is None:
            node.pop(last, None)
        else:
            node[last] = copy.deepcopy(value)
    return result


def url(document: Json) -> str:
    """The collection of a document's kind."""
    version, kind = document["apiVersion"], document["kind"]
    plural = PLURALS.get(kind) or kind.lower() + ("es" if kind.endswith("s") else "s")
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    return f"{root}/{plural}" if kind in CLUSTER else f"{root}/namespaces/{{ns}}/{plural}"


# Served under another version by 1.20.
OLDER = {
    ("batch/v1", "CronJob"): "batch/v1beta1",
    ("policy/v1", "PodDisruptionBudget"): "policy/v1beta1",
    ("discovery.k8s.io/v1", "EndpointSlice"): "discovery.k8s.io/v1beta1",
    ("autoscaling/v2", "HorizontalPodAutoscaler"): "autoscaling/v2beta2",
}


def older(case: Case) -> Case:
    """The case in the versions that 1.20 serves."""
    version = OLDER.get((case.document["apiVersion"], case.document["kind"]))
    return case if version is None else replace(case, document={**case.document, "apiVersion": version})


def expected(file: str, version: str) -> dict[str, list[str]]:
    """The recorded answers to a file's cases, by the ids of the cases that this version has an answer to."""
    content = yaml.safe_load((ANSWERS / f"{file}.yaml").read_text())
    found = {}
    for case, answers in content.items():
        both = answers if isinstance(answers, dict) else {"1.20": answers, "1.36": answers}
        if version in both:
            found[case] = both[version]
    return found


def answers(wire: Wire, file: str, version: str) -> dict[str, list[str]]:
    """What a server says to the cases of a file."""
    chosen = [case for case in cases() if case.file == file]
    return {
        case.id: answer(wire, older(case) if version == "1.20" else case, number) for number, case in enumerate(chosen)
    }


def answer(wire: Wire, case: Case, number: int) -> list[str]:
    """What a server says to a case."""
    document = _placed(case.document, wire.namespace)
    if case.then is None:
        return texts(wire("POST", f"{url(document)}?dryRun=All", document))
    document["metadata"]["name"] = f"c{number}"
    created = wire("POST", url(document), document)
    if created.status != 201:
        return ["not created", *texts(created)]
    target = f"{url(document)}/c{number}"
    reply = wire("PUT", target, changed(created.json, _placed(case.then, wire.namespace)))
    wire("DELETE", f"{target}?gracePeriodSeconds=0&propagationPolicy=Background")
    return texts(reply)


def _placed(document: Json, namespace: str) -> Json:
    return yaml.safe_load(yaml.safe_dump(document).replace("{ns}", namespace))  # type: ignore[no-any-return]  # YAML is untyped


def texts(reply: Any) -> list[str]:
    """An answer in the form of the corpus: without what is another one each time."""
    return [_VARYING.sub("…", text) for text in _texts(reply)]


def _texts(reply: Any) -> list[str]:
    if 200 <= reply.status < 300:
        return ["accepted"]
    status = reply.json
    if reply.status != 422:
        return [f"{reply.status} {status.get('reason', '')}: {status['message']}"]
    found = []
    for cause in status["details"].get("causes", []):
        kind = re.match(r"[A-Z][a-z ]+", cause["message"])
        assert kind is not None, cause
        assert REASONS.get(kind[0], cause["reason"]) == cause["reason"], cause
        # The comparison that follows in some is of Go's structs.
        found.append(f"{cause['field']}: {cause['message'].split(chr(10), 1)[0]}")
    return found or [status["message"]]


def record() -> None:
    """Write the answers of the real server of KUBEBUILDER_ASSETS beside those of the other version."""
    with ControlPlane(start_timeout=120) as real, real.client() as client:
        Wire(client, "").ok("POST", "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
        version = ".".join(real.version.removeprefix("v").split(".")[:2])
        for file in sorted({case.file for case in cases()}):
            write(file, version, answers(Wire(client, NAMESPACE), file, version))


def write(file: str, version: str, found: dict[str, list[str]]) -> None:
    """Put the answers of one version into a file, in the place of its former ones."""
    recorded = {name: expected(file, name) for name in ("1.20", "1.36")}
    # What a version does not serve it has no answers to.
    recorded[version] = {case: texts for case, texts in found.items() if not texts[0].startswith("404 ")}
    content: Json = {}
    for case in found:
        both = {name: texts[case] for name, texts in recorded.items() if case in texts}
        content[case] = both["1.36"] if len(both) == 2 and both["1.20"] == both["1.36"] else both
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=10_000)
    (ANSWERS / f"{file}.yaml").write_text(text)


if __name__ == "__main__":
    record()
