# SPDX-License-Identifier: Apache-2.0
"""Discovery: which kinds a server serves, in which versions, and under which names (protocol section G)."""

from __future__ import annotations

from k8s_core.client.discovery.cache import Discovery
from k8s_core.client.discovery.documents import ServedGroup, ServedVersion

__all__ = ["Discovery", "ServedGroup", "ServedVersion"]
