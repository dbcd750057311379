# SPDX-License-Identifier: Apache-2.0
"""Pods, and what other kinds make pods of."""

from __future__ import annotations

from k8s._model import Model
from k8s._models._declare import Field, ListField, RequiredField
from k8s._models.common import LocalObjectReference, ObjectMeta
from k8s_plugins_builtin.core import v1 as core

__all__ = [
    "AWSElasticBlockStoreVolumeSource",
    "ConfigMapEnvSource",
    "ConfigMapKeySelector",
    "ConfigMapVolumeSource",
    "Container",
    "ContainerPort",
    "EmptyDirVolumeSource",
    "EnvFromSource",
    "EnvVar",
    "EnvVarSource",
    "ExecAction",
    "GCEPersistentDiskVolumeSource",
    "HTTPGetAction",
    "HTTPHeader",
    "Handler",
    "HostPathVolumeSource",
    "KeyToPath",
    "Lifecycle",
    "LocalObjectReference",
    "NFSVolumeSource",
    "ObjectFieldSelector",
    "ObjectMeta",
    "Pod",
    "PodDNSConfig",
    "PodDNSConfigOption",
    "PodSpec",
    "PodTemplateSpec",
    "Probe",
    "ResourceFieldSelector",
    "ResourceRequirements",
    "SecretEnvSource",
    "SecretKeySelector",
    "SecretVolumeSource",
    "TCPSocketAction",
    "Volume",
    "VolumeMount",
]


class ContainerPort(Model, core.ContainerPort):
    """A port of a container."""

    protocol = Field(str, "TCP")


class ObjectFieldSelector(Model, core.ObjectFieldSelector):
    """A field of the pod."""

    fieldPath = RequiredField(str)


class ResourceFieldSelector(Model, core.ResourceFieldSelector):
    """A resource of a container."""

    resource = RequiredField(str)
    divisor = Field(str)


class ConfigMapKeySelector(Model, core.ConfigMapKeySelector):
    """A key of a ConfigMap."""

    key = RequiredField(str)


class SecretKeySelector(Model, core.SecretKeySelector):
    """A key of a Secret."""

    key = RequiredField(str)


class EnvVarSource(Model, core.EnvVarSource):
    """Where the value of an environment variable comes from."""

    fieldRef = Field(ObjectFieldSelector)
    resourceFieldRef = Field(ResourceFieldSelector)
    configMapKeyRef = Field(ConfigMapKeySelector)
    secretKeyRef = Field(SecretKeySelector)


class SecretEnvSource(Model, core.SecretEnvSource):
    """A Secret whose keys become environment variables."""


class ConfigMapEnvSource(Model, core.ConfigMapEnvSource):
    """A ConfigMap whose keys become environment variables."""


class EnvFromSource(Model, core.EnvFromSource):
    """Where several environment variables come from."""

    configMapRef = Field(ConfigMapEnvSource)
    secretRef = Field(SecretEnvSource)


class EnvVar(Model, core.EnvVar):
    """An environment variable."""

    valueFrom = Field(EnvVarSource)


class ResourceRequirements(Model, core.ResourceRequirements):
    """What a container wants, and what it may use."""

    limits = Field(dict)
    requests = Field(dict)


class VolumeMount(Model, core.VolumeMount):
    """Where a container sees a volume."""


class HTTPHeader(Model, core.HTTPHeader):
    """A header of a probe."""


class HTTPGetAction(Model, core.HTTPGetAction):
    """A GET that must succeed."""

    scheme = Field(str, "HTTP")
    httpHeaders = ListField(HTTPHeader)


class TCPSocketAction(Model, core.TCPSocketAction):
    """A port that must accept connections."""


class ExecAction(Model, core.ExecAction):
    """A command that must succeed."""

    command = Field(list)


class Probe(Model, core.Probe):
    """How to find out whether a container is well."""

    httpGet = Field(HTTPGetAction)
    tcpSocket = Field(TCPSocketAction)
    _exec = Field(ExecAction)
    initialDelaySeconds = Field(int, 5)


class Handler(Model, core.LifecycleHandler):
    """What to do at a moment in the life of a container."""

    httpGet = Field(HTTPGetAction)
    tcpSocket = Field(TCPSocketAction)
    _exec = Field(ExecAction)


class Lifecycle(Model, core.Lifecycle):
    """What to do after the start and before the end of a container."""

    postStart = Field(Handler)
    preStop = Field(Handler)


class Container(Model, core.Container):
    """A container of a pod."""

    command = ListField(str)
    args = ListField(str)
    ports = ListField(ContainerPort)
    env = ListField(EnvVar)
    envFrom = ListField(EnvFromSource)
    resources = Field(ResourceRequirements)
    volumeMounts = ListField(VolumeMount)
    lifecycle = Field(Lifecycle)
    livenessProbe = Field(Probe)
    readinessProbe = Field(Probe)
    startupProbe = Field(Probe)
    imagePullPolicy = Field(str, "IfNotPresent")


class KeyToPath(Model, core.KeyToPath):
    """A key that becomes a file."""

    key = RequiredField(str)
    path = RequiredField(str)


class SecretVolumeSource(Model, core.SecretVolumeSource):
    """A volume of a Secret."""

    items = ListField(KeyToPath)


class ConfigMapVolumeSource(Model, core.ConfigMapVolumeSource):
    """A volume of a ConfigMap."""

    items = ListField(KeyToPath)


class EmptyDirVolumeSource(Model, core.EmptyDirVolumeSource):
    """A volume that begins empty."""


class NFSVolumeSource(Model, core.NFSVolumeSource):
    """A volume of an NFS server."""


class HostPathVolumeSource(Model, core.HostPathVolumeSource):
    """A volume that is a path of the node."""


class GCEPersistentDiskVolumeSource(Model, core.GCEPersistentDiskVolumeSource):
    """A volume that is a disk of GCE."""


class AWSElasticBlockStoreVolumeSource(Model, core.AWSElasticBlockStoreVolumeSource):
    """A volume that is a disk of AWS."""


class Volume(Model, core.Volume):
    """A volume of a pod."""

    awsElasticBlockStore = Field(AWSElasticBlockStoreVolumeSource)
    configMap = Field(ConfigMapVolumeSource)
    emptyDir = Field(EmptyDirVolumeSource)
    gcePersistentDisk = Field(GCEPersistentDiskVolumeSource)
    hostPath = Field(HostPathVolumeSource)
    nfs = Field(NFSVolumeSource)
    secret = Field(SecretVolumeSource)


class PodDNSConfigOption(Model, core.PodDNSConfigOption):
    """An option of the resolver."""


class PodDNSConfig(Model, core.PodDNSConfig):
    """How a pod resolves names."""

    nameservers = ListField(str)
    searches = ListField(str)
    options = ListField(PodDNSConfigOption)


class PodSpec(Model, core.PodSpec):
    """What a pod is made of."""

    volumes = ListField(Volume)
    containers = ListField(Container)
    restartPolicy = Field(str, "Always")
    dnsPolicy = Field(str, "ClusterFirst")
    dnsConfig = Field(PodDNSConfig)
    nodeSelector = Field(dict)
    selector = Field(dict)
    serviceAccountName = Field(str, "default")
    imagePullSecrets = ListField(LocalObjectReference)
    initContainers = ListField(Container)


class PodTemplateSpec(Model, core.PodTemplateSpec):
    """What pods are made after."""

    metadata = Field(ObjectMeta)
    spec = Field(PodSpec)


class Pod(Model, core.Pod):
    """A pod."""

    metadata = Field(ObjectMeta)
    spec = Field(PodSpec)
