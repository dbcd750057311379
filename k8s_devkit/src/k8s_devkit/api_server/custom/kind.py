# SPDX-License-Identifier: Apache-2.0
"""`CustomKind`: a kind of a CRD, whose objects the server handles as JSON without types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.kinds import PrinterColumn, table_columns
from k8s_devkit.api_server.discovery.documents import NOT_FOUND_PAGE
from k8s_devkit.api_server.kinds.kind import Kind
from k8s_devkit.api_server.kinds.shapes import ANY_OBJECT, view_of_model
from k8s_devkit.api_server.requests.codecs import UNSTRUCTURED
from k8s_devkit.api_server.requests.media_types import PATCH_TYPES, STRATEGIC_PATCH
from k8s_devkit.strategy.failures import bad_request, not_found, verb_not_supported

if TYPE_CHECKING:
    from k8s_core.kinds import APIResource
    from k8s_devkit.api_server.custom.strategy import CustomStrategy
    from k8s_devkit.api_server.discovery.openapi_schemas import SchemaBuilder
    from k8s_devkit.api_server.kinds.shapes import Shape
    from k8s_devkit.api_server.network.messages import Answer
    from k8s_devkit.api_server.requests.codecs import TypedCodec
    from k8s_devkit.api_server.requests.routing import RequestInfo
    from k8s_devkit.api_server.store import Entry
    from k8s_devkit.api_server.subresources.scale_view import ScaleView
    from k8s_devkit.strategy.document import Document
    from k8s_devkit.strategy.failures import Failure

__all__ = ["CustomKind"]

_VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")


class CustomKind(Kind):
    """One served version of a kind of a CRD, be it created in this server or made by the class of a package."""

    patch_types = tuple(media_type for media_type in PATCH_TYPES if media_type != STRATEGIC_PATCH)
    installs_group = False
    lists_header = True
    converts_managers = False
    strategy: CustomStrategy

    def __init__(self, resource: APIResource, strategy: CustomStrategy, model: type[Any] | None = None) -> None:
        super().__init__(resource, strategy, model)
        self._version = strategy.version
        if strategy.version is not None:
            self.deprecation = strategy.version.deprecation

    @property
    def codec(self) -> TypedCodec:
        return UNSTRUCTURED

    @property
    def verbs(self) -> list[str]:
        return list(_VERBS) if set(self.resource.verbs) == set(_VERBS) else super().verbs

    @property
    def subresource_names(self) -> list[str]:
        return super().subresource_names[::-1]  # status and scale, in this order

    @property
    def go_name(self) -> str:
        return "unstructured.Unstructured"

    @property
    def list_kind(self) -> str:
        return self._version.list_kind if self._version is not None else super().list_kind

    @property
    def scale(self) -> ScaleView:
        from k8s_devkit.api_server.subresources.scale_view import CustomScaleView, ScaleView  # noqa: PLC0415  # only scale needs it

        return CustomScaleView(self._version.scale or {}) if self._version is not None else ScaleView(typed=False)

    @property
    def stores(self) -> bool:
        return self._version is None or self._version.storage

    def registry_path(self, key: str) -> str:
        return f"/registry/{self.resource.group}/{self.resource.plural}/{key}"

    def response_gvk(self, group: str, version: str, *, foreign: bool) -> tuple[str, str]:
        return group, version

    def prune(self, document: Document) -> list[str]:
        return self._version.prune(document) if self._version is not None else []

    def printer_columns(self) -> tuple[PrinterColumn, ...]:
        if self._version is None:
            return table_columns(getattr(self.model, "printer_columns", ()) or ())
        name, *_ = standard = table_columns(())
        own = tuple(_declared(column) for column in self._version.columns)
        return (name, *own) if own else standard

    def paths(self, builder: SchemaBuilder) -> Document:
        from k8s_devkit.api_server.discovery.openapi_operations import CustomKindPaths  # noqa: PLC0415  # only OpenAPI

        return CustomKindPaths(self, builder).make()

    def add_schema(self, builder: SchemaBuilder) -> tuple[str, Document]:
        if self._version is None and self.model is not None:
            return builder.schema_of_model(self.model, preserve=True)  # a class is a view: what it lacks is kept
        return builder.schema_of_crd(self.resource, self._version.schema if self._version is not None else {})

    # Routing

    def in_scope(self, info: RequestInfo) -> bool:
        if info.in_namespace == self.resource.namespaced:
            return True
        return self.resource.namespaced and info.verb in ("list", "watch")

    def answer_out_of_scope(self) -> Answer:
        return NOT_FOUND_PAGE

    def refuse_verb(self, verb: str) -> Failure:
        return verb_not_supported(self.resource, verb)

    def refuse_subresource(self, name: str) -> Failure:
        return not_found(self.resource, name)

    def refuse_empty_namespace(self) -> Failure:
        return bad_request("an empty namespace may not be set during creation")

    def serves(self, info: RequestInfo, method: str) -> bool:
        if info.verb in ("update", "patch") and not info.name:
            raise bad_request("name must be provided")
        return True

    # Objects

    def selectable(self, field: str) -> bool:
        if field == "metadata.name" or (field == "metadata.namespace" and self.resource.namespaced):
            return True
        return self._version is not None and field in self._version.selectable

    @property
    def selects_by_metadata(self) -> bool:
        return self._version is None

    def body(self, entry: Entry) -> bytes:
        return self._version.read(entry) if self._version is not None else entry.body

    @property
    def shows_stored_bytes(self) -> bool:
        return self._version is None

    def default(self, document: Document, live: Document | None, *, applied: bool = False) -> None:
        if self._version is not None:
            # After an apply, nulls are not taken for absent, as they are in what was decoded.
            self._version.default(document, keep_nulls=applied)
        self.strategy.default(document, live)

    def _make_shape(self) -> Shape:
        if self._version is not None:
            return self._version.shape
        return view_of_model(self.model) if self.model is not None else ANY_OBJECT


def _declared(column: Document) -> PrinterColumn:
    path = column["jsonPath"]
    return PrinterColumn(
        column["name"],
        path,
        column.get("type", "string"),
        column.get("priority", 0),
        column.get("description") or f"Custom resource definition column (in JSONPath format): {path}",
        column.get("format", ""),
    )
