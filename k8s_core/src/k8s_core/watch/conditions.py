# SPDX-License-Identifier: Apache-2.0
"""What can be waited for: kubectl's conditions, evaluated on wire documents (protocol H19-H21). Pure.

A condition takes the object's current wire document, or None while there is no object, and returns whether it holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from k8s_core.errors import RequestError
from k8s_core.errors.hints import did_you_mean
from k8s_core.jsonpath import JSONPath

if TYPE_CHECKING:
    from typing import NoReturn, TypeAlias

    Condition: TypeAlias = "StatusCondition | PathCondition"

__all__ = ["BEHAVIOUR", "PathCondition", "StatusCondition", "parse_condition"]

BEHAVIOUR: Mapping[str, str] = {"ready": "is_ready", "rollout": "rollout_status"}
"""The words that ask the kind, and the methods of its class that answer."""

_WORDS = {"deleted": "delete", "created": "create"} | {word: word for word in ("delete", "create", *BEHAVIOUR)}
_FORMS = (
    "'ready', 'rollout', 'delete', 'create', 'condition=Available' or 'condition=Available=False', "
    "'jsonpath={.status.phase}=Running' or a function of the object"
)
_TYPE = re.compile(r"[A-Za-z][\w./-]*")
"""The type of a condition: a name in CamelCase, perhaps with the domain of who sets it in front."""


def parse_condition(text: str) -> Condition | str:
    """Read a condition in kubectl's ``--for`` notation.

    Returns:
        A question about a document; or one of the words ``"delete"``, ``"create"`` and those of :data:`BEHAVIOUR`, to
        which a document alone has no answer.

    Raises:
        RequestError: not a condition, or one that could never hold; the message has the nearest form that could.
    """
    if not isinstance(text, str):
        raise RequestError(f"condition={text!r} is not a condition: give {_FORMS}")
    word = text.strip()
    lowered = word.casefold()
    if lowered in _WORDS:
        return _WORDS[lowered]
    if word.startswith("jsonpath="):
        return _parse_json_path(text, word.removeprefix("jsonpath="))
    kind, _, status = word.removeprefix("condition=").partition("=")
    # Without kubectl's prefix it must look like a type, or a misspelt word would be waited for in vain.
    named = word.startswith("condition=") or kind[:1].isupper()
    if not named or kind.casefold() in ("condition", "jsonpath") or not _TYPE.fullmatch(kind.strip()):
        _refuse(text, _nearest(word))
    return StatusCondition(kind.strip(), status.strip() or "true")


def _nearest(word: str) -> str:
    """What was probably meant, as the end of a message; empty if there is no telling."""
    name, equals, value = word.partition("=")
    if name.casefold() in ("condition", "jsonpath"):
        return f"; did you mean {name.casefold() + equals + value!r}?"
    if word.startswith(("{", ".", "'{", '"{')):
        return f"; did you mean {'jsonpath=' + word!r}?"
    if equals and name.isidentifier():
        return f"; did you mean 'jsonpath={{.status.{name}}}={value}'?"
    return did_you_mean(word, _WORDS) or (f"; did you mean {'condition=' + word!r}?" if _TYPE.fullmatch(word) else "")


def _refuse(text: str, why: str) -> NoReturn:
    raise RequestError(f"condition={text!r} is not a condition{why or ': give ' + _FORMS}")


class StatusCondition(Struct, frozen=True):
    """``status.conditions`` has one of this type with this status, and it is not about an older generation (H19).

    Case does not matter.
    """

    type: str
    status: str = "true"

    def __call__(self, document: Mapping[str, Any]) -> bool:
        """Whether it holds."""
        condition = self._find(document)
        if condition is None or _is_outdated(document, condition):
            return False
        return str(condition.get("status", "")).casefold() == self.status.casefold()

    def seen(self, document: Mapping[str, Any]) -> str:
        """What the document says instead, for people."""
        condition = self._find(document)
        if condition is None:
            known = [str(each.get("type")) for each in _conditions(document)]
            there = f"it has {', '.join(known)}" if known else "its status has no conditions"
            return f"there is no condition {self.type!r}; {there}"
        outdated = ", which is about an older generation" if _is_outdated(document, condition) else ""
        why = ": ".join(str(condition[key]) for key in ("reason", "message") if condition.get(key))
        return f"{condition.get('type')} is {condition.get('status')}{f' ({why})' if why else ''}{outdated}"

    def _find(self, document: Mapping[str, Any]) -> Mapping[str, Any] | None:
        wanted = self.type.casefold()
        return next((each for each in _conditions(document) if str(each.get("type", "")).casefold() == wanted), None)


class PathCondition(Struct, frozen=True):
    """The expression gives exactly one scalar that reads as ``value``, or, with None, gives anything (H20)."""

    path: JSONPath
    value: str | None = None

    def __call__(self, document: Mapping[str, Any]) -> bool:
        """Whether it holds.

        Raises:
            RequestError: with a value to compare: several results, or one that is not a scalar.
        """
        found = self._find(document)
        if self.value is None or not found:
            return bool(found)
        if len(found) > 1:
            many = f"{self.path!r} matches {len(found)} values"
            raise RequestError(f"{many}; one is needed to compare with {self.value!r}")
        if isinstance(found[0], (dict, list)):
            nested = f"{self.path!r} leads to a nested object or list"
            raise RequestError(f"{nested}, which can't be compared with {self.value!r}")
        return _text(found[0]).strip() == self.value.strip()

    def seen(self, document: Mapping[str, Any]) -> str:
        """What the document says instead, for people."""
        found = self._find(document)
        return f"{self.path.text} is {_text(found[0])!r:.200}" if found else f"{self.path.text} is not there"

    def _find(self, document: Mapping[str, Any]) -> list[Any]:
        return [value for value in self.path.find(document) if value is not None]


def _conditions(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [_mapping(each) for each in _list(_mapping(document.get("status")).get("conditions"))]


def _is_outdated(document: Mapping[str, Any], condition: Mapping[str, Any]) -> bool:
    generation = _mapping(document.get("metadata")).get("generation")
    observed = condition.get("observedGeneration")
    if not isinstance(observed, int):
        observed = _mapping(document.get("status")).get("observedGeneration")
    return isinstance(generation, int) and isinstance(observed, int) and observed < generation


def _parse_json_path(text: str, rest: str) -> Condition:
    expression, equals, value = _split(rest)
    if expression[:1] in ("'", '"'):
        # As kubernetes.io prints it for a shell, which takes the quotes away.
        _refuse(text, f"; leave out the quotes: {'jsonpath=' + expression.strip(expression[0]) + equals + value!r}")
    if equals and not value:
        _refuse(text, ": there is no value to compare with; leave out '=' to wait for any")
    if value.startswith("="):
        _refuse(text, f"; it takes one '=': {'jsonpath=' + expression + '=' + value.lstrip('=')!r}")
    return PathCondition(JSONPath(expression), _without_quotes(value) if equals else None)


def _without_quotes(value: str) -> str:
    """As kubectl trims them."""
    return value.strip().strip("'\"")


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


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
