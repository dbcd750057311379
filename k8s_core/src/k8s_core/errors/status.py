# SPDX-License-Identifier: Apache-2.0
"""Reading ``Status`` documents, and making one up where the server sent none (protocol C37-C39). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

__all__ = ["ERROR_TEXT_LIMIT", "StatusFields", "escape_control", "parse_failure"]

ERROR_TEXT_LIMIT = 2048
"""Bytes of a body that is no Status which are kept in the error (C39)."""

_CONTROL = r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]"
_REASONS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    406: "NotAcceptable",
    410: "Gone",
    413: "RequestEntityTooLarge",
    415: "UnsupportedMediaType",
    422: "Invalid",
    429: "TooManyRequests",
    503: "ServiceUnavailable",
    504: "Timeout",
}


class StatusFields(Struct, frozen=True):
    """The parts of a Status that errors expose; each has the type that the API declares, whatever the wire held."""

    code: int
    reason: str
    message: str
    details: dict[str, Any] = {}
    causes: list[dict[str, Any]] = []
    retry_after_seconds: int | None = None
    status: dict[str, Any] = {}

    @classmethod
    def from_status(
        cls, status: Mapping[str, Any], *, code: int | None = None, retry_after: int | None = None
    ) -> StatusFields:
        """Read a Status document, tolerating wrong types in it; ``code`` is the HTTP code, for one that has none."""
        details = status.get("details")
        details = dict(details) if isinstance(details, Mapping) else {}
        causes = details.get("causes")
        causes = [dict(cause) for cause in causes if isinstance(cause, Mapping)] if isinstance(causes, list) else []
        own_code = status.get("code")
        number = own_code if type(own_code) is int and own_code else code or 500
        reason = status.get("reason")
        message = status.get("message")
        hint = details.get("retryAfterSeconds")
        if retry_after is None and type(hint) is int and hint > 0:
            retry_after = hint
        return cls(
            code=number,
            reason=reason if isinstance(reason, str) else "",
            message=message if isinstance(message, str) and message else f"the server answered with code {number}",
            details=details,
            causes=causes,
            retry_after_seconds=retry_after,
            status=dict(status),
        )


def parse_failure(
    code: int, body: bytes, *, method: str, content_type: str | None, retry_after: int | None
) -> StatusFields:
    """Read the body of an unsuccessful answer, or synthesise the Status that its code means (C39)."""
    document = _status_document(body)
    if document is not None:
        return StatusFields.from_status(document, code=code, retry_after=retry_after)
    reason = _REASONS.get(code, "")
    if code == 409:
        reason = "AlreadyExists" if method == "POST" else "Conflict"
    elif code >= 500 and not reason:
        reason = "InternalError"
    text = body[:ERROR_TEXT_LIMIT].decode("utf-8", "replace").strip()
    what = text if text and len(text) <= 200 and "<" not in text else _content(content_type, body)
    message = f"the server answered {code} without a Status: {what}"
    causes = [{"reason": "UnexpectedServerResponse", "message": text}] if text else []
    details: dict[str, Any] = {"causes": causes} if causes else {}
    if retry_after is not None:
        details["retryAfterSeconds"] = retry_after
    status = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "details": details,
        "code": code,
    }
    return StatusFields.from_status(status, code=code, retry_after=retry_after)


def _content(content_type: str | None, body: bytes) -> str:
    return f"{len(body)} bytes of {content_type or 'unknown content'}" if body else "an empty body"


def _status_document(body: bytes) -> dict[str, Any] | None:
    if body.lstrip()[:1] != b"{":
        return None
    import json  # noqa: PLC0415  # errors are rare, and small enough for it (5 modules)

    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if isinstance(document, dict) and document.get("kind") == "Status":
        return document
    return None


def escape_control(text: str) -> str:
    """``text`` with every control character but white space written as ``U+001B`` is (A39)."""
    return re.sub(_CONTROL, lambda found: f"U+{ord(found[0]):04X}", text)
