# SPDX-License-Identifier: Apache-2.0
"""What a server says of itself: its version, its OpenAPI documents (protocol G10, G11).

Functions of a session, behind the methods of the same names on ``Client``, whose docstrings are the contract.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.errors import DecodeError, RequestError
from k8s_core.meta import VersionInfo
from k8s_core.model.codec import decode_json

if TYPE_CHECKING:
    from k8s_core.client.session import Session

__all__ = ["openapi", "openapi_paths", "server_version"]


def server_version(session: Session) -> VersionInfo:
    """See ``Client.server_version``."""
    return VersionInfo.from_dict(_document(session, "/version"))


def openapi_paths(session: Session) -> dict[str, str]:
    """See ``Client.openapi_paths``."""
    paths = _document(session, "/openapi/v3").get("paths")
    if not isinstance(paths, dict):
        raise DecodeError("GET /openapi/v3: the index has no paths")
    found = {}
    for name, entry in paths.items():
        address = entry.get("serverRelativeURL") if isinstance(entry, dict) else None
        if isinstance(address, str):
            found[name] = address
    return found


def openapi(session: Session, path: str) -> dict[str, Any]:
    """See ``Client.openapi``."""
    known = openapi_paths(session)
    if path not in known:
        raise RequestError(f"the server has no OpenAPI document {path!r}; it has {', '.join(sorted(known)):.500}")
    return _document(session, _own_path(known[path], session.config.server_path))


def _document(session: Session, address: str) -> dict[str, Any]:
    """A JSON object that is not a resource."""
    from urllib.parse import parse_qsl, urlsplit  # noqa: PLC0415  # as below (3 modules)

    from k8s_core.client.discovery.fetch import DISCOVERY_TIMEOUT  # noqa: PLC0415  # only OpenAPI needs it (8 modules)
    from k8s_core.requests import Request  # noqa: PLC0415  # as above (2 modules)

    parts = urlsplit(address)
    body = session.send_json(
        Request(
            method="GET",
            path=parts.path,
            query=tuple(parse_qsl(parts.query, keep_blank_values=True)),
            headers=(("Accept", "application/json"),),
            timeout=DISCOVERY_TIMEOUT,
        )
    )
    document = decode_json(body)
    if not isinstance(document, dict):
        raise DecodeError(f"GET {parts.path}: not a JSON object", excerpt=body[:200].decode("utf-8", "replace"))
    return document


def _own_path(address: str, server_path: str) -> str:
    """An address that a server gave, as a path below the client's own server, which it must not leave (protocol I4).

    Addresses below ``/openapi/v3`` are relative to the server's URL; others to its host, so its path is taken off.
    """
    from urllib.parse import urlsplit  # noqa: PLC0415  # only OpenAPI needs it (3 modules)

    parts = urlsplit(address)
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or "/../" in f"{parts.path}/":
        raise DecodeError(f"the server gave {address!r:.200} as the address of a document, which is not its own")
    if parts.path.startswith("/openapi/v3") or not server_path:
        return address
    if not parts.path.startswith(f"{server_path}/"):
        raise DecodeError(f"the server gave {address!r:.200}, which is not below {server_path}")
    return address.removeprefix(server_path)
