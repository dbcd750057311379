# SPDX-License-Identifier: Apache-2.0
"""The work queue (protocol D31)."""

from __future__ import annotations

import threading

import pytest

from k8s_core.watch import WorkQueue


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


def test_D31_a_key_queued_twice_while_it_waits_is_worked_on_once() -> None:
    queue = WorkQueue[str]()
    queue.add("a")
    queue.add("b")
    queue.add("a")
    assert len(queue) == 2
    assert [queue.get(0), queue.get(0), queue.get(0)] == ["a", "b", None]


def test_D31_a_key_added_while_it_is_worked_on_is_worked_on_once_more_afterwards() -> None:
    queue = WorkQueue[str]()
    queue.add("a")
    assert queue.get(0) == "a"
    queue.add("a")
    queue.add("a")
    assert queue.get(0) is None, "one worker at a time for a key"
    queue.done("a")
    assert queue.get(0) == "a"
    queue.done("a")
    assert queue.get(0) is None


def test_D31_retries_wait_5_ms_doubling_up_to_1000_s_and_forget_starts_over() -> None:
    queue = WorkQueue[str](clock=Clock(), burst=10_000)
    delays = [queue.retry("a") for _ in range(20)]
    assert delays == pytest.approx([min(0.005 * 2**n, 1000.0) for n in range(20)])
    assert queue.retries("a") == 20
    queue.forget("a")
    assert queue.retries("a") == 0
    assert queue.retry("a") == pytest.approx(0.005)
    assert WorkQueue[str](clock=Clock()).retry("b") == pytest.approx(0.005), "keys have delays of their own"


def test_D31_thousands_of_retries_of_one_key_do_not_overflow() -> None:
    queue = WorkQueue[str](clock=Clock(), rate=1e9, burst=1)
    for _ in range(3000):
        assert queue.retry("a") <= 1000.0


def test_D31_beyond_a_burst_of_100_retries_come_at_10_per_second() -> None:
    clock = Clock()
    queue = WorkQueue[int](clock=clock)
    delays = [queue.retry(key) for key in range(120)]
    assert delays[:100] == pytest.approx([0.005] * 100)
    assert delays[100:] == pytest.approx([(n + 1) / 10 for n in range(20)])
    clock.time += 12
    assert queue.retry(999) == pytest.approx(0.005)


def test_a_delayed_key_comes_when_it_is_due_and_the_earliest_delay_counts() -> None:
    clock = Clock()
    queue = WorkQueue[str](clock=clock)
    queue.add_after("a", 10)
    queue.add_after("a", 5)
    queue.add_after("a", 7)
    queue.add_after("b", 6)
    queue.add_after("now", 0)
    assert queue.get(0) == "now"
    assert queue.get(0) is None
    clock.time += 5
    assert [queue.get(0), queue.get(0)] == ["a", None]
    clock.time += 100
    assert [queue.get(0), queue.get(0)] == ["b", None], "the later delays of a were superseded"


def test_working_on_settles_or_retries() -> None:
    clock = Clock()
    queue = WorkQueue[str](clock=clock)
    queue.add("a")
    key = queue.get(0)
    assert key == "a"
    with pytest.raises(ZeroDivisionError), queue.working_on(key):
        _ = 1 / 0
    assert queue.retries("a") == 1
    assert queue.get(0) is None
    clock.time += 1
    assert queue.get(0) == "a"
    with queue.working_on("a"):
        pass
    assert queue.retries("a") == 0
    assert len(queue) == 0


def test_shut_down_hands_out_the_rest_and_then_none() -> None:
    queue = WorkQueue[str]()
    queue.add("a")
    queue.add_after("later", 0.001)
    queue.shut_down()
    queue.add("too late")
    queue.add_after("too late", 0.001)
    assert [queue.get(), queue.get(), queue.get()] == ["a", None, None]


def test_workers_that_wait_are_woken() -> None:
    queue = WorkQueue[int]()
    got: list[int] = []
    lock = threading.Lock()
    finished = threading.Semaphore(0)

    def work() -> None:
        while (key := queue.get()) is not None:
            with queue.working_on(key), lock:
                got.append(key)
            finished.release()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for key in range(200):
        queue.add(key)
        queue.add_after(1000 + key, 0.01)
    for _ in range(400):
        assert finished.acquire(timeout=20)
    queue.shut_down()
    for worker in workers:
        worker.join(20)
        assert not worker.is_alive()
    assert sorted(got) == [*range(200), *range(1000, 1200)]
