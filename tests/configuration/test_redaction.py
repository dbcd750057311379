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

from k8s_core.auth import make_credentials
from k8s_core.configuration import AuthProviderConfig, Config, ExecConfig
from k8s_core.errors import CredentialsError
from k8s_core.redaction import (
    Mask,
    Sensitive,
    conceal,
    escape_control,
    escape_terminal,
    mask_all,
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


def hide_data(document: dict[str, Any]) -> dict[str, Any]:
    return {key: mask_all(value) if key == "data" else value for key, value in document.items()}


def mask_of(api_version: str, kind: str) -> Mask | None:
    """Knows two kinds: one with secrets in ``data``, one without any."""
    return {("v1", "Vault"): hide_data, ("v1", "Open"): dict}.get((api_version, kind))


def test_I1_objects_of_known_kinds_lose_what_is_secret_in_them_and_keep_the_keys() -> None:
    vault = {"apiVersion": "v1", "kind": "Vault", "metadata": {"labels": {"a": "b"}}, "data": {"k": SECRET, "n": 1}}
    assert redact_document(vault, mask_of) == vault | {"data": {"k": "***", "n": "***"}}
    assert vault["data"] == {"k": SECRET, "n": 1}
    assert redact_document({"data": {"k": SECRET}}, mask_of, api_version="v1", kind="Vault") == {"data": {"k": "***"}}


def test_I1_objects_of_other_kinds_lose_all_strings_but_their_identity() -> None:
    document = {
        "apiVersion": "v2",
        "kind": "Vault",
        "metadata": {
            "name": "n",
            "namespace": "ns",
            "uid": "u",
            "resourceVersion": "7",
            "generateName": "n-",
            "creationTimestamp": "2026-01-01T00:00:00Z",
            "generation": 3,
            "labels": {"name": SECRET},
            "ownerReferences": [{"kind": SECRET}],
        },
        "spec": {"name": SECRET, "list": [SECRET, 1, True, None], "metadata": {"name": SECRET}},
    }
    expected = {
        **document,
        "metadata": document["metadata"] | {"labels": {"name": "***"}, "ownerReferences": [{"kind": "***"}]},  # type: ignore[operator]  # a dict, as above
        "spec": {"name": "***", "list": ["***", 1, True, None], "metadata": {"name": "***"}},
    }
    assert redact_document(document, mask_of) == expected
    assert redact_document(document) == expected
    assert redact_document({"major": SECRET}, mask_of) == {"major": "***"}
    assert redact_document(SECRET, mask_of) == "***"


def test_I1_lists_are_followed_into() -> None:
    vault, item = {"apiVersion": "v1", "kind": "Vault"}, {"metadata": {"name": "n"}, "data": {"p": SECRET}}
    shown = {"apiVersion": "v1", "kind": "Open", "data": {"a": "shown"}}
    metadata = {"resourceVersion": "7", "continue": SECRET}
    typed = {"apiVersion": "v1", "kind": "VaultList", "metadata": metadata, "items": [item, {"data": None}]}
    mixed = {"apiVersion": "v1", "kind": "List", "items": [vault | item, shown, item, SECRET]}
    assert redact_document(typed, mask_of)["items"] == [item | {"data": {"p": "***"}}, {"data": None}]
    assert redact_document(typed, mask_of)["metadata"] == {"resourceVersion": "7", "continue": "***"}
    assert redact_document(mixed, mask_of)["items"] == [
        vault | item | {"data": {"p": "***"}}, shown, item | {"data": {"p": "***"}}, "***",
    ]  # fmt: skip


def test_I1_a_json_patch_shows_what_is_changed_and_not_to_which_value() -> None:
    patch = [{"op": "add", "path": "/data/k", "value": SECRET}, {"op": "copy", "from": "/a", "path": "/b"}, SECRET]
    assert redact_document(patch, mask_of, api_version="v1", kind="Open") == [
        {"op": "add", "path": "/data/k", "value": "***"}, {"op": "copy", "from": "/a", "path": "/b"}, "***",
    ]  # fmt: skip


def test_I2_bodies_are_shortened_and_those_that_are_not_json_only_described() -> None:
    assert redact_body(None) == redact_body(b"") == ""
    assert redact_body(b"\x00binary") == "<7 bytes>"
    assert redact_body(b"[" * 5000) == "<5000 bytes>"
    body = json.dumps({"apiVersion": "v1", "kind": "Vault", "data": {"p": SECRET}}).encode()
    assert redact_body(body, mask_of) == '{"apiVersion": "v1", "kind": "Vault", "data": {"p": "***"}}'
    long = json.dumps({"apiVersion": "v1", "kind": "Open", "a": "x" * 100}).encode()
    assert redact_body(long, mask_of, limit=20) == '{"apiVersion": "v1", [truncated 125 chars]'


# -- terminals


def test_I10_escape_and_carriage_return_are_made_visible() -> None:
    assert escape_terminal("\x1b[31mred\rover\n") == "^[[31mred\\rover\n"


def test_A39_control_characters_of_a_hint_are_spelled_out() -> None:
    assert escape_control("run\tthis:\n\x1b[2Jx\x00\x9b") == "run\tthis:\nU+001B[2JxU+0000U+009B"
