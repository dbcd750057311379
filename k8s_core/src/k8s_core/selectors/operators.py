# SPDX-License-Identifier: Apache-2.0
"""The operators of a selector: immutable values that know how they are written and what they match. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from k8s_core.errors import SelectorError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Equality", "Exists", "GreaterThan", "In", "Inequality", "LessThan", "NotExists", "NotIn", "Operator"]

_INT64_MAX = 2**63 - 1


class Operator:
    """Base of all operators; compares one label (or field) with zero, one or several values."""

    __slots__ = ()

    @property
    def values(self) -> tuple[str, ...]:
        """The values that are compared with, for checks; empty for Exists and NotExists."""
        return ()

    def expression(self, key: str) -> str:
        """The operator applied to a key, in the text form of the API (``app=nginx``)."""
        raise NotImplementedError

    def matches(self, value: str | None) -> bool:
        """Decide for one object, given the value that it has for the key; None if it has none (protocol C15)."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Equality(Operator):
    """``key=value``: the object has the label, with exactly this value."""

    value: str
    symbol: ClassVar[str] = "="

    @property
    def values(self) -> tuple[str, ...]:
        """The one value."""
        return (self.value,)

    def expression(self, key: str) -> str:
        """``key=value``."""
        return f"{key}{self.symbol}{self.value}"

    def matches(self, value: str | None) -> bool:
        """True for the same value only."""
        return value == self.value


@dataclass(frozen=True, slots=True)
class Inequality(Operator):
    """``key!=value``: the object has another value, **or does not have the label at all** (protocol C15)."""

    value: str
    symbol: ClassVar[str] = "!="

    @property
    def values(self) -> tuple[str, ...]:
        """The one value."""
        return (self.value,)

    def expression(self, key: str) -> str:
        """``key!=value``."""
        return f"{key}{self.symbol}{self.value}"

    def matches(self, value: str | None) -> bool:
        """True for every other value, and for objects without the label."""
        return value != self.value


def _value_set(values: tuple[str | Iterable[str], ...], operator: str) -> tuple[str, ...]:
    """Accept ``In("a", "b")`` as well as ``In(["a", "b"])``; sorted, so that equal sets are equal requests."""
    chosen: Iterable[object] = values
    if len(values) == 1 and not isinstance(values[0], str):
        chosen = values[0]
    texts = set()
    for value in chosen:
        if not isinstance(value, str):
            raise SelectorError(f"{operator} compares with texts, not with {value!r}; write {str(value)!r}")
        texts.add(value)
    if not texts:
        raise SelectorError(f"{operator} needs at least one value; Exists() and NotExists() need none")
    return tuple(sorted(texts))


@dataclass(frozen=True, slots=True, init=False)
class In(Operator):
    """``key in (a,b)``: the object has the label, with one of these values. ``In("a", "b")`` or ``In(["a", "b"])``."""

    values: tuple[str, ...]

    def __init__(self, *values: str | Iterable[str]) -> None:
        object.__setattr__(self, "values", _value_set(values, "In"))

    def expression(self, key: str) -> str:
        """``key in (a,b)``, values sorted."""
        return f"{key} in ({','.join(self.values)})"

    def matches(self, value: str | None) -> bool:
        """True for one of the values."""
        return value in self.values


@dataclass(frozen=True, slots=True, init=False)
class NotIn(Operator):
    """``key notin (a,b)``: the object has none of these values, **or does not have the label** (protocol C15)."""

    values: tuple[str, ...]

    def __init__(self, *values: str | Iterable[str]) -> None:
        object.__setattr__(self, "values", _value_set(values, "NotIn"))

    def expression(self, key: str) -> str:
        """``key notin (a,b)``, values sorted."""
        return f"{key} notin ({','.join(self.values)})"

    def matches(self, value: str | None) -> bool:
        """True for every other value, and for objects without the label."""
        return value not in self.values


@dataclass(frozen=True, slots=True)
class Exists(Operator):
    """``key``: the object has the label, whatever its value."""

    def expression(self, key: str) -> str:
        """The key alone."""
        return key

    def matches(self, value: str | None) -> bool:
        """True if there is a value."""
        return value is not None


@dataclass(frozen=True, slots=True)
class NotExists(Operator):
    """``!key``: the object does not have the label."""

    def expression(self, key: str) -> str:
        """The key behind an exclamation mark."""
        return f"!{key}"

    def matches(self, value: str | None) -> bool:
        """True if there is no value."""
        return value is None


def _as_int64(value: str) -> int | None:
    """Read a number as the server does (a signed 64-bit decimal), None for everything else."""
    digits = value[1:] if value[:1] in ("-", "+") else value
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 30:
        return None
    number = int(value)
    return number if -_INT64_MAX - 1 <= number <= _INT64_MAX else None


def _integer_text(value: int | str, operator: str) -> str:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or _as_int64(text) is None:
        raise SelectorError(f"{operator} compares with an integer, not with {value!r}")
    return text


@dataclass(frozen=True, slots=True, init=False)
class GreaterThan(Operator):
    """``key>n``: the label is an integer greater than n; other values and absence never match (protocol C15)."""

    value: str

    def __init__(self, value: int | str) -> None:
        object.__setattr__(self, "value", _integer_text(value, "GreaterThan"))

    @property
    def values(self) -> tuple[str, ...]:
        """The one value."""
        return (self.value,)

    def expression(self, key: str) -> str:
        """``key>n``."""
        return f"{key}>{self.value}"

    def matches(self, value: str | None) -> bool:
        """Compare as 64-bit integers."""
        number = None if value is None else _as_int64(value)
        return number is not None and number > int(self.value)


@dataclass(frozen=True, slots=True, init=False)
class LessThan(Operator):
    """``key<n``: the label is an integer less than n; other values and absence never match (protocol C15)."""

    value: str

    def __init__(self, value: int | str) -> None:
        object.__setattr__(self, "value", _integer_text(value, "LessThan"))

    @property
    def values(self) -> tuple[str, ...]:
        """The one value."""
        return (self.value,)

    def expression(self, key: str) -> str:
        """``key<n``."""
        return f"{key}<{self.value}"

    def matches(self, value: str | None) -> bool:
        """Compare as 64-bit integers."""
        number = None if value is None else _as_int64(value)
        return number is not None and number < int(self.value)
