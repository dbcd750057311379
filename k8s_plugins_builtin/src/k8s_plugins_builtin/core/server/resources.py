# SPDX-License-Identifier: Apache-2.0
"""Names and amounts of resources: requests and limits, quotas, capacities. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.model.quantity import Quantity
from k8s_devkit.strategy.field_errors import Problems
from k8s_devkit.strategy.formats import dns_label, label_key

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from k8s_devkit.strategy.document import Document

__all__ = [
    "STANDARD_QUOTA_RESOURCES",
    "amount",
    "check_amount",
    "check_container_resource_name",
    "check_positive",
    "check_quota_resource_name",
    "check_requirements",
    "check_resource_name",
    "may_overcommit",
]

_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_COUNTED = frozenset(
    {
        "configmaps",
        "persistentvolumeclaims",
        "pods",
        "replicationcontrollers",
        "resourcequotas",
        "secrets",
        "services",
        "services.loadbalancers",
        "services.nodeports",
    }
)
STANDARD_QUOTA_RESOURCES = frozenset(
    {*_COUNTED, *(f"{part}{name}" for part in ("", "requests.", "limits.") for name in _COMPUTE), "requests.storage"}
)
"""The resources without a slash that a quota can count, huge pages aside."""
_STANDARD = STANDARD_QUOTA_RESOURCES | {"storage"}
_HUGE = "hugepages-"


def amount(value: Any) -> Quantity:
    """The quantity that a field holds."""
    return Quantity(value if isinstance(value, (int, str)) else repr(value))


def _is_native(name: str) -> bool:
    return "/" not in name or "kubernetes.io/" in name


def _is_extended(name: str) -> bool:
    return not _is_native(name) and not name.startswith("requests.") and not label_key(f"requests.{name}")


def may_overcommit(name: str) -> bool:
    """True if limits may be above requests: not for huge pages and the resources of devices."""
    return _is_native(name) and not name.startswith(_HUGE)


def check_resource_name(name: str, path: str) -> Problems:
    """A resource of Kubernetes, or one with a domain."""
    problems = Problems()
    problems.invalid(path, name, *label_key(name))
    standard = name in _STANDARD or name.startswith((_HUGE, f"requests.{_HUGE}"))
    if not problems and "/" not in name and not standard:
        problems.invalid(path, name, "must be a standard resource type or fully qualified")
    return problems


def check_container_resource_name(name: str, path: str) -> Problems:
    """A resource that a container can ask for."""
    problems = check_resource_name(name, path)
    if "/" not in name:
        if name not in _COMPUTE and not name.startswith(_HUGE):
            problems.invalid(path, name, "must be a standard resource for containers")
    elif not _is_native(name) and not _is_extended(name):
        problems.invalid(path, name, "doesn't follow extended resource name standard")
    return problems


def check_pod_resource_name(name: str, path: str) -> Problems:
    """A resource that can be given to a pod as a whole."""
    problems = check_resource_name(name, path)
    if not problems and name not in ("cpu", "memory") and not name.startswith(_HUGE):
        problems.unsupported(path, name, ("cpu", "memory"))
    return problems


def check_quota_resource_name(name: str, path: str) -> Problems:
    """A resource that a quota can limit."""
    problems = check_resource_name(name, path)
    known = name in STANDARD_QUOTA_RESOURCES or name.startswith((_HUGE, f"requests.{_HUGE}"))
    if "/" not in name and not known:
        problems.invalid(path, name, "must be a standard resource for quota")
    return problems


def check_amount(name: str, value: Any, path: str) -> Problems:
    """An amount of a resource: not negative, and whole where things are counted."""
    problems = Problems()
    quantity = amount(value)
    if quantity < 0:
        problems.invalid(path, str(quantity), "must be greater than or equal to 0")
    if (name in _COUNTED or _is_extended(name)) and quantity.milli_value() % 1000:
        problems.invalid(path, str(quantity), "must be an integer")
    return problems


def check_positive(value: Any, path: str) -> Problems:
    """An amount above zero."""
    problems = Problems()
    if not amount(value) or amount(value) < 0:
        problems.invalid(path, str(amount(value)), "must be greater than zero")
    return problems


def check_requirements(
    requirements: Document, path: str, claims: Collection[str] = (), *, of_pod: bool = False
) -> Problems:
    """Requests and limits of a container, of a pod as a whole, or of an overhead."""
    problems = Problems()
    name_check = check_pod_resource_name if of_pod else check_container_resource_name
    limits, requests = requirements.get("limits") or {}, requirements.get("requests") or {}
    for name, value in limits.items():
        _check_one(problems, name_check, name, value, f"{path}.limits[{name}]")
    for name, value in requests.items():
        where = f"{path}.requests[{name}]"
        problems += name_check(name, where)
        problems += check_amount(name, value, where)
        if name in limits:
            _check_within(problems, name, value, limits[name], f"{path}.requests")
        elif not may_overcommit(name):
            problems.required(f"{path}.limits", "Limit must be set for non overcommitable resources")
        _check_pages(problems, name, value, where)
    names = {*limits, *requests}
    if not names & {"cpu", "memory"} and any(name.startswith(_HUGE) for name in names):
        problems.forbidden(path, "HugePages require cpu or memory")
    _check_claims(problems, requirements.get("claims") or [], f"{path}.claims", claims)
    return problems


def _check_one(
    problems: Problems, name_check: Callable[[str, str], Problems], name: str, value: Any, path: str
) -> None:
    problems += name_check(name, path)
    problems += check_amount(name, value, path)
    _check_pages(problems, name, value, path)


def _check_within(problems: Problems, name: str, value: Any, limit: Any, path: str) -> None:
    request, most = amount(value), amount(limit)
    if request != most and not may_overcommit(name):
        problems.invalid(path, str(request), f"must be equal to {name} limit of {most}")
    elif request > most:
        problems.invalid(path, str(request), f"must be less than or equal to {name} limit of {most}")


def _check_pages(problems: Problems, name: str, value: Any, path: str) -> None:
    if not name.startswith(_HUGE):
        return
    quantity = amount(value)
    try:
        size = amount(name.removeprefix(_HUGE)).value()
    except ValueError:
        return
    if size <= 0 or quantity.value() % size:
        problems.invalid(path, str(quantity), f"{quantity} is not positive integer multiple of {name}")


def _check_claims(problems: Problems, claims: list[Document], path: str, known: Collection[str]) -> None:
    seen: set[str] = set()
    for index, claim in enumerate(claims):
        name, request = claim.get("name", ""), claim.get("request", "")
        where = f"{path}[{index}]"
        if not name:
            problems.required(where)
            continue
        key = f"{name}/{request}" if request else name
        if request:
            problems.invalid(f"{where}.request", request, *dns_label(request))
        if name in seen or key in seen:
            problems.duplicate(where, name if name in seen else key)
        seen.add(key)
        if name not in known:
            names = f": {', '.join(sorted(known))}" if known else " which is empty"
            problems.not_found(where, name, f"must be one of the names in pod.spec.resourceClaims{names}")
