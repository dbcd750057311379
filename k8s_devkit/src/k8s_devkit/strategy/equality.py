# SPDX-License-Identifier: Apache-2.0
"""When two values are the same to the API server, and how to say where they differ. Pure."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["difference", "same"]

_ZEROES = (None, "", 0, False)


def _plain(value: Any) -> Any:
    """A value without what Go cannot tell from nothing: zeroes, and empty lists and objects."""
    if isinstance(value, dict):
        kept = {name: _plain(child) for name, child in value.items()}
        return {name: child for name, child in kept.items() if not _is_nothing(child)}
    if isinstance(value, list):
        return [_plain(child) for child in value]
    return value


def _is_nothing(value: Any) -> bool:
    return value in ({}, []) if isinstance(value, (dict, list)) else value in _ZEROES


def same(left: Any, right: Any) -> bool:
    """True if two values mean the same; False and absent count as one."""
    left, right = _plain(left), _plain(right)
    return bool(left == right or (_is_nothing(left) and _is_nothing(right)))


def difference(before: Any, after: Any, path: str = "") -> str:
    """The places where two values differ, one line for what was and one for what is."""
    before, after = _plain(before), _plain(after)
    if isinstance(before, dict) and isinstance(after, dict):
        names = [*before, *(name for name in after if name not in before)]
        return "".join(difference(before.get(name), after.get(name), f"{path}.{name}") for name in names)
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = zip(before, after, strict=True)
        return "".join(difference(old, new, f"{path}[{index}]") for index, (old, new) in enumerate(pairs))
    if before == after:
        return ""
    lines = ((sign, value) for sign, value in (("-", before), ("+", after)) if value is not None)
    return "".join(
        f"{sign} {path.removeprefix('.')}: {json.dumps(value, ensure_ascii=False)}\n" for sign, value in lines
    )
