# SPDX-License-Identifier: Apache-2.0
"""Field errors as the API server spells them, and their causes in a Status (protocol J4). Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["FieldError", "duplicate", "forbidden_field", "invalid_value", "not_supported", "required", "too_long"]


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
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


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
    return FieldError(field, "FieldValueTooLong", f"Too long: may not be more than {limit} bytes")
