# SPDX-License-Identifier: Apache-2.0
"""From a Config to its source of credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from k8s_core.auth.base import AnonymousCredentials, CombinedCredentials, Credentials
from k8s_core.auth.called import CallableToken
from k8s_core.auth.exec_plugin import ExecCredentials
from k8s_core.auth.files import FileCertificate, FileToken
from k8s_core.auth.oidc import OIDCCredentials
from k8s_core.auth.static import BasicCredentials, StaticCertificate, StaticToken
from k8s_core.errors import CredentialsError
from k8s_core.redaction import conceal

if TYPE_CHECKING:
    from k8s_core.configuration import Config

__all__ = ["make_credentials"]


_REMOVED: Final = {"gcp": "gke-gcloud-auth-plugin", "azure": "kubelogin"}
"""Auth providers that kubectl once had, and what has their place (A42)."""


def make_credentials(config: Config) -> Credentials:
    """The source of credentials that ``config`` names. Reads and runs nothing yet: that is for the first request.

    A token, password or certificate beside an exec plugin or auth provider wins over it (A40); a token and a
    certificate are both used (A25). Nothing configured gives a source of no headers. Impersonation is no credential
    of its own: see :func:`k8s_core.auth.impersonation_headers`.

    Raises:
        CredentialsError: what is configured can't be used, for example an auth provider that needs a plugin (A42).
    """
    headers = _header_source(config)
    certificate = _certificate_source(config)
    if headers is not None and certificate is not None:
        return CombinedCredentials(headers, certificate)
    if headers is not None:
        return headers
    if certificate is not None:
        return certificate
    if config.exec is not None:
        return ExecCredentials(config)
    if config.auth_provider is not None:
        return _auth_provider(config, config.auth_provider.name)
    return AnonymousCredentials()


def _auth_provider(config: Config, name: str) -> Credentials:
    if name == "oidc":
        return OIDCCredentials(config)
    if name in _REMOVED:
        message = (
            f"the {name} auth plugin was removed from Kubernetes; install {_REMOVED[name]} and use it as exec plugin"
        )
    else:
        message = f'no Auth Provider found for name "{name}"; install a k8s_core plugin that provides it'
    raise CredentialsError(f"{config.source}: {message}", source=config.source, option="auth-provider")


def _header_source(config: Config) -> Credentials | None:
    if config.token_file is not None:
        return FileToken(config.token_file, fallback=config.token or None)
    if config.token_source is not None:
        return CallableToken(config.token_source, source=f"the token source of {config.source}")
    if config.token is not None:
        return StaticToken(config.token, source=f"the token of {config.source}")
    if config.username is not None:
        return BasicCredentials(config.username, config.password or "")
    return None


def _certificate_source(config: Config) -> Credentials | None:
    certificate = (
        config.client_certificate if config.client_certificate_data is None else config.client_certificate_data
    )
    key = config.client_key if config.client_key_data is None else conceal(config.client_key_data)
    if certificate is None or key is None:
        return None
    if isinstance(certificate, bytes) and not isinstance(key, str):
        return StaticCertificate(certificate, key)
    return FileCertificate(certificate, key)
