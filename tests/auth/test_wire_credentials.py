# SPDX-License-Identifier: Apache-2.0
"""Every source of credentials over a real TLS socket: what arrives at the server is asserted."""

from __future__ import annotations

import base64
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest

from k8s_core import Client, config
from k8s_core.client.default import default_client
from k8s_core.configuration import AuthProviderConfig, Config, ExecConfig, Impersonation
from k8s_core.configuration.incluster import in_cluster
from k8s_core.errors import CredentialsError, TLSError, Unauthorized
from k8s_core.model.yaml import dump_yaml
from k8s_core.requests import Request
from k8s_core.transport import make_transport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Call = Callable[..., Any]

V1 = "client.authentication.k8s.io/v1"


@pytest.fixture
def call() -> Iterator[Call]:
    """Send one GET with a configuration and return the transport, for more."""
    opened = []

    def send(config: Config, path: str = "/version", **fields: Any) -> Any:
        transport = make_transport(config)
        opened.append(transport)
        get(transport, path, **fields)
        return transport

    yield send
    for transport in opened:
        transport.close()


def get(transport: Any, path: str = "/version", **fields: Any) -> int:
    response = transport.send(Request(method="GET", path=path, **fields))
    response.read()
    return int(response.status)


@pytest.fixture
def base(server: Any, pki: Any) -> Config:
    return Config(server=server.url, certificate_authority_data=pki.ca_pem, timeout=10)


@pytest.fixture
def kubeconfig(server: Any, pki: Any, tmp_path: Path) -> Callable[..., Config]:
    """The Config of a kubeconfig file with one user, whose server is the recording one."""

    def make(user: dict[str, Any], **cluster: Any) -> Config:
        encoded = base64.b64encode(pki.ca_pem).decode()
        entry = {"server": server.url, "certificate-authority-data": encoded} | cluster
        document = {
            "current-context": "c",
            "clusters": [{"name": "c", "cluster": entry}],
            "users": [{"name": "u", "user": user}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        }
        (tmp_path / "kubeconfig").write_text(dump_yaml(document))
        return Config.from_kubeconfig(tmp_path / "kubeconfig")

    return make


def encoded(pair: tuple[bytes, bytes]) -> dict[str, str]:
    data = [base64.b64encode(part).decode() for part in pair]
    return {"client-certificate-data": data[0], "client-key-data": data[1]}


# -- headers


def test_no_credentials_send_no_header(base: Config, server: Any, call: Call) -> None:
    call(base)
    assert server.requests[0]["Authorization"] is None
    assert server.requests[0].certificate is None


def test_token(kubeconfig: Any, server: Any, call: Call) -> None:
    call(kubeconfig({"token": "abc"}))
    assert server.requests[0].all("Authorization") == ["Bearer abc"]


def test_token_file(kubeconfig: Any, server: Any, call: Call, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-file\n")
    call(kubeconfig({"tokenFile": "token"}))
    assert server.requests[0].all("Authorization") == ["Bearer from-file"]


def test_basic(kubeconfig: Any, server: Any, call: Call) -> None:
    call(kubeconfig({"username": "us", "password": "pä"}))
    assert server.requests[0].all("Authorization") == [f"Basic {base64.b64encode('us:pä'.encode()).decode()}"]


def test_exec_token(kubeconfig: Any, server: Any, call: Call, program: Any) -> None:
    call(kubeconfig({"exec": {"apiVersion": V1, "command": program.command, "interactiveMode": "Never"}}))
    assert server.requests[0].all("Authorization") == ["Bearer t0"]


def test_oidc(kubeconfig: Any, server: Any, call: Call) -> None:
    call(kubeconfig({"auth-provider": {"name": "oidc", "config": {"id-token": "e30.e30.sig"}}}))
    assert server.requests[0].all("Authorization") == ["Bearer e30.e30.sig"]


def test_in_cluster(server: Any, call: Call, pki: Any, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("pod")
    (tmp_path / "ca.crt").write_bytes(pki.ca_pem)
    environ = {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(server.port)}
    call(in_cluster(Config, environ, directory=tmp_path))
    assert server.requests[0].all("Authorization") == ["Bearer pod"]


def test_the_settings_of_the_tutorial(server: Any, pki: Any, tmp_path: Path) -> None:
    (tmp_path / "ca").write_bytes(pki.ca_pem)
    config.api_server, config.api_token, config.verify_ssl = server.url, "abc", str(tmp_path / "ca")
    with default_client() as client:
        client.request(Request(method="GET", path="/version")).read()
    assert server.requests[0].all("Authorization") == ["Bearer abc"]


# -- certificates


def test_client_certificate_from_data(kubeconfig: Any, server: Any, call: Call, pki: Any, private_temp: Path) -> None:
    call(kubeconfig(encoded(pki.client("alice"))))
    assert server.requests[0].certificate == "alice"
    assert server.requests[0]["Authorization"] is None
    assert list(private_temp.iterdir()) == []


def test_client_certificate_from_files(kubeconfig: Any, server: Any, call: Call, pki: Any, tmp_path: Path) -> None:
    for name, content in zip(("crt", "key"), pki.client("bob"), strict=True):
        (tmp_path / name).write_bytes(content)
    call(kubeconfig({"client-certificate": "crt", "client-key": "key"}))
    assert server.requests[0].certificate == "bob"


def test_exec_certificate(kubeconfig: Any, server: Any, call: Call, pki: Any, program: Any, private_temp: Path) -> None:
    certificate, key = pki.client("carol")
    program.answers({"clientCertificateData": certificate.decode(), "clientKeyData": key.decode()})
    call(kubeconfig({"exec": {"apiVersion": V1, "command": program.command, "interactiveMode": "Never"}}))
    assert server.requests[0].certificate == "carol"
    assert server.requests[0]["Authorization"] is None
    assert list(private_temp.iterdir()) == []


def test_A25_token_and_certificate_are_both_sent(kubeconfig: Any, server: Any, call: Call, pki: Any) -> None:
    call(kubeconfig({"token": "abc"} | encoded(pki.client("dave"))))
    assert (server.requests[0].certificate, server.requests[0]["Authorization"]) == ("dave", "Bearer abc")


def test_I8_a_certificate_that_does_not_fit_its_key_is_an_error(
    base: Config, call: Call, pki: Any, private_temp: Path
) -> None:
    certificate, key = pki.client("eve")[0], pki.client("mallory")[1]
    with pytest.raises(CredentialsError, match="client certificate and key can't be used"):
        call(base.replace(client_certificate_data=certificate, client_key_data=key))
    assert list(private_temp.iterdir()) == []


# -- trust


def test_A17_an_authority_is_the_only_root(
    base: Config, server: Any, call: Call, other_pki: Any, tmp_path: Path
) -> None:
    (tmp_path / "empty").write_bytes(b"")
    wrong = (
        base.replace(certificate_authority_data=other_pki.ca_pem),
        base.replace(certificate_authority=str(tmp_path / "empty")),
        Config(server=server.url, timeout=10),
    )
    for lacking in wrong:
        with pytest.raises(TLSError):
            call(lacking.replace(token="abc"))
    assert server.requests == []
    call(Config(server=server.url, verify_ssl=False, token="abc"))
    assert server.requests[0]["Authorization"] == "Bearer abc"


def test_A18_the_server_name_is_asked_for_and_verified(serve: Any, call: Call, pki: Any) -> None:
    server = serve(context=pki.server_context("foo.example.com"))
    config = Config(server=server.url, certificate_authority_data=pki.ca_pem, tls_server_name="foo.example.com")
    call(config)
    assert server.requests[0].server_name == "foo.example.com"
    assert server.requests[0]["Host"] == f"127.0.0.1:{server.port}"
    with pytest.raises(TLSError):
        call(config.replace(tls_server_name="bar.example.com"))
    with pytest.raises(TLSError):
        call(config.replace(server=server.url))


def test_A19_the_path_of_the_server_comes_first(base: Config, server: Any, call: Call) -> None:
    call(base.replace(server=f"{server.url}/k8s/clusters/c-1/"), "/api/v1/pods")
    assert server.requests[0].path.startswith("/k8s/clusters/c-1/api/v1/pods")


def test_A21_nothing_secret_arrives_at_a_server_without_tls(
    kubeconfig: Any, serve: Any, call: Call, pki: Any, program: Any
) -> None:
    server = serve(tls=False)
    exec_user = {"exec": {"apiVersion": V1, "command": program.command, "interactiveMode": "Never"}}
    for user in ({"token": "abc"}, {"username": "u", "password": "p"}, encoded(pki.client("x")), exec_user):
        call(kubeconfig(user | {"as": "jane"}, server=server.url.replace("//", "//in:url@")))
        assert server.requests[-1]["Authorization"] is None
        assert server.requests[-1]["Impersonate-User"] == "jane"
    assert program.runs == []


# -- who else


def test_A28_every_group_has_a_line_of_its_own(kubeconfig: Any, server: Any, call: Call) -> None:
    user = {"token": "t", "as": "jané", "as-uid": "7", "as-groups": ["a,b", "c"], "as-user-extra": {"x/y%": ["1", "2"]}}
    call(kubeconfig(user))
    request = server.requests[0]
    assert request["Impersonate-User"].encode("latin-1") == "jané".encode()
    assert request.all("Impersonate-Uid") == ["7"]
    assert request.all("Impersonate-Group") == ["a,b", "c"]
    assert request.all("Impersonate-Extra-x%2Fy%25") == ["1", "2"]
    assert request.all("Authorization") == ["Bearer t"]


def test_A28_a_request_that_impersonates_gets_none_of_the_configured_lines(
    base: Config, server: Any, call: Call
) -> None:
    whom = Impersonation(user="jane", groups=("admins",))
    call(base.replace(impersonate=whom), headers=(("Impersonate-User", "joe"),))
    assert server.requests[0].all("Impersonate-User") == ["joe"]
    assert server.requests[0].all("Impersonate-Group") == []


def test_A26_a_request_with_its_own_authorization_keeps_it(base: Config, server: Any, call: Call) -> None:
    call(base.replace(token="configured"), headers=(("authorization", "Bearer own"),))
    assert server.requests[0].all("Authorization") == ["Bearer own"]


def test_A26_the_login_program_is_not_run_for_such_a_request(
    base: Config, server: Any, call: Call, program: Any
) -> None:
    config = base.replace(exec=ExecConfig(command=program.command, api_version=V1))
    call(config, headers=(("Authorization", "Bearer own"),))
    assert server.requests[0].all("Authorization") == ["Bearer own"]
    assert program.runs == []


# -- never anonymous


@pytest.mark.parametrize(
    "fields",
    [
        {"exec": ExecConfig(command="/nonexistent/login", api_version=V1)},
        {"token_file": "/nonexistent/token"},
        {"client_certificate": "/nonexistent/c", "client_key": "/nonexistent/k"},
        {"auth_provider": AuthProviderConfig(name="gcp")},
        {"auth_provider": AuthProviderConfig(name="oidc", config={"id-token": "e30.eyJleHAiOjF9.s"})},
        {"token": ""},
    ],
)
def test_a_source_that_yields_nothing_sends_nothing(fields: Any, base: Config, server: Any, call: Call) -> None:
    with pytest.raises(CredentialsError):
        call(base.replace(**fields))
    assert server.requests == []
    assert server.connections == 0


# -- 401


def status(code: int) -> bytes:
    return json.dumps(
        {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": "Unauthorized"}
    ).encode()


@pytest.fixture
def strict(server: Any) -> set[str]:
    """The tokens that the server takes; all others get 401."""
    tokens: set[str] = set()
    server.respond = lambda request: (
        (200, {}, b"{}")
        if (request["Authorization"] or "").removeprefix("Bearer ") in tokens
        else (401, {}, status(401))
    )
    return tokens


@pytest.mark.parametrize("stream", [False, True])
def test_A38_after_a_401_the_request_is_sent_once_more(
    stream: bool, base: Config, server: Any, strict: set[str], tmp_path: Path, call: Call
) -> None:
    strict.add("two")
    (tmp_path / "token").write_text("one")
    transport = make_transport(base.replace(token_file=str(tmp_path / "token")))
    assert get(transport, stream=stream) == 401
    assert len(server.requests) == 1, "nothing new in the file: no replay"
    (tmp_path / "token").write_text("two")
    assert get(transport, stream=stream) == 200
    assert [request["Authorization"] for request in server.requests[1:]] == ["Bearer one", "Bearer two"]
    transport.close()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_A38_a_second_401_is_the_answer_and_never_a_loop(
    method: str, stream: bool, base: Config, server: Any, strict: set[str], program: Any, call: Call
) -> None:
    program.does("(folder / 'output').write_text((folder / 'output').read_text().replace('t0', f't{number}'))")
    transport = make_transport(base.replace(exec=ExecConfig(command=program.command, api_version=V1)))
    body = b"{}" if method == "POST" else None
    response = transport.send(Request(method=method, path="/x", body=body, stream=stream))
    response.read()
    assert response.status == 401
    assert len(server.requests) == len(program.runs) == 2
    transport.close()


def test_A38_a_client_raises_Unauthorized_then(base: Config, server: Any, strict: set[str]) -> None:
    with Client(base.replace(token="wrong")) as client, pytest.raises(Unauthorized):
        client.request(Request(method="GET", path="/version"))
    assert len(server.requests) == 1


def test_403_is_never_treated_as_an_expired_login(base: Config, server: Any, program: Any) -> None:
    server.respond = lambda request: (403, {}, status(403))
    transport = make_transport(base.replace(exec=ExecConfig(command=program.command, api_version=V1)))
    assert get(transport) == 403
    assert len(server.requests) == len(program.runs) == 1
    transport.close()


# -- origins and logs


def test_B17_no_credentials_follow_a_redirect_to_another_origin(
    base: Config, server: Any, serve: Any, call: Call, pki: Any
) -> None:
    other = serve()
    server.respond = lambda request: (307, {"Location": f"{other.url}/stolen"}, b"")
    certificate, key = pki.client("alice")
    config = base.replace(
        token="abc", client_certificate_data=certificate, client_key_data=key, impersonate=Impersonation(user="jane")
    )
    transport = make_transport(config)
    assert get(transport) == 307
    assert (len(server.requests), other.connections) == (1, 0)
    transport.close()


def test_I1_neither_debug_log_nor_errors_show_a_secret(
    base: Config, server: Any, strict: set[str], call: Call, caplog: Any, program: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    program.answers({"token": "hunter2"})
    for more in ({"token": "hunter2"}, {"username": "u", "password": "hunter2"}):
        call(base.replace(debug=True, **more))
    call(base.replace(debug=True, exec=ExecConfig(command=program.command, api_version=V1, args=("hunter2",))))
    with Client(base.replace(debug=True, token="hunter2")) as client, pytest.raises(Unauthorized) as caught:
        client.request(Request(method="GET", path="/version"))
    assert caplog.text
    hidden = base64.b64encode(b"u:hunter2").decode()
    for text in (caplog.text, str(caught.value), repr(caught.value), repr(client), repr(client.config)):
        assert "hunter2" not in text
        assert hidden not in text
