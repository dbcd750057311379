# SPDX-License-Identifier: Apache-2.0
"""Where CRDs come from: a YAML or JSON file, a directory of them, a URL, or a cluster."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from k8s_core.errors import ConfigError, DecodeError, TransportError
from k8s_core.model.yaml import load_all_yaml
from k8s_core.requests import Request
from k8s_devkit.codegen.crd_reader import Crd, check_crd
from k8s_devkit.codegen.errors import CodegenError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from k8s_core.client import Client

__all__ = ["read_cluster_crds", "read_crd_source"]

CLUSTER = "cluster:"
_SUFFIXES = (".yaml", ".yml", ".json")
_PATH = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def read_crd_source(source: str, connect: Callable[[], Client] | None = None) -> list[Crd]:
    """Read the CRDs that a ``--from`` argument names. Does I/O.

    Args:
        source: a file, a directory (its ``*.yaml``, ``*.yml`` and ``*.json``, sorted), an http(s) URL, or
            ``cluster:GROUP`` (``cluster:`` alone for all groups).
        connect: makes the client for ``cluster:``, closed afterwards.

    Returns:
        Name and document of each CRD, checked. Other objects in a file of several documents are passed over.

    Raises:
        CodegenError: the source cannot be read, holds no CRD, or one that is of no use; names the path in it.
        KubernetesError: the cluster's own errors.
    """
    if source.startswith(CLUSTER):
        if connect is None:
            raise CodegenError("no cluster can be asked here", source=source)
        with connect() as client:
            return read_cluster_crds(client, source.removeprefix(CLUSTER))
    if source.startswith(("http://", "https://")):
        return _crds_of(source, _fetch(source))
    path = Path(source)
    if not path.is_dir():
        return _crds_of(source, _read(path))
    files = sorted(file for file in path.iterdir() if file.suffix in _SUFFIXES)
    found = [crd for file in files for crd in _crds_of(str(file), _read(file), several=True)]
    if not found:
        raise CodegenError(f"no CustomResourceDefinition in its {len(files)} YAML and JSON files", source=source)
    return found


def read_cluster_crds(client: Client, group: str = "") -> list[Crd]:
    """The CRDs that a cluster has for one API group, or for all, sorted by name.

    Raises:
        CodegenError: there are none for the group.
    """
    body = client.send_json(Request(method="GET", path=_PATH, headers=(("Accept", "application/json"),), verb="list"))
    items: list[dict[str, Any]] = json.loads(body).get("items") or []
    name = f"{CLUSTER}{group}"
    found: list[Crd] = []
    for item in items:
        if group in ("", item["spec"]["group"]):
            # Items of a list have no type of their own.
            document = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", **item}
            label = f"{name} {item['metadata']['name']}"
            found.append((label, check_crd(label, document)))
    if not found:
        groups = ", ".join(sorted({item["spec"]["group"] for item in items})) or "none"
        raise CodegenError(f"the cluster has no CRDs of API group {group!r}; it has: {groups}", source=name)
    return sorted(found, key=lambda crd: crd[0])


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise CodegenError(f"cannot be read: {error}", source=str(path)) from error


def _fetch(url: str) -> str:
    from k8s_core.transport.fetch import fetch  # noqa: PLC0415  # only a URL needs it (97 modules)

    try:
        status, body = fetch("GET", url)
    except (TransportError, ConfigError) as error:
        raise CodegenError(f"cannot be fetched: {error}", source=url) from error
    if status != 200:
        hint = "; give the address that it redirects to" if status in (301, 302, 303, 307, 308) else ""
        raise CodegenError(f"cannot be fetched: the server answered {status}{hint}", source=url)
    try:
        return body.decode()
    except ValueError as error:
        raise CodegenError("is no text", source=url) from error


def _crds_of(source: str, text: str, *, several: bool = False) -> list[Crd]:
    """The CRDs in a text; with ``several``, none is no error: other files may have some."""
    try:
        documents = list(_flat(load_all_yaml(text)))
    except DecodeError as error:
        raise CodegenError(f"neither YAML nor JSON: {error}", source=source) from error
    chosen = [document for document in documents if _is_definition(document)]
    if not chosen and not several:
        if len(documents) == 1:
            check_crd(source, documents[0])
        raise CodegenError(f"no CustomResourceDefinition among its {len(documents)} documents", source=source)
    return [(_label(source, document, len(chosen)), check_crd(source, document)) for document in chosen]


def _flat(documents: Any) -> Iterator[Any]:
    for document in documents:
        if isinstance(document, dict) and isinstance(document.get("items"), list):
            yield from _flat(document["items"])
        elif document is not None:
            yield document


def _is_definition(document: Any) -> bool:
    return isinstance(document, dict) and document.get("kind") == "CustomResourceDefinition"


def _label(source: str, document: Any, count: int) -> str:
    name = (document.get("metadata") or {}).get("name", "") if count > 1 else ""
    return f"{source} ({name})" if name else source
