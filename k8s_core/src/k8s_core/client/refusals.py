# SPDX-License-Identifier: Apache-2.0
"""Advice for requests that the server refuses: a credential, a selector, a namespace, the wrong protocol. Pure."""

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


def advise(error: ApiError, request: Request, config: Config | None, provided: Credentials | None) -> None:
    """Say in the error what to do: which credential was refused and where it was configured, and the like.

    Args:
        error: with code 400, 401 or 404.
        request: what was refused.
        config: of the client; None if it was not made with one.
        provided: the credentials of a plugin, which have the place of those of the configuration.
    """
    if error.code == 404:
        if request.namespace and error.details.get("kind") == "namespaces" and request.verb == "create":
            error.advice = "create the namespace first, or name another with namespace="
    elif error.code == 401:
        if config is not None:
            error.advice = f"{_refused(request, config, provided)}; {_DOCTOR}"
    elif config is not None and not config.uses_tls and "HTTPS" in error.message:
        error.advice = f"the server speaks TLS: write {config.server.replace('http:', 'https:', 1)}"
    elif any(name == "fieldSelector" for name, _ in request.query):
        error.advice = "a kind can be selected by few fields: use labels=, or choose from what a list gives"


def _refused(request: Request, config: Config, provided: Credentials | None) -> str:
    if any(name.lower() == "authorization" for name, _ in request.headers):
        return "the server refused the Authorization header that the request brought"
    if provided is not None:
        return f"the server refused the credentials of plugin {type(provided).__module__}"
    credential = credential_of(config)
    if not credential:
        return f"no credential was sent: {config.source} has none"
    return f"the server refused the {credential}"
