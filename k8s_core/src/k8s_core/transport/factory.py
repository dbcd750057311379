# SPDX-License-Identifier: Apache-2.0
"""Puts the layers of a transport together."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from k8s_core.auth import make_credentials
from k8s_core.errors import PluginError
from k8s_core.redaction import MaskOf, know_nothing
from k8s_core.transport.authenticate import AuthenticationLayer
from k8s_core.transport.http import HTTPLayer
from k8s_core.transport.observe import Observers
from k8s_core.transport.observing import ObservationLayer
from k8s_core.transport.proxy import choose_proxy
from k8s_core.transport.retry import RetryLayer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from k8s_core.auth import Credentials
    from k8s_core.configuration import Config
    from k8s_core.transport.base import Transport, TransportWrapper
    from k8s_core.transport.limits import Clock
    from k8s_core.transport.observe import Observer

__all__ = ["make_transport"]


def make_transport(
    config: Config,
    *,
    wrappers: Sequence[TransportWrapper] = (),
    credentials: Credentials | None = None,
    observers: Sequence[Observer | Observers] = (),
    clock: Clock = time.monotonic,
    sleep: Callable[[float], None] | None = None,
    environ: Mapping[str, str] | None = None,
    mask_of: MaskOf = know_nothing,
) -> Transport:
    """A transport to the server of ``config``. Opens no connection and runs no login yet; reads the CA file.

    Args:
        config: where the server is, how far to trust it, timeouts and retries.
        wrappers: of plugins; the first is the outermost. They see requests without credentials, each once.
        credentials: instead of what ``config`` says.
        observers: hear of requests, retries, delays and token refreshes.
        clock: monotonic seconds, for tests.
        sleep: waits between retries, for tests; the default ends at once when the transport is closed.
        environ: instead of ``os.environ``, for the proxy variables.
        mask_of: knows the secrets of kinds. Without it, the bodies in debug logs lose all their strings but the
            identity of objects.

    Raises:
        ConfigError, CredentialsError: the configuration can't be used.
        PluginError: a wrapper returned no transport.
    """
    if credentials is None:
        credentials = make_credentials(config)
    told = Observers(observers)
    http = HTTPLayer(config, credentials, choose_proxy(config, os.environ if environ is None else environ), mask_of)
    transport: Transport = RetryLayer(AuthenticationLayer(http, credentials, told, clock), config, told, clock, sleep)
    if told:
        transport = ObservationLayer(transport, told, clock)
    for wrapper in reversed(wrappers):
        transport = _checked(wrapper(transport), wrapper)
    return transport


def _checked(transport: Any, wrapper: object) -> Transport:
    if not (callable(getattr(transport, "send", None)) and callable(getattr(transport, "close", None))):
        raise PluginError(
            f"the transport wrapper {wrapper!r} returned {type(transport).__name__}; it must return an object with "
            "send(request) and close()"
        )
    checked: Transport = transport
    return checked
