# SPDX-License-Identifier: Apache-2.0
"""Credentials in files that rotate: A23, A24, A27."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from k8s_core.auth import make_credentials
from k8s_core.auth.files import FileCertificate, FileToken
from k8s_core.configuration import Config
from k8s_core.errors import CredentialsError
from k8s_core.redaction import Sensitive

if TYPE_CHECKING:
    from pathlib import Path

CERTIFICATE, KEY = b"-----BEGIN CERTIFICATE-----\n1", b"-----BEGIN PRIVATE KEY-----\n1"


@pytest.fixture
def token(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text("one\n")
    return path


def sent(credentials: FileToken) -> str:
    return credentials.headers()["Authorization"]


def test_A23_the_file_wins_over_the_token(token: Path) -> None:
    credentials = make_credentials(Config(server="https://h", token="given", token_file=str(token)))
    assert credentials.headers()["Authorization"] == "Bearer one"


def test_A23_the_token_is_the_fallback_until_the_file_was_read_once(token: Path, time: Any) -> None:
    token.unlink()
    credentials = FileToken(str(token), fallback="given", clock=time.clock)
    assert sent(credentials) == "Bearer given"
    token.write_text("one")
    time.seconds += 50
    assert sent(credentials) == "Bearer one"
    token.unlink()
    time.seconds += 50
    assert sent(credentials) == "Bearer one"


def test_A24_white_space_is_stripped(token: Path) -> None:
    token.write_text(" \t one\r\n\n")
    assert sent(FileToken(str(token))) == "Bearer one"


@pytest.mark.parametrize("content", ["", "\n", "two words", "tök"])
def test_A24_a_file_without_a_usable_token_is_an_error(content: str, token: Path) -> None:
    token.write_text(content)
    with pytest.raises(CredentialsError, match=r"token file '.*token' (is empty|contains white space)") as caught:
        FileToken(str(token)).headers()
    assert not content.strip() or content not in str(caught.value)


def test_A24_a_missing_file_is_an_error_every_time(token: Path) -> None:
    token.unlink()
    credentials = FileToken(str(token))
    for _ in range(2):
        with pytest.raises(CredentialsError, match=r"unable to read token file '.*token': No such file"):
            credentials.headers()


def test_A24_the_file_is_read_again_after_50_seconds(token: Path, time: Any) -> None:
    credentials = FileToken(str(token), clock=time.clock)
    assert sent(credentials) == "Bearer one"
    token.write_text("two")
    time.seconds += 49
    assert sent(credentials) == "Bearer one"
    time.seconds += 1
    assert sent(credentials) == "Bearer two"


def test_A24_a_failed_reading_leaves_the_token_in_use(token: Path, time: Any, caplog: Any) -> None:
    credentials = FileToken(str(token), clock=time.clock)
    assert sent(credentials) == "Bearer one"
    token.write_text("")
    time.seconds += 60
    assert sent(credentials) == "Bearer one"
    assert "keeping the token in use" in caplog.text
    token.write_text("three")
    time.seconds += 60
    assert sent(credentials) == "Bearer three"


def test_A24_after_a_401_the_file_is_read_at_once(token: Path, time: Any) -> None:
    credentials = FileToken(str(token), clock=time.clock)
    rejected = credentials.headers()
    assert not credentials.refresh(rejected)
    token.write_text("two")
    assert credentials.refresh(rejected)
    assert sent(credentials) == "Bearer two"
    assert credentials.refresh(rejected), "another thread already has a newer one"


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    certificate, key = tmp_path / "tls.crt", tmp_path / "tls.key"
    certificate.write_bytes(CERTIFICATE)
    key.write_bytes(KEY)
    return certificate, key


def test_A27_certificate_files_are_read_at_most_once_a_second(pair: tuple[Path, Path], time: Any) -> None:
    certificate, key = pair
    source = FileCertificate(str(certificate), str(key), clock=time.clock)
    first = source.client_certificate()
    assert first is not None
    certificate.write_bytes(CERTIFICATE + b"2")
    key.write_bytes(KEY + b"2")
    time.seconds += 0.5
    assert source.client_certificate() is first
    time.seconds += 0.5
    second = source.client_certificate()
    assert second is not None
    assert (second.certificate, second.key) == (CERTIFICATE + b"2", Sensitive(KEY + b"2"))
    assert second.version != first.version


def test_A27_unchanged_files_keep_the_version(pair: tuple[Path, Path], time: Any) -> None:
    source = FileCertificate(*map(str, pair), clock=time.clock)
    first = source.client_certificate()
    time.seconds += 10
    assert source.client_certificate() is first
    assert not source.refresh({})


def test_A27_after_a_401_new_files_are_taken_at_once(pair: tuple[Path, Path], time: Any) -> None:
    source = FileCertificate(*map(str, pair), clock=time.clock)
    source.client_certificate()
    pair[0].write_bytes(CERTIFICATE + b"2")
    assert source.refresh({})


def test_A27_a_file_that_vanishes_leaves_the_pair_in_use(pair: tuple[Path, Path], time: Any, caplog: Any) -> None:
    source = FileCertificate(*map(str, pair), clock=time.clock)
    first = source.client_certificate()
    pair[1].unlink()
    time.seconds += 2
    assert source.client_certificate() is first
    assert "keeping the client certificate in use" in caplog.text


def test_A15_a_certificate_that_was_never_readable_is_an_error(pair: tuple[Path, Path]) -> None:
    pair[1].write_bytes(b"no PEM")
    with pytest.raises(CredentialsError, match="client certificate or key is not PEM"):
        FileCertificate(*map(str, pair)).client_certificate()
    pair[1].unlink()
    config = Config(server="https://h", client_certificate=str(pair[0]), client_key=str(pair[1]))
    with pytest.raises(CredentialsError, match="unable to read client key") as caught:
        make_credentials(config).client_certificate()
    assert caught.value.source == str(pair[1])


def test_a_file_and_data_may_be_mixed(pair: tuple[Path, Path]) -> None:
    config = Config(server="https://h", client_certificate=str(pair[0]), client_key_data=KEY)
    certificate = make_credentials(config).client_certificate()
    assert certificate is not None
    assert certificate.key == Sensitive(KEY)
