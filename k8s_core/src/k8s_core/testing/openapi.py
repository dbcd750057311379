# SPDX-License-Identifier: Apache-2.0
"""OpenAPI v3 documents (protocol G10, J28)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core.testing.http import Answer, HttpRequest

if TYPE_CHECKING:
    from k8s_core.testing.core import ApiCore

__all__ = ["serve_openapi"]


def serve_openapi(core: ApiCore, request: HttpRequest, path: str) -> Answer | None:
    """Answer below ``/openapi/v3``."""
    return None
