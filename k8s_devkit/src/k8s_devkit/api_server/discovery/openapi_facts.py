# SPDX-License-Identifier: Apache-2.0
"""What OpenAPI documents of built-in kinds say and the models do not keep: widths of integers, structs that are always
there, types without fields, defaults. Pure data, by names that mean the same wherever they occur.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "INT64",
    "INT64_FIELDS",
    "META",
    "NAMED_TYPES",
    "NO_ZERO",
    "OPAQUE_FIELDS",
    "OTHERWISE",
    "PREFIXES",
    "RENAMED",
    "STRUCTS",
    "ZERO",
]

Json = dict[str, Any]
META = "io.k8s.apimachinery.pkg.apis.meta.v1"
_EXTENSIONS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PREFIXES = {
    "k8s_core.meta": META,
    "k8s_plugins_builtin.apiextensions.v1": _EXTENSIONS,
    "k8s_plugins_builtin.apiregistration.v1": "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1",
}
"""Where the definitions of a module are, if not in ``io.k8s.api``."""

RENAMED = {
    f"{META}.VersionInfo": "io.k8s.apimachinery.pkg.version.Info",
    f"{META}.APIResourceDescription": f"{META}.APIResource",
}

NAMED_TYPES: dict[str, tuple[str, Json]] = {
    "Quantity": (
        "io.k8s.apimachinery.pkg.api.resource.Quantity",
        {"oneOf": [{"type": "string"}, {"type": "number"}]},
    ),
    "IntOrString": (
        "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
        {"format": "int-or-string", "oneOf": [{"type": "integer"}, {"type": "string"}]},
    ),
    "Time": (f"{META}.Time", {"type": "string", "format": "date-time"}),
    "MicroTime": (f"{META}.MicroTime", {"type": "string", "format": "date-time"}),
    "Duration": (f"{META}.Duration", {"type": "string"}),
    "Patch": (f"{META}.Patch", {"type": "object"}),
    "FieldsV1": (f"{META}.FieldsV1", {"type": "object"}),
    "RawExtension": ("io.k8s.apimachinery.pkg.runtime.RawExtension", {"type": "object"}),
    **{
        name: (f"{_EXTENSIONS}.{name}", {})
        for name in ("JSON", "JSONSchemaPropsOrArray", "JSONSchemaPropsOrBool", "JSONSchemaPropsOrStringArray")
    },
}
"""Types that have a definition of their own, though they are no structures."""

OPAQUE_FIELDS = {
    "ManagedFieldsEntry.fieldsV1": "FieldsV1",
    "ControllerRevision.data": "RawExtension",
    "AllocatedDeviceStatus.data": "RawExtension",
    "OpaqueDeviceConfiguration.parameters": "RawExtension",
    "WatchEvent.object": "RawExtension",
    **dict.fromkeys(("JSONSchemaProps.default", "JSONSchemaProps.enum", "JSONSchemaProps.example"), "JSON"),
    "JSONSchemaProps.additionalItems": "JSONSchemaPropsOrBool",
    "JSONSchemaProps.additionalProperties": "JSONSchemaPropsOrBool",
    "JSONSchemaProps.dependencies": "JSONSchemaPropsOrStringArray",
    "JSONSchemaProps.items": "JSONSchemaPropsOrArray",
}
"""The named type of fields that may hold any JSON."""

INT64 = _words(
    "activeDeadlineSeconds capacity deletionGracePeriodSeconds expirationSeconds fsGroup generation gid "
    "gracePeriodSeconds int maxItems maxLength maxProperties minItems minLength minProperties "
    "nodeAllocatableUpdatePeriodSeconds observedGeneration remainingItemCount resourceSliceCount revision "
    "runAsGroup runAsUser seconds sizeBytes startingDeadlineSeconds supplementalGroups "
    "terminationGracePeriodSeconds tolerationSeconds uid"
)
"""Fields with 64 bits, whatever structure they are in; the other integers have 32."""

INT64_FIELDS = {
    "CertificateSigningRequestSpec.expirationSeconds": False,
    "DeviceAttribute.ints": True,
    "DeviceSubRequest.count": True,
    "ExactDeviceRequest.count": True,
}
"""The exceptions to that, as ``Class.field``."""

STRUCTS = _words(
    "ContainerState CrossVersionObjectReference CustomResourceDefinitionNames DaemonEndpoint "
    "DaemonSetUpdateStrategy DeploymentStrategy DeviceAllocationResult DeviceClaim EndpointConditions "
    "EventSource GroupVersionForDiscovery LimitResponse ListMeta MetricIdentifier MetricTarget "
    "NodeDaemonEndpoints NodeSelectorTerm NodeSystemInfo ObjectMeta PodAffinityTerm "
    "PriorityLevelConfigurationReference ResourcePool RoleRef ServiceBackendPort StatefulSetUpdateStrategy "
    "UserInfo VolumeAttachmentSource VolumeResourceRequirements WebhookClientConfig"
)
"""Structures that are never absent in memory, besides those called ``…Spec`` and ``…Status``: the server shows
``default: {}`` for fields of these types."""

OTHERWISE = _words(
    "Binding.target Container.resources CustomResourceSubresources.status EphemeralContainer.resources "
    "Event.involvedObject Event.regarding HTTPIngressPath.backend MetricStatus.containerResource "
    "MetricStatus.external MetricStatus.object MetricStatus.pods MetricStatus.resource "
    "NetworkPolicySpec.podSelector NodeStatus.config NodeSystemInfo.swap "
    "PersistentVolumeClaimStatus.modifyVolumeStatus PodStatus.extendedResourceClaimStatus "
    "ReplicationControllerSpec.template VolumeAttachmentSource.inlineVolumeSpec "
    "VolumeMountStatus.volumeStatus VolumeStatus.image WebhookConversion.clientConfig"
)
"""Fields for which it is the other way round."""

NO_ZERO = _words(
    "CertificateSigningRequestSpec.request ContainerRestartRule.action "
    "ContainerRestartRuleOnExitCodes.operator HTTPIngressPath.pathType ImageVolumeStatus.imageRef "
    "MutatingWebhook.sideEffects ParentReference.name ParentReference.resource "
    "PodCertificateProjection.keyType PodCertificateProjection.signerName TokenReviewSpec.token "
    "ValidatingAdmissionPolicyBindingSpec.policyName ValidatingWebhook.sideEffects"
)
"""Required fields whose default is not the empty value."""

ZERO = _words(
    "AzureDiskVolumeSource.readOnly ConfigMapEnvSource.name ConfigMapKeySelector.name ConfigMapProjection.name "
    "ConfigMapVolumeSource.name Event.reportingComponent Event.reportingInstance FileKeySelector.optional "
    "GRPCAction.service LocalObjectReference.name NodeRuntimeHandler.name "
    "PodDisruptionBudgetStatus.currentHealthy PodDisruptionBudgetStatus.desiredHealthy "
    "PodDisruptionBudgetStatus.disruptionsAllowed PodDisruptionBudgetStatus.expectedPods "
    "PodFailurePolicyOnPodConditionsPattern.status PriorityClass.value QueuingConfiguration.handSize "
    "QueuingConfiguration.queueLengthLimit QueuingConfiguration.queues ReplicationControllerSpec.minReadySeconds "
    "RoleRef.apiGroup SecretEnvSource.name SecretKeySelector.name SecretProjection.name "
    "StatefulSetOrdinals.start StatefulSetSpec.serviceName StatefulSetStatus.availableReplicas "
    "FlowSchemaSpec.matchingPrecedence"
)
"""Optional fields whose default is the empty value."""
