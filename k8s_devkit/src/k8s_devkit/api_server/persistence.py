# SPDX-License-Identifier: Apache-2.0
"""The state of a server as a directory of YAML files: ``<group>/<plural>/<namespace>/<name>.yaml``.

Files are for people to read, edit and commit; they are read at start and written at each change. A file at another
place in the directory is read at each start, too, and never written: what it holds is back with the next start.
"""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from k8s_core.errors import ConfigError, DecodeError
from k8s_core.model.yaml import dump_yaml, load_all_yaml
from k8s_devkit.api_server.store import DELETED, EVERYTHING, Change

if TYPE_CHECKING:
    from pathlib import Path

    from k8s_devkit.api_server.core import ApiCore
    from k8s_devkit.strategy.document import Document

__all__ = ["Directory"]

_log = logging.getLogger("k8s_devkit")
_CLUSTER = "_cluster"


class Directory:
    """Keeps a server's objects in a directory.

    Args:
        root: made if it does not exist.

    Raises:
        ConfigError: a file is not YAML; it names the file.
    """

    def __init__(self, core: ApiCore, root: Path) -> None:
        self.core = core
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self._load()
        core.store.listen(EVERYTHING, self._changed)
        for key in core.store.resources():
            for entry in core.store.entries(key):
                self._write(key, entry.key, entry.document())

    def _load(self) -> None:
        """Put what is there into the store, in the order in which it was written."""
        documents = [document for path in sorted(self.root.rglob("*.yaml")) for document in _read(path)]
        documents.sort(key=_version)  # stable: what has no version yet stays in the order of its files
        if documents:
            # Versions go on from the highest one: no client must go back in time.
            self.core.store.advance(_version(documents[-1]))
        definitions = [item for item in documents if item.get("kind") == "CustomResourceDefinition"]
        for document in definitions:
            self.core.seed(document)
        self.core.settle()
        for document in documents:
            if document not in definitions:
                try:
                    self.core.seed(document)
                except LookupError as error:
                    _log.warning("%s is left out: %s", document["metadata"].get("name"), error)

    def _changed(self, change: Change) -> None:
        path = self._path(change.resource, change.entry.key)
        if change.type == DELETED:
            path.unlink(missing_ok=True)
        else:
            self._write(change.resource, change.entry.key, change.entry.document())

    def _path(self, resource: tuple[str, str], key: str) -> Path:
        namespace, _, name = key.rpartition("/")
        return (
            self.root / (resource[0] or "core") / resource[1] / (namespace or _CLUSTER) / f"{quote(name, safe='')}.yaml"
        )

    def _write(self, resource: tuple[str, str], key: str, document: Document) -> None:
        kind = self.core.catalog.of_store(resource)
        if kind is None:
            return
        path = self._path(resource, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = dump_yaml({"apiVersion": kind.resource.api_version, "kind": kind.name, **document})
        partial = path.with_suffix(".tmp")
        # Replaced in one step: a server that is killed leaves whole files.
        with open(partial, "w", encoding="utf-8", opener=_private) as file:
            file.write(text)
        partial.replace(path)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)  # there may be Secrets in it


def _read(path: Path) -> list[Document]:
    """The objects of a file; what is no object is left out with a warning."""
    try:
        documents = load_all_yaml(path.read_bytes())
    except DecodeError as error:
        raise ConfigError(f"{path}: {error}; mend or remove the file", source=str(path)) from error
    objects: list[Document] = []
    for number, document in enumerate(documents, 1):
        if _is_object(document):
            objects.append(document)
        elif document is not None:
            _log.warning("%s: document %d is left out: it has no apiVersion, kind and metadata.name", path, number)
    return objects


def _is_object(document: Any) -> bool:
    if not isinstance(document, dict) or not isinstance(document.get("metadata"), dict):
        return False
    return all(isinstance(item, str) and item for item in (document.get("apiVersion"), document.get("kind"))) and (
        isinstance(document["metadata"].get("name"), str)
    )


def _version(document: Document) -> int:
    text = str(document["metadata"].get("resourceVersion", "0"))
    return int(text) if text.isdigit() else 0
