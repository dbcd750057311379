# SPDX-License-Identifier: Apache-2.0
"""What can be waited for: kubectl's conditions, evaluated on wire documents (protocol H19-H21). Pure.

A condition takes the object's current wire document, or None while there is no object, and returns whether it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from k8s_core.errors import RequestError
from k8s_core.jsonpath import JSONPath

__all__ = ["BEHAVIOUR", "Condition", "condition_met", "json_path_met", "parse_condition"]

Condition: TypeAlias = Callable[[Mapping[str, Any]], bool]

BEHAVIOUR: Mapping[str, str] = {"ready": "is_ready", "rollout": "rollout_status"}
"""The words that ask the kind, and the methods of its class that answer."""

_WORDS = {"deleted": "delete", "created": "create"} | {word: word for word in ("delete", "create", *BEHAVIOUR)}
_FORMS = (
    "'ready', 'rollout', 'delete', 'create', 'condition=Available' or 'condition=Available=False', "
    "'jsonpath={.status.phase}=Running' or a function of the object"
)


def parse_condition(text: str) -> Condition | str:
    """Read a condition in kubectl's ``--for`` notation.

    Returns:
        A question about a document; or one of the words ``"delete"``, ``"create"`` and those of :data:`BEHAVIOUR`, to
        which a document alone has no answer.

    Raises:
        RequestError: not a condition; the message has the forms that there are.
    """
    if not isinstance(text, str):
        raise RequestError(f"condition={text!r} is none; give {_FORMS}")
    word = text.strip()
    lowered = word.casefold()
    if lowered in _WORDS:
        return _WORDS[lowered]
    if lowered.startswith("jsonpath="):
        return _parse_json_path(word[len("jsonpath=") :])
    kind, _, value = word.removeprefix("condition=").partition("=")
    if not kind.strip() or any(character in kind for character in "{}[] "):
        raise RequestError(f"condition={text!r} is none; give {_FORMS}")
    return condition_met(kind.strip(), value.strip() or "true")


def condition_met(kind: str, status: str = "true") -> Condition:
    """``status.conditions`` has one of this type with this status, and it is not about an older generation (H19)."""
    wanted_kind, wanted_status = kind.casefold(), status.casefold()

    def check(document: Mapping[str, Any]) -> bool:
        for condition in _list(_mapping(document.get("status")).get("conditions")):
            fields = _mapping(condition)
            if str(fields.get("type", "")).casefold() != wanted_kind:
                continue
            if _is_outdated(document, fields):
                return False
            return str(fields.get("status", "")).casefold() == wanted_status
        return False

    return check


def _is_outdated(document: Mapping[str, Any], condition: Mapping[str, Any]) -> bool:
    generation = _mapping(document.get("metadata")).get("generation")
    observed = condition.get("observedGeneration")
    if not isinstance(observed, int):
        observed = _mapping(document.get("status")).get("observedGeneration")
    return isinstance(generation, int) and isinstance(observed, int) and observed < generation


def _parse_json_path(text: str) -> Condition:
    expression, equals, value = _split(text)
    if equals and not value:
        raise RequestError(
            f"condition='jsonpath={text}': there is no value to compare with; leave out '=' to wait for any"
        )
    return json_path_met(JSONPath(expression), value if equals else None)


def _split(text: str) -> tuple[str, str, str]:
    """Cut at the first ``=`` that is not inside of braces or brackets: a filter has one of its own."""
    depth = 0
    for position, character in enumerate(text):
        if character in "[{":
            depth += 1
        elif character in "]}":
            depth -= 1
        elif character == "=" and depth == 0:
            return text[:position], "=", text[position + 1 :]
    return text, "", ""


def json_path_met(path: JSONPath, wanted: str | None) -> Condition:
    """The expression gives exactly one scalar that reads as ``wanted``, or, with None, gives anything (H20).

    Raises (the condition):
        RequestError: with a value to compare: several results, or one that is no scalar.
    """

    def check(document: Mapping[str, Any]) -> bool:
        found = [value for value in path.find(document) if value is not None]
        if wanted is None or not found:
            return bool(found)
        if len(found) > 1:
            raise RequestError(f"{path!r} matches {len(found)} values; one is needed to compare with {wanted!r}")
        value = found[0]
        if isinstance(value, (dict, list)):
            raise RequestError(f"{path!r} leads to a nested object or list, which can't be compared with {wanted!r}")
        return _text(value).strip() == wanted.strip()

    return check


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
