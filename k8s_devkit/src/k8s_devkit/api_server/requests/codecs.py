# SPDX-License-Identifier: Apache-2.0
"""How bodies become objects: into Go's types, as kube-apiserver decodes built-in kinds, or without types, as it decodes
custom resources."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.kinds.shapes import METADATA
from k8s_devkit.api_server.patches.decoding import invalid_patch, json_type
from k8s_devkit.api_server.requests.bodies import decode_document
from k8s_devkit.api_server.requests.media_types import JSON, PROTOBUF, YAML
from k8s_devkit.api_server.writes.conform import WrongType, canonical_quantities, check_types, drop_nulls, prune
from k8s_devkit.strategy.failures import Failure, bad_request, internal_error, invalid, unsupported_media_type
from k8s_devkit.strategy.field_errors import invalid_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.kinds import APIResource
    from k8s_devkit.api_server.kinds.kind import Kind
    from k8s_devkit.api_server.network.messages import HttpRequest
    from k8s_devkit.api_server.requests.bodies import Notes
    from k8s_devkit.strategy.document import Document

__all__ = ["TYPED", "UNSTRUCTURED", "TypedCodec", "UnstructuredCodec"]

_SCHEME = "pkg/api/legacyscheme/scheme.go:30"
_HEADER = (
    r'Go value of type struct { APIVersion string "json:\"apiVersion,omitempty\""; '
    r'Kind string "json:\"kind,omitempty\"" }'
)


class TypedCodec:
    """Decodes into types that are known: what they do not have is dropped, and nulls are absent."""

    media_types: tuple[str, ...] = (JSON, YAML, PROTOBUF)
    """The types of bodies that can be read."""

    def read(
        self,
        request: HttpRequest,
        kind: Kind,
        resource: APIResource | None = None,
        notes: Notes | None = None,
        *,
        accepted_versions: tuple[str, ...] = (),
    ) -> Document:
        """Decode the object of a create or update, and check that it is of ``kind`` (or of a subresource's kind).

        Args:
            accepted_versions: further API versions that it may have, which look the same.
        """
        media_type = request.header("content-type").split(";", 1)[0].strip().lower() or JSON
        if media_type not in self.media_types:
            raise unsupported_media_type(TypedCodec.media_types)  # 1.36 names protobuf even where it is not taken
        expected = resource or kind.resource
        document = self._decode(request.body, media_type, expected.kind, notes)
        if not isinstance(document, dict):
            raise bad_request("couldn't get version/kind; json parse error: json: cannot unmarshal into an object")
        if resource is None:
            self._check_decoded(document, kind)
        if document.get("apiVersion") in accepted_versions:
            document["apiVersion"] = expected.api_version
        self.check_kind(document, expected)
        if not isinstance(document.setdefault("metadata", {}), dict):
            if document["metadata"] is not None:
                text = f"json: cannot unmarshal {json_type(document['metadata'])} into Go "
                raise bad_request(_handled_as(kind, f"{text}{self._metadata_place(kind)} of type v1.ObjectMeta"))
            document["metadata"] = {}
        return document

    def _decode(self, body: bytes, media_type: str, expected: str, notes: Notes | None) -> Any:
        try:
            document = decode_document(body, media_type, notes)
            _check_header(document)
            return self._check_present(document, body)
        except Failure as failure:
            if failure.code != 400:
                raise
            text = f"the object provided is unrecognized (must be of type {expected}): {failure.message}"
            raise bad_request(f"{text} ({_summary(body)})") from None

    def _check_present(self, document: Any, body: bytes) -> Any:
        """What an empty body stands for. Raises the 400 of one that stands for nothing."""
        return {} if document is None else document

    def _check_decoded(self, document: Document, kind: Kind) -> None:
        """Refuse what could be decoded but is of another kind."""

    def _metadata_place(self, kind: Kind) -> str:
        return f"struct field {kind.name}.metadata"

    def check_kind(self, document: Document, expected: APIResource) -> None:
        """Check apiVersion and kind of a body, which may leave them out, and fill them in. Raises the 400."""
        _check_header(document)
        kind, api_version = document.get("kind") or "", document.get("apiVersion") or ""
        if api_version and api_version != expected.api_version:
            raise self._wrong_version(kind, api_version, expected)
        if kind and kind != expected.kind:
            raise bad_request(
                f'{kind} in version "{expected.version}" cannot be handled as a {expected.kind}: '
                f'no kind "{kind}" is registered for version "{expected.api_version}" in scheme "{_SCHEME}"'
            )
        document["apiVersion"], document["kind"] = expected.api_version, expected.kind

    def _wrong_version(self, kind: str, api_version: str, expected: APIResource) -> Failure:
        if api_version.count("/") == expected.api_version.count("/"):
            # Within the group: a version that was never registered cannot even be decoded.
            version = api_version.rpartition("/")[2]
            return bad_request(
                f'{expected.kind} in version "{version}" cannot be handled as a {expected.kind}: no kind '
                f'"{kind or expected.kind}" is registered for version "{api_version}" in scheme "{_SCHEME}"'
            )
        return _other_version(api_version, expected)

    def check_header_of_patched(self, patched: Document, outcome: Callable[[], str]) -> None:
        """Refuse what a patch made if it cannot be decoded for want of a kind or version; ``outcome`` shows it."""

    def check_patched(self, patched: Document, kind: Kind, name: str, outcome: Callable[[], str]) -> None:
        """Check apiVersion and kind of what a patch made; ``outcome`` shows it."""
        try:
            self.check_kind(patched, kind.resource)
        except Failure as failure:
            text = failure.message.partition(" cannot be handled as ")[2] or failure.message
            raise invalid_patch(outcome(), text) from None

    def conform(
        self,
        kind: Kind,
        document: Document,
        notes: Notes,
        validation: str,
        *,
        patched: Callable[[], str] | None = None,
        restored: bool = False,
    ) -> Document:
        """Make a document what its kind can hold: drop what it does not know, refuse wrong types, and note both.

        Args:
            validation: ``Ignore``, ``Warn`` or ``Strict``.
            patched: the document came out of a patch, whose errors have another code; this shows it in their texts.
            restored: that was a strategic patch, whose outcome is not decoded from JSON.

        Returns:
            The document to store.
        """
        try:
            document, unknown = self._fit(kind, document)
        except WrongType as error:
            if patched is not None:
                raise invalid_patch(patched(), error.restored if restored else str(error)) from None
            raise bad_request(_handled_as(kind, str(error))) from None
        notes.problems.extend(f'unknown field "{path}"' for path in unknown)
        _deduplicate_owners(document["metadata"], notes)
        if notes.problems and validation == "Strict":
            text = "strict decoding error: " + ", ".join(notes.problems)
            raise bad_request(_handled_as(kind, text)) if patched is None else invalid_patch(patched(), text)
        if validation != "Ignore":
            notes.warnings.extend(notes.problems)
        return document

    def _fit(self, kind: Kind, document: Document) -> tuple[Document, list[str]]:
        """The document as its kind holds it, and the paths of the fields that were dropped. Raises WrongType."""
        shape = kind.shape()
        document = drop_nulls(document, shape)
        document.setdefault("metadata", {})
        unknown = prune(document, shape)
        check_types(document, shape)
        return canonical_quantities(document, shape), unknown


class UnstructuredCodec(TypedCodec):
    """Decodes JSON objects of any kind: the schema of a CRD is asked afterwards."""

    media_types = (JSON, YAML)

    def _check_present(self, document: Any, body: bytes) -> Any:
        if not (document or {}).get("kind"):
            shown = "null" if document is None else body.decode(errors="replace")
            raise bad_request(f"Object 'Kind' is missing in '{shown}'")
        return document

    def _check_decoded(self, document: Document, kind: Kind) -> None:
        sent = document.get("kind")
        if sent and sent != kind.name:
            # Any kind can be decoded here; that it is another one is found with the other errors of the object.
            metadata = document.get("metadata")
            name = (metadata.get("name") if isinstance(metadata, dict) else "") or ""
            error = invalid_value("kind", sent, f"must be {kind.name}")
            raise invalid(str(sent), kind.resource.group, str(name), [error])

    def _metadata_place(self, kind: Kind) -> str:
        return "value"

    def check_kind(self, document: Document, expected: APIResource) -> None:
        _check_header(document)
        kind, api_version = document.get("kind") or "", document.get("apiVersion") or ""
        if not (kind and api_version):
            missing = "apiVersion" if kind else "Kind"
            raise bad_request(f"Object '{missing}' is missing in '{json.dumps(document, separators=(',', ':'))}'")
        super().check_kind(document, expected)

    def _wrong_version(self, kind: str, api_version: str, expected: APIResource) -> Failure:
        return _other_version(api_version, expected)

    def check_patched(self, patched: Document, kind: Kind, name: str, outcome: Callable[[], str]) -> None:
        resource = kind.resource
        given, group = (patched["apiVersion"], patched["kind"]), str(patched["apiVersion"]).rpartition("/")[0]
        if given[1] != resource.kind:
            error = invalid_value("kind", given[1], f"must be {resource.kind}")
        elif given[0] != resource.api_version:
            error = invalid_value("apiVersion", given[0], f"must be {resource.api_version}")
        else:
            return
        raise invalid(given[1], group, name, [error])

    def check_header_of_patched(self, patched: Document, outcome: Callable[[], str]) -> None:
        if not patched.get("kind"):
            raise invalid_patch(outcome(), f"Object 'Kind' is missing in '{outcome()}'")
        if not patched.get("apiVersion"):
            raise internal_error("Object 'apiVersion' is missing in 'object has no apiVersion field'")

    def _fit(self, kind: Kind, document: Document) -> tuple[Document, list[str]]:
        document["metadata"] = drop_nulls(document["metadata"], METADATA)
        unknown = prune(document["metadata"], METADATA, "metadata")
        check_types(document["metadata"], METADATA, "ObjectMeta")
        return document, unknown + kind.prune(document)


TYPED, UNSTRUCTURED = TypedCodec(), UnstructuredCodec()


def _other_version(api_version: str, expected: APIResource) -> Failure:
    return bad_request(
        f"the API version in the data ({api_version}) does not match the expected API version ({expected.api_version})"
    )


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


def _deduplicate_owners(metadata: Document, notes: Notes) -> None:
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
