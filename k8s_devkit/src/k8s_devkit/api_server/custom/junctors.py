# SPDX-License-Identifier: Apache-2.0
"""``allOf``, ``anyOf``, ``oneOf`` and ``not`` of a schema, with what the API server says of them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from k8s_devkit.strategy.field_errors import FieldError

__all__ = ["check_junctors"]

Schema = Mapping[str, Any]
Validate = Callable[[Any, Schema, str], list[FieldError]]


def check_junctors(value: Any, schema: Schema, path: str, validate: Validate) -> list[FieldError]:
    """The errors of a value by the junctors of its schema node; ``validate`` checks it by one schema.

    A junctor's own error names no field; what is wrong by the schema that came nearest is told besides.
    """
    errors: list[FieldError] = []
    if choices := schema.get("anyOf"):
        failures = [validate(value, choice, path) for choice in choices]
        if all(failures):
            errors += [_composite(path, "must validate at least one schema (anyOf)"), *_nearest(failures)]
    if choices := schema.get("oneOf"):
        failures = [validate(value, choice, path) for choice in choices]
        matching = failures.count([])
        if matching != 1:
            found = f"Found {matching} valid alternatives" if matching else "Found none valid"
            errors.append(_composite(path, f"must validate one and only one schema (oneOf). {found}"))
        if not matching:
            errors += _nearest(failures)
    if choices := schema.get("allOf"):
        failures = [validate(value, choice, path) for choice in choices]
        errors += [error for found in failures for error in found]
        if any(failures):
            none = ". None validated" if all(failures) else ""
            errors.append(_composite(path, f"must validate all the schemas (allOf){none}"))
    if "not" in schema and not validate(value, schema["not"], path):
        errors.append(_composite(path, "must not validate the schema (not)"))
    return errors


def _composite(path: str, text: str) -> FieldError:
    return FieldError("<nil>", "FieldValueInvalid", f'Invalid value: "": "{path}" {text}')


def _nearest(failures: list[list[FieldError]]) -> list[FieldError]:
    lengths = [len(found) for found in failures]
    return failures[lengths.index(min(lengths))]
