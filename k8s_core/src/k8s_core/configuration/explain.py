# SPDX-License-Identifier: Apache-2.0
"""Why a configuration is what it is, line by line, for people. Pure: no I/O, and no secret in any line."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from k8s_core.redaction import mask_url, reveal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from k8s_core.configuration.client_config import Config
    from k8s_core.configuration.kubeconfig import KubeConfig
    from k8s_core.configuration.selection import Selection

__all__ = ["Line", "credential_of", "explain_config", "explain_files", "explain_selection"]


@dataclass(frozen=True)
class Line:
    """One thing that was decided: what it is about, what came out, and why."""

    topic: str
    value: str
    reason: str = ""


def explain_files(
    looked_at: Sequence[str], found: KubeConfig, *, path: str | None, environ: Mapping[str, str]
) -> list[Line]:
    """Which kubeconfig files count.

    Args:
        looked_at: the candidates in order of precedence.
        found: what was read from those that exist.
        path: the one file that was asked for.
        environ: says whether ``KUBECONFIG`` is set.
    """
    if path is not None:
        return [Line("kubeconfig", path, "asked for; KUBECONFIG is ignored")]
    reason = "KUBECONFIG names it" if environ.get("KUBECONFIG") else "KUBECONFIG is not set"
    there = {os.path.abspath(name) for name in found.files}  # noqa: PTH100 - text, symbolic links stay
    lines = []
    for name in looked_at:
        exists = os.path.abspath(name) in there  # noqa: PTH100 - as above
        lines.append(Line("kubeconfig", name, reason if exists else f"{reason}; it does not exist"))
    return lines or [Line("kubeconfig", "none", "KUBECONFIG is set and names no file")]


def explain_selection(selection: Selection[Config], *, asked: str | None = None) -> list[Line]:
    """Which context, cluster and user were chosen; ``asked`` is the context that the caller named."""
    context, cluster, user = selection.context, selection.cluster, selection.user
    chosen = "asked for" if asked else "current-context"
    lines = [Line("context", context.name, _of(chosen, context.origin))]
    lines.append(Line("cluster", cluster.name, _of("named by the context", cluster.origin)))
    if user is None:
        lines.append(Line("user", "none", "the context names none"))
    else:
        lines.append(Line("user", user.name, _of("named by the context", user.origin)))
    return lines + [Line("note", note) for note in selection.notes]


def explain_config(config: Config) -> list[Line]:
    """What a Config means: server, trust, identity, limits."""
    lines = [
        Line("server", mask_url(config.server), "" if config.uses_tls else "no TLS: nothing is encrypted"),
        Line("namespace", config.namespace, "for requests that name none"),
        _authority(config),
    ]
    if config.tls_server_name and config.uses_tls:
        lines.append(Line("server name", config.tls_server_name, "asked for and verified instead of the host"))
    lines.append(_credentials(config))
    lines += _beside(config)
    whom = config.impersonate
    if whom is not None and whom.user:
        more = [f"uid {whom.uid}"] if whom.uid else []
        more += [f"groups {', '.join(whom.groups)}"] if whom.groups else []
        more += [f"extra {', '.join(key for key, _ in whom.extra)}"] if whom.extra else []
        lines.append(Line("acts as", whom.user, "; ".join(more)))
    return lines


def credential_of(config: Config) -> str:
    """The credential that requests are sent with, and where it was configured: ``token of context "a" of /b``.

    Empty if there is none.
    """
    return f"{_credentials(config).value} of {config.source}" if config.has_credentials else ""


def _of(reason: str, origin: str | None) -> str:
    return f"{reason}; defined in {origin}" if origin else reason


def _authority(config: Config) -> Line:
    if not config.uses_tls:
        return Line("trust", "nothing to verify", "the server is not https")
    if not config.verify_ssl:
        return Line("trust", "ANY certificate", "insecure-skip-tls-verify: anybody on the way can take the credentials")
    if config.certificate_authority_data is not None:
        return Line("trust", "the configuration's own CA", "certificate-authority-data; the system's CAs are not used")
    if config.certificate_authority is not None:
        return Line("trust", config.certificate_authority, "certificate-authority; the system's CAs are not used")
    return Line("trust", "the system's CAs", "no certificate-authority is set")


def _credentials(config: Config) -> Line:
    """The source that is used, in the order of :func:`k8s_core.auth.make_credentials`."""
    certificate = config.client_certificate or ("given as data" if config.client_certificate_data is not None else "")
    if config.token_file is not None:
        line = Line("credentials", f"token file {config.token_file}", "read again as it rotates")
    elif config.token_source is not None:
        line = Line("credentials", "token source", "a function of the program, called before each request")
    elif config.token is not None:
        line = Line("credentials", "token", "given as text; it can't be renewed")
    elif config.username is not None:
        line = Line("credentials", f"user name {config.username!r} and password", "")
    elif certificate:
        return Line("credentials", f"client certificate {certificate}", "")
    elif config.exec is not None:
        count = len(reveal(config.exec.args))
        words = "1 argument" if count == 1 else f"{count} arguments"
        policy = config.exec_policy.mode if config.exec_policy else "AllowAll"
        return Line("credentials", f"login program {config.exec.command}", f"exec with {words}; policy {policy}")
    elif config.auth_provider is not None:
        return Line("credentials", f"auth provider {config.auth_provider.name}", "")
    else:
        return Line("credentials", "none", "requests are anonymous")
    if certificate:
        return Line("credentials", f"{line.value}, and client certificate {certificate}", line.reason)
    return line


def _beside(config: Config) -> list[Line]:
    direct = (
        config.token_file
        or config.token_source
        or config.token
        or config.username is not None
        or config.has_client_certificate
    )
    return [
        Line("note", f"{what} is not used: other credentials come first")
        for what, value in (("exec", config.exec), ("auth-provider", config.auth_provider))
        if direct and value is not None
    ]
