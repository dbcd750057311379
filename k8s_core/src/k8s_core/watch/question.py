# SPDX-License-Identifier: Apache-2.0
"""A condition as it is asked of one object: by its document, by its kind, or by the caller's own function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.errors import RequestError
from k8s_core.model.secrecy import masked
from k8s_core.watch.conditions import BEHAVIOUR, parse_condition

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.behaviour import RolloutStatus
    from k8s_core.model import Resource

__all__ = ["Question"]


class Question:
    """A condition for objects of one kind.

    Args:
        kind: the class of the objects.
        condition: a string, see :mod:`k8s_core.watch.conditions`, or a function of the object.

    Raises:
        RequestError: not a condition, or one that the class has no answer to.
    """

    def __init__(self, kind: type[Resource], condition: str | Callable[[Any], object]) -> None:
        self._kind = kind
        self.text = condition if isinstance(condition, str) else getattr(condition, "__name__", "the condition")
        self._answer: Callable[[Any], tuple[bool, str]] | None = None
        self.word = ""
        """``"delete"`` or ``"create"``, which ask whether there is an object; else an empty string."""
        if callable(condition):
            self._answer = lambda obj: (bool(condition(obj)), "")
            return
        parsed = parse_condition(condition)
        if not isinstance(parsed, str):
            self._answer = lambda obj: self._ask_document(parsed, obj)
        elif parsed in BEHAVIOUR:
            self._answer = self._ask_kind(parsed)
        else:
            self.word = parsed

    def ask(self, obj: Any) -> tuple[bool, str]:
        """Whether the condition holds for an object that is there, and what is there instead, for people."""
        return self._answer(obj) if self._answer is not None else (self.word == "create", "")

    def _ask_document(self, condition: Any, obj: Any) -> tuple[bool, str]:
        document = obj.to_dict()
        return (True, "") if condition(document) else (False, condition.seen(masked(self._kind, document)))

    def _ask_kind(self, word: str) -> Callable[[Any], tuple[bool, str]]:
        method = BEHAVIOUR[word]
        if not callable(getattr(self._kind, method, None)):
            gvk = self._kind.api_resource.gvk
            hint = "; 'condition=Ready' waits for the condition in its status" if word == "ready" else ""
            raise RequestError(f"{gvk} can't be asked for {word!r}: its class has no {method}(){hint}")
        return _is_ready if word == "ready" else _is_rolled_out


def _is_ready(obj: Any) -> tuple[bool, str]:
    return bool(obj.is_ready()), ""


def _is_rolled_out(obj: Any) -> tuple[bool, str]:
    status: RolloutStatus = obj.rollout_status()
    return status.done, status.message
