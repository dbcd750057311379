# SPDX-License-Identifier: Apache-2.0
"""The fields of models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s._deprecation import forward

if TYPE_CHECKING:
    from k8s._fields import *  # noqa: F403  # for type checkers: each name as it is

__getattr__, __dir__, __all__ = forward(
    __name__,
    "k8s._fields",
    {
        "Field": "an annotation: `replicas: int | None = None`, or `spec: Spec = ABSENT`",
        "JSONField": "an annotation: `value: Any = ABSENT`",
        "ListField": "an annotation: `ports: list[Port] = ABSENT`",
        "OnceField": "an annotation; the API server refuses the change",
        "ReadOnlyField": "an annotation; the API server ignores or refuses the change",
        "RequiredField": "an annotation without a right-hand side: `name: str`",
        "WriteOnlyField": "an annotation, with field(sensitive=True) for a secret",
    },
)
