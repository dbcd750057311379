# SPDX-License-Identifier: Apache-2.0
"""What the server handles objects as."""

from __future__ import annotations

from typing import Any

__all__ = ["Document"]

Document = dict[str, Any]
"""A JSON object: a Kubernetes object, or a part of one."""
