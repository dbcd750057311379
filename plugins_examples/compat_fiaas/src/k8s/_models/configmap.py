# SPDX-License-Identifier: Apache-2.0
"""ConfigMaps."""

from __future__ import annotations

from k8s._model import Model
from k8s._models._declare import Field
from k8s._models.common import ObjectMeta
from k8s_plugins_builtin.core import v1 as core

__all__ = ["ConfigMap", "ObjectMeta"]


class ConfigMap(Model, core.ConfigMap):
    """Configuration as keys and values."""

    metadata = Field(ObjectMeta)
    data = Field(dict)
