# SPDX-License-Identifier: Apache-2.0
"""An embedded API server behind the settings of ``k8s.config``, and switches as they are after installation."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from k8s import switches
from k8s_core import config
from k8s_core.meta import ObjectMeta
from k8s_devkit import ApiServer
from k8s_plugins_builtin.core.v1 import Namespace

if TYPE_CHECKING:
    from collections.abc import Iterator

_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def _safe() -> Iterator[None]:
    yield
    switches.reset()
    config.reset()


@pytest.fixture(scope="module")
def api() -> Iterator[ApiServer]:
    """An embedded API server for all the tests of a module."""
    with ApiServer() as server:
        yield server


@pytest.fixture
def namespace(api: ApiServer) -> str:
    """The default client talks to the server; the namespace is the test's own."""
    config.api_server = api.url
    name = f"compat-{next(_numbers)}"
    Namespace(metadata=ObjectMeta(name=name)).save()
    return name
