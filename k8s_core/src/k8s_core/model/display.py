# SPDX-License-Identifier: Apache-2.0
"""``repr`` of models, in the style in which they are written, with secrets redacted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.model.types import FieldType, ListType, MapType, ModelType
from k8s_core.model.wire import materialize

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_core.model.base import Model

__all__ = ["REDACTED", "represent"]

REDACTED = "***"

# kubectl's copy of a whole manifest: for a kind with secrets it is a second copy of them.
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def represent(model: Model) -> str:
    """``Deployment(metadata=ObjectMeta(name='nginx'), spec=DeploymentSpec(replicas=3))``."""
    wire = materialize(model._wire if model._wire is not None else model._bind())
    sensitive: frozenset[str] = getattr(type(model), "__sensitive__", frozenset())
    return _model(type(model), wire, sensitive, hide=bool(sensitive))


def _model(cls: type[Model], wire: Any, sensitive: frozenset[str] = frozenset(), *, hide: bool = False) -> str:
    if type(wire) is not dict:
        return repr(wire)
    return f"{cls.__name__}({', '.join(_fields(cls, wire, sensitive, hide))})"


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
    return repr(dict.fromkeys(value, REDACTED)) if isinstance(value, dict) else repr(REDACTED)


def _value(field_type: FieldType, value: Any, hide: bool) -> str:
    if isinstance(field_type, ModelType):
        return _model(field_type.model, value, hide=hide)
    if isinstance(field_type, ListType) and isinstance(value, list):
        return f"[{', '.join(_value(field_type.item, item, hide) for item in value)}]"
    if isinstance(field_type, MapType) and isinstance(value, dict) and isinstance(field_type.value, ModelType):
        return "{" + ", ".join(f"{key!r}: {_value(field_type.value, item, hide)}" for key, item in value.items()) + "}"
    return repr(value)
