# SPDX-License-Identifier: Apache-2.0
"""Fields of built-in kinds that the API server holds as structs by value: they are there even while nothing is set.

It matters to who owns what: a struct by value is never added, a structure behind a pointer is. OpenAPI tells the two
apart by ``default: {}``, which the generated models don't carry. ``metadata``, ``spec`` and ``status`` of whole objects
are structs by value, too.
"""

from __future__ import annotations

__all__ = ["WHOLE_OBJECT", "structs_of"]

WHOLE_OBJECT = ("metadata", "spec", "status")

_STRUCTS: dict[str, tuple[str, ...]] = {
    "AllocationResult": ("devices",),
    "Binding": ("target",),
    "ClusterRoleBinding": ("roleRef",),
    "Container": ("resources",),
    "ContainerResourceMetricSource": ("target",),
    "ContainerResourceMetricStatus": ("current",),
    "ContainerStatus": ("lastState", "state"),
    "CronJobSpec": ("jobTemplate",),
    "CustomResourceDefinitionSpec": ("names",),
    "CustomResourceDefinitionStatus": ("acceptedNames",),
    "DaemonSetSpec": ("template", "updateStrategy"),
    "DeploymentSpec": ("strategy", "template"),
    "Endpoint": ("conditions",),
    "EphemeralContainer": ("resources",),
    "Event": ("involvedObject", "source", "deprecatedSource", "regarding"),
    "ExternalMetricSource": ("metric", "target"),
    "ExternalMetricStatus": ("current", "metric"),
    "FlowSchemaSpec": ("priorityLevelConfiguration",),
    "HTTPIngressPath": ("backend",),
    "HorizontalPodAutoscalerSpec": ("scaleTargetRef",),
    "IngressServiceBackend": ("port",),
    "IngressStatus": ("loadBalancer",),
    "JobSpec": ("template",),
    "JobTemplateSpec": ("metadata", "spec"),
    "LimitedPriorityLevelConfiguration": ("limitResponse",),
    "MutatingWebhook": ("clientConfig",),
    "NetworkPolicySpec": ("podSelector",),
    "NodeDaemonEndpoints": ("kubeletEndpoint",),
    "NodeStatus": ("daemonEndpoints", "nodeInfo"),
    "ObjectMetricSource": ("describedObject", "metric", "target"),
    "ObjectMetricStatus": ("current", "describedObject", "metric"),
    "PersistentVolumeClaimSpec": ("resources",),
    "PersistentVolumeClaimTemplate": ("metadata", "spec"),
    "PodTemplate": ("template",),
    "PodTemplateSpec": ("metadata", "spec"),
    "PodsMetricSource": ("metric", "target"),
    "PodsMetricStatus": ("current", "metric"),
    "PreferredSchedulingTerm": ("preference",),
    "ReplicaSetSpec": ("template",),
    "ResourceClaimSpec": ("devices",),
    "ResourceClaimTemplateSpec": ("metadata", "spec"),
    "ResourceMetricSource": ("target",),
    "ResourceMetricStatus": ("current",),
    "ResourceSliceSpec": ("pool",),
    "RoleBinding": ("roleRef",),
    "ServiceStatus": ("loadBalancer",),
    "StatefulSetSpec": ("template", "updateStrategy"),
    "ValidatingWebhook": ("clientConfig",),
    "VolumeAttachmentSpec": ("source",),
    "WeightedPodAffinityTerm": ("podAffinityTerm",),
}


def structs_of(name: str) -> tuple[str, ...]:
    """The fields of the class ``name`` that are structs by value; those of a whole object are in ``WHOLE_OBJECT``."""
    return _STRUCTS.get(name, ())
