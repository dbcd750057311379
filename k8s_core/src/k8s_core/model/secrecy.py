# SPDX-License-Identifier: Apache-2.0
"""The secrets of objects, as their classes declare them: ``sensitive=`` of the class line and of fields. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.model.types import FieldType, JsonType, ListType, MapType, ModelType, OpaqueType
from k8s_core.redaction import LAST_APPLIED, REDACTED, mask_all, mask_strings

if TYPE_CHECKING:
    from k8s_core.model.base import Model

__all__ = ["declares_secrets", "is_free", "is_object", "masked"]

_NONE: frozenset[str] = frozenset()


def declares_secrets(model: type[Model]) -> bool:
    """Whether a class declares secret fields of its own; True as well for the class of kinds without a class."""
    sensitive = getattr(model, "_sensitive", _NONE)
    return sensitive is None or bool(sensitive) or any(spec.sensitive for spec in model._model_fields().values())


def is_free(model: type[Model]) -> bool:
    """Whether a class is that of free JSON within an object, of which nothing is declared."""
    return model._is_json_view and not hasattr(model, "_sensitive")


def is_object(value: dict[str, Any]) -> bool:
    """Whether free JSON is an object of some kind."""
    return isinstance(value.get("apiVersion"), str) and isinstance(value.get("kind"), str)


def masked(model: type[Model], document: dict[str, Any], *, hide_unknown: bool = False) -> dict[str, Any]:
    """A copy of a wire document in which secrets read ``***``.

    Fields that the class does not know are shown, since they are kept; but not where they may be secrets, that is,
    in and below a class with secret fields. An object within an object (free JSON with ``apiVersion`` and ``kind``) and
    an object of a kind without a class lose all their strings but their identity.

    Args:
        model: the class of the object, or of a part of one.
        document: its wire form.
        hide_unknown: it is a part of an object whose class has secret fields.
    """
    sensitive: frozenset[str] | None = getattr(model, "_sensitive", _NONE)
    if sensitive is None:
        return mask_strings(document)  # type: ignore[no-any-return]  # a dict in, a dict out
    if is_free(model):
        return _free(document)  # type: ignore[no-any-return]  # a dict in, a dict out
    specs = model._model_fields()
    hide_unknown = hide_unknown or declares_secrets(model)
    found: dict[str, Any] = {}
    for key, value in document.items():
        spec = specs.get(key)
        if spec is None:
            found[key] = mask_all(value) if hide_unknown and key not in ("apiVersion", "kind") else value
        elif spec.sensitive or key in sensitive:
            found[key] = mask_all(value)
        else:
            found[key] = _masked_value(spec.type, value, hide_unknown)
    return found


def _masked_value(field_type: FieldType, value: Any, hide_unknown: bool) -> Any:
    if isinstance(field_type, ModelType) and isinstance(value, dict):
        return masked(field_type.model, value, hide_unknown=hide_unknown)
    if isinstance(field_type, ListType) and isinstance(value, list):
        return [_masked_value(field_type.item, item, hide_unknown) for item in value]
    if isinstance(field_type, MapType) and isinstance(value, dict):
        return {
            key: REDACTED if key == LAST_APPLIED else _masked_value(field_type.value, item, hide_unknown)
            for key, item in value.items()
        }
    if isinstance(field_type, (JsonType, OpaqueType)):
        return _free(value)
    if isinstance(field_type, (ModelType, ListType, MapType)) or isinstance(value, (dict, list)):
        # The class declares something else, so this may be anything.
        return mask_all(value)
    return value


def _free(value: Any) -> Any:
    if isinstance(value, list):
        return [_free(item) for item in value]
    if not isinstance(value, dict):
        return value
    if is_object(value):
        return mask_strings(value)
    return {key: _free(item) for key, item in value.items()}
