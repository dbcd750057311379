# SPDX-License-Identifier: Apache-2.0
"""The configuration of a pod: the files of its service account (A43-A46)."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from k8s_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from k8s_core.configuration.client_config import Config

__all__ = ["SERVICE_ACCOUNT", "in_cluster", "in_cluster_possible"]

C = TypeVar("C", bound="Config")

SERVICE_ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")

_HOST, _PORT = "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"

_log = logging.getLogger("k8s_core.configuration")


def in_cluster_possible(environ: Mapping[str, str] | None = None, *, directory: Path | None = None) -> bool:
    """Whether this looks like a pod with a service account: both variables and the token file are there (A47)."""
    environ = os.environ if environ is None else environ
    token = (directory or SERVICE_ACCOUNT) / "token"
    return bool(environ.get(_HOST) and environ.get(_PORT)) and token.is_file()


def in_cluster(cls: type[C], environ: Mapping[str, str] | None = None, *, directory: Path | None = None) -> C:
    """The configuration of the pod that this runs in. The token file is read again as it rotates (A45).

    Args:
        cls: ``Config``, or a subclass.
        environ: default is this process's.
        directory: where the service account is mounted.

    Raises:
        ConfigError: not in a cluster, or the token can't be read.
    """
    environ = os.environ if environ is None else environ
    directory = directory or SERVICE_ACCOUNT
    host, port = environ.get(_HOST), environ.get(_PORT)
    if not host or not port:
        message = f"unable to load in-cluster configuration, {_HOST} and {_PORT} must be defined"
        raise ConfigError(message, option=_HOST if not host else _PORT)
    token = directory / "token"
    try:
        content = token.read_bytes()
    except OSError as error:
        message = f"unable to load in-cluster configuration: can't read {token}: {error.strerror or 'not readable'}"
        raise ConfigError(message, source=str(token), option="token") from error
    if not content.strip():
        message = f"unable to load in-cluster configuration: {token} is empty"
        raise ConfigError(message, source=str(token), option="token")
    authority = directory / "ca.crt"
    if not authority.is_file():
        _log.warning("%s does not exist; the system's certificate authorities are used", authority)
    return cls(
        server=f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}",
        token_file=str(token),
        certificate_authority=str(authority) if authority.is_file() else None,
        namespace=_namespace(environ, directory),
        source="the service account of this pod",
    )


def _namespace(environ: Mapping[str, str], directory: Path) -> str:
    if environ.get("POD_NAMESPACE"):
        return environ["POD_NAMESPACE"]
    try:
        return (directory / "namespace").read_text("utf-8", errors="replace").strip() or "default"
    except OSError:
        return "default"
