# SPDX-License-Identifier: Apache-2.0
"""From the name of a kind, as people write it, to the kinds that it may mean (protocol G7). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from k8s_core.errors import InvalidName
from k8s_core.errors.hints import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from k8s_core.client.discovery.documents import ServedGroup
    from k8s_core.kinds import APIResource

__all__ = ["Match", "category", "check_kind_name", "match_name", "near_names"]

_NAME = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9.]*)")


@dataclass(frozen=True, slots=True)
class Match:
    """What a name means.

    Attributes:
        versions: the kind in each version that it is served in, the preferred one first.
        others: kinds of lower priority with the same short name.
    """

    versions: tuple[APIResource, ...]
    others: tuple[APIResource, ...] = ()


def check_kind_name(name: str) -> None:
    """Raise InvalidName for what cannot be the name of a kind: empty, or with a character that names don't have."""
    if not _NAME.fullmatch(name):
        raise InvalidName(f"{name!r} is not the name of a kind, such as 'deployments', 'deploy' or 'deployments.apps'")


def match_name(name: str, groups: Sequence[ServedGroup]) -> Match | None:
    """Find the kind that a name means, None if there is none.

    ``deployments``, ``deployment``, ``deploy`` and ``Deployment`` alike, in any case; behind a dot a group
    (``deployments.apps``), the beginning of one (``hpa.autoscal``), or version and group (``Deployment.v1.apps``,
    ``pods.v1.``).
    """
    wanted, dot, rest = name.lower().partition(".")
    if not dot:
        return _match(wanted, groups)
    version, _, group = rest.partition(".")
    found = None
    if group or rest.endswith("."):
        found = _match(wanted, [each for each in groups if each.name == group], version)
    if found is None and not group:
        found = _match(wanted, [each for each in groups if not each.name], version)
    if found is None:
        found = _match(wanted, [each for each in groups if each.name == rest])
    if found is None:
        found = _match(wanted, [each for each in groups if each.name and each.name.startswith(rest)])
    return found


def _match(wanted: str, groups: Iterable[ServedGroup], version: str | None = None) -> Match | None:
    groups = list(groups)
    for group in groups:
        if exact := tuple(_named(wanted, group, version)):
            return Match(exact)
    short = [found for group in groups if (found := tuple(_shortened(wanted, group, version)))]
    if not short:
        return None
    first = short[0]
    others = [found[0] for found in short[1:]]
    # Within one group too, two kinds may claim one short name; the first served wins.
    same_kind = tuple(resource for resource in first if resource.plural == first[0].plural)
    others += [resource for resource in first if resource.plural != first[0].plural]
    return Match(same_kind, tuple(others))


def _resources(group: ServedGroup, version: str | None) -> Iterator[APIResource]:
    for served in group.versions:
        if version is None or served.version == version:
            yield from served.resources


def _named(wanted: str, group: ServedGroup, version: str | None) -> Iterator[APIResource]:
    for resource in _resources(group, version):
        if wanted in (resource.plural, resource.singular, resource.kind.lower()):
            yield resource


def _shortened(wanted: str, group: ServedGroup, version: str | None) -> Iterator[APIResource]:
    for resource in _resources(group, version):
        if wanted in resource.short_names:
            yield resource


def category(name: str, groups: Iterable[ServedGroup]) -> list[APIResource]:
    """The kinds of a category such as ``all``, each in its preferred version."""
    found: dict[tuple[str, str], APIResource] = {}
    for group in groups:
        for resource in _resources(group, None):
            if name in resource.categories:
                found.setdefault((resource.group, resource.plural), resource)
    return list(found.values())


def near_names(name: str, groups: Iterable[ServedGroup]) -> list[str]:
    """Names that come near one that means nothing; for a known kind in a wrong group or version, the right ones."""
    wanted = name.lower().partition(".")[0]
    groups = list(groups)
    elsewhere = [
        f"{resource.plural}.{served.version}.{group.name}"
        for group in groups
        for served in group.versions
        for resource in served.resources
        if wanted in (resource.plural, resource.singular, resource.kind.lower(), *resource.short_names)
    ]
    if elsewhere:
        return elsewhere[:5]
    plurals = {
        text: resource.plural
        for group in groups
        for resource in _resources(group, None)
        for text in (*resource.short_names, resource.singular, resource.plural)
    }
    near = nearest(wanted, sorted(plurals), count=4)
    return list(dict.fromkeys(plurals[text] for text in near))[:3]
