# SPDX-License-Identifier: Apache-2.0
"""Locks that a fork leaves usable: protocol B24."""

from __future__ import annotations

import os
import threading

import pytest

from k8s_core.configuration.locks import ForkLock

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork"),
    # Python 3.12+ warns of what is tested here.
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]


def in_child(work: object) -> int:
    """The exit code of a forked child that does ``work``: 0 unless it raises or hangs."""
    pid = os.fork()
    if pid == 0:
        try:
            assert callable(work)
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_B24_a_lock_that_another_thread_held_is_free_in_the_child() -> None:
    lock, held, done = ForkLock(), threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            done.wait(30)

    def use() -> None:
        with lock:
            pass

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(30)
    try:
        assert in_child(use) == 0
    finally:
        done.set()
        thread.join()


def test_B24_a_fork_inside_of_the_lock_can_leave_it() -> None:
    lock = ForkLock()

    def leave() -> None:
        lock.__exit__(None, None, None)
        with lock:
            pass

    with lock:
        assert in_child(leave) == 0
    with lock:
        pass


def test_it_excludes_as_any_lock_does() -> None:
    lock, inside, most = ForkLock(), [0], [0]

    def work() -> None:
        for _ in range(200):
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]
