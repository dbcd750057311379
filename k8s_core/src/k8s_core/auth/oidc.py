# SPDX-License-Identifier: Apache-2.0
"""The ``oidc`` auth provider: an ID token, renewed with a refresh token at the identity provider."""

from __future__ import annotations

import base64
import binascii
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode, urlsplit

from k8s_core.auth.base import CredentialsBase
from k8s_core.auth.files import read_file
from k8s_core.auth.static import bearer
from k8s_core.configuration.locks import ForkLock
from k8s_core.errors import CredentialsError, KubernetesError
from k8s_core.redaction import Sensitive, mask_url, reveal
from k8s_core.seam import fetching

if TYPE_CHECKING:
    from k8s_core.configuration import Config

__all__ = ["Fetch", "OIDCCredentials", "token_expiry"]

Fetch = Callable[[str, str, bytes | None, Mapping[str, str], bytes | None], tuple[int, bytes]]
"""``fetch(method, url, body, headers, ca_pem) -> (status, body)``; TLS verified, nothing followed or repeated."""

LEEWAY: Final = timedelta(seconds=10)
"""How long before its end an ID token is renewed (A42)."""

_log = logging.getLogger("k8s_core.auth")


@dataclass(eq=False)
class _Session:
    """The tokens of one login. Shared by all clients of the process, since a refresh token may be good only once."""

    id_token: Sensitive[str]
    refresh_token: Sensitive[str]
    lock: ForkLock = field(default_factory=ForkLock)


_sessions: dict[Any, _Session] = {}
_sessions_lock = ForkLock()


class OIDCCredentials(CredentialsBase):
    """The ID token of the configuration, renewed :data:`LEEWAY` before it ends and after a 401.

    New tokens stay in memory: nothing is written back to the kubeconfig (I9). An identity provider that makes refresh
    tokens single-use therefore asks for a new login in the next process.

    Args:
        config: has an ``auth_provider`` named ``oidc``.
        fetch: sends a request to the identity provider.
        now: the time; aware.

    Raises:
        CredentialsError: the options can't work, such as an issuer that isn't https or neither of the two tokens.
    """

    def __init__(
        self, config: Config, *, fetch: Fetch | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        if config.auth_provider is None:
            raise CredentialsError("the configuration has no auth-provider", source=config.source)
        self._source = config.source
        self._options = config.auth_provider.config
        self._fetch = fetch
        self._now = now
        identity, renewal = self._option("id-token"), self._option("refresh-token")
        if not identity and not renewal:
            raise self._error("has neither id-token nor refresh-token; log in again", "id-token")
        if renewal:
            self._issuer = self._https(self._option("idp-issuer-url"), "idp-issuer-url").rstrip("/")
            if not self._option("client-id"):
                raise self._error("has a refresh-token but no client-id", "client-id")
        key = Sensitive((self._option("idp-issuer-url"), self._option("client-id"), identity, renewal))
        with _sessions_lock:
            self._session = _sessions.setdefault(key, _Session(Sensitive(identity), Sensitive(renewal)))

    def headers(self) -> Mapping[str, str]:
        token = self._session.id_token.reveal()
        if self._expired(token):
            with self._session.lock:
                token = self._session.id_token.reveal()
                if self._expired(token):
                    token = self._renew()
        return bearer(token, source="the id-token of oidc")

    def refresh(self, rejected: Mapping[str, str]) -> bool:
        sent = {name.lower(): value for name, value in rejected.items()}.get("authorization", "")
        with self._session.lock:
            before = self._session.id_token.reveal()
            if before and f"Bearer {before}" != sent:
                return True
            return bool(self._session.refresh_token) and self._renew() != before

    def expires_at(self) -> datetime | None:
        return token_expiry(self._session.id_token.reveal())

    def _expired(self, token: str) -> bool:
        """Whether it has to be renewed; one whose end can't be read is used until the server refuses it."""
        end = token_expiry(token)
        return not token or (end is not None and self._now() >= end - LEEWAY)

    # -- the identity provider

    def _renew(self) -> str:
        if not self._session.refresh_token:
            raise self._error("id-token has expired and there is no refresh-token; log in again", "id-token")
        endpoint, methods = self._discover()
        answer = self._exchange(endpoint, methods)
        token = answer.get("id_token")
        if not isinstance(token, str) or not token:
            message = "the identity provider renewed the login without an id_token; was it made with the scope openid?"
            raise self._error(message, "refresh-token")
        rotated = answer.get("refresh_token")
        if isinstance(rotated, str) and rotated and rotated != self._session.refresh_token.reveal():
            _log.info("the identity provider %s replaced the refresh token; it is kept in memory", self._issuer)
            self._session.refresh_token = Sensitive(rotated)
        bearer(token, source="the id-token of oidc")
        self._session.id_token = Sensitive(token)
        return token

    def _discover(self) -> tuple[str, list[str]]:
        url = f"{self._issuer}/.well-known/openid-configuration"
        status, document = self._send("GET", url, None, {})
        if status != 200:
            raise self._error(f"{url} answered {status}", "idp-issuer-url")
        endpoint = self._https(str(document.get("token_endpoint") or ""), "the token_endpoint of idp-issuer-url")
        methods = document.get("token_endpoint_auth_methods_supported")
        return endpoint, methods if isinstance(methods, list) else ["client_secret_basic"]

    def _exchange(self, endpoint: str, methods: list[str]) -> dict[str, Any]:
        """Trade the refresh token in; a secret goes into the header or the body, whichever the provider takes."""
        client, secret = self._option("client-id"), self._option("client-secret")
        form = {"grant_type": "refresh_token", "refresh_token": self._session.refresh_token.reveal()}
        in_body = form | {"client_id": client} | ({"client_secret": secret} if secret else {})
        pair = base64.b64encode(f"{quote(client, safe='')}:{quote(secret, safe='')}".encode()).decode("ascii")
        in_header = {"Authorization": f"Basic {pair}"}
        ways: list[tuple[dict[str, str], dict[str, str]]] = [(form, in_header), (in_body, {})]
        if not secret:
            ways = ways[1:]
        elif "client_secret_basic" not in methods and "client_secret_post" in methods:
            ways.reverse()
        status = 0
        for parameters, headers in ways:
            headers = headers | {"Content-Type": "application/x-www-form-urlencoded"}
            status, answer = self._send("POST", endpoint, urlencode(parameters).encode(), headers)
            if status == 200:
                return answer
            if answer.get("error") not in ("invalid_client", "invalid_request"):
                break
        raise self._error(f"{mask_url(endpoint)} refused to renew the login ({status}); log in again", "refresh-token")

    def _send(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, Any]]:
        fetch = self._fetch or fetching.fetch
        try:
            status, content = fetch(method, url, body, headers, self._authority())
        except CredentialsError:
            raise
        except KubernetesError as error:
            raise self._error(f"the identity provider can't be asked: {error}", "idp-issuer-url") from error
        try:
            document = json.loads(content)
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            if status == 200:
                raise self._error(f"{mask_url(url)} answered with something that is no JSON object", "idp-issuer-url")
            document = {}
        return status, document

    def _authority(self) -> bytes | None:
        encoded, path = self._option("idp-certificate-authority-data"), self._option("idp-certificate-authority")
        if encoded:
            try:
                return base64.b64decode(encoded.encode("ascii"), validate=True)
            except (binascii.Error, UnicodeEncodeError):
                pass
            raise self._error("is not valid base64", "idp-certificate-authority-data")
        return read_file(path, "idp-certificate-authority") if path else None

    def _option(self, name: str) -> str:
        return reveal(self._options).get(name, "")

    def _https(self, url: str, option: str) -> str:
        try:
            parts = urlsplit(url)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
            raise self._error(f"{mask_url(url)!r} is not an https URL, so tokens are not sent there", option)
        return url

    def _error(self, message: str, option: str) -> CredentialsError:
        return CredentialsError(f"{self._source}: oidc: {option}: {message}", source=self._source, option=option)


def token_expiry(token: str) -> datetime | None:
    """The ``exp`` of a JSON Web Token, or None. The token isn't verified: that is for the server that gets it."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return datetime.fromtimestamp(float(claims["exp"]), UTC)
    except (IndexError, KeyError, TypeError, ValueError, OverflowError, OSError, RecursionError):
        return None
