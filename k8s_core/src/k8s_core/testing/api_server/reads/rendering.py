# SPDX-License-Identifier: Apache-2.0
"""Objects, lists and watches in the form that was negotiated: as they are, as Tables, or metadata only (J27, J29)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from k8s_core.testing.api_server.failures import bad_request
from k8s_core.testing.api_server.network.messages import Answer, HttpRequest
from k8s_core.testing.api_server.reads.table import columns_of, row_of
from k8s_core.testing.api_server.requests.negotiation import Accepted, negotiate

if TYPE_CHECKING:
    from datetime import datetime

    from k8s_core.testing.api_server.clock import Clock
    from k8s_core.testing.api_server.kinds.catalog import Kind
    from k8s_core.testing.api_server.reads.reading import Page

__all__ = ["WatchPresenter", "accepted_form", "presenter_of", "render_document", "render_list", "render_object"]

Json = dict[str, Any]
_encode = msgspec.json.encode
_PARTIAL = b'{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1",'


def accepted_form(request: HttpRequest) -> Accepted:
    """What the client accepts for objects and lists. Raises the 406."""
    return negotiate(request.header("accept"))


def _answer(form: Accepted, status: int, body: bytes) -> Answer:
    if form.format == "yaml":
        from k8s_core.model.yaml import dump_yaml

        return Answer(status, dump_yaml(msgspec.json.decode(body)).encode(), "application/yaml")
    return Answer(status, body)


def render_document(request: HttpRequest, document: Json, status: int = 200) -> Answer:
    """Answer with a document that is no stored object (a Status, a review, a Scale)."""
    form = negotiate(request.header("accept"))
    return _answer(form, status, _encode(document))


def render_object(request: HttpRequest, kind: Kind, body: bytes, now: datetime, status: int = 200) -> Answer:
    """Answer with one object; ``body`` are its bytes without apiVersion and kind."""
    form = accepted_form(request)
    if not form.kind:
        return _answer(form, status, kind.prefix + body[1:])
    if form.kind == "Table":
        return _answer(form, status, _encode(_table(request, kind, [body], _meta_of(body), now)))
    return _answer(form, status, _partial(body))


def render_list(request: HttpRequest, kind: Kind, page: Page, now: datetime) -> Answer:
    """Answer with a list."""
    form = accepted_form(request)
    metadata: Json = {"resourceVersion": str(page.version)}
    if page.token:
        metadata["continue"] = page.token
    if page.remaining is not None:
        metadata["remainingItemCount"] = page.remaining
    bodies = [kind.body(entry) for entry in page.entries]
    if form.kind == "Table":
        return _answer(form, 200, _encode(_table(request, kind, bodies, metadata, now)))
    if form.kind:
        header: Json = {"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1"}
        items = [_partial(body) for body in bodies]
    else:
        header = {"kind": f"{kind.name}List", "apiVersion": kind.resource.api_version}
        # The items of a typed list carry no apiVersion and kind; those of a custom resource do (C13).
        items = [kind.prefix + body[1:] for body in bodies] if kind.traits.custom else bodies
    header["metadata"] = metadata
    return _answer(form, 200, b'%b,"items":[%b]}' % (_encode(header)[:-1], b",".join(items)))


def _partial(body: bytes) -> bytes:
    metadata = msgspec.json.decode(body)["metadata"]
    return _PARTIAL + _encode({"metadata": metadata})[1:]


def _meta_of(body: bytes) -> Json:
    return {"resourceVersion": msgspec.json.decode(body)["metadata"].get("resourceVersion", "")}


def _include_object(request: HttpRequest) -> str:
    choice = request.query.get("includeObject") or "Metadata"
    if choice not in ("None", "Metadata", "Object"):
        raise bad_request(f"unrecognized includeObject value: {choice!r}")
    return choice


def _table(request: HttpRequest, kind: Kind, bodies: list[bytes], metadata: Json, now: datetime) -> Json:
    include = _include_object(request)
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": metadata,
        "columnDefinitions": columns_of(kind),
        "rows": [_row(kind, body, include, now) for body in bodies],
    }


def _row(kind: Kind, body: bytes, include: str, now: datetime) -> Json:
    document = msgspec.json.decode(body)
    row: Json = {"cells": row_of(kind, document, now), "object": None}
    if include == "Metadata":
        row["object"] = {
            "kind": "PartialObjectMetadata",
            "apiVersion": "meta.k8s.io/v1",
            "metadata": document["metadata"],
        }
    elif include == "Object":
        row["object"] = {"kind": kind.name, "apiVersion": kind.resource.api_version, **document}
    return row


class WatchPresenter:
    """Shows the objects of one watch as Tables or as metadata; a Table's columns come with its first frame only."""

    def __init__(self, form: Accepted, request: HttpRequest, clock: Clock) -> None:
        self._clock = clock
        self._table = form.kind == "Table"
        self._include = _include_object(request) if self._table else ""
        self._columns_sent = False

    def object(self, kind: Kind, body: bytes) -> bytes:
        """The object of one frame."""
        if not self._table:
            return _partial(body)
        return self._frame(kind, [_row(kind, body, self._include, self._clock())], {"resourceVersion": ""})

    def bookmark(self, kind: Kind, metadata: Json) -> bytes:
        """The object of a bookmark."""
        if not self._table:
            return _PARTIAL + _encode({"metadata": metadata})[1:]
        return self._frame(kind, [], metadata)

    def _frame(self, kind: Kind, rows: list[Json], metadata: Json) -> bytes:
        document: Json = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata}
        document["columnDefinitions"] = None if self._columns_sent else columns_of(kind)
        self._columns_sent = True
        return _encode({**document, "rows": rows})


def presenter_of(request: HttpRequest, clock: Clock) -> WatchPresenter | None:
    """How a watch shows its objects; None for as they are."""
    form = accepted_form(request)
    return WatchPresenter(form, request, clock) if form.kind else None
