# SPDX-License-Identifier: Apache-2.0
"""The one exception tree. Catch ``KubernetesError`` to catch everything that this SDK raises on purpose.

::

    KubernetesError
    ├── ConfigError                 configuration: names the file and the option
    │   └── CredentialsError        a configured source of credentials yields nothing usable
    ├── PluginError
    │   ├── PluginLoadError         a package that provides kinds or hooks does not import
    │   └── KindConflictError       two packages provide one kind
    ├── UnknownKindError            no installed package knows the kind
    ├── ValidationError             data of a model, all findings by path (also a ValueError)
    │   └── FieldTypeError          one assignment or constructor argument (also a TypeError)
    ├── RequestError                refused before anything was sent (also a ValueError)
    │   ├── InvalidName  SelectorError  PatchError
    ├── DecodeError                 bytes that are not the JSON or YAML that they should be
    ├── WaitTimeout                 a condition did not come true in time (also a TimeoutError)
    ├── TransportError              no usable answer
    │   ├── ConnectionFailed  TLSError  ProxyError  RequestTimeout  ResponseTruncated
    │   └── OutcomeUnknown          a write that the server may have applied
    └── ApiError                    the server answered with a Status of failure; the *reason* decides the class
        ├── BadRequest Unauthorized Forbidden NotFound MethodNotAllowed NotAcceptable
        ├── AlreadyExists   Conflict ── ApplyConflict
        ├── Gone  Expired  Invalid  RequestEntityTooLarge  UnsupportedMediaType
        └── TooManyRequests InternalError ServerTimeout ServiceUnavailable Timeout StoreReadError

Messages say what was wrong, where, and what to do; they never hold a token, key, or the body of a Secret.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from k8s_core.status import StatusFields, parse_failure

__all__ = [
    "AlreadyExists",
    "ApiError",
    "ApplyConflict",
    "BadRequest",
    "ConfigError",
    "Conflict",
    "ConnectionFailed",
    "CredentialsError",
    "DecodeError",
    "Expired",
    "FieldTypeError",
    "Forbidden",
    "Gone",
    "InternalError",
    "Invalid",
    "InvalidName",
    "KindConflictError",
    "KubernetesError",
    "MethodNotAllowed",
    "NotAcceptable",
    "NotFound",
    "OutcomeUnknown",
    "PatchError",
    "PluginError",
    "PluginLoadError",
    "ProxyError",
    "RequestEntityTooLarge",
    "RequestError",
    "RequestTimeout",
    "ResponseTruncated",
    "SelectorError",
    "ServerTimeout",
    "ServiceUnavailable",
    "StoreReadError",
    "TLSError",
    "Timeout",
    "TooManyRequests",
    "TransportError",
    "Unauthorized",
    "UnknownKindError",
    "UnsupportedMediaType",
    "ValidationError",
    "WaitTimeout",
    "api_error",
    "api_error_from_status",
]


class KubernetesError(Exception):
    """Root of every error that this SDK raises on purpose."""


class ConfigError(KubernetesError):
    """The configuration is unusable.

    Attributes:
        source: the file, environment variable or object that holds the fault, or None.
        option: the option at fault, as that source spells it, or None.
    """

    def __init__(self, message: str, *, source: str | None = None, option: str | None = None) -> None:
        super().__init__(message)
        self.source = source
        self.option = option


class CredentialsError(ConfigError):
    """A configured source of credentials failed; the request was not sent, never sent as anonymous instead."""


class PluginError(KubernetesError):
    """A plugin does not keep its contract."""


class PluginLoadError(PluginError):
    """A plugin could not be imported or registered; the message names its distribution and how to block it."""


class KindConflictError(PluginError):
    """Two distributions provide one kind; the message names both."""


class UnknownKindError(KubernetesError):
    """No installed package provides the kind."""


class ValidationError(KubernetesError, ValueError):
    """Data of a model is not what its class declares.

    Attributes:
        messages: path (``spec.containers[0].image``) to the findings there; paths are in document order.
    """

    def __init__(self, messages: Mapping[str, Iterable[str]], *, subject: str = "") -> None:
        self.messages = {path: list(texts) for path, texts in messages.items()}
        self.subject = subject
        findings = "; ".join(f"{path}: {' '.join(texts)}" if path else " ".join(texts) for path, texts in self.messages.items())
        super().__init__(f"{subject} is invalid: {findings}" if subject else findings)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_validation, (type(self), self.messages, self.subject)


class FieldTypeError(ValidationError, TypeError):
    """A value of the wrong type was assigned to a field or given to a constructor; nothing was changed."""


def _rebuild_validation(cls: type[ValidationError], messages: dict[str, list[str]], subject: str) -> ValidationError:
    return cls(messages, subject=subject)


class RequestError(KubernetesError, ValueError):
    """The request is wrong as it stands; nothing was sent."""


class InvalidName(RequestError):
    """A name, namespace or path segment that the API server would refuse or misread (protocol C2, C3)."""


class SelectorError(RequestError):
    """A label or field selector that is not well formed (protocol C14-C17)."""


class PatchError(RequestError):
    """A patch that does not fit its content type or the kind it is meant for (protocol C26)."""


class DecodeError(KubernetesError):
    """Bytes are not the document that they should be.

    Attributes:
        excerpt: the beginning of the bytes as text, at most 200 characters; empty where it could hold a secret.
    """

    def __init__(self, message: str, *, excerpt: str = "") -> None:
        super().__init__(message)
        self.excerpt = excerpt[:200]


class WaitTimeout(KubernetesError, TimeoutError):
    """A condition did not come true in the time given."""


class TransportError(KubernetesError):
    """No usable answer came back. Third-party errors are the ``__cause__``."""


class ConnectionFailed(TransportError):
    """No connection could be made, or it broke before an answer to a read-only request."""


class TLSError(TransportError):
    """The TLS handshake failed: an untrusted or mismatching certificate, or no common protocol."""


class ProxyError(TransportError):
    """The proxy could not be reached or refused to connect."""


class RequestTimeout(TransportError, TimeoutError):
    """The answer did not come within the timeout, or a stream was silent for too long."""


class ResponseTruncated(TransportError):
    """The connection ended inside a response body."""


class OutcomeUnknown(TransportError):
    """A write was sent and no answer came: the server may or may not have applied it (protocol B10, B14).

    Read the object before you decide to repeat the write.
    """


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
    """

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
        super().__init__(f"{prefix}{fields.message} ({fields.code} {fields.reason or 'Unknown'})")

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_api_error, (type(self), self._fields, self.request)


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


class Conflict(ApiError):
    """409 with reason Conflict: the object changed since it was read; read it again and repeat the change."""


class ApplyConflict(Conflict):
    """409 of a server-side apply: other field managers own fields with other values (C29).

    Attributes:
        conflicts: one dict per field: ``field``, ``manager`` (the owner's name), ``message``; the client adds
            ``live`` and ``applied``, the two values, where it knows them.
    """

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
    fields = parse_failure(code, body[: 16 * 1024 * 1024], method=method, content_type=content_type, retry_after=retry_after)
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
    message = str(cause.get("message", ""))
    manager = message.split('"')[1] if message.count('"') >= 2 else ""
    return {"field": str(cause.get("field", "")), "manager": manager, "message": message}
