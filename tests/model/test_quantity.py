# SPDX-License-Identifier: Apache-2.0
"""Quantities: grammar, canonical form, exact arithmetic (protocol E6-E8)."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal, Inexact, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_core.model.scalars import Quantity

CANONICAL = [
    ("0.5", "500m"),
    ("1.5Gi", "1536Mi"),
    ("1024Mi", "1Gi"),
    ("1000m", "1"),
    ("0.5Mi", "512Ki"),
    (".001e12", "1e9"),
    ("100.035k", "100035"),
    ("0Ki", "0"),
    ("100Mi", "100Mi"),
    ("512", "512"),
    ("1Ki", "1Ki"),
    ("1023Ki", "1023Ki"),
    ("1.G", "1G"),
    ("+5", "5"),
    ("-1500m", "-1500m"),
    ("1E", "1E"),
    ("1E3", "1e3"),
    ("0.0001Ki", "102400u"),
    ("1e0", "1"),
    ("12e2", "1200"),
]


@pytest.mark.parametrize(("text", "canonical"), CANONICAL)
def test_E7_output_is_the_canonical_form(text: str, canonical: str) -> None:
    assert str(Quantity(text)) == canonical


@pytest.mark.parametrize("text", [".5", "1.", "1.G", "1E", "1E3", "-0", "5n", "5u", "1k", "9Ei", "1e-3"])
def test_E6_legal_text_is_read(text: str) -> None:
    Quantity(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1 ",
        "1 Gi",
        "K",
        "1K",
        "1mi",
        "1e",
        "1.5e1.5",
        "1KI",
        "--1",
        ".",
        "0x1",
        "1_0",
        "NaN",
        "inf",
        "\u0661",
        "1e999999",
    ],
)
def test_E6_illegal_text_is_a_ValueError_that_quotes_it(text: str) -> None:
    with pytest.raises(ValueError, match="is not a quantity"):
        Quantity(text)


def test_E6_floats_are_refused_because_they_are_not_exact() -> None:
    with pytest.raises(TypeError, match="a string, an int or a Decimal, not float"):
        Quantity(0.1)


def test_E8_equality_is_numeric() -> None:
    assert Quantity("1") == Quantity("1000m") == Quantity("1e0")
    assert Quantity("1") == 1
    assert Quantity("1") == "1.0"
    assert hash(Quantity("1")) == hash(Quantity("1000m"))
    assert Quantity("1") != Quantity("1001m")
    assert Quantity("1") != "one"


def test_E8_rounds_away_from_zero_to_a_billionth() -> None:
    assert Quantity("0.1n") == Quantity("1n")
    assert Quantity("-0.1n") == Quantity("-1n")


def test_E8_binary_values_are_capped_at_the_largest_int64() -> None:
    assert Quantity("9Ei").value() == 2**63 - 1
    assert Quantity("100Ei").value() == 2**63 - 1


def test_E8_value_and_milli_value_round_up() -> None:
    assert Quantity("1500m").value() == 2
    assert Quantity("0.0001").milli_value() == 1
    assert Quantity("-1500m").value() == -1
    assert Quantity("100m").to_decimal() == Decimal("0.1")


def test_E8_sums_keep_the_left_format_unless_the_left_is_zero() -> None:
    assert str(Quantity("1Gi") + "512Mi") == "1536Mi"
    assert str(Quantity("0") + Quantity("1Gi")) == "1Gi"
    assert str(Quantity("1") - "250m") == "750m"
    assert sum([Quantity("100m"), Quantity("900m")]) == 1
    assert str(Quantity("250m") * 4) == "1"
    assert str(-Quantity("1Gi")) == "-1Gi"


def test_quantities_are_ordered_immutable_and_survive_copies() -> None:
    small, large = Quantity("999Mi"), Quantity("1Gi")
    assert small < large
    assert max(small, large) is large
    assert not Quantity("0m")
    with pytest.raises(AttributeError, match="immutable"):
        small._nano = 0
    for clone in (copy.copy(large), copy.deepcopy(large), pickle.loads(pickle.dumps(large))):
        assert clone == large
        assert str(clone) == "1Gi"


suffixes = st.sampled_from(["n", "u", "m", "", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "e3", "E-3"])
quantities = st.builds(lambda number, suffix: f"{number}{suffix}", st.decimals(-(10**6), 10**6, places=3), suffixes)


@given(quantities)
def test_canonical_text_means_the_same_and_is_a_fixed_point(text: str) -> None:
    quantity = Quantity(text)
    again = Quantity(str(quantity))
    assert again == quantity
    assert str(again) == str(quantity)


@given(quantities, quantities)
def test_addition_is_exact_and_commutative(left: str, right: str) -> None:
    total = Quantity(left) + Quantity(right)
    assert total == Quantity(right) + Quantity(left)
    assert total - Quantity(right) == Quantity(left)


@given(quantities, quantities)
def test_order_agrees_with_the_exact_value(left: str, right: str) -> None:
    assert (Quantity(left) < Quantity(right)) == (Quantity(left).to_decimal() < Quantity(right).to_decimal())


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("12345678901234567890123456789012345k", 12345678901234567890123456789012345000),
        ("123456789Ki", 123456789 * 1024),
        ("1.234567890123456789e40", 12345678901234567890000000000000000000000),
    ],
)
def test_E8_long_numbers_are_exact_whatever_the_decimal_context(text: str, units: int) -> None:
    with localcontext() as context:
        context.prec = 5
        context.traps[Inexact] = True
        assert Quantity(text).value() == units
        assert Quantity(text).to_decimal() == units
        assert Quantity(units) == Quantity(Decimal(units)) == Quantity(text)


def test_equal_quantities_and_numbers_have_equal_hashes() -> None:
    assert {Quantity("1"), Quantity("1000m"), 1} == {1}
    assert hash(Quantity("500m")) == hash(Decimal("0.5"))


@pytest.mark.parametrize("text", ["0.0005Ki", "-0.0005Ki"])
def test_E7_less_than_a_unit_is_decimal_on_both_sides_of_zero(text: str) -> None:
    assert Quantity(text).format == "DecimalSI"
