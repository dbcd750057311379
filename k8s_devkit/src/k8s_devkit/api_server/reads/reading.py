# SPDX-License-Identifier: Apache-2.0
"""Get and list, with consistent paging (protocol C7-C12, J1, J9, J10). Pure over the store."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from k8s_devkit.api_server.reads.selection import FieldTerm, Selection, parse_field_selector, parse_label_selector
from k8s_devkit.strategy.failures import Failure, bad_request, expired, not_found, too_large_resource_version
from k8s_devkit.strategy.json_text import load_json

if TYPE_CHECKING:
    from k8s_devkit.api_server.kinds.kind import Kind
    from k8s_devkit.api_server.requests.options import ListOptions
    from k8s_devkit.api_server.store import Entry, Store

__all__ = ["Page", "get_entry", "object_key", "read_page", "selection_of"]

_TOO_OLD = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: the entries, the version it shows, and how it goes on."""

    entries: list[Entry]
    version: int
    token: str = ""
    remaining: int | None = None


def object_key(namespace: str, name: str) -> str:
    """The store key of an object."""
    return f"{namespace}/{name}" if namespace else name


def get_entry(store: Store, kind: Kind, namespace: str, name: str) -> Entry:
    """The current state of an object. Raises the server's 404."""
    entry = store.get(kind.key, object_key(namespace, name))
    if entry is None:
        raise not_found(kind.resource, name)
    return entry


def selection_of(kind: Kind, labels: str, fields: str) -> Selection:
    """Parse both selectors for a kind. Raises the server's 400."""
    if not labels and not fields:
        return Selection()
    terms = parse_field_selector(fields, kind.selectable, only_metadata=kind.selects_by_metadata) if fields else ()
    terms = tuple(FieldTerm(kind.strategy.storage_field(term.field), term.equal, term.value) for term in terms)
    return Selection(parse_label_selector(labels), terms)


def read_page(store: Store, kind: Kind, namespace: str, options: ListOptions) -> Page:
    """List a collection, or one page of it."""
    selection = selection_of(kind, options.labels, options.fields)
    start, limit = "", options.limit
    version = store.version
    if options.token:
        version, start = _decode_token(options.token)
        if options.version:
            raise bad_request("specifying resource version is not allowed when using continue")
        version = store.version if version < 0 else version
    elif options.version:
        if options.version > store.version:
            raise too_large_resource_version(options.version, store.version)
        if options.match == "Exact" or (limit and not options.match):
            version = options.version
    elif options.version == 0:
        limit = 0  # served from the watch cache, which does not page
    entries = store.snapshot(kind.key, namespace, version)
    if entries is None:
        raise _compacted(store, options, version, start)
    return _cut(entries, namespace, selection, version, start, limit)


def _compacted(store: Store, options: ListOptions, version: int, start: str) -> Failure:
    if options.token:
        return expired(_TOO_OLD, _encode_token(-1, start))
    return expired(f"The resourceVersion for the provided list is too old: {version} ({store.compacted})")


def _cut(entries: list[Entry], namespace: str, selection: Selection, version: int, start: str, limit: int) -> Page:
    skip = len(namespace) + 1 if namespace else 0
    if start:
        entries = [entry for entry in entries if entry.key[skip:] + "\0" > start]
    if not selection.everything:
        entries = [entry for entry in entries if selection.matches(entry)]
    if not limit or len(entries) <= limit:
        return Page(entries, version)
    page = entries[:limit]
    token = _encode_token(version, page[-1].key[skip:] + "\0")
    return Page(page, version, token, len(entries) - limit if selection.everything else None)


def _encode_token(version: int, start: str) -> str:
    document = {"v": "meta.k8s.io/v1", "rv": version, "start": f"/{start}"}
    text = json.dumps(document, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode_token(token: str) -> tuple[int, str]:
    prefix = "invalid continue token: continue key is not valid"
    try:
        document = load_json(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except ValueError as error:
        raise bad_request(f"{prefix}: {error}") from None
    fields = document if isinstance(document, dict) else {}
    version, start = fields.get("rv", 0), fields.get("start", "")
    if fields.get("v") != "meta.k8s.io/v1":
        raise bad_request(f"{prefix}: server does not recognize this encoded version {fields.get('v', '')}")
    if not isinstance(version, int) or not version:
        raise bad_request(f"{prefix}: incorrect encoded start resourceVersion (version meta.k8s.io/v1)")
    if not isinstance(start, str) or not start:
        raise bad_request(f"{prefix}: encoded start key empty (version meta.k8s.io/v1)")
    return version, start.removeprefix("/")
