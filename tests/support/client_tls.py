# SPDX-License-Identifier: Apache-2.0
"""The TLS side of clients that are not the product's."""

from __future__ import annotations

import ssl
import tempfile

__all__ = ["client_tls"]


def client_tls(authority: bytes, certificate: bytes = b"", key: bytes = b"") -> ssl.SSLContext:
    """Trusts ``authority``, and shows a certificate if there is one; all PEM."""
    context = ssl.create_default_context(cadata=authority.decode())
    if certificate:
        with tempfile.NamedTemporaryFile() as file:  # only its owner can read it
            file.write(certificate + key)
            file.flush()
            context.load_cert_chain(file.name)
    return context
