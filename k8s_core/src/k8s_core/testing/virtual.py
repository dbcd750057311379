# SPDX-License-Identifier: Apache-2.0
"""Review kinds: answered at once, never stored (protocol J30)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core.testing.failures import method_not_allowed
from k8s_core.testing.http import Answer

if TYPE_CHECKING:
    from k8s_core.testing.core import ApiCore, Call

__all__ = ["review"]


def review(core: ApiCore, call: Call) -> Answer:
    """POST of a review."""
    raise method_not_allowed()
