# SPDX-License-Identifier: Apache-2.0
"""How subresources are served: as the kind's strategy says, but for ``scale`` and ``proxy`` (protocol C36, J30)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from k8s_devkit.api_server.context import WritingContext
from k8s_devkit.api_server.discovery.served import SCALE_VERBS, subresource_model, subresource_type
from k8s_devkit.api_server.kinds.option_shapes import REVIEW, check_document
from k8s_devkit.api_server.kinds.shapes import ANY_OBJECT, shape_of_model
from k8s_devkit.api_server.logs.reading import read_log
from k8s_devkit.api_server.reads.reading import get_entry
from k8s_devkit.api_server.reads.rendering import render_document
from k8s_devkit.api_server.subresources.calls import call_of
from k8s_devkit.api_server.subresources.scale import serve_scale
from k8s_devkit.strategy.failures import Failure
from k8s_devkit.strategy.subresources import Connect, LogSubresource, View

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_devkit.api_server.core import ApiCore
    from k8s_devkit.api_server.network.messages import Answer, Reply
    from k8s_devkit.api_server.requests.call import Call
    from k8s_devkit.strategy.document import Document
    from k8s_devkit.strategy.subresources import Subresource

    Handler = Callable[[ApiCore, Call], Reply]

__all__ = ["create_unstored", "handler_of", "is_negotiated"]

_PROXY = "proxy"


def is_negotiated(call: Call) -> bool:
    """Whether the answer is a document in the form that the client accepts, not a stream or a log."""
    served = call.kind.strategy.subresources.get(call.info.subresource)
    return served.negotiated if served else call.info.subresource != _PROXY


def handler_of(call: Call) -> Handler | None:
    """The special handler of a call's subresource; None if it shows the object, as ``status`` does."""
    name, kind = call.info.subresource, call.kind
    served = kind.strategy.subresources.get(name)
    handler: Handler | None
    if served is not None:
        handler, verbs = _handler(served), served.verbs
    elif name == "scale":
        handler, verbs = serve_scale, SCALE_VERBS
    else:
        return _refuse_proxy if name == _PROXY else None
    if call.info.verb not in verbs:
        raise kind.refuse_verb(call.info.verb)
    return handler


def _handler(served: Subresource) -> Handler | None:
    if isinstance(served, View):
        return None
    if isinstance(served, LogSubresource):
        return partial(read_log, log=served)
    if isinstance(served, Connect):
        return partial(_connect, served=served)
    return partial(_serve, served=served)


def _connect(core: ApiCore, call: Call, *, served: Connect) -> Reply:
    from k8s_devkit.api_server.streams.connect import connect  # noqa: PLC0415  # only a stream needs it

    return connect(core, call, served)


def _serve(core: ApiCore, call: Call, *, served: Subresource) -> Answer:
    """A subresource that takes a document and answers with another."""
    body = _body(call, served) if call.info.verb in ("create", "update") else {}
    ctx = WritingContext(core, call.kind, call.user, call.warnings)
    return _answer(call, served.serve(call_of(call, body), ctx))


def _body(call: Call, served: Subresource) -> Document:
    name = call.info.subresource
    resource = subresource_type(call.kind, name)
    document = call.kind.codec.read(call.request, call.kind, resource, accepted_versions=served.accepted_versions)
    model = subresource_model(call.kind, name)
    check_document(document, shape_of_model(model) if model is not None else ANY_OBJECT, resource.version)
    return document


def create_unstored(core: ApiCore, call: Call) -> Answer:
    """POST of an object of a kind that is not stored: its strategy answers."""
    kind = call.kind
    document = kind.codec.read(call.request, kind)
    check_document(document, kind.shape() if kind.model is not None else REVIEW)
    ctx = WritingContext(core, kind, call.user, call.warnings)
    dry_run = bool(call.request.query.all("dryRun"))
    return _answer(call, kind.strategy.answer(document, ctx, namespace=call.info.namespace, dry_run=dry_run))


def _answer(call: Call, document: Document) -> Answer:
    code = 201 if call.info.verb == "create" else 200
    if document.get("kind") == "Status":
        document.setdefault("code", code)
    return render_document(call.request, document, code)


def _refuse_proxy(core: ApiCore, call: Call) -> Reply:
    parts = call.info.name.split(":")  # scheme:name:port, of which only the name must be there
    get_entry(core.store, call.kind, call.info.namespace, parts[1] if len(parts) == 3 else parts[0])
    what = f"{call.kind.resource.plural}/{call.info.subresource}"
    raise Failure(501, "NotImplemented", f"{what} is not served by the embedded API server")
