# SPDX-License-Identifier: Apache-2.0
"""Bytes to objects and back. Objects keep their bytes and parse what is touched; untouched parts go out as they came.

All functions are pure and thread-safe, except that ``collector_paused`` acts on the process's garbage collector.
"""

from __future__ import annotations

import datetime
import gc
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from k8s_core.errors import DecodeError, FieldTypeError
from k8s_core.model.base import Model, View
from k8s_core.model.hooked import is_hooked
from k8s_core.model.scalars import Quantity, encode_base64, format_duration, format_micro_time, format_time
from k8s_core.model.sending import with_steps
from k8s_core.model.wire import MAX_NESTING, TOO_DEEP, Raw, copy_json, decode, decode_document, encode, problem_of
from k8s_core.seam import schemas

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_core.kinds import APIResource
    from k8s_core.model.resource import Resource

    M = TypeVar("M", bound=Model)
    R = TypeVar("R", bound=Resource)

__all__ = [
    "Identity",
    "RawList",
    "adopt",
    "collector_paused",
    "decode_json",
    "encode_json",
    "load_resource",
    "outgoing",
    "over_document",
    "peek_identity",
    "split_list",
    "split_object",
    "wire_value",
]


class Identity(msgspec.Struct, gc=False):
    """The part of ``metadata`` that tells objects and their versions apart; None where the wire has nothing."""

    name: str | None = None
    namespace: str | None = None
    uid: str | None = None
    resourceVersion: str | None = None


class _Peek(msgspec.Struct, gc=False):
    metadata: Identity | None = None


class RawList(msgspec.Struct, gc=False):
    """A list response, split: each item is its own JSON bytes, free of the response body.

    ``metadata`` is the wire ListMeta (``resourceVersion``, ``continue``, ``remainingItemCount``).
    """

    items: list[Any]
    metadata: dict[str, Any]
    apiVersion: str = ""
    kind: str = ""

    @property
    def api_version(self) -> str:
        """The list's own apiVersion, which its items lack (protocol C13)."""
        return self.apiVersion


class _WireList(msgspec.Struct):
    items: list[Raw] | msgspec.UnsetType | None = msgspec.UNSET
    metadata: dict[str, Any] | None = None
    apiVersion: str = ""
    kind: str = ""


_NO_ITEMS = "not a list document: it has no items"
_decode_peek = msgspec.json.Decoder(_Peek).decode
_decode_list = msgspec.json.Decoder(_WireList).decode


def decode_json(data: bytes) -> Any:
    """Parse JSON into plain values.

    Raises:
        DecodeError: malformed, not UTF-8, or nested deeper than 200 levels.
    """
    return decode_document(data)


def encode_json(value: Any) -> bytes:
    """Encode a model, or plain JSON values that may contain models, as compact JSON.

    Parts of a resource that nobody touched are the very bytes that the server sent. An object whose class, or a class
    below it, has a Schema of its own is dumped through it. Fields with a step before sending take it on a copy.

    Raises:
        FieldTypeError: the value holds something that JSON can't, naming its path.
        ValidationError: a hook of such a Schema refuses to dump the object.
    """
    if isinstance(value, Model):
        value = with_steps(value)
        cls = type(value)
        if cls._hooked is not False and is_hooked(cls):
            return encode_wire(_dumped(value))
        return value._encode() if hasattr(value, "_encode") else encode_wire(value._wire or value.to_dict())
    return encode_wire(outgoing(value))


def wire_value(value: Any) -> Any:
    """The JSON value of a model, a view or a scalar of this package; for other encoders.

    ::

        json.dumps(config_map.data, default=wire_value, indent=2)
        msgspec.json.encode({"pod": pod}, enc_hook=wire_value)
        yaml.safe_dump(wire_value(pod.spec))

    Args:
        value: an object, a list or a map of one, a ``Quantity``, a datetime, a timedelta, or bytes.

    Returns:
        A copy in the wire form: dicts, lists, strings.

    Raises:
        TypeError: a value of another type, as encoders expect it.
    """
    if isinstance(value, View):
        return outgoing(value)
    if isinstance(value, Quantity):
        return str(value)
    if isinstance(value, datetime.datetime):
        return format_micro_time(value) if value.microsecond else format_time(value)
    if isinstance(value, datetime.timedelta):
        return format_duration(value)
    if isinstance(value, bytes):
        return encode_base64(value)
    raise TypeError(f"{type(value).__name__} has no form on the wire: it is neither JSON nor a type of k8s_core.model")


def outgoing(value: Any) -> Any:
    """The JSON value that is sent for a model, or for plain JSON values that may contain models; always a copy.

    Raises:
        FieldTypeError, ValidationError: as ``encode_json``.
    """
    return copy_json(_dumped_within(value, MAX_NESTING))


def _dumped_within(value: Any, levels: int) -> Any:
    if isinstance(value, Model):
        value = with_steps(value)
        return _dumped(value) if is_hooked(type(value)) else value
    if type(value) not in (dict, list, tuple):
        return value
    if not levels:
        return copy_json(value, levels=0)
    if type(value) is dict:
        return {key: _dumped_within(item, levels - 1) for key, item in value.items()}
    return [_dumped_within(item, levels - 1) for item in value]


def _dumped(obj: Model) -> dict[str, Any]:
    return schemas.dump_document(obj)


def encode_wire(wire: Any) -> bytes:
    """Encode a wire document, unparsed parts included.

    A server's document goes back whatever its nesting. Raises FieldTypeError where the encoder can't go that deep.
    """
    try:
        return encode(wire)
    except RecursionError:
        raise FieldTypeError({"": [TOO_DEEP]}) from None
    except (OverflowError, UnicodeEncodeError):
        # Integers beyond 64 bits and lone surrogates: rare enough to take the slow road.
        import json  # noqa: PLC0415  # almost no process needs it (5 modules)

        return json.dumps(copy_json(wire), separators=(",", ":")).encode("ascii")


def load_resource(cls: type[R], raw: bytes, parts: dict[str, Any] | None = None) -> R:
    """An object over its JSON bytes, which are parsed when something is read.

    Args:
        cls: the kind's class.
        raw: one JSON object. List items lack ``apiVersion`` and ``kind``; they are filled in from the class (C13).
        parts: the same as ``{field: Raw}``, for callers that have split it; the object takes the dict over.

    Never refuses what the server sent; malformed JSON raises DecodeError on first access. An object whose class, or a
    class below it, has a Schema of its own is loaded through it at once; what its hooks raise, this raises.

    Raises:
        ValidationError: a hook of such a Schema refuses the object.
        DecodeError: such an object, or a list item, is malformed.
    """
    return cls._load(raw, parts)


def split_object(obj: Resource) -> None:
    """Split the bytes of an object into its fields now, instead of when something is read.

    Raises:
        DecodeError: they are not a JSON object.
    """
    if obj._wire is None:
        obj._bind()


def over_document(cls: type[M], document: dict[str, Any]) -> M:
    """An object over a wire document, which it takes over: nothing is checked, copied or filled in."""
    return cls._view(document, None, None)


def adopt(obj: R, saved: R) -> None:
    """Take over into ``obj`` the newer state of the same object that was just decoded, and which is not used any more.

    Nothing is encoded or split again. Views of parts of ``obj`` that were handed out show the new state.
    """
    obj._adopt(saved)


def peek_identity(raw: bytes) -> Identity:
    """Read name, namespace, uid and resourceVersion without parsing the rest.

    Raises:
        DecodeError: not a JSON object, or one of the four is not a string.
    """
    try:
        return _decode_peek(raw).metadata or Identity()
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise DecodeError(f"not an object with metadata: {problem_of(error)}") from error


def split_list(body: bytes, resource: APIResource | None = None) -> RawList:
    """Split a list response into its items without parsing them.

    ``items: null`` is an empty list (C13).

    Args:
        body: the JSON.
        resource: what was asked for; None takes a list of any kind.

    Raises:
        DecodeError: not JSON, not a list document, or a list of another kind. What is taken for an empty list makes a
            cache forget everything.
    """
    found = _split(body)
    if resource is not None:
        _check_list(found, resource)
    return found


def _check_list(found: RawList, resource: APIResource) -> None:
    if not found.kind or found.kind in ("List", "PartialObjectMetadataList"):
        return
    wrong_kind = resource.list_kind and found.kind != resource.list_kind
    if wrong_kind or (found.apiVersion and found.apiVersion != resource.api_version):
        wanted = f"{resource.api_version} {resource.list_kind or f'list of {resource.plural}'}"
        raise DecodeError(f"expected a {wanted}, and the server answered with a {found.apiVersion} {found.kind}")


def _split(body: bytes) -> RawList:
    try:
        parts = _decode_list(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        return _split_tolerantly(body, error)
    if parts.items is msgspec.UNSET:
        raise DecodeError(_NO_ITEMS)
    # bytes() copies: an object that outlives its response must not pin the whole body.
    return RawList([bytes(item) for item in parts.items or ()], parts.metadata or {}, parts.apiVersion, parts.kind)


def _split_tolerantly(body: bytes, error: Exception) -> RawList:
    """For lists whose envelope is odd or that hold JSON only the standard library reads."""
    document = decode(body)
    if not isinstance(document, dict) or not isinstance(document.get("items"), list | None):
        raise DecodeError(f"not a list document: {error}") from error
    if "items" not in document:
        raise DecodeError(_NO_ITEMS)
    metadata = document.get("metadata")
    return RawList(
        [encode_wire(item) for item in document.get("items") or ()],
        metadata if isinstance(metadata, dict) else {},
        str(document.get("apiVersion") or ""),
        str(document.get("kind") or ""),
    )


_pause_lock = threading.Lock()
_pauses = 0
_was_enabled = False


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the cyclic garbage collector around bulk decoding, which makes no cycles but many objects.

    Re-entrant and thread-safe: the collector runs again when the last pause ends, if it ran before the first.
    """
    global _pauses, _was_enabled
    with _pause_lock:
        if _pauses == 0:
            _was_enabled = gc.isenabled()
            gc.disable()
        _pauses += 1
    try:
        yield
    finally:
        with _pause_lock:
            _pauses -= 1
            if _pauses == 0 and _was_enabled:
                gc.enable()
