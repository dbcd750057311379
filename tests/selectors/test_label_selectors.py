# SPDX-License-Identifier: Apache-2.0
"""Label selectors: protocol C14-C16."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_core.errors import SelectorError
from k8s_core.kinds import APIResource
from k8s_core.meta import LabelSelector, LabelSelectorRequirement, generic_resource
from k8s_core.selectors import (
    Equality,
    Exists,
    GreaterThan,
    In,
    Inequality,
    LabelQuery,
    LessThan,
    NotExists,
    NotIn,
    label_selector,
)
from k8s_plugins_builtin.apps.v1 import Deployment


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", ""),
        (" \t\r\n", ""),
        ("a", "a"),
        ("!a", "!a"),
        ("! a", "!a"),
        ("a=b", "a=b"),
        ("a==b", "a=b"),
        ("a = b", "a=b"),
        ("a!=b", "a!=b"),
        ("a=", "a="),
        ("a=,b", "a=,b"),
        ("a in (y,x)", "a in (x,y)"),
        ("a notin (x)", "a notin (x)"),
        ("a in ()", "a in ()"),
        ("a in (,x)", "a in (,x)"),
        ("a in (x,)", "a in (,x)"),
        ("a in (x,,y)", "a in (,x,y)"),
        ("a>1", "a>1"),
        ("a < 1", "a<1"),
        ("in in (in)", "in in (in)"),
        ("notin", "notin"),
        ("b=1,a=2", "a=2,b=1"),
        ("example.com/a=b", "example.com/a=b"),
        ("a\n in\t( x , y )", "a in (x,y)"),
    ],
)
def test_C14_grammar(text: str, written: str) -> None:
    query = LabelQuery.parse(text)
    assert str(query) == written
    assert LabelQuery.parse(written) == query


@pytest.mark.parametrize(
    "text",
    [
        "a,",
        ",a",
        "a,,b",
        "a b",
        "a=b c",
        "a in x",
        "a in (x",
        "a in x)",
        "a in (x y)",
        "=b",
        "!a=b",
        "!",
        "a!b",
        "a>",
        "a>x",
        "a<1.5",
        "a=b=c",
        "a in (x))",
        "a (x)",
        "()",
    ],
)
def test_C14_malformed_text(text: str) -> None:
    with pytest.raises(SelectorError) as caught:
        LabelQuery.parse(text)
    assert "position" in str(caught.value) or "integer" in str(caught.value)


@pytest.mark.parametrize(
    "key",
    ["", "/a", "a/", "a/b/c", "-a", "a-", "Example.com/a", "a b", "a$", "x" * 64, "x" * 254 + "/a", "ä", "exa..mple/a"],
)
def test_C14_bad_key(key: str) -> None:
    with pytest.raises(SelectorError, match="label key"):
        LabelQuery.of({key: "v"})


def test_C14_bad_value_names_the_nearest_valid_one() -> None:
    with pytest.raises(SelectorError) as caught:
        LabelQuery.of({"app": "my app!"})
    assert "'my app!'" in str(caught.value)
    assert "nearest valid: 'my-app'" in str(caught.value)
    with pytest.raises(SelectorError, match="63"):
        LabelQuery.of({"app": "x" * 64})
    with pytest.raises(SelectorError, match="write '1'"):
        LabelQuery.of({"app": 1})


def test_C14_limits_are_inclusive() -> None:
    query = LabelQuery.of({"x" * 63: "v" * 63, "y" * 253 + "/" + "z" * 63: ""})
    assert LabelQuery.parse(str(query)) == query


def test_C15_negative_operators_match_absent_labels() -> None:
    for text in ("a!=b", "a notin (b)"):
        query = LabelQuery.parse(text)
        assert query.matches({})
        assert query.matches(None)
        assert query.matches({"a": "c"})
        assert not query.matches({"a": "b"})


def test_C15_empty_values_match_the_empty_value() -> None:
    for text in ("a=", "a in ()"):
        query = LabelQuery.parse(text)
        assert query.matches({"a": ""})
        assert not query.matches({})
        assert not query.matches({"a": "b"})


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("a>1", "2", True),
        ("a>1", "1", False),
        ("a>1", "x", False),
        ("a>1", None, False),
        ("a>1", "", False),
        ("a<1", "0", True),
        ("a<1", "-5", True),
        ("a<1", "1.0", False),
        ("a<1", "\u0660", False),  # a digit, but not the server's
        ("a>1", "9223372036854775808", False),
        ("a>1", "9223372036854775807", True),
    ],
)
def test_C15_order_needs_integers_on_both_sides(text: str, value: str | None, expected: bool) -> None:
    assert LabelQuery.parse(text).matches({} if value is None else {"a": value}) is expected


def test_tutorial_operators() -> None:
    labels = {"foo": Equality("bar"), "dog": Inequality("cat")}
    assert label_selector(labels) == "dog!=cat,foo=bar"
    every = {
        "a": "1",
        "b": In("x", "y"),
        "c": NotIn(["z"]),
        "d": Exists(),
        "e": NotExists(),
        "f": GreaterThan(1),
        "g": LessThan("9"),
        "h": ["q", "p"],
    }
    assert label_selector(every) == "a=1,b in (x,y),c notin (z),d,!e,f>1,g<9,h in (p,q)"


def test_pairs_allow_one_key_twice() -> None:
    query = LabelQuery.of([("a", GreaterThan(1)), ("a", LessThan(5))])
    assert str(query) == str(LabelQuery.parse("a>1,a<5")) == "a<5,a>1"
    assert query.matches({"a": "3"})
    assert not query.matches({"a": "7"})


@pytest.mark.parametrize(
    "labels",
    [{"a": None}, {"a": 5}, {"a": object()}, ["a"], [("a",)], {1: "a"}, {"a": Equality(1)}, {"a": []}],  # type: ignore[list-item]  # wrong on purpose
)
def test_bad_forms(labels: object) -> None:
    with pytest.raises(SelectorError):
        LabelQuery.of(labels)  # type: ignore[arg-type]  # wrong on purpose


def test_operators_check_their_values() -> None:
    wrong: list[tuple[Any, Any]] = [(In, []), (NotIn, []), (In, ["a", 1]), (GreaterThan, "x"), (LessThan, 1.5)]
    for operator, value in wrong:
        with pytest.raises(SelectorError):
            operator(value)
    with pytest.raises(SelectorError):
        In()


def test_C16_label_selector_of_an_object() -> None:
    selector = LabelSelector(
        matchLabels={"b": "2", "a": "1"},
        matchExpressions=[
            LabelSelectorRequirement(key="c", operator="In", values=["x"]),
            LabelSelectorRequirement(key="d", operator="DoesNotExist"),
            LabelSelectorRequirement(key="e", operator="Exists"),
            LabelSelectorRequirement(key="f", operator="NotIn", values=["y", "x"]),
        ],
    )
    query = LabelQuery.of(selector)
    assert str(query) == "a=1,b=2,c in (x),!d,e,f notin (x,y)"
    assert query.matches({"a": "1", "b": "2", "c": "x", "e": ""})
    assert not query.matches({"a": "1", "b": "2", "c": "x"})


def test_C16_nil_selects_nothing_and_empty_selects_everything() -> None:
    nothing, everything = LabelQuery.from_label_selector(None), LabelQuery.from_label_selector({})
    assert nothing.is_nothing
    assert not nothing.matches({})
    assert not nothing.matches({"a": "b"})
    assert everything.is_everything
    assert everything.matches({})
    assert everything.matches({"a": "b"})


def test_C16_an_absent_selector_is_never_asked_for() -> None:
    absent = Deployment(metadata={"name": "x"}).spec.selector
    with pytest.raises(SelectorError, match="selects nothing"):
        label_selector(absent)
    assert label_selector(LabelSelector.from_dict({})) == ""
    assert label_selector(None) == ""


@pytest.mark.parametrize(
    "expression",
    [
        {"key": "a", "operator": "In"},
        {"key": "a", "operator": "NotIn", "values": []},
        {"key": "a", "operator": "Exists", "values": ["x"]},
        {"key": "a", "operator": "DoesNotExist", "values": ["x"]},
        {"key": "a", "operator": "Equals", "values": ["x"]},
        {"key": "-", "operator": "Exists"},
        {"operator": "Exists"},
        {"key": "a", "operator": "In", "values": ["not valid"]},
    ],
)
def test_C16_operators_need_or_forbid_values(expression: dict[str, object]) -> None:
    with pytest.raises(SelectorError):
        LabelQuery.from_label_selector({"matchExpressions": [expression]})


def test_a_misspelt_label_selector_is_refused() -> None:
    with pytest.raises(SelectorError, match="matchlabels"):
        LabelQuery.from_label_selector({"matchlabels": {"a": "b"}})


def test_generic_objects_give_either_form() -> None:
    kind = generic_resource(APIResource("g.example", "v1", "Thing", "things"))
    plain = kind.from_dict({"metadata": {}, "spec": {"selector": {"app": "web"}}})
    structured = kind.from_dict({"metadata": {}, "spec": {"selector": {"matchLabels": {"app": "web"}}}})
    for obj in (plain, structured):
        assert label_selector(obj.spec.selector) == "app=web"


_KEYS = st.from_regex(r"[a-z0-9]([-a-z0-9_.]{0,8}[a-z0-9])?", fullmatch=True)
_VALUES = st.one_of(st.just(""), st.from_regex(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,8}[A-Za-z0-9])?", fullmatch=True))
_OPERATORS = st.one_of(
    _VALUES.map(Equality),
    _VALUES.map(Inequality),
    st.lists(_VALUES, min_size=1, max_size=3).map(In),
    st.lists(_VALUES, min_size=1, max_size=3).map(NotIn),
    st.just(Exists()),
    st.just(NotExists()),
    st.integers(-100, 100).filter(lambda n: n >= 0).map(GreaterThan),
    st.integers(0, 100).map(LessThan),
)


@given(st.lists(st.tuples(_KEYS, _OPERATORS), max_size=4), st.dictionaries(_KEYS, _VALUES, max_size=4))
def test_text_form_round_trips_and_means_the_same(pairs: list[tuple[str, object]], labels: dict[str, str]) -> None:
    query = LabelQuery.of(pairs)
    again = LabelQuery.parse(str(query))
    assert str(again) == str(query)
    assert again.matches(labels) == query.matches(labels)


@given(st.text(alphabet="ab!=<>(), \tin-.", max_size=20))
def test_any_text_parses_or_is_refused(text: str) -> None:
    try:
        query = LabelQuery.parse(text)
    except SelectorError:
        return
    assert LabelQuery.parse(str(query)) == query
