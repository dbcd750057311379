# SPDX-License-Identifier: Apache-2.0
"""Field selectors: protocol C17."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_core.errors import SelectorError
from k8s_core.selectors import Equality, Exists, FieldQuery, In, Inequality, field_selector


def test_C17_operators() -> None:
    fields = {"status.phase": "Running", "spec.nodeName": Inequality("n1"), "metadata.name": Equality("x")}
    assert field_selector(fields) == "status.phase=Running,spec.nodeName!=n1,metadata.name=x"
    assert field_selector(None) == ""
    assert str(FieldQuery.parse("a==b,,c!=d")) == "a=b,c!=d"


@pytest.mark.parametrize("value", ["a,b", "a=b", "a\\b", "\\", ",,=", "a\\,b=c"])
def test_C17_values_are_escaped(value: str) -> None:
    text = field_selector({"metadata.name": value})
    assert FieldQuery.parse(text).requirements == (("metadata.name", Equality(value)),)


def test_C17_the_escapes_themselves() -> None:
    assert field_selector({"f": "a,b=c\\d"}) == "f=a\\,b\\=c\\\\d"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a", "needs = or !="),
        ("a in (b)", "needs = or !="),
        ("a=b\\", "escape"),
        ("a=b\\n", "escape"),
        ("a=b=c", "written"),
        ("=b", "field path"),
        ("!=b", "field path"),
        ("a=b,c", "needs = or !="),
    ],
)
def test_C17_malformed_text(text: str, what: str) -> None:
    with pytest.raises(SelectorError, match=what):
        FieldQuery.parse(text)


@pytest.mark.parametrize(
    "fields",
    [{"a": In("b")}, {"a": Exists()}, {"a": None}, {"a": 1}, {"": "b"}, {"a,b": "c"}, {"a": Equality(1)}],  # type: ignore[list-item]  # wrong on purpose
)
def test_C17_fields_know_only_equality(fields: object) -> None:
    with pytest.raises(SelectorError):
        field_selector(fields)  # type: ignore[arg-type]  # wrong on purpose


def test_C17_local_matching() -> None:
    query = FieldQuery.of([("metadata.name", "x"), ("status.phase", Inequality("Failed"))])
    assert query.matches({"metadata.name": "x"})
    assert not query.matches({"metadata.name": "x", "status.phase": "Failed"})
    assert not query.matches({})


@given(st.dictionaries(st.from_regex(r"[a-z]+(\.[a-z]+)?", fullmatch=True), st.text(max_size=10), max_size=3))
def test_every_value_round_trips(fields: dict[str, str]) -> None:
    assert dict(FieldQuery.parse(field_selector(fields)).requirements) == {k: Equality(v) for k, v in fields.items()}
