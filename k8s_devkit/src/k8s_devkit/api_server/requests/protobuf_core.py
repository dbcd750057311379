# SPDX-License-Identifier: Apache-2.0
"""Field numbers of core/v1 and meta/v1, as k8s.io/api v0.36.4 publishes them; ``protobuf`` says how to read them."""

FIELDS = """
[core/v1]
AWSElasticBlockStoreVolumeSource: 1 volumeID str, 2 fsType str, 3 partition int, 4 readOnly bool
Affinity: 1 nodeAffinity NodeAffinity, 2 podAffinity PodAffinity, 3 podAntiAffinity PodAntiAffinity
AppArmorProfile: 1 type str, 2 localhostProfile str?
AttachedVolume: 1 name str, 2 devicePath str
AzureDiskVolumeSource: 1 diskName str, 2 diskURI str, 3 cachingMode str?, 4 fsType str?, 5 readOnly bool?, 6 kind str?
AzureFileVolumeSource: 1 secretName str, 2 shareName str, 3 readOnly bool
Binding: 1 metadata meta/v1.ObjectMeta, 2 target ObjectReference
CSIVolumeSource: 1 driver str, 2 readOnly bool?, 3 fsType str?, 4 volumeAttributes map,
  5 nodePublishSecretRef LocalObjectReference
Capabilities: 1 add str*, 2 drop str*
CephFSVolumeSource: 1 monitors str*, 2 path str, 3 user str, 4 secretFile str, 5 secretRef LocalObjectReference,
  6 readOnly bool
CinderVolumeSource: 1 volumeID str, 2 fsType str, 3 readOnly bool, 4 secretRef LocalObjectReference
ClientIPConfig: 1 timeoutSeconds int?
ClusterTrustBundleProjection: 1 name str?, 2 signerName str?, 3 labelSelector meta/v1.LabelSelector, 4 path str,
  5 optional bool?
ConfigMap: 1 metadata meta/v1.ObjectMeta, 2 data map, 3 binaryData bytemap, 4 immutable bool?
ConfigMapEnvSource: 1 + LocalObjectReference, 2 optional bool?
ConfigMapKeySelector: 1 + LocalObjectReference, 2 key str, 3 optional bool?
ConfigMapNodeConfigSource: 1 namespace str, 2 name str, 3 uid str, 4 resourceVersion str, 5 kubeletConfigKey str
ConfigMapProjection: 1 + LocalObjectReference, 2 items KeyToPath*, 4 optional bool?
ConfigMapVolumeSource: 1 + LocalObjectReference, 2 items KeyToPath*, 3 defaultMode int?, 4 optional bool?
Container: 1 name str, 2 image str, 3 command str*, 4 args str*, 5 workingDir str, 6 ports ContainerPort*,
  7 env EnvVar*, 8 resources ResourceRequirements, 9 volumeMounts VolumeMount*, 10 livenessProbe Probe,
  11 readinessProbe Probe, 12 lifecycle Lifecycle, 13 terminationMessagePath str, 14 imagePullPolicy str,
  15 securityContext SecurityContext, 16 stdin bool, 17 stdinOnce bool, 18 tty bool, 19 envFrom EnvFromSource*,
  20 terminationMessagePolicy str, 21 volumeDevices VolumeDevice*, 22 startupProbe Probe,
  23 resizePolicy ContainerResizePolicy*, 24 restartPolicy str?, 25 restartPolicyRules ContainerRestartRule*
ContainerExtendedResourceRequest: 1 containerName str, 2 resourceName str, 3 requestName str
ContainerImage: 1 names str*, 2 sizeBytes int
ContainerPort: 1 name str, 2 hostPort int, 3 containerPort int!, 4 protocol str, 5 hostIP str
ContainerResizePolicy: 1 resourceName str, 2 restartPolicy str
ContainerRestartRule: 1 action str, 2 exitCodes ContainerRestartRuleOnExitCodes
ContainerRestartRuleOnExitCodes: 1 operator str, 2 values int*
ContainerState: 1 waiting ContainerStateWaiting, 2 running ContainerStateRunning,
  3 terminated ContainerStateTerminated
ContainerStateRunning: 1 startedAt Time
ContainerStateTerminated: 1 exitCode int!, 2 signal int, 3 reason str, 4 message str, 5 startedAt Time,
  6 finishedAt Time, 7 containerID str
ContainerStateWaiting: 1 reason str, 2 message str
ContainerStatus: 1 name str, 2 state ContainerState, 3 lastState ContainerState, 4 ready bool!, 5 restartCount int!,
  6 image str, 7 imageID str, 8 containerID str, 9 started bool?, 10 allocatedResources map:Quantity,
  11 resources ResourceRequirements, 12 volumeMounts VolumeMountStatus*, 13 user ContainerUser,
  14 allocatedResourcesStatus ResourceStatus*, 15 stopSignal str?
ContainerUser: 1 linux LinuxContainerUser
DaemonEndpoint: 1 Port int!
DownwardAPIProjection: 1 items DownwardAPIVolumeFile*
DownwardAPIVolumeFile: 1 path str, 2 fieldRef ObjectFieldSelector, 3 resourceFieldRef ResourceFieldSelector,
  4 mode int?
DownwardAPIVolumeSource: 1 items DownwardAPIVolumeFile*, 2 defaultMode int?
EmptyDirVolumeSource: 1 medium str, 2 sizeLimit Quantity
EndpointAddress: 1 ip str, 2 targetRef ObjectReference, 3 hostname str, 4 nodeName str?
EndpointPort: 1 name str, 2 port int!, 3 protocol str, 4 appProtocol str?
EndpointSubset: 1 addresses EndpointAddress*, 2 notReadyAddresses EndpointAddress*, 3 ports EndpointPort*
Endpoints: 1 metadata meta/v1.ObjectMeta, 2 subsets EndpointSubset*
EnvFromSource: 1 prefix str, 2 configMapRef ConfigMapEnvSource, 3 secretRef SecretEnvSource
EnvVar: 1 name str, 2 value str, 3 valueFrom EnvVarSource
EnvVarSource: 1 fieldRef ObjectFieldSelector, 2 resourceFieldRef ResourceFieldSelector,
  3 configMapKeyRef ConfigMapKeySelector, 4 secretKeyRef SecretKeySelector, 5 fileKeyRef FileKeySelector
EphemeralContainer: 1 + EphemeralContainerCommon, 2 targetContainerName str
EphemeralContainerCommon: 1 name str, 2 image str, 3 command str*, 4 args str*, 5 workingDir str,
  6 ports ContainerPort*, 7 env EnvVar*, 8 resources ResourceRequirements, 9 volumeMounts VolumeMount*,
  10 livenessProbe Probe, 11 readinessProbe Probe, 12 lifecycle Lifecycle, 13 terminationMessagePath str,
  14 imagePullPolicy str, 15 securityContext SecurityContext, 16 stdin bool, 17 stdinOnce bool, 18 tty bool,
  19 envFrom EnvFromSource*, 20 terminationMessagePolicy str, 21 volumeDevices VolumeDevice*, 22 startupProbe Probe,
  23 resizePolicy ContainerResizePolicy*, 24 restartPolicy str?, 25 restartPolicyRules ContainerRestartRule*
EphemeralVolumeSource: 1 volumeClaimTemplate PersistentVolumeClaimTemplate
Event: 1 metadata meta/v1.ObjectMeta, 2 involvedObject ObjectReference, 3 reason str, 4 message str,
  5 source EventSource, 6 firstTimestamp Time, 7 lastTimestamp Time, 8 count int, 9 type str, 10 eventTime MicroTime,
  11 series EventSeries, 12 action str, 13 related ObjectReference, 14 reportingComponent str,
  15 reportingInstance str
EventSeries: 1 count int, 2 lastObservedTime MicroTime
EventSource: 1 component str, 2 host str
ExecAction: 1 command str*
FCVolumeSource: 1 targetWWNs str*, 2 lun int?, 3 fsType str, 4 readOnly bool, 5 wwids str*
FileKeySelector: 1 volumeName str, 2 path str, 3 key str, 4 optional bool?
FlexVolumeSource: 1 driver str, 2 fsType str, 3 secretRef LocalObjectReference, 4 readOnly bool, 5 options map
FlockerVolumeSource: 1 datasetName str, 2 datasetUUID str
GCEPersistentDiskVolumeSource: 1 pdName str, 2 fsType str, 3 partition int, 4 readOnly bool
GRPCAction: 1 port int!, 2 service str?
GitRepoVolumeSource: 1 repository str, 2 revision str, 3 directory str
GlusterfsVolumeSource: 1 endpoints str, 2 path str, 3 readOnly bool
HTTPGetAction: 1 path str, 2 port IntOrString, 3 host str, 4 scheme str, 5 httpHeaders HTTPHeader*
HTTPHeader: 1 name str, 2 value str
HostAlias: 1 ip str, 2 hostnames str*
HostIP: 1 ip str
HostPathVolumeSource: 1 path str, 2 type str?
ISCSIVolumeSource: 1 targetPortal str, 2 iqn str, 3 lun int!, 4 iscsiInterface str, 5 fsType str, 6 readOnly bool,
  7 portals str*, 8 chapAuthDiscovery bool, 10 secretRef LocalObjectReference, 11 chapAuthSession bool,
  12 initiatorName str?
ImageVolumeSource: 1 reference str, 2 pullPolicy str
ImageVolumeStatus: 1 imageRef str
KeyToPath: 1 key str, 2 path str, 3 mode int?
Lifecycle: 1 postStart LifecycleHandler, 2 preStop LifecycleHandler, 3 stopSignal str?
LifecycleHandler: 1 exec ExecAction, 2 httpGet HTTPGetAction, 3 tcpSocket TCPSocketAction, 4 sleep SleepAction
LimitRange: 1 metadata meta/v1.ObjectMeta, 2 spec LimitRangeSpec
LimitRangeItem: 1 type str, 2 max map:Quantity, 3 min map:Quantity, 4 default map:Quantity,
  5 defaultRequest map:Quantity, 6 maxLimitRequestRatio map:Quantity
LimitRangeSpec: 1 limits LimitRangeItem*
LinuxContainerUser: 1 uid int!, 2 gid int!, 3 supplementalGroups int*
LoadBalancerIngress: 1 ip str, 2 hostname str, 3 ipMode str?, 4 ports PortStatus*
LoadBalancerStatus: 1 ingress LoadBalancerIngress*
LocalObjectReference: 1 name str
ModifyVolumeStatus: 1 targetVolumeAttributesClassName str, 2 status str
NFSVolumeSource: 1 server str, 2 path str, 3 readOnly bool
Namespace: 1 metadata meta/v1.ObjectMeta, 2 spec NamespaceSpec, 3 status NamespaceStatus
NamespaceCondition: 1 type str, 2 status str, 4 lastTransitionTime Time, 5 reason str, 6 message str
NamespaceSpec: 1 finalizers str*
NamespaceStatus: 1 phase str, 2 conditions NamespaceCondition*
Node: 1 metadata meta/v1.ObjectMeta, 2 spec NodeSpec, 3 status NodeStatus
NodeAddress: 1 type str, 2 address str
NodeAffinity: 1 requiredDuringSchedulingIgnoredDuringExecution NodeSelector,
  2 preferredDuringSchedulingIgnoredDuringExecution PreferredSchedulingTerm*
NodeAllocatableResourceClaimStatus: 1 resourceClaimName str, 2 containers str*, 3 resources map:Quantity
NodeCondition: 1 type str, 2 status str, 3 lastHeartbeatTime Time, 4 lastTransitionTime Time, 5 reason str,
  6 message str
NodeConfigSource: 2 configMap ConfigMapNodeConfigSource
NodeConfigStatus: 1 assigned NodeConfigSource, 2 active NodeConfigSource, 3 lastKnownGood NodeConfigSource,
  4 error str
NodeDaemonEndpoints: 1 kubeletEndpoint DaemonEndpoint
NodeFeatures: 1 supplementalGroupsPolicy bool?
NodeRuntimeHandler: 1 name str, 2 features NodeRuntimeHandlerFeatures
NodeRuntimeHandlerFeatures: 1 recursiveReadOnlyMounts bool?, 2 userNamespaces bool?
NodeSelector: 1 nodeSelectorTerms NodeSelectorTerm*
NodeSelectorRequirement: 1 key str, 2 operator str, 3 values str*
NodeSelectorTerm: 1 matchExpressions NodeSelectorRequirement*, 2 matchFields NodeSelectorRequirement*
NodeSpec: 1 podCIDR str, 2 externalID str, 3 providerID str, 4 unschedulable bool, 5 taints Taint*,
  6 configSource NodeConfigSource, 7 podCIDRs str*
NodeStatus: 1 capacity map:Quantity, 2 allocatable map:Quantity, 3 phase str, 4 conditions NodeCondition*,
  5 addresses NodeAddress*, 6 daemonEndpoints NodeDaemonEndpoints, 7 nodeInfo NodeSystemInfo,
  8 images ContainerImage*, 9 volumesInUse str*, 10 volumesAttached AttachedVolume*, 11 config NodeConfigStatus,
  12 runtimeHandlers NodeRuntimeHandler*, 13 features NodeFeatures, 14 declaredFeatures str*
NodeSwapStatus: 1 capacity int?
NodeSystemInfo: 1 machineID str, 2 systemUUID str, 3 bootID str, 4 kernelVersion str, 5 osImage str,
  6 containerRuntimeVersion str, 7 kubeletVersion str, 8 kubeProxyVersion str, 9 operatingSystem str,
  10 architecture str, 11 swap NodeSwapStatus
ObjectFieldSelector: 1 apiVersion str, 2 fieldPath str
ObjectReference: 1 kind str, 2 namespace str, 3 name str, 4 uid str, 5 apiVersion str, 6 resourceVersion str,
  7 fieldPath str
PersistentVolumeClaim: 1 metadata meta/v1.ObjectMeta, 2 spec PersistentVolumeClaimSpec,
  3 status PersistentVolumeClaimStatus
PersistentVolumeClaimCondition: 1 type str, 2 status str, 3 lastProbeTime Time, 4 lastTransitionTime Time,
  5 reason str, 6 message str
PersistentVolumeClaimSpec: 1 accessModes str*, 2 resources VolumeResourceRequirements, 3 volumeName str,
  4 selector meta/v1.LabelSelector, 5 storageClassName str?, 6 volumeMode str?,
  7 dataSource TypedLocalObjectReference, 8 dataSourceRef TypedObjectReference, 9 volumeAttributesClassName str?
PersistentVolumeClaimStatus: 1 phase str, 2 accessModes str*, 3 capacity map:Quantity,
  4 conditions PersistentVolumeClaimCondition*, 5 allocatedResources map:Quantity, 7 allocatedResourceStatuses map,
  8 currentVolumeAttributesClassName str?, 9 modifyVolumeStatus ModifyVolumeStatus
PersistentVolumeClaimTemplate: 1 metadata meta/v1.ObjectMeta, 2 spec PersistentVolumeClaimSpec
PersistentVolumeClaimVolumeSource: 1 claimName str, 2 readOnly bool
PhotonPersistentDiskVolumeSource: 1 pdID str, 2 fsType str
Pod: 1 metadata meta/v1.ObjectMeta, 2 spec PodSpec, 3 status PodStatus
PodAffinity: 1 requiredDuringSchedulingIgnoredDuringExecution PodAffinityTerm*,
  2 preferredDuringSchedulingIgnoredDuringExecution WeightedPodAffinityTerm*
PodAffinityTerm: 1 labelSelector meta/v1.LabelSelector, 2 namespaces str*, 3 topologyKey str,
  4 namespaceSelector meta/v1.LabelSelector, 5 matchLabelKeys str*, 6 mismatchLabelKeys str*
PodAntiAffinity: 1 requiredDuringSchedulingIgnoredDuringExecution PodAffinityTerm*,
  2 preferredDuringSchedulingIgnoredDuringExecution WeightedPodAffinityTerm*
PodCertificateProjection: 1 signerName str, 2 keyType str, 3 maxExpirationSeconds int?, 4 credentialBundlePath str,
  5 keyPath str, 6 certificateChainPath str, 7 userAnnotations map
PodCondition: 1 type str, 2 status str, 3 lastProbeTime Time, 4 lastTransitionTime Time, 5 reason str, 6 message str,
  7 observedGeneration int
PodDNSConfig: 1 nameservers str*, 2 searches str*, 3 options PodDNSConfigOption*
PodDNSConfigOption: 1 name str, 2 value str?
PodExtendedResourceClaimStatus: 1 requestMappings ContainerExtendedResourceRequest*, 2 resourceClaimName str
PodIP: 1 ip str
PodOS: 1 name str
PodReadinessGate: 1 conditionType str
PodResourceClaim: 1 name str, 3 resourceClaimName str?, 4 resourceClaimTemplateName str?
PodResourceClaimStatus: 1 name str, 2 resourceClaimName str?
PodSchedulingGate: 1 name str
PodSchedulingGroup: 1 podGroupName str?
PodSecurityContext: 1 seLinuxOptions SELinuxOptions, 2 runAsUser int?, 3 runAsNonRoot bool?,
  4 supplementalGroups int*, 5 fsGroup int?, 6 runAsGroup int?, 7 sysctls Sysctl*,
  8 windowsOptions WindowsSecurityContextOptions, 9 fsGroupChangePolicy str?, 10 seccompProfile SeccompProfile,
  11 appArmorProfile AppArmorProfile, 12 supplementalGroupsPolicy str?, 13 seLinuxChangePolicy str?
PodSpec: 1 volumes Volume*, 2 containers Container*, 3 restartPolicy str, 4 terminationGracePeriodSeconds int?,
  5 activeDeadlineSeconds int?, 6 dnsPolicy str, 7 nodeSelector map, 8 serviceAccountName str, 9 serviceAccount str,
  10 nodeName str, 11 hostNetwork bool, 12 hostPID bool, 13 hostIPC bool, 14 securityContext PodSecurityContext,
  15 imagePullSecrets LocalObjectReference*, 16 hostname str, 17 subdomain str, 18 affinity Affinity,
  19 schedulerName str, 20 initContainers Container*, 21 automountServiceAccountToken bool?,
  22 tolerations Toleration*, 23 hostAliases HostAlias*, 24 priorityClassName str, 25 priority int?,
  26 dnsConfig PodDNSConfig, 27 shareProcessNamespace bool?, 28 readinessGates PodReadinessGate*,
  29 runtimeClassName str?, 30 enableServiceLinks bool?, 31 preemptionPolicy str?, 32 overhead map:Quantity,
  33 topologySpreadConstraints TopologySpreadConstraint*, 34 ephemeralContainers EphemeralContainer*,
  35 setHostnameAsFQDN bool?, 36 os PodOS, 37 hostUsers bool?, 38 schedulingGates PodSchedulingGate*,
  39 resourceClaims PodResourceClaim*, 40 resources ResourceRequirements, 41 hostnameOverride str?,
  43 schedulingGroup PodSchedulingGroup
PodStatus: 1 phase str, 2 conditions PodCondition*, 3 message str, 4 reason str, 5 hostIP str, 6 podIP str,
  7 startTime Time, 8 containerStatuses ContainerStatus*, 9 qosClass str, 10 initContainerStatuses ContainerStatus*,
  11 nominatedNodeName str, 12 podIPs PodIP*, 13 ephemeralContainerStatuses ContainerStatus*, 14 resize str,
  15 resourceClaimStatuses PodResourceClaimStatus*, 16 hostIPs HostIP*, 17 observedGeneration int,
  18 extendedResourceClaimStatus PodExtendedResourceClaimStatus, 19 allocatedResources map:Quantity,
  20 resources ResourceRequirements, 21 nodeAllocatableResourceClaimStatuses NodeAllocatableResourceClaimStatus*
PodTemplate: 1 metadata meta/v1.ObjectMeta, 2 template PodTemplateSpec
PodTemplateSpec: 1 metadata meta/v1.ObjectMeta, 2 spec PodSpec
PortStatus: 1 port int!, 2 protocol str, 3 error str?
PortworxVolumeSource: 1 volumeID str, 2 fsType str, 3 readOnly bool
PreferredSchedulingTerm: 1 weight int!, 2 preference NodeSelectorTerm
Probe: 1 + ProbeHandler, 2 initialDelaySeconds int, 3 timeoutSeconds int, 4 periodSeconds int, 5 successThreshold int,
  6 failureThreshold int, 7 terminationGracePeriodSeconds int?
ProbeHandler: 1 exec ExecAction, 2 httpGet HTTPGetAction, 3 tcpSocket TCPSocketAction, 4 grpc GRPCAction
ProjectedVolumeSource: 1 sources VolumeProjection*, 2 defaultMode int?
QuobyteVolumeSource: 1 registry str, 2 volume str, 3 readOnly bool, 4 user str, 5 group str, 6 tenant str
RBDVolumeSource: 1 monitors str*, 2 image str, 3 fsType str, 4 pool str, 5 user str, 6 keyring str,
  7 secretRef LocalObjectReference, 8 readOnly bool
ResourceClaim: 1 name str, 2 request str
ResourceFieldSelector: 1 containerName str, 2 resource str, 3 divisor Quantity
ResourceHealth: 1 resourceID str, 2 health str, 6 message str?
ResourceQuota: 1 metadata meta/v1.ObjectMeta, 2 spec ResourceQuotaSpec, 3 status ResourceQuotaStatus
ResourceQuotaSpec: 1 hard map:Quantity, 2 scopes str*, 3 scopeSelector ScopeSelector
ResourceQuotaStatus: 1 hard map:Quantity, 2 used map:Quantity
ResourceRequirements: 1 limits map:Quantity, 2 requests map:Quantity, 3 claims ResourceClaim*
ResourceStatus: 1 name str, 2 resources ResourceHealth*
SELinuxOptions: 1 user str, 2 role str, 3 type str, 4 level str
ScaleIOVolumeSource: 1 gateway str, 2 system str, 3 secretRef LocalObjectReference, 4 sslEnabled bool,
  5 protectionDomain str, 6 storagePool str, 7 storageMode str, 8 volumeName str, 9 fsType str, 10 readOnly bool
ScopeSelector: 1 matchExpressions ScopedResourceSelectorRequirement*
ScopedResourceSelectorRequirement: 1 scopeName str, 2 operator str, 3 values str*
SeccompProfile: 1 type str, 2 localhostProfile str?
Secret: 1 metadata meta/v1.ObjectMeta, 2 data bytemap, 3 type str, 4 stringData map, 5 immutable bool?
SecretEnvSource: 1 + LocalObjectReference, 2 optional bool?
SecretKeySelector: 1 + LocalObjectReference, 2 key str, 3 optional bool?
SecretProjection: 1 + LocalObjectReference, 2 items KeyToPath*, 4 optional bool?
SecretVolumeSource: 1 secretName str, 2 items KeyToPath*, 3 defaultMode int?, 4 optional bool?
SecurityContext: 1 capabilities Capabilities, 2 privileged bool?, 3 seLinuxOptions SELinuxOptions, 4 runAsUser int?,
  5 runAsNonRoot bool?, 6 readOnlyRootFilesystem bool?, 7 allowPrivilegeEscalation bool?, 8 runAsGroup int?,
  9 procMount str?, 10 windowsOptions WindowsSecurityContextOptions, 11 seccompProfile SeccompProfile,
  12 appArmorProfile AppArmorProfile
Service: 1 metadata meta/v1.ObjectMeta, 2 spec ServiceSpec, 3 status ServiceStatus
ServiceAccount: 1 metadata meta/v1.ObjectMeta, 2 secrets ObjectReference*, 3 imagePullSecrets LocalObjectReference*,
  4 automountServiceAccountToken bool?
ServiceAccountTokenProjection: 1 audience str, 2 expirationSeconds int?, 3 path str
ServicePort: 1 name str, 2 protocol str, 3 port int!, 4 targetPort IntOrString, 5 nodePort int, 6 appProtocol str?
ServiceSpec: 1 ports ServicePort*, 2 selector map, 3 clusterIP str, 4 type str, 5 externalIPs str*,
  7 sessionAffinity str, 8 loadBalancerIP str, 9 loadBalancerSourceRanges str*, 10 externalName str,
  11 externalTrafficPolicy str, 12 healthCheckNodePort int, 13 publishNotReadyAddresses bool,
  14 sessionAffinityConfig SessionAffinityConfig, 17 ipFamilyPolicy str?, 18 clusterIPs str*, 19 ipFamilies str*,
  20 allocateLoadBalancerNodePorts bool?, 21 loadBalancerClass str?, 22 internalTrafficPolicy str?,
  23 trafficDistribution str?
ServiceStatus: 1 loadBalancer LoadBalancerStatus, 2 conditions meta/v1.Condition*
SessionAffinityConfig: 1 clientIP ClientIPConfig
SleepAction: 1 seconds int!
StorageOSVolumeSource: 1 volumeName str, 2 volumeNamespace str, 3 fsType str, 4 readOnly bool,
  5 secretRef LocalObjectReference
Sysctl: 1 name str, 2 value str
TCPSocketAction: 1 port IntOrString, 2 host str
Taint: 1 key str, 2 value str, 3 effect str, 4 timeAdded Time
Toleration: 1 key str, 2 operator str, 3 value str, 4 effect str, 5 tolerationSeconds int?
TopologySelectorLabelRequirement: 1 key str, 2 values str*
TopologySelectorTerm: 1 matchLabelExpressions TopologySelectorLabelRequirement*
TopologySpreadConstraint: 1 maxSkew int!, 2 topologyKey str, 3 whenUnsatisfiable str,
  4 labelSelector meta/v1.LabelSelector, 5 minDomains int?, 6 nodeAffinityPolicy str?, 7 nodeTaintsPolicy str?,
  8 matchLabelKeys str*
TypedLocalObjectReference: 1 apiGroup str?, 2 kind str, 3 name str
TypedObjectReference: 1 apiGroup str?, 2 kind str, 3 name str, 4 namespace str?
Volume: 1 name str, 2 + VolumeSource
VolumeDevice: 1 name str, 2 devicePath str
VolumeMount: 1 name str, 2 readOnly bool, 3 mountPath str, 4 subPath str, 5 mountPropagation str?, 6 subPathExpr str,
  7 recursiveReadOnly str?
VolumeMountStatus: 1 name str, 2 mountPath str, 3 readOnly bool, 4 recursiveReadOnly str?, 5 volumeStatus VolumeStatus
VolumeProjection: 1 secret SecretProjection, 2 downwardAPI DownwardAPIProjection, 3 configMap ConfigMapProjection,
  4 serviceAccountToken ServiceAccountTokenProjection, 5 clusterTrustBundle ClusterTrustBundleProjection,
  6 podCertificate PodCertificateProjection
VolumeResourceRequirements: 1 limits map:Quantity, 2 requests map:Quantity
VolumeSource: 1 hostPath HostPathVolumeSource, 2 emptyDir EmptyDirVolumeSource,
  3 gcePersistentDisk GCEPersistentDiskVolumeSource, 4 awsElasticBlockStore AWSElasticBlockStoreVolumeSource,
  5 gitRepo GitRepoVolumeSource, 6 secret SecretVolumeSource, 7 nfs NFSVolumeSource, 8 iscsi ISCSIVolumeSource,
  9 glusterfs GlusterfsVolumeSource, 10 persistentVolumeClaim PersistentVolumeClaimVolumeSource,
  11 rbd RBDVolumeSource, 12 flexVolume FlexVolumeSource, 13 cinder CinderVolumeSource, 14 cephfs CephFSVolumeSource,
  15 flocker FlockerVolumeSource, 16 downwardAPI DownwardAPIVolumeSource, 17 fc FCVolumeSource,
  18 azureFile AzureFileVolumeSource, 19 configMap ConfigMapVolumeSource,
  20 vsphereVolume VsphereVirtualDiskVolumeSource, 21 quobyte QuobyteVolumeSource, 22 azureDisk AzureDiskVolumeSource,
  23 photonPersistentDisk PhotonPersistentDiskVolumeSource, 24 portworxVolume PortworxVolumeSource,
  25 scaleIO ScaleIOVolumeSource, 26 projected ProjectedVolumeSource, 27 storageos StorageOSVolumeSource,
  28 csi CSIVolumeSource, 29 ephemeral EphemeralVolumeSource, 30 image ImageVolumeSource
VolumeStatus: 1 image ImageVolumeStatus
VsphereVirtualDiskVolumeSource: 1 volumePath str, 2 fsType str, 3 storagePolicyName str, 4 storagePolicyID str
WeightedPodAffinityTerm: 1 weight int!, 2 podAffinityTerm PodAffinityTerm
WindowsSecurityContextOptions: 1 gmsaCredentialSpecName str?, 2 gmsaCredentialSpec str?, 3 runAsUserName str?,
  4 hostProcess bool?
[meta/v1]
Condition: 1 type str, 2 status str, 3 observedGeneration int, 4 lastTransitionTime Time, 5 reason str, 6 message str
DeleteOptions: 1 gracePeriodSeconds int?, 2 preconditions Preconditions, 3 orphanDependents bool?,
  4 propagationPolicy str?, 5 dryRun str*, 6 ignoreStoreReadErrorWithClusterBreakingPotential bool?
FieldSelectorRequirement: 1 key str, 2 operator str, 3 values str*
LabelSelector: 1 matchLabels map, 2 matchExpressions LabelSelectorRequirement*
LabelSelectorRequirement: 1 key str, 2 operator str, 3 values str*
ManagedFieldsEntry: 1 manager str, 2 operation str, 3 apiVersion str, 4 time Time, 6 fieldsType str,
  7 fieldsV1 FieldsV1, 8 subresource str
ObjectMeta: 1 name str, 2 generateName str, 3 namespace str, 4 selfLink str, 5 uid str, 6 resourceVersion str,
  7 generation int, 8 creationTimestamp Time, 9 deletionTimestamp Time, 10 deletionGracePeriodSeconds int?,
  11 labels map, 12 annotations map, 13 ownerReferences OwnerReference*, 14 finalizers str*,
  17 managedFields ManagedFieldsEntry*
OwnerReference: 1 kind str, 3 name str, 4 uid str, 5 apiVersion str, 6 controller bool?, 7 blockOwnerDeletion bool?
Preconditions: 1 uid str?, 2 resourceVersion str?
"""
