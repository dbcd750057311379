# SPDX-License-Identifier: Apache-2.0
"""Handlers of create and update."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.api_server.reads.rendering import render_object
from k8s_devkit.api_server.requests.bodies import Notes
from k8s_devkit.api_server.requests.options import WriteOptions, read_write_options
from k8s_devkit.api_server.writes.metadata import match_url
from k8s_devkit.api_server.writes.writing import Write, Written, create_object, update_object

if TYPE_CHECKING:
    from k8s_devkit.api_server.core import ApiCore
    from k8s_devkit.api_server.network.messages import Answer
    from k8s_devkit.api_server.requests.call import Call

__all__ = ["answer_write", "create", "new_write", "update"]


def new_write(core: ApiCore, call: Call, options: WriteOptions) -> Write:
    """The write that a call stands for."""
    info, kind = call.info, call.kind
    namespace = info.namespace if kind.resource.namespaced else ""
    return Write(core, call, kind, namespace, info.name, options, Notes(warnings=call.warnings), info.subresource)


def answer_write(call: Call, write: Write, written: Written) -> Answer:
    """The answer to a write: 201 for a new object, else 200."""
    return render_object(call.request, call.kind, written.body, write.core.clock(), 201 if written.created else 200)


def create(core: ApiCore, call: Call) -> Answer:
    """POST to a collection."""
    options = read_write_options(call.request, "CreateOptions")
    write = new_write(core, call, options)
    document = call.kind.codec.read(call.request, call.kind, notes=write.notes)
    document = call.kind.codec.conform(call.kind, document, write.notes, options.validation)
    return answer_write(call, write, create_object(write, document))


def update(core: ApiCore, call: Call) -> Answer:
    """PUT of an object or of a subresource that shows the object."""
    options = read_write_options(call.request, "UpdateOptions")
    write = new_write(core, call, options)
    document = call.kind.codec.read(call.request, call.kind, notes=write.notes)
    document = call.kind.codec.conform(call.kind, document, write.notes, options.validation)
    match_url(document, write.namespace, write.name, named=True)
    create_missing = call.kind.strategy.create_on_update and not call.info.subresource
    return answer_write(call, write, update_object(write, lambda _: document, create=create_missing))
