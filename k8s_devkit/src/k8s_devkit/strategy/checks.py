# SPDX-License-Identifier: Apache-2.0
"""Checks of fields that kinds of several API groups have: numbers or percentages, counts, names with a domain. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_devkit.strategy.formats import dns_subdomain, percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from k8s_devkit.strategy.field_errors import Problems

__all__ = [
    "check_at_most_100_percent",
    "check_domain_prefixed_path",
    "check_not_greater",
    "check_number_or_percent",
    "number_of",
]


def check_number_or_percent(problems: Problems, value: Any, path: str) -> None:
    """A number that is not negative, or a percentage."""
    if isinstance(value, str):
        problems.invalid(path, value, *percent(value))
    elif isinstance(value, int) and value < 0:
        problems.invalid(path, value, "must be greater than or equal to 0")


def check_at_most_100_percent(problems: Problems, value: Any, path: str) -> None:
    """A number, or a percentage of at most a hundred."""
    if isinstance(value, str) and not percent(value) and int(value[:-1]) > 100:
        problems.invalid(path, value, "must not be greater than 100%")


def number_of(value: Any) -> int:
    """The number in a number or percentage: 25 for ``25%``; 0 if there is none."""
    if isinstance(value, str):
        return int(value[:-1]) if not percent(value) else int(value) if value.isdecimal() else 0
    return int(value or 0)


def check_not_greater(
    problems: Problems, holder: Mapping[str, Any], path: str, names: tuple[str, ...], limit: str, shown: str = ""
) -> None:
    """Counts that another field of the same object limits.

    Args:
        holder: the object, such as the status.
        path: of the object.
        names: of the counts; an absent one is 0.
        limit: the field that they may not exceed.
        shown: how errors name it; its path by default.
    """
    for name in names:
        if holder.get(name, 0) > holder.get(limit, 0):
            problems.invalid(f"{path}.{name}", holder[name], f"cannot be greater than {shown or f'{path}.{limit}'}")


def check_domain_prefixed_path(problems: Problems, value: str, path: str) -> None:
    """A name with a domain: ``example.com/name``."""
    host, _, rest = value.partition("/")
    if not value:
        problems.required(path)
    elif not host or not rest:
        problems.invalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')
    else:
        problems.invalid(path, host, *dns_subdomain(host))
