# SPDX-License-Identifier: Apache-2.0
"""Requests as values: pure builders from a verb, a kind and options to a :class:`Request`; nothing here does I/O."""

from __future__ import annotations

from k8s_core.requests.request import Request

__all__ = ["Request"]
