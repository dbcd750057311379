# SPDX-License-Identifier: Apache-2.0
"""What a :class:`~k8s_core.watch.state.WatchState` asks its shell to do next: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["CheckHistory", "Instruction", "ListPage", "OpenWatch", "Wait"]


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing for ``seconds``; ``error`` is the failure that made it necessary."""

    seconds: float
    error: Exception


@dataclass(frozen=True, slots=True)
class ListPage:
    """GET the collection and hand the body to ``page()``, or the failure to ``list_failed()``."""

    limit: int | None
    continue_token: str | None
    resource_version: str | None
    """Not older than this; ``"0"`` is whatever the server has at hand, None the latest."""
    reason: str
    """Why a list begins: ``initial``, ``expired``, ``failure``, ``lost``; or ``next page``."""


@dataclass(frozen=True, slots=True)
class OpenWatch:
    """Open a watch, call ``opened()``, hand every chunk to ``feed()`` while ``reading``, then call ``closed()``.

    A failure to open goes to ``watch_failed()``.
    """

    resource_version: str | None
    timeout_seconds: int
    """After which the server is to end the stream."""
    initial_events: bool
    """Ask for the existing objects first, as a streaming list (protocol D19)."""


@dataclass(frozen=True, slots=True)
class CheckHistory:
    """GET one item of the latest state of the collection, and hand the body to ``checked()``.

    A failure goes to ``check_failed()``.
    """


Instruction: TypeAlias = Wait | ListPage | OpenWatch | CheckHistory
