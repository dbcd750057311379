# SPDX-License-Identifier: Apache-2.0
"""The errors that the API server reports; the *reason* of its Status decides the class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.errors.base import KubernetesError
from k8s_core.errors.status import StatusFields, escape_control, parse_failure

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "AlreadyExists",
    "ApiError",
    "ApplyConflict",
    "BadRequest",
    "Conflict",
    "Expired",
    "Forbidden",
    "Gone",
    "InternalError",
    "Invalid",
    "MethodNotAllowed",
    "NotAcceptable",
    "NotFound",
    "RequestEntityTooLarge",
    "ServerTimeout",
    "ServiceUnavailable",
    "StoreReadError",
    "Timeout",
    "TooManyRequests",
    "Unauthorized",
    "UnsupportedMediaType",
    "api_error",
    "api_error_from_status",
]


class ApiError(KubernetesError):
    """The API server refused or failed a request and said so in a ``Status`` (protocol C37-C40).

    Attributes:
        code: HTTP status code, also where the Status came in a 2xx answer (C38).
        reason: machine-readable reason such as ``"NotFound"``; ``""`` or a value unknown to this SDK is possible.
        message: the server's own words.
        details: the wire ``details`` (name, group, kind, uid, …), ``{}`` if there are none.
        causes: the wire ``details.causes``: dicts with ``reason``, ``message`` and ``field``.
        retry_after_seconds: from the Retry-After header or the details; None if the server gave none.
        status: the whole Status document; synthesised where the body was none.
        request: verb and path of the request, ``""`` if unknown.
        advice: what to do, as far as this side knows; ``""`` where the server's words say it all.
    """

    advice = ""

    def __init__(self, fields: StatusFields, *, request: str = "") -> None:
        self.code = fields.code
        self.reason = fields.reason
        self.message = fields.message
        self.details = fields.details
        self.causes = fields.causes
        self.retry_after_seconds = fields.retry_after_seconds
        self.status = fields.status
        self.request = request
        self._fields = fields
        prefix = f"{request}: " if request else ""
        super().__init__(escape_control(f"{prefix}{fields.message} ({fields.code} {fields.reason or 'Unknown'})"))

    def __str__(self) -> str:
        message = super().__str__()
        return f"{message}; {self.advice}" if self.advice else message

    def __reduce__(self) -> tuple[Any, ...]:
        # The state as well: a client adds to `conflicts`, and anybody may add notes.
        return _rebuild_api_error, (type(self), self._fields, self.request), self.__dict__


def _rebuild_api_error(cls: type[ApiError], fields: StatusFields, request: str) -> ApiError:
    return cls(fields, request=request)


class BadRequest(ApiError):
    """400: the server could not understand the request."""


class Unauthorized(ApiError):
    """401: no credentials, or credentials that the server does not accept."""


class Forbidden(ApiError):
    """403: authenticated, but not allowed."""


class NotFound(ApiError):
    """404: no such object, kind or path."""


class MethodNotAllowed(ApiError):
    """405: the kind does not support the verb."""


class NotAcceptable(ApiError):
    """406: the server serves none of the media types asked for."""


class AlreadyExists(ApiError):
    """409 with reason AlreadyExists: an object of that name exists. Not a ``Conflict`` (C40)."""

    advice = "client.apply creates an object or brings it up to date, and Kind.get_or_create reads it"


class Conflict(ApiError):
    """409 with reason Conflict: the object changed since it was read; read it again and repeat the change."""

    advice = "client.edit(obj, change) reads the object again and repeats the change"


class ApplyConflict(Conflict):
    """409 of a server-side apply: other field managers own fields with other values (C29).

    Attributes:
        conflicts: one dict per field: ``field``, ``manager`` (the owner's name), ``message``; the client adds
            ``live`` and ``applied``, the two values, where it knows them.
    """

    advice = "leave these fields out of what you apply, or take them over with force=True"

    def __init__(self, fields: StatusFields, *, request: str = "") -> None:
        super().__init__(fields, request=request)
        self.conflicts: list[dict[str, Any]] = [_apply_conflict(cause) for cause in self.causes]


class Gone(ApiError):
    """410 with the legacy reason Gone: the address or the asked-for state no longer exists."""


class Expired(ApiError):
    """410 with reason Expired: a resourceVersion or continue token is too old (C9, D5)."""


class RequestEntityTooLarge(ApiError):
    """413: the request body is larger than the server takes (usually 3 MiB)."""


class UnsupportedMediaType(ApiError):
    """415: the server does not take this content type, for example a strategic merge patch of a custom resource."""

    advice = "a MergePatch is taken of every kind"


class Invalid(ApiError):
    """422: the object breaks the kind's rules; ``causes`` has the fields."""


class TooManyRequests(ApiError):
    """429: the server throttles, or an eviction would break a disruption budget."""


class InternalError(ApiError):
    """500 and other server faults without a better reason."""


class ServerTimeout(ApiError):
    """500 with reason ServerTimeout: the server asks to try again later."""


class ServiceUnavailable(ApiError):
    """503: the server, or the aggregated API behind it, is not available."""


class Timeout(ApiError):
    """504: the server gave up waiting. A write may have been applied (B14)."""


class StoreReadError(ApiError):
    """500 with reason StorageReadError: the server could not read or decode stored objects."""


_BY_REASON: dict[str, type[ApiError]] = {
    "BadRequest": BadRequest,
    "Unauthorized": Unauthorized,
    "Forbidden": Forbidden,
    "NotFound": NotFound,
    "MethodNotAllowed": MethodNotAllowed,
    "NotAcceptable": NotAcceptable,
    "AlreadyExists": AlreadyExists,
    "Conflict": Conflict,
    "Gone": Gone,
    "Expired": Expired,
    "RequestEntityTooLarge": RequestEntityTooLarge,
    "UnsupportedMediaType": UnsupportedMediaType,
    "Invalid": Invalid,
    "TooManyRequests": TooManyRequests,
    "InternalError": InternalError,
    "ServerTimeout": ServerTimeout,
    "ServiceUnavailable": ServiceUnavailable,
    "Timeout": Timeout,
    "StorageReadError": StoreReadError,
}
_BY_CODE: dict[int, type[ApiError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
    406: NotAcceptable,
    409: Conflict,
    410: Gone,
    413: RequestEntityTooLarge,
    415: UnsupportedMediaType,
    422: Invalid,
    429: TooManyRequests,
    500: InternalError,
    503: ServiceUnavailable,
    504: Timeout,
}


def api_error(
    code: int,
    body: bytes,
    *,
    method: str,
    content_type: str | None = None,
    retry_after: int | None = None,
    request: str = "",
) -> ApiError:
    """Turn an unsuccessful HTTP answer into the error of its reason (protocol C37-C40). Pure; never raises.

    Args:
        code: the HTTP status code.
        body: the response body; a JSON Status, or anything that a proxy may send.
        method: the HTTP method of the request: a 409 without a Status means AlreadyExists for a POST.
        content_type: of the response, only used to recognise text.
        retry_after: whole seconds of the Retry-After header, if it had any.
        request: verb and path for the message.
    """
    fields = parse_failure(
        code, body[: 16 * 1024 * 1024], method=method, content_type=content_type, retry_after=retry_after
    )
    return _error_class(fields)(fields, request=request)


def api_error_from_status(status: Mapping[str, Any], *, request: str = "") -> ApiError:
    """The error for a ``Status`` document that came in a 2xx answer or a watch ERROR event (C38, D5)."""
    fields = StatusFields.from_status(status)
    return _error_class(fields)(fields, request=request)


def _error_class(fields: StatusFields) -> type[ApiError]:
    if fields.reason == "Conflict" and any(cause.get("reason") == "FieldManagerConflict" for cause in fields.causes):
        return ApplyConflict
    known = _BY_REASON.get(fields.reason)
    if known is not None:
        return known
    # Only an unknown reason lets the code decide (C40).
    return _BY_CODE.get(fields.code, InternalError if fields.code >= 500 else ApiError)


def _apply_conflict(cause: Mapping[str, Any]) -> dict[str, Any]:
    message = str(cause.get("message") or "")
    manager = message.split('"')[1] if message.count('"') >= 2 else ""
    return {"field": str(cause.get("field") or ""), "manager": manager, "message": message}
