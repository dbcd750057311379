# SPDX-License-Identifier: Apache-2.0
"""The rules for ``metadata`` on create and update, with the API server's texts (protocol C19-C24, H8-H10, J5, J6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.api_server.requests.options import is_number
from k8s_devkit.strategy.failures import Failure, bad_request, conflict, invalid, unreasoned
from k8s_devkit.strategy.field_errors import FieldError, invalid_value

if TYPE_CHECKING:
    from k8s_devkit.api_server.clock import Identities
    from k8s_devkit.api_server.kinds.kind import Kind
    from k8s_devkit.strategy.document import Document

__all__ = [
    "fill_created",
    "fill_updated",
    "invalid_object",
    "match_url",
]

_NAME_BASE_LIMIT = 58
_SERVER_OWNED = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink")


def invalid_object(kind: Kind, name: str, errors: list[FieldError]) -> Failure:
    """The 422 for an object of ``kind``."""
    return invalid(kind.name, kind.resource.group, name, errors)


def match_url(document: Document, namespace: str, name: str, *, named: bool = False) -> None:
    """Make body and URL agree, or raise the 400 (C24).

    Args:
        name: the one in the URL; empty for a create.
        named: the body has to say its name too.
    """
    metadata = document.setdefault("metadata", {})
    own = metadata.get("namespace") or ""
    if own != namespace:
        if own and namespace:
            raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
        if namespace:
            metadata["namespace"] = namespace
        else:
            metadata.pop("namespace", None)
    own_name = metadata.get("name") or ""
    if named and not own_name:
        raise bad_request(f"the name of the object ({name} based on URL) was undeterminable: name must be provided")
    if name and own_name and own_name != name:
        raise bad_request(f"the name of the object ({own_name}) does not match the name on the URL ({name})")


def fill_created(kind: Kind, document: Document, identities: Identities, now: str) -> None:
    """Give a new object what the server owns: uid, time, generation, a generated name."""
    metadata = document["metadata"]
    if metadata.get("resourceVersion"):
        raise unreasoned("resourceVersion should not be set on objects to be created")
    metadata.pop("resourceVersion", None)
    for name in _SERVER_OWNED:
        metadata.pop(name, None)
    if not metadata.get("name") and metadata.get("generateName"):
        metadata["name"] = metadata["generateName"][:_NAME_BASE_LIMIT] + identities.suffix()
    metadata["uid"] = identities.uid()
    metadata["creationTimestamp"] = now
    if kind.strategy.generation in ("counted", "fixed"):
        metadata["generation"] = 1


def fill_updated(kind: Kind, document: Document, live: Document) -> None:
    """Carry over what an update cannot change, and check what the update is conditional on (C21-C23, J6)."""
    metadata, old = document["metadata"], live["metadata"]
    name = old["name"]
    uid = metadata.get("uid")
    if uid and uid != old.get("uid"):
        raise conflict(kind.resource, name, _uid_text(kind, old, uid))
    _check_version(kind, metadata, old)
    for key in ("uid", "creationTimestamp", "generation", "selfLink"):
        if key in old:
            metadata[key] = old[key]
        else:
            metadata.pop(key, None)
    metadata["resourceVersion"] = old["resourceVersion"]
    for key in ("deletionTimestamp", "deletionGracePeriodSeconds"):
        if old.get("deletionTimestamp") and key in old:
            metadata[key] = old[key]
    if not metadata.get("name"):
        metadata.pop("name", None)


def _uid_text(kind: Kind, old: Document, uid: str) -> str:
    key = f"{old['namespace']}/{old['name']}" if old.get("namespace") else old["name"]
    return (
        f"StorageError: invalid object, Code: 4, Key: {kind.registry_path(key)}, "
        f"ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, "
        f"UID in object meta: {old.get('uid', '')}"
    )


def _check_version(kind: Kind, metadata: Document, old: Document) -> None:
    version = metadata.get("resourceVersion") or ""
    if not version or version == "0":
        if not kind.strategy.unconditional_update:
            # The number in the message is the version as the server parsed it: 0 stands for none.
            error = invalid_value("metadata.resourceVersion", 0, "must be specified for an update")
            # The storage layer knows resources only, so the plural stands where the kind would.
            raise invalid(kind.resource.plural, kind.resource.group, old["name"], [error])
        return
    if not is_number(str(version)):
        raise unreasoned(f'strconv.ParseUint: parsing "{version}": invalid syntax')
    if version != old["resourceVersion"]:
        raise conflict(kind.resource, old["name"])
