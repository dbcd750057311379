# SPDX-License-Identifier: Apache-2.0
"""The metadata of objects, which ``Resource`` declares for every kind. Programs import it from ``k8s_core.meta``."""

from __future__ import annotations

from typing import Any

from k8s_core.model.base import Model
from k8s_core.model.fields import ABSENT, field
from k8s_core.model.scalars import Time
from k8s_core.model.wire import Raw, decode_object

__all__ = ["ManagedFieldsEntry", "ObjectMeta", "OwnerReference"]


class OwnerReference(Model, map_type="atomic"):
    """The owner of an object, by which the garbage collector knows when to delete it (protocol H10, H11)."""

    apiVersion: str
    kind: str
    name: str
    uid: str
    controller: bool | None = None
    blockOwnerDeletion: bool | None = None


class ManagedFieldsEntry(Model):
    """Which field manager set which fields, and when; ``fieldsV1`` is kept verbatim (protocol E13, E14)."""

    manager: str | None = None
    operation: str | None = None
    apiVersion: str | None = None
    time: Time | None = None
    fieldsType: str | None = None
    fieldsV1: Any = ABSENT
    subresource: str | None = None


class ObjectMeta(Model):
    """What every object carries: name, namespace, labels, annotations, owners and the server's bookkeeping."""

    name: str | None = None
    generateName: str | None = None
    namespace: str | None = None
    labels: dict[str, str] = ABSENT
    annotations: dict[str, str] = ABSENT
    finalizers: list[str] = field(default=ABSENT, list_type="set", patch_strategy="merge")
    ownerReferences: list[OwnerReference] = field(
        default=ABSENT, list_type="map", list_map_keys=("uid",), patch_merge_key="uid", patch_strategy="merge"
    )
    uid: str | None = None
    resourceVersion: str | None = None
    generation: int | None = None
    creationTimestamp: Time | None = None
    deletionTimestamp: Time | None = None
    deletionGracePeriodSeconds: int | None = None
    selfLink: str | None = None
    managedFields: list[ManagedFieldsEntry] = field(default=ABSENT, list_type="atomic")

    @classmethod
    def _parse(cls, raw: Raw) -> Any:
        # managedFields is often half of an object's bytes and rarely read: leave the fields unparsed.
        return decode_object(raw)
