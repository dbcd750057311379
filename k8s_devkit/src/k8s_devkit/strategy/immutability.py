# SPDX-License-Identifier: Apache-2.0
"""Checks that an update leaves fields as they were. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_devkit.strategy.equality import same
from k8s_devkit.strategy.field_errors import Problems

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_devkit.strategy.document import Document

__all__ = ["IMMUTABLE", "both", "forbid", "freeze"]

IMMUTABLE = "field is immutable"


def _get(document: Document, path: str) -> Any:
    node: Any = document
    for part in path.split("."):
        node = node.get(part) if isinstance(node, dict) else None
    return node


def freeze(*paths: str, text: str = IMMUTABLE) -> Callable[[Document, Document], Problems]:
    """A check that fields stay what they were; its errors show the new value.

    Args:
        paths: dotted paths, such as ``spec.selector``.
        text: the message.
    """

    def check(document: Document, live: Document) -> Problems:
        problems = Problems()
        for path in paths:
            value = _get(document, path)
            if not same(value, _get(live, path)):
                problems.invalid(path, value, text)
        return problems

    return check


def forbid(*names: str) -> Callable[[Document, Document], Problems]:
    """A check that refuses changes of top-level fields with ``updates to NAME are forbidden``."""

    def check(document: Document, live: Document) -> Problems:
        problems = Problems()
        for name in names:
            if not same(document.get(name), live.get(name)):
                problems.forbidden(name, f"updates to {name} are forbidden.")
        return problems

    return check


def both(*checks: Callable[[Document, Document], Problems]) -> Callable[[Document, Document], Problems]:
    """Several checks as one, in their order."""

    def check(document: Document, live: Document) -> Problems:
        return Problems(error for part in checks for error in part(document, live))

    return check
