# SPDX-License-Identifier: Apache-2.0
"""The options of writes, lists and deletions, read from the query and checked (protocol C10-C12, C30, C31). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from k8s_devkit.strategy.failures import Failure, bad_request, invalid
from k8s_devkit.strategy.field_errors import FieldError, forbidden_field, invalid_value, not_supported, required

if TYPE_CHECKING:
    from k8s_devkit.api_server.network.messages import HttpRequest, Query

__all__ = ["ListOptions", "WriteOptions", "is_number", "read_list_options", "read_version", "read_write_options"]

_META_GROUP = "meta.k8s.io"
_MANAGER_LIMIT = 128
_GREATEST_VERSION = 2**64 - 1
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
    errors.extend(_unprintable(manager))
    if not apply and "force" in query and kind == "PatchOptions":
        errors.append(forbidden_field("force", "may not be specified for non-apply patch"))
    validation = query.get("fieldValidation") or "Warn"
    if validation not in VALIDATIONS:
        errors.append(not_supported("fieldValidation", validation, ("", *VALIDATIONS)))
    if errors:
        raise _invalid(kind, errors)
    agent = request.header("user-agent").split("/", 1)[0] or "unknown"
    return WriteOptions(dry_run, manager or agent[:_MANAGER_LIMIT], validation, query.flag("force"))


def _unprintable(manager: str) -> list[FieldError]:
    shown = "".join(item if item.isprintable() else f"\\x{ord(item):02x}" for item in manager)
    return [
        FieldError(
            "fieldManager",
            "FieldValueInvalid",
            f'Invalid value: "{shown}": invalid character U+{ord(item):04X} '
            f"(at position {len(manager[:index].encode())})",
        )
        for index, item in enumerate(manager)
        if not item.isprintable()
    ]


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


def read_version(query: Query) -> int | None:
    """The ``resourceVersion`` of a read, or None.

    Raises:
        Failure: it is no number. A 500 for gets and watches, as the real server has it; lists make it a 400.
    """
    text = query.get("resourceVersion")
    if not text:
        return None
    problem = "" if is_number(text) else "invalid syntax"
    if not problem and int(text) > _GREATEST_VERSION:
        problem = "value out of range"
    if problem:
        error = invalid_value("resourceVersion", text, f'strconv.ParseUint: parsing "{text}": {problem}')
        raise Failure(500, "", str(error))
    return int(text)


def _list_version(query: Query) -> int | None:
    try:
        return read_version(query)
    except Failure as failure:
        raise bad_request(f"invalid resource version: {failure.message}") from None


def read_list_options(query: Query, *, watch: bool) -> ListOptions:
    """Read and check the options of a list or a watch (C11)."""
    match, token = query.get("resourceVersionMatch"), query.get("continue")
    initial = query.flag("sendInitialEvents") if "sendInitialEvents" in query else None
    errors = _watch_errors(match, token, initial) if watch else _list_errors(query, match, token, initial)
    if errors:
        raise _invalid("ListOptions", errors)
    version = read_version(query) if watch else _list_version(query)
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


_MATCH = "resourceVersionMatch"
_WITH_TOKEN = forbidden_field(_MATCH, f"{_MATCH} is forbidden when continue is provided")


def _list_errors(query: Query, match: str, token: str, initial: bool | None) -> list[FieldError]:
    version, errors = query.get("resourceVersion"), []
    if match:
        if not version:
            errors.append(forbidden_field(_MATCH, f"{_MATCH} is forbidden unless resourceVersion is provided"))
        if token:
            errors.append(_WITH_TOKEN)
        if match not in ("Exact", "NotOlderThan"):
            errors.append(not_supported(_MATCH, match, ("Exact", "NotOlderThan", "")))
        if match == "Exact" and version == "0":
            errors.append(forbidden_field(_MATCH, f'{_MATCH} "exact" is forbidden for resourceVersion "0"'))
    if initial is not None:
        errors.append(forbidden_field("sendInitialEvents", "sendInitialEvents is forbidden for list"))
    return errors


def _watch_errors(match: str, token: str, initial: bool | None) -> list[FieldError]:
    errors = []
    if initial is not None and match != "NotOlderThan":
        errors.append(forbidden_field(_MATCH, f"sendInitialEvents requires setting {_MATCH} to NotOlderThan"))
    if match:
        if initial is None:
            text = f"{_MATCH} is forbidden for watch unless sendInitialEvents is provided"
            errors.append(forbidden_field(_MATCH, text))
        if match != "NotOlderThan":
            errors.append(not_supported(_MATCH, match, ("NotOlderThan",)))
        if token:
            errors.append(_WITH_TOKEN)
    return errors
