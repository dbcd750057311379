# SPDX-License-Identifier: Apache-2.0
"""The steps that fields take before an object is sent (``FieldDescriptor.before_sending``), at every depth.

Most classes have none, and are told apart once: a process without such fields resolves no annotation for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from k8s_core.model.descriptors import FieldDescriptor
from k8s_core.model.hooked import known_fields, nested_model
from k8s_core.model.types import FieldType, ListType, MapType, ModelType
from k8s_core.model.wire import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_core.model.base import Model

    M = TypeVar("M", bound=Model)

__all__ = ["declare_steps", "with_steps"]

_any_steps = False


def declare_steps(cls: type[Model]) -> None:
    """Take notice of a new class."""
    global _any_steps
    _any_steps = _any_steps or bool(_steps(cls))


def with_steps(obj: M) -> M:
    """The object as it is to be sent: a copy that went through the steps of its fields; itself if there are none."""
    if not _any_steps or not _has_steps(type(obj)):
        return obj
    sent = obj.copy()
    _take_steps(sent, sent)
    return sent


def _steps(cls: type[Model]) -> list[FieldDescriptor]:
    nothing = FieldDescriptor.before_sending
    return [descriptor for descriptor in cls._described.values() if type(descriptor).before_sending is not nothing]


def _has_steps(cls: type[Model]) -> bool:
    """Whether a field of the class, or of one that is reachable from its annotations, has a step. Found out once."""
    if cls._stepped is None:
        seen = {cls}
        waiting = [cls]
        while waiting and not any(map(_steps, waiting)):
            specs = known_fields(waiting.pop()).values()
            found = {model for spec in specs if (model := nested_model(spec.type))} - seen
            seen |= found
            waiting += found
        cls._stepped = bool(waiting)
    return bool(cls._stepped)


def _take_steps(part: Model, root: Model) -> None:
    wire = part._wire if part._wire is not None else part._bind()
    for key, spec in part._model_fields().items():
        model = nested_model(spec.type)
        if model is not None and wire.get(key) is not None and _has_steps(model):
            for nested in _models(spec.type, spec.type.read(resolve(wire, key), part, key)):
                _take_steps(nested, root)
    for descriptor in _steps(type(part)):
        descriptor.before_sending(part, root)


def _models(field_type: FieldType, value: Any) -> Iterator[Model]:
    """The models within a value; what a document has in the wrong shape is passed over."""
    if isinstance(field_type, ModelType):
        if isinstance(value, field_type.model):
            yield value
    elif isinstance(field_type, ListType) and isinstance(value, field_type.views):
        for item in value:
            yield from _models(field_type.item, item)
    elif isinstance(field_type, MapType) and isinstance(value, field_type.views):
        for item in value.values():
            yield from _models(field_type.value, item)
