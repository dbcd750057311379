# SPDX-License-Identifier: Apache-2.0
"""The fields for modules of kinds. To type checkers they are anything, since they replace annotated fields."""

from __future__ import annotations

from typing import Any

from k8s import _fields

__all__ = [
    "Field",
    "JSONField",
    "ListField",
    "NamespaceField",
    "OnceField",
    "ReadOnlyField",
    "RequiredField",
    "SelfModel",
    "WriteOnlyField",
]


class _NamespaceField(_fields.Field):
    """The namespace of an object: ``"default"``, and nothing for kinds that have none."""

    def before_sending(self, obj: Any, root: Any) -> None:
        resource = getattr(root, "api_resource", None)
        if resource is None or resource.namespaced:
            super().before_sending(obj, root)
        elif _fields.is_new(root):
            self.delete(obj)


Field: Any = _fields.Field
JSONField: Any = _fields.JSONField
ListField: Any = _fields.ListField
NamespaceField: Any = _NamespaceField
OnceField: Any = _fields.OnceField
ReadOnlyField: Any = _fields.ReadOnlyField
RequiredField: Any = _fields.RequiredField
SelfModel: Any = _fields.SelfModel
WriteOnlyField: Any = _fields.WriteOnlyField
