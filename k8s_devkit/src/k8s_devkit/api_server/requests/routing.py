# SPDX-License-Identifier: Apache-2.0
"""From method and path to what is asked for, exactly as the API server's requestinfo does (protocol J2). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

__all__ = ["NAMESPACE_SUBRESOURCES", "RequestInfo", "parse_request"]

NAMESPACE_SUBRESOURCES = frozenset({"status", "finalize"})
_VERBS = {"POST": "create", "GET": "get", "HEAD": "get", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """A request on a resource.

    ``name`` empty means the collection; ``rest`` is the tail after a subresource; ``in_namespace`` says that the path
    has a namespace in front of the resource.
    """

    verb: str
    group: str
    version: str
    resource: str
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    rest: str = ""
    in_namespace: bool = False


def parse_request(method: str, raw_path: str, *, watch: bool) -> RequestInfo | None:
    """Read a resource request; None for a path that addresses no resource (discovery, health, unknown).

    Args:
        method: the HTTP method.
        raw_path: the path as received, still percent-encoded; it is decoded first, so ``%2F`` separates, too.
        watch: whether the query asks for a watch; it makes a GET without a name one.
    """
    parts = unquote(raw_path).strip("/").split("/")
    if parts[0] == "api" and len(parts) >= 3:
        group, version, parts = "", parts[1], parts[2:]
    elif parts[0] == "apis" and len(parts) >= 4:
        group, version, parts = parts[1], parts[2], parts[3:]
    else:
        return None
    if not parts[0]:
        return None
    verb = _VERBS.get(method, "")
    if parts[0] == "watch" and len(parts) > 1:  # the legacy prefix
        verb, parts, watch = "watch", parts[1:], True
    namespace, in_namespace = "", False
    if parts[0] == "namespaces" and len(parts) > 1:
        namespace = parts[1]
        if len(parts) > 2 and parts[2] not in NAMESPACE_SUBRESOURCES:
            parts, in_namespace = parts[2:], True
    name = parts[1] if len(parts) > 1 else ""
    subresource = parts[2] if len(parts) > 2 else ""
    if subresource and not name:
        return None
    if not name and verb == "get":
        verb = "watch" if watch else "list"
    elif not name and verb == "delete":
        verb = "deletecollection"
    rest = "/".join(parts[3:])
    return RequestInfo(verb, group, version, parts[0], namespace, name, subresource, rest, in_namespace)
