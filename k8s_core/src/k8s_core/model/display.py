# SPDX-License-Identifier: Apache-2.0
"""``repr`` of models, in the style in which they are written, with secrets redacted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.model.types import FieldType, ListType, MapType, ModelType
from k8s_core.model.wire import TOO_DEEP, materialize, resolve
from k8s_core.redaction import REDACTED, SENSITIVE_KINDS, redact_document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_core.model.base import Model, View

__all__ = ["REDACTED", "represent", "represent_items"]

# kubectl's copy of a whole manifest: for a kind with secrets it is a second copy of them.
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def represent(model: Model) -> str:
    """``Deployment(metadata=ObjectMeta(name='nginx'), spec=DeploymentSpec(replicas=3))``."""
    wire = materialize(model._wire if model._wire is not None else model._bind())
    hide, conceal = _secrecy(model)
    if conceal:
        return f"{type(model).__name__}(**{_redacted(wire)})"
    try:
        return _model(type(model), wire, hide)
    except RecursionError:
        return f"{type(model).__name__}(<{TOO_DEEP}>)"


def represent_items(view: View, items: dict[str, Any] | list[Any]) -> str:
    """A list or map view as the list or dict of its items."""
    hide, conceal = _secrecy(view)
    if conceal:
        return _redacted(items)
    if hide and isinstance(items, dict) and _LAST_APPLIED in items:
        items = {**items, _LAST_APPLIED: REDACTED}
    try:
        return repr(items)
    except RecursionError:
        return f"<{TOO_DEEP}>"


def _secrecy(view: View) -> tuple[bool, bool]:
    """Whether a view is a part of an object with secrets, and whether it is itself a part of one of those."""
    hide = conceal = False
    steps: tuple[str, ...] = ()
    part: View | None = view
    while part is not None:
        wire = part._wire if part._wire is not None else part._bind()
        if type(wire) is dict:
            paths: set[tuple[str, ...]] = {(name,) for name in getattr(type(part), "__sensitive__", ())}
            kind = resolve(wire, "kind") if "kind" in wire else None
            if isinstance(kind, str):
                paths |= {tuple(path.split(".")) for path in SENSITIVE_KINDS.get(kind, ())}
            hide = hide or bool(paths)
            if hasattr(type(part), "__model_fields__"):
                specs = type(part).__model_fields__()  # type: ignore[attr-defined]  # a Model, which a View may be
                paths |= {(key,) for key, spec in specs.items() if spec.sensitive}
            conceal = conceal or any(steps[: len(path)] == path for path in paths)
        if part._key is not None:
            # An item that was assigned within a list has a key such as `containers[0]`.
            steps = (str(part._key).partition("[")[0], *steps)
        part = part._parent
    return hide, conceal


def _model(cls: type[Model], wire: Any, hide: bool) -> str:
    if type(wire) is not dict:
        return repr(wire)
    sensitive: frozenset[str] = getattr(cls, "__sensitive__", frozenset())
    kind = wire.get("kind")
    if isinstance(kind, str) and kind in SENSITIVE_KINDS:
        # Whatever the class says, or without one.
        wire, hide = redact_document(wire), True
    return f"{cls.__name__}({', '.join(_fields(cls, wire, sensitive, hide or bool(sensitive)))})"


def _fields(cls: type[Model], wire: dict[str, Any], sensitive: frozenset[str], hide: bool) -> Iterator[str]:
    specs = cls.__model_fields__()
    unknown = {}
    for key, value in wire.items():
        spec = specs.get(key)
        if spec is None:
            if key not in ("apiVersion", "kind") or not hasattr(cls, "api_resource"):
                unknown[key] = value
        elif spec.sensitive or key in sensitive:
            yield f"{spec.name}={_redacted(value)}"
        elif key == "managedFields":
            yield f"managedFields=<{len(value) if isinstance(value, list) else 0} entries>"
        elif hide and key == "annotations" and isinstance(value, dict) and _LAST_APPLIED in value:
            yield f"{spec.name}={ {**value, _LAST_APPLIED: REDACTED}!r}"
        else:
            yield f"{spec.name}={_value(spec.type, value, hide)}"
    if unknown:
        # What a newer server sent: shown, since it is kept; but not where it may be a secret.
        yield f"**{ {key: REDACTED if hide else value for key, value in unknown.items()}!r}"


def _redacted(value: Any) -> str:
    if isinstance(value, list):
        return repr([REDACTED] * len(value))
    return repr(dict.fromkeys(value, REDACTED)) if isinstance(value, dict) else repr(REDACTED)


def _value(field_type: FieldType, value: Any, hide: bool) -> str:
    if isinstance(field_type, ModelType):
        return _model(field_type.model, value, hide)
    if isinstance(field_type, ListType) and isinstance(value, list):
        return f"[{', '.join(_value(field_type.item, item, hide) for item in value)}]"
    if isinstance(field_type, MapType) and isinstance(value, dict) and isinstance(field_type.value, ModelType):
        return "{" + ", ".join(f"{key!r}: {_value(field_type.value, item, hide)}" for key, item in value.items()) + "}"
    return repr(value)
