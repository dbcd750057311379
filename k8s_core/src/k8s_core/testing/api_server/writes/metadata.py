# SPDX-License-Identifier: Apache-2.0
"""The rules for ``metadata`` on create and update, with the API server's texts (protocol C19-C24, H8-H10, J5, J6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.testing.api_server.failures import Failure, bad_request, conflict, invalid, unreasoned
from k8s_core.testing.api_server.field_errors import FieldError, forbidden_field, invalid_value, required
from k8s_core.testing.api_server.kinds.names import check_labels, check_name, label_key_problem
from k8s_core.testing.api_server.requests.options import is_number

if TYPE_CHECKING:
    from k8s_core.testing.api_server.clock import Identities
    from k8s_core.testing.api_server.kinds.catalog import Kind

__all__ = ["check_metadata", "check_metadata_update", "fill_created", "fill_updated", "invalid_object", "match_url"]

Json = dict[str, Any]
_NAME_BASE_LIMIT = 58
_SERVER_OWNED = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink")


def invalid_object(kind: Kind, name: str, errors: list[FieldError]) -> Failure:
    """The 422 for an object of ``kind``."""
    return invalid(kind.name, kind.resource.group, name, errors)


def match_url(document: Json, namespace: str, name: str) -> None:
    """Make body and URL agree, or raise the 400 (C24). ``name`` empty: the URL names none (a create)."""
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
    if name and own_name and own_name != name:
        raise bad_request(f"the name of the object ({own_name}) does not match the name on the URL ({name})")


def fill_created(kind: Kind, document: Json, identities: Identities, now: str) -> None:
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
    metadata.pop("generation", None)
    if kind.traits.generation:
        metadata["generation"] = 1


def check_metadata(kind: Kind, document: Json) -> list[FieldError]:
    """Check the metadata of a new object."""
    metadata = document["metadata"]
    name = metadata.get("name") or ""
    errors: list[FieldError] = []
    if not name:
        errors.append(required("metadata.name", "name or generateName is required"))
    else:
        errors.extend(check_name(kind.key, name))
    errors.extend(_check_common(metadata))
    return errors


def _check_common(metadata: Json) -> list[FieldError]:
    errors = check_labels(metadata)
    for index, finalizer in enumerate(metadata.get("finalizers") or []):
        path = f"metadata.finalizers[{index}]"
        if problem := label_key_problem(finalizer):
            errors.append(invalid_value(path, finalizer, problem))
        elif "/" not in finalizer and finalizer not in ("orphan", "foregroundDeletion", "kubernetes"):
            errors.append(
                invalid_value(path, finalizer, "name is neither a standard finalizer name nor is it fully qualified")
            )
    errors.extend(_check_owners(metadata.get("ownerReferences") or []))
    return errors


def _check_owners(owners: list[Json]) -> list[FieldError]:
    errors = []
    controllers = []
    for index, owner in enumerate(owners):
        path = f"metadata.ownerReferences[{index}]"
        for name, text in (
            ("apiVersion", "version must not be empty"),
            ("kind", "kind must not be empty"),
            ("name", "name must not be empty"),
            ("uid", "uid must not be empty"),
        ):
            if not owner.get(name):
                errors.append(invalid_value(f"{path}.{name}", owner.get(name, ""), text))
        if owner.get("controller"):
            controllers.append(f"{owner.get('kind')}/{owner.get('name')}")
    if len(controllers) > 1:
        detail = f"Only one reference can have Controller set to true. Found {len(controllers)} references"
        errors.append(invalid_value("metadata.ownerReferences", owners, detail))
    return errors


def fill_updated(kind: Kind, document: Json, live: Json) -> None:
    """Carry over what an update cannot change, and check what the update is conditional on (C21-C23, J6)."""
    metadata, old = document["metadata"], live["metadata"]
    name = old["name"]
    uid = metadata.get("uid")
    if uid and uid != old.get("uid"):
        raise conflict(kind.resource, name, _uid_text(kind, old, uid))
    _check_version(kind, metadata, old)
    for key in ("uid", "creationTimestamp", "generation", "selfLink", "generateName"):
        if key in old:
            metadata[key] = old[key]
        elif key != "generateName":
            metadata.pop(key, None)
    metadata["resourceVersion"] = old["resourceVersion"]
    for key in ("deletionTimestamp", "deletionGracePeriodSeconds"):
        if old.get("deletionTimestamp") and key in old:
            metadata[key] = old[key]
    if not metadata.get("name"):
        metadata.pop("name", None)


def _uid_text(kind: Kind, old: Json, uid: str) -> str:
    key = f"{old['namespace']}/{old['name']}" if old.get("namespace") else old["name"]
    group = f"{kind.resource.group}/" if kind.traits.custom else ""
    return (
        f"StorageError: invalid object, Code: 4, Key: /registry/{group}{kind.resource.plural}/{key}, "
        f"ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, "
        f"UID in object meta: {old.get('uid', '')}"
    )


def _check_version(kind: Kind, metadata: Json, old: Json) -> None:
    version = metadata.get("resourceVersion") or ""
    if not version or version == "0":
        if not kind.traits.unconditional_update:
            # The number in the message is the version as the server parsed it: 0 stands for none.
            error = invalid_value("metadata.resourceVersion", 0, "must be specified for an update")
            # The storage layer knows resources only, so the plural stands where the kind would.
            raise invalid(kind.resource.plural, kind.resource.group, old["name"], [error])
        return
    if not is_number(str(version)):
        error = invalid_value(
            "metadata.resourceVersion", version, f'strconv.ParseUint: parsing "{version}": invalid syntax'
        )
        raise invalid_object(kind, old["name"], [error])
    if version != old["resourceVersion"]:
        raise conflict(kind.resource, old["name"])


def check_metadata_update(document: Json, live: Json) -> list[FieldError]:
    """Check the metadata of the next state of an object."""
    metadata, old = document["metadata"], live["metadata"]
    errors = [
        invalid_value(f"metadata.{key}", metadata.get(key), "field is immutable")
        for key in ("name", "namespace", "deletionTimestamp", "deletionGracePeriodSeconds")
        if (metadata.get(key) or None) != (old.get(key) or None)
    ]
    if old.get("deletionTimestamp"):
        added = [name for name in metadata.get("finalizers") or [] if name not in (old.get("finalizers") or [])]
        if added:
            shown = ", ".join(f'"{name}"' for name in added)
            errors.append(
                forbidden_field(
                    "metadata.finalizers",
                    "no new finalizers can be added if the object is being deleted, "
                    f"found new finalizers []string{{{shown}}}",
                )
            )
    errors.extend(_check_common(metadata))
    return errors
