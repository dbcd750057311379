# SPDX-License-Identifier: Apache-2.0
"""The built-in Kubernetes kinds, one module per API group and version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import k8s_core

if not TYPE_CHECKING:
    __getattr__ = k8s_core.elsewhere(__name__)
