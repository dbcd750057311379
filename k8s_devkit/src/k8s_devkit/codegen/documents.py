# SPDX-License-Identifier: Apache-2.0
"""Where OpenAPI v3 documents come from: a directory laid out like upstream's, or a cluster's ``/openapi/v3``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from k8s_core.requests import Request
from k8s_devkit.codegen.errors import CodegenError
from k8s_devkit.codegen.overlay import Overlay
from k8s_devkit.codegen.schema import Place, as_mapping
from k8s_devkit.codegen.served import METHODS

if TYPE_CHECKING:
    from pathlib import Path

    from k8s_core.client import Client

__all__ = ["Documents", "check_document", "discover_facts", "read_cluster", "read_directory"]

Documents = Mapping[str, Mapping[str, Any]]
"""Name of a document (file name or URL path) to its parsed content."""

Progress = Callable[[str, int, int], None]
"""Called with (what, done, total) as long work proceeds."""


def _silent(what: str, done: int, total: int) -> None:
    return


def check_document(name: str, document: object) -> Mapping[str, Any]:
    """Return the document if it says that it is OpenAPI v3 and has its outer shape; raises CodegenError otherwise."""
    if not isinstance(document, Mapping):
        raise CodegenError("not an OpenAPI v3 document: the top level is not a JSON object", source=name)
    version = document.get("openapi")
    if not isinstance(version, str) or not version.startswith("3."):
        found = "swagger" if "swagger" in document else "openapi"
        raise CodegenError(
            f"not an OpenAPI v3 document: {found} is {document.get(found)!r:.80}, expected openapi '3.x'", source=name
        )
    place = Place(name)
    for path, item in _object(document, "paths", place).items():
        here = place.at("paths", path)
        operations = as_mapping(item, here)
        for method, operation in operations.items():
            if method in METHODS:
                _check_parameters(as_mapping(operation, here.at(method)), here.at(method))
        _check_parameters(operations, here)
    components = _object(document, "components", place)
    _object(components, "schemas", place.at("components"))
    return document


def _check_parameters(holder: Mapping[str, Any], place: Place) -> None:
    entries = holder.get("parameters", [])
    if not isinstance(entries, list):
        raise place.at("parameters").error("expected a JSON array")
    for index, entry in enumerate(entries):
        here = place.at("parameters", str(index))
        if not isinstance(as_mapping(entry, here).get("name", ""), str):
            raise here.at("name").error("expected text")
        _object(entry, "schema", here)


def _object(holder: Mapping[str, Any], key: str, place: Place) -> Mapping[str, Any]:
    return as_mapping(holder.get(key, {}), place.at(key))


def read_directory(directory: Path, progress: Progress = _silent) -> Documents:
    """Read every ``*.json`` of a directory, in the order of their names.

    Raises:
        CodegenError: the directory holds none, or a file is not JSON or not OpenAPI v3.
    """
    files = sorted(directory.glob("*.json")) if directory.is_dir() else []
    if not files:
        raise CodegenError("no OpenAPI documents (*.json) here", source=str(directory))
    documents: dict[str, Mapping[str, Any]] = {}
    for done, file in enumerate(files):
        progress("reading", done, len(files))
        try:
            document = json.loads(file.read_bytes())
        except (ValueError, RecursionError) as error:
            raise CodegenError(f"not JSON: {error}", source=file.name) from error
        documents[file.name] = check_document(file.name, document)
    progress("reading", len(files), len(files))
    return documents


def read_cluster(client: Client, groups: frozenset[str] = frozenset(), progress: Progress = _silent) -> Documents:
    """Fetch a cluster's documents: one GET of ``/openapi/v3`` and one for each group and version (protocol G).

    Args:
        client: how to reach the cluster.
        groups: API groups to fetch, ``core`` for the legacy one; empty for all.
        progress: told about each document.

    Raises:
        CodegenError: an answer is not what OpenAPI v3 promises. KubernetesError: the requests' own errors.
    """
    index = _get_json(client, "/openapi/v3", "")
    paths = index.get("paths")
    if not isinstance(paths, Mapping):
        raise CodegenError("the index has no paths", source="/openapi/v3", path="paths")
    wanted = {name: entry for name, entry in sorted(paths.items()) if _wanted(name, groups)}
    documents: dict[str, Mapping[str, Any]] = {}
    for done, (name, entry) in enumerate(wanted.items()):
        progress("fetching", done, len(wanted))
        location = entry.get("serverRelativeURL") if isinstance(entry, Mapping) else None
        if not isinstance(location, str):
            raise CodegenError("no serverRelativeURL", source="/openapi/v3", path=f"paths.{name}")
        path, _, query = location.partition("?")
        documents[name] = check_document(name, _get_json(client, path, query))
    progress("fetching", len(wanted), len(wanted))
    return documents


def discover_facts(client: Client, documents: Documents) -> Overlay:
    """What discovery knows and OpenAPI does not: short names, categories and singular names (one GET a document).

    Args:
        client: how to reach the cluster.
        documents: as `read_cluster` returned them: their names are paths (``apis/apps/v1``).
    """
    kinds: dict[str, dict[str, Any]] = {}
    for name in documents:
        listing = _get_json(client, f"/{name}", "")
        for entry in listing.get("resources", ()):
            if "/" not in entry["name"]:
                facts = {
                    "short_names": entry.get("shortNames", []),
                    "categories": entry.get("categories", []),
                    "singular": entry.get("singularName") or entry["kind"].lower(),
                }
                kinds[f"{listing['groupVersion']}/{entry['kind']}"] = facts
    return Overlay(kinds=kinds, strict=False)


def _wanted(name: str, groups: frozenset[str]) -> bool:
    parts = name.split("/")
    if parts[0] == "api" and len(parts) == 2:
        group = "core"
    elif parts[0] == "apis" and len(parts) == 3:
        group = parts[1]
    else:
        return False
    return not groups or group in groups


def _get_json(client: Client, path: str, query: str) -> Mapping[str, Any]:
    body = client.send_json(
        Request(method="GET", path=path, query=tuple(parse_qsl(query)), headers=(("Accept", "application/json"),))
    )
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise CodegenError(f"not JSON: {error}", source=path) from error
    if not isinstance(document, Mapping):
        raise CodegenError("the top level is not a JSON object", source=path)
    return document
