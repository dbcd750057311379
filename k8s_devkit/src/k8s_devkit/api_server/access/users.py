# SPDX-License-Identifier: Apache-2.0
"""Who asks: tokens, basic auth, client certificates and impersonation, checked only if asked for (protocol J25)."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING
from urllib.parse import unquote

from k8s_devkit.strategy.failures import unauthorized
from k8s_devkit.strategy.users import User

if TYPE_CHECKING:
    from collections.abc import Mapping

    from k8s_devkit.api_server.network.messages import HttpRequest

__all__ = ["Authenticator"]


ADMIN = User("kubernetes-admin", groups=("system:masters", "system:authenticated"))


class Authenticator:
    """Finds out who asks.

    Args:
        tokens: user names (or `User` values) by bearer token. With any credentials configured, a request without
            one of them is a 401; with none, everybody is the administrator.
        passwords: passwords by user name, for basic auth.
        certificates: a verified client certificate is a credential (its common name is the user).
    """

    def __init__(
        self,
        tokens: Mapping[str, str | User] | None = None,
        passwords: Mapping[str, str] | None = None,
        *,
        certificates: bool = False,
    ) -> None:
        self.tokens: dict[str, User] = {
            token: user if isinstance(user, User) else _named(user) for token, user in (tokens or {}).items()
        }
        self.issued: dict[str, User] = {}
        self.passwords = dict(passwords or {})
        self.certificates = certificates

    @property
    def open(self) -> bool:
        """True if no credentials are configured."""
        return not (self.tokens or self.passwords or self.certificates)

    def knows(self, token: str) -> bool:
        """True if a bearer token is configured, or was issued by this server for a service account."""
        return token in self.tokens or token in self.issued

    def user_of(self, request: HttpRequest) -> User:
        """The user of a request, impersonation applied. Raises the 401."""
        user = self._authenticated(request)
        target = request.header("impersonate-user")
        if not target:
            return user
        groups = tuple(value for name, value in request.header_lines if name == "impersonate-group")
        extra: dict[str, tuple[str, ...]] = {}
        for name, value in request.header_lines:
            if name.startswith("impersonate-extra-"):
                key = unquote(name.removeprefix("impersonate-extra-"))
                extra[key] = (*extra.get(key, ()), value)
        return User(
            target,
            request.header("impersonate-uid"),
            groups or ("system:authenticated",),
            extra,
            impersonated_by=user.name,
        )

    def _authenticated(self, request: HttpRequest) -> User:
        scheme, _, credential = request.header("authorization").partition(" ")
        token = credential.strip()
        if scheme.lower() == "bearer" and self.knows(token):
            return self.tokens.get(token) or self.issued[token]
        if scheme.lower() == "basic" and (user := self._basic(credential)):
            return user
        if self.open:
            return ADMIN
        if not scheme and self.certificates and request.client_certificate:
            return _subject(request.client_certificate)
        raise unauthorized()

    def _basic(self, credential: str) -> User | None:
        try:
            name, _, password = base64.b64decode(credential, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return _named(name) if name and self.passwords.get(name) == password else None


def _named(name: str) -> User:
    return User(name, groups=("system:authenticated",))


def _subject(certificate: Mapping[str, object]) -> User:
    """The user of a certificate as ``ssl.SSLSocket.getpeercert`` gives it: CN is the name, each O a group."""
    name, groups = "", []
    subject = certificate.get("subject")
    for part in subject if isinstance(subject, tuple) else ():
        for key, value in part:
            if key == "commonName":
                name = value
            elif key == "organizationName":
                groups.append(value)
    return User(name, groups=(*groups, "system:authenticated"))
