# SPDX-License-Identifier: Apache-2.0
"""The options of writes, lists and deletions, read from the query and checked (protocol C10-C12, C30, C31). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from k8s_core.testing.api_server.failures import Failure, bad_request, invalid
from k8s_core.testing.api_server.field_errors import FieldError, forbidden_field, invalid_value, not_supported, required

if TYPE_CHECKING:
    from k8s_core.testing.api_server.network.messages import HttpRequest, Query

__all__ = ["ListOptions", "WriteOptions", "is_number", "read_list_options", "read_write_options"]

_META_GROUP = "meta.k8s.io"
_MANAGER_LIMIT = 128
VALIDATIONS = ("Ignore", "Strict", "Warn")


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """Options of create, update and patch. ``manager`` is never empty: the user agent stands in (B21)."""

    dry_run: bool = False
    manager: str = "unknown"
    validation: str = "Warn"
    force: bool = False


def _invalid(kind: str, errors: list[FieldError]) -> Failure:
    return invalid(kind, _META_GROUP, "", errors)


def check_dry_run(kind: str, values: list[str]) -> bool:
    """Whether a dry run is asked for; anything but ``All`` is the server's 422."""
    if any(value != "All" for value in values):
        raise _invalid(kind, [not_supported("dryRun", values, ("All",))])
    return bool(values)


def read_write_options(request: HttpRequest, kind: str, *, apply: bool = False) -> WriteOptions:
    """Read the options of a write; ``kind`` is ``CreateOptions``, ``UpdateOptions`` or ``PatchOptions``."""
    query = request.query
    dry_run = check_dry_run(kind, query.all("dryRun"))
    errors: list[FieldError] = []
    manager = query.get("fieldManager")
    if apply and not manager:
        errors.append(required("fieldManager", "is required for apply patch"))
    if len(manager) > _MANAGER_LIMIT:
        errors.append(
            FieldError("fieldManager", "FieldValueTooLong", f"Too long: may not be more than {_MANAGER_LIMIT} bytes")
        )
    if not manager.isprintable():
        errors.append(invalid_value("fieldManager", manager, "should only contain printable characters"))
    if not apply and "force" in query and kind == "PatchOptions":
        errors.append(forbidden_field("force", "may not be specified for non-apply patch"))
    validation = query.get("fieldValidation") or "Warn"
    if validation not in VALIDATIONS:
        errors.append(not_supported("fieldValidation", validation, VALIDATIONS))
    if errors:
        raise _invalid(kind, errors)
    agent = request.header("user-agent").split("/", 1)[0] or "unknown"
    return WriteOptions(dry_run, manager or agent[:_MANAGER_LIMIT], validation, query.flag("force"))


@dataclass(frozen=True, slots=True)
class ListOptions:
    """Options of list and watch. ``version`` None is "unset"; ``match`` is ``Exact``, ``NotOlderThan`` or empty."""

    version: int | None
    match: str
    limit: int
    token: str
    labels: str
    fields: str
    timeout: int | None
    bookmarks: bool
    initial_events: bool | None


def is_number(text: str) -> bool:
    """True for what the server reads as an unsigned number: Python also takes other scripts' digits."""
    return text.isascii() and text.isdigit()


def _version(query: Query) -> int | None:
    text = query.get("resourceVersion")
    if not text:
        return None
    if not is_number(text):
        raise bad_request(
            f'invalid resource version: Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax'
        )
    return int(text)


def read_list_options(query: Query, *, watch: bool) -> ListOptions:
    """Read and check the options of a list or a watch (C11)."""
    version, match = _version(query), query.get("resourceVersionMatch")
    token = query.get("continue")
    initial = query.flag("sendInitialEvents") if "sendInitialEvents" in query else None
    errors = list(_list_errors(version, match, token, initial, watch=watch))
    if errors:
        raise _invalid("ListOptions", errors)
    if token and version:
        raise bad_request("specifying resource version is not allowed when using continue")
    return ListOptions(
        version=version,
        match=match,
        limit=max(0, query.integer("limit") or 0),
        token=token,
        labels=query.get("labelSelector"),
        fields=query.get("fieldSelector"),
        timeout=query.integer("timeoutSeconds"),
        bookmarks=query.flag("allowWatchBookmarks"),
        initial_events=initial,
    )


def _list_errors(version: int | None, match: str, token: str, initial: bool | None, *, watch: bool) -> list[FieldError]:
    name = "resourceVersionMatch"
    if initial is not None:
        if not watch:
            return [forbidden_field("sendInitialEvents", "sendInitialEvents is forbidden for list")]
        if match != "NotOlderThan":
            text = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
            return [forbidden_field(name, text)]
        return []
    if not match:
        return []
    if watch:
        return [
            forbidden_field(name, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")
        ]
    if token:
        return [forbidden_field(name, "resourceVersionMatch is forbidden when continue is provided")]
    if version is None:
        return [forbidden_field(name, "resourceVersionMatch is forbidden unless resourceVersion is provided")]
    if match not in ("Exact", "NotOlderThan"):
        return [not_supported(name, match, ("Exact", "NotOlderThan", ""))]
    if match == "Exact" and version == 0:
        return [forbidden_field(name, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"')]
    return []
