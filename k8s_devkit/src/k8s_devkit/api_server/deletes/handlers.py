# SPDX-License-Identifier: Apache-2.0
"""Handlers of delete and deletecollection (protocol C32, J11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.api_server.deletes.deleting import Deleted, DeleteOptions, delete_entry, read_delete_options
from k8s_devkit.api_server.reads.reading import Page, get_entry, read_page
from k8s_devkit.api_server.reads.rendering import render_document, render_list, render_object
from k8s_devkit.api_server.requests.options import ListOptions, read_list_options

if TYPE_CHECKING:
    from k8s_devkit.api_server.core import ApiCore
    from k8s_devkit.api_server.kinds.kind import Kind
    from k8s_devkit.api_server.network.messages import Answer
    from k8s_devkit.api_server.requests.call import Call
    from k8s_devkit.api_server.store import Entry
    from k8s_devkit.strategy.document import Document

__all__ = ["delete", "delete_collection", "success_status"]


def success_status(kind: Kind, name: str, uid: str) -> Document:
    """The Status of a deletion that is done."""
    details: Document = {"name": name}
    if kind.resource.group:
        details["group"] = kind.resource.group
    details["kind"] = kind.resource.plural
    details["uid"] = uid
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}


def _read_options(call: Call) -> DeleteOptions:
    """The options of a deletion, with the kind's warning if they leave the propagation to it."""
    options, warning = read_delete_options(call.request), call.kind.strategy.delete_option_warning
    if warning and not options.propagation:
        call.warnings.append(warning)
    return options


def delete(core: ApiCore, call: Call) -> Answer:
    """DELETE of an object."""
    kind, info = call.kind, call.info
    options = _read_options(call)
    entry = get_entry(core.store, kind, info.namespace if kind.resource.namespaced else "", info.name)
    deleted = delete_entry(core, kind, entry, options, call)
    return _answer(core, call, entry, options, deleted)


def _answer(core: ApiCore, call: Call, entry: Entry, options: DeleteOptions, deleted: Deleted) -> Answer:
    kind = call.kind
    if deleted.gone and not kind.strategy.delete_returns_object:
        return render_document(call.request, success_status(kind, entry.name, deleted.uid))
    status = 202 if options.orphan_dependents is False and not deleted.gone else 200
    return render_object(call.request, kind, deleted.body, core.clock(), status)


def delete_collection(core: ApiCore, call: Call) -> Answer:
    """DELETE of a collection: the objects that the selectors choose; answers with the list of them."""
    kind = call.kind
    options = _read_options(call)
    listing: ListOptions = read_list_options(call.request.query, watch=False)
    page: Page = read_page(core.store, kind, call.info.namespace if kind.resource.namespaced else "", listing)
    for entry in page.entries:
        delete_entry(core, kind, entry, options, call)
    return render_list(call.request, kind, page, core.clock())
