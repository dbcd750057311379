# SPDX-License-Identifier: Apache-2.0
"""``repr`` of models, in the style in which they are written, with secrets redacted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.model import tables
from k8s_core.model.base import Model, View
from k8s_core.model.resource import Resource
from k8s_core.model.secrecy import declares_secrets, is_free, is_object, masked
from k8s_core.model.signatures import signature_of
from k8s_core.model.types import FieldType, ListType, MapType, ModelType
from k8s_core.model.wire import TOO_DEEP, materialize
from k8s_core.redaction import LAST_APPLIED, REDACTED, mask_all, mask_strings

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["html_of", "parts", "represent", "represent_items", "shown", "signature_of", "tables"]

_ONE_LINE = 200
"""Characters of an object's ``repr`` that people read; what is longer is summed up."""


def represent(model: Model) -> str:
    """``Deployment(metadata=ObjectMeta(name='nginx'), spec=DeploymentSpec(replicas=3))``.

    An object of a kind that takes more than a line is summed up: ``<Deployment default/nginx: Ready 3/3, …>``.
    """
    try:
        written = _model(type(model), shown(model))
        if len(written) > _ONE_LINE and isinstance(model, Resource) and model._parent is None:
            return tables.summary(model)
        return written
    except RecursionError:
        return f"{type(model).__name__}(<{TOO_DEEP}>)"


def shown(model: Model) -> dict[str, Any]:
    """The wire document of a model in which secrets read ``***``."""
    wire = materialize(model._wire if model._wire is not None else model._bind())
    hidden, place, hide_unknown = _secrecy(model)
    if hidden:
        return mask_all(wire)  # type: ignore[no-any-return]  # a dict in, a dict out
    if place is not None:
        return mask_strings(wire, place)  # type: ignore[no-any-return]  # as above
    return masked(type(model), wire, hide_unknown=hide_unknown)


def parts(model: Model) -> Iterator[tuple[str, Any]]:
    """The fields that a model has, for ``__rich_repr__``; parts mask their secrets by themselves."""
    specs = type(model)._model_fields()
    for key, value in shown(model).items():
        spec = specs.get(key)
        if spec is None:
            if key not in ("apiVersion", "kind") or not isinstance(model, Resource):
                yield key, value
        elif isinstance(spec.type, ModelType) and isinstance(value, dict):
            yield spec.name, getattr(model, spec.name)
        elif key == "managedFields" and isinstance(value, list):
            yield spec.name, f"<{len(value)} entries>"
        elif isinstance(spec.type, ListType) and isinstance(spec.type.item, ModelType) and isinstance(value, list):
            yield spec.name, list(getattr(model, spec.name))
        else:
            yield spec.name, value


def html_of(obj: Resource) -> str:
    """An object as a table of one row."""
    return tables.html_table(tables.rows_of([obj]))


def represent_items(view: View, items: dict[str, Any] | list[Any]) -> str:
    """A list or map view as the list or dict of its items, which know by themselves what they may show."""
    hidden, place, _ = _secrecy(view)

    def shown(key: object, item: Any) -> Any:
        return REDACTED if hidden or key == LAST_APPLIED or (place is not None and isinstance(item, str)) else item

    try:
        if isinstance(items, dict):
            return repr({key: shown(key, item) for key, item in items.items()})
        return repr([shown(None, item) for item in items])
    except RecursionError:
        return f"<{TOO_DEEP}>"


def _secrecy(view: View) -> tuple[bool, tuple[str, ...] | None, bool]:
    """Whether a view is a part of a secret field; its place in an object of a kind without a class, None in others;
    and whether it is a part of an object whose class has secret fields."""
    hidden = hide_unknown = False
    place: tuple[str, ...] | None = None
    steps: tuple[str, ...] = ()
    part: View | None = view
    while part is not None:
        cls = type(part)
        if issubclass(cls, Model):
            sensitive: frozenset[str] | None = getattr(cls, "_sensitive", frozenset())
            spec = cls._model_fields().get(steps[0]) if steps else None
            if sensitive is None or (is_free(cls) and is_object(part._wire or {})):
                place = steps
            elif steps and (steps[0] in sensitive or (spec is not None and spec.sensitive)):
                hidden = True
            hide_unknown = hide_unknown or declares_secrets(cls)
        if part._key is not None:
            # An item that was assigned within a list has a key such as `containers[0]`.
            steps = (str(part._key).partition("[")[0], *steps)
        part = part._parent
    return hidden, place, hide_unknown


def _model(cls: type[Model], wire: Any) -> str:
    return f"{cls.__name__}({', '.join(_fields(cls, wire))})" if type(wire) is dict else repr(wire)


def _fields(cls: type[Model], wire: dict[str, Any]) -> Iterator[str]:
    specs = cls._model_fields()
    unknown = {}
    for key, value in wire.items():
        spec = specs.get(key)
        if spec is None:
            if key not in ("apiVersion", "kind") or not hasattr(cls, "api_resource"):
                unknown[key] = value
        elif key == "managedFields":
            yield f"managedFields=<{len(value) if isinstance(value, list) else 0} entries>"
        else:
            yield f"{spec.name}={_value(spec.type, value)}"
    if unknown:
        # What a newer server sent: shown, since it is kept.
        yield f"**{unknown!r}"


def _value(field_type: FieldType, value: Any) -> str:
    if isinstance(field_type, ModelType):
        return _model(field_type.model, value)
    if isinstance(field_type, ListType) and isinstance(value, list):
        return f"[{', '.join(_value(field_type.item, item) for item in value)}]"
    if isinstance(field_type, MapType) and isinstance(value, dict) and isinstance(field_type.value, ModelType):
        return "{" + ", ".join(f"{key!r}: {_value(field_type.value, item)}" for key, item in value.items()) + "}"
    return repr(value)
