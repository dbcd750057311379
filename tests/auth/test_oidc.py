# SPDX-License-Identifier: Apache-2.0
"""The oidc auth provider (A42), against an identity provider with real TLS on loopback."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest

from k8s_core.auth import make_credentials, oidc
from k8s_core.auth.oidc import OIDCCredentials, token_expiry
from k8s_core.configuration import AuthProviderConfig, Config
from k8s_core.errors import CredentialsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(autouse=True)
def _fresh_sessions() -> Iterator[None]:
    oidc._sessions.clear()
    yield
    oidc._sessions.clear()


def jwt(exp: Any = None, **claims: Any) -> str:
    body = json.dumps(claims | ({"exp": exp} if exp is not None else {})).encode()
    return f"e30.{base64.urlsafe_b64encode(body).decode().rstrip('=')}.sig"


class Provider:
    """An identity provider whose refresh tokens are good once."""

    def __init__(self, server: Any, time: Any) -> None:
        self.server, self.time = server, time
        self.secret = "s3 cret"
        self.refresh_token = "r0"
        self.discovery: dict[str, Any] = {"token_endpoint": f"{server.url}/token"}
        self.takes = "header"
        self.renewals = 0
        self.answer: Callable[[str], dict[str, Any]] = lambda token: {
            "id_token": token,
            "refresh_token": self.refresh_token,
        }
        server.respond = self.respond

    def respond(self, request: Any) -> Any:
        if request.path == "/.well-known/openid-configuration":
            return 200, {}, json.dumps(self.discovery).encode()
        form = {key: values[0] for key, values in parse_qs(request.body.decode()).items()}
        if self.secret and not self.knows(request["Authorization"], form):
            return 401, {}, b'{"error": "invalid_client"}'
        if (form["grant_type"], form["refresh_token"]) != ("refresh_token", self.refresh_token):
            return 400, {}, b'{"error": "invalid_grant"}'
        self.renewals += 1
        self.refresh_token = f"r{self.renewals}"
        token = jwt(self.time.seconds + 3600, n=self.renewals)
        return 200, {}, json.dumps(self.answer(token)).encode()

    def knows(self, header: str | None, form: dict[str, str]) -> bool:
        if self.takes == "header":
            pair = base64.b64encode(b"cli%3Aent:s3%20cret").decode()
            return header == f"Basic {pair}" and "client_secret" not in form
        return header is None and (form.get("client_id"), form.get("client_secret")) == ("cli:ent", self.secret)


@pytest.fixture
def provider(server: Any, time: Any) -> Provider:
    return Provider(server, time)


@pytest.fixture
def configure(provider: Provider, pki: Any) -> Callable[..., Config]:
    def make(**changes: Any) -> Config:
        options = {
            "idp-issuer-url": provider.server.url,
            "client-id": "cli:ent",
            "client-secret": provider.secret,
            "refresh-token": "r0",
            "idp-certificate-authority-data": base64.b64encode(pki.ca_pem).decode(),
        } | {key.replace("_", "-"): value for key, value in changes.items()}
        return Config(server="https://h", auth_provider=AuthProviderConfig(name="oidc", config=options), source="ctx")

    return make


def sent(credentials: OIDCCredentials) -> str:
    return credentials.headers()["Authorization"]


def test_A42_a_valid_id_token_is_used_as_it_is(configure: Any, provider: Provider, time: Any) -> None:
    token = jwt(time.seconds + 60)
    credentials = OIDCCredentials(configure(id_token=token), now=time.now)
    assert sent(credentials) == f"Bearer {token}"
    assert credentials.expires_at().timestamp() == time.seconds + 60
    assert provider.server.requests == []


def test_A42_it_is_renewed_ten_seconds_before_it_ends(configure: Any, provider: Provider, time: Any) -> None:
    token = jwt(time.seconds + 60)
    credentials = OIDCCredentials(configure(id_token=token), now=time.now)
    time.seconds += 49
    assert sent(credentials) == f"Bearer {token}"
    time.seconds += 1
    renewed = sent(credentials)
    assert renewed == f"Bearer {jwt(time.seconds + 3600, n=1)}"
    time.seconds += 3591
    assert sent(credentials) != renewed, "with the refresh token that the first renewal brought"
    assert provider.renewals == 2


def test_A42_a_refresh_token_alone_is_enough_and_a_login_is_shared(
    configure: Any, provider: Provider, time: Any
) -> None:
    first, second = (OIDCCredentials(configure(), now=time.now) for _ in range(2))
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(sent, [first, second] * 8))) == 1
    assert provider.renewals == 1


def test_A42_make_credentials_knows_it(configure: Any, time: Any) -> None:
    token = jwt()
    assert make_credentials(configure(id_token=token)).headers()["Authorization"] == f"Bearer {token}"


@pytest.mark.parametrize("announced", [None, ["client_secret_post"], ["client_secret_basic"]])
@pytest.mark.parametrize("takes", ["header", "body"])
def test_the_client_secret_goes_where_the_provider_takes_it(
    takes: str, announced: Any, configure: Any, provider: Provider, time: Any
) -> None:
    provider.takes = takes
    provider.discovery["token_endpoint_auth_methods_supported"] = announced
    assert sent(OIDCCredentials(configure(), now=time.now)).startswith("Bearer e30.")


def test_a_client_without_a_secret_names_itself_in_the_body(configure: Any, provider: Provider, time: Any) -> None:
    provider.secret = ""
    sent(OIDCCredentials(configure(client_secret=""), now=time.now))
    request = provider.server.requests[-1]
    assert request["Authorization"] is None
    assert b"client_id=cli%3Aent" in request.body


def test_after_a_401_the_login_is_renewed_once(configure: Any, provider: Provider, time: Any) -> None:
    credentials = OIDCCredentials(configure(id_token=jwt(time.seconds + 60)), now=time.now)
    rejected = credentials.headers()
    assert credentials.refresh(rejected)
    assert credentials.refresh(rejected), "another thread did it"
    assert provider.renewals == 1
    alone = OIDCCredentials(configure(id_token=jwt(time.seconds + 60, a=1), refresh_token=""), now=time.now)
    assert not alone.refresh(alone.headers())


def test_TLS_to_the_provider_is_verified(configure: Any, other_pki: Any, time: Any) -> None:
    wrong = base64.b64encode(other_pki.ca_pem).decode()
    with pytest.raises(CredentialsError, match=r"the identity provider can't be asked: .*certificate"):
        sent(OIDCCredentials(configure(idp_certificate_authority_data=wrong), now=time.now))
    with pytest.raises(CredentialsError, match=r"the identity provider can't be asked: .*certificate"):
        sent(OIDCCredentials(configure(idp_certificate_authority_data="", client_id="x"), now=time.now))


def test_the_authority_may_be_a_file(configure: Any, pki: Any, tmp_path: Any, time: Any) -> None:
    path = tmp_path / "ca"
    config = configure(idp_certificate_authority_data="", idp_certificate_authority=str(path))
    with pytest.raises(CredentialsError, match="unable to read idp-certificate-authority"):
        sent(OIDCCredentials(config, now=time.now))
    path.write_bytes(pki.ca_pem)
    assert sent(OIDCCredentials(config, now=time.now))


@pytest.mark.parametrize(
    "url", ["http://idp", "", "idp", "https://", "https://user:hunter2@idp", "https://[", "file:///x"]
)
def test_a_provider_without_TLS_gets_no_token(url: str, configure: Any) -> None:
    with pytest.raises(CredentialsError, match=r"oidc: idp-issuer-url: .* is not an https URL") as caught:
        OIDCCredentials(configure(idp_issuer_url=url))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1/token", None, "", 5, ["x"]])
def test_I4_a_provider_can_not_send_the_refresh_token_elsewhere_unencrypted(
    endpoint: Any, configure: Any, provider: Provider, time: Any
) -> None:
    provider.discovery["token_endpoint"] = endpoint
    with pytest.raises(CredentialsError, match=r"token_endpoint of idp-issuer-url: .* is not an https URL"):
        sent(OIDCCredentials(configure(), now=time.now))
    assert [request.method for request in provider.server.requests] == ["GET"]


@pytest.mark.parametrize(
    ("changes", "meaning"),
    [
        ({"refresh_token": ""}, "neither id-token nor refresh-token"),
        ({"client_id": ""}, "a refresh-token but no client-id"),
        ({"idp_certificate_authority_data": "%%"}, "is not valid base64"),
        ({"refresh_token": "wrong"}, r"refused to renew the login \(400\)"),
        ({"client_secret": "wrong"}, r"refused to renew the login \(401\)"),
    ],
)
def test_options_that_can_not_work_are_errors(changes: Any, meaning: str, configure: Any, time: Any) -> None:
    with pytest.raises(CredentialsError, match=meaning) as caught:
        sent(OIDCCredentials(configure(**changes), now=time.now))
    assert "wrong" not in str(caught.value)
    assert caught.value.source == "ctx"


def test_an_expired_id_token_without_a_refresh_token_is_an_error(configure: Any, time: Any) -> None:
    credentials = OIDCCredentials(configure(id_token=jwt(time.seconds - 1), refresh_token=""), now=time.now)
    with pytest.raises(CredentialsError, match="id-token has expired and there is no refresh-token; log in again"):
        credentials.headers()


@pytest.mark.parametrize("answer", [{}, {"id_token": ""}, {"id_token": 5}, {"access_token": "hunter2"}])
def test_a_renewal_without_an_id_token_is_an_error(answer: Any, configure: Any, provider: Provider, time: Any) -> None:
    provider.answer = lambda token: answer
    with pytest.raises(CredentialsError, match="without an id_token") as caught:
        sent(OIDCCredentials(configure(), now=time.now))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "body", "meaning"), [(404, b"", "answered 404"), (200, b"<html>", "no JSON object")]
)
def test_a_discovery_that_fails_is_an_error(
    status: int, body: bytes, meaning: str, configure: Any, provider: Provider, time: Any
) -> None:
    provider.server.respond = lambda request: (status, {}, body)
    with pytest.raises(CredentialsError, match=meaning):
        sent(OIDCCredentials(configure(), now=time.now))


def test_a_provider_that_is_down_is_an_error(configure: Any, provider: Provider, time: Any) -> None:
    config = configure()
    provider.server.close()
    with pytest.raises(CredentialsError, match="the identity provider can't be asked"):
        sent(OIDCCredentials(config, now=time.now))


@pytest.mark.parametrize(
    "token", ["", "a", "a.b", "a.!!!.c", jwt(), jwt("soon"), jwt(1e400), jwt(1e300), jwt([1]), "a.bnVsbA.c", "é.é.é"]
)
def test_a_token_without_a_readable_end_has_none(token: str) -> None:
    assert token_expiry(token) is None


def test_I9_nothing_is_written(configure: Any, time: Any, private_temp: Any) -> None:
    sent(OIDCCredentials(configure(), now=time.now))
    assert list(private_temp.iterdir()) == []
