# SPDX-License-Identifier: Apache-2.0
"""Reading the identity of an object, and its bytes, alike for resources and wire dicts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from k8s_core.errors import RequestError
from k8s_core.model import Model, Resource, check_required
from k8s_core.model.codec import encode_json

if TYPE_CHECKING:
    from k8s_core.kinds import APIResource
    from k8s_core.meta import ObjectMeta

__all__ = ["Identity", "Subject", "encoded", "not_a_string", "wire_identity"]

_PATHS = ("apiVersion", "kind", "metadata.name", "metadata.namespace", "metadata.uid", "metadata.resourceVersion")


class Identity(NamedTuple):
    """What a document says that it is; an empty string where it says nothing."""

    api_version: str
    kind: str
    name: str
    namespace: str
    uid: str
    resource_version: str


class Subject(NamedTuple):
    """An object that a request is about, with its kind resolved and its namespace decided."""

    cls: type[Resource]
    resource: APIResource
    name: str
    namespace: str | None
    uid: str
    resource_version: str


def wire_identity(obj: Resource | Mapping[str, Any]) -> Identity:
    """Read the identity of an object.

    Raises:
        RequestError: it is neither a resource nor a dict; apiVersion or kind is missing; an identifier is not a string.
    """
    if isinstance(obj, Resource):
        found = Identity(obj.apiVersion, obj.kind, *_identifiers(obj.metadata))
    elif isinstance(obj, Mapping):
        document = obj.get("metadata") or {}
        if not isinstance(document, Mapping):
            raise RequestError(f"metadata must be a mapping, not {type(document).__name__}")
        identifiers = [_present(document.get(key)) for key in ("name", "namespace", "uid", "resourceVersion")]
        found = Identity(_present(obj.get("apiVersion")), _present(obj.get("kind")), *identifiers)
        missing = [name for name, value in (("apiVersion", found.api_version), ("kind", found.kind)) if value == ""]
        if missing:
            raise RequestError(f"the document has no {' and no '.join(missing)}, so its kind is unknown")
    else:
        raise RequestError(f"expected an object (a resource or a wire dict), not {type(obj).__name__}")
    for path, value in zip(_PATHS, found, strict=True):
        if not isinstance(value, str):
            raise RequestError(not_a_string(path, value))
    return found


def _present(value: Any) -> Any:
    return "" if value is None else value


def not_a_string(path: str, value: Any, *, secret: bool = False) -> str:
    """What to say of a value that must be a string: YAML takes ``no`` for a boolean and ``010`` for a number.

    Args:
        path: where it is.
        value: what is there.
        secret: do not show it.
    """
    if isinstance(value, bool):
        found, words = ("true", "'yes', 'on'") if value else ("false", "'no', 'off'")
        advice = f"quote it ({words} or '{found}'), since YAML reads these words as booleans"
        return f"{path} is a boolean: {advice}" if secret else f"{path} is the boolean {found}: {advice}"
    if isinstance(value, (int, float)):
        return f"{path} is a number: quote it" if secret else f"{path} is the number {value}: quote it"
    return f"{path} must be a string, not {type(value).__name__}"


def _identifiers(metadata: Any) -> tuple[str, str, str, str]:
    if not isinstance(metadata, Model):
        # A server may answer with anything: an object with odd metadata has no identity.
        return "", "", "", ""
    fields = cast("ObjectMeta", metadata)
    return (
        _present(fields.name),
        _present(fields.namespace),
        _present(fields.uid),
        _present(fields.resourceVersion),
    )


def encoded(obj: Resource | Mapping[str, Any], *, new: bool = False) -> bytes:
    """The bytes to send for an object; untouched parts as they came.

    Args:
        new: the server has never seen it: check its required fields first.

    Raises:
        ValidationError: required fields of a new object are missing, all of them by path.
    """
    if new and isinstance(obj, Resource):
        check_required(obj)
    return encode_json(obj)
