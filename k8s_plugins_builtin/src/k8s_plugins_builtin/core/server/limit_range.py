# SPDX-License-Identifier: Apache-2.0
"""LimitRanges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.defaults import copy_missing, objects, round_up
from k8s_devkit.strategy.formats import label_key
from k8s_plugins_builtin.core.server.resources import (
    amount,
    check_container_resource_name,
    check_resource_name,
    may_overcommit,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import Document, FieldError, ServerContext

__all__ = ["LimitRangeStrategy"]

_TYPES = ("Pod", "Container", "PersistentVolumeClaim")


class LimitRangeStrategy(Strategy):
    """LimitRange."""

    create_on_update = True

    def default(self, new: Document, old: Document | None) -> None:
        for limit in objects(new.setdefault("spec", {}), "limits"):
            _default_limit(limit)

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check(new)]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new, created=False), *_check(new)]


def _default_limit(limit: Document) -> None:
    """Derive the defaults of a container's limits and requests from the maxima and minima."""
    for name in ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio"):
        round_up(limit.get(name))
    if limit.get("type") != "Container":
        return
    limits, requests = dict(limit.get("default") or {}), dict(limit.get("defaultRequest") or {})
    copy_missing(limits, limit.get("max") or {})
    copy_missing(requests, limits)
    copy_missing(requests, limit.get("min") or {})
    for name, value in (("default", limits), ("defaultRequest", requests)):
        if value:
            limit[name] = value


def _check(document: Document) -> Problems:
    problems = Problems()
    types: set[str] = set()
    for index, limit in enumerate((document.get("spec") or {}).get("limits") or []):
        where, type_ = f"spec.limits[{index}]", limit.get("type", "")
        problems.invalid(f"{where}.type", type_, *label_key(type_))
        if type_ not in _TYPES and "/" not in type_ and not label_key(type_):
            problems.invalid(f"{where}.type", type_, "must be a standard limit type or fully qualified")
        if type_ in types:
            problems.duplicate(f"{where}.type", type_)
        types.add(type_)
        _check_limit(problems, limit, where, type_)
    return problems


def _check_limit(problems: Problems, limit: Document, path: str, type_: str) -> None:
    fields = ["max", "min"]
    if type_ == "Pod":
        for name in ("default", "defaultRequest"):
            if limit.get(name):
                problems.forbidden(f"{path}.{name}", "may not be specified when `type` is 'Pod'")
    else:
        fields += ["default", "defaultRequest"]
    check_name = check_container_resource_name if type_ in ("Pod", "Container") else check_resource_name
    for field in (*fields, "maxLimitRequestRatio"):
        bounded = any("storage" in (limit.get(name) or {}) for name in ("min", "max"))
        if field == "maxLimitRequestRatio" and type_ == "PersistentVolumeClaim" and not bounded:
            text = "either minimum or maximum storage value is required, but neither was provided"
            problems.required(f"{path}.limits", text)
        for name in limit.get(field) or {}:
            problems += check_name(name, f"{path}.{field}[{name}]")
    names = dict.fromkeys(name for field in (*fields, "maxLimitRequestRatio") for name in limit.get(field) or {})
    for name in names:
        values = {
            field: amount(limit[field][name])
            for field in (*fields, "maxLimitRequestRatio")
            if name in (limit.get(field) or {})
        }
        _check_order(problems, values, path, name)


# Of two amounts the first may not be above the second: (first, second, the field to blame, the value to show, words).
_ORDER = (
    ("min", "max", "min", "min", "min value {} is greater than max value {}"),
    (
        "min",
        "defaultRequest",
        "defaultRequest",
        "defaultRequest",
        "min value {} is greater than default request value {}",
    ),
    (
        "defaultRequest",
        "max",
        "defaultRequest",
        "defaultRequest",
        "default request value {} is greater than max value {}",
    ),
    (
        "defaultRequest",
        "default",
        "defaultRequest",
        "defaultRequest",
        "default request value {} is greater than default limit value {}",
    ),
    ("min", "default", "default", "min", "min value {} is greater than default value {}"),
    ("default", "max", "default", "max", "default value {} is greater than max value {}"),
)


def _check_order(problems: Problems, values: Document, path: str, name: str) -> None:
    for low, high, blamed, shown, text in _ORDER:
        if low in values and high in values and values[low] > values[high]:
            problems.invalid(f"{path}.{blamed}[{name}]", str(values[shown]), text.format(values[low], values[high]))
    ratio, where = values.get("maxLimitRequestRatio"), f"{path}.maxLimitRequestRatio[{name}]"
    if ratio is not None:
        if ratio < 1:
            problems.invalid(where, str(ratio), f"ratio {ratio} is less than 1")
        if values.get("min") and "max" in values:
            most = float(values["max"].to_decimal() / values["min"].to_decimal())
            if float(ratio.to_decimal()) > most:
                problems.invalid(where, str(ratio), f"ratio {ratio} is greater than max/min = {most:.6f}")
    default, request = values.get("default"), values.get("defaultRequest")
    if not may_overcommit(name) and default is not None and request is not None and default != request:
        text = f"default value {default} must equal to defaultRequest value {request} in {name}"
        problems.invalid(f"{path}.defaultRequest[{name}]", str(request), text)
