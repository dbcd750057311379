# SPDX-License-Identifier: Apache-2.0
"""The embedded server without its network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from server_core import Api

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def make_api() -> Callable[..., Api]:
    return Api
