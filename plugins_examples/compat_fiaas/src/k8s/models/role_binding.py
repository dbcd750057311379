# SPDX-License-Identifier: Apache-2.0
"""Role bindings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s._deprecation import forward_models

if TYPE_CHECKING:
    from k8s._models.role_binding import *  # noqa: F403  # for type checkers: each name as it is

__getattr__, __dir__ = forward_models(__name__, "k8s_plugins_builtin.rbac.v1")
