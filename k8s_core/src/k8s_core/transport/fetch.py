# SPDX-License-Identifier: Apache-2.0
"""One HTTPS request to something that is no API server: an identity provider, a secret store."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from k8s_core.auth import AnonymousCredentials
from k8s_core.configuration import Config
from k8s_core.errors import TransportError
from k8s_core.redaction import mask_url
from k8s_core.requests import Request
from k8s_core.transport.http import HTTPLayer
from k8s_core.transport.limits import Deadline
from k8s_core.transport.proxy import choose_proxy

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MAX_ANSWER", "fetch"]

MAX_ANSWER: Final = 1024 * 1024
"""Bytes of an answer; tokens and discovery documents have a few thousand."""

_TIMEOUT: Final = 30.0


def fetch(
    method: str,
    url: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    ca_pem: bytes | None = None,
) -> tuple[int, bytes]:
    """Send one request on a connection of its own and return ``(status, body)``. Blocks for at most 30 s.

    TLS is always verified. The proxy variables of the environment count. Redirects are followed only for GET and within
    the origin; no request is sent again after a failure.

    Args:
        method: of HTTP.
        url: http or https, without user information.
        body: to send; give its type in ``headers``.
        headers: may hold credentials; they go to this server only.
        ca_pem: the only authorities to trust; None for the system's.

    Raises:
        TransportError: no usable answer, or more than :data:`MAX_ANSWER` bytes.
        ConfigError: the URL or the proxy's is none.
    """
    parts = urlsplit(url)
    server = f"{parts.scheme}://{parts.netloc}"
    config = Config(server=server, certificate_authority_data=ca_pem, source=mask_url(server))
    request = Request(
        method=method,
        path=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
        body=body,
        headers=(("Accept", "application/json"), *(headers or {}).items()),
    )
    layer = HTTPLayer(config, AnonymousCredentials(), choose_proxy(config, os.environ))
    try:
        response = layer.exchange(request, {}, Deadline(time.monotonic, _TIMEOUT), None)
        answer = response.read()
    finally:
        layer.close()
    if len(answer) > MAX_ANSWER:
        raise TransportError(f"{mask_url(server)} answered with more than {MAX_ANSWER} bytes")
    return response.status, answer
