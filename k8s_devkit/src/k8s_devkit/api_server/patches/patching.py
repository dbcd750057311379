# SPDX-License-Identifier: Apache-2.0
"""PATCH in its four forms (protocol C26-C30, J17, J18)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.patches.apply import apply_configuration
from k8s_devkit.api_server.patches.checking import configuration_problems, printed
from k8s_devkit.api_server.patches.decoding import (
    decode_json_patch,
    decode_merge_patch,
    invalid_patch,
    json_type,
)
from k8s_devkit.api_server.patches.json_patch import PatchFailed, apply_json_patch, merge_patch
from k8s_devkit.api_server.patches.managed import target_of
from k8s_devkit.api_server.patches.strategic import StrategicError, strategic_merge
from k8s_devkit.api_server.requests.bodies import (
    Notes,
    check_size,
    decode_document,
    duplicates,
)
from k8s_devkit.api_server.requests.media_types import APPLY, JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH
from k8s_devkit.api_server.requests.options import read_write_options
from k8s_devkit.api_server.writes.handlers import answer_write, new_write
from k8s_devkit.api_server.writes.writing import Write, update_object
from k8s_devkit.strategy.failures import (
    Failure,
    bad_request,
    conflict,
    invalid,
    unreasoned,
    unsupported_media_type,
)
from k8s_devkit.strategy.field_errors import invalid_value

if TYPE_CHECKING:
    from k8s_core.kinds import APIResource
    from k8s_devkit.api_server.core import ApiCore
    from k8s_devkit.api_server.network.messages import Answer
    from k8s_devkit.api_server.patches.managed import Target
    from k8s_devkit.api_server.requests.call import Call
    from k8s_devkit.strategy.document import Document

__all__ = [
    "check_configuration",
    "decode_configuration",
    "decode_patch",
    "patch_document",
    "patch_object",
    "patch_type",
    "shown_outcome",
]

_REJECTED = "the server rejected our request due to an error in our request"


def patch_object(core: ApiCore, call: Call) -> Answer:
    """Answer a PATCH."""
    media_type = patch_type(call, call.kind.patch_types)
    options = read_write_options(call.request, "PatchOptions", apply=media_type == APPLY)
    write = new_write(core, call, options)
    check_size(call.request.body)
    if media_type == APPLY:
        return _apply(call, write)

    def transform(live: Document) -> Document:
        # Only now: a patch of nothing is a 404, however malformed it is.
        body = decode_patch(media_type, call.request.body, write)
        patched = _result(write, patch_document(media_type, live, body, write), body, media_type)
        uid = patched["metadata"].get("uid")
        if uid and uid != live["metadata"]["uid"]:
            error = invalid_value("metadata.uid", uid, "field is immutable")
            raise invalid(call.kind.name, call.kind.resource.group, write.name, [error])
        return patched

    return answer_write(call, write, update_object(write, transform))


def patch_type(call: Call, accepted: tuple[str, ...]) -> str:
    """The media type of a patch. Raises the 415 for one that is not accepted."""
    media_type = call.request.header("content-type").split(";", 1)[0]
    if media_type not in accepted:
        raise unsupported_media_type(accepted)
    return media_type


def decode_patch(media_type: str, body: bytes, write: Write) -> Any:
    """The patch in a body; keys that it has twice are noted."""
    if media_type == JSON_PATCH:
        operations = decode_json_patch(body)
        write.notes.problems.extend(f"json patch {problem}" for problem in duplicates(body))
        return operations
    patch = decode_merge_patch(body, strategic=media_type == STRATEGIC_PATCH)
    write.notes.problems.extend(duplicates(body))
    return patch


def patch_document(media_type: str, live: Document, body: Any, write: Write) -> Any:
    """The document that a patch makes of another."""
    if media_type == MERGE_PATCH:
        return merge_patch(live, body)
    try:
        if media_type == STRATEGIC_PATCH:
            return strategic_merge(live, body, write.kind.shape())
        return apply_json_patch(live, body)
    except StrategicError as error:
        if error.code == 422:
            raise Failure(422, "Invalid", _REJECTED, {}) from None
        raise (bad_request if error.code == 400 else unreasoned)(str(error)) from None
    except PatchFailed:
        raise Failure(422, "Invalid", _REJECTED, {}) from None


def shown_outcome(media_type: str, patched: Any, body: Any) -> str:
    """What errors show of a patch whose outcome cannot be decoded."""
    if media_type == STRATEGIC_PATCH:
        return printed(body)
    return json.dumps(patched, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def _result(write: Write, patched: Any, body: Any, media_type: str) -> Document:
    """The object that a patch makes, decoded: its kind, its types, its name."""
    kind, resource = write.kind, write.kind.resource
    strategic, shown = media_type == STRATEGIC_PATCH, ""

    def outcome() -> str:
        return shown or shown_outcome(media_type, patched, body)

    if not isinstance(patched, dict):
        raise invalid_patch(
            outcome(), "couldn't get version/kind; json parse error: json: cannot unmarshal the outcome"
        )
    if strategic:  # it can't change what it is applied to
        patched.update(apiVersion=resource.api_version, kind=resource.kind)
    if write.options.validation == "Strict" and not strategic:
        shown = outcome()
    kind.codec.check_header_of_patched(patched, outcome)
    metadata = patched.get("metadata")
    if metadata is not None and not isinstance(metadata, dict):
        raise invalid_patch(
            outcome(), f"json: cannot unmarshal {json_type(metadata)} into Go value of type v1.ObjectMeta"
        )
    kind.codec.check_patched(patched, kind, write.name, outcome)
    patched["metadata"] = metadata or {}
    document = kind.codec.conform(
        kind, patched, write.notes, write.options.validation, patched=outcome, restored=strategic
    )
    _check_named(document, write.name)
    return document


def _apply(call: Call, write: Write) -> Answer:
    kind = call.kind
    write.operation = "Apply"
    target = target_of(write)

    def transform(live: Document) -> Document:
        body = decode_configuration(call.request.body, write)
        check_configuration(target, kind.resource, body)
        merged = apply_configuration(target, live, body, write.options.manager, force=write.options.force)
        metadata = merged["metadata"]
        if not live and metadata.get("uid"):
            text = (
                f"uid mismatch: the provided object specified uid {metadata['uid']}, and no existing object was found"
            )
            raise conflict(kind.resource, write.name, text)
        merged["apiVersion"], merged["kind"] = kind.resource.api_version, kind.name
        _check_named(merged, write.name)
        return kind.codec.conform(kind, merged, Notes(), "Ignore")

    return answer_write(call, write, update_object(write, transform, create=not write.subresource))


def _check_named(document: Document, name: str) -> None:
    if not (document.get("metadata") or {}).get("name"):
        raise bad_request(f"the name of the object ({name} based on URL) was undeterminable: name must be provided")


def decode_configuration(body: bytes, write: Write) -> Document:
    """The configuration in the body of an apply. Raises the 400 for anything but an object."""
    configuration = decode_document(body, APPLY, write.notes)
    if not isinstance(configuration, dict):
        raise bad_request(
            "error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal "
            f"{json_type(configuration)} into Go value of type map[string]interface {{}}"
        )
    return configuration


def check_configuration(target: Target, resource: APIResource, body: Document) -> None:
    """Check an applied configuration before it is merged: its kind, its metadata, and whether it fits the shape."""
    api_version, kind = body.get("apiVersion") or "", body.get("kind") or ""
    shown = f"{api_version if '/' in str(api_version) else f'/{api_version}'}, Kind={kind}"
    if (api_version, kind) != (resource.api_version, resource.kind):
        raise bad_request(f"invalid object type: {shown}")
    metadata = body.get("metadata")
    own = metadata if isinstance(metadata, dict) else {}
    if own.get("managedFields") is not None:
        raise bad_request("metadata.managedFields must be nil")
    if problems := configuration_problems(body, target.shape):
        subject = f"{own.get('namespace') or ''}/{own.get('name') or ''}; {shown}"
        raise unreasoned(f"failed to create typed patch object ({subject}): {problems}")
