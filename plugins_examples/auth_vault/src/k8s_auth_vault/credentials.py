# SPDX-License-Identifier: Apache-2.0
"""Service account tokens from Vault: asked for when needed, again before their lease ends."""

from __future__ import annotations

import json
import logging
import os
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from k8s_core.auth import CredentialsBase
from k8s_core.errors import CredentialsError, KubernetesError
from k8s_core.redaction import Sensitive, reveal
from k8s_core.transport.fetch import fetch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from k8s_core import Config

__all__ = ["Settings", "VaultCredentials"]

_log = logging.getLogger("k8s_auth_vault")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where Vault is and what to ask it for; ``VAULT_*`` variables fill in what the kubeconfig leaves out."""

    address: str
    role: str
    mount: str = "kubernetes"
    kubernetes_namespace: str = "default"
    vault_namespace: str = ""
    ttl: str = ""
    certificate_authority: str = ""
    token_file: str = ""

    @classmethod
    def read(cls, options: Mapping[str, str], environ: Mapping[str, str], source: str) -> Settings:
        """From the ``config`` of the auth provider, with its names in kebab-case. Pure.

        Raises:
            CredentialsError: address or role is missing, an option does not exist, or the address isn't safe.
        """
        known = {name.replace("_", "-") for name in cls.__dataclass_fields__}
        unknown = sorted(options.keys() - known)
        if unknown:
            message = f"{source}: vault has no option {unknown[0]!r}; there are {', '.join(sorted(known))}"
            raise CredentialsError(message, source=source, option=unknown[0])
        filled = {
            "address": environ.get("VAULT_ADDR", ""),
            "vault-namespace": environ.get("VAULT_NAMESPACE", ""),
            "certificate-authority": environ.get("VAULT_CACERT", ""),
        } | {name: value for name, value in options.items() if value}
        for name in ("address", "role"):
            if not filled.get(name):
                message = f"{source}: vault: {name} is missing{' (or VAULT_ADDR)' if name == 'address' else ''}"
                raise CredentialsError(message, source=source, option=name)
        parts = urlsplit(filled["address"])
        if parts.scheme != "https" and not (
            parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
        ):
            message = f"{source}: vault: address must be https, since tokens are sent there"
            raise CredentialsError(message, source=source, option="address")
        return cls(**{name.replace("-", "_"): value for name, value in filled.items()})


class VaultCredentials(CredentialsBase):
    """A service account token of one Vault role, shared by all threads of a client.

    A new one is asked for when two thirds of the lease are over. If Vault can't be reached then, the present token
    stays in use until the lease ends; from then on it is an error.

    Args:
        settings: where and what to ask.
        environ: has ``VAULT_TOKEN``, or ``HOME`` with the ``.vault-token`` that ``vault login`` leaves.
        now: the time; aware.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        environ: Mapping[str, str] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._environ = os.environ if environ is None else environ
        self._now = now
        self._lock = threading.Lock()
        self._token: Sensitive[str] | None = None
        self._renew_at = self._ends_at = datetime.min.replace(tzinfo=UTC)

    @classmethod
    def from_config(cls, config: Config) -> VaultCredentials:
        """For a configuration whose auth provider is ``vault``."""
        assert config.auth_provider is not None
        return cls(Settings.read(reveal(config.auth_provider.config), os.environ, config.source))

    def headers(self) -> Mapping[str, str]:
        with self._lock:
            if self._token is None or self._now() >= self._renew_at:
                self._renew()
            return {"Authorization": f"Bearer {reveal(self._token)}"}

    def refresh(self, rejected: Mapping[str, str]) -> bool:
        with self._lock:
            before = reveal(self._token)
            if rejected.get("Authorization") == f"Bearer {before}":
                self._ends_at = self._now()  # the server has spoken: the token is over, whatever the lease says
                self._renew()
            return reveal(self._token) != before or rejected.get("Authorization") != f"Bearer {before}"

    def expires_at(self) -> datetime | None:
        return self._ends_at if self._token is not None else None

    def _renew(self) -> None:
        """Ask for a new token, or keep the one there is while it lasts."""
        try:
            answer = self._ask()
            data, lease = answer.get("data"), answer.get("lease_duration")
            token = data.get("service_account_token") if isinstance(data, dict) else None
            if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
                raise CredentialsError("vault answered without a service_account_token")
        except KubernetesError as error:
            if self._token is not None and self._now() < self._ends_at:
                _log.warning("keeping the token in use: %s", error)
                return
            if isinstance(error, CredentialsError):
                raise
            raise CredentialsError(f"vault can't be asked: {error}", source=self._settings.address) from error
        seconds = float(lease) if isinstance(lease, int | float) and lease > 0 else 600.0
        now = self._now()
        self._token = Sensitive(token)
        self._renew_at, self._ends_at = now + timedelta(seconds=seconds * 2 / 3), now + timedelta(seconds=seconds)

    def _ask(self) -> dict[str, Any]:
        settings = self._settings
        path = f"/v1/{quote(settings.mount.strip('/'))}/creds/{quote(settings.role, safe='')}"
        body = {"kubernetes_namespace": settings.kubernetes_namespace} | ({"ttl": settings.ttl} if settings.ttl else {})
        headers = {"X-Vault-Token": self._vault_token(), "X-Vault-Request": "true", "Content-Type": "application/json"}
        if settings.vault_namespace:
            headers["X-Vault-Namespace"] = settings.vault_namespace
        url = f"{settings.address.rstrip('/')}{path}"
        status, content = fetch("POST", url, json.dumps(body).encode(), headers, self._authority())
        try:
            answer = json.loads(content)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            answer = {}
        if status != 200:
            reasons = "; ".join(str(reason)[:200] for reason in answer.get("errors") or ())
            message = f"vault refused {path} ({status}){f': {reasons}' if reasons else ''}"
            raise CredentialsError(message, source=settings.address)
        return answer

    def _authority(self) -> bytes | None:
        path = self._settings.certificate_authority
        return _read(path, "certificate-authority") if path else None

    def _vault_token(self) -> str:
        """Read each time, because an agent or a person renews it: given file, variable, or that of ``vault login``."""
        if self._settings.token_file:
            return _text(_read(self._settings.token_file, "token-file"), self._settings.token_file)
        if self._environ.get("VAULT_TOKEN"):
            return self._environ["VAULT_TOKEN"]
        path = os.path.join(self._environ.get("HOME", ""), ".vault-token")  # noqa: PTH118 - text for the message
        if not os.path.exists(path):  # noqa: PTH110 - as above
            message = f"no token for vault: set VAULT_TOKEN or token-file, or run `vault login` (which writes {path})"
            raise CredentialsError(message, source=self._settings.address, option="token-file")
        return _text(_read(path, "vault token"), path)


def _read(path: str, what: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise CredentialsError(f"unable to read {what} {path!r}: {error.strerror}", source=path) from error


def _text(content: bytes, path: str) -> str:
    token = content.decode("utf-8", "replace").strip()
    if not token or not token.isascii() or not token.isprintable():
        raise CredentialsError(f"{path!r} holds no vault token", source=path)
    return token
