# SPDX-License-Identifier: Apache-2.0
"""Configuration: where the API server is, whom to be there, and how far to trust it.

:class:`Config` is an immutable value that a ``Client`` is made from. :data:`config` holds the settings of the default
client; ``from k8s_core import config`` gives it as well.
"""

from __future__ import annotations

from k8s_core.configuration.client_config import Config
from k8s_core.configuration.settings import Settings, config
from k8s_core.configuration.values import AuthProviderConfig, ExecConfig, ExecPolicy, Impersonation

__all__ = [
    "AuthProviderConfig",
    "Config",
    "ExecConfig",
    "ExecPolicy",
    "Impersonation",
    "Settings",
    "config",
]
