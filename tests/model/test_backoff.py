# SPDX-License-Identifier: Apache-2.0
"""The waits between attempts. Pure: no fixtures."""

from __future__ import annotations

from k8s_core.backoff import Backoff


def test_waits_grow_by_the_factor_up_to_the_cap() -> None:
    backoff = Backoff(duration=0.5, factor=2.0, jitter=0.0, cap=3.0)
    assert [backoff.delay(retries) for retries in range(5)] == [0.5, 1.0, 2.0, 3.0, 3.0]
    assert backoff.delay(10_000) == 3.0


def test_the_jitter_lengthens_a_wait_by_its_part_and_beyond_the_cap() -> None:
    backoff = Backoff(duration=2.0, jitter=0.5, cap=2.0)
    assert (backoff.delay(0, 0.0), backoff.delay(0, 0.5), backoff.delay(0, 1.0)) == (2.0, 2.5, 3.0)
