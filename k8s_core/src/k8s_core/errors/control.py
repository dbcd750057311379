# SPDX-License-Identifier: Apache-2.0
"""What others wrote, made fit for messages and logs. Pure."""

from __future__ import annotations

import re

__all__ = ["escape_control"]

_CONTROL = r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]"


def escape_control(text: str) -> str:
    """``text`` with every control character but white space written as ``U+001B`` is (A39)."""
    return re.sub(_CONTROL, lambda found: f"U+{ord(found[0]):04X}", text)
