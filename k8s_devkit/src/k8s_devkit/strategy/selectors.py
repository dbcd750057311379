# SPDX-License-Identifier: Apache-2.0
"""Label selectors: what is wrong with one, and whether it matches. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy.field_errors import Problems
from k8s_devkit.strategy.formats import label_key, label_value
from k8s_devkit.strategy.labels import check_label_map

if TYPE_CHECKING:
    from collections.abc import Mapping

    from k8s_devkit.strategy.document import Document

__all__ = ["check_label_selector", "is_empty_selector", "selects"]

_SET = ("In", "NotIn")
_EXISTENCE = ("Exists", "DoesNotExist")


def check_label_selector(selector: Document | None, path: str) -> Problems:
    """The errors of a label selector; none for one that is absent."""
    problems = Problems()
    if selector is None:
        return problems
    problems += check_label_map(selector.get("matchLabels"), f"{path}.matchLabels")
    for index, expression in enumerate(selector.get("matchExpressions") or []):
        _check_expression(problems, expression, f"{path}.matchExpressions[{index}]")
    return problems


def _check_expression(problems: Problems, expression: Document, path: str) -> None:
    operator, values = expression.get("operator", ""), expression.get("values") or []
    if operator in _SET:
        if not values:
            problems.required(f"{path}.values", "must be specified when `operator` is 'In' or 'NotIn'")
    elif operator in _EXISTENCE:
        if values:
            problems.forbidden(f"{path}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
    else:
        problems.invalid(f"{path}.operator", operator, "not a valid selector operator")
    key = expression.get("key", "")
    problems.invalid(f"{path}.key", key, *label_key(key))
    for index, value in enumerate(values):
        problems.invalid(f"{path}.values[{index}]", value, *label_value(value))


def is_empty_selector(selector: Document | None) -> bool:
    """True for a selector without a requirement, which selects everything."""
    return not selector or not (selector.get("matchLabels") or selector.get("matchExpressions"))


def selects(selector: Document | None, labels: Mapping[str, str] | None) -> bool | None:
    """True if the selector matches the labels; None if it is no selector at all."""
    if selector is None:
        return False
    if check_label_selector(selector, ""):
        return None
    labels = labels or {}
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    return all(_holds(expression, labels) for expression in selector.get("matchExpressions") or [])


def _holds(expression: Document, labels: Mapping[str, str]) -> bool:
    value, operator = labels.get(expression["key"]), str(expression["operator"])
    if operator in _EXISTENCE:
        return (value is not None) == (operator == "Exists")
    values: list[str] = expression["values"]
    return (value in values) == (operator == "In")
