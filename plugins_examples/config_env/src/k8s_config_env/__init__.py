# SPDX-License-Identifier: Apache-2.0
"""A k8s-core plugin: a whole configuration from ``KUBE_*`` variables, as in a container that has no files.

The names are those that Terraform's Kubernetes provider reads. ``KUBE_HOST`` decides: without it, this plugin leaves
the configuration to others.
"""

from __future__ import annotations

import base64
import binascii
import os
from typing import TYPE_CHECKING, Any

from k8s_core import Config, hookimpl
from k8s_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["config_from", "k8s_load_config"]

_TEXT = {
    "KUBE_TOKEN": "token",
    "KUBE_TOKEN_FILE": "token_file",
    "KUBE_USER": "username",
    "KUBE_PASSWORD": "password",
    "KUBE_NAMESPACE": "namespace",
    "KUBE_TLS_SERVER_NAME": "tls_server_name",
    "KUBE_PROXY_URL": "proxy_url",
}
_PEM = {
    "KUBE_CLUSTER_CA_CERT_DATA": "certificate_authority_data",
    "KUBE_CLIENT_CERT_DATA": "client_certificate_data",
    "KUBE_CLIENT_KEY_DATA": "client_key_data",
}
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False, "": False}


@hookimpl
def k8s_load_config() -> Config | None:
    """The configuration in the environment of this process, if there is one."""
    return config_from(os.environ)


def config_from(environ: Mapping[str, str]) -> Config | None:
    """The configuration in ``environ``; None without ``KUBE_HOST``. Pure.

    Raises:
        ConfigError: a variable can't be used; names it and never shows its value.
    """
    host = environ.get("KUBE_HOST")
    if not host:
        return None
    fields: dict[str, Any] = {field: environ[name] for name, field in _TEXT.items() if environ.get(name)}
    fields |= {field: _pem(name, environ[name]) for name, field in _PEM.items() if environ.get(name)}
    insecure = _BOOLEANS.get(environ.get("KUBE_INSECURE", "").lower())
    if insecure is None:
        raise ConfigError("KUBE_INSECURE must be true or false", source="environment", option="KUBE_INSECURE")
    return Config(server=host, verify_ssl=not insecure, source="the KUBE_* environment variables", **fields)


def _pem(name: str, value: str) -> bytes:
    """PEM, with line breaks or with ``\\n`` in their place, or base64 of it."""
    if "-----BEGIN" in value:
        return value.replace("\\n", "\n").encode()
    try:
        decoded = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if b"-----BEGIN" not in decoded:
        raise ConfigError(f"{name} is neither PEM nor base64 of it", source="environment", option=name)
    return decoded
