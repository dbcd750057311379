# SPDX-License-Identifier: Apache-2.0
"""The part of ``k8s-core doctor`` that logs in and talks to the server: one result per step, in order."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from k8s_core.errors import ConfigError, KubernetesError, ProxyError, TLSError, TransportError
from k8s_core.redaction import escape_terminal, mask_url
from k8s_core.requests import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_core.auth import Credentials
    from k8s_core.configuration import Config
    from k8s_core.transport import Transport

__all__ = ["Check", "Exit", "check_credentials", "check_server"]


class Exit(IntEnum):
    """The exit codes of ``k8s-core doctor``."""

    HEALTHY = 0
    CONFIGURATION = 1
    USAGE = 2
    CREDENTIALS = 3
    UNREACHABLE = 4
    TLS = 5
    NOT_AUTHENTICATED = 6
    NOT_KUBERNETES = 7


@dataclass(frozen=True)
class Check:
    """The result of one step; ``code`` is what the command exits with if it failed."""

    step: str
    ok: bool
    detail: str
    code: Exit = Exit.HEALTHY


def check_credentials(credentials: Credentials) -> Check:
    """Obtain the credentials: may read files, run the login program, ask the identity provider."""
    try:
        headers = credentials.headers()
        certificate = credentials.client_certificate()
    except KubernetesError as error:
        return Check("credentials", False, escape_terminal(str(error)), Exit.CREDENTIALS)
    kinds = [headers["Authorization"].partition(" ")[0]] if headers.get("Authorization") else []
    kinds += ["client certificate"] if certificate is not None else []
    if not kinds:
        return Check("credentials", True, "none are configured: requests are anonymous")
    return Check("credentials", *_validity(" and ".join(kinds), credentials.expires_at()))


def _validity(what: str, end: datetime | None) -> tuple[bool, str, Exit]:
    if end is None:
        return True, f"{what}; when it ends is not known", Exit.HEALTHY
    left = end - datetime.now(UTC)
    moment = end.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    if left.total_seconds() <= 0:
        return False, f"{what} ended at {moment}; log in again or renew it", Exit.CREDENTIALS
    hours, seconds = divmod(int(left.total_seconds()), 3600)
    remaining = f"{hours // 24} days" if hours >= 48 else f"{hours} h {seconds // 60} min"
    return True, f"{what}, valid until {moment} ({remaining} left)", Exit.HEALTHY


def check_server(transport: Transport, config: Config) -> Iterator[Check]:
    """Try the server: reachable, TLS, version, and whom it takes us for. Stops after the step that fails.

    The transport is the caller's to close.
    """
    try:
        status, version = _ask(transport, Request(method="GET", path="/version", verb="get"))
    except KubernetesError as error:
        yield _failure(error)
        return
    yield Check("reachable", True, f"{mask_url(config.server)} answers{', TLS verified' * _verified(config)}")
    if status == 401:
        yield Check("authenticated", False, "the server refuses the credentials (401)", Exit.NOT_AUTHENTICATED)
        return
    if isinstance(version.get("gitVersion"), str):
        yield Check("version", True, escape_terminal(version["gitVersion"]))
    elif status != 403:
        detail = f"/version answered {status} and no version: is this a Kubernetes API server?"
        yield Check("version", False, detail, Exit.NOT_KUBERNETES)
        return
    try:
        yield _who(transport, config)
    except KubernetesError as error:
        yield _failure(error)


def _verified(config: Config) -> bool:
    return config.uses_tls and config.verify_ssl


def _failure(error: KubernetesError) -> Check:
    detail = escape_terminal(str(error))
    if isinstance(error, TLSError):
        return Check("tls", False, detail, Exit.TLS)
    if isinstance(error, ProxyError):
        return Check("proxy", False, detail, Exit.UNREACHABLE)
    if isinstance(error, TransportError):
        return Check("reachable", False, detail, Exit.UNREACHABLE)
    if isinstance(error, ConfigError):
        return Check("credentials", False, detail, Exit.CREDENTIALS)
    return Check("reachable", False, detail, Exit.CONFIGURATION)


def _who(transport: Transport, config: Config) -> Check:
    """Ask the server who we are; servers before 1.28 don't know, but tell whether we are anonymous."""
    group = "authentication.k8s.io/v1"
    review = {"apiVersion": group, "kind": "SelfSubjectReview"}
    status, answer = _post(transport, f"/apis/{group}/selfsubjectreviews", review)
    if status == 404:
        return _who_by_access(transport)
    if status == 401:
        return Check("authenticated", False, "the server refuses the credentials (401)", Exit.NOT_AUTHENTICATED)
    found = answer.get("status")  # of a Status, this is a string
    user = found.get("userInfo") if isinstance(found, dict) else None
    user = user if isinstance(user, dict) else {}
    name = user.get("username")
    if status not in (200, 201) or not isinstance(name, str):
        return Check("authenticated", False, f"SelfSubjectReview answered {status}", Exit.NOT_AUTHENTICATED)
    if name == "system:anonymous" and config.has_credentials:
        detail = "credentials were sent, and the server takes them for nobody's (system:anonymous)"
        return Check("authenticated", False, detail, Exit.NOT_AUTHENTICATED)
    groups = ", ".join(str(group) for group in user.get("groups") or ())
    return Check("authenticated", True, escape_terminal(f"as {name}" + (f", groups {groups}" if groups else "")))


def _who_by_access(transport: Transport) -> Check:
    """Every authenticated user may ask what they may do, and an anonymous one may not."""
    group = "authorization.k8s.io/v1"
    spec = {"nonResourceAttributes": {"path": "/version", "verb": "get"}}
    review = {"apiVersion": group, "kind": "SelfSubjectAccessReview", "spec": spec}
    status, _ = _post(transport, f"/apis/{group}/selfsubjectaccessreviews", review)
    if status in (200, 201):
        return Check("authenticated", True, "yes; this server is too old to say as whom (SelfSubjectReview: 1.28)")
    detail = f"the server does not treat us as an authenticated user ({status})"
    return Check("authenticated", False, detail, Exit.NOT_AUTHENTICATED)


def _post(transport: Transport, path: str, document: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    body = json.dumps(document).encode()
    headers = (("Content-Type", "application/json"),)
    return _ask(transport, Request(method="POST", path=path, body=body, headers=headers, verb="create"))


def _ask(transport: Transport, request: Request) -> tuple[int, dict[str, Any]]:
    response = transport.send(request)
    try:
        document = json.loads(response.read())
    except (ValueError, RecursionError):
        document = None
    finally:
        response.close()
    return response.status, document if isinstance(document, dict) else {}
