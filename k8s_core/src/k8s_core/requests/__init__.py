# SPDX-License-Identifier: Apache-2.0
"""Requests as values: pure builders from a verb, a kind and options to a :class:`Request`; nothing here does I/O.

The builders refuse what the API server would refuse, before anything is sent, with the nearest valid value in the
message. See https://kubernetes.io/docs/reference/using-api/api-concepts/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import lazy_attributes

if TYPE_CHECKING:
    from k8s_core.requests.delete import delete_collection_request, delete_options, delete_request
    from k8s_core.requests.options import ALL_NAMESPACES, AllNamespaces
    from k8s_core.requests.read import get_request, list_request, next_page_request, watch_request
    from k8s_core.requests.request import Request
    from k8s_core.requests.write import apply_request, create_request, patch_request, replace_request

__all__ = [
    "ALL_NAMESPACES",
    "AllNamespaces",
    "Request",
    "apply_request",
    "create_request",
    "delete_collection_request",
    "delete_options",
    "delete_request",
    "get_request",
    "list_request",
    "next_page_request",
    "patch_request",
    "replace_request",
    "watch_request",
]

# Transports import this package for Request alone; the builders, and the models behind them, load when asked for.
__getattr__, __dir__ = lazy_attributes(
    __name__,
    {
        ".delete": ("delete_collection_request", "delete_options", "delete_request"),
        ".options": ("ALL_NAMESPACES", "AllNamespaces"),
        ".request": ("Request",),
        ".read": ("get_request", "list_request", "next_page_request", "watch_request"),
        ".write": ("apply_request", "create_request", "patch_request", "replace_request"),
    },
)
