# SPDX-License-Identifier: Apache-2.0
"""Checking the rules of a CRD when it is written: they must compile with the types of their schema (protocol J23)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.custom.cel import engine
from k8s_devkit.api_server.custom.cel.rules import RULES, path_names, uses_old, uses_optional_old
from k8s_devkit.strategy.document import Document
from k8s_devkit.strategy.field_errors import FieldError, invalid_value, not_supported, required

if TYPE_CHECKING:
    from k8s_devkit.api_server.custom.cel.checking import Checker

__all__ = ["check_rules"]

Schema = Mapping[str, Any]
_REASONS = ("FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired")
_NO_TYPE = (
    "Internal error: internal error: failed to construct type information for x-kubernetes-validations rules: "
    "unable to convert structural schema to CEL declarations"
)
_Rule = tuple[Schema, Document, str, str | None]


def check_rules(schema: Schema, path: str) -> list[FieldError]:
    """The errors of all rules in the schema of a CRD version, in the order of the schema."""
    errors: list[FieldError] = []
    checker: Checker | None = None
    for node, rule, where, uncorrelated in _rules(schema, path, None):
        errors.extend(_form(rule, node, where))
        if engine.available():
            if checker is None:
                from k8s_devkit.api_server.custom.cel.checking import Checker

                checker = Checker(schema)
            errors.extend(_compile(checker, node, rule, where, uncorrelated))
    return errors


def _rules(schema: Schema, path: str, uncorrelated: str | None) -> Iterator[_Rule]:
    """Every rule with its node, path, and the path of the list or map around it whose items have no past."""
    for index, rule in enumerate(schema.get(RULES) or ()):
        yield schema, rule, f"{path}.{RULES}[{index}]", uncorrelated
    for name, child in (schema.get("properties") or {}).items():
        yield from _rules(child, f"{path}.properties[{name}]", uncorrelated)
    additional, items = schema.get("additionalProperties"), schema.get("items")
    if isinstance(additional, Mapping):
        yield from _rules(additional, f"{path}.additionalProperties", uncorrelated)
    if isinstance(items, Mapping):
        plain = schema.get("x-kubernetes-list-type") != "map"
        yield from _rules(items, f"{path}.items", path if plain else uncorrelated)


def _form(rule: Document, node: Schema, path: str) -> list[FieldError]:
    text, message = rule.get("rule") or "", rule.get("message") or ""
    errors: list[FieldError] = []
    if not text.strip():
        errors.append(required(f"{path}.rule", "rule is not specified"))
    if message and not message.strip():
        errors.append(invalid_value(f"{path}.message", message, "must be non-empty if specified"))
    elif "\n" in message.strip():
        errors.append(invalid_value(f"{path}.message", message, "must not contain line breaks"))
    elif "\n" in text.strip() and not message:
        errors.append(required(f"{path}.message", "message must be specified if rule contains line breaks"))
    expression = rule.get("messageExpression")
    if expression and not expression.strip():
        errors.append(required(f"{path}.messageExpression", "messageExpression must be non-empty if specified"))
    reason = rule.get("reason")
    if reason is not None and reason not in _REASONS:
        errors.append(not_supported(f"{path}.reason", reason, _REASONS))
    if rule.get("fieldPath") and not _leads_somewhere(rule["fieldPath"], node):
        errors.append(invalid_value(f"{path}.fieldPath", rule["fieldPath"], "must be a valid path"))
    return errors


def _leads_somewhere(path: str, node: Schema) -> bool:
    """True if a ``fieldPath`` names a property or key that the schema knows; items of lists it cannot name."""
    names = path_names(path)
    for name in names or ():
        properties, additional = node.get("properties") or {}, node.get("additionalProperties")
        child = properties.get(name) or (additional if isinstance(additional, Mapping) else None)
        if child is None:
            return False
        node = child
    return bool(names)


def _compile(checker: Checker, node: Schema, rule: Document, path: str, uncorrelated: str | None) -> list[FieldError]:
    errors = []
    optional = uses_optional_old(rule)
    transition = uses_old(rule.get("rule") or "")
    for keyword, type_, wrong in (
        ("rule", "BOOL", "cel expression must evaluate to a bool"),
        ("messageExpression", "STRING", "messageExpression must evaluate to a string"),
    ):
        expression = rule.get(keyword)
        if not expression or not expression.strip():
            continue
        try:
            found = checker.compile(expression, node, optional_old=optional)
        except LookupError:
            return [FieldError(path.rpartition("[")[0], "InternalError", _NO_TYPE)]
        except engine.CannotCompile as error:
            kind = "compilation" if keyword == "rule" else "messageExpression compilation"
            errors.append(invalid_value(f"{path}.{keyword}", _go_value(rule), f"{kind} failed: {error}"))
            transition = transition and keyword != "rule"
            continue
        if found not in (type_, type_.lower()):
            errors.append(invalid_value(f"{path}.{keyword}", _go_value(rule), wrong))
    if uncorrelated is not None and transition:
        detail = f"oldSelf cannot be used on the uncorrelatable portion of the schema within {uncorrelated}"
        errors.append(invalid_value(f"{path}.rule", rule["rule"], detail))
    if optional and not transition:
        errors.append(invalid_value(f"{path}.optionalOldSelf", True, "may not be set if oldSelf is not used in rule"))
    return errors


def _go_value(rule: Document) -> Document:
    """The rule as the API server shows it: by the names of its Go fields."""
    texts = {name: rule.get(name[:1].lower() + name[1:]) or "" for name in ("Rule", "Message", "MessageExpression")}
    return {
        **texts,
        "Reason": rule.get("reason"),
        "FieldPath": rule.get("fieldPath") or "",
        "OptionalOldSelf": rule.get("optionalOldSelf"),
    }
