# SPDX-License-Identifier: Apache-2.0
"""The kinds of a registry as the server serves them, imported group by group when they are asked for."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from k8s_core.errors import KubernetesError
from k8s_core.plugins import declare_hooks
from k8s_core.registry import default_registry
from k8s_devkit.api_server.kinds.catalog import Catalog, KindSource
from k8s_devkit.api_server.kinds.servers import Servers
from k8s_devkit.strategy import hooks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_core.kinds import APIResource
    from k8s_core.registry import Registry
    from k8s_devkit.api_server.kinds.kind import Kind

__all__ = ["catalog_of"]

_log = logging.getLogger("k8s_devkit")


def catalog_of(registry: Registry | None, resources: Iterable[APIResource] = ()) -> Catalog:
    """A catalog of the kinds of ``registry`` (None: the default one) and of ``resources``."""
    if registry is None:
        registry = default_registry()
    extra: dict[str, list[APIResource]] = {}
    for resource in resources:
        extra.setdefault(resource.group, []).append(resource)
    groups = {*registry.groups(), *extra}
    # What is blocked for kinds is blocked for their server side.
    servers = Servers(declare_hooks(hooks.SERVERS_GROUP, hooks, block=registry.plugins.blocked))
    sources = {group: _source(registry, group, extra.get(group, []), servers) for group in groups}
    return Catalog(sources, servers)


def _source(registry: Registry, group: str, extra: list[APIResource], servers: Servers) -> KindSource:
    def load() -> list[Kind]:
        kinds = [*_kinds_of(registry, group, servers)]
        kinds.extend(servers.kind(resource) for resource in extra)
        return kinds

    return load


def _kinds_of(registry: Registry, group: str, servers: Servers) -> Iterable[Kind]:
    try:
        known = registry.kinds(group)
    except KubernetesError as error:
        _log.warning("the embedded API server leaves out API group %r: %s", group, error)
        return
    for gvk in known:
        try:
            model = registry.get(gvk.api_version, gvk.kind)
            # Scale, Eviction and TokenRequest have no collection of their own.
            kind = servers.kind(model.api_resource, model) if model.api_resource.plural else None
        except KubernetesError as error:
            # A broken package must not take the other kinds with it.
            _log.warning("the embedded API server leaves out %s: %s", gvk, error)
            continue
        if kind is not None:
            yield kind
