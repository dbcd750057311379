# SPDX-License-Identifier: Apache-2.0
"""Applying many objects at once: order, waiting, pruning, and a report."""

from __future__ import annotations

from k8s_core.client.applying.verbs import ApplyVerbs

__all__ = ["ApplyVerbs"]
