# SPDX-License-Identifier: Apache-2.0
"""ResourceQuotas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.defaults import round_up
from k8s_plugins_builtin.core.server.resources import (
    STANDARD_QUOTA_RESOURCES,
    check_amount,
    check_quota_resource_name,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import Document, FieldError, ServerContext

__all__ = ["ResourceQuotaStrategy"]

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


class ResourceQuotaStrategy(Strategy):
    """ResourceQuota."""

    delete_returns_object = True

    def default(self, new: Document, old: Document | None) -> None:
        round_up(new.setdefault("spec", {}).get("hard"))

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check(new)]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [
            *self.check_metadata(new, created=False),
            *_check(new),
            *self.check_metadata_update(new, old),
            *_check(new),
            *_check_scopes_kept(new, old),
        ]


def _check(document: Document) -> Problems:
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


def _unfit(scope: str, hard: Document) -> list[str]:
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


def _check_scope_selector(problems: Problems, spec: Document, hard: Document) -> None:
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


def _check_scopes_kept(document: Document, live: Document) -> Problems:
    problems = Problems()
    scopes = (document.get("spec") or {}).get("scopes") or []
    if set(scopes) != set((live.get("spec") or {}).get("scopes") or []):
        problems.invalid("spec.scopes", scopes or None, "field is immutable")
    return problems
