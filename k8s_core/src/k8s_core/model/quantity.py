# SPDX-License-Identifier: Apache-2.0
"""Kubernetes resource quantities: exact decimal numbers with a suffix, such as ``"500m"`` or ``"1.5Gi"``.

See https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ and protocol E6-E8.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import total_ordering
from typing import Any, Literal

__all__ = ["Quantity", "QuantityFormat"]

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


@total_ordering
class Quantity:
    """An exact amount of a resource; immutable, hashable and comparable by value.

    ``Quantity("1") == Quantity("1000m")``. Text keeps its family of suffixes: adding ``"1Gi"`` and ``"512Mi"`` gives
    ``"1536Mi"``. Values finer than one billionth round away from zero, as the API server does (E8).

    Args:
        value: text of the quantity grammar, an int, or a Decimal. Floats are refused: write the text.
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
            raise TypeError(f"a Quantity is made from text, int or Decimal, not {type(value).__name__}: {value!r}")
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

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Quantity):
            return self._nano == other._nano
        if isinstance(other, str):
            try:
                return self._nano == _parse(other)[0]
            except ValueError:
                return False
        if isinstance(other, (int, Decimal)) and not isinstance(other, bool):
            return self.to_decimal() == other
        return NotImplemented

    def __lt__(self, other: Quantity | str | int | Decimal) -> bool:
        return self._nano < Quantity(other)._nano

    def __bool__(self) -> bool:
        return self._nano != 0

    def __add__(self, other: Quantity | str | int | Decimal) -> Quantity:
        right = Quantity(other)
        return _make(self._nano + right._nano, self._format if self else right._format)

    def __radd__(self, other: Quantity | str | int | Decimal) -> Quantity:
        # sum() starts with the int 0, whose format must not win (E8: a zero left side takes the right's format).
        return Quantity(other) + self

    def __sub__(self, other: Quantity | str | int | Decimal) -> Quantity:
        right = Quantity(other)
        return _make(self._nano - right._nano, self._format if self else right._format)

    def __neg__(self) -> Quantity:
        return _make(-self._nano, self._format)

    def __mul__(self, factor: int) -> Quantity:
        if type(factor) is not int:
            return NotImplemented
        return _make(self._nano * factor, self._format)

    __rmul__ = __mul__

    def __reduce__(self) -> tuple[object, ...]:
        return _make, (self._nano, self._format)


def _make(nano: int, format: QuantityFormat) -> Quantity:
    quantity = Quantity.__new__(Quantity)
    object.__setattr__(quantity, "_nano", nano)
    object.__setattr__(quantity, "_format", format)
    return quantity


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
