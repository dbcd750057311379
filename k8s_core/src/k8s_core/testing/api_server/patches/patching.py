# SPDX-License-Identifier: Apache-2.0
"""PATCH in its four forms (protocol C26-C30, J17, J18)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.testing.api_server.failures import Failure, bad_request, conflict, unreasoned, unsupported_media_type
from k8s_core.testing.api_server.patches.apply import apply_configuration
from k8s_core.testing.api_server.patches.checking import configuration_problems
from k8s_core.testing.api_server.patches.json_patch import PatchFailed, apply_json_patch, merge_patch
from k8s_core.testing.api_server.patches.managed import target_of
from k8s_core.testing.api_server.patches.strategic import StrategicError, strategic_merge
from k8s_core.testing.api_server.requests.bodies import Notes, check_kind, conform, decode_document
from k8s_core.testing.api_server.requests.options import read_write_options
from k8s_core.testing.api_server.writes.handlers import answer_write, new_write
from k8s_core.testing.api_server.writes.writing import Write, update_object

if TYPE_CHECKING:
    from k8s_core.kinds import APIResource
    from k8s_core.testing.api_server.core import ApiCore, Call
    from k8s_core.testing.api_server.network.messages import Answer
    from k8s_core.testing.api_server.patches.managed import Target

__all__ = ["APPLY", "JSON_PATCH", "MERGE_PATCH", "STRATEGIC_PATCH", "patch_document", "patch_object"]

Json = dict[str, Any]
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
_ALL = (JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY)
_CUSTOM = (JSON_PATCH, MERGE_PATCH, APPLY)
_OPERATION_LIMIT = 10_000


def patch_object(core: ApiCore, call: Call) -> Answer:
    """Answer a PATCH."""
    media_type = patch_type(call, custom=call.kind.traits.custom)
    options = read_write_options(call.request, "PatchOptions", apply=media_type == APPLY)
    write = new_write(core, call, options)
    if media_type == APPLY:
        return _apply(call, write)
    body = decode_document(call.request.body, media_type, write.notes if media_type != JSON_PATCH else None)
    check_patch(media_type, body)

    def transform(live: Json) -> Json:
        patched = patch_document(media_type, live, body, write)
        if not isinstance(patched, dict):
            raise bad_request("the patch does not leave an object")
        _check_named(patched, write.name)
        check_kind(patched, call.kind.resource, custom=call.kind.traits.custom)
        return conform(call.kind, patched, write.notes, options.validation, patch=True)

    return answer_write(call, write, update_object(write, transform))


def patch_type(call: Call, *, custom: bool) -> str:
    """The media type of a patch. Raises the 415 for one that the kind does not take."""
    media_type = call.request.header("content-type").split(";", 1)[0].strip().lower()
    accepted = _CUSTOM if custom else _ALL
    if media_type not in accepted:
        raise unsupported_media_type(accepted)
    return media_type


def check_patch(media_type: str, body: Any) -> None:
    """Check the outer form of a patch."""
    if media_type == JSON_PATCH:
        if not isinstance(body, list):
            raise bad_request(
                "error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch"
            )
        if len(body) > _OPERATION_LIMIT:
            message = f"The allowed maximum operations in a JSON patch is {_OPERATION_LIMIT}, got {len(body)}"
            raise Failure(413, "RequestEntityTooLarge", message)
    elif not isinstance(body, dict):
        raise bad_request(
            "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}"
        )


def patch_document(media_type: str, live: Json, body: Any, write: Write) -> Any:
    """The document that a patch makes of another."""
    if media_type == MERGE_PATCH:
        return merge_patch(live, body)
    try:
        if media_type == STRATEGIC_PATCH:
            return strategic_merge(live, body, write.kind.shape())
        return apply_json_patch(live, body)
    except StrategicError as error:
        raise bad_request(str(error)) from None
    except PatchFailed:
        message = "the server rejected our request due to an error in our request"
        raise Failure(422, "Invalid", message, {}) from None


def _apply(call: Call, write: Write) -> Answer:
    kind = call.kind
    body = decode_document(call.request.body, APPLY, write.notes)
    if not isinstance(body, dict):
        raise bad_request(
            "error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal "
            f"{_json_type(body)} into Go value of type map[string]interface {{}}"
        )
    write.operation = "Apply"
    target = target_of(write)

    def transform(live: Json) -> Json:
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
        return conform(kind, merged, Notes(), "Ignore")

    return answer_write(call, write, update_object(write, transform, create=not write.subresource))


def _check_named(document: Json, name: str) -> None:
    metadata = document.get("metadata")
    if metadata is not None and not isinstance(metadata, dict):
        raise bad_request("metadata is no object")
    if not (metadata or {}).get("name"):
        raise bad_request(f"the name of the object ({name} based on URL) was undeterminable: name must be provided")


def _json_type(value: Any) -> str:
    return {list: "array", str: "string", bool: "bool"}.get(type(value), "number")


def check_configuration(target: Target, resource: APIResource, body: Json) -> None:
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
