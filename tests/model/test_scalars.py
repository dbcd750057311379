# SPDX-License-Identifier: Apache-2.0
"""Times, durations, bytes and percentages on the wire (protocol E5, E9-E12)."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_core.model import ABSENT, Model
from k8s_core.model.scalars import (
    Duration,
    IntOrString,
    MicroTime,
    Time,
    format_duration,
    format_micro_time,
    format_time,
    parse_duration,
    parse_time,
    scaled_value,
)

UTC = datetime.UTC


class Sample(Model):
    at: Time | None = None
    precisely: MicroTime | None = None
    wait: Duration | None = None
    port: IntOrString | None = None
    data: dict[str, bytes] = ABSENT


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2006-01-02T15:04:05Z", datetime.datetime(2006, 1, 2, 15, 4, 5, tzinfo=UTC)),
        ("2006-01-02T15:04:05+02:00", datetime.datetime(2006, 1, 2, 13, 4, 5, tzinfo=UTC)),
        ("2006-01-02T15:04:05.123456789Z", datetime.datetime(2006, 1, 2, 15, 4, 5, 123456, tzinfo=UTC)),
        ("2006-01-02t15:04:05.5-00:30", datetime.datetime(2006, 1, 2, 15, 34, 5, 500000, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime.datetime(2017, 1, 1, tzinfo=UTC)),
    ],
)
def test_E9_any_offset_and_fraction_is_read_as_utc(text: str, moment: datetime.datetime) -> None:
    assert parse_time(text) == moment


@pytest.mark.parametrize(
    "text", ["", "2006-01-02", "2006-01-02 15:04:05Z", "2006-01-02T15:04:05", "2006-13-02T15:04:05Z"]
)
def test_E9_anything_else_is_a_ValueError(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # the message differs between shape and calendar
        parse_time(text)


def test_E9_output_is_utc_with_second_precision() -> None:
    zone = datetime.timezone(datetime.timedelta(hours=2))
    sample = Sample(at=datetime.datetime(2006, 1, 2, 15, 4, 5, 999999, tzinfo=zone))
    assert sample.to_dict() == {"at": "2006-01-02T13:04:05Z"}


def test_E10_micro_time_always_has_six_digits() -> None:
    sample = Sample(precisely=datetime.datetime(2006, 1, 2, 15, 4, 5, 0, tzinfo=UTC))
    assert sample.to_dict() == {"precisely": "2006-01-02T15:04:05.000000Z"}


def test_a_time_without_a_zone_is_refused_with_the_way_out() -> None:
    with pytest.raises(TypeError, match=r"at: .*has no time zone; write datetime.now\(timezone.utc\)"):
        Sample(at=datetime.datetime(2006, 1, 2))  # noqa: DTZ001  # that is the point


@pytest.mark.parametrize(
    ("text", "seconds", "printed"),
    [
        ("1h30m0s", 5400, "1h30m0s"),
        ("1.5h", 5400, "1h30m0s"),
        ("300ms", 0.3, "300ms"),
        ("-1m", -60, "-1m0s"),
        ("0", 0, "0s"),
        ("10us", 0.00001, "10µs"),
        ("1.5s", 1.5, "1.5s"),
        ("100h", 360000, "100h0m0s"),
    ],
)
def test_E11_durations_are_go_durations(text: str, seconds: float, printed: str) -> None:
    span = parse_duration(text)
    assert span == datetime.timedelta(seconds=seconds)
    assert format_duration(span) == printed


@pytest.mark.parametrize("text", ["", "1", "PT1H", "1 h", "h", "1d", "--1s", "1h30"])
def test_E11_iso_durations_and_bare_numbers_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)


def test_E5_a_number_and_a_text_stay_apart() -> None:
    assert Sample(port=80).to_dict() == {"port": 80}
    assert Sample(port="80").to_dict() == {"port": "80"}
    with pytest.raises(TypeError, match="port: expected int or str, got bool"):
        Sample(port=True)


def test_E5_percentages_round_as_the_caller_chooses() -> None:
    assert scaled_value("25%", 10, round_up=True) == 3
    assert scaled_value("25%", 10, round_up=False) == 2
    assert scaled_value(4, 10, round_up=True) == 4
    with pytest.raises(ValueError, match="neither a number nor a percentage"):
        scaled_value("25", 10, round_up=True)


def test_E12_bytes_are_base64_once() -> None:
    sample = Sample(data={"key": b"secret"})
    assert sample.to_dict() == {"data": {"key": "c2VjcmV0"}}
    assert sample.data["key"] == b"secret"
    sample.data["other"] = sample.data["key"]
    assert sample.to_dict()["data"]["other"] == "c2VjcmV0"
    with pytest.raises(TypeError, match=r"data\['key'\]: expected bytes, got str; text needs .encode\(\)"):
        Sample(data={"key": "secret"})


moments = st.datetimes(datetime.datetime(1, 1, 3), datetime.datetime(9999, 12, 28), timezones=st.just(UTC))  # noqa: DTZ001


@given(moments)
def test_times_round_trip(moment: datetime.datetime) -> None:
    assert parse_time(format_micro_time(moment)) == moment
    assert parse_time(format_time(moment)) == moment.replace(microsecond=0)


@given(st.timedeltas(datetime.timedelta(days=-9999), datetime.timedelta(days=9999)))
def test_durations_round_trip(span: datetime.timedelta) -> None:
    assert parse_duration(format_duration(span)) == span


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:60Z", "9999-12-31T23:00:00-02:00"])
def test_times_beyond_the_calendar_are_value_errors(text: str) -> None:
    with pytest.raises(ValueError, match="outside of the years 1 to 9999"):
        parse_time(text)
    zone = datetime.timezone(datetime.timedelta(hours=1))
    with pytest.raises(ValueError, match="outside of the years"):
        format_time(datetime.datetime(1, 1, 1, tzinfo=zone))
