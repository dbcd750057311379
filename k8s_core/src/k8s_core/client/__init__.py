# SPDX-License-Identifier: Apache-2.0
"""The client: all verbs in the explicit style, and the default client behind the tutorial's style.

>>> from k8s_core.client import Client  # doctest: +SKIP
>>> Client(Config.from_kubeconfig()).list("deployments.apps", namespace=ALL_NAMESPACES)  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import lazy_attributes
from k8s_core.client.client import Client
from k8s_core.client.default import default_client
from k8s_core.client.lists import ResourceList
from k8s_core.requests.options import ALL_NAMESPACES, AllNamespaces

if TYPE_CHECKING:
    from k8s_core.client.applying.report import ApplyReport, ApplyResult, DeleteReport
    from k8s_core.client.applying.sources import URL
    from k8s_core.client.dependents import add_owner, owner_reference, remove_owner
    from k8s_core.client.explanation import ExplainedField, Explanation
    from k8s_core.client.kind_client import KindClient
    from k8s_core.client.retry import DEFAULT_BACKOFF, PATIENT_BACKOFF, Backoff, retry_on_conflict

__all__ = [
    "ALL_NAMESPACES",
    "DEFAULT_BACKOFF",
    "PATIENT_BACKOFF",
    "URL",
    "AllNamespaces",
    "ApplyReport",
    "ApplyResult",
    "Backoff",
    "Client",
    "DeleteReport",
    "ExplainedField",
    "Explanation",
    "KindClient",
    "ResourceList",
    "add_owner",
    "default_client",
    "owner_reference",
    "remove_owner",
    "retry_on_conflict",
]

# What few programs use is imported when it is asked for.
__getattr__, __dir__ = lazy_attributes(
    __name__,
    {
        ".applying.report": ("ApplyReport", "ApplyResult", "DeleteReport"),
        ".applying.sources": ("URL",),
        ".dependents": ("add_owner", "owner_reference", "remove_owner"),
        ".explanation": ("ExplainedField", "Explanation"),
        ".kind_client": ("KindClient",),
        ".retry": ("DEFAULT_BACKOFF", "PATIENT_BACKOFF", "Backoff", "retry_on_conflict"),
    },
)
