# SPDX-License-Identifier: Apache-2.0
"""Advice for requests that the server refuses whatever they ask for: a credential, or the wrong protocol. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core.configuration.explain import credential_of

if TYPE_CHECKING:
    from k8s_core.auth import Credentials
    from k8s_core.configuration import Config
    from k8s_core.errors import ApiError
    from k8s_core.requests import Request

__all__ = ["advise"]

_DOCTOR = "`k8s-core doctor` shows which credentials a kubeconfig leads to, and tries them"


def advise(error: ApiError, request: Request, config: Config, provided: Credentials | None) -> None:
    """Say in the error which credential was refused and where it was configured, or that the server speaks TLS.

    Args:
        error: with code 400 or 401.
        request: what was refused.
        config: of the client.
        provided: the credentials of a plugin, which have the place of those of the configuration.
    """
    if error.code == 401:
        error.advice = f"{_refused(request, config, provided)}; {_DOCTOR}"
    elif not config.uses_tls and "HTTPS" in error.message:
        error.advice = f"the server speaks TLS: write {config.server.replace('http:', 'https:', 1)}"


def _refused(request: Request, config: Config, provided: Credentials | None) -> str:
    if any(name.lower() == "authorization" for name, _ in request.headers):
        return "the server refused the Authorization header that the request brought"
    if provided is not None:
        return f"the server refused the credentials of plugin {type(provided).__module__}"
    credential = credential_of(config)
    if not credential:
        return f"no credential was sent: {config.source} has none"
    return f"the server refused the {credential}"
