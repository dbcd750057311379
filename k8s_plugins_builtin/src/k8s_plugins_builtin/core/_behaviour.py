# SPDX-License-Identifier: Apache-2.0
"""What the kinds of the legacy group can do besides holding their fields: readiness, columns, helpers for pods."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any, ClassVar, cast

from k8s_core.behaviour import client_for
from k8s_core.errors import NotFound, RequestError, WaitTimeout
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
from k8s_plugins_builtin._selecting import SelectsPods
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
from k8s_plugins_builtin.core._pod_streams import PodStreams
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
        Service,
        ServiceAccount,
    )
    from k8s_plugins_builtin.discovery.v1 import EndpointSlice

_LOOK_AGAIN = 2.0
"""Seconds after which new EndpointSlices are looked for."""
_DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"


class PodBehaviour(PodVerbs, PodStreams, PodTop, RunsImages):
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

    def container_names(self) -> list[str]:
        """The names of all its containers, in the order of the API server's messages: init, ordinary, ephemeral."""
        spec = self.spec
        found = [item.name for item in spec.initContainers] + [item.name for item in spec.containers]
        return found + [item.name for item in spec.ephemeralContainers]

    def default_container(self) -> str:
        """The container for logs and commands where none is named, as kubectl chooses it.

        That is the one of the annotation ``kubectl.kubernetes.io/default-container``, or else the only one.

        Raises:
            NoSuchContainer: the pod has several and no such annotation, or it names none of them.
        """
        names = [item.name for item in self.spec.containers]
        wanted = self.metadata.annotations.get(_DEFAULT_CONTAINER)
        if wanted in names:
            return wanted
        if len(names) == 1 and not wanted:
            return names[0]
        why = f"the annotation {_DEFAULT_CONTAINER} names {wanted!r}, which is not one" if wanted else "it has several"
        from k8s_core.errors import NoSuchContainer

        raise NoSuchContainer(
            f"choose a container of Pod {self.metadata.name} with container=, since {why}: {', '.join(names)}", names
        )

    def port_number(self, name: str) -> int:
        """The number of the container port of that name.

        Raises:
            RequestError: there is none; the message has the names.
        """
        found = {port.name: port.containerPort for item in self.spec.containers for port in item.ports if port.name}
        if name not in found:
            from k8s_core.errors.hints import did_you_mean

            named = ", ".join(sorted(found)) or "none has a name"
            raise RequestError(
                f"Pod {self.metadata.name} has no port {name!r}{did_you_mean(name, found)}; ports: {named}"
            )
        return found[name]

    def has_started(self, container: str) -> bool:
        """True if the container runs or has run, so that there is a log."""
        status = self.container_status(container)
        if status is None:
            return False
        state = status.state
        return bool(state.running or state.terminated or (status.restartCount or 0))

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


class ReplicationControllerBehaviour(Scalable, SelectsPods, RunsImages):
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


class ServiceBehaviour(SelectsPods):
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

    def wait_for_endpoint(self, *, timeout: float = 60.0, client: Client | None = None) -> EndpointSlice:
        """Block until a pod behind the service is ready, so that a connection to it can succeed.

        Args:
            timeout: seconds.
            client: who asks; None means the active client, else the default one.

        Returns:
            The first EndpointSlice of the service with a ready endpoint.

        Raises:
            WaitTimeout: not in time.
        """
        from k8s_plugins_builtin.discovery.v1 import EndpointSlice  # a group that few programs load

        service = cast("Service", self)

        def ready(each: EndpointSlice) -> bool:
            # Absent means ready, as the API says.
            return any(item.addresses and item.conditions.ready is not False for item in each.endpoints)

        labels = {"kubernetes.io/service-name": service.metadata.name or ""}
        namespace, chosen = service.metadata.namespace or None, client_for(service, client)
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            # A wait is for the slices that are there when it begins, and more may come.
            with contextlib.suppress(WaitTimeout, NotFound):
                chosen.wait(EndpointSlice, "create", labels=labels, namespace=namespace, timeout=left)
                wait = min(left, _LOOK_AGAIN)
                found: list[EndpointSlice] = chosen.wait(
                    EndpointSlice, ready, labels=labels, namespace=namespace, until="any", timeout=wait
                )
                return found[0]
        raise WaitTimeout(f"no pod behind Service {service.metadata.name} was ready within {timeout:g} s")

    def target_port(self, port: int | str, pod: Pod) -> int:
        """The port of ``pod`` that a port of the service, by number or name, leads to.

        Raises:
            RequestError: the service or the pod has no such port; the message has those that there are.
        """
        service = cast("Service", self)
        for each in service.spec.ports:
            if port in (each.port, each.name):
                wanted = each.targetPort if each.targetPort is not None else each.port
                return wanted if isinstance(wanted, int) else pod.port_number(str(wanted))
        ports = ", ".join(f"{each.port} ({each.name})" if each.name else str(each.port) for each in service.spec.ports)
        raise RequestError(f"Service {service.metadata.name} has no port {port!r}; it has {ports or 'none'}")


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
