# SPDX-License-Identifier: Apache-2.0
"""From what callers give to ``apply_all`` and ``delete_all`` to a list of objects, each with its place."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from k8s_core.client.applying.sources import URL, Download, Source, Text, is_source, read_source
from k8s_core.client.objects import not_a_string
from k8s_core.errors import DecodeError, RequestError
from k8s_core.kinds import CUSTOM_RESOURCE_DEFINITION
from k8s_core.model import Resource

if TYPE_CHECKING:
    from k8s_core.model.yaml import YAMLDocument

__all__ = ["Document", "Documents", "apply_order", "is_crd", "read_documents"]

Documents: TypeAlias = (
    "str | bytes | Source | Resource | Mapping[str, Any] | Iterable[Source | Resource | Mapping[str, Any]]"
)
"""YAML or JSON, where it is, or objects; or several of the last two. A ``List`` stands for its items."""

_CRD_ORDER, _CLUSTER_ORDER, _ORDER = 20, 400, 500
"""Where kinds come whose class does not say: CRDs before the kinds that they define, and what has no namespace before
what may depend on it."""


_FOUND: Mapping[type, str] = {str: "a string", list: "a list", bool: "a boolean", int: "a number", float: "a number"}


class Document(NamedTuple):
    """An object, and where it was found."""

    obj: Any
    """A resource or a wire dict."""
    number: int
    """Of the document in its file, or among the objects that were given; from 1."""
    source: str = ""
    """The file or URL."""
    items: tuple[int, ...] = ()
    """Which item of a List, of a List in a List and so on; from 0."""
    yaml: YAMLDocument | None = None
    """Knows the lines, unless there are none."""

    def where(self, *path: str | int) -> str:
        """``shop.yaml, document 2, item 1, line 9``: the line of what is at the path in the object."""
        parts = [self.source] if self.source else []
        parts.append(f"document {self.number}")
        parts += [f"item {index + 1}" for index in self.items]
        if self.yaml is not None:
            above = [step for index in self.items for step in ("items", index)]
            parts.append(f"line {self.yaml.line_of(*above, *path)}")
        return ", ".join(parts)

    def kustomize_hint(self) -> str:
        """What to add to a refusal of a file that no server knows, and kustomize reads."""
        if PurePath(self.source).stem.lower() != "kustomization":
            return ""
        return ". This is a file for kustomize: apply what `kustomize build` prints, such as by sys.stdin"


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


def read_documents(documents: Documents, *, recursive: bool, download: Download) -> list[Document]:
    """All objects, lists taken apart.

    Args:
        documents: what the caller gave.
        recursive, download: as for :func:`~k8s_core.client.applying.sources.read_source`.

    Raises:
        RequestError: something in it is not an object; the message says which document. Or nothing can be read.
        DecodeError: not YAML; the message has document, line and column.
        TransportError: of a URL.
    """

    def read(source: str | bytes | Source) -> list[Document]:
        texts = list(read_source(source, recursive=recursive, download=download))
        found = [document for text in texts for document in _parsed(text)]
        if not found and not isinstance(source, (str, bytes)):
            # A program that failed, in front of a pipe, leaves nothing as well.
            name = str(source) if isinstance(source, (os.PathLike, URL)) else texts[0].name
            raise RequestError(f"{name or 'the file'} holds no objects")
        return found

    if isinstance(documents, (str, bytes)) or is_source(documents):
        return read(documents)
    given = [documents] if isinstance(documents, (Mapping, Resource)) else documents
    if not isinstance(given, Iterable):
        raise RequestError(f"expected YAML, a Path, an open file, a URL or objects, not {given!r:.80}")
    found: list[Document] = []
    for index, each in enumerate(given):
        if is_source(each):
            found.extend(read(each))
        elif each is not None:
            found.extend(_objects(Document(each, index + 1)))
    return found


def _parsed(text: Text) -> Iterator[Document]:
    from k8s_core.model.yaml import documents_of  # noqa: PLC0415  # only text needs a parser (20 modules)

    number = 1
    try:
        for document in documents_of(text.content):
            yield from _objects(Document(document.value, number, text.name, yaml=document))
            number += 1
    except DecodeError as error:
        where = f"{text.name}, document {number}" if text.name else f"document {number}"
        raise DecodeError(f"{where}: {error}") from error


def _objects(document: Document) -> Iterator[Document]:
    obj = document.obj
    if isinstance(obj, Resource):
        yield document
        return
    if not isinstance(obj, Mapping):
        raise RequestError(f"{document.where()}: {_not_an_object(obj)}")
    kind, items = obj.get("kind"), obj.get("items")
    if isinstance(kind, str) and kind.endswith("List") and isinstance(items, list):
        for index, item in enumerate(items):
            yield from _objects(document._replace(obj=_typed(obj, kind, item), items=(*document.items, index)))
        return
    for key in ("apiVersion", "kind"):
        if obj.get(key) is not None and not isinstance(obj[key], str):
            raise RequestError(f"{document.where(key)}: {not_a_string(key, obj[key])}")
    missing = [key for key in ("apiVersion", "kind") if not obj.get(key)]
    if missing:
        raise RequestError(
            f"{document.where()}: it has no {' and no '.join(missing)}, so its kind is unknown"
            + document.kustomize_hint()
        )
    yield document


def _not_an_object(value: Any) -> str:
    found = f"{_FOUND.get(type(value), type(value).__name__)}, not an object with apiVersion and kind"
    if isinstance(value, (str, bytes)):
        return f"{found}. A file or directory is passed as pathlib.Path(…), YAML as one string"
    return found


def _typed(parent: Mapping[str, Any], kind: str, item: Any) -> Any:
    """Items of a typed list may lack apiVersion and kind (C13)."""
    if kind == "List" or not isinstance(item, Mapping):
        return item
    return {"apiVersion": parent.get("apiVersion"), "kind": kind.removesuffix("List"), **item}
