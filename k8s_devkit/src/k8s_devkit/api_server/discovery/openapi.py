# SPDX-License-Identifier: Apache-2.0
"""Answers below ``/openapi``: made when they are first asked for, and kept until the kinds are others (G10, J28)."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import msgspec

from k8s_devkit.api_server.discovery.openapi_documents import document_kinds, openapi_document
from k8s_devkit.api_server.discovery.openapi_protobuf import encode_swagger
from k8s_devkit.api_server.discovery.openapi_protobuf_v3 import encode_openapi
from k8s_devkit.api_server.discovery.openapi_v2 import swagger_document
from k8s_devkit.api_server.network.messages import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_devkit.api_server.core import ApiCore
    from k8s_devkit.api_server.kinds.kind import Kind
    from k8s_devkit.api_server.network.messages import HttpRequest
    from k8s_devkit.strategy.document import Document

__all__ = ["serve_openapi"]

_JSON = "application/json"
_PROTOBUF = "application/com.github.proto-openapi.spec.v{}.v1.0+protobuf"
_PROTOBUF_OLD = "application/com.github.proto-openapi.spec.v{}@v1.0+protobuf"


def serve_openapi(core: ApiCore, request: HttpRequest, path: str) -> Answer | None:
    """Answer ``/openapi/v2``, ``/openapi/v3`` and the documents below it; None for any other path."""
    if path == "/openapi/v2":
        return _v2(core, request)
    if path == "/openapi/v3":
        return _index(core, request)
    if path.startswith("/openapi/v3/"):
        return _v3(core, request, path.removeprefix("/openapi/v3/"))
    return None


# Version 3


def _index(core: ApiCore, request: HttpRequest) -> Answer:
    def make() -> bytes:
        documents = document_kinds(core.catalog)
        urls = {name: f"/openapi/v3/{name}?hash={_document(core, name, documents[name])[0]}" for name in documents}
        return msgspec.json.encode({"paths": {name: {"serverRelativeURL": url} for name, url in urls.items()}})

    digest, body = _kept(core, "v3", tuple(core.catalog), make)
    return _answer(request, digest, body, _JSON, [])


def _v3(core: ApiCore, request: HttpRequest, name: str) -> Answer | None:
    kinds = document_kinds(core.catalog).get(name)
    if kinds is None:
        return None
    vary = [("Vary", "Accept")]
    chosen = _accepted(request.header("accept"), (_JSON, _PROTOBUF.format(3), _PROTOBUF_OLD.format(3)))
    if not chosen:
        return Answer(406, b"", headers=vary)
    digest, body = _document(core, name, kinds)
    asked = request.query.get("hash")
    if asked and asked != digest:
        return Answer(301, b"", headers=[("Location", f"/openapi/v3/{name}?hash={digest}"), *vary])
    if asked:
        expires = format_datetime(core.clock() + timedelta(days=365), usegmt=True)
        vary += [("Cache-Control", "public, immutable"), ("Expires", expires)]
    if chosen == _JSON:
        return _answer(request, digest, body, _JSON, vary)
    _, encoded = _kept(core, f"v3 protobuf/{name}", kinds, lambda: _protobuf_of(body))
    return _answer(request, digest, encoded, _PROTOBUF.format(3), vary)  # one hash for both forms


def _protobuf_of(body: bytes) -> bytes:
    return encode_openapi(msgspec.json.decode(body))


def _document(core: ApiCore, name: str, kinds: tuple[Kind, ...]) -> tuple[str, bytes]:
    return _kept(
        core, f"v3/{name}", kinds, lambda: msgspec.json.encode(openapi_document(name, kinds, core.git_version))
    )


# Version 2


def _v2(core: ApiCore, request: HttpRequest) -> Answer:
    vary = [("Vary", "Accept")]
    chosen = _accepted(request.header("accept"), (_JSON, _PROTOBUF.format(2), _PROTOBUF_OLD.format(2)))
    if not chosen:
        return Answer(406, b"", headers=vary)
    kinds = tuple(core.catalog)
    if chosen == _JSON:
        digest, body = _kept(core, "v2", kinds, lambda: msgspec.json.encode(_swagger(core, kinds)))
        return _answer(request, digest, body, _JSON, vary)
    digest, body = _kept(core, "v2 protobuf", kinds, lambda: _swagger_protobuf(core, kinds))
    return _answer(request, digest, body, _PROTOBUF.format(2), vary)


def _swagger(core: ApiCore, kinds: tuple[Kind, ...]) -> Document:
    documents = document_kinds(kinds)
    return swagger_document(
        (openapi_document(name, members, core.git_version) for name, members in documents.items()), core.git_version
    )


def _swagger_protobuf(core: ApiCore, kinds: tuple[Kind, ...]) -> bytes:
    return encode_swagger(_swagger(core, kinds))


# Both


def _kept(core: ApiCore, name: str, kinds: tuple[Kind, ...], make: Callable[[], bytes]) -> tuple[str, bytes]:
    """Hash and bytes of a document; made again when the kinds are others."""
    cached = core.openapi.get(name)
    if cached is not None and cached[0] == kinds:
        return cached[1], cached[2]
    body = make()
    digest = hashlib.sha512(body).hexdigest().upper()
    core.openapi[name] = (kinds, digest, body)
    return digest, body


def _answer(request: HttpRequest, digest: str, body: bytes, media_type: str, headers: list[tuple[str, str]]) -> Answer:
    tag = f'"{digest}"'
    headers = [*headers, ("Etag", tag)]
    if tag in request.header("if-none-match").split(", "):
        return Answer(304, b"", media_type, headers)
    return Answer(200, body, media_type, headers)


def _accepted(header: str, served: tuple[str, ...]) -> str:
    """The media type that the client likes best of those that are served; empty if there is none."""
    clauses = []
    for clause in (header or "*/*").split(","):
        media_type, *rest = (part.strip() for part in clause.split(";"))
        quality = next((part[2:] for part in rest if part.startswith("q=")), "1")
        clauses.append((float(quality) if quality.replace(".", "", 1).isdigit() else 1.0, media_type))
    for _, media_type in sorted(clauses, key=lambda item: -item[0]):
        for candidate in served:
            if media_type in (candidate, "*/*", "application/*"):
                return candidate
    return ""
