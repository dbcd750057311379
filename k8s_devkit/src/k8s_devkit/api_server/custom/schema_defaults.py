# SPDX-License-Identifier: Apache-2.0
"""Defaults in the schema of a CRD must be values that the schema itself accepts. Pure."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.custom.cel.rules import Rules
from k8s_devkit.api_server.custom.completion import Completion
from k8s_devkit.api_server.custom.crd_schema import shape_of_schema
from k8s_devkit.api_server.custom.schema_validation import validate_schema
from k8s_devkit.api_server.kinds.shapes import Shape
from k8s_devkit.api_server.writes.conform import prune
from k8s_devkit.strategy.field_errors import FieldError, invalid_value

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["check_default"]


def check_default(schema: Mapping[str, Any], path: str) -> list[FieldError]:
    """The errors of a node's default."""
    default, where = schema["default"], f"{path}.default"
    if default is None:
        return []
    value = copy.deepcopy(default)
    if prune({"default": value}, Shape("object", fields=lambda: {"default": shape_of_schema(schema)})):
        return [invalid_value(where, default, "must not have unknown fields")]
    Completion(schema).apply(value)
    errors = [_relative(error, where) for error in validate_schema(value, schema)]
    if errors:
        return errors
    rules = Rules(schema)
    return [_relative(error, where) for error in rules.check(value, None).errors] if rules.present else []


def _relative(error: FieldError, where: str) -> FieldError:
    """An error of the default as one of the schema around it."""
    field = where if error.field in ("", "<nil>") else f"{where}.{error.field}"
    return replace(error, field=field, body=error.body.replace(": . in body", ":  in body"))
