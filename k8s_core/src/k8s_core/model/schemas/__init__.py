# SPDX-License-Identifier: Apache-2.0
"""Marshmallow Schemas of model classes: strict loading, validation, error paths, and a plugin's own hooks and fields.

The only package that imports marshmallow; nothing imports it before a Schema is needed.
"""

from __future__ import annotations

from k8s_core.model.schemas.base import ModelSchema
from k8s_core.model.schemas.derive import NestedField, schema_for
from k8s_core.model.schemas.documents import dump_document, load_document, load_strictly, validate_document
from k8s_core.model.schemas.fields import (
    BooleanField,
    BytesField,
    DictField,
    DurationField,
    FloatField,
    IntegerField,
    IntOrStringField,
    ListField,
    MicroTimeField,
    QuantityField,
    RawField,
    StringField,
    TimeField,
)

__all__ = [
    "BooleanField",
    "BytesField",
    "DictField",
    "DurationField",
    "FloatField",
    "IntOrStringField",
    "IntegerField",
    "ListField",
    "MicroTimeField",
    "ModelSchema",
    "NestedField",
    "QuantityField",
    "RawField",
    "StringField",
    "TimeField",
    "dump_document",
    "load_document",
    "load_strictly",
    "schema_for",
    "validate_document",
]
