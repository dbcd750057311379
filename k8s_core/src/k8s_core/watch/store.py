# SPDX-License-Identifier: Apache-2.0
"""The cache of an informer: objects as JSON bytes by key, with indexes and label selectors. Thread-safe; no I/O."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from k8s_core.selectors import LabelQuery

__all__ = ["Store", "drop_managed_fields", "split_key"]

_Parts = dict[str, msgspec.Raw]
_decode_parts = msgspec.json.Decoder(_Parts).decode
_encode = msgspec.json.Encoder().encode


class _LabelsMeta(msgspec.Struct, gc=False):
    labels: dict[str, str] | None = None


class _Labelled(msgspec.Struct, gc=False):
    metadata: _LabelsMeta | None = None


_decode_labels = msgspec.json.Decoder(_Labelled).decode


def split_key(key: str) -> tuple[str, str]:
    """``"namespace/name"`` as its two parts; the namespace is ``""`` for objects without one."""
    namespace, _, name = key.rpartition("/")
    return namespace, name


def drop_managed_fields(raw: bytes) -> bytes:
    """The same object without ``metadata.managedFields``, which is often half of it. Other bytes stay as they are."""
    if b'"managedFields"' not in raw:
        return raw
    try:
        parts = _decode_parts(raw)
        metadata = _decode_parts(parts["metadata"])
    except (msgspec.DecodeError, KeyError, RecursionError):
        return raw
    if metadata.pop("managedFields", None) is None:
        return raw
    parts["metadata"] = msgspec.Raw(_encode(metadata))
    return _encode(parts)


def _labels(raw: bytes) -> dict[str, str]:
    try:
        metadata = _decode_labels(raw).metadata
    except (msgspec.DecodeError, RecursionError):
        return {}
    return (metadata.labels if metadata is not None else None) or {}


class _Index:
    """Value to keys, and back, for one index function."""

    def __init__(self, function: Callable[[bytes], Iterable[Hashable]]) -> None:
        self.function = function
        self.keys: dict[Hashable, dict[str, None]] = {}
        self.values: dict[str, tuple[Hashable, ...]] = {}

    def put(self, key: str, raw: bytes) -> None:
        self.remove(key)
        values = tuple(dict.fromkeys(self.function(raw)))
        if values:
            self.values[key] = values
            for value in values:
                self.keys.setdefault(value, {})[key] = None

    def remove(self, key: str) -> None:
        for value in self.values.pop(key, ()):
            keys = self.keys[value]
            del keys[key]
            if not keys:
                del self.keys[value]


class Store:
    """Objects as bytes. Every method takes the lock for as long as it runs and no longer; results are copies.

    What is kept per object is its own bytes and a key; nothing is parsed until a caller does it.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._raw: dict[str, bytes] = {}
        self._namespaces: dict[str, dict[str, None]] = {}
        self._indexes: dict[str, _Index] = {}

    def __len__(self) -> int:
        return len(self._raw)

    def __contains__(self, key: object) -> bool:
        return key in self._raw

    def get(self, key: str) -> bytes | None:
        """The object's bytes, or None."""
        return self._raw.get(key)

    def put(self, key: str, raw: bytes) -> bytes | None:
        """Store an object and return the bytes that it replaces. What an index function raises goes to the caller."""
        with self.lock:
            before = self._raw.get(key)
            self._raw[key] = raw
            if before is None:
                self._namespaces.setdefault(split_key(key)[0], {})[key] = None
            for index in self._indexes.values():
                index.put(key, raw)
            return before

    def remove(self, key: str) -> bytes | None:
        """Remove an object and return its bytes, or None if there was none."""
        with self.lock:
            before = self._raw.pop(key, None)
            if before is None:
                return None
            namespace = split_key(key)[0]
            keys = self._namespaces[namespace]
            del keys[key]
            if not keys:
                del self._namespaces[namespace]
            for index in self._indexes.values():
                index.remove(key)
            return before

    def keys(self, namespace: str | None = None) -> list[str]:
        """The keys of one namespace, or of all, in the order in which they became known."""
        with self.lock:
            return list(self._raw if namespace is None else self._namespaces.get(namespace, ()))

    def items(self, namespace: str | None = None) -> list[tuple[str, bytes]]:
        """Keys and bytes of one namespace, or of all: a consistent snapshot that shares the bytes."""
        with self.lock:
            if namespace is None:
                return list(self._raw.items())
            return [(key, self._raw[key]) for key in self._namespaces.get(namespace, ())]

    def select(self, namespace: str | None, query: LabelQuery | None) -> list[bytes]:
        """The objects of a namespace (or all) whose labels match."""
        found = [raw for _, raw in self.items(namespace)]
        if query is None or query.is_everything:
            return found
        return [raw for raw in found if query.matches(_labels(raw))]

    def add_index(self, name: str, function: Callable[[bytes], Iterable[Hashable]]) -> None:
        """Keep an index over everything that is stored, now and later."""
        index = _Index(function)
        with self.lock:
            for key, raw in self._raw.items():
                index.put(key, raw)
            self._indexes[name] = index

    def indexes(self) -> list[str]:
        """The names of the indexes."""
        return list(self._indexes)

    def by_index(self, name: str, value: Hashable) -> list[bytes]:
        """The objects for which the index function gave ``value``. Raises KeyError for an unknown index."""
        with self.lock:
            return [self._raw[key] for key in self._indexes[name].keys.get(value, ())]

    def index_values(self, name: str) -> list[Any]:
        """The values that the index has objects for. Raises KeyError for an unknown index."""
        with self.lock:
            return list(self._indexes[name].keys)
