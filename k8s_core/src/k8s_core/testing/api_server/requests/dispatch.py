# SPDX-License-Identifier: Apache-2.0
"""From a request to the handler that answers it: authentication, rules, routing (protocol J2, J25)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core.testing.api_server.deletes import handlers as deletes
from k8s_core.testing.api_server.discovery.documents import serve_documents
from k8s_core.testing.api_server.failures import Failure, bad_request, method_not_allowed
from k8s_core.testing.api_server.network.messages import Answer, HttpRequest, Reply
from k8s_core.testing.api_server.reads import handlers as reads
from k8s_core.testing.api_server.requests.routing import RequestInfo, parse_request
from k8s_core.testing.api_server.subresources import handlers as subresources
from k8s_core.testing.api_server.subresources import virtual
from k8s_core.testing.api_server.writes import handlers as writes

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.testing.api_server.access.users import User
    from k8s_core.testing.api_server.core import ApiCore, Call

__all__ = ["answer_failure", "dispatch"]

NOT_FOUND_PAGE = Answer(
    404, b"404 page not found\n", "text/plain; charset=utf-8", [("X-Content-Type-Options", "nosniff")]
)

_HANDLERS: dict[str, Callable[[ApiCore, Call], Reply]] = {
    "get": reads.get,
    "list": reads.list_,
    "watch": reads.watch,
    "create": writes.create,
    "update": writes.update,
    "patch": writes.patch,
    "delete": deletes.delete,
    "deletecollection": deletes.delete_collection,
}


def answer_failure(failure: Failure) -> Answer:
    """The HTTP answer for a refusal (J3)."""
    headers = [("Retry-After", str(failure.retry_after))] if failure.retry_after > 0 else []
    return Answer(failure.code, failure.body(), headers=headers, awaited_version=failure.awaited_version)


def dispatch(core: ApiCore, request: HttpRequest, user: User) -> Reply:
    """Answer one request. Raises Failure for a refusal."""
    from k8s_core.testing.api_server.core import Call

    info = parse_request(request.method, request.path, watch=request.query.flag("watch"))
    if info is None:
        return serve_documents(core, request) or NOT_FOUND_PAGE
    kind = core.catalog.find(info.group, info.version, info.resource)
    if kind is None:
        if core.catalog.serves(info.group, info.version):
            raise Failure(404, "NotFound", "the server could not find the requested resource", {})
        return NOT_FOUND_PAGE
    if kind.resource.namespaced is False and info.namespace and kind.key != ("", "namespaces"):
        return NOT_FOUND_PAGE
    call = Call(request, info, kind, user)
    core.authorizer.check(call)
    answer = _handler(core, call, info)(core, call)
    for text in call.warnings:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        answer.headers.append(("Warning", f'299 - "{escaped}"'))
    return answer


def _handler(core: ApiCore, call: Call, info: RequestInfo) -> Callable[[ApiCore, Call], Reply]:
    kind = call.kind
    if kind.traits.virtual:
        if info.verb != "create":
            raise method_not_allowed()
        return virtual.review
    if info.subresource:
        if info.subresource not in kind.resource.subresources:
            return lambda _core, _call: NOT_FOUND_PAGE
        special = subresources.handler_of(call)
        if special is not None:
            return special
    handler = _HANDLERS.get(info.verb)
    misplaced = bool(info.name) if info.verb == "create" else not info.name and info.verb in ("update", "patch")
    if handler is None or misplaced:
        raise method_not_allowed()
    if info.name and kind.resource.namespaced and not info.namespace:
        raise bad_request("an empty namespace may not be used when a resource name is provided")
    return handler
