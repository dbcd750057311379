# SPDX-License-Identifier: Apache-2.0
"""Which kinds the server serves: those of the registry, a few of its own, and CRDs that were created in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from k8s_devkit.api_server.kinds.intrinsic import INTRINSIC_KINDS
from k8s_devkit.api_server.kinds.kind import Kind

if TYPE_CHECKING:
    from k8s_devkit.api_server.kinds.servers import Servers
    from k8s_devkit.api_server.store import StoreKey

__all__ = ["Catalog", "KindSource"]


KindSource = Callable[[], Iterable[Kind]]


class Catalog:
    """Looks kinds up by URL and by apiVersion and kind; CRDs come and go at run time.

    Args:
        sources: kinds by group, each called at most once, when that group is first asked for: a server that serves
            two groups does not import the models of thirty.
        servers: how packages want their kinds treated.
    """

    def __init__(self, sources: dict[str, KindSource], servers: Servers) -> None:
        self._sources = dict(sources)
        self.servers = servers
        self._loaded: dict[str, dict[tuple[str, str], Kind]] = {}
        self._custom: dict[tuple[str, str, str], Kind] = {}

    def _group(self, group: str) -> dict[tuple[str, str], Kind]:
        kinds = self._loaded.get(group)
        if kinds is None:
            kinds = {
                (resource.version, resource.plural): self.servers.kind(resource)
                for resource in INTRINSIC_KINDS
                if resource.group == group
            }
            source = self._sources.get(group)
            for kind in source() if source else ():
                kinds[kind.resource.version, kind.resource.plural] = kind
            self._loaded[group] = kinds
        return kinds

    def groups(self) -> list[str]:
        """All API groups, the legacy one (empty) first, then in the order of their names."""
        names = {resource.group for resource in INTRINSIC_KINDS}
        names.update(self._sources, (group for group, _, _ in self._custom))
        return sorted(names)

    def find(self, group: str, version: str, plural: str) -> Kind | None:
        """The kind that is served at a URL, or None. A CRD of this server goes before a plugin's kind."""
        custom = self._custom.get((group, version, plural))
        return custom or self._group(group).get((version, plural))

    def by_kind(self, group: str, version: str, kind: str) -> Kind | None:
        """The kind by the two fields that documents carry, or None."""
        return next((item for item in self.of_group(group) if item.gv_kind == (version, kind)), None)

    def of_group(self, group: str) -> list[Kind]:
        """All kinds of a group, in the order of version and plural."""
        kinds = dict(self._group(group))
        for (its_group, version, plural), kind in self._custom.items():
            if its_group == group:
                kinds[version, plural] = kind
        return [kinds[key] for key in sorted(kinds)]

    def loaded(self) -> Iterator[Kind]:
        """The kinds of the groups that were asked for so far; nothing is imported."""
        for group in dict.fromkeys([*self._loaded, *(group for group, _, _ in self._custom)]):
            yield from self.of_group(group)

    def of_plural(self, plural: str, group: str | None = None) -> Kind | None:
        """The kind with a plural, in one group or in the first that has it: loaded groups first, which cost nothing."""
        groups = self.groups() if group is None else [group]
        for name in sorted(groups, key=lambda name: name not in self._loaded):
            for kind in self.of_group(name):
                if kind.resource.plural == plural and kind.stores:
                    return kind
        return None

    def of_store(self, key: StoreKey) -> Kind | None:
        """Any version of the kind whose objects are stored under ``key``; the CRD's storage version first."""
        candidates = [kind for kind in self.of_group(key[0]) if kind.key == key]
        candidates.sort(key=lambda kind: not kind.stores)
        return candidates[0] if candidates else None

    def __iter__(self) -> Iterator[Kind]:
        for group in self.groups():
            yield from self.of_group(group)

    def add_custom(self, kind: Kind) -> None:
        """Serve a version of a CRD."""
        resource = kind.resource
        self._custom[resource.group, resource.version, resource.plural] = kind

    def remove_custom(self, group: str, plural: str) -> None:
        """Stop serving all versions of a CRD."""
        for key in [key for key in self._custom if (key[0], key[2]) == (group, plural)]:
            del self._custom[key]
