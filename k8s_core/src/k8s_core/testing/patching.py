# SPDX-License-Identifier: Apache-2.0
"""PATCH in its four forms (protocol C26-C30, J17, J18)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core.testing.failures import unsupported_media_type
from k8s_core.testing.http import Answer

if TYPE_CHECKING:
    from k8s_core.testing.core import ApiCore, Call

__all__ = ["patch_object"]


def patch_object(core: ApiCore, call: Call) -> Answer:
    """Answer a PATCH."""
    raise unsupported_media_type(("application/json-patch+json",))
