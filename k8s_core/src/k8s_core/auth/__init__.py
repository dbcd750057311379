# SPDX-License-Identifier: Apache-2.0
"""Credentials: who a client is, renewed before they run out, never silently missing."""

from __future__ import annotations

from k8s_core.auth.base import (
    AnonymousCredentials,
    ClientCertificate,
    CombinedCredentials,
    Credentials,
    CredentialsBase,
)
from k8s_core.auth.impersonation import impersonation_headers
from k8s_core.auth.make import make_credentials

__all__ = [
    "AnonymousCredentials",
    "ClientCertificate",
    "CombinedCredentials",
    "Credentials",
    "CredentialsBase",
    "impersonation_headers",
    "make_credentials",
]
