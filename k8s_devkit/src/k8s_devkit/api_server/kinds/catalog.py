# SPDX-License-Identifier: Apache-2.0
"""Which kinds the server serves: those of the registry, a few of its own, and CRDs that were created in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from k8s_devkit.api_server.kinds.intrinsic import INTRINSIC_KINDS
from k8s_devkit.api_server.store import encode_body

if TYPE_CHECKING:
    from k8s_core.kinds import APIResource
    from k8s_devkit.api_server.custom.version import CustomVersion
    from k8s_devkit.api_server.kinds.servers import Servers
    from k8s_devkit.api_server.kinds.shapes import Shape
    from k8s_devkit.api_server.store import Entry, StoreKey
    from k8s_devkit.strategy.strategy import Strategy

__all__ = ["Catalog", "Kind", "KindSource"]


class Kind:
    """One served version of one kind, whose objects the server decodes into types: a built-in kind.

    `CustomKind` is the other sort.

    Args:
        resource: how it is served.
        strategy: how its objects are treated.
        model: the class of a plugin, for merge keys and field types; None for a kind known by its resource only.
    """

    is_custom = False
    custom: CustomVersion | None = None

    def __init__(self, resource: APIResource, strategy: Strategy, model: type[Any] | None = None) -> None:
        self.resource = resource
        self.strategy = strategy
        self.model = model
        self.key: StoreKey = strategy.storage
        header = {"kind": resource.kind, "apiVersion": resource.api_version}
        self.prefix: bytes = msgspec.json.encode(header)[:-1] + b","
        self._shape: Shape | None = None

    @property
    def name(self) -> str:
        """The kind's name, such as ``Pod``."""
        return self.resource.kind

    @property
    def gv_kind(self) -> tuple[str, str]:
        """Version and kind name: what identifies it within its group."""
        return self.resource.version, self.resource.kind

    @property
    def stores(self) -> bool:
        """True if objects are stored in this version."""
        return not self.strategy.converted

    def has_status(self) -> bool:
        """True if ``status`` is a subresource."""
        return "status" in self.resource.subresources

    def selectable(self, field: str) -> bool:
        """True if a field selector may name ``field``."""
        if field in ("metadata.name", "metadata.namespace"):
            return True
        return self.strategy.storage_field(field) in self.strategy.selectable_fields

    @property
    def selects_by_metadata(self) -> bool:
        """True if field selectors of this built-in kind can name nothing but name and namespace."""
        return not self.strategy.selectable_fields

    def body(self, entry: Entry) -> bytes:
        """The stored bytes as this version shows them."""
        if not self.strategy.converted:
            return entry.body
        from k8s_devkit.api_server.writes.go_form import drop_zeros, fill_zeros

        document = self.strategy.from_storage(entry.document())
        drop_zeros(self, document)
        fill_zeros(self, document)
        return encode_body(document)

    @property
    def shows_stored_bytes(self) -> bool:
        """True if `body` gives the stored bytes as they are."""
        return not self.strategy.converted

    def stored(self, document: dict[str, Any]) -> dict[str, Any]:
        """A document of this version in the form that is stored; the document itself where the two are one."""
        if not self.strategy.converted:
            return document
        copy: dict[str, Any] = msgspec.json.decode(encode_body(document))
        return self.strategy.to_storage(copy)

    def object(self, entry: Entry) -> bytes:
        """The whole object as JSON, apiVersion and kind included."""
        return self.prefix + self.body(entry)[1:]

    def document(self, entry: Entry) -> dict[str, Any]:
        """The whole object as a new dict."""
        body: dict[str, Any] = msgspec.json.decode(self.body(entry))
        return {"apiVersion": self.resource.api_version, "kind": self.resource.kind, **body}

    def default(self, document: dict[str, Any], live: dict[str, Any] | None, *, applied: bool = False) -> None:
        """Fill in defaults; ``applied`` says that the document comes out of a server-side apply."""
        self.strategy.default(document, live)

    def shape(self) -> Shape:
        """Field types, merge keys and list types: from the CRD's schema, else from the model, else unknown."""
        if self._shape is None:
            self._shape = self._make_shape()
        return self._shape

    def _make_shape(self) -> Shape:
        from k8s_devkit.api_server.kinds.shapes import ANY_OBJECT, shape_of_model

        return shape_of_model(self.model) if self.model is not None else ANY_OBJECT


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
