# SPDX-License-Identifier: Apache-2.0
"""Label and field selectors as values: built, checked, written, parsed and matched without a server.

>>> from k8s_core.selectors import Equality, Inequality, LabelQuery
>>> str(LabelQuery.of({"foo": Equality("bar"), "dog": Inequality("cat")}))
'dog!=cat,foo=bar'

See https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors.
"""

from __future__ import annotations

from k8s_core.selectors.checks import check_label_key, check_label_value
from k8s_core.selectors.fields import FieldQuery, Fields, field_selector
from k8s_core.selectors.labels import LabelQuery, Labels, label_selector
from k8s_core.selectors.operators import (
    Equality,
    Exists,
    GreaterThan,
    In,
    Inequality,
    LessThan,
    NotExists,
    NotIn,
    Operator,
)

__all__ = [
    "Equality",
    "Exists",
    "FieldQuery",
    "Fields",
    "GreaterThan",
    "In",
    "Inequality",
    "LabelQuery",
    "Labels",
    "LessThan",
    "NotExists",
    "NotIn",
    "Operator",
    "check_label_key",
    "check_label_value",
    "field_selector",
    "label_selector",
]
