# SPDX-License-Identifier: Apache-2.0
"""`CustomStrategy`: how an API server treats the objects of a CustomResourceDefinition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy.metadata import finalizer_warnings
from k8s_devkit.strategy.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from k8s_core.kinds import APIResource
    from k8s_devkit.api_server.custom.version import CustomVersion
    from k8s_devkit.strategy.context import ServerContext
    from k8s_devkit.strategy.document import Document
    from k8s_devkit.strategy.field_errors import FieldError

__all__ = ["CustomStrategy"]

_NOT_SPEC = frozenset({"apiVersion", "kind", "metadata"})


class CustomStrategy(Strategy):
    """A kind of a CustomResourceDefinition: of one that was created in this server, or of one that a class makes.

    Subclass it to add what the kind's webhook or controller does. The schema's defaults are there when `default` is
    called, as in kube-apiserver, where decoding fills them in; `validate` and `validate_update` of this class check
    the schema and its rules, so call them first.

    Args:
        resource: how the kind is served.
        version: what the CRD says about this version; None for a kind without a CRD and without a class, which takes
            any document.
    """

    unconditional_update = False
    generation = "counted"
    status_update_keeps = ("labels", "annotations", "finalizers", "ownerReferences")
    initial_status = None
    standard_finalizers = False

    def __init__(self, resource: APIResource, version: CustomVersion | None = None) -> None:
        super().__init__(resource)
        self.version = version

    @property
    def schema(self) -> Mapping[str, object]:
        """The ``openAPIV3Schema`` of this version; empty without a CRD."""
        return self.version.schema if self.version is not None else {}

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        _warn_of_finalizers(new, None, ctx)
        return [*self.check_metadata(new), *self._check_schema(new, None, ctx)]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        # The rules of custom resources repeat those of all objects: each cause comes twice, the message has it once.
        errors = [*self.check_metadata_update(new, old), *self._check_schema(new, old, ctx)]
        _warn_of_finalizers(new, old, ctx)
        return errors

    def validate_subresource_update(
        self, subresource: str, new: Document, old: Document, ctx: ServerContext
    ) -> Iterable[FieldError]:
        # The schema speaks about the whole object, whichever part was written.
        return self.validate_update(new, old, ctx)

    def starts_generation(self, new: Document, old: Document) -> bool:
        if "status" in self.resource.subresources:
            return super().starts_generation(new, old)
        return any(new.get(name) != old.get(name) for name in {*new, *old} - _NOT_SPEC)

    def _check_schema(self, new: Document, old: Document | None, ctx: ServerContext) -> list[FieldError]:
        if self.version is None:
            return []
        warnings: list[str] = []
        errors = self.version.validate(new, old, warnings)
        for warning in warnings:
            ctx.warn(warning)
        return errors


def _warn_of_finalizers(new: Document, old: Document | None, ctx: ServerContext) -> None:
    for warning in finalizer_warnings(new, old):
        ctx.warn(warning)
