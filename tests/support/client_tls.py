# SPDX-License-Identifier: Apache-2.0
"""The TLS side of clients that are not the product's."""

from __future__ import annotations

import ssl
import tempfile

__all__ = ["client_tls"]


def client_tls(authority: bytes, certificate: bytes = b"", key: bytes = b"") -> ssl.SSLContext:
    """Trusts ``authority``, and shows a certificate if there is one; all PEM."""
    context = ssl.create_default_context(cadata=authority.decode())
    # The websockets library reads in one thread and writes in another, which OpenSSL is not made for. With TLS 1.3 the
    # server's tickets come while the first request is written, and one such request in a few hundred was lost.
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    if certificate:
        with tempfile.NamedTemporaryFile() as file:  # only its owner can read it
            file.write(certificate + key)
            file.flush()
            context.load_cert_chain(file.name)
    return context
