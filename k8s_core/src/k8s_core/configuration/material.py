# SPDX-License-Identifier: Apache-2.0
"""The certificate authorities to trust, as PEM. The TLS context is made of them elsewhere (transport)."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from k8s_core.configuration.locks import ForkLock
from k8s_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.configuration.client_config import Config

__all__ = ["AUTHORITY_PERIOD", "AuthorityReader", "certificate_authority"]

AUTHORITY_PERIOD: Final = 300.0
"""Seconds after which an authority file is read again (A27)."""


def certificate_authority(config: Config) -> tuple[bytes | None, str]:
    """The only trust roots of ``config`` and their version, which changes when they do. Reads the file each time.

    Returns:
        None for the system's roots; ``b""`` for an empty file: trust nothing (A17).

    Raises:
        ConfigError: the file can't be read, or holds something but no PEM certificate.
    """
    data = config.certificate_authority_data
    source = "certificate_authority_data"
    if data is None:
        path = config.certificate_authority
        if path is None:
            return None, ""
        source = path
        try:
            data = Path(path).read_bytes()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a usable path"
            message = f"unable to read certificate-authority {path!r}: {reason}"
            raise ConfigError(message, source=path, option="certificate-authority") from error
    if (
        data.strip()
        and b"-----BEGIN CERTIFICATE-----" not in data
        and b"-----BEGIN TRUSTED CERTIFICATE-----" not in data
    ):
        message = f"unable to load root certificates: {source} holds no PEM certificate"
        raise ConfigError(message, source=source, option="certificate-authority")
    return data.strip() and data, hashlib.sha256(data).hexdigest()[:32]


class AuthorityReader:
    """:func:`certificate_authority` for a long-lived client: reads again after :data:`AUTHORITY_PERIOD`. Thread-safe.

    A file that can't be read any more, or is half written, leaves the last good roots in use.
    """

    def __init__(self, config: Config, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._config = config
        self._clock = clock
        self._lock = ForkLock()
        self._read_at = float("-inf")
        self._last: tuple[bytes | None, str] | None = None

    def read(self) -> tuple[bytes | None, str]:
        """As :func:`certificate_authority`; raises only if there never was a good answer."""
        with self._lock:
            if self._last is None or self._clock() - self._read_at >= AUTHORITY_PERIOD:
                try:
                    self._last = certificate_authority(self._config)
                except ConfigError:
                    if self._last is None:
                        raise
                self._read_at = self._clock()
            return self._last
