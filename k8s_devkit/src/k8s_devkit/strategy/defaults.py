# SPDX-License-Identifier: Apache-2.0
"""Filling values in by path. Pure."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from k8s_core.model.scalars import Quantity
from k8s_devkit.strategy.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Document", "copy_missing", "fill", "fill_paths", "objects", "round_up"]


def fill(target: Document, **values: Any) -> None:
    """Set what is absent. Zero values that count as absent were dropped before."""
    for name, value in values.items():
        target.setdefault(name, value)


def copy_missing(target: Document, source: Mapping[str, Any]) -> None:
    """Take over the entries of ``source`` that ``target`` lacks."""
    for name, value in source.items():
        target.setdefault(name, value)


def objects(holder: Document, name: str) -> Iterator[Document]:
    """The objects in a list; none if the field is absent or something else."""
    items = holder.get(name)
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            yield item


def fill_paths(document: Document, values: Mapping[str, Any]) -> None:
    """Set what is absent, or an empty string, at paths such as ``webhooks[].clientConfig.service.port``.

    Only where the object that holds the field is there; ``spec`` always is.
    """
    for path, value in values.items():
        *parents, name = path.split(".")
        for holder in _holders(document, parents):
            if holder.get(name) in (None, ""):
                holder[name] = copy.deepcopy(value)


def _holders(document: Document, parents: list[str]) -> Iterator[Document]:
    if not parents:
        yield document
        return
    first, rest = parents[0], parents[1:]
    if first.endswith("[]"):
        for item in objects(document, first[:-2]):
            yield from _holders(item, rest)
        return
    child = document.setdefault(first, {}) if first == "spec" else document.get(first)
    if isinstance(child, dict):
        yield from _holders(child, rest)


def round_up(quantities: Any) -> None:
    """Round a map of quantities up to thousandths, as the API server does with amounts of resources."""
    for name, text in quantities.items() if isinstance(quantities, dict) else ():
        if isinstance(text, str) and text.endswith(("n", "u")):
            quantities[name] = _thousandths(text)


def _thousandths(text: str) -> str:
    return str(Quantity(f"{Quantity(text).milli_value()}m"))
