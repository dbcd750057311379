# SPDX-License-Identifier: Apache-2.0
"""Calls that do not fit a signature: Python's TypeError, with the arguments that the function does take."""

from __future__ import annotations

import functools
import re
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["explained", "explains_calls"]

C = TypeVar("C", bound=type)

_KEYWORDS = {
    "_continue": ("continue_token",),
    "_request_timeout": ("timeout",),
    "all_namespaces": ("namespace",),
    "body": ("obj", "patch"),
    "data": ("obj", "patch"),
    "field_selector": ("fields",),
    "grace_period": ("grace_period_seconds",),
    "host": ("server",),
    "label_selector": ("labels",),
    "manifest": ("obj",),
    "selector": ("labels",),
    "timeout_seconds": ("timeout",),
}
"""What others call the arguments of verbs; those count that the verb has."""

_NOT_A_KEYWORD = {
    "all_namespaces": "write namespace=ALL_NAMESPACES",
    "async_req": "every verb blocks: call it in a thread",
    "follow": "watch() follows",
    "host": "write Client(Config(server=…))",
    "label_selector": "find() takes labels=, and so do list(), watch() and delete_collection() of a Client",
    "labels": "find() takes labels=, and so do list(), watch() and delete_collection() of a Client",
    "server": "write Client(Config(server=…))",
    "watch": "watch() follows changes",
    "watch.timeout": "a watch goes on until you leave the loop",
    "watch.timeout_seconds": "a watch goes on until you leave the loop",
}
"""Arguments of others that no argument of the verb stands for."""

_FOR_EACH_OBJECT = frozenset({"from_dict"})
"""Methods that may be called for each of many objects, where a wrapper would show in the time."""

_LABEL = r"[a-z0-9-]{1,63}"


def explains_calls(cls: C) -> C:
    """A decorator for classes: a call of a public method that does not fit its signature says how to write it.

    Signatures, and calls that fit, stay as they are. The error stays Python's own TypeError, with words added.
    """
    for name, member in list(vars(cls).items()):
        if (name.startswith("_") and name != "__init__") or name in _FOR_EACH_OBJECT:
            continue
        if isinstance(member, classmethod):
            setattr(cls, name, classmethod(explained(member.__func__)))
        elif isinstance(member, FunctionType):
            setattr(cls, name, explained(member))
    return cls


def explained(function: Any) -> Any:
    """The function, whose TypeErrors for arguments that it does not take name those that it does."""

    @functools.wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        __tracebackhide__ = True  # pytest shows the caller instead
        try:
            return function(*args, **options)
        except TypeError as error:
            if error.__traceback__ is None or error.__traceback__.tb_next is not None:
                # It comes from within the function: the arguments were taken.
                raise
            advice = _call_advice(function, args, options)
            if not advice:
                raise
            message = f"{error}{advice}"
        raise TypeError(message)

    return call


def _call_advice(function: Any, args: tuple[Any, ...], options: dict[str, Any]) -> str:
    import inspect  # noqa: PLC0415  # only a message needs it, and it is heavy

    parameters = list(inspect.signature(function).parameters.values())[1:]
    named = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    unknown = [name for name in options if name not in named]
    if unknown and not any(p.kind is p.VAR_KEYWORD for p in parameters):
        return _keyword_advice(function.__name__, unknown[0], parameters)
    places = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    if len(args) - 1 > len(places):
        return _position_advice(args[len(places) + 1 :], [p for p in parameters if p.kind is p.KEYWORD_ONLY], options)
    return _missing_advice(function, named)


def _keyword_advice(verb: str, name: str, parameters: list[Any]) -> str:
    from k8s_core.errors.hints import did_you_mean, offer  # noqa: PLC0415  # as above

    named = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    habits = [other for other in _KEYWORDS.get(name, ()) if other in named]
    if habits == ["obj"]:
        return "; give the object first, without a keyword"
    sentence = _NOT_A_KEYWORD.get(f"{verb}.{name}") or _NOT_A_KEYWORD.get(name)
    if sentence and (not habits or name == "all_namespaces"):
        return f"; {sentence}"
    if habits:
        return offer(habits)
    return did_you_mean(name, named) or f"; it takes {', '.join(named)}"


def _position_advice(extra: tuple[Any, ...], keywords: list[Any], options: Iterable[str]) -> str:
    required = [p.name for p in keywords if p.default is p.empty and p.name not in options]
    names = [p.name for p in keywords]
    if len(extra) == 1 and names[:1] == ["server"]:
        return "; write server=…"
    if len(extra) == 1 and required:
        return f"; write {required[0]}={extra[0] if isinstance(extra[0], int) else '…'}"
    if len(extra) == 1 and isinstance(extra[0], str) and "namespace" in names:
        # Any other string may be a secret.
        return f"; write namespace={extra[0]!r}" if re.fullmatch(_LABEL, extra[0]) else "; write namespace=…"
    return f"; all others are keywords: {', '.join(f'{name}=' for name in names)}" if names else ""


def _missing_advice(function: Any, named: list[str]) -> str:
    ways = {
        "apply": "; it is the name of your program, the same at each run: field_manager='my-program'",
        "get": "; list() reads many objects",
        "wait": "; such as 'ready', 'delete', 'condition=Available' or 'jsonpath={.status.phase}=Running'",
    }
    return ways.get(function.__name__, "")
