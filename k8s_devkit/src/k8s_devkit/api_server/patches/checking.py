# SPDX-License-Identifier: Apache-2.0
"""Whether an applied configuration fits the shape of its kind, with the API server's texts (protocol C28). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.patches.fieldsets import element_text
from k8s_devkit.api_server.patches.walking import NoElement, list_element, sort_of

if TYPE_CHECKING:
    from k8s_devkit.api_server.kinds.shapes import Shape

__all__ = ["configuration_problems", "printed"]

_NUMBERS = ("integer", "number")
_TEXTS = ("string", "bytes")
_ANY_SCALARS = ("quantity", "int-or-string", "time", "micro-time", "duration", "any")


def configuration_problems(document: Any, shape: Shape) -> str:
    """What keeps a document from being typed, as the API server says it; empty for nothing."""
    problems = _problems(document, shape, "")
    if len(problems) == 1:
        return problems[0]
    return "\n".join(["errors:", *(f"  {problem}" for problem in problems)]) if problems else ""


def _at(path: str, text: str) -> str:
    return f"{path}: {text}" if path else text


def _problems(value: Any, shape: Shape, path: str) -> list[str]:
    sort = sort_of(value, shape)
    if sort == "map":
        return _map_problems(value, shape, path)
    if sort == "list":
        return _list_problems(value, shape, path)
    text = _scalar_problem(value, shape.type)
    return [_at(path, text)] if text else []


def _map_problems(value: Any, shape: Shape, path: str) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, dict):
        return [_at(path, f"expected map, got {_shown(value)}")]
    problems: list[str] = []
    for name in sorted(value):
        where = f"{path}.{name}"
        if shape.type == "object" and not shape.preserve and not shape.declares(name):
            return [*problems, _at(where, "field not declared in schema")]
        problems += _problems(value[name], shape.field(name), where)
    return problems


def _list_problems(value: Any, shape: Shape, path: str) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list):
        return [_at(path, f"expected list, got {_shown(value)}")]
    problems: list[str] = []
    seen: set[str] = set()
    for index, item in enumerate(value):
        step = f"[{index}]"
        if shape.granular_list:
            try:
                element = list_element(item, shape)
            except NoElement as error:
                return [*problems, _at(path, f"element {index}: {error}")]
            step = element_text(element)
            if element in seen:
                problems.append(_at(path, f"duplicate entries for key {step}"))
            seen.add(element)
        problems += _problems(item, shape.item, path + step)
    return problems


def _scalar_problem(value: Any, expected: str) -> str:
    if value is None:
        return ""
    truth, number, text = isinstance(value, bool), isinstance(value, (int, float)), isinstance(value, str)
    if expected in _NUMBERS and (truth or not number):
        kinds = {dict: "map[string]interface {}", list: "[]interface {}", str: "string", bool: "bool"}
        return f"expected numeric (int or float), got {kinds[type(value)]}"
    if expected in _TEXTS and not text:
        return f"expected string, got &value.valueUnstructured{{Value:{_literal(value)}}}"
    if expected == "boolean" and not truth:
        return f"expected boolean, got {_shown(value)}"
    if expected in _ANY_SCALARS and not (number or text):
        return f"expected any scalar, got {_shown(value)}"
    return ""


def _shown(value: Any) -> str:
    return f"&{{{printed(value)}}}"


def printed(value: Any) -> str:
    """A value as Go's ``%v`` prints it."""
    if isinstance(value, dict):
        return "map[" + " ".join(f"{name}:{printed(value[name])}" for name in sorted(value)) + "]"
    if isinstance(value, list):
        return "[" + " ".join(map(printed, value)) + "]"
    return "<nil>" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _literal(value: Any) -> str:
    """A value as Go's ``%#v`` prints it."""
    if isinstance(value, dict):
        items = ", ".join(f'"{name}":{_literal(value[name])}' for name in sorted(value))
        return f"map[string]interface {{}}{{{items}}}"
    if isinstance(value, list):
        return "[]interface {}{" + ", ".join(map(_literal, value)) + "}"
    if isinstance(value, str):
        return f'"{value}"'
    return printed(value)
