# SPDX-License-Identifier: Apache-2.0
"""Namespaces."""

from __future__ import annotations

from k8s._model import Model
from k8s._models._declare import Field, ListField
from k8s._models.common import ObjectMeta
from k8s_plugins_builtin.core import v1 as core

__all__ = ["Namespace", "NamespaceSpec", "ObjectMeta"]


class NamespaceSpec(Model, core.NamespaceSpec):
    """What keeps a namespace."""

    finalizers = ListField(str)


class Namespace(Model, core.Namespace):
    """A namespace."""

    metadata = Field(ObjectMeta)
    spec = Field(NamespaceSpec)
