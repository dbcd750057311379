# SPDX-License-Identifier: Apache-2.0
"""What a failure means for a watch (protocol D5, D13-D15, D18). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from k8s_core.errors import (
    ApiError,
    ConfigError,
    DecodeError,
    KubernetesError,
    RequestError,
    TLSError,
    TransportError,
    api_error_from_status,
)

__all__ = [
    "InformerStopped",
    "VeryShortWatch",
    "decoding_failure",
    "history_replaced",
    "is_expired",
    "is_permanent",
    "is_server_trouble",
    "is_too_large_version",
    "is_transient",
    "not_a_list",
    "retry_after",
    "status_error",
]

_LONGEST_RETRY_AFTER = 300.0
_PERMANENT_CODES = frozenset({400, 401, 403, 404, 405, 406, 415, 422})


class InformerStopped(KubernetesError, RuntimeError):
    """The informer was stopped or has died (then the reason is the ``__cause__``); it never starts again (D30)."""


class VeryShortWatch(TransportError):
    """A watch ended within a second and brought nothing (protocol D15)."""


def status_error(raw: bytes | msgspec.Raw) -> ApiError:
    """The error of an ERROR event, whose object should be a Status but may be anything. Never raises."""
    try:
        status: Any = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        status = None
    if not isinstance(status, Mapping):
        status = {"code": 500, "reason": "InternalError", "message": "a watch ERROR event without a Status"}
    return api_error_from_status(status, request="watch")


def decoding_failure(error: DecodeError, corrupt: bytes) -> ApiError:
    """The error for bytes that are no watch event: what they say if they are a bare Status, else code 500 (D4)."""
    try:
        document: Any = msgspec.json.decode(corrupt)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        document = None
    if isinstance(document, Mapping) and document.get("kind") == "Status":
        return api_error_from_status(document, request="watch")
    return api_error_from_status(
        {
            "kind": "Status",
            "apiVersion": "v1",
            "status": "Failure",
            "message": f"unable to decode an event from the watch stream: {error}",
            "reason": "InternalError",
            "details": {"causes": [{"reason": "ClientWatchDecoding", "message": str(error)}]},
            "code": 500,
        },
        request="watch",
    )


def not_a_list(body: bytes, error: DecodeError) -> KubernetesError:
    """The error for a 2xx answer to a list that is not a list: the Status that it is (C38), else ``error``."""
    try:
        document: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        document = None
    if isinstance(document, Mapping) and document.get("kind") == "Status":
        return api_error_from_status(document, request="list")
    return error


def history_replaced(ours: str, latest: str) -> ApiError:
    """The error for a server whose latest state is older than what it has told before."""
    message = f"the server is at resourceVersion {latest}, and {ours} was seen: its history was lost or replaced"
    status = {"kind": "Status", "status": "Failure", "code": 410, "reason": "Expired", "message": message}
    return api_error_from_status(status, request="watch")


def is_expired(error: Exception) -> bool:
    """410 in either form: reason Expired, or the legacy Gone."""
    return isinstance(error, ApiError) and (error.reason in ("Expired", "Gone") or error.code == 410)


def is_too_large_version(error: Exception) -> bool:
    """The server has not seen the asked-for resourceVersion yet (protocol C12)."""
    if not isinstance(error, ApiError):
        return False
    if any(cause.get("reason") == "ResourceVersionTooLarge" for cause in error.causes):
        return True
    return error.code == 504 and "Too large resource version" in error.message


def is_transient(error: Exception) -> bool:
    """The same request may well succeed later: no connection, a broken one, 429."""
    if isinstance(error, ApiError):
        return error.code == 429 or error.reason == "TooManyRequests"
    return isinstance(error, TransportError) and not isinstance(error, TLSError)


def is_server_trouble(error: Exception) -> bool:
    """The server answered that it can't answer at the moment: any 5xx."""
    return isinstance(error, ApiError) and error.code >= 500


def is_permanent(error: Exception) -> bool:
    """Trying again will not help until somebody changes something: wrong kind, missing permission, bad credentials."""
    if isinstance(error, ApiError):
        return error.code in _PERMANENT_CODES
    if isinstance(error, (ConfigError, RequestError, TLSError)):
        return True
    return isinstance(error, KubernetesError) and not isinstance(error, (TransportError, DecodeError))


def retry_after(error: Exception) -> float:
    """Seconds that the server asked to wait, 0 if it did not; at most five minutes, or a slip could stop a watch."""
    asked = float(error.retry_after_seconds or 0) if isinstance(error, ApiError) else 0.0
    return min(asked, _LONGEST_RETRY_AFTER)
