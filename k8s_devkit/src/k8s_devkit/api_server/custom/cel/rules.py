# SPDX-License-Identifier: Apache-2.0
"""Evaluating the rules of a schema (``x-kubernetes-validations``) on an object, as the API server does (protocol J24).

See https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules.
Cost limits are not kept: a rule that is too expensive for a cluster passes here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.custom.cel import engine
from k8s_devkit.api_server.custom.cel.escaping import escape, identifiers
from k8s_devkit.api_server.custom.cel.values import typed_value
from k8s_devkit.strategy.field_errors import (
    FieldError,
    duplicate,
    forbidden_field,
    invalid_value,
    required,
)

if TYPE_CHECKING:
    from k8s_devkit.strategy.document import Document

__all__ = ["RULES", "Outcome", "Rules", "path_names", "uses_old", "uses_optional_old"]

Schema = Mapping[str, Any]
RULES = "x-kubernetes-validations"
_LONGEST_MESSAGE = 5 * 1024


@dataclass(slots=True)
class Outcome:
    """What the rules found: errors, and errors of unchanged values, which are only warned of."""

    errors: list[FieldError] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Place:
    """A value on the way through an object: as it is, as rules see it, and the same of its previous state."""

    path: str
    value: Any
    typed: Any
    old: Any = None
    typed_old: Any = None
    unchanged: bool = False


def uses_old(expression: str) -> bool:
    """True for a transition rule: one that looks at ``oldSelf``."""
    return "oldSelf" in identifiers(expression)


def uses_optional_old(rule: Document) -> bool:
    """True for a rule whose ``oldSelf`` is an optional, so that it is evaluated on creation too."""
    return bool(rule.get("optionalOldSelf"))


class Rules:
    """The rules of one CRD version. Compiled when they are first needed; without rules, `check` costs nothing.

    Args:
        schema: the schema of the whole object.
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._carriers: dict[int, bool] = {}
        self.present = self._carries(schema)

    def _carries(self, schema: Schema) -> bool:
        """True if there are rules at or below a node."""
        key = id(schema)
        if key not in self._carriers:
            children = [child for child in (schema.get("properties") or {}).values() if isinstance(child, Mapping)]
            children += [
                schema[keyword]
                for keyword in ("items", "additionalProperties")
                if isinstance(schema.get(keyword), Mapping)
            ]
            found = [self._carries(child) for child in children]
            self._carriers[key] = bool(schema.get(RULES)) or any(found)
        return self._carriers[key]

    def check(self, document: Document, old: Document | None) -> Outcome:
        """Evaluate all rules.

        Args:
            document: the whole object.
            old: its state before an update, None for a new object.
        """
        outcome = Outcome()
        if not self.present:
            return outcome
        if not engine.available():
            outcome.warnings.append(engine.MISSING)
            return outcome
        typed_old = None if old is None else typed_value(old, self._schema)
        root = _Place("", document, typed_value(document, self._schema), old, typed_old, document == old)
        self._visit(self._schema, root, outcome)
        return outcome

    def _visit(self, schema: Schema, place: _Place, outcome: Outcome) -> None:
        for rule in schema.get(RULES) or ():
            _evaluate(rule, schema.get("type") or "", place, outcome)
        if isinstance(place.value, dict):
            self._visit_object(schema, place, outcome)
        elif isinstance(place.value, list):
            self._visit_list(schema, place, outcome)

    def _visit_object(self, schema: Schema, place: _Place, outcome: Outcome) -> None:
        properties = schema.get("properties") or {}
        additional = schema.get("additionalProperties")
        correlated = schema.get("x-kubernetes-map-type", "granular") == "granular"
        for name, value in place.value.items():
            child = properties.get(name)
            inner = child is None
            if inner and isinstance(additional, Mapping):
                child = additional
            if child is None or value is None or not self._carriers.get(id(child)):
                continue
            key = name if inner else escape(name) or name
            path = f"{place.path}[{name}]" if inner else f"{place.path}.{name}" if place.path else name
            old, typed_old = None, None
            if correlated and isinstance(place.old, dict) and place.old.get(name) is not None:
                old, typed_old = place.old[name], place.typed_old.get(key)
            self._visit(child, _below(place, path, value, place.typed.get(key), old, typed_old), outcome)

    def _visit_list(self, schema: Schema, place: _Place, outcome: Outcome) -> None:
        items = schema.get("items")
        if not isinstance(items, Mapping) or not self._carriers.get(id(items)):
            return
        known = _by_keys(schema, place)
        for index, value in enumerate(place.value):
            old, typed_old = known.get(_identity(schema, value), (None, None)) if known else (None, None)
            path = f"{place.path}[{index}]"
            self._visit(items, _below(place, path, value, place.typed[index], old, typed_old), outcome)


def _below(place: _Place, path: str, value: Any, typed: Any, old: Any, typed_old: Any) -> _Place:
    # What cannot be compared with its own past shares the fate of what is around it.
    unchanged = value == old if old is not None else place.unchanged
    return _Place(path, value, typed, old, typed_old, unchanged)


def _identity(schema: Schema, item: Any) -> tuple[str, ...] | None:
    keys = schema.get("x-kubernetes-list-map-keys") or ()
    return tuple(repr(item.get(key)) for key in keys) if isinstance(item, dict) else None


def _by_keys(schema: Schema, place: _Place) -> dict[tuple[str, ...] | None, tuple[Any, Any]]:
    """The previous items of a ``map`` list by their keys; items of other lists have no past."""
    if schema.get("x-kubernetes-list-type") != "map" or not isinstance(place.old, list):
        return {}
    pairs = zip(place.old, place.typed_old, strict=True)
    return {_identity(schema, item): (item, typed) for item, typed in pairs if isinstance(item, dict)}


def _evaluate(rule: Document, type_: str, place: _Place, outcome: Outcome) -> None:
    expression = rule.get("rule") or ""
    transition = uses_old(expression)
    optional = uses_optional_old(rule)
    if not expression.strip() or (transition and not optional and place.old is None):
        return
    values = {"self": place.typed, "oldSelf": place.typed_old}
    if optional:
        values = {"self": place.typed, "old_": place.typed_old, "present_": place.old is not None}
    try:
        if engine.evaluate(_program(expression, optional), values) is True:
            return
    except (engine.CannotCompile, engine.CannotEvaluate) as error:
        # Here the schema's type stands for the value.
        outcome.errors.append(invalid_value(place.path or "<nil>", type_, _failure_text(str(error), rule)))
        return
    text = _message_of(rule, values, optional) or _text_of(rule)
    problem = _field_error(_place_of(place.path, rule) or "<nil>", place.value, text, rule.get("reason"))
    if place.unchanged and not transition:
        outcome.warnings.append(str(problem))
    else:
        outcome.errors.append(problem)


def _program(expression: str, optional: bool) -> Any:
    return engine.program(engine.with_optional(expression) if optional else expression)


def _rule_text(rule: Document) -> str:
    return (rule.get("message") or rule["rule"]).strip()  # type: ignore[no-any-return]  # JSON


def _failure_text(error: str, rule: Document) -> str:
    if error.startswith("no such overload"):
        return (
            f"'{error}': call arguments did not match a supported operator, function or macro signature for rule: "
            f"{_rule_text(rule)}"
        )
    return f"{error} evaluating rule: {_rule_text(rule)}"


def _text_of(rule: Document) -> str:
    message = (rule.get("message") or "").strip()
    return message or f"failed rule: {_rule_text(rule)}"


def _message_of(rule: Document, values: Document, optional: bool) -> str:
    """What ``messageExpression`` says; empty where it fails or says nothing fit for one line."""
    expression = rule.get("messageExpression")
    if not expression:
        return ""
    try:
        text = engine.evaluate(_program(expression, optional), values)
    except (engine.CannotCompile, engine.CannotEvaluate):
        return ""
    if not isinstance(text, str) or "\n" in text or len(text.encode()) > _LONGEST_MESSAGE:
        return ""
    return text.strip()


_STEP = re.compile(r"\.([^.\[\]']+)|\['((?:\\.|[^'\\])+)'\]")


def path_names(path: str) -> list[str] | None:
    """The names that a ``fieldPath`` leads through, such as ``.spec['a.b']``; None if it is no path."""
    names, position = [], 0
    while match := _STEP.match(path, position):
        names.append(match[1] or re.sub(r"\\(.)", r"\1", match[2]))
        position = match.end()
    return names if position == len(path) else None


def _place_of(path: str, rule: Document) -> str:
    """The path of the error: the rule's own, or the one that ``fieldPath`` points to below it."""
    for name in path_names(rule.get("fieldPath") or "") or ():
        path = f"{path}.{name}" if path else name
    return path


def _field_error(path: str, value: Any, text: str, reason: str | None) -> FieldError:
    if reason == "FieldValueForbidden":
        return forbidden_field(path, text)
    if reason == "FieldValueRequired":
        return required(path, text)
    if reason == "FieldValueDuplicate":
        composite = isinstance(value, (dict, list))
        return FieldError(path, reason, "Duplicate value") if composite else duplicate(path, value)
    return _invalid(path, value, text)


def _invalid(path: str, value: Any, text: str) -> FieldError:
    """A wrong value; objects and lists are not shown."""
    if isinstance(value, (dict, list)):
        return FieldError(path, "FieldValueInvalid", f"Invalid value: {text}")
    return invalid_value(path, value, text)
