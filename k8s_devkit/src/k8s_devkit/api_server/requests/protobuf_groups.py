# SPDX-License-Identifier: Apache-2.0
"""Field numbers of the other groups, as k8s.io/api v0.36.4 publishes them; ``protobuf`` says how to read them."""

FIELDS = """
[apps/v1]
DaemonSet: 1 metadata meta/v1.ObjectMeta, 2 spec DaemonSetSpec, 3 status DaemonSetStatus
DaemonSetCondition: 1 type str, 2 status str, 3 lastTransitionTime Time, 4 reason str, 5 message str
DaemonSetSpec: 1 selector meta/v1.LabelSelector, 2 template core/v1.PodTemplateSpec,
  3 updateStrategy DaemonSetUpdateStrategy, 4 minReadySeconds int, 6 revisionHistoryLimit int?
DaemonSetStatus: 1 currentNumberScheduled int!, 2 numberMisscheduled int!, 3 desiredNumberScheduled int!,
  4 numberReady int!, 5 observedGeneration int, 6 updatedNumberScheduled int, 7 numberAvailable int,
  8 numberUnavailable int, 9 collisionCount int?, 10 conditions DaemonSetCondition*
DaemonSetUpdateStrategy: 1 type str, 2 rollingUpdate RollingUpdateDaemonSet
Deployment: 1 metadata meta/v1.ObjectMeta, 2 spec DeploymentSpec, 3 status DeploymentStatus
DeploymentCondition: 1 type str, 2 status str, 4 reason str, 5 message str, 6 lastUpdateTime Time,
  7 lastTransitionTime Time
DeploymentSpec: 1 replicas int?, 2 selector meta/v1.LabelSelector, 3 template core/v1.PodTemplateSpec,
  4 strategy DeploymentStrategy, 5 minReadySeconds int, 6 revisionHistoryLimit int?, 7 paused bool,
  9 progressDeadlineSeconds int?
DeploymentStatus: 1 observedGeneration int, 2 replicas int, 3 updatedReplicas int, 4 availableReplicas int,
  5 unavailableReplicas int, 6 conditions DeploymentCondition*, 7 readyReplicas int, 8 collisionCount int?,
  9 terminatingReplicas int?
DeploymentStrategy: 1 type str, 2 rollingUpdate RollingUpdateDeployment
ReplicaSet: 1 metadata meta/v1.ObjectMeta, 2 spec ReplicaSetSpec, 3 status ReplicaSetStatus
ReplicaSetCondition: 1 type str, 2 status str, 3 lastTransitionTime Time, 4 reason str, 5 message str
ReplicaSetSpec: 1 replicas int?, 2 selector meta/v1.LabelSelector, 3 template core/v1.PodTemplateSpec,
  4 minReadySeconds int
ReplicaSetStatus: 1 replicas int!, 2 fullyLabeledReplicas int, 3 observedGeneration int, 4 readyReplicas int,
  5 availableReplicas int, 6 conditions ReplicaSetCondition*, 7 terminatingReplicas int?
RollingUpdateDaemonSet: 1 maxUnavailable IntOrString, 2 maxSurge IntOrString
RollingUpdateDeployment: 1 maxUnavailable IntOrString, 2 maxSurge IntOrString
RollingUpdateStatefulSetStrategy: 1 partition int?, 2 maxUnavailable IntOrString
StatefulSet: 1 metadata meta/v1.ObjectMeta, 2 spec StatefulSetSpec, 3 status StatefulSetStatus
StatefulSetCondition: 1 type str, 2 status str, 3 lastTransitionTime Time, 4 reason str, 5 message str
StatefulSetOrdinals: 1 start int!
StatefulSetPersistentVolumeClaimRetentionPolicy: 1 whenDeleted str, 2 whenScaled str
StatefulSetSpec: 1 replicas int?, 2 selector meta/v1.LabelSelector, 3 template core/v1.PodTemplateSpec,
  4 volumeClaimTemplates core/v1.PersistentVolumeClaim*, 5 serviceName str, 6 podManagementPolicy str,
  7 updateStrategy StatefulSetUpdateStrategy, 8 revisionHistoryLimit int?, 9 minReadySeconds int,
  10 persistentVolumeClaimRetentionPolicy StatefulSetPersistentVolumeClaimRetentionPolicy,
  11 ordinals StatefulSetOrdinals
StatefulSetStatus: 1 observedGeneration int, 2 replicas int!, 3 readyReplicas int, 4 currentReplicas int,
  5 updatedReplicas int, 6 currentRevision str, 7 updateRevision str, 9 collisionCount int?,
  10 conditions StatefulSetCondition*, 11 availableReplicas int!
StatefulSetUpdateStrategy: 1 type str, 2 rollingUpdate RollingUpdateStatefulSetStrategy
[authentication/v1]
BoundObjectReference: 1 kind str, 2 apiVersion str, 3 name str, 4 uid str
SelfSubjectReview: 1 metadata meta/v1.ObjectMeta, 2 status SelfSubjectReviewStatus
SelfSubjectReviewStatus: 1 userInfo UserInfo
TokenRequest: 1 metadata meta/v1.ObjectMeta, 2 spec TokenRequestSpec, 3 status TokenRequestStatus
TokenRequestSpec: 1 audiences str*, 3 boundObjectRef BoundObjectReference, 4 expirationSeconds int?
TokenRequestStatus: 1 token str, 2 expirationTimestamp Time
TokenReview: 1 metadata meta/v1.ObjectMeta, 2 spec TokenReviewSpec, 3 status TokenReviewStatus
TokenReviewSpec: 1 token str, 2 audiences str*
TokenReviewStatus: 1 authenticated bool, 2 user UserInfo, 3 error str, 4 audiences str*
UserInfo: 1 username str, 2 uid str, 3 groups str*, 4 extra map:items
[authorization/v1]
FieldSelectorAttributes: 1 rawSelector str, 2 requirements meta/v1.FieldSelectorRequirement*
LabelSelectorAttributes: 1 rawSelector str, 2 requirements meta/v1.LabelSelectorRequirement*
LocalSubjectAccessReview: 1 metadata meta/v1.ObjectMeta, 2 spec SubjectAccessReviewSpec,
  3 status SubjectAccessReviewStatus
NonResourceAttributes: 1 path str, 2 verb str
NonResourceRule: 1 verbs str*, 2 nonResourceURLs str*
ResourceAttributes: 1 namespace str, 2 verb str, 3 group str, 4 version str, 5 resource str, 6 subresource str,
  7 name str, 8 fieldSelector FieldSelectorAttributes, 9 labelSelector LabelSelectorAttributes
ResourceRule: 1 verbs str*, 2 apiGroups str*, 3 resources str*, 4 resourceNames str*
SelfSubjectAccessReview: 1 metadata meta/v1.ObjectMeta, 2 spec SelfSubjectAccessReviewSpec,
  3 status SubjectAccessReviewStatus
SelfSubjectAccessReviewSpec: 1 resourceAttributes ResourceAttributes, 2 nonResourceAttributes NonResourceAttributes
SelfSubjectRulesReview: 1 metadata meta/v1.ObjectMeta, 2 spec SelfSubjectRulesReviewSpec,
  3 status SubjectRulesReviewStatus
SelfSubjectRulesReviewSpec: 1 namespace str
SubjectAccessReview: 1 metadata meta/v1.ObjectMeta, 2 spec SubjectAccessReviewSpec, 3 status SubjectAccessReviewStatus
SubjectAccessReviewSpec: 1 resourceAttributes ResourceAttributes, 2 nonResourceAttributes NonResourceAttributes,
  3 user str, 4 groups str*, 5 extra map:items, 6 uid str
SubjectAccessReviewStatus: 1 allowed bool!, 2 reason str, 3 evaluationError str, 4 denied bool
SubjectRulesReviewStatus: 1 resourceRules ResourceRule*, 2 nonResourceRules NonResourceRule*, 3 incomplete bool!,
  4 evaluationError str
[autoscaling/v1]
CrossVersionObjectReference: 1 kind str, 2 name str, 3 apiVersion str
HorizontalPodAutoscaler: 1 metadata meta/v1.ObjectMeta, 2 spec HorizontalPodAutoscalerSpec,
  3 status HorizontalPodAutoscalerStatus
HorizontalPodAutoscalerSpec: 1 scaleTargetRef CrossVersionObjectReference, 2 minReplicas int?, 3 maxReplicas int!,
  4 targetCPUUtilizationPercentage int?
HorizontalPodAutoscalerStatus: 1 observedGeneration int?, 2 lastScaleTime Time, 3 currentReplicas int!,
  4 desiredReplicas int!, 5 currentCPUUtilizationPercentage int?
Scale: 1 metadata meta/v1.ObjectMeta, 2 spec ScaleSpec, 3 status ScaleStatus
ScaleSpec: 1 replicas int
ScaleStatus: 1 replicas int!, 2 selector str
[autoscaling/v2]
ContainerResourceMetricSource: 1 name str, 2 target MetricTarget, 3 container str
ContainerResourceMetricStatus: 1 name str, 2 current MetricValueStatus, 3 container str
CrossVersionObjectReference: 1 kind str, 2 name str, 3 apiVersion str
ExternalMetricSource: 1 metric MetricIdentifier, 2 target MetricTarget
ExternalMetricStatus: 1 metric MetricIdentifier, 2 current MetricValueStatus
HPAScalingPolicy: 1 type str, 2 value int!, 3 periodSeconds int!
HPAScalingRules: 1 selectPolicy str?, 2 policies HPAScalingPolicy*, 3 stabilizationWindowSeconds int?,
  4 tolerance Quantity
HorizontalPodAutoscaler: 1 metadata meta/v1.ObjectMeta, 2 spec HorizontalPodAutoscalerSpec,
  3 status HorizontalPodAutoscalerStatus
HorizontalPodAutoscalerBehavior: 1 scaleUp HPAScalingRules, 2 scaleDown HPAScalingRules
HorizontalPodAutoscalerCondition: 1 type str, 2 status str, 3 lastTransitionTime Time, 4 reason str, 5 message str
HorizontalPodAutoscalerSpec: 1 scaleTargetRef CrossVersionObjectReference, 2 minReplicas int?, 3 maxReplicas int!,
  4 metrics MetricSpec*, 5 behavior HorizontalPodAutoscalerBehavior
HorizontalPodAutoscalerStatus: 1 observedGeneration int?, 2 lastScaleTime Time, 3 currentReplicas int,
  4 desiredReplicas int!, 5 currentMetrics MetricStatus*, 6 conditions HorizontalPodAutoscalerCondition*
MetricIdentifier: 1 name str, 2 selector meta/v1.LabelSelector
MetricSpec: 1 type str, 2 object ObjectMetricSource, 3 pods PodsMetricSource, 4 resource ResourceMetricSource,
  5 external ExternalMetricSource, 7 containerResource ContainerResourceMetricSource
MetricStatus: 1 type str, 2 object ObjectMetricStatus, 3 pods PodsMetricStatus, 4 resource ResourceMetricStatus,
  5 external ExternalMetricStatus, 7 containerResource ContainerResourceMetricStatus
MetricTarget: 1 type str, 2 value Quantity, 3 averageValue Quantity, 4 averageUtilization int?
MetricValueStatus: 1 value Quantity, 2 averageValue Quantity, 3 averageUtilization int?
ObjectMetricSource: 1 describedObject CrossVersionObjectReference, 2 target MetricTarget, 3 metric MetricIdentifier
ObjectMetricStatus: 1 metric MetricIdentifier, 2 current MetricValueStatus,
  3 describedObject CrossVersionObjectReference
PodsMetricSource: 1 metric MetricIdentifier, 2 target MetricTarget
PodsMetricStatus: 1 metric MetricIdentifier, 2 current MetricValueStatus
ResourceMetricSource: 1 name str, 2 target MetricTarget
ResourceMetricStatus: 1 name str, 2 current MetricValueStatus
[batch/v1]
CronJob: 1 metadata meta/v1.ObjectMeta, 2 spec CronJobSpec, 3 status CronJobStatus
CronJobSpec: 1 schedule str, 2 startingDeadlineSeconds int?, 3 concurrencyPolicy str, 4 suspend bool?,
  5 jobTemplate JobTemplateSpec, 6 successfulJobsHistoryLimit int?, 7 failedJobsHistoryLimit int?, 8 timeZone str?
CronJobStatus: 1 active core/v1.ObjectReference*, 4 lastScheduleTime Time, 5 lastSuccessfulTime Time
Job: 1 metadata meta/v1.ObjectMeta, 2 spec JobSpec, 3 status JobStatus
JobCondition: 1 type str, 2 status str, 3 lastProbeTime Time, 4 lastTransitionTime Time, 5 reason str, 6 message str
JobSpec: 1 parallelism int?, 2 completions int?, 3 activeDeadlineSeconds int?, 4 selector meta/v1.LabelSelector,
  5 manualSelector bool?, 6 template core/v1.PodTemplateSpec, 7 backoffLimit int?, 8 ttlSecondsAfterFinished int?,
  9 completionMode str?, 10 suspend bool?, 11 podFailurePolicy PodFailurePolicy, 12 backoffLimitPerIndex int?,
  13 maxFailedIndexes int?, 14 podReplacementPolicy str?, 15 managedBy str?, 16 successPolicy SuccessPolicy
JobStatus: 1 conditions JobCondition*, 2 startTime Time, 3 completionTime Time, 4 active int, 5 succeeded int,
  6 failed int, 7 completedIndexes str, 8 uncountedTerminatedPods UncountedTerminatedPods, 9 ready int?,
  10 failedIndexes str?, 11 terminating int?
JobTemplateSpec: 1 metadata meta/v1.ObjectMeta, 2 spec JobSpec
PodFailurePolicy: 1 rules PodFailurePolicyRule*
PodFailurePolicyOnExitCodesRequirement: 1 containerName str?, 2 operator str, 3 values int*
PodFailurePolicyOnPodConditionsPattern: 1 type str, 2 status str
PodFailurePolicyRule: 1 action str, 2 onExitCodes PodFailurePolicyOnExitCodesRequirement,
  3 onPodConditions PodFailurePolicyOnPodConditionsPattern*
SuccessPolicy: 1 rules SuccessPolicyRule*
SuccessPolicyRule: 1 succeededIndexes str?, 2 succeededCount int?
UncountedTerminatedPods: 1 succeeded str*, 2 failed str*
[certificates/v1]
CertificateSigningRequest: 1 metadata meta/v1.ObjectMeta, 2 spec CertificateSigningRequestSpec,
  3 status CertificateSigningRequestStatus
CertificateSigningRequestCondition: 1 type str, 2 reason str, 3 message str, 4 lastUpdateTime Time,
  5 lastTransitionTime Time, 6 status str
CertificateSigningRequestSpec: 1 request bytes, 2 username str, 3 uid str, 4 groups str*, 5 usages str*,
  6 extra map:items, 7 signerName str, 8 expirationSeconds int?
CertificateSigningRequestStatus: 1 conditions CertificateSigningRequestCondition*, 2 certificate bytes
[coordination/v1]
Lease: 1 metadata meta/v1.ObjectMeta, 2 spec LeaseSpec
LeaseSpec: 1 holderIdentity str?, 2 leaseDurationSeconds int?, 3 acquireTime MicroTime, 4 renewTime MicroTime,
  5 leaseTransitions int?, 6 strategy str?, 7 preferredHolder str?
[discovery/v1]
Endpoint: 1 addresses str*, 2 conditions EndpointConditions, 3 hostname str?, 4 targetRef core/v1.ObjectReference,
  5 deprecatedTopology map, 6 nodeName str?, 7 zone str?, 8 hints EndpointHints
EndpointConditions: 1 ready bool?, 2 serving bool?, 3 terminating bool?
EndpointHints: 1 forZones ForZone*, 2 forNodes ForNode*
EndpointPort: 1 name str?, 2 protocol str?, 3 port int?, 4 appProtocol str?
EndpointSlice: 1 metadata meta/v1.ObjectMeta, 2 endpoints Endpoint*, 3 ports EndpointPort*, 4 addressType str
ForNode: 1 name str
ForZone: 1 name str
[events/v1]
Event: 1 metadata meta/v1.ObjectMeta, 2 eventTime MicroTime, 3 series EventSeries, 4 reportingController str,
  5 reportingInstance str, 6 action str, 7 reason str, 8 regarding core/v1.ObjectReference,
  9 related core/v1.ObjectReference, 10 note str, 11 type str, 12 deprecatedSource core/v1.EventSource,
  13 deprecatedFirstTimestamp Time, 14 deprecatedLastTimestamp Time, 15 deprecatedCount int
EventSeries: 1 count int!, 2 lastObservedTime MicroTime
[networking/v1]
HTTPIngressPath: 1 path str, 2 backend IngressBackend, 3 pathType str?
HTTPIngressRuleValue: 1 paths HTTPIngressPath*
IPBlock: 1 cidr str, 2 except str*
Ingress: 1 metadata meta/v1.ObjectMeta, 2 spec IngressSpec, 3 status IngressStatus
IngressBackend: 3 resource core/v1.TypedLocalObjectReference, 4 service IngressServiceBackend
IngressLoadBalancerIngress: 1 ip str, 2 hostname str, 4 ports IngressPortStatus*
IngressLoadBalancerStatus: 1 ingress IngressLoadBalancerIngress*
IngressPortStatus: 1 port int!, 2 protocol str, 3 error str?
IngressRule: 1 host str, 2 + IngressRuleValue
IngressRuleValue: 1 http HTTPIngressRuleValue
IngressServiceBackend: 1 name str, 2 port ServiceBackendPort
IngressSpec: 1 defaultBackend IngressBackend, 2 tls IngressTLS*, 3 rules IngressRule*, 4 ingressClassName str?
IngressStatus: 1 loadBalancer IngressLoadBalancerStatus
IngressTLS: 1 hosts str*, 2 secretName str
NetworkPolicy: 1 metadata meta/v1.ObjectMeta, 2 spec NetworkPolicySpec
NetworkPolicyEgressRule: 1 ports NetworkPolicyPort*, 2 to NetworkPolicyPeer*
NetworkPolicyIngressRule: 1 ports NetworkPolicyPort*, 2 from NetworkPolicyPeer*
NetworkPolicyPeer: 1 podSelector meta/v1.LabelSelector, 2 namespaceSelector meta/v1.LabelSelector, 3 ipBlock IPBlock
NetworkPolicyPort: 1 protocol str?, 2 port IntOrString, 3 endPort int?
NetworkPolicySpec: 1 podSelector meta/v1.LabelSelector, 2 ingress NetworkPolicyIngressRule*,
  3 egress NetworkPolicyEgressRule*, 4 policyTypes str*
ServiceBackendPort: 1 name str, 2 number int
[policy/v1]
Eviction: 1 metadata meta/v1.ObjectMeta, 2 deleteOptions meta/v1.DeleteOptions
PodDisruptionBudget: 1 metadata meta/v1.ObjectMeta, 2 spec PodDisruptionBudgetSpec, 3 status PodDisruptionBudgetStatus
PodDisruptionBudgetSpec: 1 minAvailable IntOrString, 2 selector meta/v1.LabelSelector, 3 maxUnavailable IntOrString,
  4 unhealthyPodEvictionPolicy str?
PodDisruptionBudgetStatus: 1 observedGeneration int, 2 disruptedPods map:Time, 3 disruptionsAllowed int!,
  4 currentHealthy int!, 5 desiredHealthy int!, 6 expectedPods int!, 7 conditions meta/v1.Condition*
[rbac/v1]
AggregationRule: 1 clusterRoleSelectors meta/v1.LabelSelector*
ClusterRole: 1 metadata meta/v1.ObjectMeta, 2 rules PolicyRule*, 3 aggregationRule AggregationRule
ClusterRoleBinding: 1 metadata meta/v1.ObjectMeta, 2 subjects Subject*, 3 roleRef RoleRef
PolicyRule: 1 verbs str*, 2 apiGroups str*, 3 resources str*, 4 resourceNames str*, 5 nonResourceURLs str*
Role: 1 metadata meta/v1.ObjectMeta, 2 rules PolicyRule*
RoleBinding: 1 metadata meta/v1.ObjectMeta, 2 subjects Subject*, 3 roleRef RoleRef
RoleRef: 1 apiGroup str, 2 kind str, 3 name str
Subject: 1 kind str, 2 apiGroup str, 3 name str, 4 namespace str
[scheduling/v1]
PriorityClass: 1 metadata meta/v1.ObjectMeta, 2 value int!, 3 globalDefault bool, 4 description str,
  5 preemptionPolicy str?
[storage/v1]
StorageClass: 1 metadata meta/v1.ObjectMeta, 2 provisioner str, 3 parameters map, 4 reclaimPolicy str?,
  5 mountOptions str*, 6 allowVolumeExpansion bool?, 7 volumeBindingMode str?,
  8 allowedTopologies core/v1.TopologySelectorTerm*
"""
