# SPDX-License-Identifier: Apache-2.0
"""What a server serves, on the client: kinds by name, its version, its OpenAPI documents (protocol section G)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.client.core import ClientCore
from k8s_core.errors import DecodeError, KubernetesError, RequestError, UnknownKindError
from k8s_core.meta import VersionInfo, generic_resource
from k8s_core.model.codec import decode_json

if TYPE_CHECKING:
    from k8s_core.client.discovery import Discovery
    from k8s_core.errors import NotFound
    from k8s_core.kinds import APIResource, GroupVersionKind
    from k8s_core.model import Resource

__all__ = ["DiscoveryVerbs"]


class DiscoveryVerbs(ClientCore):
    """resource, discovery, server_version and openapi."""

    @property
    def discovery(self) -> Discovery:
        """What the server serves, as it was when it was last asked; see :class:`Discovery`."""
        found = self._discovery
        if found is None:
            from k8s_core.client.discovery import Discovery

            # Two threads may make one each; the one that stays is as good as the other.
            found = self._discovery = Discovery(self.request)
        return found

    _discovery: Discovery | None = None

    def resource(self, name: str) -> type[Resource]:
        """The class for a kind by any name that kubectl would take; asks the server, which is remembered.

        ``"deploy"``, ``"deployments"``, ``"Deployment"``, ``"deployments.apps"``, ``"Deployment.v1.apps"``. A name
        without a version means the server's preferred version, or, if no package has a class for that one, the first
        served version with a class. A kind without any class gives a ``GenericResource``, which every verb takes.

        Raises:
            UnknownKindError: the server serves nothing of this name; the message has what comes near.
            InvalidName: it cannot be a name.
            ApiError, TransportError, DecodeError: the server could not be asked.
        """
        served = self.discovery.match(name)
        for candidate in served:
            try:
                return self._registry.get(candidate.api_version, candidate.kind)
            except UnknownKindError:
                continue
        return generic_resource(served[0])

    def resources(self, category: str) -> list[type[Resource]]:
        """The classes of the kinds of a category, such as ``"all"``. Raises as :meth:`resource`."""
        return [self._class_for(resource) for resource in self.discovery.category(category)]

    def _discover(self, gvk: GroupVersionKind) -> APIResource | None:
        return self.discovery.find(gvk)

    def _explain_unserved(self, error: NotFound, resource: APIResource) -> None:
        try:
            versions = self._served_versions(resource)
            if resource.version in versions:
                # The server has just said otherwise, so what is remembered is out of date.
                self.discovery.invalidate()
                versions = self._served_versions(resource)
        except KubernetesError:
            # The answer stands without an explanation too.
            return
        what = f"{resource.kind} of API group {resource.group or 'core'}"
        if not versions:
            error.add_note(f"the server does not serve {what}; is its CRD installed?")
        elif resource.version not in versions:
            error.add_note(f"the server serves {what} in {', '.join(versions)}, not in {resource.version}")

    def _served_versions(self, resource: APIResource) -> list[str]:
        return [
            version.version
            for group in self.discovery.groups()
            for version in group.versions
            if group.name == resource.group and any(other.kind == resource.kind for other in version.resources)
        ]

    def _kinds_changed(self) -> None:
        if self._discovery is not None:
            self._discovery.invalidate()

    def server_version(self) -> VersionInfo:
        """The server's version; ``major`` and ``minor`` are texts, as in ``"27+"`` (G11). One request."""
        return VersionInfo.from_dict(self._document("/version"))

    def openapi_paths(self) -> dict[str, str]:
        """The OpenAPI v3 documents of the server: ``"apis/apps/v1"`` to the address with its hash (G10).

        One request. Raises ApiError, TransportError, DecodeError.
        """
        paths = self._document("/openapi/v3").get("paths")
        if not isinstance(paths, dict):
            raise DecodeError("GET /openapi/v3: the index has no paths")
        found = {}
        for name, entry in paths.items():
            address = entry.get("serverRelativeURL") if isinstance(entry, dict) else None
            if isinstance(address, str):
                found[name] = address
        return found

    def openapi(self, path: str) -> dict[str, Any]:
        """One OpenAPI v3 document, such as ``"apis/apps/v1"``. Two requests.

        Raises:
            RequestError: the server has no such document; the message has what it has.
            ApiError, TransportError, DecodeError: see :mod:`k8s_core.errors`.
        """
        known = self.openapi_paths()
        if path not in known:
            raise RequestError(f"the server has no OpenAPI document {path!r}; it has {', '.join(sorted(known)):.500}")
        return self._document(_own_path(known[path], self._config.server_path))

    def _document(self, address: str) -> dict[str, Any]:
        """A JSON object that is no resource."""
        from urllib.parse import parse_qsl, urlsplit

        from k8s_core.client.discovery.fetch import DISCOVERY_TIMEOUT
        from k8s_core.requests import Request

        parts = urlsplit(address)
        body = self.send_json(
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
    from urllib.parse import urlsplit

    parts = urlsplit(address)
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or "/../" in f"{parts.path}/":
        raise DecodeError(f"the server gave {address!r:.200} as the address of a document, which is not its own")
    if parts.path.startswith("/openapi/v3") or not server_path:
        return address
    if not parts.path.startswith(f"{server_path}/"):
        raise DecodeError(f"the server gave {address!r:.200}, which is not below {server_path}")
    return address.removeprefix(server_path)
