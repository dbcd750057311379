# SPDX-License-Identifier: Apache-2.0
"""Python names for Kubernetes' names: the rules are few, so that users can guess the result."""

from __future__ import annotations

import keyword
import re
import unicodedata
from typing import TYPE_CHECKING

from k8s_core.kinds import version_priority

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

__all__ = ["attribute_name", "class_name", "group_label", "group_labels", "implied_wire_name", "version_priority"]

# Inside a class body an attribute of one of these names would hide the type from the annotations after it.
ANNOTATION_NAMES = frozenset(
    {"Any", "Duration", "IntOrString", "Literal", "MicroTime", "Quantity", "Time"}
    | {"bool", "bytes", "dict", "float", "int", "list", "str"}
)

# Nor may one hide a method of Model.
METHOD_NAMES = frozenset({"copy", "from_dict", "from_yaml", "to_dict", "to_yaml", "validate"})


def attribute_name(wire_name: str, hidden: Container[str] = ()) -> str:
    """The attribute for a wire name: itself where Python can spell it, else the nearest name that it can.

    A keyword or a name that annotations need (``hidden`` adds to those) gets a trailing underscore; characters that no
    identifier can hold become underscores (``x-kubernetes-list-type`` is ``x_kubernetes_list_type``, ``$ref`` is
    ``ref``).
    """
    # Python reads identifiers in this normal form, so another one would not be found again.
    name = unicodedata.normalize("NFKC", wire_name)
    name = "".join(char if f"a{char}".isidentifier() else "_" for char in name.strip("$")).lstrip("_") or "field"
    if not name.isidentifier():
        name = f"n{name}"
    if keyword.iskeyword(name) or name in ANNOTATION_NAMES | METHOD_NAMES or name in hidden:
        name += "_"
    return name


def implied_wire_name(name: str) -> str:
    """The wire name that the model derives from an attribute when ``field()`` gives none."""
    return name.removesuffix("_")


def class_name(*parts: str) -> str:
    """Join names into one class name: ``class_name("CronTabSpec", "job-template")`` is ``CronTabSpecJobTemplate``."""
    text = "".join(char if f"a{char}".isidentifier() else " " for part in (*parts, "") for char in f"{part} ")
    words = unicodedata.normalize("NFKC", text).replace("_", " ").split()
    name = "".join(word[0].upper() + word[1:] for word in words) or "Model"
    if not name.isidentifier():
        name = f"N{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


def group_label(group: str) -> str:
    """The sub-package of a group: its first label, ``core`` for the legacy group."""
    return _identifier(group.partition(".")[0]) if group else "core"


def group_labels(groups: Iterable[str]) -> dict[str, str]:
    """Sub-package names for several groups at once, unique: ``apps``, and ``apps_example_com`` for apps.example.com.

    Where two groups begin with the same label, Kubernetes' own (no dot, or below k8s.io) keeps the short name.
    """
    result: dict[str, str] = {}
    taken: set[str] = set()
    for group in sorted(groups, key=lambda name: ("." in name, not name.endswith(".k8s.io"), name)):
        label = group_label(group)
        if label in taken:
            label = _identifier(group)
        taken.add(label)
        result[group] = label
    return result


def _identifier(text: str) -> str:
    name = re.sub(r"\W", "_", text)
    if name[0].isdigit():
        name = f"n{name}"
    return f"{name}_" if keyword.iskeyword(name) else name
