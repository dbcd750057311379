# SPDX-License-Identifier: Apache-2.0
"""What the embedded server answers when it refuses: Status documents with the API server's own texts.

A handler raises `Failure`; the rim turns it into an HTTP answer. Pure values, no I/O.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from k8s_core.kinds import APIResource
    from k8s_devkit.strategy.field_errors import FieldError

__all__ = [
    "OBJECT_MODIFIED",
    "Failure",
    "already_exists",
    "bad_request",
    "conflict",
    "expired",
    "forbidden",
    "internal_error",
    "invalid",
    "method_not_allowed",
    "not_acceptable",
    "not_found",
    "resource_not_found",
    "timeout",
    "too_large_resource_version",
    "too_many_requests",
    "unauthorized",
    "unsupported_media_type",
    "verb_not_supported",
]

OBJECT_MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"
_NO_REASON = ""


class Failure(Exception):
    """A refusal: HTTP code, reason, message and details of a Status. Raised by handlers, never seen by users."""

    def __init__(self, code: int, reason: str, message: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.metadata: dict[str, Any] = {}
        self.awaited_version = 0
        self.warnings: Sequence[str] = ()

    def document(self) -> dict[str, Any]:
        """The Status document; keys in the order in which the API server writes them."""
        status: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": self.metadata,
            "status": "Failure",
            "message": self.message,
        }
        if self.reason:
            status["reason"] = self.reason
        if self.details is not None:
            status["details"] = self.details
        status["code"] = self.code
        return status

    @property
    def retry_after(self) -> int:
        """Seconds for the ``Retry-After`` header, 0 for none."""
        return int((self.details or {}).get("retryAfterSeconds", 0))

    def body(self) -> bytes:
        """The Status as JSON."""
        return msgspec.json.encode(self.document())


def _details(resource: APIResource, name: str, **more: Any) -> dict[str, Any]:
    details: dict[str, Any] = {"name": name} if name else {}
    if resource.group:
        details["group"] = resource.group
    details["kind"] = resource.plural
    details.update(more)
    return details


def not_found(resource: APIResource, name: str) -> Failure:
    """404: no object of that name, or no such kind; kubectl shows the words as they are."""
    return Failure(404, "NotFound", f'{resource.group_resource} "{name}" not found', _details(resource, name))


def already_exists(resource: APIResource, name: str) -> Failure:
    """409: a create met an object of that name."""
    message = f'{resource.group_resource} "{name}" already exists'
    return Failure(409, "AlreadyExists", message, _details(resource, name))


def conflict(resource: APIResource, name: str, why: str = OBJECT_MODIFIED, *, kind: str = "") -> Failure:
    """409: the object changed since it was read, or a precondition does not hold.

    Args:
        kind: what stands for the plural, where the real server has another word.
    """
    subject = resource.group_resource
    if kind:
        subject = f"{kind}.{resource.group}" if resource.group else kind
    details = _details(resource, name) | ({"kind": kind} if kind else {})
    return Failure(409, "Conflict", f'Operation cannot be fulfilled on {subject} "{name}": {why}', details)


def bad_request(message: str) -> Failure:
    """400: the request itself is wrong."""
    return Failure(400, "BadRequest", message)


def unauthorized() -> Failure:
    """401: no credentials, or ones that this server does not know."""
    return Failure(401, "Unauthorized", "Unauthorized")


def forbidden(resource: APIResource, name: str, why: str, causes: list[dict[str, str]] | None = None) -> Failure:
    """403: a rule, an admission or the life cycle of a namespace refuses."""
    subject = f'{resource.group_resource} "{name}"' if name else resource.group_resource
    more = {"causes": causes} if causes else {}
    return Failure(403, "Forbidden", f"{subject} is forbidden: {why}", _details(resource, name, **more))


def invalid(kind: str, group: str, name: str, errors: list[FieldError]) -> Failure:
    """422 with one cause for each field; the message names the Kind, not the resource."""
    texts = list(dict.fromkeys(str(error) for error in errors))
    qualified = f"{kind}.{group}" if group else kind
    message = f'{qualified} "{name}" is invalid'
    if texts:
        message += f": {texts[0]}" if len(texts) == 1 else f": [{', '.join(texts)}]"
    details: dict[str, Any] = {"name": name} if name else {}
    if group:
        details["group"] = group
    if kind:
        details["kind"] = kind
    details["causes"] = [error.cause() for error in errors]
    return Failure(422, "Invalid", message, details)


def resource_not_found() -> Failure:
    """404: a path below a known group that leads to nothing."""
    return Failure(404, "NotFound", "the server could not find the requested resource", {})


def method_not_allowed() -> Failure:
    """405: the kind does not know the verb."""
    return Failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {})


def verb_not_supported(resource: APIResource, verb: str) -> Failure:
    """405: what custom resources say instead of `method_not_allowed`."""
    message = f'{verb} is not supported on resources of kind "{resource.group_resource}"'
    return Failure(405, "MethodNotAllowed", message, _details(resource, ""))


def not_acceptable(accepted: tuple[str, ...]) -> Failure:
    """406: none of the media types asked for can be served."""
    return Failure(406, "NotAcceptable", f"only the following media types are accepted: {', '.join(accepted)}")


def unsupported_media_type(accepted: tuple[str, ...]) -> Failure:
    """415: the body has a type that this kind does not take."""
    message = "the body of the request was in an unknown format - accepted media types include: " + ", ".join(accepted)
    return Failure(415, "UnsupportedMediaType", message)


def internal_error(message: str) -> Failure:
    """500: the server itself failed."""
    details = {"causes": [{"message": message}]}
    return Failure(500, "InternalError", f"Internal error occurred: {message}", details)


def unreasoned(message: str) -> Failure:
    """A 500 without reason: what the API server makes of an error that it did not classify."""
    return Failure(500, _NO_REASON, message)


def expired(message: str, token: str | None = None) -> Failure:
    """410 Expired, for compacted history; ``token`` continues an expired list in the present state."""
    failure = Failure(410, "Expired", message)
    if token:
        failure.metadata = {"continue": token}
    return failure


def timeout(message: str, retry_after: int = 0) -> Failure:
    """504: the server gave up waiting."""
    details: dict[str, Any] = {}
    if retry_after:
        details["retryAfterSeconds"] = retry_after
    return Failure(504, "Timeout", f"Timeout: {message}", details)


def too_large_resource_version(wanted: int, current: int) -> Failure:
    """504: a version newer than the newest was asked for, and did not come while the server waited."""
    message = f"Too large resource version: {wanted}, current: {current}"
    failure = timeout(message, retry_after=1)
    causes = [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]
    failure.details = {"causes": causes, "retryAfterSeconds": 1}
    failure.awaited_version = wanted
    return failure


def too_many_requests(message: str, retry_after: int = 0, causes: list[dict[str, str]] | None = None) -> Failure:
    """429: throttled, or a disruption budget refuses an eviction."""
    details: dict[str, Any] = {}
    if causes:
        details["causes"] = causes
    if retry_after:
        details["retryAfterSeconds"] = retry_after
    return Failure(429, "TooManyRequests", message, details)
