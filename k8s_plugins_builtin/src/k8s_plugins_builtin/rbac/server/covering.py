# SPDX-License-Identifier: Apache-2.0
"""Whether rules that are held cover rules that are to be given, and what is missing. Pure."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from k8s_devkit.strategy.field_errors import go_quoted
from k8s_plugins_builtin.rbac.server.policy import holds, url_covers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from k8s_devkit.strategy import Document

__all__ = ["described", "go_list", "missing_rules"]


def missing_rules(held: Sequence[Document], given: Iterable[Document]) -> list[Document]:
    """The parts of rules that no held rule covers, each with one verb, one resource, one name, or one URL."""
    return [part for rule in given for part in _parts(rule) if not any(_covers(owner, part) for owner in held)]


def _parts(rule: Document) -> Iterator[Document]:
    verbs = rule.get("verbs") or ()
    names: Sequence[str | None] = rule.get("resourceNames") or (None,)
    places = product(rule.get("apiGroups") or (), rule.get("resources") or ())
    for (group, resource), verb, name in product(places, verbs, names):
        part: Document = {"apiGroups": [group], "resources": [resource], "verbs": [verb]}
        yield part if name is None else {**part, "resourceNames": [name]}
    for url, verb in product(rule.get("nonResourceURLs") or (), verbs):
        yield {"nonResourceURLs": [url], "verbs": [verb]}


def _covers(owner: Document, part: Document) -> bool:
    if not holds(owner, "verbs", part["verbs"][0]):
        return False
    if "nonResourceURLs" in part:
        return any(url_covers(url, part["nonResourceURLs"][0]) for url in owner.get("nonResourceURLs") or ())
    names, wanted = owner.get("resourceNames") or (), part.get("resourceNames")
    if names and not (wanted and wanted[0] in names):
        return False
    resource, resources = part["resources"][0], owner.get("resources") or ()
    in_any = f"*/{resource.partition('/')[2]}" if "/" in resource else "*"
    return holds(owner, "apiGroups", part["apiGroups"][0]) and (
        holds(owner, "resources", resource) or in_any in resources
    )


def described(parts: Iterable[Document]) -> str:
    """The parts as the API server lists them: the verbs for one resource together, a line for each."""
    verbs: dict[tuple[str, ...], list[str]] = {}
    lines = set()
    for part in parts:
        if "nonResourceURLs" in part:
            lines.add(_line(part))
            continue
        place = (part["apiGroups"][0], part["resources"][0], *part.get("resourceNames", ()))
        known = verbs.setdefault(place, [])
        known += [verb for verb in part["verbs"] if verb not in known]
    for (group, resource, *names), asked in verbs.items():
        lines.add(_line({"apiGroups": [group], "resources": [resource], "resourceNames": names, "verbs": asked}))
    return "\n".join(sorted(lines))


_SHOWN = {
    "APIGroups": "apiGroups",
    "Resources": "resources",
    "NonResourceURLs": "nonResourceURLs",
    "ResourceNames": "resourceNames",
    "Verbs": "verbs",
}


def _line(rule: Document) -> str:
    return "{" + ", ".join(f"{go}:{go_list(rule[name])}" for go, name in _SHOWN.items() if rule.get(name)) + "}"


def go_list(values: Iterable[str]) -> str:
    """Strings as Go prints a list of them, quoted."""
    return f"[{' '.join(map(go_quoted, values))}]"
