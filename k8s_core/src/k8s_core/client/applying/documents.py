# SPDX-License-Identifier: Apache-2.0
"""From what callers give to ``apply_all`` to a list of objects in the order in which they must be applied. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from k8s_core.errors import RequestError
from k8s_core.kinds import CUSTOM_RESOURCE_DEFINITION
from k8s_core.model import Resource

__all__ = ["Documents", "apply_order", "flatten", "is_crd"]

Documents: TypeAlias = "str | bytes | Iterable[Resource | Mapping[str, Any]]"
"""YAML or JSON text with any number of documents, or objects; a ``List`` stands for its items."""

_CRD_ORDER, _CLUSTER_ORDER, _ORDER = 20, 400, 500
"""Where kinds come whose class does not say: CRDs before the kinds that they define, and what has no namespace before
what may depend on it."""


def is_crd(api_version: str, kind: str) -> bool:
    """Whether an object defines a kind, in whichever version."""
    return kind == CUSTOM_RESOURCE_DEFINITION.kind and api_version.startswith(f"{CUSTOM_RESOURCE_DEFINITION.group}/")


def apply_order(cls: type[Resource]) -> int:
    """Where a kind comes, see ``Resource.apply_order``."""
    if cls.apply_order is not None:
        return cls.apply_order
    resource = cls.api_resource
    if is_crd(resource.api_version, resource.kind):
        return _CRD_ORDER
    return _ORDER if resource.namespaced else _CLUSTER_ORDER


def flatten(documents: Documents) -> list[Resource | Mapping[str, Any]]:
    """All objects, lists taken apart.

    Raises:
        RequestError: something in it is no object; the message says which document.
        DecodeError: the text is not YAML.
    """
    if isinstance(documents, (str, bytes)):
        from k8s_core.model.yaml import load_all_yaml  # noqa: PLC0415  # only text needs a parser (20 modules)

        documents = load_all_yaml(documents)
    elif isinstance(documents, (Mapping, Resource)):
        documents = [documents]
    objects: list[Resource | Mapping[str, Any]] = []
    for index, document in enumerate(documents):
        if document is not None:
            objects.extend(_objects(document, f"document {index + 1}"))
    return objects


def _objects(document: Any, where: str) -> Iterator[Resource | Mapping[str, Any]]:
    if isinstance(document, Resource):
        yield document
        return
    if not isinstance(document, Mapping):
        raise RequestError(f"{where} is {type(document).__name__}, not an object with apiVersion and kind")
    kind, items = document.get("kind"), document.get("items")
    if isinstance(kind, str) and kind.endswith("List") and isinstance(items, list):
        for index, item in enumerate(items):
            yield from _objects(_typed(document, kind, item), f"{where}, item {index + 1}")
        return
    missing = [key for key in ("apiVersion", "kind") if not isinstance(document.get(key), str) or not document[key]]
    if missing:
        raise RequestError(f"{where} has no {' and no '.join(missing)}, so its kind is unknown")
    yield document


def _typed(parent: Mapping[str, Any], kind: str, item: Any) -> Any:
    """Items of a typed list may lack apiVersion and kind (C13)."""
    if kind == "List" or not isinstance(item, Mapping):
        return item
    return {"apiVersion": parent.get("apiVersion"), "kind": kind.removesuffix("List"), **item}
