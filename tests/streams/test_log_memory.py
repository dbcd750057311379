# SPDX-License-Identifier: Apache-2.0
"""The lines of a log across broken connections, without a server: none lost, none twice, gaps said."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from k8s_core.streams.log_lines import LogMemory

if TYPE_CHECKING:
    from collections.abc import Iterable

Log = list[tuple[float, bytes]]  # seconds, text


def stamped(seconds: float, text: bytes) -> bytes:
    whole, nanos = divmod(round(seconds * 1e9), 10**9)
    return b"2026-01-01T00:%02d:%02d.%09dZ %b" % (*divmod(whole, 60), nanos, text)


def served(log: Log, since: str | None, skip: int = 0) -> bytes:
    """What a kubelet sends: each line whose time is not before ``since``."""
    lines = [stamped(*each) + b"\n" for each in log[skip:]]
    return b"".join(line for line in lines if since is None or line[:19].decode() + "Z" >= since)


def texts(raw: Iterable[object]) -> list[bytes]:
    return [each.data[each.begin :] for each in raw]  # type: ignore[attr-defined]  # a RawLine


def read(log: Log, cuts: list[int], *, tail: int | None = None) -> tuple[list[bytes], int]:
    """Read a log through connections that break after so many bytes; the lines, and how many gaps were reported."""
    memory = LogMemory()
    found: list[bytes] = []
    gaps = 0
    for cut in [*cuts, None]:
        skip = len(log) - tail if tail is not None and memory.since is None else 0
        data = served(log, memory.since, skip)[:cut]
        raw = list(memory.feed(data[: len(data) // 2])) + list(memory.feed(data[len(data) // 2 :]))
        if cut is None:
            raw += memory.end()
        else:
            memory.again()
        found += texts(raw)
        gaps += sum(each.gap is not None for each in raw)
    return found, gaps


# Many lines of the same time, the same words, and a little out of order.
steps = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.0, 1e-9, 0.3, 0.999999999, 1.0, 2.5, 40.0]), st.sampled_from([b"", b"a", b"b c"])
    ),
    max_size=30,
)
cuts = st.lists(st.integers(0, 2000), max_size=6)


def log_of(parts: list[tuple[float, bytes]], swaps: set[int]) -> Log:
    now, log = 0.0, []
    for step, text in parts:
        now += step
        log.append((now, text))
    for index, (one, other) in enumerate(list(pairwise(log))):
        if index in swaps and other[0] - one[0] < 0.9:
            log[index], log[index + 1] = log[index + 1], log[index]
    return log


@given(steps, st.sets(st.integers(0, 29), max_size=5), cuts)
def test_no_line_is_lost_and_none_comes_twice(
    parts: list[tuple[float, bytes]], swaps: set[int], broken: list[int]
) -> None:
    log = log_of(parts, swaps)
    assert read(log, broken) == ([text for _, text in log], 0)


@given(steps, cuts, st.integers(0, 30))
def test_lines_older_than_the_tail_do_not_come_after_a_break(
    parts: list[tuple[float, bytes]], broken: list[int], tail: int
) -> None:
    log = [(time, b"%d" % number) for number, (time, _) in enumerate(log_of(parts, set()))]
    tail = min(tail, len(log))
    if tail:
        assert read(log, broken, tail=tail) == ([text for _, text in log[-tail:]], 0)


def test_a_line_that_was_cut_off_comes_whole() -> None:
    log = [(1.0, b"first"), (1.5, b"second line")]
    whole = served(log, None)
    for cut in range(len(whole)):
        assert read(log, [cut]) == ([b"first", b"second line"], 0)


def test_equal_lines_of_one_time_are_counted() -> None:
    log = [(1.0, b"same")] * 5
    assert read(log, [len(served(log[:3], None))]) == ([b"same"] * 5, 0)


def test_only_the_last_seconds_are_asked_for_again_and_remembered() -> None:
    memory = LogMemory()
    list(memory.feed(b"".join(stamped(second, b"x") + b"\n" for second in range(30))))
    assert memory.since == "2026-01-01T00:00:28Z"
    assert sum(len(lines) for lines in memory._seen.values()) == 2


def test_without_a_line_there_is_nothing_to_ask_from() -> None:
    memory = LogMemory()
    assert list(memory.feed(b"2026-01-01T00:00:0")) == []
    assert memory.since is None
    memory.again()
    assert texts(memory.feed(stamped(1, b"x") + b"\n")) == [b"x"]


def test_times_in_other_zones_are_times() -> None:
    memory = LogMemory()
    list(memory.feed(b"2026-01-01T02:00:05.5+02:00 x\n"))
    assert memory.since == "2026-01-01T00:00:04Z"


def test_lines_that_were_rotated_away_are_a_gap() -> None:
    memory = LogMemory()
    first = list(memory.feed(b"".join(stamped(second, b"old") + b"\n" for second in (1, 2, 3))))
    memory.again()
    rest = list(memory.feed(stamped(9, b"new") + b"\n" + stamped(10, b"newer") + b"\n"))
    assert [each.gap for each in first] == [None] * 3
    assert [each.gap for each in rest] == [("2026-01-01T00:00:03.000000000Z", "2026-01-01T00:00:09.000000000Z"), None]


def test_a_rotation_within_the_second_is_a_gap_too() -> None:
    memory = LogMemory()
    list(memory.feed(stamped(3.1, b"a") + b"\n" + stamped(3.2, b"b") + b"\n"))
    memory.again()
    (only,) = memory.feed(stamped(3.9, b"d") + b"\n")
    assert only.gap == ("2026-01-01T00:00:03.200000000Z", "2026-01-01T00:00:03.900000000Z")


def test_a_container_that_said_nothing_more_has_no_gap() -> None:
    memory = LogMemory()
    list(memory.feed(stamped(3, b"a") + b"\n"))
    memory.again()
    assert list(memory.feed(stamped(3, b"a") + b"\n")) == list(memory.end()) == []


@pytest.mark.parametrize("line", [b"no time at all", b"", b"2026-13-01T00:00:00Z x", b"2026-01-01 x", b"\xff\xfe"])
def test_lines_without_a_time_are_lines(line: bytes) -> None:
    memory = LogMemory()
    assert b" ".join(texts(memory.feed(line + b"\n"))).endswith(line[-1:])
    assert memory.since is None or memory.since.startswith("19")


def test_a_last_line_without_an_end_is_given_at_the_end() -> None:
    memory = LogMemory()
    assert list(memory.feed(stamped(1, b"half"))) == []
    assert texts(memory.end()) == [b"half"]
