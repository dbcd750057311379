# SPDX-License-Identifier: Apache-2.0
"""The example package k8s-auth-vault, against a Vault on loopback that knows one path."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from k8s_auth_vault import k8s_credentials
from k8s_auth_vault.credentials import Settings, VaultCredentials
from k8s_core import Client
from k8s_core.configuration import AuthProviderConfig, Config
from k8s_core.errors import CredentialsError
from k8s_core.requests import Request

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Vault:
    """Issues ``sa-1``, ``sa-2``, … with a lease of an hour to whoever has the root token."""

    def __init__(self, server: Any) -> None:
        self.server = server
        self.issued = 0
        self.lease: Any = 3600
        self.root = "root"
        server.respond = self.respond

    def respond(self, request: Any) -> Any:
        if request["X-Vault-Token"] != self.root:
            return 403, {}, b'{"errors": ["permission denied"]}'
        if (request.method, request.path.partition("?")[0]) != ("POST", "/v1/kubernetes/creds/deployer"):
            return 404, {}, b'{"errors": []}'
        self.issued += 1
        data = {"service_account_name": "v-1", "service_account_token": f"sa-{self.issued}"}
        return 200, {}, json.dumps({"lease_id": "x", "lease_duration": self.lease, "data": data}).encode()


@pytest.fixture
def vault(server: Any) -> Vault:
    return Vault(server)


@pytest.fixture
def options(vault: Vault, pki: Any, tmp_path: Path) -> dict[str, str]:
    (tmp_path / "vault-ca").write_bytes(pki.ca_pem)
    return {"address": vault.server.url, "role": "deployer", "certificate-authority": str(tmp_path / "vault-ca")}


@pytest.fixture
def source(options: dict[str, str], time: Any) -> Callable[..., VaultCredentials]:
    def make(environ: dict[str, str] | None = None, **changes: str) -> VaultCredentials:
        changed = options | {name.replace("_", "-"): value for name, value in changes.items()}
        settings = Settings.read(changed, {}, "ctx")
        return VaultCredentials(settings, environ={"VAULT_TOKEN": "root"} if environ is None else environ, now=time.now)

    return make


def sent(credentials: VaultCredentials) -> str:
    return credentials.headers()["Authorization"]


def test_it_answers_for_its_own_users_only(options: dict[str, str]) -> None:
    assert k8s_credentials(config=Config()) is None
    other = AuthProviderConfig(name="oidc", config=options)
    assert k8s_credentials(config=Config(server="https://h", auth_provider=other)) is None
    mine = AuthProviderConfig(name="vault", config=options)
    assert isinstance(k8s_credentials(config=Config(server="https://h", auth_provider=mine)), VaultCredentials)


def test_it_asks_for_a_token_of_the_role(source: Any, vault: Vault) -> None:
    credentials = source(kubernetes_namespace="team", ttl="20m", vault_namespace="admin")
    assert credentials.expires_at() is None
    assert vault.server.requests == []
    assert sent(credentials) == "Bearer sa-1"
    request = vault.server.requests[0]
    assert json.loads(request.body) == {"kubernetes_namespace": "team", "ttl": "20m"}
    assert (request["X-Vault-Token"], request["X-Vault-Namespace"]) == ("root", "admin")


def test_it_is_renewed_before_the_lease_ends(source: Any, vault: Vault, time: Any) -> None:
    credentials = source()
    assert sent(credentials) == "Bearer sa-1"
    assert (credentials.expires_at() - time.now()).total_seconds() == 3600
    time.seconds += 2399
    assert sent(credentials) == "Bearer sa-1"
    time.seconds += 1
    assert sent(credentials) == "Bearer sa-2"


def test_one_request_serves_all_threads(source: Any, vault: Vault) -> None:
    credentials = source()
    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(lambda _: sent(credentials), range(64))) == {"Bearer sa-1"}
    assert vault.issued == 1


def test_while_vault_is_away_the_token_is_used_until_its_lease_ends(
    source: Any, vault: Vault, time: Any, caplog: Any
) -> None:
    credentials = source()
    sent(credentials)
    vault.root = "changed"
    time.seconds += 3599
    assert sent(credentials) == "Bearer sa-1"
    assert "keeping the token in use: vault refused" in caplog.text
    time.seconds += 1
    with pytest.raises(
        CredentialsError, match=r"vault refused /v1/kubernetes/creds/deployer \(403\): permission denied"
    ):
        sent(credentials)
    vault.root = "root"
    vault.server.close()
    with pytest.raises(CredentialsError, match="vault can't be asked"):
        sent(credentials)


def test_after_a_401_there_is_a_new_token_or_an_error(source: Any, vault: Vault) -> None:
    credentials = source()
    rejected = credentials.headers()
    assert credentials.refresh(rejected)
    assert credentials.refresh(rejected), "it is another one already"
    assert (sent(credentials), vault.issued) == ("Bearer sa-2", 2)
    vault.root = "changed"
    with pytest.raises(CredentialsError, match="permission denied"):
        credentials.refresh(credentials.headers())


def test_where_the_token_for_vault_comes_from(source: Any, vault: Vault, tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    with pytest.raises(CredentialsError, match=f"or run `vault login` \\(which writes {tmp_path}/.vault-token\\)"):
        sent(source(home))
    (tmp_path / ".vault-token").write_text("root\n")
    assert sent(source(home))
    (tmp_path / "sink").write_text("root")
    assert sent(source({"VAULT_TOKEN": "wrong"}, token_file=str(tmp_path / "sink")))
    for content in ("", "two words\nand more", "tök"):
        (tmp_path / "sink").write_text(content)
        with pytest.raises(CredentialsError, match="holds no vault token"):
            sent(source(token_file=str(tmp_path / "sink")))


@pytest.mark.parametrize(
    ("changes", "meaning"),
    [
        ({"address": ""}, r"address is missing \(or VAULT_ADDR\)"),
        ({"role": ""}, "role is missing"),
        ({"address": "http://vault.example.com"}, "address must be https"),
        ({"rol": "x"}, "vault has no option 'rol'"),
    ],
)
def test_options_that_can_not_work_are_errors(changes: dict[str, str], meaning: str, options: dict[str, str]) -> None:
    with pytest.raises(CredentialsError, match=meaning):
        Settings.read(options | changes, {}, "ctx")


def test_VAULT_variables_fill_in_what_is_left_out() -> None:
    environ = {"VAULT_ADDR": "http://127.0.0.1:8200", "VAULT_NAMESPACE": "n", "VAULT_CACERT": "/ca"}
    settings = Settings.read({"role": "r"}, environ, "ctx")
    assert (settings.address, settings.vault_namespace, settings.certificate_authority) == tuple(environ.values())


@pytest.mark.parametrize("lease", [None, 0, "soon"])
def test_a_lease_that_is_not_told_is_taken_for_ten_minutes(lease: Any, source: Any, vault: Vault, time: Any) -> None:
    vault.lease = lease
    credentials = source()
    sent(credentials)
    assert (credentials.expires_at() - time.now()).total_seconds() == 600


@pytest.mark.parametrize("body", [b"", b"[]", b'{"data": null}', b'{"data": {"service_account_token": "a\\nhunter2"}}'])
def test_an_answer_without_a_token_is_an_error(body: bytes, source: Any, vault: Vault) -> None:
    vault.server.respond = lambda request: (200, {}, body)
    with pytest.raises(CredentialsError, match="without a service_account_token") as caught:
        sent(source())
    assert "hunter2" not in str(caught.value)


def test_a_client_logs_in_with_it(
    options: dict[str, str], serve: Any, pki: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by its entry point: the kubeconfig's user is all that says so."""
    monkeypatch.setenv("VAULT_TOKEN", "root")
    api = serve()
    config = Config(
        server=api.url,
        certificate_authority_data=pki.ca_pem,
        auth_provider=AuthProviderConfig(name="vault", config=options),
    )
    with Client(config) as client:
        client.request(Request(method="GET", path="/version")).read()
    assert api.requests[0].all("Authorization") == ["Bearer sa-1"]
