# SPDX-License-Identifier: Apache-2.0
"""The debug log of requests and answers, with credentials and secrets masked (protocol B25, I1, I2).

The logger ``k8s_core.http`` says each request at DEBUG. ``Config.debug`` makes it do so whatever its level, and adds
bodies, shortened.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from k8s_core.redaction import MaskOf, escape_control, know_nothing, mask_headers, mask_url, redact_body

if TYPE_CHECKING:
    from collections.abc import Mapping

    from k8s_core.requests import Request
    from k8s_core.transport.response import Answer

__all__ = ["WireLog"]

_log: Final = logging.getLogger("k8s_core.http")
_BODY: Final = 2048


class WireLog:
    """Writes what goes over the wire to the log, if anybody wants it. Thread-safe.

    Args:
        debug: log whatever the logger's level is, and bodies too.
        mask_of: knows the secrets of kinds; without it, bodies lose all their strings but the identity of
            objects.
    """

    def __init__(self, *, debug: bool, mask_of: MaskOf = know_nothing) -> None:
        self._debug = debug
        self._mask_of = mask_of

    def wanted(self) -> bool:
        """Whether to call the other methods at all; cheap."""
        return self._debug or _log.isEnabledFor(logging.DEBUG)

    def request(self, request: Request, target: str, credentials: Mapping[str, str]) -> None:
        """Log a request that is about to be sent."""
        headers = mask_headers([*request.headers, *credentials.items()])
        shown = "".join(f" {name}: {value};" for name, value in headers)
        self._write(f"--> {request.method} {mask_url(target)}{shown}{self._body(request.body, request)}")

    def response(self, request: Request, response: Answer, seconds: float) -> None:
        """Log an answer; of a stream only that it began."""
        shown = "".join(f" {name}: {value};" for name, value in mask_headers(response.headers))
        body = "" if request.stream else self._body(response.read(), request)
        text = f"<-- {response.status} {request.method} {request.path} in {seconds * 1000:.1f} ms{shown}{body}"
        self._write(text)

    def failure(self, request: Request, error: Exception, seconds: float) -> None:
        """Log that no answer came."""
        self._write(f"<-- {request.method} {request.path} failed after {seconds * 1000:.1f} ms: {error}")

    def _body(self, body: bytes | None, request: Request) -> str:
        if not self._debug or not body:
            return ""
        api_version, kind = _subject(request)
        return f" {redact_body(body, self._mask_of, api_version=api_version, kind=kind, limit=_BODY)}"

    def _write(self, text: str) -> None:
        text = escape_control(text).replace("\n", "\\n")
        if self._debug:
            # Past the logger's level: the configuration asked for it. Handlers keep theirs.
            _log.handle(_log.makeRecord(_log.name, logging.DEBUG, __file__, 0, "%s", (text,), None))
        else:
            _log.debug("%s", text)


def _subject(request: Request) -> tuple[str, str]:
    """``apiVersion`` and ``kind`` of a body that does not say so itself, such as a merge patch; empty if unknown."""
    resource = request.resource
    if resource is None:
        return "", ""
    own = "" if request.subresource in (None, "status") else resource.subresources.get(request.subresource)
    if own is None:
        return "", ""
    api_version, _, kind = own.partition(" ")
    return (api_version, kind) if own else (resource.api_version, resource.kind)
