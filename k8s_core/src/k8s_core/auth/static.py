# SPDX-License-Identifier: Apache-2.0
"""Credentials that never change: a bearer token, a user name with a password, a certificate given as bytes."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

from k8s_core.auth.base import ClientCertificate, CredentialsBase
from k8s_core.auth.certificate import certificate_end
from k8s_core.errors import CredentialsError
from k8s_core.redaction import Sensitive, reveal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = ["BasicCredentials", "StaticCertificate", "StaticToken", "bearer"]

_VISIBLE_ASCII = re.compile(r"[\x21-\x7e]+")


def bearer(token: str, *, source: str) -> dict[str, str]:
    """The header for ``token``; CredentialsError if it is empty or no header can carry it (the text isn't shown)."""
    if not token:
        raise CredentialsError(f"{source} is empty", source=source)
    if not _VISIBLE_ASCII.fullmatch(token):
        raise CredentialsError(
            f"{source} contains white space or characters outside of ASCII, so it is no bearer token", source=source
        )
    return {"Authorization": f"Bearer {token}"}


class StaticToken(CredentialsBase):
    """A bearer token that was given as text."""

    def __init__(self, token: Sensitive[str] | str, *, source: str = "token") -> None:
        self._headers = Sensitive(bearer(reveal(token), source=source))

    def headers(self) -> Mapping[str, str]:
        return self._headers.reveal()


class BasicCredentials(CredentialsBase):
    """User name and password (HTTP Basic, UTF-8)."""

    def __init__(self, username: str, password: Sensitive[str] | str = "") -> None:
        try:
            pair = f"{username}:{reveal(password)}".encode()
        except UnicodeEncodeError:
            pair = b""
        if not pair:  # outside of the except block, since that error holds the text
            raise CredentialsError("user name or password is not valid Unicode text")
        self._headers = Sensitive({"Authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"})

    def headers(self) -> Mapping[str, str]:
        return self._headers.reveal()


class StaticCertificate(CredentialsBase):
    """A client certificate that was given as bytes; it is used until the end (A27)."""

    def __init__(self, certificate: bytes, key: Sensitive[bytes]) -> None:
        self._certificate = ClientCertificate(certificate, key)

    def client_certificate(self) -> ClientCertificate | None:
        return self._certificate

    def expires_at(self) -> datetime | None:
        return certificate_end(self._certificate.certificate)
