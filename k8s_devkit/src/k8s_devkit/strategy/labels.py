# SPDX-License-Identifier: Apache-2.0
"""Which labels and annotations the API server accepts, with its messages. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_devkit.strategy.field_errors import FieldError, invalid_value, too_long
from k8s_devkit.strategy.formats import label_key, label_value

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "check_annotations",
    "check_label_map",
    "label_key_problem",
    "label_value_problem",
]

_ANNOTATIONS_LIMIT = 256 * 1024


def label_key_problem(key: str) -> str:
    """Why ``key`` is no label or annotation key; empty if it is one."""
    return next(iter(label_key(key)), "")


def label_value_problem(value: str) -> str:
    """Why ``value`` is no label value; empty if it is one."""
    return next(iter(label_value(value)), "")


def check_label_map(labels: Mapping[str, str] | None, field: str) -> list[FieldError]:
    """Check keys and values of labels, or of anything that has their form."""
    errors = []
    for key, value in (labels or {}).items():
        errors += [invalid_value(field, key, problem) for problem in label_key(key)]
        errors += [invalid_value(field, value, problem) for problem in label_value(value or "")]
    return errors


def check_annotations(annotations: Mapping[str, Any] | None, field: str) -> list[FieldError]:
    """Check the keys of annotations and their size all together."""
    errors, size = [], 0
    for key, value in (annotations or {}).items():
        size += len(key.encode()) + len((value or "").encode())
        errors += [invalid_value(field, key, problem) for problem in label_key(key.lower())]
    if size > _ANNOTATIONS_LIMIT:
        errors.append(too_long(field, _ANNOTATIONS_LIMIT))
    return errors
