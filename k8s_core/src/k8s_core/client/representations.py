# SPDX-License-Identifier: Apache-2.0
"""Reading less than the whole object: metadata alone, or the columns that people see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core.client.core import AnyKind, ClientCore
from k8s_core.client.lists import DEFAULT_LIMIT, OnExpired, ResourceList, list_meta, whole_list
from k8s_core.errors import DecodeError
from k8s_core.meta import PartialObjectMetadata, Table
from k8s_core.model.codec import collector_paused, decode_json, load_resource
from k8s_core.requests.options import METADATA, METADATA_LIST, TABLE, AllNamespaces, ResourceVersionMatch, check_choice
from k8s_core.requests.read import get_request, list_request

if TYPE_CHECKING:
    from k8s_core.selectors import Fields, Labels

__all__ = ["RepresentationVerbs"]


class RepresentationVerbs(ClientCore):
    """get_metadata, list_metadata and table."""

    def get_metadata(
        self,
        kind: AnyKind,
        name: str,
        *,
        namespace: str | None = None,
        resource_version: str | None = None,
        timeout: float | None = None,
    ) -> PartialObjectMetadata:
        """Read the metadata of one object; spec and status do not travel. Arguments and errors as :meth:`get`."""
        resource = self._kind(kind).api_resource
        request = get_request(
            resource,
            name,
            namespace=self._namespace_for(resource, namespace),
            resource_version=resource_version,
            headers=METADATA,
            timeout=timeout,
        )
        return self._fetch(PartialObjectMetadata, request)

    def list_metadata(
        self,
        kind: AnyKind,
        *,
        namespace: str | AllNamespaces | None = None,
        labels: Labels | None = None,
        fields: Fields | None = None,
        limit: int | None = DEFAULT_LIMIT,
        resource_version: str | None = None,
        resource_version_match: ResourceVersionMatch | None = None,
        on_expired: OnExpired = "relist",
        timeout: float | None = None,
    ) -> ResourceList[PartialObjectMetadata]:
        """Read the metadata of all objects of a collection. Arguments and errors as :meth:`list`."""
        check_choice(on_expired, ("relist", "inconsistent", "raise"), "on_expired")
        resource = self._kind(kind).api_resource
        request = list_request(
            resource,
            namespace=self._collection_namespace(resource, namespace),
            labels=labels,
            fields=fields,
            limit=limit,
            resource_version=resource_version,
            resource_version_match=resource_version_match,
            headers=METADATA_LIST,
            timeout=timeout,
        )
        last, items = whole_list(self.send_json, request, on_expired)
        with collector_paused():
            found = [load_resource(PartialObjectMetadata, item) for item in items]
        return ResourceList(found, list_meta(last), last.api_version, last.kind)

    def table(
        self,
        kind: AnyKind,
        name: str | None = None,
        *,
        namespace: str | AllNamespaces | None = None,
        labels: Labels | None = None,
        fields: Fields | None = None,
        limit: int | None = None,
        timeout: float | None = None,
    ) -> Table:
        """Read the columns that kubectl shows, as the server renders them: of one object, or of a collection.

        One request; with ``limit``, ``table.metadata.continue_`` says whether there is more.

        Raises:
            NotAcceptable: the server cannot render tables for this kind.
            InvalidName, SelectorError, RequestError, ApiError, TransportError, DecodeError: as :meth:`list`.
        """
        resource = self._kind(kind).api_resource
        if name is None:
            request = list_request(
                resource,
                namespace=self._collection_namespace(resource, namespace),
                labels=labels,
                fields=fields,
                limit=limit,
                headers=TABLE,
                timeout=timeout,
            )
        else:
            chosen = self._namespace_for(resource, namespace)
            request = get_request(resource, name, namespace=chosen, headers=TABLE, timeout=timeout)
        document = decode_json(self.send_json(request))
        if not isinstance(document, dict) or document.get("kind") != "Table":
            raise DecodeError(f"{request.method} {request.path}: the server did not answer with a Table")
        return Table.from_dict(document)
