# SPDX-License-Identifier: Apache-2.0
"""A corpus of small CRDs, one for each construct of structural schemas, and what equality of CRDs means."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from k8s_core.model.yaml import load_yaml

__all__ = ["CORPUS", "corpus_crd", "corpus_since", "huge_crd", "normal", "served"]

FOLDER = Path(__file__).parents[1] / "crds" / "corpus"
_HEAD = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}}
CORPUS = sorted(file.stem for file in FOLDER.glob("*.yaml"))
"""The names of the files; each holds what is special about one CRD."""


def corpus_since(name: str) -> str | None:
    """The Kubernetes version that a corpus file needs, if it needs any."""
    since: str | None = load_yaml((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")).get("since")
    return since


def corpus_crd(name: str) -> dict[str, Any]:
    """The whole CRD of a corpus file."""
    facts = load_yaml((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    kind = "".join(word.capitalize() for word in name.split("-"))
    names = {"kind": kind, "plural": kind.lower() + "s", "singular": kind.lower(), "listKind": f"{kind}List"}
    names |= facts.get("names", {})
    names.setdefault("listKind", f"{names['kind']}List")
    if "names" in facts and "listKind" not in facts["names"]:
        names["listKind"] = f"{names['kind']}List"
    group = facts.get("group", "corpus.example.com")
    metadata: dict[str, Any] = {"name": f"{names['plural']}.{group}"}
    if "annotations" in facts:
        metadata["annotations"] = facts["annotations"]
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": _schema(facts)}}
    version |= facts.get("version", {})
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": metadata,
        "spec": {
            "group": group,
            "names": names,
            "scope": facts.get("scope", "Namespaced"),
            "versions": [*facts.get("versions", ()), version],
        },
    }


def _schema(facts: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = dict(_HEAD)
    if "spec" in facts:
        properties["spec"] = facts["spec"]
    schema: dict[str, Any] = {"type": "object", "properties": properties | facts.get("root", {})}
    if "root_description" in facts:
        schema["description"] = facts["root_description"]
    if "root_required" in facts:
        schema["required"] = facts["root_required"]
    return schema | facts.get("root_extra", {})


def huge_crd(fields: int = 1000) -> dict[str, Any]:
    """A CRD whose spec has very many fields, in objects of forty."""
    crd = corpus_crd("scalars")
    crd["metadata"]["name"] = "huges.corpus.example.com"
    crd["spec"]["names"] = {"kind": "Huge", "plural": "huges", "singular": "huge", "listKind": "HugeList"}
    types = ("string", "integer", "boolean", "number")
    parts: dict[str, Any] = {}
    for number in range(fields):
        part = parts.setdefault(f"part{number // 40}", {"type": "object", "properties": {}})
        part["properties"][f"field{number}"] = {"type": types[number % 4], "description": f"Field number {number}."}
    schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    schema["properties"]["spec"] = {"type": "object", "properties": parts}
    return crd


def served(crd: dict[str, Any]) -> dict[str, Any]:
    """The CRD with its served versions only: nothing can be known about the others from classes."""
    versions = [version for version in crd["spec"]["versions"] if version["served"]]
    return {**crd, "spec": {**crd["spec"], "versions": versions}}


def normal(value: Any) -> Any:
    """A CRD in a form in which equal things are equal: order, defaults of the API server and blanks do not count."""
    if isinstance(value, list):
        return [normal(item) for item in value]
    if not isinstance(value, dict):
        return value
    result = {key: normal(item) for key, item in value.items()}
    if "required" in result and isinstance(result["required"], list):
        result["required"] = sorted(result["required"])
    if isinstance(result.get("description"), str):
        result["description"] = "\n\n".join(" ".join(part.split()) for part in result["description"].split("\n\n"))
    if result.get("x-kubernetes-int-or-string") is True:
        # It means the same with and without; the generator writes it out, as the Go tools do.
        result["anyOf"] = [{"type": "integer"}, {"type": "string"}]
    if "openAPIV3Schema" in result:
        # Every object has these three, whether the schema says so or not.
        root = result["openAPIV3Schema"]
        root["properties"] = {**_HEAD, **root.get("properties", {})}
    if "versions" in result:
        result["versions"] = sorted(result["versions"], key=lambda version: version["name"])
        result.setdefault("conversion", {"strategy": "None"})
    return result
