# SPDX-License-Identifier: Apache-2.0
"""The ``scale`` subresource: an ``autoscaling/v1 Scale`` in front of another object (protocol C36, J30)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.kinds import APIResource
from k8s_core.testing.api_server.failures import Failure, bad_request, conflict, internal_error, invalid
from k8s_core.testing.api_server.field_errors import invalid_value
from k8s_core.testing.api_server.kinds.option_shapes import SCALE, check_document
from k8s_core.testing.api_server.patches.patching import APPLY, check_patch, patch_document, patch_type
from k8s_core.testing.api_server.reads.jsonpath import find_first
from k8s_core.testing.api_server.reads.reading import get_entry
from k8s_core.testing.api_server.reads.rendering import render_document
from k8s_core.testing.api_server.requests.bodies import Notes, check_kind, decode_document, read_object
from k8s_core.testing.api_server.requests.options import read_write_options
from k8s_core.testing.api_server.writes.handlers import new_write
from k8s_core.testing.api_server.writes.writing import update_object

if TYPE_CHECKING:
    from k8s_core.testing.api_server.core import ApiCore, Call
    from k8s_core.testing.api_server.kinds.catalog import Kind
    from k8s_core.testing.api_server.network.messages import Answer

__all__ = ["serve_scale"]

Json = dict[str, Any]
_SCALE = APIResource("autoscaling", "v1", "Scale", "scale", "scale")


def serve_scale(core: ApiCore, call: Call) -> Answer:
    """GET, PUT and PATCH of a scale."""
    if call.info.verb == "get":
        namespace = call.info.namespace if call.kind.resource.namespaced else ""
        entry = get_entry(core.store, call.kind, namespace, call.info.name)
        return render_document(call.request, _scale_of(call.kind, call.kind.document(entry)))
    return _write(core, call)


def _write(core: ApiCore, call: Call) -> Answer:
    kind, notes = call.kind, Notes()
    patching = call.info.verb == "patch"
    options = read_write_options(call.request, "PatchOptions" if patching else "UpdateOptions", apply=_applies(call))
    write = new_write(core, call, options)
    media_type = patch_type(call, custom=False) if patching else ""
    if patching:
        body = decode_document(call.request.body, media_type, notes)
        check_patch(media_type, body)
    else:
        body = read_object(call.request, kind, _SCALE, notes)
    result: Json = {}

    def transform(live: Json) -> Json:
        before = _scale_of(kind, live)
        if media_type == APPLY:
            after = {**before, "spec": body.get("spec") or before["spec"]}
        else:
            after = patch_document(media_type, before, body, write) if patching else body
        if not isinstance(after, dict):
            raise bad_request("the patch does not leave a Scale")
        check_kind(after, _SCALE, custom=False)
        _check(kind, call.info.name, after, before)
        _set(live, _replicas_path(kind), (after.get("spec") or {}).get("replicas") or 0)
        result.update(live)
        return live

    written = update_object(write, transform)
    import msgspec

    document = msgspec.json.decode(written.body)
    return render_document(call.request, _scale_of(kind, document))


def _applies(call: Call) -> bool:
    return call.info.verb == "patch" and call.request.header("content-type").startswith(APPLY)


def _check(kind: Kind, name: str, after: Json, before: Json) -> None:
    check_document(after, SCALE)
    metadata = after.get("metadata") or {}
    if metadata.get("name", name) != name:
        raise bad_request(f"the name of the object ({metadata['name']}) does not match the name on the URL ({name})")
    version = metadata.get("resourceVersion")
    if version and version != before["metadata"]["resourceVersion"]:
        raise conflict(kind.resource, name)
    replicas = (after.get("spec") or {}).get("replicas") or 0
    if replicas < 0:
        error = invalid_value("spec.replicas", replicas, "must be greater than or equal to 0")
        raise invalid("Scale", "autoscaling", name, [error])


def _replicas_path(kind: Kind) -> str:
    return kind.custom.scale["specReplicasPath"] if kind.custom and kind.custom.scale else ".spec.replicas"


def _scale_of(kind: Kind, document: Json) -> Json:
    metadata = document["metadata"]
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    replicas = find_first(document, _replicas_path(kind))
    if replicas is None and kind.custom is not None:
        raise internal_error(f'the spec replicas field "{_replicas_path(kind)}" does not exist')
    status: Json = {"replicas": find_first(document, _status_path(kind)) or 0}
    if selector := _selector(kind, document):
        status["selector"] = selector
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {name: metadata[name] for name in kept if name in metadata},
        "spec": {"replicas": replicas or 0},
        "status": status,
    }


def _status_path(kind: Kind) -> str:
    return kind.custom.scale["statusReplicasPath"] if kind.custom and kind.custom.scale else ".status.replicas"


def _selector(kind: Kind, document: Json) -> str:
    if kind.custom is not None:
        path = (kind.custom.scale or {}).get("labelSelectorPath")
        found = find_first(document, path) if path else None
        return found if isinstance(found, str) else ""
    selector = (document.get("spec") or {}).get("selector") or {}
    labels = (
        selector.get("matchLabels", {}) if "matchLabels" in selector or "matchExpressions" in selector else selector
    )
    terms = [f"{key}={value}" for key, value in sorted(labels.items())]
    expressions = selector.get("matchExpressions")
    terms.extend(_expression(item) for item in (expressions if isinstance(expressions, list) else ()))
    return ",".join(terms)


def _expression(item: Json) -> str:
    operator, key = item.get("operator"), item.get("key", "")
    if operator in ("Exists", "DoesNotExist"):
        return key if operator == "Exists" else f"!{key}"
    return f"{key} {'in' if operator == 'In' else 'notin'} ({','.join(sorted(item.get('values') or []))})"


def _set(document: Json, path: str, value: Any) -> None:
    *parents, last = path.strip(".").split(".")
    node = document
    for part in parents:
        child = node.setdefault(part, {})
        if not isinstance(child, dict):
            raise Failure(500, "InternalError", f"{path} is no path into this object")
        node = child
    node[last] = value
