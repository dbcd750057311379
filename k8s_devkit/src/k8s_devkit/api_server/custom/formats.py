# SPDX-License-Identifier: Apache-2.0
"""The string formats that the API server checks in custom resources; all others are remarks. Pure."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from datetime import date, datetime, timedelta
from email.utils import parseaddr
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from k8s_core.model.scalars import parse_duration as parse_go_duration

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["fits_format", "is_checked", "parse_date_time", "parse_duration"]

_DATE_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_LONG_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-zµ]+)", re.ASCII)
_UNITS = {
    **dict.fromkeys(("ns", "nano", "nanosecond"), 1e-9),
    **dict.fromkeys(("us", "µs", "micro", "microsecond"), 1e-6),
    **dict.fromkeys(("ms", "milli", "millisecond"), 1e-3),
    **dict.fromkeys(("s", "sec", "second"), 1.0),
    **dict.fromkeys(("m", "min", "minute"), 60.0),
    **dict.fromkeys(("h", "hr", "hour"), 3600.0),
    **dict.fromkeys(("d", "day"), 86400.0),
    **dict.fromkeys(("w", "wk", "week"), 604800.0),
}


def parse_date_time(text: str) -> datetime | None:
    """Read an RFC 3339 time; None if it is none."""
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        return None
    day, hour, minute, second, fraction, zone = match.groups()
    zone = "+00:00" if zone in "Zz" else zone
    try:
        moment = datetime.fromisoformat(f"{day}T{hour}:{minute}:{second}{zone}")
    except ValueError:
        return None
    return moment.replace(microsecond=int((fraction or "0").ljust(6, "0")[:6]))


def parse_duration(text: str) -> timedelta | None:
    """Read a duration: Go's form, or a number with a word such as ``3 days``; None if it is none."""
    try:
        return parse_go_duration(text)
    except ValueError:
        pass
    total, position = 0.0, 0
    for match in _LONG_DURATION.finditer(text):
        unit = match[2].lower()
        factor = _UNITS.get(unit) or _UNITS.get(unit.removesuffix("s"))
        if factor is None or text[position : match.start()].strip():
            return None
        total += float(match[1]) * factor
        position = match.end()
    return timedelta(seconds=total) if position and not text[position:].strip() else None


def _pattern(text: str) -> Callable[[str], bool]:
    compiled = re.compile(text, re.ASCII)
    return lambda value: compiled.fullmatch(value) is not None


def _uuid(version: str) -> Callable[[str], bool]:
    third, fourth = (f"{version}[0-9a-fA-F]{{3}}", "[0-9a-fA-F]{4}") if version else ("[0-9a-fA-F]{4}",) * 2
    if version in ("4", "5"):
        fourth = "[89abAB][0-9a-fA-F]{3}"
    return _pattern(rf"[0-9a-fA-F]{{8}}-?[0-9a-fA-F]{{4}}-?{third}-?{fourth}-?[0-9a-fA-F]{{12}}")


def _is_uri(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return bool(value) and " " not in value and (bool(parts.scheme) or value.startswith("/"))


def _is_base64(value: str) -> bool:
    try:
        return bool(base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError):
        return False


def _parses(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def check(value: str) -> bool:
        try:
            parse(value)
        except ValueError:
            return False
        return True

    return check


def _is_cidr(value: str) -> bool:
    return "/" in value and _parses(lambda text: ipaddress.ip_network(text, strict=False))(value)


def _luhn(value: str) -> bool:
    digits = [int(digit) for digit in re.sub(r"[ -]", "", value) if digit.isdigit()]
    doubled = [digit if index % 2 == 0 else digit * 2 - 9 * (digit > 4) for index, digit in enumerate(reversed(digits))]
    return 13 <= len(digits) <= 19 and sum(doubled) % 10 == 0


def _isbn(lengths: tuple[int, ...]) -> Callable[[str], bool]:
    def check(value: str) -> bool:
        digits = re.sub(r"[\s-]", "", value)
        if len(digits) not in lengths or not re.fullmatch(r"\d+[\dX]", digits):
            return False
        numbers = [10 if digit == "X" else int(digit) for digit in digits]
        if len(numbers) == 10:
            return sum((10 - index) * number for index, number in enumerate(numbers)) % 11 == 0
        return sum((3 if index % 2 else 1) * number for index, number in enumerate(numbers)) % 10 == 0

    return check


_LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_LETTER = r"[^\W\d_]"
_HOST = re.compile(
    rf"({_LETTER}|\d)(-?({_LETTER}|\d){{0,62}})?|(({_LETTER}|\d)((({_LETTER}|\d|-){{0,61}}({_LETTER}|\d))?)\.)+{_LETTER}{{2,63}}"
)
_RGB = r"\s*(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])\s*"
_CHECKS: dict[str, Callable[[str], bool]] = {
    "bsonobjectid": _pattern(r"[0-9a-fA-F]{24}"),
    "byte": _is_base64,
    "cidr": _is_cidr,
    "creditcard": _luhn,
    "date": _parses(lambda text: date.fromisoformat(text if len(text) == 10 else "-")),
    "datetime": lambda text: parse_date_time(text) is not None,
    "duration": lambda text: parse_duration(text) is not None,
    "email": lambda text: re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(text)[1]) is not None,
    "hexcolor": _pattern(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})"),
    "hostname": lambda text: len(text) <= 255 and _HOST.fullmatch(text) is not None,
    "ipv4": _parses(lambda text: ipaddress.IPv4Address(re.sub(r"\b0+(?=\d)", "", text))),
    "ipv6": _parses(ipaddress.IPv6Address),
    "isbn": _isbn((10, 13)),
    "isbn10": _isbn((10,)),
    "isbn13": _isbn((13,)),
    "k8slongname": lambda text: len(text) <= 253 and bool(re.fullmatch(rf"{_LABEL}(\.{_LABEL})*", text)),
    "k8sshortname": _pattern(_LABEL),
    "mac": _pattern(
        r"[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}([:-][0-9a-fA-F]{2}){0,2}|([0-9a-fA-F]{4}\.){2,3}[0-9a-fA-F]{4}"
    ),
    "rgbcolor": _pattern(rf"rgb\({_RGB},{_RGB},{_RGB}\)"),
    "ssn": _pattern(r"\d{3}[- ]?\d{2}[- ]?\d{4}"),
    "uri": _is_uri,
    "uuid": _uuid(""),
    "uuid3": _uuid("3"),
    "uuid4": _uuid("4"),
    "uuid5": _uuid("5"),
}


def is_checked(format_: str) -> bool:
    """True if the API server checks texts of a format."""
    return format_.replace("-", "") in _CHECKS


def fits_format(value: str, format_: str) -> bool:
    """True if a text is of a format, or if the API server does not check that format."""
    check = _CHECKS.get(format_.replace("-", ""))
    return check is None or check(value)
