# SPDX-License-Identifier: Apache-2.0
"""Typed, lossless views over wire documents: ``Model``, ``Resource``, and how fields are declared."""

from __future__ import annotations

import k8s_core.model.views  # noqa: F401  # which brings to the field types the views that they make
from k8s_core.model.base import Model, check_required, missing_required
from k8s_core.model.codec import wire_value
from k8s_core.model.descriptors import FieldDescriptor, Fields, fields_of, root_of
from k8s_core.model.fields import ABSENT, FieldSpec, field, model_fields
from k8s_core.model.metadata import ManagedFieldsEntry, ObjectMeta, OwnerReference
from k8s_core.model.resource import Resource

__all__ = [
    "ABSENT",
    "FieldDescriptor",
    "FieldSpec",
    "Fields",
    "ManagedFieldsEntry",
    "Model",
    "ObjectMeta",
    "OwnerReference",
    "Resource",
    "check_required",
    "field",
    "fields_of",
    "missing_required",
    "model_fields",
    "root_of",
    "wire_value",
]
