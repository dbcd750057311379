# SPDX-License-Identifier: Apache-2.0
"""Field selectors: building, escaping, parsing and matching them locally (protocol C17)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from k8s_core.errors import SelectorError
from k8s_core.selectors.operators import Equality, Inequality, Operator

__all__ = ["FieldQuery", "Fields", "field_selector"]

Fields: TypeAlias = "str | Mapping[str, Any] | Iterable[tuple[str, Any]] | FieldQuery"
"""What every ``fields=`` argument takes: ``{"status.phase": "Running", "spec.nodeName": Inequality("n1")}``, the same
as pairs, the text form ``"status.phase=Running"``, or a FieldQuery. Fields know only ``=`` and ``!=``."""

_ESCAPED = str.maketrans({"\\": "\\\\", ",": "\\,", "=": "\\="})


@dataclass(frozen=True, slots=True)
class FieldQuery:
    """A checked field selector; all requirements must hold. ``str()`` gives the escaped text form of the API.

    Which fields a kind supports is the server's to say: ``metadata.name`` and ``metadata.namespace`` always, others
    by kind (``status.phase`` of Pods, ``selectableFields`` of a CRD); else it answers 400 *field label not supported*.
    """

    requirements: tuple[tuple[str, Equality | Inequality], ...]

    @classmethod
    def of(cls, fields: Fields) -> FieldQuery:
        """Build from any of the forms of :data:`Fields`. Raises SelectorError naming the key and what is allowed."""
        if isinstance(fields, FieldQuery):
            return fields
        if isinstance(fields, str):
            return cls.parse(fields)
        pairs = fields.items() if isinstance(fields, Mapping) else fields
        return cls(tuple((_key(key), _operator(key, value)) for key, value in pairs))

    @classmethod
    def parse(cls, text: str) -> FieldQuery:
        """Read the text form. Raises SelectorError for a term without operator or a wrong escape sequence."""
        return cls(tuple(_parse_term(term, text) for term in _split_terms(text) if term))

    def matches(self, values: Mapping[str, str]) -> bool:
        """Decide for the field values of one object, by dotted path; an absent field counts as ``""``."""
        return all(operator.matches(values.get(key, "")) for key, operator in self.requirements)

    def __str__(self) -> str:
        return ",".join(
            f"{key}{operator.symbol}{operator.value.translate(_ESCAPED)}" for key, operator in self.requirements
        )


def field_selector(fields: Fields | None) -> str:
    """The ``fieldSelector`` parameter of a request; ``""`` for None. Raises SelectorError."""
    return "" if fields is None else str(FieldQuery.of(fields))


def _key(key: object) -> str:
    if not isinstance(key, str) or not key or any(character in key for character in "=!,\\ "):
        raise SelectorError(f"field {key!r} is not a field path such as 'metadata.name'")
    return key


def _operator(key: str, value: Any) -> Equality | Inequality:
    if isinstance(value, str):
        return Equality(value)
    if isinstance(value, (Equality, Inequality)):
        if not isinstance(value.value, str):
            raise SelectorError(f"field {key!r} is compared with a text, not with {value.value!r}")
        return value
    if isinstance(value, Operator):
        raise SelectorError(
            f"field {key!r}: field selectors know only = and != (Equality, Inequality), not {type(value).__name__}"
        )
    raise SelectorError(f"field {key!r} is compared with a text, not with {value!r}; write {str(value)!r}")


def _split_terms(text: str) -> list[str]:
    terms: list[str] = []
    current: list[str] = []
    escaped = False
    for character in text:
        if character == "," and not escaped:
            terms.append("".join(current))
            current = []
            continue
        escaped = character == "\\" and not escaped
        current.append(character)
    terms.append("".join(current))
    return terms


def _parse_term(term: str, text: str) -> tuple[str, Equality | Inequality]:
    for position in range(len(term)):
        for symbol in ("!=", "==", "="):
            if term.startswith(symbol, position):
                value = _unescape(term[position + len(symbol) :], text)
                operator = Inequality(value) if symbol == "!=" else Equality(value)
                return _key(term[:position]), operator
    raise SelectorError(f"field selector {text!r}: {term!r} needs = or != and a value; nothing else exists")


def _unescape(value: str, text: str) -> str:
    if "\\" not in value and "=" not in value:
        return value
    plain: list[str] = []
    characters = iter(value)
    for character in characters:
        if character == "\\":
            escaped = next(characters, "")
            if escaped not in ("\\", ",", "="):
                raise SelectorError(
                    f"field selector {text!r}: invalid escape sequence '\\{escaped}'; only \\\\, \\, and \\= exist"
                )
            plain.append(escaped)
        elif character == "=":
            raise SelectorError(f"field selector {text!r}: '=' inside a value is written '\\='")
        else:
            plain.append(character)
    return "".join(plain)
