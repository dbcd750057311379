# SPDX-License-Identifier: Apache-2.0
"""The one value that describes an HTTP request to an API server, before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from k8s_core.kinds import APIResource

__all__ = ["Request"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a transport, and a policy wrapped around one, gets to see of a request.

    It is a plain value: making one does no I/O, and it never holds credentials (the transport adds those). The wire
    part is ``method``, ``path``, ``query``, ``headers`` and ``body``; the rest says what the request means in
    Kubernetes' terms, so that a policy can decide without parsing paths. Use ``dataclasses.replace`` to change one.
    """

    method: str
    """``GET``, ``POST``, ``PUT``, ``PATCH`` or ``DELETE``."""
    path: str
    """Begins with ``/``, percent-encoded once, without the path that the server's own URL may have."""
    query: tuple[tuple[str, str], ...] = ()
    """Unencoded pairs, in order; a key may repeat."""
    headers: tuple[tuple[str, str], ...] = ()
    """``Accept`` and ``Content-Type``; never credentials."""
    body: bytes | None = field(default=None, repr=False)
    """Not shown by ``repr``: it may be that of a Secret."""
    verb: str = ""
    """The Kubernetes verb: get, list, watch, create, update, patch, delete, deletecollection; ``connect`` for exec,
    attach and port-forward, as admission calls it, although they are sent as GET; ``""`` elsewhere."""
    resource: APIResource | None = None
    namespace: str | None = None
    name: str | None = None
    subresource: str | None = None
    object: Any = field(default=None, repr=False)
    """The model or dict that ``body`` was made of, for policies; changing it does not change ``body``."""
    stream: bool = False
    """The response is read incrementally: exempt from the total timeout (protocol B16)."""
    upgrade: str | None = None
    """The protocol to leave HTTP for, such as ``websocket``; goes with ``stream``. If the server agrees, the answer has
    status 101 and is an ``UpgradedResponse``. Its connection is its own, and is never used for requests again."""
    timeout: float | None = None
    """Seconds, total, retries included; None = the configured timeout."""
    inactivity_timeout: float | None = None
    """Seconds between two reads of a stream; None = the configured stream timeout."""
    max_retries: int | None = None
    """How often the transport may send it again (protocol B8); None = as configured."""
