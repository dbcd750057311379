# SPDX-License-Identifier: Apache-2.0
"""TLS contexts from memory, trusting what Go would trust (protocol A16-A18, B4, B5, I8).

Key material touches the disk only where Python leaves no choice: as one file of mode 0600 in a private folder, removed
before the function that wrote it returns.
"""

from __future__ import annotations

import os
import re
import shutil
import ssl
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from k8s_core.errors import ConfigError, CredentialsError

if TYPE_CHECKING:
    from k8s_core.auth import ClientCertificate
    from k8s_core.configuration import Config

__all__ = ["make_context", "proxy_context"]

_CERTIFICATES: Final = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def make_context(config: Config, authority: bytes | None, certificate: ClientCertificate | None) -> ssl.SSLContext:
    """The context for connections to the server of ``config``.

    Args:
        config: says whether to verify at all.
        authority: PEM bundle; the only trust root if given, and none at all if it is empty (A17).
        certificate: to present to the server.

    Raises:
        ConfigError: the authority holds no certificate.
        CredentialsError: certificate and key don't fit or can't be read.
    """
    context = _base(config, authority)
    if certificate is not None:
        _present(context, certificate, config.source)
    return context


def proxy_context(config: Config, authority: bytes | None) -> ssl.SSLContext:
    """The context for the connection to an https proxy: also the system's roots, and no client certificate (B17)."""
    context = _base(config, authority)
    if authority is not None:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    return context


def _base(config: Config, authority: bytes | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    # Python 3.13 adds VERIFY_X509_STRICT, which refuses the certificates that most clusters made for themselves.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if not config.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif authority is None:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    else:
        # Go takes every certificate of the bundle for a root, also one that another authority has signed.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        _trust(context, authority, config)
    return context


def _trust(context: ssl.SSLContext, authority: bytes, config: Config) -> None:
    if not authority:
        return  # an empty file trusts nobody
    certificates = _CERTIFICATES.findall(authority)
    where = config.certificate_authority or "certificate-authority-data"
    problem = "no PEM certificate in it"
    if certificates:
        try:
            context.load_verify_locations(cadata=b"\n".join(certificates).decode("ascii"))
        except (ssl.SSLError, UnicodeDecodeError) as error:
            problem = str(error)
        else:
            return
    raise ConfigError(
        f"{config.source}: unable to load root certificates: {where}: {problem}",
        source=config.source,
        option="certificate-authority",
    )


def _present(context: ssl.SSLContext, certificate: ClientCertificate, source: str) -> None:
    def no_password() -> str:
        raise CredentialsError(f"{source}: the client key is encrypted; give it without a passphrase", source=source)

    folder = tempfile.mkdtemp(prefix="k8s-core-")  # mode 0700
    try:
        path = Path(folder, "identity.pem")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(certificate.certificate + b"\n" + certificate.key.reveal() + b"\n")
        context.load_cert_chain(path, password=no_password)
    except ssl.SSLError as error:
        raise CredentialsError(
            f"{source}: client certificate and key can't be used: {error.reason or 'not PEM'}", source=source
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
