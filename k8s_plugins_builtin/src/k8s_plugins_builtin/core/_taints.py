# SPDX-License-Identifier: Apache-2.0
"""Taints in the notation of ``kubectl taint``, and what adding and removing them means. Pure functions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from k8s_core.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from k8s_plugins_builtin.core.v1 import Taint

__all__ = ["TaintChange", "changed_taints", "parse_change"]

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_NOTATION = re.compile(r"(?P<key>[^=:]+?)(?:=(?P<value>[^=:]*))?(?::(?P<effect>[^=:]+?))?(?P<remove>-)?")


class TaintChange(NamedTuple):
    """A taint to add or to remove; an empty effect, which only a removal can have, means every effect."""

    key: str
    value: str
    effect: str
    remove: bool

    def __str__(self) -> str:
        return f"{self.key}{f'={self.value}' if self.value else ''}{f':{self.effect}' if self.effect else ''}"


def parse_change(text: str | Taint) -> TaintChange:
    """``"gpu=true:NoSchedule"`` adds, ``"gpu:NoSchedule-"`` and ``"gpu-"`` remove; a ``Taint`` is added.

    Raises:
        RequestError: it is neither of these.
    """
    if not isinstance(text, str):
        change = TaintChange(text.key or "", text.value or "", cast("str | None", text.effect) or "", remove=False)
        return _checked(change, repr(text))
    match = _NOTATION.fullmatch(text)
    if match is None:
        raise _malformed(repr(text))
    change = TaintChange(match["key"], match["value"] or "", match["effect"] or "", match["remove"] is not None)
    if change.remove and not change.effect and match["value"] is not None:
        raise _malformed(repr(text))
    return _checked(change, repr(text))


def _checked(change: TaintChange, text: str) -> TaintChange:
    if not change.key or not (change.effect or change.remove):
        raise _malformed(text)
    if change.effect and change.effect not in EFFECTS:
        raise RequestError(f"taint {text}: the effect must be one of {', '.join(EFFECTS)}, not {change.effect!r}")
    return change


def _malformed(text: str) -> RequestError:
    return RequestError(
        f"taint {text}: expected 'key=value:Effect' or 'key:Effect' to add one, 'key:Effect-' or 'key-' to remove it"
    )


def changed_taints(
    taints: Sequence[Taint], changes: Iterable[TaintChange], *, overwrite: bool, subject: str
) -> list[Any]:
    """The taints of a node after the changes, new ones as wire dicts; those that stay keep their order.

    Raises:
        RequestError: by kubectl's rules: a taint to remove is not there; one of that key and effect is there with
            another value and ``overwrite`` is not set; one is added twice, or both added and removed.
    """

    added: dict[tuple[str, str], TaintChange] = {}
    removed: list[TaintChange] = []
    for change in changes:
        if change.remove:
            removed.append(change)
        elif added.setdefault((change.key, change.effect), change) is not change:
            raise RequestError(f"taint {change}: its key and effect are given twice")
    for change in removed:
        if any(_covers(change, key, effect) for key, effect in added):
            raise RequestError(f"taint {change} can't be added and removed at once")
        if not any(_covers(change, taint.key, taint.effect) for taint in taints):
            known = ", ".join(f"{taint.key}:{taint.effect}" for taint in taints) or "none"
            raise RequestError(f"{subject} has no taint {change} to remove; it has {known}; nothing was written")
    result: list[Any] = [
        taint for taint in taints if not any(_covers(change, taint.key, taint.effect) for change in removed)
    ]
    for index, taint in enumerate(result):
        wanted = added.pop((taint.key, taint.effect), None)
        if wanted is None or wanted.value == (taint.value or ""):
            continue
        if not overwrite:
            raise RequestError(
                f"{subject} has a taint {taint.key}:{taint.effect} with another value: overwrite=True replaces it; "
                "nothing was written"
            )
        result[index] = _taint(wanted)
    return result + [_taint(change) for change in added.values()]


def _covers(change: TaintChange, key: str, effect: str) -> bool:
    return change.key == key and change.effect in ("", effect)


def _taint(change: TaintChange) -> dict[str, str]:
    document = {"key": change.key, "effect": change.effect}
    return {**document, "value": change.value} if change.value else document
