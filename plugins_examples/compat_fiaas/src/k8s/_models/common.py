# SPDX-License-Identifier: Apache-2.0
"""What many kinds have."""

from __future__ import annotations

import datetime

from k8s._model import Model
from k8s._models._declare import Field, ListField, NamespaceField, ReadOnlyField
from k8s_core import meta
from k8s_plugins_builtin.core import v1 as core

__all__ = [
    "Condition",
    "DeleteOptions",
    "LabelSelector",
    "LabelSelectorRequirement",
    "LocalObjectReference",
    "ObjectMeta",
    "ObjectReference",
    "OwnerReference",
    "Preconditions",
    "TypedLocalObjectReference",
]


class OwnerReference(Model, meta.OwnerReference):
    """The owner of an object."""


class ObjectMeta(Model, meta.ObjectMeta):
    """What every object carries. Its namespace is ``"default"`` unless it is given."""

    finalizers = ListField(str)
    annotations = Field(dict)
    creationTimestamp = ReadOnlyField(datetime.datetime)
    deletionGracePeriodSeconds = ReadOnlyField(int)
    deletionTimestamp = ReadOnlyField(datetime.datetime)
    generation = ReadOnlyField(int)
    labels = Field(dict)
    namespace = NamespaceField(str, "default")
    ownerReferences = ListField(OwnerReference)
    resourceVersion = ReadOnlyField(str)
    selfLink = ReadOnlyField(str)
    uid = ReadOnlyField(str)


class TypedLocalObjectReference(Model, core.TypedLocalObjectReference):
    """An object of any kind in the same namespace."""


class ObjectReference(Model, core.ObjectReference):
    """An object of any kind."""


class Preconditions(Model, meta.Preconditions):
    """What must be true of an object for its deletion."""


class DeleteOptions(Model, meta.DeleteOptions):
    """How to delete."""

    dryRun = ListField(str)
    preconditions = Field(Preconditions)
    propagationPolicy = Field(str)


class LocalObjectReference(Model, core.LocalObjectReference):
    """An object of a known kind in the same namespace."""


class LabelSelectorRequirement(Model, meta.LabelSelectorRequirement):
    """One expression over a label."""

    values = ListField(str)


class LabelSelector(Model, meta.LabelSelector):
    """Labels and expressions, all of which must hold."""

    matchExpressions = ListField(LabelSelectorRequirement)
    matchLabels = Field(dict)


class Condition(Model, meta.Condition):
    """One aspect of an object's state."""
