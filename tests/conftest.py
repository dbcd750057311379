# SPDX-License-Identifier: Apache-2.0
"""What every test gets: an environment without the machine's clusters, proxies and home, and a check for leaks."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

# Deadlines measure the machine, not the code. The gate draws the same examples every time, so that a red run is about
# what changed; looking for new ones is the business of HYPOTHESIS_PROFILE=fuzz, which keeps what it finds below
# .hypothesis and prints how to repeat it. Test files say how many examples they want with support/examples.py.
_CALM = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
settings.register_profile(
    "gate",
    deadline=None,
    max_examples=50,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("fuzz", deadline=None, max_examples=1000, suppress_health_check=_CALM, print_blob=True)
_PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "gate")
settings.load_profile(_PROFILE)
_FUZZ_TIMEOUT, _SLOW_TIMEOUT = 3600, 300  # seconds for one test; on a busy machine it may take ten times what it needs

# What is not a unit test: folders whose tests build, install, break, compare or drive something else; these markers.
_OTHER_FOLDERS = ("packaging", "workspace", "typing", "docs", "chaos", "bench", "conformance")
_OTHER_MARKERS = ("packaging", "control_plane", "kubectl", "slow", "soak")
_HERE = Path(__file__).parent

_PREFIXES = ("KUBE_", "KUBERNETES_", "K8S_CORE_", "AWS_", "VAULT_")
_NAMES = {"KUBECONFIG", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSLKEYLOGFILE"}
_THREAD_GRACE = 5.0  # seconds a stopped thread may take to be gone


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers that the hook below gives or reads; have Ctrl-C work as it does in a terminal."""
    for marker in (
        "slow: takes seconds; not a unit test",
        "soak: a long matrix or an endurance run; left out unless --soak is given",
        "unit: quick, and needs nothing else; given by the rule in conftest.py",
    ):
        config.addinivalue_line("markers", marker)
    # A shell's background jobs ignore Ctrl-C, and hand that down: to us, and to what tests start and interrupt.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--server``: what tests/conformance runs against; ``--kubectl``: with what its transcripts are run."""
    parser.addoption(
        "--server",
        choices=("embedded", "real", "real-custom"),
        default="embedded",
        help="conformance tests: the embedded ApiServer (default), or etcd and kube-apiserver of KUBEBUILDER_ASSETS; "
        "real-custom: those on custom resources, with the apiextensions-apiserver of APIEXTENSIONS_ASSETS beside it",
    )
    parser.addoption("--soak", action="store_true", help="run the long matrices and endurance runs as well")
    parser.addoption("--kubectl", default="kubectl", help="the kubectl that tests/conformance/test_kubectl.py runs")
    parser.addoption(
        "--record-kubectl",
        action="store_true",
        help="write what kubectl shows into tests/conformance/kubectl/ instead of comparing",
    )


def _is_unit(item: pytest.Item) -> bool:
    folder = item.path.relative_to(_HERE).parts[0]
    return folder not in _OTHER_FOLDERS and not any(map(item.get_closest_marker, _OTHER_MARKERS))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Importing what is left out anyway would take a tenth of the time of the unit tests."""
    alone = config.option.markexpr == "unit" and collection_path.parent == _HERE
    return True if alone and collection_path.name in _OTHER_FOLDERS else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the unit tests, and leave the long ones out unless they are asked for."""
    for item in items:
        if _is_unit(item):
            item.add_marker(pytest.mark.unit)
        if _PROFILE != "gate":
            item.add_marker(pytest.mark.timeout(_FUZZ_TIMEOUT))
        elif item.get_closest_marker("slow") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(_SLOW_TIMEOUT))
    if not config.getoption("--soak"):
        soaks = [item for item in items if item.get_closest_marker("soak")]
        items[:] = [item for item in items if not item.get_closest_marker("soak")]
        if soaks:
            config.hook.pytest_deselected(items=soaks)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No kubeconfig, proxy or credential of the machine reaches a test, and HOME is an empty folder."""
    for name in list(os.environ):
        if name.upper() in _NAMES or name.startswith(_PREFIXES):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(_empty_home(tmp_path_factory)))
    # Colours and widths of the terminal that happens to run the tests must not show in output that is compared.
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    yield
    _restore_config()


def _empty_home(factory: pytest.TempPathFactory) -> Path:
    home = factory.getbasetemp() / "home"
    home.mkdir(exist_ok=True)
    return home


def _restore_config() -> None:
    """Undo what the test did to the ``config`` singleton, if it was ever loaded."""
    module = sys.modules.get("k8s_core.configuration.settings")
    reset = getattr(getattr(module, "config", None), "reset", None)
    if reset is not None:
        reset()


@pytest.fixture(autouse=True, scope="module")
def _garbage_is_found_here() -> Iterator[None]:
    """What a test file leaves unclosed is reported by its last test, not by whichever test the collector interrupts."""
    yield
    gc.collect()


@pytest.fixture(autouse=True)
def _no_thread_left() -> Iterator[None]:
    """A test ends with the non-daemon threads that it began with: what it started, it stopped."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + _THREAD_GRACE
    for thread in threading.enumerate():
        if thread in before or thread.daemon or thread is threading.current_thread():
            continue
        thread.join(max(0.0, deadline - time.monotonic()))
        if thread.is_alive():
            pytest.fail(f"the test left the thread {thread.name!r} running")
