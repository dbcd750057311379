# SPDX-License-Identifier: Apache-2.0
"""The names that messages offer instead of a misspelt one. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["did_you_mean", "nearest", "offer"]

_CUTOFF = 0.7
"""How alike two names must be, as ``difflib`` measures it: what is less alike misleads."""


def nearest(name: str, known: Iterable[str], *, count: int = 1) -> list[str]:
    """At most ``count`` of the known names that come near ``name``, whatever their case; the nearest first."""
    from difflib import get_close_matches  # noqa: PLC0415  # only messages need it (3 modules)

    by_fold = {other.casefold(): other for other in known if other}
    return [by_fold[fold] for fold in get_close_matches(name.casefold(), by_fold, n=count, cutoff=_CUTOFF)]


def did_you_mean(name: str, known: Iterable[str], *, count: int = 1) -> str:
    """``; did you mean 'replicas'?``, to be appended to a message; empty if nothing comes near."""
    return offer(nearest(name, known, count=count))


def offer(names: Iterable[str]) -> str:
    """``; did you mean 'a' or 'b'?`` for names that were found otherwise; empty if there are none."""
    text = " or ".join(map(repr, names))
    return f"; did you mean {text}?" if text else ""
