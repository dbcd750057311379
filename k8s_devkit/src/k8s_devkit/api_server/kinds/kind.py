# SPDX-License-Identifier: Apache-2.0
"""`Kind`: one served version of one kind, and what the machinery asks of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from k8s_core.kinds import PrinterColumn, table_columns
from k8s_devkit.api_server.kinds.shapes import ANY_OBJECT, shape_of_model
from k8s_devkit.api_server.requests.codecs import TYPED
from k8s_devkit.api_server.requests.media_types import PATCH_TYPES
from k8s_devkit.api_server.store import encode_body
from k8s_devkit.api_server.writes.go_form import drop_zeros, fill_zeros
from k8s_devkit.strategy.failures import method_not_allowed, resource_not_found

if TYPE_CHECKING:
    from k8s_core.kinds import APIResource
    from k8s_devkit.api_server.discovery.openapi_schemas import SchemaBuilder
    from k8s_devkit.api_server.kinds.shapes import Shape
    from k8s_devkit.api_server.network.messages import Answer
    from k8s_devkit.api_server.requests.codecs import TypedCodec
    from k8s_devkit.api_server.requests.routing import RequestInfo
    from k8s_devkit.api_server.store import Entry, StoreKey
    from k8s_devkit.api_server.subresources.scale_view import ScaleView
    from k8s_devkit.strategy.failures import Failure
    from k8s_devkit.strategy.strategy import Strategy

__all__ = ["Kind"]

_CREATED_AT = PrinterColumn("Created At", ".metadata.creationTimestamp", type="date", format="timestamp")


class Kind:
    """One served version of one kind, whose objects the server decodes into types: a built-in kind.

    `CustomKind` is the other sort.

    Args:
        resource: how it is served.
        strategy: how its objects are treated.
        model: the class of a plugin, for merge keys and field types; None for a kind known by its resource only.
    """

    patch_types: tuple[str, ...] = PATCH_TYPES
    """The media types of patches that the kind takes."""

    installs_group = True
    """The API server has documents of its own for the kind's API group, as for all groups that it did not learn of
    from a CRD."""

    lists_header = False
    """Lists repeat apiVersion and kind in each item, and always have ``metadata.continue``."""

    converts_managers = True
    """Managed fields of any version of the kind leave out what another subresource writes; no entries at all in a
    write forget the managers."""

    def __init__(self, resource: APIResource, strategy: Strategy, model: type[Any] | None = None) -> None:
        self.resource = resource
        self.strategy = strategy
        self.model = model
        self.key: StoreKey = strategy.storage
        self.deprecation = strategy.deprecation
        header = {"kind": resource.kind, "apiVersion": resource.api_version}
        self.prefix: bytes = msgspec.json.encode(header)[:-1] + b","
        self._shape: Shape | None = None

    @property
    def codec(self) -> TypedCodec:
        """How bodies are decoded."""
        return TYPED

    @property
    def name(self) -> str:
        """The kind's name, such as ``Pod``."""
        return self.resource.kind

    @property
    def gv_kind(self) -> tuple[str, str]:
        """Version and kind name: what identifies it within its group."""
        return self.resource.version, self.resource.kind

    @property
    def stores(self) -> bool:
        """True if objects are stored in this version."""
        return not self.strategy.converted

    @property
    def verbs(self) -> list[str]:
        """The verbs in the order of discovery."""
        return sorted(self.resource.verbs) if self.strategy.stored else ["create"]

    @property
    def subresource_names(self) -> list[str]:
        """The subresources in the order of discovery: those that are declared, and those that the strategy serves."""
        return sorted({*self.resource.subresources, *self.strategy.subresources})

    @property
    def go_name(self) -> str:
        """The kind as messages about Go types name it, such as ``apps.Deployment``."""
        return f"{(self.resource.group or 'core').partition('.')[0]}.{self.name}"

    @property
    def list_kind(self) -> str:
        """The kind of lists."""
        return f"{self.name}List"

    @property
    def scale(self) -> ScaleView:
        """Where the ``scale`` subresource finds what it shows."""
        from k8s_devkit.api_server.subresources.scale_view import ScaleView  # noqa: PLC0415  # only scale needs it

        return ScaleView()

    def registry_path(self, key: str) -> str:
        """Where etcd has an object, as messages name it."""
        return f"/registry/{self.resource.plural}/{key}"

    def response_gvk(self, group: str, version: str, *, foreign: bool) -> tuple[str, str]:
        """Group and version of a response kind in aggregated discovery; empty where they are those around it."""
        return (group, version) if foreign else ("", "")

    def prune(self, document: dict[str, Any]) -> list[str]:
        """Drop what the kind's CRD does not know, in place. Returns the paths."""
        return []

    def printer_columns(self) -> tuple[PrinterColumn, ...]:
        """The columns of its tables."""
        declared: tuple[PrinterColumn, ...] = getattr(self.model, "printer_columns", ()) or ()
        return table_columns(declared) if declared else (table_columns(())[0], _CREATED_AT)

    def paths(self, builder: SchemaBuilder) -> dict[str, Any]:
        """Its paths in OpenAPI v3."""
        from k8s_devkit.api_server.discovery.openapi_operations import KindPaths  # noqa: PLC0415  # only OpenAPI

        return KindPaths(self, builder).make()

    def add_schema(self, builder: SchemaBuilder) -> tuple[str, dict[str, Any]]:
        """Add its schema in OpenAPI v3 to a document. Returns the name and the schema."""
        if self.model is None:
            return builder.schema_of_crd(self.resource, {})
        return builder.schema_of_model(self.model)

    # Routing

    def in_scope(self, info: RequestInfo) -> bool:
        """Whether a path has a namespace where the kind wants one. Without, one can list, watch and try to create."""
        return info.in_namespace == self.resource.namespaced or (self.resource.namespaced and not info.name)

    def answer_out_of_scope(self) -> Answer:
        """The answer to a path that is not in scope, or its Failure."""
        raise resource_not_found()

    def refuse_verb(self, verb: str) -> Failure:
        """The 405 of a verb that the kind does not have."""
        return method_not_allowed()

    def refuse_subresource(self, name: str) -> Failure:
        """The 404 of a subresource that the kind does not have."""
        return resource_not_found()

    def refuse_empty_namespace(self) -> Failure:
        """The answer to a create without a namespace."""
        return method_not_allowed()

    def serves(self, info: RequestInfo, method: str) -> bool:
        """Whether a verb that the kind has is served at a path. Raises Failure for a path that lacks a name."""
        if self.resource.namespaced and not info.namespace:
            return info.verb in ("list", "watch", "create")
        # Only the handlers of custom resources take a HEAD for a GET.
        return (bool(info.name) or info.verb not in ("update", "patch")) and method != "HEAD"

    def has_status(self) -> bool:
        """True if ``status`` is a subresource."""
        return "status" in self.resource.subresources

    def selectable(self, field: str) -> bool:
        """True if a field selector may name ``field``."""
        if field in ("metadata.name", "metadata.namespace"):
            return True
        return self.strategy.storage_field(field) in self.strategy.selectable_fields

    @property
    def selects_by_metadata(self) -> bool:
        """True if field selectors of this built-in kind can name nothing but name and namespace."""
        return not self.strategy.selectable_fields

    def body(self, entry: Entry) -> bytes:
        """The stored bytes as this version shows them."""
        if not self.strategy.converted:
            return entry.body

        document = self.strategy.from_storage(entry.document())
        drop_zeros(self, document)
        fill_zeros(self, document)
        return encode_body(document)

    @property
    def shows_stored_bytes(self) -> bool:
        """True if `body` gives the stored bytes as they are."""
        return not self.strategy.converted

    def stored(self, document: dict[str, Any]) -> dict[str, Any]:
        """A document of this version in the form that is stored; the document itself where the two are one."""
        if not self.strategy.converted:
            return document
        copy: dict[str, Any] = msgspec.json.decode(encode_body(document))
        return self.strategy.to_storage(copy)

    def object(self, entry: Entry) -> bytes:
        """The whole object as JSON, apiVersion and kind included."""
        return self.prefix + self.body(entry)[1:]

    def document(self, entry: Entry) -> dict[str, Any]:
        """The whole object as a new dict."""
        body: dict[str, Any] = msgspec.json.decode(self.body(entry))
        return {"apiVersion": self.resource.api_version, "kind": self.resource.kind, **body}

    def default(self, document: dict[str, Any], live: dict[str, Any] | None, *, applied: bool = False) -> None:
        """Fill in defaults; ``applied`` says that the document comes out of a server-side apply."""
        self.strategy.default(document, live)

    def shape(self) -> Shape:
        """Field types, merge keys and list types: from the CRD's schema, else from the model, else unknown."""
        if self._shape is None:
            self._shape = self._make_shape()
        return self._shape

    def _make_shape(self) -> Shape:
        return shape_of_model(self.model) if self.model is not None else ANY_OBJECT
