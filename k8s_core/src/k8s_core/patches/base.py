# SPDX-License-Identifier: Apache-2.0
"""The four kinds of patch as explicit values: which one is sent is never guessed from its shape (protocol C26-C28)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from k8s_core.errors import PatchError
from k8s_core.model import Model
from k8s_core.model.codec import encode_json
from k8s_core.patches.documents import document_of, prepare
from k8s_core.patches.json_diff import json_diff
from k8s_core.patches.merge_diff import merge_diff
from k8s_core.patches.strategic_diff import strategic_diff

__all__ = ["ApplyPatch", "JsonPatch", "MergePatch", "Patch", "StrategicMergePatch"]

_OPERATIONS = {"add": "value", "remove": None, "replace": "value", "move": "from", "copy": "from", "test": "value"}
_OPERATIONS_LIMIT = 10_000


class Patch:
    """Base of the four kinds of patch.

    Attributes:
        content_type: the media type that says to the server how to read the body.
        content: the wire form: a list of operations, or a document.
    """

    __slots__ = ("content",)

    content_type: ClassVar[str] = ""

    def __init__(self, content: Any) -> None:
        self.content = content

    def encode(self) -> bytes:
        """The request body."""
        return encode_json(self.content)

    def __bool__(self) -> bool:
        """False if the patch changes nothing, as the difference of two equal objects."""
        return bool(self.content)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Patch) and type(self) is type(other) and self.encode() == other.encode()

    __hash__ = None  # type: ignore[assignment]  # the content is mutable

    def __repr__(self) -> str:
        # The content may be that of a Secret; its shape is enough to recognise a patch in a log.
        size = len(self.content)
        return f"{type(self).__name__}(<{size} {'entry' if size == 1 else 'entries'}>)"


class JsonPatch(Patch):
    """RFC 6902: a list of operations on exact places. The server answers 422 if a place is missing or a test fails.

    Args:
        operations: dicts with ``op``, ``path`` and ``value`` or ``from``.

    Raises:
        PatchError: an operation that the server would refuse; the message has its index.
    """

    __slots__ = ()

    content_type = "application/json-patch+json"

    def __init__(self, operations: Iterable[Mapping[str, Any]]) -> None:
        if isinstance(operations, (Mapping, str, bytes)):
            raise PatchError("a JsonPatch is a list of operations; for a document use MergePatch")
        checked = [_checked_operation(index, operation) for index, operation in enumerate(operations)]
        if len(checked) > _OPERATIONS_LIMIT:
            raise PatchError(f"a JSON patch has at most {_OPERATIONS_LIMIT} operations, not {len(checked)}")
        super().__init__(checked)

    @classmethod
    def diff(cls, before: Any, after: Any, *, optimistic: bool = False) -> JsonPatch:
        """The operations that turn one object into another; models or dicts, neither is changed.

        Args:
            before: what the server has.
            after: what it shall have. Differences in what the server keeps (resourceVersion, managedFields, …) are
                left out.
            optimistic: let the server refuse with a Conflict if the object is not ``before`` any more (C27).

        Raises:
            PatchError: objects of two kinds, or ``optimistic`` without a resourceVersion to hold on to.
        """
        old, new, version = prepare(before, after)
        operations = json_diff(old, new)
        if optimistic and operations:
            operations.insert(0, {"op": "replace", "path": "/metadata/resourceVersion", "value": _version(version)})
        return cls(operations)


class MergePatch(Patch):
    """RFC 7386: a part of the document; null deletes a field, lists are replaced whole. Works for every kind.

    Args:
        document: the part to merge, a dict or a model.
    """

    __slots__ = ()

    content_type = "application/merge-patch+json"

    def __init__(self, document: Any) -> None:
        super().__init__(_checked_document(document, "MergePatch"))

    @classmethod
    def diff(cls, before: Any, after: Any, *, optimistic: bool = False) -> MergePatch:
        """The document that turns one object into another; arguments and errors as for :meth:`JsonPatch.diff`.

        A merge patch cannot set a field to null: a field that is null in ``after`` is removed.
        """
        old, new, version = prepare(before, after)
        return cls(_locked(merge_diff(old, new), version, optimistic))


class StrategicMergePatch(Patch):
    """Kubernetes' own merge: lists with a merge key are merged by item. Servers do not take it of custom resources.

    Args:
        document: the part to merge, a dict or a model; ``$patch`` and the other directives are allowed.
        allow_custom: send it even if the class of the kind lacks ``strategic_merge=True``; for aggregated APIs.
    """

    __slots__ = ("allow_custom",)

    content_type = "application/strategic-merge-patch+json"

    def __init__(self, document: Any, *, allow_custom: bool = False) -> None:
        super().__init__(_checked_document(document, "StrategicMergePatch"))
        self.allow_custom = allow_custom

    @classmethod
    def diff(cls, before: Any, after: Any, *, optimistic: bool = False) -> StrategicMergePatch:
        """The document that turns one object into another, list items matched by the merge keys of the class.

        Arguments and errors as for :meth:`JsonPatch.diff`; at least one of the two must be a model, whose class knows
        the merge keys. Where a merge key repeats in a list of ``after`` (TCP and UDP on one port, an environment
        variable that is set twice), the container or object that holds the list is replaced as a whole.

        Raises:
            PatchError: the class does not know a list that differs, or only the whole document could be replaced.
        """
        model = type(after) if isinstance(after, Model) else type(before) if isinstance(before, Model) else None
        if model is None:
            raise PatchError(
                "the difference of two dicts has no merge keys; give models, such as Deployment.from_dict(document), "
                "or use MergePatch.diff"
            )
        old, new, version = prepare(before, after)
        return cls(_locked(strategic_diff(old, new, model), version, optimistic))


class ApplyPatch(Patch):
    """Server-side apply: the fields that this manager wants to own, and no others (protocol C28).

    ``client.apply`` is the usual way to send one. ``metadata.managedFields`` is left out of the copy that is sent.

    Args:
        document: a dict or a model with ``apiVersion``, ``kind`` and ``metadata.name``.

    Raises:
        PatchError: one of these is missing.
    """

    __slots__ = ()

    content_type = "application/apply-patch+yaml"

    def __init__(self, document: Any) -> None:
        content = document_of(document, "the configuration to apply")
        metadata = content.get("metadata")
        metadata = dict(metadata) if isinstance(metadata, Mapping) else {}
        missing = [key for key in ("apiVersion", "kind") if not content.get(key)]
        if not metadata.get("name"):
            missing.append("metadata.name")
        if missing:
            advice = "; generateName does not work with apply" if metadata.get("generateName") else ""
            raise PatchError(f"a configuration to apply needs {', '.join(missing)}{advice}")
        metadata.pop("managedFields", None)
        content["metadata"] = metadata
        super().__init__(content)


def _checked_document(document: Any, what: str) -> dict[str, Any]:
    if isinstance(document, (list, tuple)):
        raise PatchError(f"a {what} is a document; for a list of operations use JsonPatch")
    return document_of(document, f"a {what}")


def _checked_operation(index: int, operation: Any) -> dict[str, Any]:
    if not isinstance(operation, Mapping):
        raise PatchError(f"operation {index} of the JSON patch must be a dict, not {type(operation).__name__}")
    op = operation.get("op")
    if op not in _OPERATIONS:
        from k8s_core.errors.hints import did_you_mean  # noqa: PLC0415  # only the message of an error needs it

        hint = did_you_mean(str(op), _OPERATIONS)
        raise PatchError(f"operation {index} of the JSON patch: op {op!r} is not one of {', '.join(_OPERATIONS)}{hint}")
    needed = _OPERATIONS[op]
    for key in ("path", "from") if needed == "from" else ("path",):
        pointer = operation.get(key)
        if not isinstance(pointer, str) or (pointer and not pointer.startswith("/")):
            raise PatchError(
                f"operation {index} of the JSON patch: {key} {pointer!r} must be a JSON pointer such as "
                "'/spec/replicas'"
            )
    if needed == "value" and "value" not in operation:
        raise PatchError(f"operation {index} of the JSON patch: {op} needs a value")
    return dict(operation)


def _locked(document: dict[str, Any], version: str | None, optimistic: bool) -> dict[str, Any]:
    if not optimistic or not document:
        return document
    metadata = document.get("metadata") or {}
    return {**document, "metadata": {**metadata, "resourceVersion": _version(version)}}


def _version(version: str | None) -> str:
    if not version:
        raise PatchError("optimistic=True needs a resourceVersion in before: read the object first")
    return version
