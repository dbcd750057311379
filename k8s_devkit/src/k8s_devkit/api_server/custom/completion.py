# SPDX-License-Identifier: Apache-2.0
"""What the API server changes in a custom resource before it checks it: defaults, nulls, whole numbers (J24). Pure.

A schema is compiled into a plan of what can happen where, node by node when it is first needed: of most nodes nothing.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import cached_property
from typing import Any

__all__ = ["Completion"]

Schema = Mapping[str, Any]
_INTEGERS = 2**63


class Completion:
    """What to do with the values of one schema node.

    Args:
        schema: the node.
        root: the node of the whole object, whose metadata is not the schema's business.
    """

    def __init__(self, schema: Schema, *, root: bool = False) -> None:
        self._schema = schema
        self._root = root
        self.nullable = bool(schema.get("nullable"))

    @cached_property
    def defaults(self) -> tuple[tuple[str, Any, bool], ...]:
        """Name, default, and whether null is a value of its own, of the properties that have a default."""
        properties = self._schema.get("properties") or {}
        return tuple(
            (name, child["default"], bool(child.get("nullable")))
            for name, child in properties.items()
            if "default" in child and not (self._root and name == "metadata")
        )

    @cached_property
    def _properties(self) -> dict[str, Completion]:
        properties = self._schema.get("properties") or {}
        hidden = ("metadata",) if self._root else ()
        return {name: Completion(child) for name, child in properties.items() if name not in hidden}

    @cached_property
    def _additional(self) -> Completion | None:
        additional = self._schema.get("additionalProperties")
        return Completion(additional) if isinstance(additional, Mapping) else None

    @cached_property
    def _items(self) -> Completion | None:
        items = self._schema.get("items")
        return Completion(items) if isinstance(items, Mapping) else None

    def apply(self, value: Any, *, keep_nulls: bool = False) -> bool:
        """Complete a value in place. Returns whether anything changed.

        Args:
            keep_nulls: nulls without a default stay, for the schema to refuse: so it is after an apply.
        """
        changed = False
        if isinstance(value, dict):
            for name, default, nullable in self.defaults:
                if name not in value or (value[name] is None and not nullable):
                    value[name] = copy.deepcopy(default) if isinstance(default, (dict, list)) else default
                    changed = True
            changed = self._apply_fields(value, keep_nulls=keep_nulls) or changed
        elif isinstance(value, list) and self._items is not None:
            node = self._items
            for index, item in enumerate(value):
                if isinstance(item, (dict, list)):
                    changed = node.apply(item, keep_nulls=keep_nulls) or changed
                elif isinstance(item, float):
                    value[index] = _whole(item)
        return changed

    def _apply_fields(self, value: dict[str, Any], *, keep_nulls: bool) -> bool:
        changed = False
        absent = []
        for name, child in value.items():
            node = self._properties.get(name) or self._additional
            if node is None:
                continue
            if child is None:
                if not node.nullable and not keep_nulls:
                    absent.append(name)
            elif isinstance(child, (dict, list)):
                changed = node.apply(child, keep_nulls=keep_nulls) or changed
            elif isinstance(child, float):
                value[name] = _whole(child)
        for name in absent:
            # A null that the schema does not know is a field that was left out.
            del value[name]
        return changed or bool(absent)


def _whole(number: float) -> float | int:
    """JSON knows no difference between 1.0 and 1, and the API server writes the shorter."""
    return int(number) if number.is_integer() and abs(number) < _INTEGERS else number
