# SPDX-License-Identifier: Apache-2.0
"""The ``scale`` subresource: an ``autoscaling/v1 Scale`` in front of another object (protocol C36, J30)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from k8s_core.kinds import APIResource, PrinterColumn, table_columns
from k8s_devkit.api_server.kinds.kind import Kind
from k8s_devkit.api_server.kinds.option_shapes import SCALE, check_document
from k8s_devkit.api_server.patches.apply import apply_configuration
from k8s_devkit.api_server.patches.decoding import invalid_patch, json_type
from k8s_devkit.api_server.patches.managed import live_managers, record, write_managers
from k8s_devkit.api_server.patches.patching import (
    check_configuration,
    decode_configuration,
    decode_patch,
    patch_document,
    patch_type,
    shown_outcome,
)
from k8s_devkit.api_server.patches.scale_managers import (
    SCALE_VERSION,
    managers_of_object,
    managers_of_scale,
    scale_target,
)
from k8s_devkit.api_server.reads.jsonpath import find_first
from k8s_devkit.api_server.reads.reading import get_entry
from k8s_devkit.api_server.reads.rendering import render_object
from k8s_devkit.api_server.requests.bodies import Notes, check_size
from k8s_devkit.api_server.requests.codecs import TYPED
from k8s_devkit.api_server.requests.media_types import APPLY, PATCH_TYPES, STRATEGIC_PATCH
from k8s_devkit.api_server.requests.options import read_write_options
from k8s_devkit.api_server.store import encode_body
from k8s_devkit.api_server.writes.conform import WrongType, check_types
from k8s_devkit.api_server.writes.handlers import new_write
from k8s_devkit.api_server.writes.writing import update_object
from k8s_devkit.strategy.failures import Failure, bad_request, conflict, invalid, unreasoned
from k8s_devkit.strategy.field_errors import invalid_value
from k8s_devkit.strategy.strategy import Strategy

if TYPE_CHECKING:
    from k8s_devkit.api_server.core import ApiCore
    from k8s_devkit.api_server.network.messages import Answer
    from k8s_devkit.api_server.patches.managed import Managers, Target
    from k8s_devkit.api_server.requests.call import Call
    from k8s_devkit.api_server.writes.writing import Write
    from k8s_devkit.strategy.document import Document

__all__ = ["serve_scale"]

_UNSET = -(2**31)  # stands for replicas that were not set before
_SCALE = APIResource("autoscaling", "v1", "Scale", "scale", "scale")


class _ScaleKind(Kind):
    """The kind of what this subresource shows, whichever kind it stands before."""

    def printer_columns(self) -> tuple[PrinterColumn, ...]:
        desired = PrinterColumn("Desired", ".spec.replicas", "integer", description="Number of desired replicas")
        available = PrinterColumn("Available", ".status.replicas", "integer", description="Number of actual replicas")
        return table_columns((desired, available))


_SCALE_KIND = _ScaleKind(_SCALE, Strategy(_SCALE))


def serve_scale(core: ApiCore, call: Call) -> Answer:
    """GET, PUT and PATCH of a scale."""
    if call.info.verb == "get":
        namespace = call.info.namespace if call.kind.resource.namespaced else ""
        entry = get_entry(core.store, call.kind, namespace, call.info.name)
        return _render(core, call, call.kind.document(entry))
    return _write(core, call)


def _write(core: ApiCore, call: Call) -> Answer:
    kind, notes = call.kind, Notes()
    patching = call.info.verb == "patch"
    options = read_write_options(call.request, "PatchOptions" if patching else "UpdateOptions", apply=_applies(call))
    write = new_write(core, call, options)
    media_type = patch_type(call, PATCH_TYPES) if patching else ""
    check_size(call.request.body)
    body: Any = None if patching else kind.codec.read(call.request, kind, _SCALE, notes)

    def transform(live: Document) -> Document:
        before, path = _scale_of(kind, live, missing=_UNSET), kind.scale.replicas_path
        field = tuple(f"f:{name}" for name in path.strip(".").split("."))
        managers = live_managers(live)
        known = managers_of_scale(managers, field)
        target = scale_target(core.now())
        if media_type == APPLY:
            after = _apply(write, target, before, known)
        else:
            after = _patched(write, media_type, before) if patching else body
            check_document(after, SCALE)
            if known:
                record(target, known, _as_struct(before), _as_struct(after), options.manager)
        _check(kind, call.info.name, after, before)
        _set(live, path, (after.get("spec") or {}).get("replicas") or 0)
        entries = managers_of_object(managers, known, field, kind.resource.api_version)
        write_managers(live["metadata"], entries)
        return live

    written = update_object(write, transform)
    return _render(core, call, msgspec.json.decode(written.body))


def _render(core: ApiCore, call: Call, document: Document) -> Answer:
    body = encode_body(_scale_of(call.kind, document))
    return render_object(call.request, _SCALE_KIND, body, core.clock())


def _patched(write: Write, media_type: str, before: Document) -> Document:
    """The Scale that a patch makes of another. Raises the 422 where it makes something else."""
    patch = decode_patch(media_type, write.call.request.body, write)
    after = patch_document(media_type, before, patch, write)
    try:
        if not isinstance(after, dict):
            raise WrongType(f"json: cannot unmarshal {json_type(after)} into Go value of type v1.Scale")
        TYPED.check_kind(after, _SCALE)
        check_types(after, SCALE)
    except Failure as failure:
        problem = failure.message
    except WrongType as error:
        problem = error.restored if media_type == STRATEGIC_PATCH else str(error)
    else:
        return after
    raise invalid_patch(shown_outcome(media_type, after, patch), problem)


def _apply(write: Write, target: Target, before: Document, known: Managers) -> Document:
    """The Scale that an apply makes; ``known`` becomes the managers after it."""
    body = decode_configuration(write.call.request.body, write)
    check_configuration(target, _SCALE, body)
    view = write.kind.scale
    if not known and not view.typed:
        raise _unconverted("failed to create manager for existing fields: failed to convert live object", "/")
    metadata = dict(before["metadata"])
    write_managers(metadata, known.items())
    live = {**before, "metadata": metadata}
    after = apply_configuration(target, live, body, write.options.manager, force=write.options.force)
    if not view.typed and after["spec"] != before["spec"]:
        own = body.get("metadata") or {}
        raise _unconverted("failed to convert new object", f"{own.get('namespace') or ''}/{own.get('name') or ''}")
    known.clear()
    known.update(live_managers(after))
    return after


def _unconverted(what: str, subject: str) -> Failure:
    """The 500 that 1.36 gives for most applies to the Scale of a custom resource."""
    text = f"request to convert CR to an invalid group/version: {SCALE_VERSION}"
    return unreasoned(f"{what} ({subject}; {SCALE_VERSION}, Kind=Scale) to proper version: {text}")


def _as_struct(scale: Document) -> Document:
    """A Scale as Go has it, where no replicas are the same as none given."""
    spec = {name: value for name, value in (scale.get("spec") or {}).items() if value}
    return {**scale, "spec": spec}


def _applies(call: Call) -> bool:
    return call.info.verb == "patch" and call.request.header("content-type").startswith(APPLY)


def _check(kind: Kind, name: str, after: Document, before: Document) -> None:
    metadata = after.get("metadata") or {}
    if metadata.get("name", name) != name:
        raise bad_request(f"the name of the object ({metadata['name']}) does not match the name on the URL ({name})")
    version = metadata.get("resourceVersion")
    if version and version != before["metadata"]["resourceVersion"]:
        raise conflict(kind.resource, name)
    replicas = (after.get("spec") or {}).get("replicas") or 0
    if replicas == _UNSET:
        raise bad_request(f'the spec replicas field "{kind.scale.replicas_path}" cannot be empty')
    if replicas < 0 and kind.scale.checks_replicas:
        error = invalid_value("spec.replicas", replicas, "must be greater than or equal to 0")
        raise invalid("Scale", "autoscaling", name, [error])


def _scale_of(kind: Kind, document: Document, *, missing: int | None = None) -> Document:
    """The Scale of an object; ``missing`` stands for replicas that a custom resource does not have."""
    metadata = document["metadata"]
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    view = kind.scale
    status: Document = {"replicas": find_first(document, view.status_path) or 0}
    replicas = view.replicas(document, missing)
    if selector := view.selector(document):
        status["selector"] = selector
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {name: metadata[name] for name in kept if name in metadata},
        "spec": {"replicas": replicas or 0},
        "status": status,
    }


def _set(document: Document, path: str, value: Any) -> None:
    *parents, last = path.strip(".").split(".")
    node = document
    for part in parents:
        child = node.setdefault(part, {})
        if not isinstance(child, dict):
            raise Failure(500, "InternalError", f"{path} is no path into this object")
        node = child
    node[last] = value
