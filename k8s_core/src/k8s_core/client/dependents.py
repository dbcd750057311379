# SPDX-License-Identifier: Apache-2.0
"""Owner references: telling the garbage collector which object goes with which (protocol H10, H11). Pure.

A wrong reference deletes the dependent: the collector takes an owner that it cannot find for one that is gone. So the
rules are checked here, before anything is written.
See https://kubernetes.io/docs/concepts/architecture/garbage-collection/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core.errors import RequestError
from k8s_core.meta import OwnerReference

if TYPE_CHECKING:
    from k8s_core.meta import ObjectMeta
    from k8s_core.model import Resource

__all__ = ["add_owner", "owner_reference", "remove_owner"]


def owner_reference(
    owner: Resource, *, controller: bool | None = None, block_owner_deletion: bool | None = None
) -> OwnerReference:
    """The reference to an owner, for ``metadata.ownerReferences`` of what it owns.

    Args:
        owner: as read from the server, because its uid is part of the reference.
        controller: it manages the dependent; an object has one controller at most.
        block_owner_deletion: a foreground deletion of the owner waits for the dependent.

    Raises:
        RequestError: the owner has no name or no uid.
    """
    metadata = owner.metadata
    if not metadata.uid or not metadata.name:
        raise RequestError(f"the owner, {owner.kind} {metadata.name!r}, has no uid: read it from the server first")
    reference = OwnerReference(apiVersion=owner.apiVersion, kind=owner.kind, name=metadata.name, uid=metadata.uid)
    if controller is not None:
        reference.controller = controller
    if block_owner_deletion is not None:
        reference.blockOwnerDeletion = block_owner_deletion
    return reference


def add_owner(
    obj: Resource, owner: Resource, *, controller: bool | None = None, block_owner_deletion: bool | None = None
) -> bool:
    """Add a reference to an owner, keeping those to others; save the object afterwards.

    An object without a namespace gets the owner's. A reference to the same owner is brought up to date.

    Returns:
        True if the object was changed.

    Raises:
        RequestError: the owner is in another namespace, or in one while the object is cluster-scoped; there is another
            controller already; the owner has no uid. Nothing is changed then.
    """
    reference = owner_reference(owner, controller=controller, block_owner_deletion=block_owner_deletion)
    metadata, owning = obj.metadata, owner.metadata
    if owner.api_resource.namespaced:
        if not obj.api_resource.namespaced:
            raise RequestError(
                f"{obj.kind} is cluster-scoped and cannot be owned by a {owner.kind} in a namespace: "
                "the garbage collector would delete it"
            )
        if metadata.namespace and metadata.namespace != owning.namespace:
            raise RequestError(
                f"{obj.kind} {metadata.name!r} is in namespace {metadata.namespace!r}, its owner in "
                f"{owning.namespace!r}: the garbage collector would delete it"
            )
    for other in metadata.ownerReferences:
        if controller and other.controller and other.uid != reference.uid:
            raise RequestError(f"{obj.kind} {metadata.name!r} has a controller already: {other.kind} {other.name!r}")
    changed = _put(metadata, reference)
    if owner.api_resource.namespaced and not metadata.namespace:
        metadata.namespace = owning.namespace
        changed = True
    return changed


def remove_owner(obj: Resource, owner: Resource) -> bool:
    """Remove the reference to an owner; save the object afterwards.

    Returns:
        True if there was one.
    """
    references = obj.metadata.ownerReferences
    uid = owner.metadata.uid
    kept = [reference for reference in references if reference.uid != uid]
    if len(kept) == len(references):
        return False
    obj.metadata.ownerReferences = kept
    return True


def _put(metadata: ObjectMeta, reference: OwnerReference) -> bool:
    for index, known in enumerate(metadata.ownerReferences):
        if known.uid == reference.uid:
            updated = OwnerReference.from_dict(known.to_dict() | reference.to_dict())
            if updated == known:
                return False
            metadata.ownerReferences[index] = updated
            return True
    metadata.ownerReferences.append(reference)
    return True
