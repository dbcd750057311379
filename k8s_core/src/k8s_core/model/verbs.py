# SPDX-License-Identifier: Apache-2.0
"""The tutorial's verbs on ``Resource``."""

from __future__ import annotations

__all__ = ["ResourceVerbs"]


class ResourceVerbs:
    """Verbs of the tutorial's style."""

    __slots__ = ()
