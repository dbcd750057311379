# SPDX-License-Identifier: Apache-2.0
"""What the kinds of the legacy group can do besides holding their fields: readiness, columns, helpers for pods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from k8s_core.behaviour import client_for
from k8s_plugins_builtin._columns import (
    AGE,
    CREATED_AT,
    NAME,
    NONE,
    UNKNOWN,
    UNSET,
    column,
    has_condition,
    label_text,
    template_columns,
    wide,
)
from k8s_plugins_builtin._images import RunsImages
from k8s_plugins_builtin._related_events import RelatedEvents
from k8s_plugins_builtin._scaling import Scalable
from k8s_plugins_builtin.core._cells import (
    address,
    claim,
    component_health,
    endpoints,
    event_count,
    event_first_seen,
    event_last_seen,
    event_object,
    event_source,
    external_ip,
    modes,
    node_roles,
    node_status,
    phase,
    quota,
    readiness_gates,
    service_ports,
    storage_class,
)
from k8s_plugins_builtin.core._node_verbs import NodeVerbs
from k8s_plugins_builtin.core._pod import is_finished, summarize
from k8s_plugins_builtin.core._pod_verbs import PodVerbs
from k8s_plugins_builtin.core._top import NodeTop, PodTop

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from k8s_core.client import Client
    from k8s_core.meta import ObjectMeta
    from k8s_plugins_builtin._columns import Columns
    from k8s_plugins_builtin.authentication.v1 import BoundObjectReference, TokenRequest
    from k8s_plugins_builtin.core.v1 import (
        Container,
        ContainerStatus,
        Event,
        NamespaceStatus,
        NodeStatus,
        PersistentVolumeClaimStatus,
        Pod,
        PodSpec,
        PodStatus,
        ReplicationControllerSpec,
        ReplicationControllerStatus,
        ServiceAccount,
    )


class PodBehaviour(PodVerbs, PodTop, RunsImages):
    """Phase, containers, readiness, verbs and columns of a Pod."""

    __slots__ = ()

    if TYPE_CHECKING:
        metadata: ObjectMeta
        spec: PodSpec
        status: PodStatus

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("Ready", lambda pod: "{0.ready}/{0.total}".format(summarize(pod))),
        column("Status", lambda pod: summarize(pod).status),
        column("Restarts", lambda pod: summarize(pod).restarts_text),
        AGE,
        wide("IP", lambda pod: next((item.ip for item in pod.status.podIPs if item.ip), NONE)),
        wide("Node", lambda pod: pod.spec.nodeName or NONE),
        wide("Nominated Node", lambda pod: pod.status.nominatedNodeName or NONE),
        wide("Readiness Gates", readiness_gates),
    )

    @staticmethod
    def _pod_spec(obj: Pod) -> PodSpec:
        return obj.spec

    def is_ready(self) -> bool:
        """True if the pod serves: its condition Ready is true."""
        return has_condition(self.status.conditions, "Ready")

    def is_running(self) -> bool:
        """True in phase Running: bound to a node, and at least one container runs or restarts."""
        return self.status.phase == "Running"

    def is_finished(self) -> bool:
        """True in the phases Succeeded and Failed: no container will start again."""
        return is_finished(cast("Pod", self))

    def status_text(self) -> str:
        """What ``kubectl get pods`` shows as STATUS: ``Running``, ``CrashLoopBackOff``, ``Init:0/2``, …"""
        return summarize(cast("Pod", self)).status

    def container(self, name: str) -> Container | None:
        """The container of that name, init containers included; None if there is none."""
        containers = [*self.spec.containers, *self.spec.initContainers]
        return next((item for item in containers if item.name == name), None)

    def container_status(self, name: str) -> ContainerStatus | None:
        """The status of the container of that name, init and ephemeral ones included; None before it is known."""
        status = self.status
        reported = [*status.containerStatuses, *status.initContainerStatuses, *status.ephemeralContainerStatuses]
        return next((item for item in reported if item.name == name), None)

    def restarts(self) -> int:
        """Restarts of its containers, counted as kubectl does: init containers only while the pod initializes."""
        return summarize(cast("Pod", self)).restarts


class PodTemplateBehaviour:
    """Columns of a PodTemplate."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("Containers", lambda obj: ",".join(item.name or "" for item in obj.template.spec.containers)),
        column("Images", lambda obj: ",".join(item.image or "" for item in obj.template.spec.containers)),
        column("Pod Labels", lambda obj: label_text(obj.template.metadata.labels)),
    )


class ReplicationControllerBehaviour(Scalable, RunsImages):
    """Readiness, scaling, images and columns of a ReplicationController."""

    __slots__ = ()

    if TYPE_CHECKING:
        metadata: ObjectMeta
        spec: ReplicationControllerSpec
        status: ReplicationControllerStatus

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("Desired", lambda obj: obj.spec.replicas or 0, "integer"),
        column("Current", lambda obj: obj.status.replicas or 0, "integer"),
        column("Ready", lambda obj: obj.status.readyReplicas or 0, "integer"),
        AGE,
        *template_columns(lambda obj: obj.spec.template, lambda obj: label_text(obj.spec.selector)),
    )

    def is_ready(self) -> bool:
        """True if the controller has seen the spec and all wanted pods are ready; without ``replicas`` that is 1."""
        wanted = 1 if self.spec.replicas is None else self.spec.replicas
        observed = (self.status.observedGeneration or 0) >= (self.metadata.generation or 0)
        return observed and (self.status.readyReplicas or 0) >= wanted


class NamespaceBehaviour:
    """Readiness and columns of a Namespace."""

    __slots__ = ()

    if TYPE_CHECKING:
        status: NamespaceStatus

    printer_columns: ClassVar[Columns] = (NAME, column("Status", lambda obj: obj.status.phase or ""), AGE)

    def is_ready(self) -> bool:
        """True in phase Active: objects can be created in it."""
        return self.status.phase == "Active"


class NodeBehaviour(NodeVerbs, NodeTop):
    """Readiness, verbs and columns of a Node."""

    __slots__ = ()

    if TYPE_CHECKING:
        status: NodeStatus

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("Status", node_status),
        column("Roles", node_roles),
        AGE,
        column("Version", lambda node: node.status.nodeInfo.kubeletVersion or ""),
        wide("Internal-IP", address("InternalIP")),
        wide("External-IP", address("ExternalIP")),
        wide("OS-Image", lambda node: node.status.nodeInfo.osImage or UNKNOWN),
        wide("Kernel-Version", lambda node: node.status.nodeInfo.kernelVersion or UNKNOWN),
        wide("Container-Runtime", lambda node: node.status.nodeInfo.containerRuntimeVersion or UNKNOWN),
    )

    def is_ready(self) -> bool:
        """True if the kubelet reports the condition Ready; cordoned nodes included."""
        return has_condition(self.status.conditions, "Ready")


_VOLUME_ATTRIBUTES = column("VolumeAttributesClass", lambda obj: obj.spec.volumeAttributesClassName or UNSET)
_VOLUME_MODE = wide("VolumeMode", lambda obj: obj.spec.volumeMode or UNSET)


class PersistentVolumeBehaviour:
    """Columns of a PersistentVolume."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("Capacity", lambda obj: str(obj.spec.capacity.get("storage", "0"))),
        column("Access Modes", lambda obj: modes(obj.spec.accessModes)),
        column("Reclaim Policy", lambda obj: obj.spec.persistentVolumeReclaimPolicy or ""),
        column("Status", phase),
        column("Claim", claim),
        column("StorageClass", storage_class),
        _VOLUME_ATTRIBUTES,
        column("Reason", lambda obj: obj.status.reason or ""),
        AGE,
        _VOLUME_MODE,
    )


class PersistentVolumeClaimBehaviour:
    """Readiness and columns of a PersistentVolumeClaim."""

    __slots__ = ()

    if TYPE_CHECKING:
        status: PersistentVolumeClaimStatus

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("Status", phase),
        column("Volume", lambda obj: obj.spec.volumeName or ""),
        column("Capacity", lambda obj: str(obj.status.capacity.get("storage", "0")) if obj.spec.volumeName else ""),
        column("Access Modes", lambda obj: modes(obj.status.accessModes) if obj.spec.volumeName else ""),
        column("StorageClass", storage_class),
        _VOLUME_ATTRIBUTES,
        AGE,
        _VOLUME_MODE,
    )

    def is_ready(self) -> bool:
        """True in phase Bound: pods can mount it."""
        return self.status.phase == "Bound"


class ServiceBehaviour:
    """Columns of a Service."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("Type", lambda obj: obj.spec.type or ""),
        column("Cluster-IP", lambda obj: next(iter(obj.spec.clusterIPs), NONE)),
        column("External-IP", external_ip),
        column("Port(s)", service_ports),
        AGE,
        wide("Selector", lambda obj: label_text(obj.spec.selector)),
    )


class EndpointsBehaviour:
    """Columns of an Endpoints."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (NAME, column("Endpoints", endpoints), AGE)


class EventBehaviour(RelatedEvents):
    """Columns of an Event, without the name and the age, which say nothing; and the events of an object."""

    __slots__ = ()

    _subject = "involvedObject"

    printer_columns: ClassVar[Columns] = (
        column("Last Seen", event_last_seen, "date"),
        column("Type", lambda obj: obj.type or ""),
        column("Reason", lambda obj: obj.reason or ""),
        column("Object", event_object),
        wide("Subobject", lambda obj: obj.involvedObject.fieldPath or ""),
        wide("Source", event_source),
        column("Message", lambda obj: (obj.message or "").strip()),
        wide("First Seen", event_first_seen, "date"),
        wide("Count", event_count),
        wide("Name", lambda obj: obj.metadata.name, format="name"),
    )

    def last_seen(self) -> datetime | None:
        """When it happened last; None if the event does not say."""
        return event_last_seen(cast("Event", self))


class SecretBehaviour:
    """Columns of a Secret."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("Type", lambda obj: obj.type or ""),
        column("Data", lambda obj: len(obj.data)),
        AGE,
    )


class ConfigMapBehaviour:
    """Columns of a ConfigMap."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (NAME, column("Data", lambda obj: len(obj.data) + len(obj.binaryData)), AGE)


class ServiceAccountBehaviour:
    """Tokens and columns of a ServiceAccount."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (NAME, column("Secrets", lambda obj: len(obj.secrets)), AGE)

    def create_token(
        self,
        *,
        audiences: Sequence[str] = (),
        expiration_seconds: int | None = None,
        bound_object: BoundObjectReference | Mapping[str, Any] | None = None,
        timeout: float | None = None,
        client: Client | None = None,
    ) -> TokenRequest:
        """Ask for a short-lived token of the service account. One request.

        Args:
            audiences: who will check the token; empty means the API server.
            expiration_seconds: at least 600; the server may give another time.
            bound_object: the token ends with this object.
            timeout: seconds, total; None = as configured.
            client: who asks; None means the active client, else the default one.

        Returns:
            ``status.token`` is a secret, ``status.expirationTimestamp`` its end.

        Raises:
            NotFound: there is no such service account.
            FieldTypeError, InvalidName: before anything is sent.
        """
        from k8s_plugins_builtin.authentication.v1 import TokenRequest, TokenRequestSpec

        account = cast("ServiceAccount", self)
        spec = TokenRequestSpec(audiences=list(audiences), expirationSeconds=expiration_seconds)
        if bound_object is not None:
            spec.boundObjectRef = cast("BoundObjectReference", bound_object)
        issued: TokenRequest = client_for(account, client).create_subresource(
            account, subresource="token", body=TokenRequest(spec=spec), timeout=timeout
        )
        return issued


class ResourceQuotaBehaviour:
    """Columns of a ResourceQuota."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("Request", lambda obj: quota(obj, limits=False)),
        column("Limit", lambda obj: quota(obj, limits=True)),
        AGE,
    )


class LimitRangeBehaviour:
    """Columns of a LimitRange."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (NAME, CREATED_AT)


class ComponentStatusBehaviour:
    """Columns of a ComponentStatus."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("Status", lambda obj: component_health(obj)[0]),
        column("Message", lambda obj: component_health(obj)[1]),
        column("Error", lambda obj: component_health(obj)[2]),
    )
