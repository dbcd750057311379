# SPDX-License-Identifier: Apache-2.0
"""Which redirects are followed: those of a GET to the same origin (protocol B17). Pure.

Nothing is ever sent anywhere else, so there is nothing to strip: an answer that points to another scheme, host or port
is given back as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from k8s_core.requests import Request

__all__ = ["MAX_REDIRECTS", "redirect_target"]

MAX_REDIRECTS: Final = 10
_STATUS: Final = frozenset({301, 302, 303, 307, 308})
_PORTS: Final = {"http": 80, "https": 443}


def redirect_target(request: Request, status: int, location: str | None, server: str, target: str) -> str | None:
    """Path and query to ask for next, or None if the answer is final.

    Args:
        request: that was answered.
        status: of the answer.
        location: its ``Location`` header.
        server: scheme, host and port that the request went to.
        target: path and query that it went to.
    """
    if status not in _STATUS or request.method != "GET" or not location:
        return None
    try:
        there = urlsplit(urljoin(server + target, location))
        same = _origin(there) == _origin(urlsplit(server))
    except ValueError:
        return None
    # What is not ASCII is no URL; nothing says which encoding was meant.
    if not same or "@" in there.netloc or not f"{there.path}{there.query}".isascii():
        return None
    path = there.path or "/"
    return f"{path}?{there.query}" if there.query else path


def _origin(url: SplitResult) -> tuple[str, str | None, int | None]:
    return url.scheme, url.hostname, url.port or _PORTS.get(url.scheme)
