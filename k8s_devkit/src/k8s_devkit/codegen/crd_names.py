# SPDX-License-Identifier: Apache-2.0
"""Class names for the nested objects of CRDs: short, predictable, one class for what is the same.

An object is called by its kind and its own name (``CertificateKeystores``, not ``CertificateSpecKeystores``), an item
of a list by the singular. What looks the same and is called alike is one class: ``passwordSecretRef`` and
``tokenSecretRef`` share ``IssuerSecretRef``. So do kinds of one family, such as Issuer and ClusterIssuer. Names that
would mean two things get the names of their parents put before.
"""

from __future__ import annotations

import builtins
import json
import keyword
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from k8s_devkit.codegen.names import class_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["ITEM", "SchemaNode", "class_names", "is_class", "kind_class_name", "nodes_of", "shape"]

ITEM = "[]"
"""In a path: the items of a list, or the values of a map."""

FIELD_LEVEL = frozenset({"description", "default", "nullable"})
"""Keywords that belong to the field which holds an object, and not to the object's class."""

RESERVED = frozenset(
    {
        "ABSENT",
        "Any",
        "ClassVar",
        "Duration",
        "IntOrString",
        "Literal",
        "MicroTime",
        "Model",
        "PrinterColumn",
        "Quantity",
    }
    | {"Resource", "TYPE_CHECKING", "Time", "Condition", "LabelSelector", "LabelSelectorRequirement", "ObjectMeta"}
    | {"OwnerReference"}
)
"""Names that generated modules import."""


@dataclass(frozen=True, slots=True)
class SchemaNode:
    """An object in the schema of a kind: wire names from the root, with ``[]`` for the items of lists and maps."""

    kind: str
    path: tuple[str, ...]

    @property
    def name(self) -> str:
        """The wire name of the field that holds it."""
        return next((part for part in reversed(self.path) if part != ITEM), self.kind)

    @property
    def parents(self) -> tuple[str, ...]:
        """The names above it, the nearest first; of items in the singular."""
        names = [
            _singular(part) if follower == ITEM else part
            for part, follower in zip(self.path, (*self.path[1:], ""), strict=True)
            if part != ITEM
        ]
        return tuple(reversed(names[:-1]))

    @property
    def words(self) -> tuple[str, ...]:
        """The words of its name; of an item, the last one in the singular."""
        words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", self.name) or [self.name]
        if self.path[-1] == ITEM:
            words[-1] = _singular(words[-1])
        return tuple(words)


def is_class(schema: Mapping[str, Any]) -> bool:
    """True for an object that becomes a class: it has fields, or may have none at all (``selfSigned: {}``)."""
    if schema.get("properties"):
        return True
    return (
        schema.get("type") == "object"
        and not schema.get("additionalProperties")
        and not schema.get("x-kubernetes-preserve-unknown-fields")
        and not schema.get("x-kubernetes-embedded-resource")
    )


def shape(schema: Mapping[str, Any]) -> str:
    """What makes two objects the same class: all but what their fields say about them."""
    own = {key: value for key, value in schema.items() if key not in FIELD_LEVEL}
    return json.dumps(own, sort_keys=True, ensure_ascii=False)


def nodes_of(
    kind: str, schema: Mapping[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[SchemaNode, Mapping[str, Any]]]:
    """All objects below the root of a kind that become classes, in the order of the document."""
    if path and is_class(schema):
        yield SchemaNode(kind, path), schema
    for name, child in (schema.get("properties") or {}).items():
        if path or name not in ("apiVersion", "kind", "metadata"):
            yield from nodes_of(kind, child, (*path, name))
    for keyword_ in ("items", "additionalProperties"):
        child = schema.get(keyword_)
        if isinstance(child, dict):
            yield from nodes_of(kind, child, (*path, ITEM))


def kind_class_name(kind: str) -> str:
    """The class of a kind: its own name unless that means something else in Python or in the module."""
    name = class_name(kind)
    taken = name in RESERVED or keyword.iskeyword(name) or hasattr(builtins, name)
    return f"{name}Kind" if taken else name


def class_names(roots: Mapping[str, Mapping[str, Any]]) -> dict[SchemaNode, str]:
    """Name the objects of all kinds of one module.

    Args:
        roots: the root schema of each kind.

    Returns:
        The class name of every node; nodes with one name are the same class.
    """
    groups: dict[tuple[str, str, str], list[SchemaNode]] = defaultdict(list)
    for kind, root in roots.items():
        family = min((other for other in roots if kind.startswith(other) or kind.endswith(other)), key=len)
        for node, schema in nodes_of(kind, root):
            groups[family, shape(schema), node.words[-1].lower()].append(node)
    used = set(RESERVED) | {kind_class_name(kind) for kind in roots}
    # The fields of a kind itself (spec, status) come first: their names never depend on what is deeper.
    shallow = [members for members in groups.values() if len(_first(members).path) == 1]
    deep = [members for members in groups.values() if len(_first(members).path) > 1]
    names: dict[SchemaNode, str] = {}
    for waiting in (shallow, deep):
        depth = 0
        while waiting:
            waiting = _name_round(waiting, depth, used, names)
            depth += 1
    return names


def _name_round(
    waiting: list[list[SchemaNode]], depth: int, used: set[str], names: dict[SchemaNode, str]
) -> list[list[SchemaNode]]:
    """Name groups of nodes by their own name and ``depth`` parents; returns those whose name would mean two things."""
    wanted: dict[str, list[list[SchemaNode]]] = defaultdict(list)
    for members in waiting:
        wanted[_name(members, depth)].append(members)
    left: list[list[SchemaNode]] = []
    for name, claims in wanted.items():
        chosen = [members for members in claims if _first(members).path[0] != "status"]
        if len(chosen) != 1:
            # With one claim that is not about the status, people write that and get the short name for it.
            chosen = claims
        last_chance = all(depth >= len(_first(members).parents) for members in chosen)
        if (len(chosen) == 1 and name not in used) or last_chance:
            for members in chosen:
                final = _numbered(name, used)
                used.add(final)
                names.update(dict.fromkeys(members, final))
            left += [members for members in claims if members not in chosen]
        else:
            left += claims
    return left


def _name(members: list[SchemaNode], depth: int) -> str:
    first = _first(members)
    words: list[str] = []
    for column in zip(*(reversed(node.words) for node in members), strict=False):
        if len({word.lower() for word in column}) > 1:
            break
        words.insert(0, column[0])
    prefix = min((node.kind for node in members), key=lambda kind: (len(kind), kind))
    parents = reversed(first.parents[:depth])
    return class_name(kind_class_name(prefix), *parents, *words)


def _first(members: list[SchemaNode]) -> SchemaNode:
    return min(members, key=lambda node: (len(node.kind), node.kind, len(node.path), node.path))


def _numbered(name: str, used: set[str]) -> str:
    candidate, number = name, 2
    while candidate in used:
        candidate, number = f"{name}{number}", number + 1
    return candidate


def _singular(word: str) -> str:
    for ending, replacement in (
        ("ies", "y"),
        ("tuses", "tus"),
        ("sses", "ss"),
        ("xes", "x"),
        ("ches", "ch"),
        ("shes", "sh"),
    ):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word.removesuffix(ending) + replacement
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 2:
        return word[:-1]
    return word
