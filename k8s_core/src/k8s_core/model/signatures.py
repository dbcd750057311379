# SPDX-License-Identifier: Apache-2.0
"""The constructor of a model class as ``help`` and ``inspect.signature`` show it: a keyword for each field."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from k8s_core.model.base import Model
from k8s_core.model.fields import ABSENT, REQUIRED

if TYPE_CHECKING:
    from k8s_core.model.base import ModelMeta

__all__ = ["signature_of"]


def signature_of(cls: ModelMeta) -> inspect.Signature | None:
    """The signature; None for a class that takes other arguments than its fields."""
    if cls is Model or not issubclass(cls, Model) or not _takes_fields(cls):
        return None
    fields: dict[str, tuple[Any, Any]] = {}
    for base in reversed(cls.__mro__):
        declared = vars(base).get("_declarations") or {}
        # A field that is declared again stands where the subclass puts it.
        fields = {name: field for name, field in fields.items() if name not in declared} | dict(declared)
    return inspect.Signature(
        [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=inspect.Parameter.empty if declaration.default is REQUIRED else declaration.default,
                annotation=annotation,
            )
            for name, (annotation, declaration) in fields.items()
            if inspect.getattr_static(cls, name) is not ABSENT
        ]
    )


def _takes_fields(cls: type[Model]) -> bool:
    constructors = [base for base in cls.__mro__ if "__init__" in vars(base)]
    return constructors[0].__module__.startswith("k8s_core.model") and not cls._is_json_view
