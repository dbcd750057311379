# SPDX-License-Identifier: Apache-2.0
"""Reading when a certificate ends."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from k8s_core.auth.certificate import certificate_end
from k8s_core.auth.files import FileCertificate
from k8s_core.auth.static import StaticCertificate
from k8s_core.redaction import Sensitive


@pytest.mark.parametrize("year", [2030, 2049, 2050, 2099])
def test_the_end_is_that_of_the_certificate(year: int, pki: Any, tmp_path: Any) -> None:
    end = datetime.datetime(year, 12, 31, 23, 59, 58, tzinfo=datetime.UTC)
    leaf = pki.ca.issue_cert("a@example.com", not_after=end)
    pem, key = leaf.cert_chain_pems[0].bytes(), leaf.private_key_pem.bytes()
    assert certificate_end(b"comment\n" + pem + pki.ca_pem) == end
    assert StaticCertificate(pem, Sensitive(key)).expires_at() == end
    (tmp_path / "both").write_bytes(pem + key)
    source = FileCertificate(str(tmp_path / "both"), str(tmp_path / "both"))
    assert source.expires_at() is None, "nothing was read yet"
    source.client_certificate()
    assert source.expires_at() == end


@pytest.mark.parametrize("pem", [b"", b"x", b"-----BEGIN CERTIFICATE-----\n%%\n-----END CERTIFICATE-----"])
def test_what_is_no_certificate_has_no_end(pem: bytes) -> None:
    assert certificate_end(pem) is None


@given(data=st.data())
@examples(80)
def test_a_damaged_certificate_gives_a_date_or_none(data: Any, pki: Any) -> None:
    pem = bytearray(pki.ca_pem)
    for _ in range(data.draw(st.integers(1, 3))):
        pem[data.draw(st.integers(27, len(pem) - 27))] = data.draw(st.integers(0, 255))
    certificate_end(bytes(pem))
