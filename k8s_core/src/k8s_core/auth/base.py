# SPDX-License-Identifier: Apache-2.0
"""What the transport asks of a source of credentials."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from k8s_core.redaction import Sensitive

__all__ = ["AnonymousCredentials", "ClientCertificate", "CombinedCredentials", "Credentials", "CredentialsBase"]


@dataclass(frozen=True)
class ClientCertificate:
    """A client certificate with its key, as PEM. ``version`` differs whenever either of them does (A27, A36)."""

    certificate: bytes
    key: Sensitive[bytes]
    version: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not self.version:
            digest = hashlib.sha256(self.certificate + b"\0" + self.key.reveal()).hexdigest()
            object.__setattr__(self, "version", digest[:32])


@runtime_checkable
class Credentials(Protocol):
    """A source of credentials for one configuration. All methods may be called from any thread at any time.

    ``headers`` is asked before each request, and ``client_certificate`` after it. They answer from memory unless
    something has expired; only then do they read a file, run a program or use the network, once for all threads that
    wait. They raise CredentialsError rather than answer with nothing: a request is never sent anonymously because a
    configured source failed. A request that brings its own ``Authorization`` asks for the certificate alone, which
    must not start a login (A26).
    """

    def headers(self) -> Mapping[str, str]:
        """Headers that authenticate a request: usually ``Authorization``; empty if only a certificate is used.

        Raises:
            CredentialsError: the source yields nothing usable.
        """
        ...

    def refresh(self, rejected: Mapping[str, str]) -> bool:
        """The server answered 401 to a request that was sent with the headers ``rejected``.

        Returns:
            True if something else than ``rejected`` is there now, so that sending the request once more makes sense.

        Raises:
            CredentialsError: getting something new failed.
        """
        ...

    def client_certificate(self) -> ClientCertificate | None:
        """The certificate to present; when its ``version`` changes, connections are to be made anew.

        Raises:
            CredentialsError: the source yields nothing usable.
        """
        ...

    def expires_at(self) -> datetime | None:
        """When the present credential ends (aware, UTC); None if unknown or never. Does no I/O."""
        ...


class CredentialsBase(Credentials):
    """A source that yields nothing and never changes; sub-classes override what they do have."""

    def headers(self) -> Mapping[str, str]:
        return {}

    def refresh(self, rejected: Mapping[str, str]) -> bool:
        return False

    def client_certificate(self) -> ClientCertificate | None:
        return None

    def expires_at(self) -> datetime | None:
        return None


class AnonymousCredentials(CredentialsBase):
    """No credentials were configured."""


class CombinedCredentials(CredentialsBase):
    """A source of headers and a client certificate, both sent (A25)."""

    def __init__(self, header_source: Credentials, certificate_source: Credentials) -> None:
        self._headers = header_source
        self._certificate = certificate_source

    def headers(self) -> Mapping[str, str]:
        return self._headers.headers()

    def refresh(self, rejected: Mapping[str, str]) -> bool:
        renewed = self._headers.refresh(rejected)
        return self._certificate.refresh(rejected) or renewed

    def client_certificate(self) -> ClientCertificate | None:
        return self._certificate.client_certificate()

    def expires_at(self) -> datetime | None:
        ends = [end for end in (self._headers.expires_at(), self._certificate.expires_at()) if end is not None]
        return min(ends, default=None)
