# SPDX-License-Identifier: Apache-2.0
"""The example package k8s-auth-aws-eks. Offline: signing a request is not sending it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from k8s_auth_aws_eks import k8s_credentials
from k8s_auth_aws_eks.credentials import EksCredentials
from k8s_auth_aws_eks.settings import Settings, read_settings
from k8s_core import Client
from k8s_core.configuration import AuthProviderConfig, Config, ExecConfig
from k8s_core.errors import CredentialsError
from k8s_core.requests import Request

if TYPE_CHECKING:
    from pathlib import Path

SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keys of AWS's own documentation, and nothing else that botocore could find."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))


def sent(credentials: EksCredentials) -> str:
    return credentials.headers()["Authorization"]


def opened(header: str) -> tuple[Any, dict[str, str]]:
    """The presigned URL inside of a token, and its parameters."""
    token = header.removeprefix("Bearer k8s-aws-v1.")
    assert "=" not in token
    parts = urlsplit(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode())
    return parts, {name: values[0] for name, values in parse_qs(parts.query).items()}


def signature(query: dict[str, str], host: str, cluster: str, region: str) -> str:
    """AWS Signature Version 4 of the request, worked out by the letter of its specification."""
    items = sorted((quote(k, safe="-_.~"), quote(v, safe="-_.~")) for k, v in query.items() if k != "X-Amz-Signature")
    headers = f"host:{host}\nx-k8s-aws-id:{cluster}\n"
    canonical = "\n".join(
        [
            "GET",
            "/",
            "&".join(f"{k}={v}" for k, v in items),
            headers,
            "host;x-k8s-aws-id",
            hashlib.sha256(b"").hexdigest(),
        ]
    )
    day = query["X-Amz-Date"][:8]
    scope = f"{day}/{region}/sts/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    key = f"AWS4{SECRET_KEY}".encode()
    for part in (day, region, "sts", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = f"AWS4-HMAC-SHA256\n{query['X-Amz-Date']}\n{scope}\n{digest}"
    return hmac.digest(key, text.encode(), "sha256").hex()


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-west-1", "sts.eu-west-1.amazonaws.com"),
        ("cn-north-1", "sts.cn-north-1.amazonaws.com.cn"),
        ("us-gov-west-1", "sts.us-gov-west-1.amazonaws.com"),
    ],
)
def test_the_token_is_a_signed_request_for_the_callers_identity(region: str, host: str) -> None:
    url, query = opened(sent(EksCredentials(Settings(cluster_name="prod", region=region))))
    assert (url.scheme, url.netloc, url.path) == ("https", host, "/")
    assert (query["Action"], query["Version"], query["X-Amz-Expires"]) == ("GetCallerIdentity", "2011-06-15", "60")
    assert query["X-Amz-SignedHeaders"] == "host;x-k8s-aws-id"
    assert query["X-Amz-Signature"] == signature(query, host, "prod", region)


def test_temporary_keys_bring_their_session_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session")
    _, query = opened(sent(EksCredentials(Settings(cluster_name="prod", region="eu-west-1"))))
    assert query["X-Amz-Security-Token"] == "session"


def test_region_and_keys_of_a_profile(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    (tmp_path / "config").write_text("[profile ops]\nregion = eu-north-1\n")
    (tmp_path / "credentials").write_text(f"[ops]\naws_access_key_id = AKIDOPS\naws_secret_access_key = {SECRET_KEY}\n")
    url, query = opened(sent(EksCredentials(Settings(cluster_name="prod", profile="ops"))))
    assert url.netloc == "sts.eu-north-1.amazonaws.com"
    assert query["X-Amz-Credential"].startswith("AKIDOPS/")


def test_a_token_is_used_for_13_minutes(time: Any) -> None:
    credentials = EksCredentials(Settings(cluster_name="prod", region="eu-west-1"), now=time.now)
    assert credentials.expires_at() is None
    sent(credentials)
    first = credentials.expires_at()
    assert first is not None
    assert (first - time.now()).total_seconds() == 14 * 60
    time.seconds += 13 * 60 - 1
    sent(credentials)
    assert credentials.expires_at() == first
    time.seconds += 1
    sent(credentials)
    assert credentials.expires_at() != first


def test_after_a_401_the_keys_are_looked_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    credentials = EksCredentials(Settings(cluster_name="prod", region="eu-west-1"))
    rejected = credentials.headers()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDNEW")
    assert credentials.refresh(rejected)
    assert opened(sent(credentials))[1]["X-Amz-Credential"].startswith("AKIDNEW/")
    assert credentials.refresh(rejected), "another thread did it"


@pytest.mark.parametrize(
    ("settings", "missing", "meaning"),
    [
        (Settings(cluster_name="prod"), (), "no region; set the option region"),
        (
            Settings(cluster_name="prod", region="r"),
            ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
            "no AWS credentials",
        ),
        (Settings(cluster_name="prod", region="r", profile="gone"), (), "ProfileNotFound"),
    ],
)
def test_what_is_missing_is_an_error_and_never_anonymous(
    settings: Settings, missing: tuple[str, ...], meaning: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in missing:
        monkeypatch.delenv(name)
    with pytest.raises(CredentialsError, match=f"aws-eks: no token for cluster 'prod': {meaning}"):
        sent(EksCredentials(settings))


# -- which configurations it answers for


def program(*args: str, command: str = "aws", **env: str) -> Config:
    return Config(
        server="https://h",
        exec=ExecConfig(command=command, api_version="client.authentication.k8s.io/v1beta1", args=args, env=env),
    )


def test_what_update_kubeconfig_writes_is_signed_in_this_process() -> None:
    arguments = ("--region", "eu-west-1", "eks", "get-token", "--cluster-name", "prod", "--output", "json")
    config = program(*arguments, AWS_PROFILE="ops")
    assert read_settings(config) == Settings(cluster_name="prod", region="eu-west-1", profile="ops")
    assert isinstance(k8s_credentials(config=config), EksCredentials)
    short = program("eks", "get-token", "--cluster-id=prod", command="/usr/bin/aws")
    assert read_settings(short) == Settings(cluster_name="prod")


@pytest.mark.parametrize(
    "config",
    [
        Config(),
        program("eks", "get-token", "--cluster-name", "prod", "--role-arn", "arn:aws:iam::1:role/x"),
        program("eks", "get-token", "--cluster-name", "prod", AWS_STUFF="x"),
        program("eks", "get-token"),
        program("sso", "login", "--cluster-name", "prod"),
        program("eks", "get-token", "--cluster-name", "prod", command="gke-gcloud-auth-plugin"),
        program("eks", "get-token", "--cluster-name", "prod").replace(token="t"),
        Config(server="https://h", auth_provider=AuthProviderConfig(name="oidc")),
    ],
)
def test_all_else_is_left_to_others(config: Config) -> None:
    assert k8s_credentials(config=config) is None


def test_the_form_without_a_program() -> None:
    def config(**options: str) -> Config:
        named = {name.replace("_", "-"): value for name, value in options.items()}
        return Config(server="https://h", auth_provider=AuthProviderConfig(name="aws-eks", config=named))

    assert read_settings(config(cluster_name="p", region="r")) == Settings(cluster_name="p", region="r")
    with pytest.raises(CredentialsError, match="aws-eks needs the option cluster-name"):
        k8s_credentials(config=config(region="r"))
    with pytest.raises(CredentialsError, match="aws-eks has no option 'role-arn'"):
        k8s_credentials(config=config(cluster_name="p", role_arn="x"))


def test_a_client_logs_in_with_it(server: Any, pki: Any) -> None:
    config = Config(
        server=server.url,
        certificate_authority_data=pki.ca_pem,
        auth_provider=AuthProviderConfig(name="aws-eks", config={"cluster-name": "prod", "region": "eu-west-1"}),
    )
    with Client(config) as client:
        client.request(Request(method="GET", path="/version")).read()
    assert opened(server.requests[0]["Authorization"])[1]["Action"] == "GetCallerIdentity"


def test_a_client_that_needs_no_eks_does_not_import_botocore() -> None:
    code = (
        "import sys\nfrom k8s_core import Client, Config\n"
        "Client(Config(server='http://h')).close()\n"
        "assert 'k8s_auth_aws_eks' in sys.modules and 'botocore' not in sys.modules"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=60)
