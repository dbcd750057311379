# SPDX-License-Identifier: Apache-2.0
"""The schedules of CronJobs: five fields of crontab(5), or a word such as ``@daily``. Pure."""

from __future__ import annotations

import re
import zoneinfo

from k8s_core.model.scalars import parse_duration

__all__ = ["schedule_problem", "time_zone_problem"]

_MONTH_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec"
_DAY_NAMES = "sun mon tue wed thu fri sat"
_MONTHS = {name: index for index, name in enumerate(_MONTH_NAMES.split(), 1)}
_DAYS = {name: index for index, name in enumerate(_DAY_NAMES.split())}
_FIELDS: tuple[tuple[int, int, dict[str, int]], ...] = (
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {}),
    (1, 12, _MONTHS),
    (0, 6, _DAYS),
)
_WORDS = {"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}
_ZONE_PART = re.compile(r"[A-Za-z.\-_0-9+]{1,14}")


class _Wrong(Exception):
    pass


def schedule_problem(schedule: str) -> str:
    """Why a schedule cannot be read; empty if it can. The texts are those of the API server's parser."""
    text = re.sub(r"^(TZ|CRON_TZ)=\S+\s*", "", schedule)
    try:
        if text.startswith("@"):
            _check_word(text)
        else:
            _check_fields(text.split())
    except _Wrong as error:
        return str(error)
    return ""


def _check_word(text: str) -> None:
    if text.startswith("@every "):
        duration = text.removeprefix("@every ")
        try:
            parse_duration(duration)
        except ValueError:
            raise _Wrong(f'failed to parse duration {text}: time: invalid duration "{duration}"') from None
    elif text not in _WORDS:
        raise _Wrong(f"unrecognized descriptor: {text}")


def _check_fields(fields: list[str]) -> None:
    if len(fields) != len(_FIELDS):
        raise _Wrong(f"expected exactly {len(_FIELDS)} fields, found {len(fields)}: [{' '.join(fields)}]")
    for text, (low, high, names) in zip(fields, _FIELDS, strict=True):
        for part in filter(None, text.split(",")):
            _check_range(part, low, high, names)


def _check_range(text: str, low: int, high: int, names: dict[str, int]) -> None:
    span, *steps = text.split("/")
    start_text, *ends = span.split("-")
    if start_text in ("*", "?"):
        start, end = low, high
    else:
        start = _number(start_text, names)
        if len(ends) > 1:
            raise _Wrong(f"too many hyphens: {text}")
        end = _number(ends[0], names) if ends else start
    if len(steps) > 1:
        raise _Wrong(f"too many slashes: {text}")
    step = _number(steps[0], {}) if steps else 1
    if steps and not ends:
        end = high
    if start < low:
        raise _Wrong(f"beginning of range ({start}) below minimum ({low}): {text}")
    if end > high:
        raise _Wrong(f"end of range ({end}) above maximum ({high}): {text}")
    if start > end:
        raise _Wrong(f"beginning of range ({start}) beyond end of range ({end}): {text}")
    if step == 0:
        raise _Wrong(f"step of range should be a positive number: {text}")


def _number(text: str, names: dict[str, int]) -> int:
    if text.lower() in names:
        return names[text.lower()]
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        raise _Wrong(f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": invalid syntax')
    if int(text) < 0:
        raise _Wrong(f"negative number ({int(text)}) not allowed: {text}")
    return int(text)


def time_zone_problem(name: str) -> str:
    """Why a time zone cannot be used; empty if it can."""
    if not name:
        return "timeZone must be nil or non-empty string"
    parts = name.split("/")
    if any(part in (".", "..") or part.startswith("-") or not _ZONE_PART.fullmatch(part) for part in parts):
        return f"unknown time zone {name}"
    if name.lower() == "local":
        return "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
    known = zoneinfo.available_timezones()
    return "" if not known or name in known else f"unknown time zone {name}"
