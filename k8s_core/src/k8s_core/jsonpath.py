# SPDX-License-Identifier: Apache-2.0
"""kubectl's JSONPath, as far as conditions need it (protocol H20). Pure.

Fields (``.status.phase``, ``['a.b']``, ``.metadata.labels.a\\.b``), indices and slices, ``*``, ``..field``, unions, and
filters such as ``[?(@.type=="Ready")]``. Surrounding braces and the leading dot may be left out.
See https://kubernetes.io/docs/reference/kubectl/jsonpath/.
"""

from __future__ import annotations

import json
import operator
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn

from k8s_core.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["JSONPath"]

_FIELD = re.compile(r"\.(\.?)((?:[^.\[\]{}\\*]|\\.)+|\*)")
_BRACKET = re.compile(r"\[([^\[\]?'\"]*)\]")
_QUOTED = re.compile(r"""\[\s*((?:'[^']*'|"[^"]*")(?:\s*,\s*(?:'[^']*'|"[^"]*"))*)\s*\]""")
_QUOTED_NAME = re.compile(r"""'([^']*)'|"([^"]*)\"""")
_FILTER = re.compile(
    r"""\[\?\(\s*@(?P<path>(?:\.(?:[^.\[\]\\\s=!<>()]|\\.)+|\['[^']*'\])*)\s*
        (?:(?P<operator>==|!=|<=|>=|<|>)\s*(?P<value>'[^']*'|"[^"]*"|[^\s'")]+)\s*)?\)\]""",
    re.VERBOSE,
)
_SLICE = re.compile(r"(-?\d*):(-?\d*)(?::(-?\d*))?")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_Step = tuple[str, Any]


class JSONPath:
    """One parsed expression; immutable, for any thread.

    Raises:
        RequestError: not an expression that this understands; the message has the place.
    """

    __slots__ = ("_steps", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._steps = _parse(text)

    def find(self, document: Any) -> list[Any]:
        """All values there, in document order; what is missing on the way gives nothing."""
        found = [document]
        for kind, argument in self._steps:
            found = [child for value in found for child in _children(value, kind, argument)]
        return found

    def __repr__(self) -> str:
        return f"JSONPath({self.text!r})"


@lru_cache(maxsize=256)
def _parse(text: str) -> tuple[_Step, ...]:
    body = text.strip()
    if body.startswith("{") and body.endswith("}"):
        body = body[1:-1].strip()
    body = body.removeprefix("$")
    if body and body[0] not in ".[":
        body = "." + body
    if body == ".":
        return ()
    steps: list[_Step] = []
    position = 0
    while position < len(body):
        position = _step(text, body, position, steps)
    if not steps:
        _fail(text, "it is empty")
    return tuple(steps)


def _step(text: str, body: str, position: int, steps: list[_Step]) -> int:
    if match := _FIELD.match(body, position):
        name = re.sub(r"\\(.)", r"\1", match[2])
        if match[1]:
            steps.append(("descendants", None))
        steps.append(("all", None) if match[2] == "*" else ("fields", (name,)))
    elif match := _QUOTED.match(body, position):
        steps.append(("fields", tuple(a or b for a, b in _QUOTED_NAME.findall(match[1]))))
    elif match := _FILTER.match(body, position):
        path = JSONPath(match["path"]) if match["path"] else None
        steps.append(("filter", (path, match["operator"], _literal(match["value"]))))
    elif match := _BRACKET.match(body, position):
        steps.append(_subscript(text, match[1].strip()))
    else:
        _fail(text, f"it can't be understood from {body[position:]!r} on")
    return match.end()


def _subscript(text: str, inside: str) -> _Step:
    if inside == "*":
        return ("all", None)
    if match := _SLICE.fullmatch(inside):
        begin, end, step = (int(part) if part else None for part in match.groups())
        if step is not None and step <= 0:
            _fail(text, "the step of a slice must be positive")
        return ("slice", slice(begin, end, step))
    try:
        return ("indices", tuple(int(part) for part in inside.split(",")))
    except ValueError:
        _fail(text, f"[{inside}] is no index, slice or quoted name")


def _literal(value: str | None) -> Any:
    if value is None:
        return None
    if value[0] in "'\"":
        return value[1:-1]
    try:
        return json.loads(value)
    except ValueError:
        return value


def _fail(text: str, why: str) -> NoReturn:
    raise RequestError(f"JSONPath {text!r}: {why}; write it as in kubectl, such as '{{.status.phase}}'")


def _children(node: Any, kind: str, argument: Any) -> Iterable[Any]:
    if kind == "fields":
        return [node[name] for name in argument if name in node] if isinstance(node, dict) else ()
    if kind == "descendants":
        return _descendants(node)
    if kind == "all" and isinstance(node, dict):
        return node.values()
    if not isinstance(node, list):
        return ()
    if kind == "indices":
        return [node[index] for index in argument if -len(node) <= index < len(node)]
    if kind == "slice":
        return list(node[argument])
    if kind == "filter":
        return [item for item in node if _accepts(item, *argument)]
    return node


def _descendants(node: Any) -> list[Any]:
    found = [node]
    children: Iterable[Any] = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        found.extend(_descendants(child))
    return found


def _accepts(item: Any, path: JSONPath | None, symbol: str | None, value: Any) -> bool:
    found = [item] if path is None else path.find(item)
    if symbol is None:
        return bool(found)
    for candidate in found:
        try:
            if _COMPARE[symbol](candidate, value):
                return True
        except TypeError:  # a text is neither less nor greater than a number
            continue
    return False
