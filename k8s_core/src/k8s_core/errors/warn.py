# SPDX-License-Identifier: Apache-2.0
"""Warnings are about the line of the program that called, not about one in here."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from k8s_core.errors.base import KubernetesWarning

__all__ = ["warn_caller"]


def warn_caller(warning: KubernetesWarning) -> None:
    """Issue a warning for the first caller outside of this package.

    Raises:
        KubernetesWarning: a filter turns these warnings into errors.
    """
    level = 1
    frame = sys._getframe()
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "k8s_core":
        frame = frame.f_back
        level += 1
    warnings.warn(warning, stacklevel=level)
