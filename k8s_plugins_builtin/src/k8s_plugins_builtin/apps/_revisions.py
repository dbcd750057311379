# SPDX-License-Identifier: Apache-2.0
"""The revisions of a rollout, and how the template of one is put back, by the rules of ``kubectl rollout undo``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import Struct

from k8s_core.errors import RequestError, RolloutError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from k8s_core.client import Client
    from k8s_core.model import Resource
    from k8s_plugins_builtin.apps.v1 import ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet
    from k8s_plugins_builtin.core.v1 import PodTemplateSpec

    RolledOut: TypeAlias = Deployment | StatefulSet | DaemonSet

__all__ = ["Revision", "chosen", "controller_revisions", "replica_set_revisions", "restored_annotations"]

CHANGE_CAUSE = "kubernetes.io/change-cause"
TEMPLATE_HASH = "pod-template-hash"
_NUMBER = "deployment.kubernetes.io/revision"
_OWN_ANNOTATIONS = {
    "kubectl.kubernetes.io/last-applied-configuration",
    _NUMBER,
    "deployment.kubernetes.io/revision-history",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deprecated.deployment.rollback.to",
}
"""Annotations that describe the Deployment itself, not one of its revisions."""


class Revision(Struct, frozen=True):
    """One revision of a rollout.

    Attributes:
        number: as ``undo(to_revision=)`` takes it; the highest is the latest.
        change_cause: the annotation ``kubernetes.io/change-cause``; empty if there is none.
        template: its pods.
        source: the ReplicaSet or ControllerRevision that keeps it.
    """

    number: int
    change_cause: str
    template: PodTemplateSpec
    source: ReplicaSet | ControllerRevision


def replica_set_revisions(deployment: Deployment, client: Client) -> list[Revision]:
    """The revisions of a Deployment, the oldest first. One list request."""
    found = []
    for item in _controlled(deployment, client, "ReplicaSet"):
        number = item.metadata.annotations.get(_NUMBER, "")
        if number.isascii() and number.isdigit():
            template = item.spec.template.copy()
            template.metadata.labels.pop(TEMPLATE_HASH, None)
            found.append(Revision(int(number), _cause(item), template, item))
    return sorted(found, key=_number)


def controller_revisions(obj: StatefulSet | DaemonSet, client: Client) -> list[Revision]:
    """The revisions of a StatefulSet or DaemonSet, the oldest first. One list request."""
    found = []
    for item in _controlled(obj, client, "ControllerRevision"):
        # The data is a strategic merge patch: the directive beside the fields is not a part of the template.
        document = dict(item.data["spec"]["template"])
        document.pop("$patch", None)
        found.append(Revision(item.revision, _cause(item), type(obj.spec.template).from_dict(document), item))
    return sorted(found, key=_number)


def chosen(revisions: Sequence[Revision], to_revision: object, subject: str) -> Revision:
    """The revision of that number; None is the last but one.

    Raises:
        RequestError: not a number of a revision.
        RolloutError: there is no such revision; the message has those that there are.
    """
    if to_revision is None:
        if len(revisions) < 2:
            raise RolloutError(f"{subject} has no earlier revision to go back to")
        return revisions[-2]
    if isinstance(to_revision, bool) or not isinstance(to_revision, int) or to_revision < 1:
        raise RequestError(f"to_revision={to_revision!r} must be a number from 1 up, as history() lists them")
    for revision in revisions:
        if revision.number == to_revision:
            return revision
    known = ", ".join(str(revision.number) for revision in revisions) or "none"
    raise RolloutError(f"{subject} has no revision {to_revision}; it has {known}")


def restored_annotations(deployment: Deployment, revision: Revision) -> dict[str, str]:
    """The annotations of a Deployment that goes back to a revision: its own stay, the others are the revision's."""
    kept = deployment.metadata.annotations.items()
    brought = revision.source.metadata.annotations.items()
    return {key: value for key, value in kept if key in _OWN_ANNOTATIONS} | {
        key: value for key, value in brought if key not in _OWN_ANNOTATIONS
    }


def _controlled(obj: RolledOut, client: Client, kind: str) -> Iterable[Any]:
    # By the registry, since the module that has the class imports this one.
    cls = client.class_for(obj.apiVersion, kind)
    for item in client.list(cls, namespace=obj.metadata.namespace, labels=obj.spec.selector):
        if any(owner.controller and owner.uid == obj.metadata.uid for owner in item.metadata.ownerReferences):
            yield item


def _cause(source: Resource) -> str:
    return source.metadata.annotations.get(CHANGE_CAUSE, "")


def _number(revision: Revision) -> int:
    return revision.number
