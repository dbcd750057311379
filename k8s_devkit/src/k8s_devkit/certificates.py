# SPDX-License-Identifier: Apache-2.0
"""Certificates for API servers: one authority, serving certificates, users' certificates, service-account keys.

Keys are P-256, which take a millisecond; RSA would take a second each. ``cryptography`` is imported when it is needed.
"""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

__all__ = ["Authority", "KeyPair", "new_key"]

_LIFETIME = datetime.timedelta(days=7)
_CLOCK_SKEW = datetime.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A certificate and its private key, both PEM."""

    certificate: bytes
    key: bytes

    def __repr__(self) -> str:
        return "KeyPair(certificate=…, key=***)"


def new_key() -> bytes:
    """A new private key for service-account tokens, PEM. Not PKCS#8: kube-apiserver 1.20 reads EC keys in SEC1 only."""
    from cryptography.hazmat.primitives import serialization as serial

    return _generate().private_bytes(
        serial.Encoding.PEM, serial.PrivateFormat.TraditionalOpenSSL, serial.NoEncryption()
    )


class Authority:
    """A certificate authority that lives in memory: what it signs is worth nothing after the test.

    ``certificate`` is its own certificate, PEM. Certificates are valid for a week. Safe to use from several threads.
    """

    def __init__(self, name: str = "k8s-core test authority") -> None:
        from cryptography import x509

        self._key = _generate()
        self._name = _distinguished(name, ())
        builder = _builder(self._name, self._name, self._key)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        builder = builder.add_extension(_key_usage(sign_certificates=True), critical=True)
        identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = builder.add_extension(identifier, critical=False).add_extension(issuer, critical=False)
        self.certificate = _sign(builder, self._key)

    def server(self, hosts: Sequence[str]) -> KeyPair:
        """A serving certificate for these DNS names and IP addresses."""
        from cryptography import x509
        from cryptography.x509.oid import ExtendedKeyUsageOID

        names = x509.SubjectAlternativeName([_alternative(host) for host in hosts])
        return self._issue("kube-apiserver", (), [ExtendedKeyUsageOID.SERVER_AUTH], names)

    def user(self, name: str, groups: Iterable[str] = ()) -> KeyPair:
        """A client certificate: Kubernetes takes the common name for the user, the organisations for the groups."""
        from cryptography.x509.oid import ExtendedKeyUsageOID

        return self._issue(name, groups, [ExtendedKeyUsageOID.CLIENT_AUTH], None)

    def _issue(
        self,
        name: str,
        organisations: Iterable[str],
        usage: list[x509.ObjectIdentifier],
        names: x509.SubjectAlternativeName | None,
    ) -> KeyPair:
        from cryptography import x509

        key = _generate()
        builder = _builder(_distinguished(name, organisations), self._name, key)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_key_usage(sign_certificates=False), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage(usage), critical=False)
        # Python 3.13 refuses chains without key identifiers.
        subject = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = builder.add_extension(subject, critical=False).add_extension(issuer, critical=False)
        if names is not None:
            builder = builder.add_extension(names, critical=False)
        return KeyPair(_sign(builder, self._key), _pem(key))


def _generate() -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


def _pem(key: EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives import serialization as serial

    return key.private_bytes(serial.Encoding.PEM, serial.PrivateFormat.PKCS8, serial.NoEncryption())


def _distinguished(name: str, organisations: Iterable[str]) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    attributes = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, item) for item in organisations]
    return x509.Name([*attributes, x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _alternative(host: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _builder(subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    from cryptography import x509

    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + _LIFETIME)
    )


def _key_usage(*, sign_certificates: bool) -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _sign(builder: x509.CertificateBuilder, key: EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives import hashes, serialization

    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
