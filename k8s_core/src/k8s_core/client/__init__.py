# SPDX-License-Identifier: Apache-2.0
"""The client: all verbs in the explicit style, and the default client behind the tutorial's style.

>>> from k8s_core.client import Client  # doctest: +SKIP
>>> Client(Config.from_kubeconfig()).list("deployments.apps", namespace=ALL_NAMESPACES)  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.client.client import Client
from k8s_core.client.default import default_client
from k8s_core.client.lists import ResourceList
from k8s_core.requests.options import ALL_NAMESPACES, AllNamespaces

if TYPE_CHECKING:
    from k8s_core.client.applying.report import ApplyReport, ApplyResult
    from k8s_core.client.dependents import add_owner, owner_reference, remove_owner
    from k8s_core.client.retry import DEFAULT_BACKOFF, PATIENT_BACKOFF, Backoff, retry_on_conflict

__all__ = [
    "ALL_NAMESPACES",
    "DEFAULT_BACKOFF",
    "PATIENT_BACKOFF",
    "AllNamespaces",
    "ApplyReport",
    "ApplyResult",
    "Backoff",
    "Client",
    "ResourceList",
    "add_owner",
    "default_client",
    "owner_reference",
    "remove_owner",
    "retry_on_conflict",
]

# What few programs use is imported when it is asked for.
_MODULES = {
    "ApplyReport": "applying.report",
    "ApplyResult": "applying.report",
    "DEFAULT_BACKOFF": "retry",
    "PATIENT_BACKOFF": "retry",
    "Backoff": "retry",
    "add_owner": "dependents",
    "owner_reference": "dependents",
    "remove_owner": "dependents",
    "retry_on_conflict": "retry",
}


def __getattr__(name: str) -> Any:
    import importlib

    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
