# SPDX-License-Identifier: Apache-2.0
"""ResourceQuotas and LimitRanges. Pure."""

from __future__ import annotations

from typing import Any

from k8s_devkit.strategy.field_errors import Problems
from k8s_devkit.strategy.formats import label_key
from k8s_plugins_builtin.core.server.resources import (
    STANDARD_QUOTA_RESOURCES,
    amount,
    check_amount,
    check_container_resource_name,
    check_quota_resource_name,
    check_resource_name,
    may_overcommit,
)

__all__ = ["check_limit_range", "check_quota", "check_quota_update"]

Json = dict[str, Any]
_SCOPES = (
    "Terminating",
    "NotTerminating",
    "BestEffort",
    "NotBestEffort",
    "PriorityClass",
    "CrossNamespacePodAffinity",
    "VolumeAttributesClass",
)
_EXISTS_ONLY = (*_SCOPES[:4], "CrossNamespacePodAffinity")
_OPPOSITES = (("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating"))
_POD_RESOURCES = frozenset(
    {
        "pods",
        *(f"{part}{name}" for part in ("", "requests.", "limits.") for name in ("cpu", "memory", "ephemeral-storage")),
    }
)
_EXISTS_TEXT = (
    "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
    "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
)
_LIMIT_TYPES = ("Pod", "Container", "PersistentVolumeClaim")


def check_quota(document: Json, live: Json | None = None) -> Problems:
    """A ResourceQuota."""
    spec, problems = document.get("spec") or {}, Problems()
    hard = spec.get("hard") or {}
    for name, value in hard.items():
        problems += check_quota_resource_name(name, f"spec.hard[{name}]")
        problems += check_amount(name, value, f"spec.hard[{name}]")
    scopes = spec.get("scopes") or []
    for scope in scopes:
        if scope not in _SCOPES:
            problems.invalid("spec.scopes", scopes, "unsupported scope")
        for _ in _unfit(scope, hard):
            problems.invalid("spec.scopes", scopes, "unsupported scope applied to resource")
    _check_opposites(problems, set(scopes), scopes)
    if spec.get("scopeSelector") is not None:
        _check_scope_selector(problems, spec, hard)
    return problems


def _unfit(scope: str, hard: Json) -> list[str]:
    """The limited resources that a scope cannot be applied to."""
    if scope == "BestEffort":
        fits = {"pods"}
    elif scope == "VolumeAttributesClass":
        fits = {"persistentvolumeclaims", "requests.storage"}
    elif scope in _SCOPES:
        fits = set(_POD_RESOURCES)
    else:
        return []
    return [name for name in sorted(hard) if name in STANDARD_QUOTA_RESOURCES and name not in fits]


def _check_opposites(problems: Problems, found: set[str], shown: list[str]) -> None:
    for pair in _OPPOSITES:
        if found.issuperset(pair):
            problems.invalid("spec.scopes", shown or None, "conflicting scopes")


def _check_scope_selector(problems: Problems, spec: Json, hard: Json) -> None:
    where, found = "spec.scopeSelector.matchExpressions", set()
    for expression in spec["scopeSelector"].get("matchExpressions") or []:
        scope, operator = expression.get("scopeName", ""), expression.get("operator", "")
        values = expression.get("values") or []
        if scope not in _SCOPES:
            problems.invalid(f"{where}.scopeName", scope, "unsupported scope")
        for _ in _unfit(scope, hard):
            problems.invalid(where, spec["scopeSelector"], "unsupported scope applied to resource")
        if scope in _EXISTS_ONLY and operator != "Exists":
            problems.invalid(f"{where}.operator", operator, _EXISTS_TEXT)
        if operator in ("In", "NotIn"):
            if not values:
                text = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
                problems.required(f"{where}.values", text)
        elif operator in ("Exists", "DoesNotExist"):
            if values:
                text = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
                problems.invalid(f"{where}.values", values, text)
        else:
            problems.invalid(f"{where}.operator", operator, "not a valid selector operator")
        found.add(scope)
    _check_opposites(problems, found, spec.get("scopes") or [])


def check_quota_update(document: Json, live: Json) -> Problems:
    """The scopes of a quota stay."""
    problems = Problems()
    scopes = (document.get("spec") or {}).get("scopes") or []
    if set(scopes) != set((live.get("spec") or {}).get("scopes") or []):
        problems.invalid("spec.scopes", scopes or None, "field is immutable")
    return problems


def check_limit_range(document: Json, live: Json | None = None) -> Problems:
    """A LimitRange."""
    problems, types = Problems(), set()
    for index, limit in enumerate((document.get("spec") or {}).get("limits") or []):
        where, type_ = f"spec.limits[{index}]", limit.get("type", "")
        problems.invalid(f"{where}.type", type_, *label_key(type_))
        if type_ not in _LIMIT_TYPES and "/" not in type_ and not label_key(type_):
            problems.invalid(f"{where}.type", type_, "must be a standard limit type or fully qualified")
        if type_ in types:
            problems.duplicate(f"{where}.type", type_)
        types.add(type_)
        _check_limit(problems, limit, where, type_)
    return problems


def _check_limit(problems: Problems, limit: Json, path: str, type_: str) -> None:
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


def _check_order(problems: Problems, values: Json, path: str, name: str) -> None:
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
