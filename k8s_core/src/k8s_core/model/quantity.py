# SPDX-License-Identifier: Apache-2.0
"""Kubernetes resource quantities: exact decimal numbers with a suffix, such as ``"500m"`` or ``"1.5Gi"``.

See https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ and protocol E6-E8.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import total_ordering
from typing import Any, Literal, TypeAlias, overload

__all__ = ["Quantity", "QuantityFormat"]

Number: TypeAlias = int | float | Decimal
QuantityFormat = Literal["DecimalSI", "BinarySI", "DecimalExponent"]

_NANO = 10**9
_LARGEST_BINARY = (2**63 - 1) * _NANO
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY_SUFFIX = {power: suffix for suffix, power in _BINARY.items()} | {0: ""}
_DECIMAL_SUFFIX = {power: suffix for suffix, power in _DECIMAL.items()}
# `1E` is exa while `1E3` is an exponent: the exponent alternative needs digits, so it is tried first.
_GRAMMAR = re.compile(
    r"(?P<number>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(?:(?P<exponent>[eE][+-]?[0-9]+)|(?P<suffix>[KMGTPE]i|[numkMGTPE])?)",
    re.ASCII,
)
_LONGEST = 512
_NUMERIC = frozenset("eEfFgGn%")


@total_ordering
class Quantity:
    """An exact amount of a resource; immutable, hashable and comparable by value.

    ``Quantity("1") == Quantity("1000m")``. A result keeps the family of suffixes: adding ``"1Gi"`` and ``"512Mi"``
    gives ``"1536Mi"``. Values finer than one billionth round away from zero, as the API server does (E8).

    Quantities are added, subtracted, compared and divided by each other, with strings and numbers in their place as
    well, and multiplied and divided by numbers. A float counts as the decimal that Python prints for it: ``0.1`` is one
    tenth. ``used / limit`` is a float, for people; everything else is exact.

    Args:
        value: a string of the quantity grammar, an int, or a Decimal. Floats are refused: write the string.
        format: family of suffixes for output; by default that of the text, ``DecimalSI`` for numbers.

    Raises:
        ValueError: the text is not a quantity.
        TypeError: the value is of another type.
    """

    __slots__ = ("_format", "_nano")

    _nano: int
    _format: QuantityFormat

    def __init__(self, value: Any, format: QuantityFormat | None = None) -> None:
        if isinstance(value, Quantity):
            nano, own_format = value._nano, value._format
        elif isinstance(value, str):
            nano, own_format = _parse(value)
        elif isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            nano, own_format = _from_number(value), "DecimalSI"
        else:
            raise TypeError(
                f"a Quantity is made from a string, an int or a Decimal, not {type(value).__name__}: {value!r}"
            )
        object.__setattr__(self, "_nano", nano)
        object.__setattr__(self, "_format", format or own_format)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a Quantity is immutable")

    @property
    def format(self) -> QuantityFormat:
        """The family of suffixes that text output uses."""
        return self._format

    def value(self) -> int:
        """The amount in whole units, rounded up: ``Quantity("1500m").value() == 2``."""
        return -(-self._nano // _NANO)

    def milli_value(self) -> int:
        """The amount in thousandths, rounded up: ``Quantity("0.1").milli_value() == 100``."""
        return -(-self._nano * 1000 // _NANO)

    def to_decimal(self) -> Decimal:
        """The exact amount."""
        return Decimal(f"{self._nano}E-9")

    def in_unit(self, unit: str, digits: int = 1) -> str:
        """The amount in a unit of your choice, for people: ``Quantity("1610612736").in_unit("Gi") == "1.5Gi"``.

        Args:
            unit: one of ``n u m k M G T P E``, ``Ki Mi Gi Ti Pi Ei``; empty for whole units.
            digits: the most digits after the point; zeros at the end are left out. It rounds to the nearest.

        Raises:
            ValueError: there is no such unit.
        """
        if unit in _BINARY:
            amount, power = self._nano * 10**digits, _NANO * 1024 ** _BINARY[unit]
        elif unit in _DECIMAL:
            amount, power = self._nano * 10**digits, 10 ** (9 + _DECIMAL[unit])
        else:
            raise ValueError(f"{unit!r} is not a unit of quantities: use one of {' '.join([*_DECIMAL, *_BINARY])}")
        sign, rounded = "-" if amount < 0 else "", (2 * abs(amount) + power) // (2 * power)
        whole, fraction = divmod(rounded, 10**digits)
        shown = f"{whole}.{fraction:0{digits}}".rstrip("0").rstrip(".") if digits else str(whole)
        return f"{sign if rounded else ''}{shown}{unit}"

    def __str__(self) -> str:
        """The canonical form that the API server returns (E7)."""
        if self._format == "BinarySI" and abs(self._nano) >= 1024 * _NANO and self._nano % _NANO == 0:
            return _binary_text(self._nano // _NANO)
        return _decimal_text(self._nano, exponent_form=self._format == "DecimalExponent")

    def __repr__(self) -> str:
        return f"Quantity({str(self)!r})"

    def __hash__(self) -> int:
        # As the numbers that it equals.
        return hash(self.to_decimal())

    def __format__(self, spec: str) -> str:
        """As a string; as a number where the specification asks for one, as in ``f"{quantity:.2f}"``."""
        return format(self.to_decimal(), spec) if spec[-1:] in _NUMERIC and spec else format(str(self), spec)

    def __float__(self) -> float:
        return self._nano / _NANO

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Quantity):
            return self._nano == other._nano
        if isinstance(other, str):
            try:
                return self._nano == _parse(other)[0]
            except ValueError:
                return False
        if isinstance(other, (int, float, Decimal)) and not isinstance(other, bool):
            return self.to_decimal() == other
        return NotImplemented

    def __lt__(self, other: Quantity | str | Number) -> bool:
        if isinstance(other, float):
            return self.to_decimal() < other
        return self._nano < Quantity(other)._nano

    def __bool__(self) -> bool:
        return self._nano != 0

    def __add__(self, other: Quantity | str | Number) -> Quantity:
        right = _quantity(other)
        return _make(self._nano + right._nano, self._format if self else right._format)

    def __radd__(self, other: Quantity | str | Number) -> Quantity:
        # sum() starts with the int 0, whose format must not win (E8: a zero left side takes the right's format).
        return _quantity(other) + self

    def __sub__(self, other: Quantity | str | Number) -> Quantity:
        right = _quantity(other)
        return _make(self._nano - right._nano, self._format if self else right._format)

    def __rsub__(self, other: Quantity | str | Number) -> Quantity:
        # A number has no family of suffixes of its own: that of the quantity stays.
        left = _quantity(other)
        return _make(left._nano - self._nano, left._format if isinstance(other, str) and left else self._format)

    def __neg__(self) -> Quantity:
        return _make(-self._nano, self._format)

    def __pos__(self) -> Quantity:
        return self

    def __abs__(self) -> Quantity:
        return _make(abs(self._nano), self._format)

    def __mul__(self, factor: Number) -> Quantity:
        if isinstance(factor, bool) or not isinstance(factor, (int, float, Decimal)):
            return NotImplemented
        numerator, denominator = _ratio(factor)
        return _make(_away_from_zero(self._nano * numerator, denominator), self._format)

    __rmul__ = __mul__

    @overload
    def __truediv__(self, other: Quantity | str) -> float: ...
    @overload
    def __truediv__(self, other: Number) -> Quantity: ...
    def __truediv__(self, other: Quantity | str | Number) -> float | Quantity:
        if isinstance(other, (Quantity, str)):
            return self._nano / Quantity(other)._nano
        if isinstance(other, bool) or not isinstance(other, (int, float, Decimal)):
            return NotImplemented
        numerator, denominator = _ratio(other)
        return _make(_away_from_zero(self._nano * denominator, numerator), self._format)

    def __rtruediv__(self, other: str) -> float:
        if not isinstance(other, str):
            return NotImplemented
        return Quantity(other)._nano / self._nano

    def __floordiv__(self, other: Quantity | str) -> int:
        """How many times the other one fits in."""
        if not isinstance(other, (Quantity, str)):
            return NotImplemented
        return self._nano // Quantity(other)._nano

    def __mod__(self, other: Quantity | str) -> Quantity:
        """What is left then."""
        if not isinstance(other, (Quantity, str)):
            return NotImplemented
        return _make(self._nano % Quantity(other)._nano, self._format)

    def __reduce__(self) -> tuple[object, ...]:
        return _make, (self._nano, self._format)


def _make(nano: int, format: QuantityFormat) -> Quantity:
    quantity = Quantity.__new__(Quantity)
    object.__setattr__(quantity, "_nano", nano)
    object.__setattr__(quantity, "_format", format)
    return quantity


def _quantity(value: Any) -> Quantity:
    """A quantity from what stands beside one in a sum."""
    return Quantity(Decimal(repr(value)) if isinstance(value, float) else value)


def _ratio(number: Number) -> tuple[int, int]:
    """A number as a fraction; raises ValueError for one that is not finite."""
    exact = Decimal(repr(number)) if isinstance(number, float) else Decimal(number)
    if not exact.is_finite():
        raise ValueError(f"a Quantity can't be multiplied or divided by {number}")
    return exact.as_integer_ratio()


def _away_from_zero(numerator: int, denominator: int) -> int:
    quotient = -(-abs(numerator) // abs(denominator))
    return quotient if (numerator < 0) == (denominator < 0) else -quotient


def _parse(text: str) -> tuple[int, QuantityFormat]:
    match = _GRAMMAR.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        raise ValueError(
            f"{text[:80]!r} is not a quantity: write a number and one of "
            "n u m k M G T P E, Ki Mi Gi Ti Pi Ei or an exponent"
        )
    # Plain integers throughout: Decimal's arithmetic rounds to the precision of the thread's context.
    whole, _, fraction = match["number"].partition(".")
    mantissa, places = int(whole + fraction), len(fraction)
    if match["exponent"]:
        power = int(match["exponent"][1:])
        if abs(power) > _LONGEST:
            raise ValueError(f"{text[:80]!r} is not a quantity: the exponent is out of range")
        return _billionths(mantissa, power - places), "DecimalExponent"
    suffix = match["suffix"] or ""
    if suffix not in _BINARY:
        return _billionths(mantissa, _DECIMAL[suffix] - places), "DecimalSI"
    nano = _billionths(mantissa * 1024 ** _BINARY[suffix], -places)
    nano = max(-_LARGEST_BINARY, min(nano, _LARGEST_BINARY))
    # A binary suffix on less than one unit prints as decimal, as the API server does.
    return nano, "DecimalSI" if 0 < abs(nano) < _NANO else "BinarySI"


def _from_number(number: int | Decimal) -> int:
    if isinstance(number, int):
        return number * _NANO
    sign, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int):
        raise ValueError(f"{number} is not a quantity: it is not finite")
    mantissa = int("".join(map(str, digits)) or "0")
    return _billionths(-mantissa if sign else mantissa, exponent)


def _billionths(mantissa: int, exponent: int) -> int:
    """``mantissa * 10**exponent`` in billionths, rounded away from zero, exactly for numbers of any length."""
    shift = exponent + 9
    if shift >= 0:
        return int(mantissa * 10**shift)
    nano = -(-abs(mantissa) // 10**-shift)
    return int(-nano if mantissa < 0 else nano)


def _binary_text(units: int) -> str:
    power = 0
    while power < 6 and units % 1024 == 0:
        units //= 1024
        power += 1
    return f"{units}{_BINARY_SUFFIX[power]}"


def _decimal_text(nano: int, *, exponent_form: bool) -> str:
    if nano == 0:
        return "0"
    power = -9
    highest = 10**6 if exponent_form else 18
    while power < highest and nano % 1000 == 0:
        nano //= 1000
        power += 3
    if exponent_form:
        return f"{nano}e{power}" if power else str(nano)
    return f"{nano}{_DECIMAL_SUFFIX[power]}"
