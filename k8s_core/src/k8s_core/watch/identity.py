# SPDX-License-Identifier: Apache-2.0
"""Reading who an object is from its bytes, without parsing the rest, and comparing resourceVersions (protocol E15)."""

from __future__ import annotations

from typing import Any

import msgspec

from k8s_core.errors import DecodeError
from k8s_core.model.codec import Identity, peek_identity
from k8s_core.model.wire import problem_of

__all__ = [
    "Bookmark",
    "Identity",
    "is_newer",
    "loose_key",
    "object_key",
    "peek",
    "peek_bookmark",
    "peek_parts",
    "peek_resource_version",
    "stub",
]

_INITIAL_EVENTS_END = "k8s.io/initial-events-end"


class _BookmarkMeta(msgspec.Struct, gc=False):
    resourceVersion: str = ""
    annotations: dict[str, str] | None = None


class _BookmarkObject(msgspec.Struct, gc=False):
    metadata: _BookmarkMeta


class _VersionMeta(msgspec.Struct, gc=False):
    resourceVersion: str = ""


class _VersionObject(msgspec.Struct, gc=False):
    metadata: _VersionMeta


class Bookmark(msgspec.Struct, gc=False):
    """What a BOOKMARK says: how far the stream is, and whether it ends the initial events (protocol D7, D20)."""

    resource_version: str
    initial_events_end: bool


_split = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_text = msgspec.json.Decoder(str).decode
_decode_bookmark = msgspec.json.Decoder(_BookmarkObject).decode
_decode_version = msgspec.json.Decoder(_VersionObject).decode


def peek(raw: bytes) -> Identity:
    """Read the identity of an object. One typed scan of the bytes, about 5 µs for a pod of 8.7 KB.

    Raises:
        DecodeError: not a JSON object, no ``metadata`` or ``metadata.name``, wrong types there, or not UTF-8.
    """
    if not raw.isascii():
        try:
            raw.decode()
        except UnicodeDecodeError as error:
            raise DecodeError(f"not a Kubernetes object: {error}") from error
    identity = peek_identity(raw)
    if not identity.name:
        raise DecodeError("not a Kubernetes object: metadata.name is missing or empty")
    return identity


def peek_parts(raw: bytes, parts: dict[str, Any] | None) -> Identity:
    """The same as :func:`peek` for an object that has been split into its fields, whose metadata it splits as well.

    Raises:
        DecodeError: as :func:`peek`.
    """
    if parts is None or not raw.isascii():
        return peek(raw)
    try:
        fields = parts["metadata"] = _split(parts["metadata"])
        name = _text(fields["name"])
        namespace = _text(fields["namespace"]) if "namespace" in fields else None
        identity = Identity(name, namespace, _text(fields["uid"]), _text(fields["resourceVersion"]))
    except (LookupError, msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        # Whatever is odd takes the road that knows every case.
        return peek(raw)
    return identity if name else peek(raw)


def peek_bookmark(raw: bytes | msgspec.Raw) -> Bookmark:
    """Read a BOOKMARK object, of which nothing but the resourceVersion is certain. Raises DecodeError."""
    try:
        meta = _decode_bookmark(raw).metadata
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise DecodeError(f"not a bookmark: {problem_of(error)}") from error
    return Bookmark(meta.resourceVersion, (meta.annotations or {}).get(_INITIAL_EVENTS_END) == "true")


def peek_resource_version(raw: bytes | msgspec.Raw) -> str:
    """The resourceVersion of an object that is otherwise unusable, ``""`` if even that can't be read."""
    try:
        return _decode_version(raw).metadata.resourceVersion
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return ""


def object_key(identity: Identity) -> str:
    """``"namespace/name"``, or ``"name"`` for objects without namespace (protocol D29)."""
    name = identity.name or ""
    return f"{identity.namespace}/{name}" if identity.namespace else name


def loose_key(raw: bytes) -> str:
    """The key of an object that :func:`peek` refuses, as far as it can be made out; ``""`` if it can't."""
    try:
        document: Any = msgspec.json.decode(raw.decode("utf-8", "replace"))
        metadata = document["metadata"]
        name, namespace = metadata["name"], metadata.get("namespace")
    except (msgspec.DecodeError, RecursionError, LookupError, TypeError, AttributeError):
        return ""
    if not isinstance(name, str) or not name:
        return ""
    return f"{namespace}/{name}" if isinstance(namespace, str) and namespace else name


def is_newer(one: str, other: str) -> bool | None:
    """Order two resourceVersions of one resource (protocol E15): True if ``one`` is the later.

    Returns None where they can't be ordered: not positive integers without leading zeros. There is no upper limit.
    """
    if not (one.isdigit() and other.isdigit() and one.isascii() and other.isascii() and one[0] != "0" != other[0]):
        return None
    if len(one) != len(other):
        return len(one) > len(other)
    return one > other


def stub(api_version: str, kind: str, key: str, uid: str, resource_version: str) -> bytes:
    """The least document that names an object: the body of a DELETED for which no last state is at hand."""
    namespace, _, name = key.rpartition("/")
    metadata = {"name": name, "namespace": namespace, "uid": uid, "resourceVersion": resource_version}
    present = {field: value for field, value in metadata.items() if value}
    return msgspec.json.encode({"apiVersion": api_version, "kind": kind, "metadata": present})
