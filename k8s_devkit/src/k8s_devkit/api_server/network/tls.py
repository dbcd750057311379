# SPDX-License-Identifier: Apache-2.0
"""The TLS side of a server on loopback."""

from __future__ import annotations

import os
import ssl
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from k8s_devkit.certificates import Authority

__all__ = ["server_context"]


def server_context(authority: Authority, hosts: tuple[str, ...], *, ask_client: bool) -> ssl.SSLContext:
    """The TLS side of a server; ``ask_client`` verifies client certificates where clients send one."""
    pair = authority.server(hosts)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    with tempfile.TemporaryDirectory(prefix="k8s-core-tls-") as folder:  # mode 0700
        path = str(Path(folder) / "server.pem")
        with open(path, "wb", opener=_private) as file:
            file.write(pair.key + pair.certificate)
        context.load_cert_chain(path)
    if ask_client:
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(cadata=authority.certificate.decode())
    return context


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
