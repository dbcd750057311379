# SPDX-License-Identifier: Apache-2.0
"""`CustomKind`: a kind of a CRD, whose objects the server handles as JSON without types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.kinds.catalog import Kind

if TYPE_CHECKING:
    from k8s_core.kinds import APIResource
    from k8s_devkit.api_server.custom.strategy import CustomStrategy
    from k8s_devkit.api_server.kinds.shapes import Shape
    from k8s_devkit.api_server.store import Entry

__all__ = ["CustomKind"]


class CustomKind(Kind):
    """One served version of a kind of a CRD, or of a package's kind whose CRD was not created in this server."""

    is_custom = True
    strategy: CustomStrategy

    def __init__(self, resource: APIResource, strategy: CustomStrategy, model: type[Any] | None = None) -> None:
        super().__init__(resource, strategy, model)
        self.custom = strategy.version

    @property
    def stores(self) -> bool:
        return self.custom is None or self.custom.storage

    def selectable(self, field: str) -> bool:
        if field == "metadata.name" or (field == "metadata.namespace" and self.resource.namespaced):
            return True
        return self.custom is not None and field in self.custom.selectable

    @property
    def selects_by_metadata(self) -> bool:
        return self.custom is None

    def body(self, entry: Entry) -> bytes:
        return self.custom.read(entry) if self.custom is not None else entry.body

    @property
    def shows_stored_bytes(self) -> bool:
        return self.custom is None

    def default(self, document: dict[str, Any], live: dict[str, Any] | None, *, applied: bool = False) -> None:
        if self.custom is not None:
            # After an apply, nulls are not taken for absent, as they are in what was decoded.
            self.custom.default(document, keep_nulls=applied)
        self.strategy.default(document, live)

    def _make_shape(self) -> Shape:
        return self.custom.shape if self.custom is not None else super()._make_shape()
