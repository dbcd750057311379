# SPDX-License-Identifier: Apache-2.0
"""Patches as explicit values: JSON, merge, strategic merge and apply; from dicts, models, or as a difference of two.

>>> from k8s_core.patches import MergePatch
>>> MergePatch.diff({"spec": {"replicas": 1, "paused": True}}, {"spec": {"replicas": 2}}).content
{'spec': {'replicas': 2, 'paused': None}}

See https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply.
"""

from __future__ import annotations

from k8s_core.patches.base import ApplyPatch, JsonPatch, MergePatch, Patch, StrategicMergePatch

__all__ = ["ApplyPatch", "JsonPatch", "MergePatch", "Patch", "StrategicMergePatch"]
