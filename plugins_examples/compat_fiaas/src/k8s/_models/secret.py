# SPDX-License-Identifier: Apache-2.0
"""Secrets."""

from __future__ import annotations

from k8s._model import Model
from k8s._models._declare import Field, WriteOnlyField
from k8s._models.common import ObjectMeta
from k8s_plugins_builtin.core import v1 as core

__all__ = ["ObjectMeta", "Secret"]


class Secret(Model, core.Secret):
    """Secret data: ``data`` is base64, as in the document, and ``stringData`` is plain, for writing."""

    metadata = Field(ObjectMeta)
    data = Field(dict)
    stringData = WriteOnlyField(dict)
