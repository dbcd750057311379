# SPDX-License-Identifier: Apache-2.0
"""The ExecCredential protocol: what a login program is told, and what it prints. Runs nothing."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from k8s_core.auth.base import ClientCertificate
from k8s_core.auth.static import bearer
from k8s_core.configuration.material import certificate_authority
from k8s_core.errors import CredentialsError
from k8s_core.redaction import Sensitive, reveal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from k8s_core.configuration import Config, ExecConfig

__all__ = ["ExecCredential", "cluster_info", "exec_info", "parse_exec_credential"]


@dataclass(frozen=True)
class ExecCredential:
    """What a login program printed."""

    headers: Sensitive[Mapping[str, str]]
    certificate: ClientCertificate | None = None
    expires_at: datetime | None = None

    def expired(self, now: datetime) -> bool:
        """Whether ``now`` is after its end; one without an end lasts until the server refuses it (A37)."""
        return self.expires_at is not None and now > self.expires_at


def cluster_info(config: Config) -> dict[str, Any] | None:
    """``spec.cluster`` for the program, or None if it did not ask for it (A33). Reads the CA file, if there is one."""
    program = config.exec
    if program is None or not program.provide_cluster_info:
        return None
    authority, _ = certificate_authority(config)
    info: dict[str, Any] = {
        "server": config.server,
        "tls-server-name": config.tls_server_name,
        "insecure-skip-tls-verify": not config.verify_ssl,
        "certificate-authority-data": base64.b64encode(authority).decode("ascii") if authority else None,
        "proxy-url": reveal(config.proxy_url),
        "disable-compression": config.disable_compression,
        "config": reveal(program.cluster_config),
    }
    return {key: value for key, value in info.items() if value is not None and value is not False}


def exec_info(program: ExecConfig, cluster: Mapping[str, Any] | None, *, interactive: bool) -> str:
    """The text of ``KUBERNETES_EXEC_INFO`` (A32)."""
    spec: dict[str, Any] = {"interactive": interactive}
    if cluster is not None:
        spec["cluster"] = cluster
    return json.dumps({"kind": "ExecCredential", "apiVersion": program.api_version, "spec": spec})


def parse_exec_credential(output: bytes, api_version: str) -> ExecCredential:
    """Read what the program printed to its standard output.

    Raises:
        CredentialsError: not an ExecCredential of the configured version with a token or a certificate and key (A35).
            The message holds nothing of the output.
    """
    try:
        document: Any = json.loads(output)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise CredentialsError("exec plugin printed something that is no JSON object to its standard output")
    if document.get("kind") != "ExecCredential":
        raise CredentialsError("exec plugin printed a JSON object whose kind is not ExecCredential")
    returned = document.get("apiVersion")
    if returned != api_version:
        shown = returned if isinstance(returned, str) and len(returned) < 100 else "(none)"
        message = f"exec plugin is configured to use API version {api_version}, plugin returned version {shown!r}"
        raise CredentialsError(message)
    status = document.get("status")
    if not isinstance(status, dict):
        raise CredentialsError("exec plugin didn't return a status field")
    return _from_status(status)


def _from_status(status: Mapping[str, Any]) -> ExecCredential:
    token = _text(status, "token")
    certificate, key = _text(status, "clientCertificateData"), _text(status, "clientKeyData")
    if not token and not certificate and not key:
        raise CredentialsError("exec plugin didn't return a token or cert/key pair")
    if bool(certificate) != bool(key):
        raise CredentialsError("exec plugin returned only certificate or key, not both")
    if certificate and not all("-----BEGIN" in text and text.isascii() for text in (certificate, key)):
        raise CredentialsError("exec plugin returned a certificate or key that is not PEM")
    return ExecCredential(
        headers=Sensitive(bearer(token, source="the token that the exec plugin returned") if token else {}),
        certificate=ClientCertificate(certificate.encode(), Sensitive(key.encode())) if certificate else None,
        expires_at=_time(_text(status, "expirationTimestamp")),
    )


def _text(status: Mapping[str, Any], name: str) -> str:
    value = status.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise CredentialsError(f"exec plugin returned a {name} that is not text")
    return value


def _time(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            # The first year is Go's way to say that there is no end.
            return moment.astimezone(UTC) if moment.year > 1 else None
    except (ValueError, OverflowError):
        pass
    raise CredentialsError("exec plugin returned an expirationTimestamp that is not an RFC 3339 time")
