# SPDX-License-Identifier: Apache-2.0
"""Subresources with kinds or rules of their own (protocol C36, J30)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from k8s_core.testing.http import Answer, Stream

if TYPE_CHECKING:
    from k8s_core.testing.core import ApiCore, Call

__all__ = ["handler_of"]


def handler_of(call: Call) -> Callable[[ApiCore, Call], Answer | Stream] | None:
    """The special handler of a call's subresource; None if it behaves like ``status``."""
    return None
