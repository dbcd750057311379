# SPDX-License-Identifier: Apache-2.0
"""The client, and the errors of the API server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s._deprecation import forward

if TYPE_CHECKING:
    from k8s._client import *  # noqa: F403  # for type checkers: each name as it is

__getattr__, __dir__, __all__ = forward(
    __name__,
    "k8s._client",
    {
        "Client": "k8s_core.Client",
        "ClientError": "k8s_core.errors.ApiError, or one of its subclasses such as Conflict, Forbidden, Invalid",
        "K8sClientException": "k8s_core.errors.ApiError",
        "NotFound": "k8s_core.errors.NotFound",
        "Response": "k8s_core.transport.Response",
        "ServerError": "k8s_core.errors.InternalError, ServiceUnavailable or another subclass of ApiError",
    },
)
