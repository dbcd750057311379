# SPDX-License-Identifier: Apache-2.0
"""What the annotations of the classes cannot say: a string that has to be a schedule."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import ValidationError

from k8s_core.model.schemas import ModelSchema, StringField

__all__ = ["CronField", "CronTabSpecSchema"]

_PLACES = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
_NAMES = {
    "month": ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    "weekday": ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
}
_RANGE = re.compile(r"(?:\*|(\w+)(?:-(\w+))?)(?:/([1-9]\d*))?", re.ASCII)


class CronField(StringField):
    """A schedule of five fields, such as ``*/5 9-17 * * mon-fri``."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        schedule: str = super()._deserialize(value, attr, data, **kwargs)
        parts = schedule.split()
        if len(parts) != len(_PLACES):
            raise ValidationError(f"{schedule!r:.80} is not a schedule: minute, hour, day, month and weekday")
        for part, (name, lowest, highest) in zip(parts, _PLACES, strict=True):
            if not all(_is_range(each, name, lowest, highest) for each in part.split(",")):
                raise ValidationError(
                    f"{part!r:.80} does not fit the {name}: use numbers from {lowest} to {highest}, '-', ',', '/', '*'"
                )
        return schedule


def _is_range(text: str, name: str, lowest: int, highest: int) -> bool:
    match = _RANGE.fullmatch(text)
    if match is None:
        return False
    bounds = [_number(bound, name, lowest) for bound in match.group(1, 2) if bound is not None]
    return all(lowest <= bound <= highest for bound in bounds) and bounds == sorted(bounds)


def _number(text: str, name: str, lowest: int) -> int:
    names = _NAMES.get(name, [])
    return names.index(text.lower()) + lowest if text.lower() in names else int(text) if text.isdigit() else -1


class CronTabSpecSchema(ModelSchema):
    """CronTabSpec, whose ``cronSpec`` is a schedule; the other fields are those of the class."""

    cronSpec = CronField(required=True)
