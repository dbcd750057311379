# SPDX-License-Identifier: Apache-2.0
"""YAML as kubectl reads it (protocol E19), safely (I6)."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from k8s_core.errors import DecodeError, FieldTypeError
from k8s_core.model.yaml import dump_yaml, load_all_yaml, load_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("y", True),
        ("Yes", True),
        ("ON", True),
        ("off", False),
        ("n", False),
        ("010", 8),
        ("0o17", 15),
        ("0x1F", 31),
        ("0b11", 3),
        ("1_000", 1000),
        ("1e3", 1000),
        ("1.5", 1.5),
        (".5", 0.5),
        ("-7", -7),
        ("1:30", "1:30"),
        ("22:22", "22:22"),
        ("2024-01-01", "2024-01-01"),
        ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
        ("~", None),
        ("null", None),
        ("", None),
        ("'yes'", "yes"),
        ('"010"', "010"),
        ("!!str 123", "123"),
        ("!!str y", "y"),
        ("08", 8),
        ("1.2.3", "1.2.3"),
        ("18446744073709551615", 18446744073709551615),
        ("=", "="),
        ("0X1f", 31),
        ("0B11", 3),
        ("-0O17", -15),
        ("1_000.5", 1000.5),
        ("0_8", 8),
        ("+_1", 1),
        ("._5", "._5"),
        ("0b12", "0b12"),
        ("0xfffffffffffffffff", "0xfffffffffffffffff"),
        ("1e400", "1e400"),
        ("9" * 5000, "9" * 5000),
        ("! 12", 12),
        ("! '12'", 12),
        ("!!binary aGV5IHlvdQ==", "hey you"),
        ("!!float 1", 1),
    ],
)
def test_E19_plain_scalars_mean_what_they_mean_to_kubectl(text: str, value: object) -> None:
    loaded = load_yaml(f"key: {text}")["key"]
    assert loaded == value
    assert type(loaded) is type(value)


def test_E19_keys_become_text() -> None:
    assert load_yaml("1: a\ntrue: b\n1e3: c\n'x': d\n&k y: e") == {
        "1": "a",
        "true": "e",
        "1000": "c",
        "x": "d",
    }


def test_E19_empty_documents_of_a_stream_are_skipped() -> None:
    assert load_all_yaml("---\n---\na: 1\n---\n# nothing\n---\nb: 2\n") == [{"a": 1}, {"b": 2}]
    assert load_all_yaml("") == []
    assert load_yaml("") is None


def test_json_is_yaml() -> None:
    assert load_yaml('{"a": [1, 2.5, null, "x"], "b": {}}') == {"a": [1, 2.5, None, "x"], "b": {}}


def test_aliases_and_merge_keys() -> None:
    text = "base: &b {x: 1, z: 2}\nuse: {<<: *b, z: 3}\nlist: [*b, *b]\nmany: {<<: [*b, {q: 1}]}"
    assert load_yaml(text) == {
        "base": {"x": 1, "z": 2},
        "use": {"x": 1, "z": 3},
        "list": [{"x": 1, "z": 2}] * 2,
        "many": {"q": 1, "x": 1, "z": 2},
    }


def test_I6_an_alias_bomb_is_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(DecodeError, match="excessive aliasing"):
        load_yaml("\n".join(lines))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: &x [*x]", "contains itself"),
        ("a: [1", "malformed YAML: .*line 2"),
        ("a: .nan", "can't be written as JSON"),
        ("a: .inf", "can't be written as JSON"),
        ("? [a]\n: b", "must be a scalar"),
        ("a: !!python/object:os.system x", "unknown tag"),
        ("a: 1\n---\nb: 2", "expected one YAML document, found 2"),
        ("<<: 5", "needs a mapping"),
        ("~: a", "scalar other than null"),
        ("*a : b", "line 1, column 1: an alias without its anchor"),
        ("a: !!int x", "not of the type that its tag !!int says"),
        ("a: !!binary x", "not base64"),
        ("\x01", "malformed YAML"),
    ],
)
def test_bad_input_is_a_DecodeError(text: str, message: str) -> None:
    with pytest.raises(DecodeError, match=message):
        load_yaml(text)


def test_E19_only_keys_below_a_merge_override_it() -> None:
    assert load_yaml("v: 1\n<<: {v: 2, w: 2, z: 2}\nw: 3") == {"v": 2, "w": 3, "z": 2}


def test_E19_empty_documents_beside_the_one_are_skipped() -> None:
    assert load_yaml("---\n# licence\n---\na: 1\n---\n") == {"a": 1}


def test_json_with_escaped_surrogate_pairs_and_exact_numbers_is_read_as_json() -> None:
    assert load_yaml('{"a": "\\ud83d\\ude00",\n\t"b": 1180591620717411303424}') == {"a": "😀", "b": 2**70}


def test_what_yaml_has_no_way_to_write_is_a_typed_error() -> None:
    with pytest.raises(FieldTypeError, match="half of a surrogate pair"):
        dump_yaml({"a": "\ud800"})
    with pytest.raises(FieldTypeError, match=r"^a: set is not a JSON value"):
        dump_yaml({"a": {1}})


def test_messages_do_not_quote_the_document() -> None:
    with pytest.raises(DecodeError) as caught:
        load_yaml("token: hunter2\nother: [")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["y", "no", "010", "1e3", "1:30", "2024-01-01", "~", "", " x", "a: b", "a\nb\n", "\n a\n", "-", "x #y"]
)
def test_what_is_written_is_read_back_by_kubectl_and_by_pyyaml(text: str) -> None:
    dumped = dump_yaml({"key": text, "list": [text]})
    assert load_yaml(dumped) == {"key": text, "list": [text]}
    assert yaml.safe_load(dumped) == {"key": text, "list": [text]}


printable = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | printable,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(printable, inner, max_size=3),
    max_leaves=12,
)


@given(values)
def test_json_values_round_trip(value: object) -> None:
    assert load_yaml(dump_yaml(value)) == value
