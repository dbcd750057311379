# SPDX-License-Identifier: Apache-2.0
"""The ``k8s-core`` command. It needs the extra ``[cli]``; importing this package does not."""

from __future__ import annotations

from k8s_core.cli.main import main

__all__ = ["main"]
