# SPDX-License-Identifier: Apache-2.0
"""A k8s-core plugin: log in with tokens from the Kubernetes secrets engine of HashiCorp Vault.

It answers for users of a kubeconfig with ``auth-provider: {name: vault, config: {…}}``, and for no others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import hookimpl

if TYPE_CHECKING:
    from k8s_core import Config
    from k8s_core.auth import Credentials

__all__ = ["k8s_credentials"]


@hookimpl
def k8s_credentials(config: Config) -> Credentials | None:
    """Credentials for a configuration that asks for Vault; nothing is sent before the first request."""
    if config.auth_provider is None or config.auth_provider.name != "vault":
        return None
    from k8s_auth_vault.credentials import VaultCredentials  # noqa: PLC0415  # only Vault needs it (3 modules)

    return VaultCredentials.from_config(config)
