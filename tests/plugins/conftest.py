# SPDX-License-Identifier: Apache-2.0
"""``site``: fake distributions on ``sys.path``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from fake_site import FakeSite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSite]:
    """A fake site-packages folder that is on ``sys.path`` for the time of the test."""
    root = tmp_path / "site"
    root.mkdir()
    monkeypatch.syspath_prepend(str(root))
    fake = FakeSite(root)
    yield fake
    for name in fake.imported():
        del sys.modules[name]
