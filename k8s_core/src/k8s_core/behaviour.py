# SPDX-License-Identifier: Apache-2.0
"""What the behaviour of kinds is written with: the methods that packages add to their classes, and that the SDK calls.

``Client.wait`` asks ``is_ready()``, which returns a bool, and ``rollout_status()``, which returns a
:class:`RolloutStatus` or raises :class:`~k8s_core.errors.RolloutError`.
"""

from __future__ import annotations

from msgspec import Struct

__all__ = ["RolloutStatus"]


class RolloutStatus(Struct, frozen=True):
    """Whether a rollout is complete, and in words where it stands. Immutable."""

    done: bool
    message: str
