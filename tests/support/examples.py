# SPDX-License-Identifier: Apache-2.0
"""How many examples a property test draws, which differs between the profiles of ``tests/conftest.py``."""

from __future__ import annotations

from typing import Any

from hypothesis import settings

__all__ = ["examples"]


def examples(number: int, **more: Any) -> settings:
    """Settings for ``number`` examples in the profile ``gate``, and for proportionally more in ``fuzz``."""
    assert settings.default is not None
    usual = settings.get_profile("gate").max_examples
    return settings(max_examples=number * settings.default.max_examples // usual, **more)
