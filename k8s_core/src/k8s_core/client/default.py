# SPDX-License-Identifier: Apache-2.0
"""The client that the tutorial's verbs use: made from ``config``, remade when a setting changes."""

from __future__ import annotations

import threading

from k8s_core.client.client import Client
from k8s_core.client.session import active_client

__all__ = ["default_client"]

_lock = threading.Lock()
_current: tuple[int, Client] | None = None


def default_client() -> Client:
    """The active client, else the one that the settings amount to. Thread-safe.

    The same client is given until a setting changes. It then makes place for a new one without being closed, because
    other threads may still be in the middle of a request with it; it goes when the last of them lets go of it.

    Raises:
        ConfigError: nothing is configured, or what is configured is wrong.
    """
    active = active_client.get()
    if active is not None:
        return active
    from k8s_core.client.setup import load_config  # noqa: PLC0415  # 184 modules for a client
    from k8s_core.configuration.settings import config  # noqa: PLC0415  # as above (21 modules)

    global _current
    current = _current
    if current is not None and current[0] == config.revision:
        return current[1]
    with _lock:
        # Read before the settings are: a change in between makes the next call build again.
        revision = config.revision
        if _current is None or _current[0] != revision:
            _current = revision, Client(config.to_config(load_config))
        return _current[1]
