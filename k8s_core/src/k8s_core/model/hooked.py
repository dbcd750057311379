# SPDX-License-Identifier: Apache-2.0
"""Which classes are *hooked*: they, or classes that are reachable from their annotations, have a Schema of their own.

Hooked classes load and dump through their Schemas. All others never ask marshmallow, and the question costs them next
to nothing: in a process without any such Schema, no annotation is resolved for it.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from k8s_core.model.types import ListType, MapType, ModelType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from k8s_core.model.base import Model
    from k8s_core.model.fields import FieldSpec
    from k8s_core.model.types import FieldType

__all__ = ["declare_schema", "is_hooked"]

_any_schema = False
_presumed: WeakSet[type[Model]] = WeakSet()
"""Classes that are not hooked because no class had a Schema of its own when they were asked."""


def declare_schema(cls: type[Model], schema: Any) -> None:
    """Give a class a Schema of its own: a class, or ``"module:Class"``; marshmallow is not imported for it.

    Raises:
        TypeError: it is neither.
    """
    global _any_schema
    if not isinstance(schema, type) and not (isinstance(schema, str) and ":" in schema):
        raise TypeError(
            f"{cls.__qualname__}: schema= is a marshmallow Schema class or 'module:Class', not {schema!r:.80}"
        )
    cls._own_schema = schema
    _any_schema = True
    for presumed in list(_presumed):
        presumed._hooked = None
    _presumed.clear()


def is_hooked(cls: type[Model]) -> bool:
    """Whether a class, or one that is reachable from its annotations, has a Schema of its own. Found out once."""
    if cls._hooked is None:
        if not _any_schema:
            _import_lazy(cls)
        if not _any_schema:
            _presumed.add(cls)
            cls._hooked = False
        else:
            _search(cls)
    return bool(cls._hooked)


def nested_model(field_type: FieldType) -> type[Model] | None:
    """The model class within a field type, be it in lists or maps; None if there is none."""
    while not isinstance(field_type, ModelType):
        if isinstance(field_type, ListType):
            field_type = field_type.item
        elif isinstance(field_type, MapType):
            field_type = field_type.value
        else:
            return None
    return field_type.model


def _search(cls: type[Model]) -> None:
    seen: set[type[Model]] = {cls}
    waiting = [cls]
    while waiting:
        model = waiting.pop()
        if model._own_schema is not None or model._hooked:
            cls._hooked = True
            return
        for spec in known_fields(model).values():
            nested = nested_model(spec.type)
            if nested is not None and nested not in seen and nested._hooked is not False:
                seen.add(nested)
                waiting.append(nested)
    for model in seen:
        model._hooked = False


def known_fields(model: type[Model]) -> Mapping[str, FieldSpec]:
    """The fields of a class; none if one of its annotations does not resolve."""
    try:
        return model._model_fields()
    except TypeError:
        # An annotation does not resolve: reading a field says so. Objects of the class come and go as they are.
        return {}


def _import_lazy(cls: type[Model]) -> None:
    """Import what annotations find through ``LAZY_IMPORTS``: the only classes that may not be there yet."""
    if all(name in sys.modules for module in list(sys.modules.values()) for name in _lazy_modules(module)):
        return
    seen: set[str] = set()
    waiting = [base.__module__ for base in cls.__mro__]
    while waiting:
        name = waiting.pop()
        if name in seen or name not in sys.modules:
            continue
        seen.add(name)
        module = sys.modules[name]
        for lazy in set(_lazy_modules(module)):
            importlib.import_module(lazy)
            waiting.append(lazy)
        classes = [value for value in list(vars(module).values()) if isinstance(value, type)]
        waiting += {value.__module__ for value in classes if hasattr(value, "_model_fields")}


def _lazy_modules(module: Any) -> Iterable[str]:
    names: dict[str, str] = getattr(module, "__dict__", {}).get("LAZY_IMPORTS", {})
    return names.values()
