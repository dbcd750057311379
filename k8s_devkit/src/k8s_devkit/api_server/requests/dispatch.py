# SPDX-License-Identifier: Apache-2.0
"""From a request to the handler that answers it: authentication, rules, routing (protocol J2, J25)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.api_server.access.rules import attributes_of
from k8s_devkit.api_server.deletes import handlers as deletes
from k8s_devkit.api_server.discovery.documents import serve_documents, unknown_path
from k8s_devkit.api_server.patches.patching import patch_object
from k8s_devkit.api_server.reads import handlers as reads
from k8s_devkit.api_server.reads.rendering import check_acceptable, render_failure
from k8s_devkit.api_server.requests.call import Call
from k8s_devkit.api_server.requests.routing import RequestInfo, parse_request
from k8s_devkit.api_server.subresources import handlers as subresources
from k8s_devkit.api_server.writes import handlers as writes
from k8s_devkit.strategy.failures import (
    Failure,
    bad_request,
    method_not_allowed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from k8s_devkit.api_server.core import ApiCore
    from k8s_devkit.api_server.network.messages import Answer, HttpRequest, Reply
    from k8s_devkit.strategy.users import User

__all__ = ["answer_failure", "dispatch"]

_HANDLERS: dict[str, Callable[[ApiCore, Call], Reply]] = {
    "get": reads.get,
    "list": reads.list_,
    "watch": reads.watch,
    "create": writes.create,
    "update": writes.update,
    "patch": patch_object,
    "delete": deletes.delete,
    "deletecollection": deletes.delete_collection,
}


def answer_failure(failure: Failure, request: HttpRequest) -> Answer:
    """The HTTP answer for a refusal (J3), as YAML if the client asks for that."""
    answer = render_failure(failure, request)
    if failure.retry_after > 0:
        answer.headers.append(("Retry-After", str(failure.retry_after)))
    answer.headers.extend(_warning_headers(failure.warnings))
    answer.awaited_version = failure.awaited_version
    return answer


def _warning_headers(texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    for text in dict.fromkeys(texts):
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        yield "Warning", f'299 - "{escaped}"'


def dispatch(core: ApiCore, request: HttpRequest, user: User, *, internal: bool = False) -> Reply:
    """Answer one request. Raises Failure for a refusal.

    Args:
        internal: the server itself sends it, on behalf of ``user`` or of a controller; it may do everything.
    """
    info = parse_request(request.method, request.path, watch=request.query.flag("watch"))
    if core.authorization.active and not internal:
        core.authorization.check(attributes_of(request, info, user))
    if info is None:
        return serve_documents(core, request)
    kind = core.catalog.find(info.group, info.version, info.resource)
    if kind is None:
        return unknown_path(core.catalog, info.group)
    if not kind.in_scope(info):
        return kind.answer_out_of_scope()
    _check_name(info.name)
    call = Call(request, info, kind, user, internal=internal)
    handler = _handler(core, call, info)
    if subresources.is_negotiated(call):
        # Before anything is looked up, or stored: a client that can't read the answer is told so (J29).
        check_acceptable(request, kind, info.verb)
    if kind.deprecation:
        call.warnings.append(kind.deprecation)
    try:
        answer = handler(core, call)
    except Failure as failure:
        failure.warnings = call.warnings
        raise
    if call.warnings:
        answer.headers.extend(_warning_headers(call.warnings))
    return answer


def _check_name(name: str) -> None:
    problem = f"may not be '{name}'" if name in (".", "..") else "may not contain '%'" if "%" in name else ""
    if problem:
        raise bad_request(f'Name parameter invalid: "{name}": {problem}')


def _handler(core: ApiCore, call: Call, info: RequestInfo) -> Callable[[ApiCore, Call], Reply]:
    kind = call.kind
    if not kind.strategy.stored:
        if info.verb != "create":
            raise method_not_allowed()
        return subresources.create_unstored
    if info.subresource:
        if info.subresource not in kind.subresource_names or (info.rest and info.subresource != "proxy"):
            raise kind.refuse_subresource(info.name)
        special = subresources.handler_of(call)
        if special is not None:
            return special
    if not _serves(call):
        raise kind.refuse_verb(info.verb)
    return _HANDLERS[info.verb]


def _serves(call: Call) -> bool:
    """Whether the kind has the verb, at this place."""
    kind, info = call.kind, call.info
    if info.verb not in _HANDLERS or (not info.subresource and info.verb not in kind.resource.verbs):
        return False
    if info.subresource and info.verb not in ("get", "update", "patch"):
        return False  # those that have more verbs have handlers of their own
    if info.verb == "create" and info.name:
        return False
    return kind.serves(info, call.request.method)
