# SPDX-License-Identifier: Apache-2.0
"""ComponentStatuses, which a server makes up when it is asked; this one has none."""

from __future__ import annotations

from k8s_devkit.strategy import Strategy

__all__ = ["ComponentStatusStrategy"]


class ComponentStatusStrategy(Strategy):
    """ComponentStatus."""

    deprecation = "v1 ComponentStatus is deprecated in v1.19+"
