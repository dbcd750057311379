# SPDX-License-Identifier: Apache-2.0
"""What a login program is told and what it may print, without running one: A32, A33, A35."""

from __future__ import annotations

import base64
import datetime
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from k8s_core.auth.exec_credential import cluster_info, exec_info, parse_exec_credential
from k8s_core.configuration import Config, ExecConfig
from k8s_core.errors import CredentialsError
from k8s_core.redaction import Sensitive

if TYPE_CHECKING:
    from pathlib import Path

V1, V1BETA1 = "client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"
CERTIFICATE, KEY = "-----BEGIN CERTIFICATE-----\nA", "-----BEGIN PRIVATE KEY-----\nB"


def program(**changes: Any) -> ExecConfig:
    return ExecConfig(**({"command": "login", "api_version": V1} | changes))


def printed(status: Any = None, *, api_version: Any = V1, kind: Any = "ExecCredential") -> bytes:
    document = {"kind": kind, "apiVersion": api_version, "status": status}
    return json.dumps({key: value for key, value in document.items() if value is not None}).encode()


@pytest.mark.parametrize("version", [V1, V1BETA1])
@pytest.mark.parametrize("interactive", [True, False])
def test_A32_the_info_says_version_and_interactivity(version: str, interactive: bool) -> None:
    info = json.loads(exec_info(program(api_version=version), None, interactive=interactive))
    assert info == {"kind": "ExecCredential", "apiVersion": version, "spec": {"interactive": interactive}}


def test_A33_cluster_info_is_left_out_unless_asked_for() -> None:
    assert cluster_info(Config(server="https://h", exec=program())) is None


def test_A33_cluster_info_is_whole(tmp_path: Path, pki: Any) -> None:
    (tmp_path / "ca").write_bytes(pki.ca_pem)
    config = Config(
        server="https://h:6443/p",
        tls_server_name="n",
        certificate_authority=str(tmp_path / "ca"),
        proxy_url="http://u:p@proxy:1",
        disable_compression=True,
        exec=program(provide_cluster_info=True, cluster_config={"audience": "x", "none": None}),
    )
    info = cluster_info(config)
    assert info == {
        "server": "https://h:6443/p",
        "tls-server-name": "n",
        "certificate-authority-data": base64.b64encode(pki.ca_pem).decode(),
        "proxy-url": "http://u:p@proxy:1",
        "disable-compression": True,
        "config": {"audience": "x", "none": None},
    }
    assert json.loads(exec_info(program(), info, interactive=False))["spec"]["cluster"] == info
    lax = Config(server="https://h", verify_ssl=False, exec=program(provide_cluster_info=True))
    assert cluster_info(lax) == {"server": "https://h", "insecure-skip-tls-verify": True}


def test_A35_a_token(time: Any) -> None:
    found = parse_exec_credential(printed({"token": "t", "expirationTimestamp": time.stamp(60)}), V1)
    assert found.headers == Sensitive({"Authorization": "Bearer t"})
    assert found.certificate is None
    assert not found.expired(time.now() + datetime.timedelta(seconds=60))
    assert found.expired(time.now() + datetime.timedelta(seconds=60.001))


def test_A35_a_certificate_with_its_key() -> None:
    found = parse_exec_credential(printed({"clientCertificateData": CERTIFICATE, "clientKeyData": KEY}), V1)
    assert found.headers == Sensitive({})
    assert found.certificate is not None
    assert found.certificate.certificate == CERTIFICATE.encode()
    assert found.expires_at is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22T10:00:00Z", "2026-11-22T10:00:00+00:00"),
        ("2026-11-22T10:00:00.123456789Z", "2026-11-22T10:00:00.123456+00:00"),
        ("2026-11-22T11:00:00+01:00", "2026-11-22T10:00:00+00:00"),
    ],
)
def test_A37_expiry_with_fractions_and_offsets(text: str, expected: str) -> None:
    found = parse_exec_credential(printed({"token": "t", "expirationTimestamp": text}), V1)
    assert found.expires_at == datetime.datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    ("output", "meaning"),
    [
        (b"", "no JSON object"),
        (b"hunter2", "no JSON object"),
        (b'["hunter2"]', "no JSON object"),
        (b"\xff", "no JSON object"),
        (b"[" * 100_000, "no JSON object"),
        (printed({}, kind="Pod"), "kind is not ExecCredential"),
        (printed({}, kind=None), "kind is not ExecCredential"),
        (
            printed({"token": "t"}, api_version=V1BETA1),
            f"configured to use API version {V1}, plugin returned version .*v1beta1",
        ),
        (printed({"token": "t"}, api_version=None), "plugin returned version"),
        (printed({"token": "t"}, api_version=["hunter2"]), "plugin returned version"),
        (printed(), "didn't return a status field"),
        (printed([]), "didn't return a status field"),
        (printed({}), "didn't return a token or cert/key pair"),
        (printed({"token": ""}), "didn't return a token or cert/key pair"),
        (printed({"token": 5}), "a token that is not text"),
        (printed({"token": "hunter2\nx"}), "the token that the exec plugin returned contains"),
        (printed({"clientCertificateData": CERTIFICATE}), "only certificate or key, not both"),
        (printed({"clientKeyData": KEY, "token": "t"}), "only certificate or key, not both"),
        (printed({"clientKeyData": "hunter2", "clientCertificateData": CERTIFICATE}), "not PEM"),
        (printed({"token": "t", "expirationTimestamp": "tomorrow"}), "not an RFC 3339 time"),
        (printed({"token": "t", "expirationTimestamp": "2026-11-22T10:00:00"}), "not an RFC 3339 time"),
    ],
)
def test_A35_anything_else_is_an_error_that_shows_nothing_of_it(output: bytes, meaning: str) -> None:
    with pytest.raises(CredentialsError, match=meaning) as caught:
        parse_exec_credential(output, V1)
    assert "hunter2" not in str(caught.value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(st.characters(), max_size=5) | st.just(CERTIFICATE),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(st.sampled_from(["token", "clientKeyData", "expirationTimestamp"]), inner, max_size=3)
        ),
        max_leaves=4,
    )
)
@examples(60)
def test_any_status_is_a_credential_or_a_CredentialsError(status: Any) -> None:
    with suppress(CredentialsError):
        parse_exec_credential(printed(status), V1)


def test_the_time_that_Go_takes_for_none_is_none() -> None:
    found = parse_exec_credential(printed({"token": "t", "expirationTimestamp": "0001-01-01T00:00:00Z"}), V1)
    assert found.expires_at is None


@pytest.mark.parametrize(
    "status",
    [
        {"clientCertificateData": f"{CERTIFICATE}\ud800", "clientKeyData": KEY},
        {"token": "\ud800"},
        {"token": "t", "expirationTimestamp": "9999-12-31T23:59:59-14:00"},
    ],
)
def test_text_and_times_that_nothing_can_use_are_errors(status: dict[str, str]) -> None:
    with pytest.raises(CredentialsError):
        parse_exec_credential(printed(status), V1)
