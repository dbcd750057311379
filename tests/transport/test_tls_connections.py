# SPDX-License-Identifier: Apache-2.0
"""Protocol A16-A18, A27, A36, B4, B5, I8: whom TLS trusts, what it presents, and how both are renewed."""

from __future__ import annotations

import datetime
import socket
import ssl
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from scripted_server import ScriptedServer, chunk, head, hold, raw, reply
from transport_help import Background, get, post, watch

from k8s_core.auth import AnonymousCredentials, ClientCertificate
from k8s_core.configuration import Config
from k8s_core.errors import ConfigError, CredentialsError, OutcomeUnknown, ResponseTruncated, TLSError, TransportError
from k8s_core.redaction import Sensitive
from k8s_core.transport import make_transport
from k8s_core.transport.tls import make_context

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import MakeTransport

    Context = Callable[..., ssl.SSLContext]


def identity(authority: trustme.CA, name: str = "client") -> ClientCertificate:
    issued = authority.issue_cert(f"{name}@example.com")
    chain = b"".join(blob.bytes() for blob in issued.cert_chain_pems)
    return ClientCertificate(chain, Sensitive(issued.private_key_pem.bytes()))


class Presents(AnonymousCredentials):
    """Credentials of a client certificate that can be exchanged."""

    def __init__(self, certificate: ClientCertificate | None) -> None:
        self.certificate = certificate

    def client_certificate(self) -> ClientCertificate | None:
        return self.certificate


def test_B4_unknown_authorities_are_refused_by_default(connect: MakeTransport, server_context: Context) -> None:
    with ScriptedServer(tls=server_context()) as server:
        with pytest.raises(TLSError, match=r"not trusted: .*; set certificate_authority to the cluster's CA"):
            connect(server).send(get())
        assert server.requests == []


def test_B4_nothing_below_tls_1_2_is_spoken(
    connect: MakeTransport, server_context: Context, authority_pem: bytes
) -> None:
    context = make_context(Config(server="https://x"), authority_pem, None)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_B4_servers_by_address_are_verified_against_the_addresses_of_the_certificate(
    connect: MakeTransport, server_context: Context, authority_pem: bytes, host: str
) -> None:
    with ScriptedServer(tls=server_context(host), host=host) as server:
        assert connect(server, certificate_authority_data=authority_pem).send(get()).status == 200
        assert server.requests[0].header("Host") == server.url.removeprefix("https://")
    with (
        ScriptedServer(tls=server_context("10.9.8.7"), host=host) as server,
        pytest.raises(TLSError, match="set tls_server_name"),
    ):
        connect(server, certificate_authority_data=authority_pem).send(get())


def test_B4_names_are_sent_in_the_handshake(
    connect: MakeTransport, server_context: Context, authority_pem: bytes
) -> None:
    context = server_context("localhost")
    names: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with ScriptedServer(tls=context) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        assert connect(url, certificate_authority_data=authority_pem).send(get()).status == 200
    assert names == ["localhost"]


def test_A18_tls_server_name_is_asked_for_and_verified_and_the_host_stays(
    connect: MakeTransport, server_context: Context, authority_pem: bytes
) -> None:
    context = server_context("kubernetes.example")
    names: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with ScriptedServer(tls=context) as server:
        options = {"certificate_authority_data": authority_pem}
        transport = connect(server, tls_server_name="kubernetes.example", **options)
        assert transport.send(get()).status == 200
        assert names == ["kubernetes.example"]
        assert server.requests[0].header("Host") == f"127.0.0.1:{server.port}"
        with pytest.raises(TLSError):
            connect(server, tls_server_name="other.example", **options).send(get())


def test_A16_insecure_accepts_any_certificate_and_keeps_quiet(connect: MakeTransport, server_context: Context) -> None:
    with ScriptedServer(tls=server_context("elsewhere.example")) as server:
        assert connect(server, verify_ssl=False).send(get()).status == 200
    with pytest.raises(ConfigError, match="insecure flag is not allowed"):
        Config(server="https://x", verify_ssl=False, certificate_authority="/ca.crt")


def test_A17_the_given_authority_is_the_only_one(
    connect: MakeTransport, server_context: Context, authority_pem: bytes
) -> None:
    other = trustme.CA()
    with ScriptedServer(tls=server_context()) as server:
        with pytest.raises(TLSError):
            connect(server, certificate_authority_data=other.cert_pem.bytes()).send(get())
        both = other.cert_pem.bytes() + b"# a comment \xc3\xa9\n" + authority_pem
        assert connect(server, certificate_authority_data=both).send(get()).status == 200


def test_A17_an_empty_authority_trusts_nobody(
    connect: MakeTransport, server_context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, authority: Any
) -> None:
    system = tmp_path / "system.pem"
    system.write_bytes(authority.cert_pem.bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(system))
    empty = tmp_path / "ca.crt"
    empty.write_bytes(b"")
    with ScriptedServer(tls=server_context()) as server:
        assert connect(server).send(get()).status == 200  # the system's roots
        with pytest.raises(TLSError):
            connect(server, certificate_authority=str(empty)).send(get())


@pytest.mark.parametrize(
    "data", [b"rubbish", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"], ids=["text", "bad PEM"]
)
def test_A17_an_authority_without_a_certificate_is_an_error_of_the_configuration(data: bytes) -> None:
    with pytest.raises(ConfigError, match="unable to load root certificates"):
        make_transport(Config(server="https://127.0.0.1:1", certificate_authority_data=data), environ={})


def _chain_without_key_identifiers() -> tuple[bytes, bytes, bytes]:
    """CA, certificate and key as many cluster installers make them: no key identifiers, no key usage (B5)."""
    now = datetime.datetime.now(datetime.UTC)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "minimal-ca")])

    def build(subject: x509.Name, public_key: Any, extension: x509.ExtensionType, critical: bool) -> x509.Certificate:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(ca_name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(extension, critical=critical)
            .sign(ca_key, hashes.SHA256())
        )

    ca = build(ca_name, ca_key.public_key(), x509.BasicConstraints(ca=True, path_length=None), False)
    server_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    certificate = build(server_name, key.public_key(), names, False)
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return ca.public_bytes(pem), certificate.public_bytes(pem), private


def test_B5_certificates_without_key_identifiers_are_accepted_as_go_does(
    connect: MakeTransport, tmp_path: Path
) -> None:
    ca, certificate, key = _chain_without_key_identifiers()
    path = tmp_path / "server.pem"
    path.write_bytes(certificate + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)

    # What Python 3.13 does by default refuses the chain ...
    strict = ssl.create_default_context(cadata=ca.decode())
    strict.verify_flags |= ssl.VERIFY_X509_STRICT
    ours = make_context(Config(server="https://x"), ca, None)
    assert not ours.verify_flags & ssl.VERIFY_X509_STRICT
    with ScriptedServer(tls=context) as server:
        with (
            socket.create_connection(("127.0.0.1", server.port)) as sock,
            pytest.raises(ssl.SSLCertVerificationError),
        ):
            strict.wrap_socket(sock, server_hostname="localhost")
        # ... and ours takes it.
        url = server.url.replace("127.0.0.1", "localhost")
        assert connect(url, certificate_authority_data=ca).send(get()).status == 200


def test_I8_key_material_is_private_on_disk_and_gone_afterwards(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, authority: trustme.CA
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    seen: list[tuple[int, int]] = []
    load = ssl.SSLContext.load_cert_chain

    def looking(self: ssl.SSLContext, path: Any, *args: Any, **keywords: Any) -> None:
        file = Path(path)
        seen.append((stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(file.parent.stat().st_mode)))
        load(self, path, *args, **keywords)

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", looking)
    make_context(Config(server="https://x"), None, identity(authority))
    assert seen == [(0o600, 0o700)]
    assert list(tmp_path.iterdir()) == []


def test_I8_keys_that_dont_fit_or_are_encrypted_are_named_and_not_shown(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    one, other = identity(authority), identity(authority)
    with pytest.raises(CredentialsError, match="can't be used") as failure:
        make_context(Config(server="https://x"), None, ClientCertificate(one.certificate, other.key))
    key = ec.generate_private_key(ec.SECP256R1())
    encrypted = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"secret")
    )
    with pytest.raises(CredentialsError, match="encrypted"):
        make_context(Config(server="https://x"), None, ClientCertificate(one.certificate, Sensitive(encrypted)))
    assert "PRIVATE KEY" not in str(failure.value)
    assert list(tmp_path.iterdir()) == []


def test_A36_the_client_certificate_is_presented_and_a_new_one_makes_new_connections(
    connect: MakeTransport, server_context: Context, authority: trustme.CA, authority_pem: bytes
) -> None:
    subjects: list[str] = []

    def answer(peer: Any) -> None:
        alternatives = peer.sock.getpeercert()["subjectAltName"]
        subjects.append(alternatives[0][1])
        reply(200, b"ok")(peer)

    with ScriptedServer(default=answer, tls=server_context(client_authority=authority)) as server:
        credentials = Presents(identity(authority, "first"))
        transport = connect(server, certificate_authority_data=authority_pem, credentials=credentials)
        for _ in range(2):
            transport.send(get())
        assert server.connections == 1
        credentials.certificate = identity(authority, "second")
        transport.send(get())
        assert subjects == ["first@example.com", "first@example.com", "second@example.com"]
        server.wait_for_open_connections(1)  # the old one is gone


def test_A36_a_stream_ends_when_the_certificate_is_renewed(
    connect: MakeTransport, server_context: Context, authority: trustme.CA, authority_pem: bytes
) -> None:
    stream = [raw(head(200, {"Transfer-Encoding": "chunked"})), chunk(b"one"), hold()]
    with ScriptedServer(stream, tls=server_context(client_authority=authority)) as server:
        credentials = Presents(identity(authority, "first"))
        transport = connect(server, certificate_authority_data=authority_pem, credentials=credentials)
        pieces = transport.send(watch()).stream()
        assert next(pieces) == b"one"
        reader = Background(lambda: list(pieces))
        credentials.certificate = identity(authority, "second")
        assert transport.send(get()).status == 200
        with pytest.raises(ResponseTruncated, match="renewed"):
            reader.result()


def test_A27_a_replaced_authority_file_makes_new_connections(
    connect: MakeTransport, server_context: Context, authority: trustme.CA, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr("k8s_core.configuration.material.AUTHORITY_PERIOD", 0.0)
    path = tmp_path / "ca.crt"
    path.write_bytes(authority.cert_pem.bytes())
    other = trustme.CA()
    with ScriptedServer(tls=server_context()) as server:
        transport = connect(server, certificate_authority=str(path))
        transport.send(get())
        path.write_bytes(other.cert_pem.bytes())
        with pytest.raises(TLSError):
            transport.send(get())
        server.wait_for_open_connections(0)
        path.write_bytes(other.cert_pem.bytes() + authority.cert_pem.bytes())
        assert transport.send(get()).status == 200
        path.unlink()  # a moment without the file changes nothing
        assert transport.send(get()).status == 200
        assert server.connections == 3


def test_a_server_that_wants_a_certificate_refuses_without_a_doubt_about_writes(
    connect: MakeTransport, server_context: Context, authority: trustme.CA, authority_pem: bytes
) -> None:
    with ScriptedServer(tls=server_context(client_authority=authority)) as server:
        transport = connect(server, certificate_authority_data=authority_pem)
        with pytest.raises(TransportError) as failure:
            transport.send(post())
        # The alert may be lost behind a reset; then nobody can know.
        assert isinstance(failure.value, TLSError | OutcomeUnknown)
        assert server.requests == []


def test_A36_requests_go_on_while_certificates_are_renewed_by_other_threads(
    connect: MakeTransport, server_context: Context, authority: trustme.CA, authority_pem: bytes
) -> None:
    certificates = [identity(authority, f"client-{number}") for number in range(4)]
    with ScriptedServer(tls=server_context(client_authority=authority)) as server:
        credentials = Presents(certificates[0])
        transport = connect(server, certificate_authority_data=authority_pem, credentials=credentials)

        def work() -> int:
            return sum(transport.send(get()).status == 200 for _ in range(30))

        threads = [Background(work) for _ in range(6)]
        for number in range(40):
            credentials.certificate = certificates[number % 4]
            transport.send(get())
        assert [thread.result() for thread in threads] == [30] * 6


def test_a_plain_server_behind_https_is_recognised(connect: MakeTransport) -> None:
    refusal = raw(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    with (
        ScriptedServer(accept=[refusal]) as server,
        pytest.raises(TLSError, match="does the server speak plain http"),
    ):
        connect(server.url.replace("http:", "https:"), verify_ssl=False).send(get())
