# SPDX-License-Identifier: Apache-2.0
"""Certificate authorities as bytes, re-read as they rotate: protocol A17 and the CA half of A27."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from k8s_core.configuration import Config
from k8s_core.configuration.material import AuthorityReader, certificate_authority
from k8s_core.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def test_A17_no_authority_means_the_systems_roots() -> None:
    assert certificate_authority(Config(server="https://h")) == (None, "")


def test_A17_an_authority_is_given_as_it_is(ca_pem: bytes, tmp_path: Path) -> None:
    (tmp_path / "ca").write_bytes(ca_pem)
    from_file = certificate_authority(Config(certificate_authority=str(tmp_path / "ca")))
    from_data = certificate_authority(Config(certificate_authority_data=ca_pem))
    assert from_file == from_data
    assert from_file[0] == ca_pem


@pytest.mark.parametrize("content", [b"", b"\n"])
def test_A17_an_empty_file_trusts_nothing(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "ca").write_bytes(content)
    assert certificate_authority(Config(certificate_authority=str(tmp_path / "ca")))[0] == b""


def test_A17_bytes_without_a_certificate_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "ca").write_bytes(b"nothing PEM")
    with pytest.raises(ConfigError, match=r"unable to load root certificates: .*ca holds no PEM certificate") as caught:
        certificate_authority(Config(certificate_authority=str(tmp_path / "ca")))
    assert caught.value.source == str(tmp_path / "ca")
    with pytest.raises(ConfigError, match="certificate_authority_data holds no PEM"):
        certificate_authority(Config(certificate_authority_data=b"x"))


def test_A15_an_unreadable_authority_is_an_error_with_the_path(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"unable to read certificate-authority '.*gone': No such file"):
        certificate_authority(Config(certificate_authority=str(tmp_path / "gone")))


def test_A27_an_authority_file_is_read_again_every_five_minutes(tmp_path: Path, ca_pem: bytes) -> None:
    now = [0.0]
    path = tmp_path / "ca"
    path.write_bytes(ca_pem)
    reader = AuthorityReader(Config(certificate_authority=str(path)), clock=lambda: now[0])
    first = reader.read()
    path.write_bytes(ca_pem + ca_pem)
    now[0] = 299
    assert reader.read() == first
    now[0] = 300
    assert reader.read()[0] == ca_pem + ca_pem
    assert reader.read()[1] != first[1]


def test_A27_a_broken_file_leaves_the_last_good_authority_in_use(tmp_path: Path, ca_pem: bytes) -> None:
    now = [0.0]
    path = tmp_path / "ca"
    path.write_bytes(ca_pem)
    reader = AuthorityReader(Config(certificate_authority=str(path)), clock=lambda: now[0])
    first = reader.read()
    path.write_bytes(b"half a fi")
    now[0] += 300
    assert reader.read() == first
    path.unlink()
    now[0] += 300
    assert reader.read() == first
    with pytest.raises(ConfigError):
        AuthorityReader(Config(certificate_authority=str(path))).read()
