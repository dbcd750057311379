# SPDX-License-Identifier: Apache-2.0
"""Options that requests share: their checks, and the query parameters they become (protocol C4, C10, C11, C30)."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Literal, TypeAlias

from k8s_core.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "ALL_NAMESPACES",
    "JSON",
    "JSON_BODY",
    "METADATA",
    "METADATA_LIST",
    "TABLE",
    "AllNamespaces",
    "DryRun",
    "FieldValidation",
    "Headers",
    "NamespaceOption",
    "PropagationPolicy",
    "Query",
    "ResourceVersionMatch",
    "check_choice",
    "check_count",
    "check_field_manager",
    "check_namespace",
    "check_resource_version",
    "read_version_query",
    "write_query",
]

Headers: TypeAlias = tuple[tuple[str, str], ...]
Query: TypeAlias = tuple[tuple[str, str], ...]
DryRun: TypeAlias = "bool | Literal['All']"
FieldValidation: TypeAlias = Literal["Strict", "Warn", "Ignore"]
PropagationPolicy: TypeAlias = Literal["Orphan", "Background", "Foreground"]
ResourceVersionMatch: TypeAlias = Literal["Exact", "NotOlderThan"]

# Constant tuples: the transport can recognise them by identity, and no request builds its own.
JSON: Headers = (("Accept", "application/json"),)
JSON_BODY: Headers = (("Accept", "application/json"), ("Content-Type", "application/json"))
METADATA: Headers = (("Accept", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"),)
METADATA_LIST: Headers = (
    ("Accept", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"),
)
TABLE: Headers = (("Accept", "application/json;as=Table;g=meta.k8s.io;v=v1"),)


class AllNamespaces(enum.Enum):
    """Type of :data:`ALL_NAMESPACES`."""

    ALL_NAMESPACES = "all namespaces"

    def __repr__(self) -> str:
        return "ALL_NAMESPACES"


ALL_NAMESPACES = AllNamespaces.ALL_NAMESPACES
"""Given as ``namespace=`` to a list, watch or delete_collection, it means every namespace, not the default one."""

NamespaceOption: TypeAlias = "str | AllNamespaces | None"
"""Where a collection is: a namespace, every namespace, or with None the client's own."""


_FIELD_VALIDATION = ("Strict", "Warn", "Ignore")
_VERSION_MATCH = ("Exact", "NotOlderThan")
_DRY_RUN: Query = (("dryRun", "All"),)
_FIELD_MANAGER_LIMIT = 128
_EVERY_NAMESPACE = frozenset({"*", "all"})


def check_choice(value: object, allowed: Sequence[str], option: str) -> str:
    """Return the value if it is one of the allowed texts; else a RequestError that names the nearest one."""
    if isinstance(value, str) and value in allowed:
        return value
    from k8s_core.errors.hints import did_you_mean

    hint = did_you_mean(str(value), allowed)
    raise RequestError(f"{option}={value!r} is not one of {', '.join(map(repr, allowed))}{hint}")


def check_count(value: object, option: str) -> int:
    """Return a whole number of zero or more; else a RequestError."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise RequestError(f"{option}={value!r} must be a whole number, 0 or greater")


def check_field_manager(value: object, option: str = "field_manager") -> str:
    """Return a field manager: 1 to 128 printable characters (protocol C30, I11); else a RequestError."""
    if isinstance(value, str) and 0 < len(value) <= _FIELD_MANAGER_LIMIT and value.isprintable():
        return value
    raise RequestError(f"{option}={value!r} must be 1 to {_FIELD_MANAGER_LIMIT} printable characters")


def check_namespace(value: str) -> str:
    """Return a namespace that a caller gives; else a RequestError for words that look like every namespace."""
    if value in _EVERY_NAMESPACE:
        raise RequestError(f"namespace={value!r} does not stand for every namespace: write namespace=ALL_NAMESPACES")
    return value


def check_resource_version(value: object, option: str = "resource_version") -> str:
    """Return a resourceVersion, an opaque text of the server (protocol E15); else a RequestError."""
    if isinstance(value, str) and value.isascii() and value.isprintable():
        return value
    raise RequestError(f"{option}={value!r} must be the text that the server gave; write {str(value)!r}")


def is_dry_run(value: object) -> bool:
    """Read a ``dry_run=`` argument: a bool, or the API's own ``"All"``, its only value (protocol C30)."""
    if value is True or value is False or value is None:
        return bool(value)
    check_choice(value, ("All",), "dry_run")
    return True


def write_query(
    dry_run: DryRun = False, field_manager: str | None = None, field_validation: FieldValidation | None = None
) -> Query:
    """Query parameters that every write takes; raises RequestError for values that the server would refuse."""
    if dry_run is False and field_manager is None and field_validation is None:
        return ()
    query = _DRY_RUN if is_dry_run(dry_run) else ()
    if field_manager is not None:
        query += (("fieldManager", check_field_manager(field_manager)),)
    if field_validation is not None:
        query += (("fieldValidation", check_choice(field_validation, _FIELD_VALIDATION, "field_validation")),)
    return query


def read_version_query(
    resource_version: str | None, match: ResourceVersionMatch | None, *, limit: int | None, has_continue: bool
) -> Query:
    """``resourceVersion`` and ``resourceVersionMatch`` of a list, checked as the server does (protocol C10, C11).

    A resourceVersion with a limit and no match would mean *exactly this version* to the server, for historic reasons;
    *not older than* is what callers mean, so that is sent.
    """
    if match is not None:
        check_choice(match, _VERSION_MATCH, "resource_version_match")
        if has_continue:
            raise RequestError("resource_version_match is not allowed with a continue token")
        if not resource_version:
            raise RequestError(f"resource_version_match={match!r} needs a resource_version")
        if match == "Exact" and resource_version == "0":
            raise RequestError("resource_version_match='Exact' is not allowed with resource_version='0'")
    if resource_version is None or resource_version == "":
        return ()
    if has_continue:
        raise RequestError("resource_version is not allowed with a continue token")
    version = check_resource_version(resource_version)
    if match is None and limit and version != "0":
        match = "NotOlderThan"
    query: Query = (("resourceVersion", version),)
    return (*query, ("resourceVersionMatch", match)) if match else query
