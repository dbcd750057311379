# SPDX-License-Identifier: Apache-2.0
"""Field errors as the API server spells them, and their causes in a Status. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "FieldError",
    "Problems",
    "duplicate",
    "forbidden_field",
    "go_quoted",
    "invalid_value",
    "not_supported",
    "required",
    "too_long",
    "too_many",
]


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong field: where, which kind of error, and the text that follows the path."""

    field: str
    reason: str
    body: str

    def __str__(self) -> str:
        return f"{self.field}: {self.body}"

    def cause(self) -> dict[str, str]:
        """The entry of ``details.causes``."""
        return {"reason": self.reason, "message": self.body, "field": self.field}


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, str):
        return go_quoted(value)
    text = json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":"))
    # Go's encoder of objects and lists escapes what HTML would take for markup.
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _ordered(value: Any) -> Any:
    """Go writes maps, such as labels, sorted by key; a structure as it is declared, here one with names as in Go."""
    if isinstance(value, dict):
        if all(isinstance(item, str) and not key[:1].isupper() for key, item in value.items()):
            return dict(sorted(value.items()))
        return {key: _ordered(item) for key, item in value.items()}
    return [_ordered(item) for item in value] if isinstance(value, list) else value


def go_quoted(text: str) -> str:
    """A text as Go's ``%q`` shows it: as JSON, but control characters as bytes."""
    return re.sub(r"\\u00([0-9a-f]{2})", r"\\x\1", json.dumps(text, ensure_ascii=False))


def _detail(text: str) -> str:
    return f": {text}" if text else ""


def required(field: str, detail: str = "") -> FieldError:
    """A required value is missing."""
    return FieldError(field, "FieldValueRequired", f"Required value{_detail(detail)}")


def invalid_value(field: str, value: Any, detail: str, *, reason: str = "FieldValueInvalid") -> FieldError:
    """A value that breaks a rule."""
    return FieldError(field, reason, f"Invalid value: {_shown(value)}{_detail(detail)}")


def not_supported(field: str, value: Any, supported: Sequence[Any]) -> FieldError:
    """A value that is none of the supported ones."""
    choices = ", ".join(_shown(choice) for choice in supported)
    return FieldError(
        field, "FieldValueNotSupported", f"Unsupported value: {_shown(value)}: supported values: {choices}"
    )


def forbidden_field(field: str, detail: str) -> FieldError:
    """A field that may not be set here."""
    return FieldError(field, "FieldValueForbidden", f"Forbidden{_detail(detail)}")


def duplicate(field: str, value: Any) -> FieldError:
    """A value that stands there already."""
    return FieldError(field, "FieldValueDuplicate", f"Duplicate value: {_shown(value)}")


def too_long(field: str, limit: int) -> FieldError:
    """A text or list over its limit."""
    return FieldError(field, "FieldValueTooLong", f"Too long: may not be more than {limit} byte{_s(limit)}")


def too_many(field: str, count: int, limit: int) -> FieldError:
    """A list or map over its limit."""
    return FieldError(field, "FieldValueTooMany", f"Too many: {count}: must have at most {limit} item{_s(limit)}")


def _s(number: int) -> str:
    return "" if number == 1 else "s"


class Problems(list[FieldError]):
    """The errors of one object, in the order in which the API server finds them; one method for each kind of error."""

    def required(self, field: str, detail: str = "") -> None:
        """A value is missing."""
        self.append(required(field, detail))

    def invalid(self, field: str, value: Any, *details: str) -> None:
        """One error for each detail: none for none, so that formats can be checked in place."""
        self.extend(invalid_value(field, value, detail) for detail in details)

    def forbidden(self, field: str, detail: str) -> None:
        """A field may not be set here."""
        self.append(forbidden_field(field, detail))

    def unsupported(self, field: str, value: Any, supported: Iterable[str]) -> None:
        """A value is none of the supported ones; the API server lists most of them sorted."""
        self.append(not_supported(field, value, list(supported)))

    def duplicate(self, field: str, value: Any, detail: str = "") -> None:
        """A value stands there already."""
        error = duplicate(field, value)
        self.append(FieldError(error.field, error.reason, error.body + _detail(detail)))

    def not_found(self, field: str, value: Any, detail: str = "") -> None:
        """A value names nothing that is there."""
        self.append(FieldError(field, "FieldValueNotFound", f"Not found: {_shown(value)}{_detail(detail)}"))

    def too_long(self, field: str, limit: int) -> None:
        """A text is over its limit in bytes."""
        self.append(too_long(field, limit))

    def too_many(self, field: str, count: int, limit: int) -> None:
        """A list has more items than it may have."""
        self.append(too_many(field, count, limit))

    def nonnegative(self, holder: Mapping[str, Any], path: str, *names: str) -> None:
        """Numbers of ``holder`` that may not be below zero, those that are there."""
        for name in names:
            value = holder.get(name)
            if isinstance(value, int) and value < 0:
                self.invalid(f"{path}.{name}" if path else name, value, "must be greater than or equal to 0")

    def one_of(self, holder: Mapping[str, Any], path: str, name: str, supported: Iterable[str]) -> None:
        """A field that may be absent, but not be anything else than the supported values."""
        value = holder.get(name)
        if value is not None and value not in supported:
            self.unsupported(f"{path}.{name}" if path else name, value, supported)

    def refused(self, field: str, detail: str) -> None:
        """A value that breaks a rule and is not shown."""
        self.append(FieldError(field, "FieldValueInvalid", f"Invalid value{_detail(detail)}"))
