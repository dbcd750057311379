# SPDX-License-Identifier: Apache-2.0
"""The parameters of API requests as OpenAPI v3 describes them: which a verb takes, and what they mean. Pure data."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from k8s_devkit.strategy.document import Document

__all__ = [
    "CREATE",
    "DELETE",
    "DELETE_COLLECTION",
    "LIST",
    "NAME",
    "NAMESPACE",
    "PATCH",
    "PATH",
    "PRETTY",
    "query",
]


def query(name: str, type_: str, description: str = "") -> Document:
    """One query parameter."""
    parameter: Document = {"name": name, "in": "query"}
    if description:
        parameter["description"] = description
    return {**parameter, "schema": {"type": type_, "uniqueItems": True}}


def _path(name: str, description: str) -> Document:
    schema = {"type": "string", "uniqueItems": True}
    return {"name": name, "in": "path", "description": description, "required": True, "schema": schema}


PRETTY = query("pretty", "string", "Whether JSON is laid out for people.")
NAMESPACE = _path("namespace", "The namespace of the object or the collection.")
NAME = _path("name", "The name of the object.")
PATH = _path("path", "The path of the request that is passed on.")

_DRY_RUN = query("dryRun", "string", "All: check and answer, but do not store.")
_MANAGER = query("fieldManager", "string", "Who is noted in managedFields as the owner of the fields.")
_VALIDATION = query(
    "fieldValidation", "string", "What to do with unknown and duplicate fields: Ignore, Warn (the default) or Strict."
)
_GRACE = query("gracePeriodSeconds", "integer", "Seconds until the object is gone; zero deletes at once.")
_IGNORE_READ_ERROR = query(
    "ignoreStoreReadErrorWithClusterBreakingPotential", "boolean", "Delete even what cannot be read from the store."
)
_ORPHAN = query("orphanDependents", "boolean", "The old form of propagationPolicy: true stands for Orphan.")
_PROPAGATION = query(
    "propagationPolicy", "string", "What becomes of dependents: Orphan, Background or Foreground deletion."
)
_CONTINUE = query("continue", "string", "The token from the last page, to read the next one.")
_FIELDS = query("fieldSelector", "string", "Selects objects by some of their fields.")
_LABELS = query("labelSelector", "string", "Selects objects by their labels.")
_LIMIT = query("limit", "integer", "The most objects in one page.")
VERSION = query("resourceVersion", "string", "How old the answer may be, or from where a watch resumes.")
_MATCH = query("resourceVersionMatch", "string", "How resourceVersion is meant: Exact or NotOlderThan.")
_INITIAL = query("sendInitialEvents", "boolean", "Begin the watch with the objects there are, then a bookmark.")
_SHARD = query("shardSelector", "string", "Selects a part of the objects by a hash.")
_TIMEOUT = query("timeoutSeconds", "integer", "Seconds after which the request ends, whatever it does.")
_BOOKMARKS = query("allowWatchBookmarks", "boolean", "The watch may send events of type BOOKMARK.")
_WATCH = query("watch", "boolean", "Send changes as they happen instead of a list.")

CREATE = [_DRY_RUN, _MANAGER, _VALIDATION]
"""Of POST and PUT."""
PATCH = [*CREATE, query("force", "boolean", "Server-side apply: take fields away from other managers.")]
DELETE = [_DRY_RUN, _GRACE, _IGNORE_READ_ERROR, _ORPHAN, _PROPAGATION]
_SELECTION = [_CONTINUE, _FIELDS, _LABELS, _LIMIT, VERSION, _MATCH, _INITIAL, _SHARD, _TIMEOUT]
DELETE_COLLECTION = [*DELETE, *_SELECTION]
LIST = [_BOOKMARKS, *_SELECTION, _WATCH]
"""Of lists and watches."""
