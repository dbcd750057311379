# SPDX-License-Identifier: Apache-2.0
"""Calculating with quantities as with numbers: exact, and in the canonical form. Pure: no fixtures."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_core.model.quantity import Quantity

Q = Quantity
AMOUNTS = st.builds(Quantity, st.sampled_from(["500m", "1.5Gi", "0", "-3k", "7n", "1e3", "128974848", "2Ti", "-1Mi"]))
NUMBERS = st.integers(-(10**6), 10**6) | st.decimals(-1000, 1000, allow_nan=False, places=3)


def exact(quantity: Quantity) -> Fraction:
    return Fraction(quantity.to_decimal())


@pytest.mark.parametrize(
    ("result", "text"),
    [
        (1 - Q("250m"), "750m"),
        ("1Gi" - Q("512Mi"), "512Mi"),
        (Q("1Gi") - "512Mi", "512Mi"),
        (2 - Q("1Ki"), "-1022"),
        (Q("1") + 0.1, "1100m"),
        (0.1 + Q("1"), "1100m"),
        (sum([Q("1Gi"), Q("512Mi")]), "1536Mi"),
        (abs(Q("-3k")), "3k"),
        (+Q("3k"), "3k"),
        (Q("1") * 0.1, "100m"),
        (0.5 * Q("1Gi"), "512Mi"),
        (Q("1500m") * Decimal("1.2"), "1800m"),
        (Q("1Gi") / 2, "512Mi"),
        (Q("1") / 3, "333333334n"),
        (Q("-1") / 3, "-333333334n"),
        (Q("1") / -3, "-333333334n"),
        (Q("3Gi") % "2Gi", "1Gi"),
    ],
)
def test_results_are_quantities_in_canonical_form(result: Quantity, text: str) -> None:
    assert isinstance(result, Quantity)
    assert str(result) == text


def test_a_quantity_by_another_is_a_number() -> None:
    assert Q("512Mi") / Q("2Gi") == 0.25
    assert Q("512Mi") / "2Gi" == "512Mi" / Q("2Gi") == 0.25
    assert Q("5") // Q("2") == Q("5") // "2" == 2
    assert f"{Q('512Mi') / Q('2Gi'):.0%}" == "25%"
    with pytest.raises(ZeroDivisionError):
        Q("1") / Q("0")
    with pytest.raises(ZeroDivisionError):
        Q("1") / 0


def test_as_a_number() -> None:
    assert float(Q("1500m")) == 1.5
    assert Q("500m") == 0.5
    assert Q("500m") < 0.6
    assert Q("500m") >= 0.5
    assert Q("1Ki") > 1023.5
    assert Q("1") < 2
    assert hash(Q("500m")) == hash(0.5)


@pytest.mark.parametrize(
    ("spec", "shown"),
    [(">8", "  1536Mi"), ("<8", "1536Mi  "), ("", "1536Mi"), (".2f", "1610612736.00"), (".1e", "1.6e+9")],
)
def test_format(spec: str, shown: str) -> None:
    assert format(Q("1.5Gi"), spec) == shown


@pytest.mark.parametrize(
    ("text", "unit", "digits", "shown"),
    [
        ("1610612736", "Gi", 1, "1.5Gi"),
        ("1Gi", "Gi", 1, "1Gi"),
        ("1Gi", "G", 2, "1.07G"),
        ("1Gi", "Mi", 0, "1024Mi"),
        ("100m", "", 2, "0.1"),
        ("1", "m", 0, "1000m"),
        ("-1536Mi", "Gi", 1, "-1.5Gi"),
        ("1", "Gi", 1, "0Gi"),
        ("-1", "Gi", 1, "0Gi"),
        ("1.25", "", 1, "1.3"),
    ],
)
def test_in_a_unit_for_people(text: str, unit: str, digits: int, shown: str) -> None:
    assert Q(text).in_unit(unit, digits) == shown


def test_an_unknown_unit_names_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"'GB' is not a unit of quantities: use one of n u m .* Gi"):
        Q("1").in_unit("GB")


@pytest.mark.parametrize("other", [None, True, [], object()])
def test_nonsense_is_a_TypeError(other: Any) -> None:
    for operation in (
        lambda: Q("1") * other,
        lambda: Q("1") / other,
        lambda: Q("1") + other,
        lambda: Q("1") - other,
        lambda: Q("1") < other,
        lambda: other / Q("1"),
    ):
        with pytest.raises(TypeError):
            operation()


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_not_finite_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match=r"nan|inf"):
        Q("1") * number


@given(AMOUNTS, NUMBERS)
def test_multiplying_and_dividing_round_away_from_zero_by_less_than_a_billionth(
    quantity: Quantity, number: Any
) -> None:
    product = exact(quantity) * Fraction(number)
    assert 0 <= abs(exact(quantity * number)) - abs(product) < Fraction(1, 10**9)
    if number:
        quotient = exact(quantity) / Fraction(number)
        assert 0 <= abs(exact(quantity / number)) - abs(quotient) < Fraction(1, 10**9)


@given(AMOUNTS, AMOUNTS)
def test_differences_are_exact_and_quotients_fit(left: Quantity, right: Quantity) -> None:
    assert exact(left - right) == exact(left) - exact(right) == -exact(right - left)
    if right:
        assert left == right * (left // right) + left % right
