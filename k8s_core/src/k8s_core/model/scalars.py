# SPDX-License-Identifier: Apache-2.0
"""The scalar types of the Kubernetes API that JSON has no type for (protocol E5-E12).

``Time``, ``MicroTime`` and ``Duration`` are the standard library's types with a wire format attached; ``IntOrString``
is a plain ``int | str``; ``Quantity`` is a class of its own. All functions are pure.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import re
from fractions import Fraction
from typing import Annotated, TypeAlias

from k8s_core.model.quantity import Quantity

__all__ = [
    "Duration",
    "IntOrString",
    "MicroTime",
    "Quantity",
    "Time",
    "WireFormat",
    "decode_base64",
    "encode_base64",
    "format_duration",
    "format_micro_time",
    "format_time",
    "parse_duration",
    "parse_time",
    "scaled_value",
]


class WireFormat:
    """Marks an ``Annotated`` alias with the name of the wire format that its values take."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"WireFormat({self.name!r})"


Time: TypeAlias = Annotated[datetime.datetime, WireFormat("Time")]
"""A moment with second precision: ``2006-01-02T15:04:05Z`` on the wire, an aware UTC datetime in Python (E9)."""

MicroTime: TypeAlias = Annotated[datetime.datetime, WireFormat("MicroTime")]
"""A moment with exactly six fraction digits on the wire, as Leases and Events need it (E10)."""

Duration: TypeAlias = Annotated[datetime.timedelta, WireFormat("Duration")]
"""A span of time: ``1h30m0s`` on the wire, a timedelta in Python (E11)."""

IntOrString: TypeAlias = int | str
"""A number or a text, kept apart: ``80`` and ``"80"`` are different values (E5)."""

_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:([Zz])|([+-])(\d\d):(\d\d))", re.ASCII
)
_DURATION = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_NANOSECONDS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}


def parse_time(text: str) -> datetime.datetime:
    """Read RFC 3339 text with any offset and optional fraction; digits beyond microseconds are cut.

    Returns:
        An aware datetime in UTC.

    Raises:
        ValueError: not RFC 3339, or a date that does not exist.
    """
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:60]!r} is not an RFC 3339 time such as 2006-01-02T15:04:05Z")
    year, month, day, hour, minute, second = (int(part) for part in match.group(1, 2, 3, 4, 5, 6))
    microsecond = int((match[7] or "")[:6].ljust(6, "0"))
    # RFC 3339 allows a leap second, datetime does not.
    leap = second == 60
    moment = datetime.datetime(year, month, day, hour, minute, 59 if leap else second, microsecond, tzinfo=datetime.UTC)
    offset = datetime.timedelta(hours=int(match[10] or 0), minutes=int(match[11] or 0))
    try:
        moment += datetime.timedelta(seconds=leap)
        return moment + offset if match[9] == "-" else moment - offset
    except OverflowError:
        raise ValueError(f"{text!r} is outside of the years 1 to 9999") from None


def _utc(moment: datetime.datetime) -> datetime.datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone; write datetime.now(timezone.utc) or add tzinfo=")
    try:
        return moment.astimezone(datetime.UTC)
    except OverflowError:
        raise ValueError(f"{moment!r} is outside of the years 1 to 9999 in UTC") from None


def format_time(moment: datetime.datetime) -> str:
    """``2006-01-02T15:04:05Z``; fractions are cut. Raises ValueError for a datetime without a time zone."""
    moment = _utc(moment)
    return f"{moment.year:04}-{moment.month:02}-{moment.day:02}T{moment.hour:02}:{moment.minute:02}:{moment.second:02}Z"


def format_micro_time(moment: datetime.datetime) -> str:
    """``2006-01-02T15:04:05.000000Z``, always six digits: the server parses that layout only (E10)."""
    moment = _utc(moment)
    return f"{format_time(moment)[:-1]}.{moment.microsecond:06}Z"


def parse_duration(text: str) -> datetime.timedelta:
    """Read a Go duration such as ``1h30m0s``, ``1.5h``, ``-300ms`` or ``0``; below a microsecond it is cut.

    Raises:
        ValueError: not a Go duration, or longer than a timedelta can be.
    """
    sign, rest = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    if rest == "0":
        return datetime.timedelta(0)
    total, position = Fraction(0), 0
    while match := _DURATION.match(rest, position):
        total += Fraction(match[1].rstrip(".")) * _NANOSECONDS[match[2]]
        position = match.end()
    if not rest or position != len(rest):
        raise ValueError(f"{text[:60]!r} is not a duration such as 1h30m0s, 300ms or 0")
    try:
        return datetime.timedelta(microseconds=sign * int(total / 1000))
    except OverflowError:
        raise ValueError(f"{text[:60]!r} is too long for a duration") from None


def format_duration(span: datetime.timedelta) -> str:
    """Print as Go does: ``1h30m0s``, ``1.5s``, ``300ms``, ``0s``."""
    micros = span // datetime.timedelta(microseconds=1)
    sign, micros = ("-", -micros) if micros < 0 else ("", micros)
    if micros == 0:
        return "0s"
    if micros < 1000:
        return f"{sign}{micros}µs"
    if micros < 10**6:
        return f"{sign}{_trim(micros, 3)}ms"
    seconds, fraction = divmod(micros, 10**6)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{_trim(seconds * 10**6 + fraction, 6)}s"
    if hours:
        text = f"{hours}h{minutes}m{text}"
    elif minutes:
        text = f"{minutes}m{text}"
    return sign + text


def _trim(number: int, places: int) -> str:
    whole, fraction = divmod(number, 10**places)
    digits = f"{fraction:0{places}}".rstrip("0")
    return f"{whole}.{digits}" if digits else str(whole)


def encode_base64(data: bytes) -> str:
    """Standard padded base64, as ``[]byte`` fields are on the wire (E12)."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: str) -> bytes:
    """The bytes of standard base64. Raises ValueError for anything else; line breaks are tolerated."""
    try:
        return base64.b64decode(text.replace("\n", "").replace("\r", ""), validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError):
        # The text may be a secret that somebody forgot to encode: it is not quoted.
        raise ValueError("not standard padded base64") from None


def scaled_value(value: IntOrString, total: int, *, round_up: bool) -> int:
    """Resolve a number or percentage against a total, as maxSurge (rounds up) and maxUnavailable (down) do (E5).

    Raises:
        ValueError: a text that is not a percentage such as ``"25%"``.
    """
    if isinstance(value, int):
        return value
    digits = value.removesuffix("%")
    if digits == value or not digits.isascii() or not digits.lstrip("-").isdigit():
        raise ValueError(f"{value!r} is neither a number nor a percentage such as '25%'")
    product = int(digits) * total
    return -(-product // 100) if round_up else product // 100
