# SPDX-License-Identifier: Apache-2.0
"""How the built-in kinds differ from each other on the server: tables out of the API server's strategies.

Each table says what its members do; everything that is in no table behaves in the ordinary way. Pure data.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["BUILTIN_GROUPS", "Traits", "traits_of"]

BUILTIN_GROUPS = frozenset(
    {
        "",
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "apps",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "autoscaling",
        "batch",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
        "extensions",
        "flowcontrol.apiserver.k8s.io",
        "internal.apiserver.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "policy",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
        "storagemigration.k8s.io",
    }
)
"""The groups that a kube-apiserver serves itself; kinds of any other group behave as custom resources."""

_RBAC = tuple(
    ("rbac.authorization.k8s.io", plural) for plural in ("roles", "rolebindings", "clusterroles", "clusterrolebindings")
)

# C23: a PUT to a missing name creates.
_CREATE_ON_UPDATE = {
    ("coordination.k8s.io", "leases"),
    ("", "events"),
    ("events.k8s.io", "events"),
    ("", "endpoints"),
    ("", "services"),
    ("", "limitranges"),
    ("node.k8s.io", "runtimeclasses"),
    *_RBAC,
}

# C22: a PUT without resourceVersion is refused (besides all custom resources).
_CONDITIONAL_UPDATE = {
    ("coordination.k8s.io", "leases"),
    ("policy", "poddisruptionbudgets"),
    ("node.k8s.io", "runtimeclasses"),
    ("apiextensions.k8s.io", "customresourcedefinitions"),
    ("apiregistration.k8s.io", "apiservices"),
    ("storage.k8s.io", "csidrivers"),
    ("storage.k8s.io", "csinodes"),
    ("storage.k8s.io", "csistoragecapacities"),
    ("storage.k8s.io", "volumeattachments"),
}

# C32: DELETE answers with the object instead of a Status.
_RETURNS_DELETED = {
    (group, plural)
    for group, plurals in (
        ("", "persistentvolumeclaims persistentvolumes pods podtemplates resourcequotas serviceaccounts services"),
        ("resource.k8s.io", "deviceclasses resourceclaims resourceclaimtemplates resourceslices"),
        ("storage.k8s.io", "csidrivers csinodes storageclasses volumeattachments volumeattributesclasses"),
    )
    for plural in plurals.split()
}

# J7: metadata.generation counts changes of spec.
_GENERATION = {
    ("", "pods"),
    ("", "podtemplates"),
    ("", "replicationcontrollers"),
    ("admissionregistration.k8s.io", "mutatingadmissionpolicies"),
    ("admissionregistration.k8s.io", "mutatingadmissionpolicybindings"),
    ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"),
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations"),
    ("admissionregistration.k8s.io", "validatingadmissionpolicies"),
    ("admissionregistration.k8s.io", "validatingadmissionpolicybindings"),
    ("apiextensions.k8s.io", "customresourcedefinitions"),
    ("apps", "daemonsets"),
    ("apps", "deployments"),
    ("apps", "replicasets"),
    ("apps", "statefulsets"),
    ("batch", "cronjobs"),
    ("batch", "jobs"),
    ("discovery.k8s.io", "endpointslices"),
    ("flowcontrol.apiserver.k8s.io", "flowschemas"),
    ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations"),
    ("networking.k8s.io", "ingresses"),
    ("networking.k8s.io", "ingressclasses"),
    ("networking.k8s.io", "networkpolicies"),
    ("policy", "poddisruptionbudgets"),
    ("resource.k8s.io", "deviceclasses"),
    ("resource.k8s.io", "resourceslices"),
    ("scheduling.k8s.io", "priorityclasses"),
}
_FIXED_GENERATION = {("scheduling.k8s.io", "priorityclasses")}  # it never grows
_LATE_GENERATION = {("storage.k8s.io", "csidrivers")}  # none at first; the first change makes it 1

# What a create puts in place of the status that the client sent; what Go shows of an empty one is added later.
_INITIAL_STATUS: dict[tuple[str, str], dict[str, Any]] = {
    ("", "namespaces"): {"phase": "Active"},
    ("", "pods"): {"phase": "Pending"},
    ("", "persistentvolumes"): {"phase": "Pending"},
    ("", "persistentvolumeclaims"): {"phase": "Pending"},
}

# A write of the status keeps the metadata as they are; with other built-in kinds it changes them too.
_STATUS_KEEPS_METADATA = {
    ("admissionregistration.k8s.io", "validatingadmissionpolicies"),
    ("apiextensions.k8s.io", "customresourcedefinitions"),
    ("apiregistration.k8s.io", "apiservices"),
    ("flowcontrol.apiserver.k8s.io", "flowschemas"),
    ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations"),
    ("resource.k8s.io", "resourceclaims"),
    ("storage.k8s.io", "volumeattachments"),
}
_STATUS_KEEPS = {("apps", "deployments"): ("labels",), ("", "pods"): ("ownerReferences",)}
_METADATA = ("labels", "annotations", "finalizers", "ownerReferences")

_KEEPS_STATUS_ON_CREATE = {("", "nodes")}

_INVOLVED = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
_EVENT_FIELDS = (
    *(f"involvedObject.{part}" for part in _INVOLVED),
    "reason",
    "reportingComponent",
    "source",
    "type",
)

# J9: the fields by which a kind's objects can be selected, besides name and namespace.
_SELECTABLE: dict[tuple[str, str], tuple[str, ...]] = {
    ("", "pods"): (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.podIPs",
        "status.nominatedNodeName",
    ),
    ("", "events"): _EVENT_FIELDS,
    ("", "namespaces"): ("status.phase",),
    ("", "nodes"): ("spec.unschedulable",),
    ("", "replicationcontrollers"): ("status.replicas",),
    ("", "secrets"): ("type",),
    ("", "services"): ("spec.clusterIP", "spec.type"),
    ("apps", "replicasets"): ("status.replicas",),
    ("batch", "jobs"): ("status.successful",),
    ("certificates.k8s.io", "certificatesigningrequests"): ("spec.signerName",),
}

# Kinds without metadata that are answered at once and never stored (J30).
_VIRTUAL = {
    ("authentication.k8s.io", "tokenreviews"),
    ("authentication.k8s.io", "selfsubjectreviews"),
    ("authorization.k8s.io", "localsubjectaccessreviews"),
    ("authorization.k8s.io", "selfsubjectaccessreviews"),
    ("authorization.k8s.io", "selfsubjectrulesreviews"),
    ("authorization.k8s.io", "subjectaccessreviews"),
    ("", "bindings"),
}


@dataclass(frozen=True, slots=True)
class Traits:
    """What the server does differently for one kind."""

    custom: bool
    create_on_update: bool = False
    unconditional_update: bool = True
    returns_deleted: bool = False
    generation: bool = False
    virtual: bool = False
    fixed_generation: bool = False
    late_generation: bool = False
    keeps_status_on_create: bool = False
    status_keeps: tuple[str, ...] = _METADATA
    initial_status: dict[str, Any] | None = None
    selectable: tuple[str, ...] = field(default=())


def traits_of(group: str, plural: str, *, has_status: bool) -> Traits:
    """The traits of a kind by its resource; a kind of a foreign group gets those of a custom resource."""
    key = (group, plural)
    if group not in BUILTIN_GROUPS:
        return Traits(custom=True, unconditional_update=False, generation=True)
    conditional = key in _CONDITIONAL_UPDATE or group == "admissionregistration.k8s.io"
    return Traits(
        custom=False,
        create_on_update=key in _CREATE_ON_UPDATE,
        unconditional_update=not conditional,
        returns_deleted=key in _RETURNS_DELETED,
        generation=key in _GENERATION,
        fixed_generation=key in _FIXED_GENERATION,
        late_generation=key in _LATE_GENERATION,
        virtual=key in _VIRTUAL,
        keeps_status_on_create=key in _KEEPS_STATUS_ON_CREATE,
        status_keeps=_METADATA if key in _STATUS_KEEPS_METADATA else _STATUS_KEEPS.get(key, ()),
        initial_status=_INITIAL_STATUS.get(key, {}) if has_status else None,
        selectable=_SELECTABLE.get(key, ()),
    )
