# SPDX-License-Identifier: Apache-2.0
"""The part of JSONPath that CRDs use for columns and scale: fields, indices, ``[*]``, filters by equality. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

__all__ = ["find_all", "find_first"]

_STEP = re.compile(
    r"""\.(?P<field>(?:[^.\[\]\\]|\\.)+)
      | \[(?P<quote>['"])(?P<quoted>.*?)(?P=quote)\]
      | \[(?P<index>-?\d+)\]
      | \[(?P<all>\*)\]
      | \[\?\(@(?P<path>[.\w/\-]+)\s*==\s*(?P<q2>['"])(?P<value>.*?)(?P=q2)\)\]""",
    re.VERBOSE,
)


@lru_cache(maxsize=1024)
def _steps(path: str) -> tuple[tuple[str, Any], ...]:
    text = path.strip().removeprefix("{").removesuffix("}").removeprefix("$")
    if text and text[0] not in ".[":
        text = "." + text
    steps: list[tuple[str, Any]] = []
    position = 0
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            return (("none", None),)
        if match["field"] is not None:
            name = re.sub(r"\\(.)", r"\1", match["field"])
            steps.append(("all", None) if name == "*" else ("field", name))
        elif match["quoted"] is not None:
            steps.append(("field", match["quoted"]))
        elif match["index"] is not None:
            steps.append(("index", int(match["index"])))
        elif match["all"] is not None:
            steps.append(("all", None))
        else:
            steps.append(("filter", (match["path"], match["value"])))
        position = match.end()
    return tuple(steps)


def find_all(document: Any, path: str) -> list[Any]:
    """All values at ``path``; empty where nothing is, or where the path uses more of JSONPath than this knows."""
    nodes = [document]
    for kind, argument in _steps(path):
        nodes = [child for node in nodes for child in _children(node, kind, argument)]
    return nodes


def _children(node: Any, kind: str, argument: Any) -> list[Any]:
    if kind == "field":
        return [node[argument]] if isinstance(node, dict) and argument in node else []
    if not isinstance(node, list):
        return list(node.values()) if kind == "all" and isinstance(node, dict) else []
    if kind == "index":
        return [node[argument]] if -len(node) <= argument < len(node) else []
    if kind == "filter":
        path, value = argument
        return [item for item in node if str(find_first(item, path)) == value]
    return list(node) if kind == "all" else []


def find_first(document: Any, path: str) -> Any:
    """The first value at ``path``, None if there is none."""
    found = find_all(document, path)
    return found[0] if found else None
