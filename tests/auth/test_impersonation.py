# SPDX-License-Identifier: Apache-2.0
"""The headers of impersonation: A28, A29."""

from __future__ import annotations

import pytest

from k8s_core.auth import impersonation_headers
from k8s_core.configuration import Impersonation


def test_A28_one_line_per_group_and_per_extra_value() -> None:
    whom = Impersonation(user="jane", uid="7", groups=("a,b", "c"), extra={"scopes": ("v", "w"), "k": ()})
    assert impersonation_headers(whom) == (
        ("Impersonate-User", "jane"),
        ("Impersonate-Uid", "7"),
        ("Impersonate-Group", "a,b"),
        ("Impersonate-Group", "c"),
        ("Impersonate-Extra-scopes", "v"),
        ("Impersonate-Extra-scopes", "w"),
    )


def test_A28_without_a_user_there_are_no_headers() -> None:
    assert impersonation_headers(None) == impersonation_headers(Impersonation()) == ()


@pytest.mark.parametrize(
    ("key", "name"),
    [("example.com/a%b", "example.com%2Fa%25b"), ("a b:c", "a%20b%3Ac"), ("ž", "%C5%BE"), ("a-b_c.d~", "a-b_c.d~")],
)
def test_A29_extra_keys_are_percent_encoded(key: str, name: str) -> None:
    assert impersonation_headers(Impersonation(user="u", extra={key: ["v"]}))[1] == (f"Impersonate-Extra-{name}", "v")


def test_values_go_out_as_UTF8() -> None:
    assert impersonation_headers(Impersonation(user="žofie"))[0][1].encode("latin-1") == "žofie".encode()
