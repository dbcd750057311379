# SPDX-License-Identifier: Apache-2.0
"""The rules for ``metadata`` on create and update, with the API server's texts (protocol C19-C24, H8-H10, J5, J6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.failures import Failure, bad_request, conflict, invalid, unreasoned
from k8s_devkit.api_server.field_errors import FieldError, Problems, go_quoted, invalid_value
from k8s_devkit.api_server.kinds.formats import label_key, path_segment
from k8s_devkit.api_server.kinds.names import check_annotations, check_label_map, name_format
from k8s_devkit.api_server.requests.options import is_number

if TYPE_CHECKING:
    from k8s_devkit.api_server.clock import Identities
    from k8s_devkit.api_server.kinds.catalog import Kind

__all__ = [
    "check_metadata",
    "check_metadata_common",
    "check_metadata_update",
    "fill_created",
    "fill_updated",
    "finalizer_warnings",
    "invalid_object",
    "match_url",
]

Json = dict[str, Any]
_NAME_BASE_LIMIT = 58
_STANDARD_FINALIZERS = ("kubernetes", "orphan", "foregroundDeletion")
_SERVER_OWNED = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink")


def invalid_object(kind: Kind, name: str, errors: list[FieldError]) -> Failure:
    """The 422 for an object of ``kind``."""
    return invalid(kind.name, kind.resource.group, name, errors)


def match_url(document: Json, namespace: str, name: str, *, named: bool = False) -> None:
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
    if kind.traits.generation:
        metadata["generation"] = 1


def check_metadata(
    kind: Kind, document: Json, *, standard_finalizers: bool = False, created: bool = True
) -> list[FieldError]:
    """Check the metadata of an object by itself.

    Args:
        standard_finalizers: finalizers without a domain must be Kubernetes' own, as most built-in kinds have it.
        created: the object is new; otherwise an update goes over it once more.
    """
    metadata, problems = document["metadata"], Problems()
    name, base = metadata.get("name") or "", metadata.get("generateName") or ""
    name_problems = name_format(kind.key, created=created)
    if base:
        masked = f"{base[:-2]}a" if len(base) > 1 and base.endswith("-") else base
        problems.invalid("metadata.generateName", base, *name_problems(masked))
    if not name:
        problems.required("metadata.name", "name or generateName is required")
    else:
        problems.invalid("metadata.name", name, *name_problems(name))
    _check_common(problems, metadata)
    _check_finalizers(problems, metadata.get("finalizers") or [])
    if standard_finalizers:
        _check_standard(problems, metadata)
    return problems


def check_metadata_common(document: Json) -> list[FieldError]:
    """Check the metadata of a new object by the rules for all kinds, whose names can be any part of a path."""
    metadata, problems = document["metadata"], Problems()
    problems.nonnegative(metadata, "metadata", "generation")
    if not metadata.get("name"):
        problems.required("metadata.name", "name or generateName is required")
    problems.invalid("metadata.name", metadata.get("name", ""), *path_segment(metadata.get("name", "")))
    _check_common(problems, metadata)
    _check_finalizers(problems, metadata.get("finalizers") or [])
    return problems


def _check_common(problems: Problems, metadata: Json) -> None:
    problems += check_label_map(metadata.get("labels"), "metadata.labels")
    problems += check_annotations(metadata.get("annotations"), "metadata.annotations")
    _check_owners(problems, metadata.get("ownerReferences") or [])


# In the order in which Go writes them.
_OWNER = ("apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion")


def _check_owners(problems: Problems, owners: list[Json]) -> None:
    # The API server's errors do not say which one.
    path, first = "metadata.ownerReferences", ""
    owners = [{name: owner[name] for name in _OWNER if name in owner} for owner in owners]
    for owner in owners:
        version = (owner.get("apiVersion") or "").rpartition("/")[2]
        if not version:
            problems.invalid(f"{path}.apiVersion", owner.get("apiVersion", ""), "version must not be empty")
        for name in ("kind", "name", "uid"):
            if not owner.get(name):
                problems.invalid(f"{path}.{name}", owner.get(name, ""), "must not be empty")
        if (owner.get("apiVersion"), owner.get("kind")) == ("v1", "Event"):
            problems.invalid(path, owner, "/v1, Kind=Event is disallowed from being an owner")
        if owner.get("controller"):
            current = f"{owner.get('kind', '')}/{owner.get('name', '')}"
            if first:
                text = "Only one reference can have Controller set to true. "
                problems.invalid(path, owners, f'{text}Found "true" in references for {first} and {current}')
            first = first or current


def _check_finalizers(problems: Problems, finalizers: list[str]) -> None:
    for finalizer in finalizers:
        problems.invalid("metadata.finalizers", finalizer, *label_key(finalizer))
    if {"orphan", "foregroundDeletion"} <= set(finalizers):
        text = "finalizer orphan and foregroundDeletion cannot be both set"
        problems.invalid("metadata.finalizers", finalizers, text)


def _check_standard(problems: Problems, metadata: Json) -> None:
    for index, finalizer in enumerate(metadata.get("finalizers") or []):
        if "/" not in finalizer and finalizer not in _STANDARD_FINALIZERS:
            text = "name is neither a standard finalizer name nor is it fully qualified"
            problems.invalid(f"metadata.finalizers[{index}]", finalizer, text)


def fill_updated(kind: Kind, document: Json, live: Json) -> None:
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
        raise unreasoned(f'strconv.ParseUint: parsing "{version}": invalid syntax')
    if version != old["resourceVersion"]:
        raise conflict(kind.resource, old["name"])


def check_metadata_update(document: Json, live: Json, *, standard_finalizers: bool = False) -> list[FieldError]:
    """Check the metadata of the next state of an object."""
    metadata, old, problems = document["metadata"], live["metadata"], Problems()
    if old.get("deletionTimestamp"):
        known = old.get("finalizers") or []
        added = sorted({name for name in metadata.get("finalizers") or [] if name not in known})
        if added:
            shown = ", ".join(go_quoted(name) for name in added)
            problems.forbidden(
                "metadata.finalizers",
                "no new finalizers can be added if the object is being deleted, "
                f"found new finalizers []string{{{shown}}}",
            )
    for key in ("name", "namespace", "deletionTimestamp", "deletionGracePeriodSeconds"):
        if (metadata.get(key) or None) != (old.get(key) or None):
            problems.invalid(f"metadata.{key}", metadata.get(key), "field is immutable")
    _check_common(problems, metadata)
    if standard_finalizers:
        _check_standard(problems, metadata)
    return problems


def finalizer_warnings(document: Json, live: Json | None) -> list[str]:
    """The warnings for new finalizers whose names have no domain."""
    before = (live or {}).get("metadata", {}).get("finalizers") or []
    return [
        f'metadata.finalizers: "{name}": prefer a domain-qualified finalizer name to avoid accidental conflicts with '
        "other finalizer writers"
        for name in document["metadata"].get("finalizers") or []
        if "/" not in name and name not in before and name not in _STANDARD_FINALIZERS
    ]
