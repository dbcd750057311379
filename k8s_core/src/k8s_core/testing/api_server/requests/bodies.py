# SPDX-License-Identifier: Apache-2.0
"""Reading request bodies: media types, size, unknown and duplicate fields (protocol C30, C39, J22, J29)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from k8s_core.model.wire import TOO_DEEP, nests_deeper
from k8s_core.testing.api_server.failures import Failure, bad_request, invalid, unsupported_media_type
from k8s_core.testing.api_server.field_errors import invalid_value
from k8s_core.testing.api_server.json_text import load_json
from k8s_core.testing.api_server.kinds.shapes import METADATA
from k8s_core.testing.api_server.patches.decoding import invalid_patch, json_type, problem_of_json
from k8s_core.testing.api_server.writes.conform import WrongType, canonical_quantities, check_types, drop_nulls, prune

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from k8s_core.kinds import APIResource
    from k8s_core.testing.api_server.kinds.catalog import Kind
    from k8s_core.testing.api_server.network.messages import HttpRequest

__all__ = ["BODY_LIMIT", "Notes", "check_size", "conform", "decode_document", "duplicates", "read_object"]

Json = dict[str, Any]
BODY_LIMIT = 3 * 1024 * 1024
PROTOBUF = "application/vnd.kubernetes.protobuf"
_OBJECT_TYPES = ("application/json", "application/yaml", PROTOBUF)
_CUSTOM_TYPES = ("application/json", "application/yaml")
_HEADER = (
    r'Go value of type struct { APIVersion string "json:\"apiVersion,omitempty\""; '
    r'Kind string "json:\"kind,omitempty\"" }'
)


@dataclass(slots=True)
class Notes:
    """What was wrong with a body, but not refused: becomes Warning headers, or the error of a strict request."""

    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def decode_document(body: bytes, content_type: str, notes: Notes | None = None) -> Any:
    """Decode a JSON or YAML body.

    Raises:
        Failure: 400 for a body that does not parse, 413 for one above 3 MiB.
    """
    check_size(body)
    if content_type.endswith("yaml"):
        return _decode_yaml(body)
    if content_type == PROTOBUF:
        return _decode_protobuf(body)
    try:
        body = body if body.isascii() else body.decode(errors="replace").encode()
        document = load_json(body)
    except ValueError:
        raise bad_request(f"couldn't get version/kind; json parse error: {problem_of_json(body)}") from None
    if notes is not None:
        notes.problems.extend(duplicates(body))
    return document


def check_size(body: bytes) -> None:
    """Raise the 413 for a body above 3 MiB."""
    if len(body) > BODY_LIMIT:
        message = f"Request entity too large: limit is {BODY_LIMIT}"
        raise Failure(413, "RequestEntityTooLarge", message)


def _decode_protobuf(body: bytes) -> Any:
    from k8s_core.testing.api_server.requests.protobuf import CannotDecode, decode_protobuf

    try:
        document = decode_protobuf(body)
        if nests_deeper(document):
            raise CannotDecode(TOO_DEEP)
        return document
    except (CannotDecode, RecursionError) as error:
        failure = unsupported_media_type(_CUSTOM_TYPES)
        failure.message += f" (this protobuf cannot be read: {error})"
        raise failure from None


def _decode_yaml(body: bytes) -> Any:
    from k8s_core.model.yaml import load_yaml

    try:
        return load_yaml(body.decode())
    except ValueError as error:
        raise bad_request(f"error parsing YAML: {error}") from None
    except Exception as error:
        if type(error).__module__.startswith(("yaml", "k8s_core")):
            raise bad_request(f"error parsing YAML: {error}") from None
        raise


def duplicates(body: bytes) -> list[str]:
    """The texts for keys that occur twice in one object (E3)."""
    found = False

    def collect(pairs: list[tuple[str, Any]]) -> Json:
        nonlocal found
        document = dict(pairs)
        found = found or len(document) != len(pairs)
        return document

    json.loads(body, object_pairs_hook=collect)
    # Hardly ever: only then is it worth knowing where.
    return list(_duplicate_fields(json.loads(body, object_pairs_hook=_Pairs), "")) if found else []


class _Pairs(list[tuple[str, Any]]):
    """The members of one JSON object, repeated ones included."""


def _duplicate_fields(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, _Pairs):
        seen: set[str] = set()
        for key, child in value:
            where = f"{path}.{key}" if path else key
            if key in seen:
                yield f'duplicate field "{where}"'
            seen.add(key)
            yield from _duplicate_fields(child, where)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _duplicate_fields(child, f"{path}[{index}]")


def read_object(
    request: HttpRequest, kind: Kind, resource: APIResource | None = None, notes: Notes | None = None
) -> Json:
    """Decode the object of a create or update and check that it is of ``kind`` (or of a subresource's kind)."""
    media_type = request.header("content-type").split(";", 1)[0].strip().lower() or "application/json"
    accepted = _CUSTOM_TYPES if kind.traits.custom else _OBJECT_TYPES
    if media_type not in accepted:
        raise unsupported_media_type(_OBJECT_TYPES)  # for custom resources, too: 1.36 names protobuf without taking it
    document = _decode_object(request.body, media_type, kind.traits.custom, (resource or kind.resource).kind, notes)
    if not isinstance(document, dict):
        raise bad_request("couldn't get version/kind; json parse error: json: cannot unmarshal into an object")
    sent = document.get("kind")
    if kind.traits.custom and resource is None and sent and sent != kind.name:
        # Any kind can be decoded here; that it is another one is found with the other errors of the object.
        metadata = document.get("metadata")
        name = (metadata.get("name") if isinstance(metadata, dict) else "") or ""
        raise invalid(str(sent), kind.resource.group, str(name), [invalid_value("kind", sent, f"must be {kind.name}")])
    check_kind(document, resource or kind.resource, custom=kind.traits.custom)
    if not isinstance(document.setdefault("metadata", {}), dict):
        if document["metadata"] is not None:
            text = f"json: cannot unmarshal {json_type(document['metadata'])} into Go "
            where = "value" if kind.traits.custom else f"struct field {kind.name}.metadata"
            raise bad_request(_handled_as(kind, f"{text}{where} of type v1.ObjectMeta"))
        document["metadata"] = {}
    return document


def _decode_object(body: bytes, media_type: str, custom: bool, expected: str, notes: Notes | None) -> Any:
    try:
        document = decode_document(body, media_type, notes)
        if document is None and not custom:
            return {}
        _check_header(document)
        if custom and not (document or {}).get("kind"):
            shown = "null" if document is None else body.decode(errors="replace")
            raise bad_request(f"Object 'Kind' is missing in '{shown}'")
    except Failure as failure:
        if failure.code != 400:
            raise
        text = f"the object provided is unrecognized (must be of type {expected}): {failure.message}"
        raise bad_request(f"{text} ({_summary(body)})") from None
    return document


def _check_header(document: Any) -> None:
    if document is None:
        return
    into, found = _HEADER, document
    if isinstance(document, dict):
        wrong = [name for name in ("apiVersion", "kind") if not isinstance(document.get(name) or "", str)]
        if not wrong:
            if (document.get("apiVersion") or "").count("/") > 1:
                raise bad_request(f"unexpected GroupVersion string: {document['apiVersion']}")
            return
        into, found = f"Go struct field .{wrong[0]} of type string", document[wrong[0]]
    raise bad_request(
        f"couldn't get version/kind; json parse error: json: cannot unmarshal {json_type(found)} into {into}"
    )


def _summary(body: bytes) -> str:
    if not body:
        return "<empty>"
    more = " ..." if len(body) > 30 else ""
    return (body[:30].decode(errors="replace") if body[:1] == b"{" else body[:30].hex()) + more


def check_kind(document: Json, expected: APIResource, *, custom: bool) -> None:
    """Check apiVersion and kind of a body; built-in kinds may leave them out. Raises the 400."""
    _check_header(document)
    kind, api_version = document.get("kind") or "", document.get("apiVersion") or ""
    if custom and not (kind and api_version):
        missing = "apiVersion" if kind else "Kind"
        raise bad_request(f"Object '{missing}' is missing in '{json.dumps(document, separators=(',', ':'))}'")
    if api_version and api_version != expected.api_version:
        version = api_version.rpartition("/")[2]
        if api_version.count("/") == expected.api_version.count("/") and not custom:
            # Within the group: a version that was never registered cannot even be decoded.
            raise bad_request(
                f'{expected.kind} in version "{version}" cannot be handled as a {expected.kind}: no kind '
                f'"{kind or expected.kind}" is registered for version "{api_version}" in scheme '
                '"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30"'
            )
        raise bad_request(
            f"the API version in the data ({api_version}) does not match "
            f"the expected API version ({expected.api_version})"
        )
    if kind and kind != expected.kind:
        version = expected.version
        raise bad_request(
            f'{kind} in version "{version}" cannot be handled as a {expected.kind}: '
            f'no kind "{kind}" is registered for version "{expected.api_version}" in scheme '
            '"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30"'
        )
    document["apiVersion"], document["kind"] = expected.api_version, expected.kind


def conform(
    kind: Kind,
    document: Json,
    notes: Notes,
    validation: str,
    *,
    patched: Callable[[], str] | None = None,
    restored: bool = False,
) -> Json:
    """Make a document what its kind can hold: drop what it does not know, refuse wrong types, and note both.

    Args:
        validation: ``Ignore``, ``Warn`` or ``Strict`` (C30).
        patched: the document came out of a patch, whose errors have another code; this shows it in their texts.
        restored: that was a strategic patch, whose outcome is not decoded from JSON.

    Returns:
        The document to store; nulls of built-in kinds are gone.
    """
    custom = kind.traits.custom
    try:
        if not custom:
            document = drop_nulls(document, kind.shape())
            document.setdefault("metadata", {})
            notes.problems.extend(f'unknown field "{path}"' for path in prune(document, kind.shape()))
            check_types(document, kind.shape())
            document = canonical_quantities(document, kind.shape())
        else:
            document["metadata"] = drop_nulls(document["metadata"], METADATA)
            unknown = prune(document["metadata"], METADATA, "metadata")
            check_types(document["metadata"], METADATA, "ObjectMeta")
            if kind.custom is not None:
                unknown += kind.custom.prune(document)
            notes.problems.extend(f'unknown field "{path}"' for path in unknown)
    except WrongType as error:
        if patched is not None:
            raise invalid_patch(patched(), error.restored if restored else str(error)) from None
        raise bad_request(_handled_as(kind, str(error))) from None
    _deduplicate_owners(document["metadata"], notes)
    if notes.problems and validation == "Strict":
        text = "strict decoding error: " + ", ".join(notes.problems)
        raise bad_request(_handled_as(kind, text)) if patched is None else invalid_patch(patched(), text)
    if validation != "Ignore":
        notes.warnings.extend(notes.problems)
    return document


def _deduplicate_owners(metadata: Json, notes: Notes) -> None:
    """Drop owner references that are there twice, with a warning (H10)."""
    owners = metadata.get("ownerReferences")
    if not owners:
        return
    unique = [owner for index, owner in enumerate(owners) if owner not in owners[:index]]
    if len(unique) < len(owners):
        again = sorted({str(owner.get("uid")) for index, owner in enumerate(owners) if owner in owners[:index]})
        metadata["ownerReferences"] = unique
        notes.warnings.append(
            ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, "
            "and may reject such requests as early as 1.24; please fix your requests; "
            f"duplicate UID(s) observed: {', '.join(again)}"
        )


def _handled_as(kind: Kind, text: str) -> str:
    return f'{kind.name} in version "{kind.resource.version}" cannot be handled as a {kind.name}: {text}'
