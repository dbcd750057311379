# SPDX-License-Identifier: Apache-2.0
"""StorageClasses and VolumeAttributesClasses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.defaults import fill_paths
from k8s_devkit.strategy.formats import label_key
from k8s_devkit.strategy.immutability import forbid, freeze
from k8s_plugins_builtin.core.server.protection import protect
from k8s_plugins_builtin.storage.server.protection import CLASS_FINALIZER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import Document, FieldError, ServerContext

__all__ = ["StorageClassStrategy", "VolumeAttributesClassStrategy"]

_PARAMETERS_LIMIT = 256 * 1024
_check_kept = freeze("parameters", "provisioner", "reclaimPolicy", "volumeBindingMode")
_check_driver_kept = forbid("driverName", "parameters")


class StorageClassStrategy(Strategy):
    """StorageClass."""

    delete_returns_object = True

    def default(self, new: Document, old: Document | None) -> None:
        fill_paths(new, {"reclaimPolicy": "Delete", "volumeBindingMode": "Immediate"})

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check_storage_class(new)]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [
            *self.check_metadata(new, created=False),
            *_check_storage_class(new),
            *self.check_metadata_update(new, old),
            *_check_kept(new, old),
        ]


class VolumeAttributesClassStrategy(Strategy):
    """VolumeAttributesClass."""

    delete_returns_object = True

    def admit(self, new: Document, old: Document | None, ctx: ServerContext) -> None:
        """Protect a new class, as the admission plugin StorageObjectInUseProtection does."""
        if old is None:
            protect(new, CLASS_FINALIZER)

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check_attributes_class(new)]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [
            *self.check_metadata_update(new, old),
            *_check_driver_kept(new, old),
            *self.check_metadata(new, created=False),
            *_check_attributes_class(new),
        ]


def _check_parameters(problems: Problems, parameters: Document, *, needed: bool = False) -> None:
    if any(not key for key in parameters):
        problems.invalid("parameters", "", "field can not be empty.")
    if sum(len(key) + len(value) for key, value in parameters.items()) > _PARAMETERS_LIMIT:
        problems.too_long("parameters", _PARAMETERS_LIMIT)
    if needed and not parameters:
        problems.required("parameters", "must contain at least one key/value pair")


def _check_provisioner(problems: Problems, name: str, path: str) -> None:
    if not name:
        problems.required(path)
    else:
        problems.invalid(path, name.lower(), *label_key(name.lower()))


def _check_storage_class(document: Document) -> Problems:
    problems = Problems()
    _check_provisioner(problems, document.get("provisioner", ""), "provisioner")
    _check_parameters(problems, document.get("parameters") or {})
    problems.one_of(document, "", "reclaimPolicy", ("Delete", "Retain"))
    problems.one_of(document, "", "volumeBindingMode", ("Immediate", "WaitForFirstConsumer"))
    for index, term in enumerate(document.get("allowedTopologies") or []):
        keys: set[str] = set()
        for place, expression in enumerate(term.get("matchLabelExpressions") or []):
            where, key = f"allowedTopologies[{index}].matchLabelExpressions[{place}]", expression.get("key", "")
            values = expression.get("values") or []
            if not values:
                problems.required(f"{where}.values")
            for number, value in enumerate(values):
                if value in values[:number]:
                    problems.duplicate(f"{where}.values[{number}]", value)
            problems.invalid(f"{where}.key", key, *label_key(key))
            if key in keys:
                problems.duplicate(f"{where}.key", key)
            keys.add(key)
    return problems


def _check_attributes_class(document: Document) -> Problems:
    problems = Problems()
    _check_provisioner(problems, document.get("driverName", ""), "driverName")
    _check_parameters(problems, document.get("parameters") or {}, needed=True)
    return problems
