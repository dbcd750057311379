# SPDX-License-Identifier: Apache-2.0
"""Credentials in files that something else rotates: a token, a client certificate with its key."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from k8s_core.auth.base import ClientCertificate, CredentialsBase
from k8s_core.auth.certificate import certificate_end
from k8s_core.auth.static import bearer
from k8s_core.configuration.locks import ForkLock
from k8s_core.errors import CredentialsError
from k8s_core.redaction import Sensitive, reveal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

__all__ = ["CERTIFICATE_PERIOD", "TOKEN_PERIOD", "FileCertificate", "FileToken"]

TOKEN_PERIOD: Final = 50.0
"""Seconds after which a token file is read again: a kubelet renews it long before the old one ends (A24)."""
CERTIFICATE_PERIOD: Final = 1.0
"""Seconds during which a certificate read from its files is taken as it is (A27)."""

_log = logging.getLogger("k8s_core.auth")


class FileToken(CredentialsBase):
    """A bearer token in a file, read again every :data:`TOKEN_PERIOD` and after a 401 (A23, A24).

    Once a token was read, a file that can't be read any more leaves it in use.

    Args:
        path: the file; white space around its content is dropped.
        fallback: the token to use as long as the file could not be read even once.
        clock: seconds, monotonic.
    """

    def __init__(
        self, path: str, *, fallback: Sensitive[str] | str | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._path = path
        self._clock = clock
        self._lock = ForkLock()
        self._headers: Sensitive[dict[str, str]] | None = None
        self._read_at = float("-inf")
        self._fallback = None if fallback is None else Sensitive(bearer(reveal(fallback), source="token"))

    def headers(self) -> Mapping[str, str]:
        with self._lock:
            if self._clock() - self._read_at >= TOKEN_PERIOD:
                self._read()
            headers = self._headers or self._fallback
            if headers is None:
                raise CredentialsError(f"token file {self._path!r} can't be read", source=self._path)
            return headers.reveal()

    def refresh(self, rejected: Mapping[str, str]) -> bool:
        with self._lock:
            if self._headers is None or _same(self._headers.reveal(), rejected):
                self._read()
            current = self._headers or self._fallback
            return current is not None and not _same(current.reveal(), rejected)

    def _read(self) -> None:
        """Take the file's content, or keep what there is; with nothing to keep, raise."""
        try:
            text = read_file(self._path, "token file").decode("utf-8", "replace").strip()
            self._headers = Sensitive(bearer(text, source=f"token file {self._path!r}"))
        except CredentialsError as error:
            if self._headers is None and self._fallback is None:
                raise
            _log.warning("keeping the token in use: %s", error)
        self._read_at = self._clock()


class FileCertificate(CredentialsBase):
    """A client certificate and key in two files (or one), read again when asked after :data:`CERTIFICATE_PERIOD` (A27).

    Each part may be given as bytes instead. While the files can't be read, the last pair stays in use; a pair that is
    replaced while it is read is read again.
    """

    def __init__(
        self,
        certificate: str | bytes,
        key: str | Sensitive[bytes],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._certificate = certificate
        self._key = key
        self._clock = clock
        self._lock = ForkLock()
        self._pair: ClientCertificate | None = None
        self._read_at = float("-inf")

    def client_certificate(self) -> ClientCertificate | None:
        with self._lock:
            if self._clock() - self._read_at >= CERTIFICATE_PERIOD:
                self._read()
            return self._pair

    def expires_at(self) -> datetime | None:
        return certificate_end(self._pair.certificate) if self._pair else None

    def refresh(self, rejected: Mapping[str, str]) -> bool:
        with self._lock:
            before = self._pair
            self._read()
            return before is not None and self._pair != before

    def _read(self) -> None:
        try:
            certificate, key = self._load()
            for _ in range(3):  # another writer may be between the two files
                before, (certificate, key) = (certificate, key), self._load()
                if (certificate, key) == before:
                    break
            if b"-----BEGIN" not in certificate or b"-----BEGIN" not in key.reveal():
                raise CredentialsError(
                    f"client certificate or key is not PEM: {self._describe()}", source=self._describe()
                )
            if self._pair is None or (certificate, key) != (self._pair.certificate, self._pair.key):
                self._pair = ClientCertificate(certificate, key)
        except CredentialsError as error:
            if self._pair is None:
                raise
            _log.warning("keeping the client certificate in use: %s", error)
        self._read_at = self._clock()

    def _load(self) -> tuple[bytes, Sensitive[bytes]]:
        certificate, key = self._certificate, self._key
        return (
            read_file(certificate, "client certificate") if isinstance(certificate, str) else certificate,
            key if isinstance(key, Sensitive) else Sensitive(read_file(key, "client key")),
        )

    def _describe(self) -> str:
        return ", ".join(part for part in (self._certificate, self._key) if isinstance(part, str))


def read_file(path: str, what: str) -> bytes:
    """The content of a small file; CredentialsError naming ``what`` and the path if it can't be read."""
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a usable path"
        raise CredentialsError(f"unable to read {what} {path!r}: {reason}", source=path) from error


def _same(headers: Mapping[str, str], rejected: Mapping[str, str]) -> bool:
    return headers.get("Authorization") == rejected.get("Authorization")
