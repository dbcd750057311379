# SPDX-License-Identifier: Apache-2.0
"""Who asks: tokens, basic auth, client certificates and impersonation, checked only if asked for (protocol J25)."""

from __future__ import annotations

import base64
import binascii
import secrets
from typing import TYPE_CHECKING
from urllib.parse import unquote

from k8s_devkit.strategy.failures import unauthorized, unreasoned
from k8s_devkit.strategy.users import ANONYMOUS, AUTHENTICATED, PRIVILEGED, User, with_default_groups

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from k8s_devkit.api_server.network.messages import HttpRequest

__all__ = ["ADMIN", "Authenticator"]


ADMIN = User("kubernetes-admin", groups=(PRIVILEGED, AUTHENTICATED))
_EXTRA = "impersonate-extra-"


class Authenticator:
    """Finds out who asks.

    Args:
        tokens: user names (or `User` values) by bearer token. With any credentials configured, a request without
            one of them is a 401; with none, everybody is the administrator.
        passwords: passwords by user name, for basic auth.
        certificates: a verified client certificate is a credential (its common name is the user).
        anonymous: a request without credentials is that of the anonymous user. The administrator then has a token, the
            first one unless ``tokens`` has one for a member of ``system:masters``.

    Attributes:
        check_impersonation: raises the 403 where the first user may not act as the second one; None where all may.
    """

    def __init__(
        self,
        tokens: Mapping[str, str | User] | None = None,
        passwords: Mapping[str, str] | None = None,
        *,
        certificates: bool = False,
        anonymous: bool = False,
    ) -> None:
        self.tokens: dict[str, User] = {
            token: with_default_groups(user if isinstance(user, User) else User(user))
            for token, user in (tokens or {}).items()
        }
        if anonymous and not any(PRIVILEGED in user.groups for user in self.tokens.values()):
            self.tokens = {secrets.token_urlsafe(24): ADMIN, **self.tokens}
        self.issued: dict[str, Callable[[], User | None]] = {}
        self.passwords = dict(passwords or {})
        self.certificates = certificates
        self.anonymous = anonymous
        self.check_impersonation: Callable[[User, User], None] | None = None

    @property
    def open(self) -> bool:
        """True if no credentials are configured."""
        return not (self.tokens or self.passwords or self.certificates)

    @property
    def closed(self) -> bool:
        """True if a request without credentials is refused."""
        return not (self.open or self.anonymous)

    def issue(self, user: str, groups: Iterable[str] = ()) -> str:
        """A new bearer token for a user, for as long as the server lives."""
        token = secrets.token_urlsafe(24)
        owner = with_default_groups(User(user, groups=tuple(groups)))
        self.issued[token] = lambda: owner
        return token

    def user_of_token(self, token: str) -> User | None:
        """The user of a bearer token that is configured, or that this server issued and that is still valid."""
        if token in self.tokens:
            return self.tokens[token]
        issued = self.issued.get(token)
        return issued() if issued is not None else None

    def user_of(self, request: HttpRequest) -> User:
        """The user of a request, impersonation applied.

        Raises:
            Failure: 401 without valid credentials, 500 for an impersonation of no user, and what `check_impersonation`
                raises.
        """
        user = self._authenticated(request)
        if not request.header("impersonate-user"):
            if "impersonate-group" in request.headers or "impersonate-uid" in request.headers:
                raise unreasoned("requested a group or uid without impersonating a user")
            return user
        target = _impersonated(request, user)
        if self.check_impersonation is not None:
            self.check_impersonation(user, target)
        return with_default_groups(target)

    def _authenticated(self, request: HttpRequest) -> User:
        scheme, _, credential = request.header("authorization").partition(" ")
        if scheme.lower() == "bearer" and (user := self.user_of_token(credential.strip())):
            return user
        if scheme.lower() == "basic" and (user := self._basic(credential)):
            return user
        if self.open:
            return ADMIN
        if not scheme and self.certificates and request.client_certificate:
            return _subject(request.client_certificate)
        if not scheme and self.anonymous:
            return ANONYMOUS
        raise unauthorized()

    def _basic(self, credential: str) -> User | None:
        try:
            name, _, password = base64.b64decode(credential, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return with_default_groups(User(name)) if name and self.passwords.get(name) == password else None


def _impersonated(request: HttpRequest, user: User) -> User:
    """Whom a request wants to be, as its headers say it."""
    extra: dict[str, tuple[str, ...]] = {}
    for name, value in request.header_lines:
        if name.startswith(_EXTRA):
            key = unquote(name.removeprefix(_EXTRA)).lower()
            extra[key] = (*extra.get(key, ()), value)
    groups = tuple(value for name, value in request.header_lines if name == "impersonate-group")
    uid = request.header("impersonate-uid")
    return User(request.header("impersonate-user"), uid, groups, extra, impersonated_by=user.name)


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
    return with_default_groups(User(name, groups=tuple(groups)))
