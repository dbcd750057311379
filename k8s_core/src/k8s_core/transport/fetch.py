# SPDX-License-Identifier: Apache-2.0
"""One HTTPS request to something that is no API server: an identity provider, a secret store, a site with manifests."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from k8s_core.auth import AnonymousCredentials
from k8s_core.configuration import Config
from k8s_core.errors import TransportError
from k8s_core.redaction import mask_url
from k8s_core.requests import Request
from k8s_core.transport.http import HTTPLayer
from k8s_core.transport.limits import Deadline
from k8s_core.transport.proxy import choose_proxy
from k8s_core.transport.redirect import MAX_REDIRECTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from k8s_core.transport.base import Response

__all__ = ["MAX_ANSWER", "MAX_DOWNLOAD", "download", "fetch"]

MAX_ANSWER: Final = 1024 * 1024
"""Bytes of an answer; tokens and discovery documents have a few thousand."""

MAX_DOWNLOAD: Final = 32 * 1024 * 1024
"""Bytes of a download, decompressed; the manifests of the largest projects have a few million."""

_TIMEOUT: Final = 30.0
_DOWNLOAD_TIMEOUT: Final = 60.0


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
        path=_target(url),
        body=body,
        headers=(("Accept", "application/json"), *(headers or {}).items()),
    )
    with _sent(config, request, Deadline(time.monotonic, _TIMEOUT)) as response:
        answer = response.read()
    if len(answer) > MAX_ANSWER:
        raise TransportError(f"{mask_url(server)} answered with more than {MAX_ANSWER} bytes")
    return response.status, answer


def download(
    url: str, *, trust_env: bool = True, maximum: int = MAX_DOWNLOAD, timeout: float = _DOWNLOAD_TIMEOUT
) -> bytes:
    """What is at a public https URL, decompressed. Blocks; sends no credentials, and knows nothing of a cluster.

    TLS is verified by the authorities of the system. Redirects are followed to any https URL.

    Args:
        url: https, without user information.
        trust_env: the proxy variables of the environment count.
        maximum: bytes at which it is given up.
        timeout: seconds for all of it, redirects included.

    Raises:
        TransportError: another answer than 200, a redirect to something else than https, more bytes, no time left,
            or no usable answer.
        ConfigError: the URL or the proxy's is none.
    """
    deadline = Deadline(time.monotonic, timeout)
    here = url
    for _ in range(MAX_REDIRECTS + 1):
        parts = urlsplit(here)
        server = f"{parts.scheme}://{parts.netloc}"
        config = Config(server=server, source=mask_url(server), trust_env=trust_env)
        request = Request(method="GET", path=_target(here), headers=(("Accept", "*/*"),), stream=True)
        with _sent(config, request, deadline) as response:
            if response.status == 200:
                return _bounded(response, mask_url(here), maximum)
            location = response.headers.get("location")
            response.close()
        if not (300 <= response.status < 400 and location):
            raise TransportError(f"{mask_url(here)}: the server answered {response.status}, not with the document")
        here = _further(here, location)
    raise TransportError(f"{mask_url(url)}: more than {MAX_REDIRECTS} redirects")


def _further(here: str, location: str) -> str:
    """Where a redirect leads. Raises TransportError if that is not a plain https URL."""
    try:
        there = urljoin(here, location)
        parts = urlsplit(there)
        if parts.scheme == "https" and parts.hostname and "@" not in parts.netloc:
            return there
    except ValueError:
        pass
    raise TransportError(f"{mask_url(here)}: the redirect to {mask_url(location)} is not followed: it is not https")


def _bounded(response: Response, shown: str, maximum: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    for piece in response.stream():
        size += len(piece)
        if size > maximum:
            response.close()
            raise TransportError(f"{shown}: more than {maximum} bytes")
        pieces.append(piece)
    return b"".join(pieces)


def _target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


@contextmanager
def _sent(config: Config, request: Request, deadline: Deadline) -> Iterator[Response]:
    """The answer to one request, on a connection of its own."""
    layer = HTTPLayer(config, AnonymousCredentials(), choose_proxy(config, os.environ))
    try:
        yield layer.exchange(request, {}, deadline, None)
    finally:
        layer.close()
