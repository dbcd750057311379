# SPDX-License-Identifier: Apache-2.0
"""The media types of request bodies."""

from __future__ import annotations

__all__ = ["APPLY", "JSON", "JSON_PATCH", "MERGE_PATCH", "PATCH_TYPES", "PROTOBUF", "STRATEGIC_PATCH", "YAML"]

JSON = "application/json"
YAML = "application/yaml"
PROTOBUF = "application/vnd.kubernetes.protobuf"

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
PATCH_TYPES = (JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY)
