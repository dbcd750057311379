# SPDX-License-Identifier: Apache-2.0
"""Handlers of get, list and watch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.api_server.network.messages import Answer, Stream
from k8s_devkit.api_server.reads.reading import get_entry, read_page, selection_of
from k8s_devkit.api_server.reads.rendering import presenter_of, render_list, render_object
from k8s_devkit.api_server.reads.selection import FieldTerm, Selection
from k8s_devkit.api_server.reads.watching import WatchSession
from k8s_devkit.api_server.requests.options import read_list_options, read_version
from k8s_devkit.strategy.failures import too_large_resource_version

if TYPE_CHECKING:
    from k8s_devkit.api_server.core import ApiCore
    from k8s_devkit.api_server.requests.call import Call

__all__ = ["get", "list_", "watch"]


def _namespace(call: Call) -> str:
    return call.info.namespace if call.kind.resource.namespaced else ""


def get(core: ApiCore, call: Call) -> Answer:
    """GET of an object or of a subresource that shows the object."""
    version = read_version(call.request.query)
    if version and version > core.store.version:
        raise too_large_resource_version(version, core.store.version)
    entry = get_entry(core.store, call.kind, _namespace(call), call.info.name)
    return render_object(call.request, call.kind, call.kind.body(entry), core.clock())


def list_(core: ApiCore, call: Call) -> Answer:
    """GET of a collection."""
    options = read_list_options(call.request.query, watch=False)
    return render_list(
        call.request, call.kind, read_page(core.store, call.kind, _namespace(call), options), core.clock()
    )


def watch(core: ApiCore, call: Call) -> Stream:
    """A watch of a collection, or of one object by the legacy prefix."""
    kind = call.kind
    options = read_list_options(call.request.query, watch=True)
    selection = selection_of(kind, options.labels, options.fields)
    if call.info.name:
        selection = Selection(selection.labels, (*selection.fields, FieldTerm("metadata.name", True, call.info.name)))
    presenter = presenter_of(call.request, core.clock)
    session = WatchSession(core.store, kind, _namespace(call), selection, options, presenter)
    session.start()
    core.sessions.add(session)
    return Stream(session)
