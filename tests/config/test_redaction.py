# SPDX-License-Identifier: Apache-2.0
"""Secrets stay out of everything that people read: protocol I1, I2, I10, B25 and the end of A39."""

from __future__ import annotations

import copy
import io
import json
import logging
import pickle
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from k8s_core.config import AuthProviderConfig, Config, ExecConfig
from k8s_core.errors import CredentialsError
from k8s_core.redaction import (
    Sensitive,
    conceal,
    escape_control,
    escape_terminal,
    mask_header,
    mask_headers,
    mask_secrets,
    mask_url,
    redact_body,
    redact_document,
    reveal,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "hunter2"


# -- Sensitive


def test_a_sensitive_value_shows_only_stars() -> None:
    value = Sensitive(SECRET)
    assert [repr(value), str(value), f"{value}", f"{value:>5}", format(value), f"{[value]}"] == [
        "***", "***", "***", "  ***", "***", "[***]",
    ]  # fmt: skip
    assert value.reveal() == SECRET


def test_a_sensitive_value_is_no_text() -> None:
    value = Sensitive(SECRET)
    uses: list[Callable[[Any], Any]] = [",".join, json.dumps, len, list, lambda text: text + "x", lambda text: text[0]]
    for use in uses:
        with pytest.raises(TypeError):
            use(value)


def test_equality_copies_and_truth() -> None:
    assert Sensitive("a") == Sensitive("a") != Sensitive("b")
    assert Sensitive(b"a") == Sensitive(b"a")
    assert Sensitive({"a": 1}) == Sensitive({"a": 1})
    assert Sensitive("a") != "a"
    assert len({Sensitive("a"), Sensitive("a"), Sensitive({"a": 1}), Sensitive({"a": 1})}) == 2
    value = Sensitive("a")
    assert copy.copy(value) is copy.deepcopy(value) is value
    assert bool(Sensitive("a"))
    assert not Sensitive("")


def test_a_sensitive_value_is_immutable() -> None:
    value = Sensitive("a")
    with pytest.raises(AttributeError):
        value._value = "b"
    with pytest.raises(AttributeError):
        del value._value


def test_I1_a_pickle_carries_no_secret_and_says_so_when_it_is_used() -> None:
    dumped = pickle.dumps(Sensitive(SECRET))
    assert SECRET.encode() not in dumped
    lost = pickle.loads(dumped)
    assert repr(lost) == "***"
    assert lost
    assert lost != Sensitive(SECRET)
    assert len({lost, lost}) == 1
    with pytest.raises(CredentialsError, match="left out when it was pickled"):
        lost.reveal()


def test_conceal_and_reveal() -> None:
    assert conceal(None) is None
    wrapped = conceal("a")
    assert conceal(wrapped) is wrapped
    assert (reveal(wrapped), reveal("a"), reveal(None)) == ("a", "a", None)


# -- configuration values


@pytest.fixture
def full() -> Config:
    return Config(
        server="https://h",
        username="u",
        password=SECRET,
        client_certificate_data=b"cert",
        client_key_data=SECRET.encode(),
        proxy_url=f"http://p:{SECRET}@proxy:3128",
        exec=ExecConfig(
            command="login",
            api_version="client.authentication.k8s.io/v1",
            args=(f"--password={SECRET}",),
            env={"PASSWORD": SECRET},
            cluster_config={"secret": SECRET},
        ),
    )


def test_I1_neither_repr_str_log_exception_nor_pickle_shows_a_secret(full: Config) -> None:
    oidc = Config(server="https://h", auth_provider=AuthProviderConfig(name="oidc", config={"refresh-token": SECRET}))
    for config in (full, oidc, Config(server="https://h", token=SECRET)):
        out = io.StringIO()
        handler = logging.StreamHandler(out)
        logger = logging.getLogger("test_redaction")
        logger.addHandler(handler)
        try:
            raise ValueError(config)
        except ValueError:
            logger.exception("with %s %r", config, config)
            shown = [traceback.format_exc()]
        finally:
            logger.removeHandler(handler)
        shown += [
            repr(config),
            str(config),
            out.getvalue(),
            str(vars(config)),
            repr(pickle.loads(pickle.dumps(config))),
        ]
        assert not [text for text in shown if SECRET in text]
        assert SECRET.encode() not in pickle.dumps(config)


def test_I1_repr_says_what_is_not_secret(full: Config) -> None:
    text = repr(full)
    assert "server='https://h'" in text
    assert "client_certificate_data=<4 bytes>" in text
    assert "command='login'" in text
    assert "max_retries" not in text


def test_I1_an_unpickled_config_raises_instead_of_logging_in_as_nobody(full: Config) -> None:
    from k8s_core.auth import make_credentials

    lost = pickle.loads(pickle.dumps(full))
    with pytest.raises(CredentialsError, match="pickled"):
        make_credentials(lost).headers()


# -- headers and URLs


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Bearer abc", "Bearer <masked>"),
        ("basic dTpw", "basic <masked>"),
        ("Negotiate abc", "Negotiate <masked>"),
        ("AWS4-HMAC-SHA256 Credential=x", "<masked>"),
        ("abc", "<masked>"),
        ("Bearer", "Bearer"),
        ("Bearer ", "Bearer"),
        ("", ""),
    ],
)
def test_B25_authorization_is_masked(value: str, shown: str) -> None:
    assert mask_header("Authorization", value) == shown
    assert mask_header("AUTHORIZATION", value) == shown
    assert mask_header("Proxy-Authorization", value) == shown


def test_I2_other_secret_headers_are_masked_and_the_rest_is_not() -> None:
    headers = [("Cookie", "a=b"), ("Set-Cookie", "c=d"), ("X-Vault-Token", "t"), ("Accept", "x"), ("Accept", "y")]
    assert mask_headers(headers) == [
        ("Cookie", "<masked>"), ("Set-Cookie", "<masked>"), ("X-Vault-Token", "<masked>"),
        ("Accept", "x"), ("Accept", "y"),
    ]  # fmt: skip
    protocol = "v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.c2VjcmV0"
    assert mask_headers({"Sec-WebSocket-Protocol": protocol}) == [
        ("Sec-WebSocket-Protocol", "v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.<masked>")
    ]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:pass@h:6443/p?x=1", "https://***@h:6443/p?x=1"),
        ("https://user@h", "https://***@h"),
        ("https://h/p", "https://h/p"),
        ("https://h/p?access_token=abc&x=1", "https://h/p?access_token=***&x=1"),
        ("https://sts/?X-Amz-Signature=abc&Action=x", "https://sts/?X-Amz-Signature=***&Action=x"),
        ("user:pass@h", "***@h"),
        ("h:6443", "h:6443"),
        ("", ""),
        ("http://[::1", "http://[::1"),
        ("http://u:p@[::1", "***@[::1"),
        ("https://u:p@ss@h", "https://***@h"),
        # What is not escaped in a password ends the host too early.
        ("https://u:p?ss@h:6443/", "***@h:6443/"),
        ("https://u:p#ss@h:6443/", "***@h:6443/"),
        ("https://u:p/ss@h:6443/", "***@h:6443/"),
        ("https://u:1/ss@h:6443/", "***@h:6443/"),
        ("https://h/p?x=a@b", "https://h/p?x=a@b"),
    ],
)
def test_I2_user_information_in_urls_is_masked(url: str, shown: str) -> None:
    assert mask_url(url) == shown


def test_mask_secrets_replaces_known_values_longest_first() -> None:
    assert mask_secrets("token=abcdef abc", ["abc", Sensitive("abcdef"), None, ""]) == "token=*** ***"


# -- documents


def test_I1_secret_documents_are_redacted_with_their_keys_visible() -> None:
    secret = {"kind": "Secret", "metadata": {"name": "s"}, "data": {"password": "cGFzcw=="}, "stringData": {"k": "v"}}
    assert redact_document(secret) == {
        "kind": "Secret", "metadata": {"name": "s"}, "data": {"password": "***"}, "stringData": {"k": "***"},
    }  # fmt: skip
    assert secret["data"] == {"password": "cGFzcw=="}


def test_I1_lists_events_and_annotations_are_followed() -> None:
    applied = {"kubectl.kubernetes.io/last-applied-configuration": '{"data":"cGFzcw=="}', "other": "kept"}
    item = {"metadata": {"annotations": applied}, "data": {"p": "cGFzcw=="}}
    document = {"kind": "SecretList", "items": [item, {"data": None}]}
    mixed = {"kind": "List", "items": [{"kind": "Secret"} | item, {"kind": "ConfigMap", "data": {"a": "shown"}}]}
    event = {"type": "ADDED", "object": {"kind": "Secret"} | item}
    for body in (document, mixed, event):
        text = json.dumps(redact_document(body))
        assert "cGFzcw==" not in text
        assert "kept" in text
    assert "shown" in json.dumps(redact_document(mixed))


@pytest.mark.parametrize(
    "document",
    [
        {"kind": "TokenRequest", "status": {"token": SECRET, "expirationTimestamp": "x"}},
        {"kind": "TokenReview", "spec": {"token": SECRET}},
        {"kind": "ExecCredential", "status": {"token": SECRET}},
    ],
)
def test_I1_tokens_in_documents_are_redacted(document: dict[str, object]) -> None:
    assert SECRET not in json.dumps(redact_document(document))


def test_a_kind_can_name_sensitive_fields_of_its_own() -> None:
    document = {"kind": "Vault", "spec": {"root": {"key": SECRET, "list": [SECRET]}, "size": 3}}
    assert redact_document(document, sensitive=("spec.root", "no.such.field")) == {
        "kind": "Vault", "spec": {"root": {"key": "***", "list": ["***"]}, "size": 3},
    }  # fmt: skip


def test_I2_bodies_are_shortened_and_those_that_are_not_json_only_described() -> None:
    assert redact_body(None) == redact_body(b"") == ""
    assert redact_body(b"\x00binary") == "<7 bytes>"
    assert redact_body(b"[" * 5000) == "<5000 bytes>"
    assert (
        redact_body(json.dumps({"kind": "Secret", "data": {"p": SECRET}}).encode())
        == '{"kind": "Secret", "data": {"p": "***"}}'
    )
    long = redact_body(json.dumps({"a": "x" * 100}).encode(), limit=20)
    assert long == '{"a": "xxxxxxxxxxxxx [truncated 89 chars]'


# -- terminals


def test_I10_escape_and_carriage_return_are_made_visible() -> None:
    assert escape_terminal("\x1b[31mred\rover\n") == "^[[31mred\\rover\n"


def test_A39_control_characters_of_a_hint_are_spelled_out() -> None:
    assert escape_control("run\tthis:\n\x1b[2Jx\x00\x9b") == "run\tthis:\nU+001B[2JxU+0000U+009B"
