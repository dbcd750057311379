# SPDX-License-Identifier: Apache-2.0
"""The watcher."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s._deprecation import forward

if TYPE_CHECKING:
    from k8s._watcher import *  # noqa: F403  # for type checkers: each name as it is

__getattr__, __dir__, __all__ = forward(
    __name__,
    "k8s._watcher",
    {
        "APIServerError": "k8s_core.errors.ApiError",
        "DEFAULT_CAPACITY": "capacity=1000",
        "SyntheticAddedWatchEvent": "k8s_core.WatchEvent, whose `initial` is True",
        "WatchEvent": "k8s_core.WatchEvent",
        "Watcher": "k8s_core.Watcher",
    },
)
