# SPDX-License-Identifier: Apache-2.0
"""Ingresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s._deprecation import forward_models

if TYPE_CHECKING:
    from k8s._models.networking_v1_ingress import *  # noqa: F403  # for type checkers: each name as it is

__getattr__, __dir__ = forward_models(__name__, "k8s_plugins_builtin.networking.v1")
