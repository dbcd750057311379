# SPDX-License-Identifier: Apache-2.0
"""Objects, lists and watches in the form that was negotiated: as they are, as Tables, or metadata only (J27, J29)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from k8s_devkit.api_server.network.messages import Answer, HttpRequest
from k8s_devkit.api_server.reads.table import columns_of, row_of
from k8s_devkit.api_server.requests.negotiation import WATCH_MEDIA_TYPES, Accepted, negotiate
from k8s_devkit.strategy.failures import Failure, bad_request, not_acceptable
from k8s_devkit.strategy.field_errors import invalid_value

if TYPE_CHECKING:
    from datetime import datetime

    from k8s_devkit.api_server.clock import Clock
    from k8s_devkit.api_server.kinds.kind import Kind
    from k8s_devkit.api_server.reads.reading import Page
    from k8s_devkit.strategy.document import Document

__all__ = ["WatchPresenter", "accepted_form", "presenter_of", "render_document", "render_list", "render_object"]

_encode = msgspec.json.encode


def accepted_form(request: HttpRequest) -> Accepted:
    """What the client accepts for objects and lists. Raises the 406."""
    return negotiate(request.header("accept"))


def _answer(form: Accepted, status: int, body: bytes) -> Answer:
    if form.format == "yaml":
        from k8s_core.model.yaml import dump_yaml  # noqa: PLC0415  # only YAML needs it (20 modules)

        return Answer(status, dump_yaml(_sorted(msgspec.json.decode(body))).encode(), "application/yaml")
    return Answer(status, body)


def _sorted(value: Any) -> Any:
    """With the keys of all objects in order: the API server makes its YAML from maps."""
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def render_failure(failure: Failure, request: HttpRequest) -> Answer:
    """Answer with the Status of a refusal; JSON where the client accepts nothing that there is."""
    try:
        form = negotiate(request.header("accept"))
    except Failure:
        form = Accepted()
    return _answer(form, failure.code, failure.body())


def check_acceptable(request: HttpRequest, kind: Kind, verb: str) -> None:
    """Raise the 406 of an Accept header that this request can't be answered by (J29)."""
    form = accepted_form(request)
    if verb == "watch":
        if form.format == "yaml":
            raise not_acceptable(WATCH_MEDIA_TYPES)
        return
    is_list = verb in ("list", "deletecollection")
    if form.kind == ("PartialObjectMetadata" if is_list else "PartialObjectMetadataList"):
        what = f"a list (*{kind.go_name}List)" if is_list else f"not a list (*{kind.go_name})"
        raise Failure(406, "NotAcceptable", f"you requested {form.kind}, but the requested object is {what}")


def render_document(request: HttpRequest, document: Document, status: int = 200) -> Answer:
    """Answer with a document that is no stored object (a Status, a review, a Scale)."""
    form = negotiate(request.header("accept"))
    return _answer(form, status, _encode(document))


def render_object(request: HttpRequest, kind: Kind, body: bytes, now: datetime, status: int = 200) -> Answer:
    """Answer with one object; ``body`` are its bytes without apiVersion and kind."""
    form = accepted_form(request)
    if not form.kind:
        return _answer(form, status, kind.prefix + body[1:])
    if form.kind == "Table":
        return _answer(form, status, _encode(_table(form, request, kind, [body], _meta_of(body), now)))
    return _answer(form, status, _partial(form, body))


def render_list(request: HttpRequest, kind: Kind, page: Page, now: datetime) -> Answer:
    """Answer with a list."""
    form = accepted_form(request)
    metadata: Document = {"resourceVersion": str(page.version)}
    if page.token or (kind.lists_header and not form.kind):
        metadata["continue"] = page.token  # lists of custom resources always say it, if only ""
    if page.remaining is not None:
        metadata["remainingItemCount"] = page.remaining
    bodies = [kind.body(entry) for entry in page.entries]
    if form.kind == "Table":
        return _answer(form, 200, _encode(_table(form, request, kind, bodies, metadata, now)))
    if form.kind:
        header: Document = {"kind": "PartialObjectMetadataList", "apiVersion": f"{form.group}/{form.version}"}
        items = [_partial(form, body) for body in bodies]
    else:
        header = {"kind": f"{kind.name}List", "apiVersion": kind.resource.api_version}
        # The items of a typed list carry no apiVersion and kind; those of a custom resource do (C13).
        items = [kind.prefix + body[1:] for body in bodies] if kind.lists_header else bodies
    header["metadata"] = metadata
    return _answer(form, 200, b'%b,"items":[%b]}' % (_encode(header)[:-1], b",".join(items)))


def _partial(form: Accepted, body: bytes) -> bytes:
    return _encode(_metadata_only(form, msgspec.json.decode(body)["metadata"]))


def _metadata_only(form: Accepted, metadata: Document) -> Document:
    return {"kind": "PartialObjectMetadata", "apiVersion": f"{form.group}/{form.version}", "metadata": metadata}


def _meta_of(body: bytes) -> Document:
    return {"resourceVersion": msgspec.json.decode(body)["metadata"].get("resourceVersion", "")}


def _include_object(request: HttpRequest) -> str:
    choice = request.query.get("includeObject") or "Metadata"
    if choice not in ("None", "Metadata", "Object"):
        problem = invalid_value("includeObject", choice, "must be 'Metadata', 'Object', 'None', or empty")
        raise bad_request(f"Unable to convert to Table as requested: {problem}")
    return choice


def _table(
    form: Accepted, request: HttpRequest, kind: Kind, bodies: list[bytes], metadata: Document, now: datetime
) -> Document:
    include = _include_object(request)
    return {
        "kind": "Table",
        "apiVersion": f"{form.group}/{form.version}",
        "metadata": metadata,
        "columnDefinitions": columns_of(kind),
        "rows": [_row(form, kind, body, include, now) for body in bodies],
    }


def _row(form: Accepted, kind: Kind, body: bytes, include: str, now: datetime) -> Document:
    document = msgspec.json.decode(body)
    row: Document = {"cells": row_of(kind, document, now), "object": None}
    if include == "Metadata":
        row["object"] = _metadata_only(form, document["metadata"])
    elif include == "Object":
        row["object"] = {"kind": kind.name, "apiVersion": kind.resource.api_version, **document}
    return row


class WatchPresenter:
    """Shows the objects of one watch as Tables or as metadata; a Table's columns come with its first frame only."""

    def __init__(self, form: Accepted, request: HttpRequest, clock: Clock) -> None:
        self._form = form
        self._clock = clock
        self._table = form.kind == "Table"
        self._include = _include_object(request) if self._table else ""
        self._columns_sent = False

    def object(self, kind: Kind, body: bytes) -> bytes:
        """The object of one frame."""
        if not self._table:
            return _partial(self._form, body)
        row = _row(self._form, kind, body, self._include, self._clock())
        return self._frame(kind, [row], {"resourceVersion": ""})

    def bookmark(self, kind: Kind, metadata: Document) -> bytes:
        """The object of a bookmark."""
        if not self._table:
            return _encode(_metadata_only(self._form, metadata))
        # What the bookmark says stands in its only row: metadata of a Table has no annotations.
        cells = ["", *[None] * (len(columns_of(kind)) - 1)]
        row: Document = {"cells": cells, "object": _metadata_only(self._form, metadata)}
        return self._frame(kind, [row], {"resourceVersion": metadata["resourceVersion"]})

    def _frame(self, kind: Kind, rows: list[Document], metadata: Document) -> bytes:
        version = f"{self._form.group}/{self._form.version}"
        document: Document = {"kind": "Table", "apiVersion": version, "metadata": metadata}
        document["columnDefinitions"] = None if self._columns_sent else columns_of(kind)
        self._columns_sent = True
        return _encode({**document, "rows": rows})


def presenter_of(request: HttpRequest, clock: Clock) -> WatchPresenter | None:
    """How a watch shows its objects; None for as they are."""
    form = accepted_form(request)
    return WatchPresenter(form, request, clock) if form.kind else None
