# SPDX-License-Identifier: Apache-2.0
"""Printer columns: names in kubectl's order, and cells of one telling object for each kind with rules of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from k8s_core.kinds import PrinterColumn, table_columns
from k8s_core.registry import Registry

if TYPE_CHECKING:
    from k8s_core.model import Resource

EXPECTED = {
    "v1/Pod": "Name Ready Status Restarts Age | IP Node Nominated_Node Readiness_Gates",
    "v1/Node": "Name Status Roles Age Version | Internal-IP External-IP OS-Image Kernel-Version Container-Runtime",
    "v1/Service": "Name Type Cluster-IP External-IP Port(s) Age | Selector",
    "v1/Event": "Last_Seen Type Reason Object Message | Subobject Source First_Seen Count Name",
    "v1/Namespace": "Name Status Age |",
    "v1/ConfigMap": "Name Data Age |",
    "v1/PersistentVolumeClaim": (
        "Name Status Volume Capacity Access_Modes StorageClass VolumeAttributesClass Age | VolumeMode"
    ),
    "apps/v1/Deployment": "Name Ready Up-to-date Available Age | Containers Images Selector",
    "apps/v1/StatefulSet": "Name Ready Age | Containers Images",
    "apps/v1/DaemonSet": (
        "Name Desired Current Ready Up-to-date Available Node_Selector Age | Containers Images Selector"
    ),
    "batch/v1/Job": "Name Status Completions Duration Age | Containers Images Selector",
    "networking.k8s.io/v1/Ingress": "Name Class Hosts Address Ports Age |",
    "rbac.authorization.k8s.io/v1/Role": "Name Created_At |",
    "scheduling.k8s.io/v1/PriorityClass": "Name Value Global-Default Age PreemptionPolicy |",
    "apiextensions.k8s.io/v1/CustomResourceDefinition": "Name Created_At |",
    "coordination.k8s.io/v1/Lease": "Name Holder Age |",
    "storage.k8s.io/v1/StorageClass": ("Name Provisioner ReclaimPolicy VolumeBindingMode AllowVolumeExpansion Age |"),
    "resource.k8s.io/v1/DeviceClass": "Name Age |",
}


def class_of(name: str) -> type[Resource]:
    api_version, _, kind = name.rpartition("/")
    return Registry().get(api_version, kind)


def cell(column: PrinterColumn, obj: Resource) -> Any:
    assert callable(column.value)
    return column.value(obj)


@pytest.mark.parametrize("name", EXPECTED)
def test_columns_are_those_of_kubectl_in_order(name: str) -> None:
    columns = table_columns(class_of(name).printer_columns)
    shown = [column.name.replace(" ", "_") for column in columns if column.priority == 0]
    wide = [column.name.replace(" ", "_") for column in columns if column.priority]
    assert f"{' '.join(shown)} | {' '.join(wide)}".rstrip() == EXPECTED[name]


TEMPLATE = {"spec": {"containers": [{"name": "a", "image": "i"}, {"name": "b", "image": "j"}]}}
CELLS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "v1/Service",
        {
            "spec": {
                "type": "LoadBalancer",
                "clusterIPs": ["10.0.0.1", "fd00::1"],
                "ports": [{"port": 80, "nodePort": 30080, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}],
                "selector": {"b": "2", "a": "1"},
            },
            "status": {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}, {"hostname": "lb"}]}},
        },
        {
            "Cluster-IP": "10.0.0.1",
            "External-IP": "1.2.3.4,lb",
            "Port(s)": "80:30080/TCP,53/UDP",
            "Selector": "a=1,b=2",
        },
    ),
    ("v1/Service", {"spec": {"type": "LoadBalancer"}}, {"External-IP": "<pending>", "Port(s)": "<none>"}),
    ("v1/Service", {"spec": {"type": "ExternalName", "externalName": "x.org"}}, {"External-IP": "x.org"}),
    ("v1/Service", {"spec": {"type": "ClusterIP", "externalIPs": ["9.9.9.9"]}}, {"External-IP": "9.9.9.9"}),
    (
        "v1/Node",
        {
            "metadata": {"labels": {"node-role.kubernetes.io/worker": "", "kubernetes.io/role": "edge"}},
            "spec": {"unschedulable": True},
            "status": {
                "conditions": [{"type": "Ready", "status": "Unknown"}],
                "addresses": [{"type": "InternalIP", "address": "10.1.1.1"}],
                "nodeInfo": {"kubeletVersion": "v1.36.2"},
            },
        },
        {
            "Status": "NotReady,SchedulingDisabled",
            "Roles": "edge,worker",
            "Version": "v1.36.2",
            "Internal-IP": "10.1.1.1",
            "External-IP": "<none>",
            "OS-Image": "<unknown>",
        },
    ),
    (
        "v1/Event",
        {
            "involvedObject": {"kind": "Pod", "name": "web"},
            "source": {"component": "kubelet", "host": "n1"},
            "message": " pulled ",
        },
        {"Object": "pod/web", "Source": "kubelet, n1", "Message": "pulled", "Count": 1},
    ),
    (
        "v1/Endpoints",
        {"subsets": [{"addresses": [{"ip": "10.0.0.1"}, {"ip": "fd00::2"}], "ports": [{"port": 80}, {"port": 443}]}]},
        {"Endpoints": "10.0.0.1:80,[fd00::2]:80,10.0.0.1:443 + 1 more..."},
    ),
    (
        "v1/PersistentVolumeClaim",
        {
            "spec": {"volumeName": "pv1", "storageClassName": "fast", "volumeMode": "Block"},
            "status": {
                "phase": "Bound",
                "capacity": {"storage": "10Gi"},
                "accessModes": ["ReadWriteMany", "ReadWriteOnce"],
            },
        },
        {
            "Status": "Bound",
            "Capacity": "10Gi",
            "Access Modes": "RWO,RWX",
            "StorageClass": "fast",
            "VolumeMode": "Block",
        },
    ),
    (
        "v1/PersistentVolume",
        {
            "metadata": {"deletionTimestamp": "2026-01-02T03:04:05Z"},
            "spec": {"claimRef": {"namespace": "n", "name": "c"}},
        },
        {"Status": "Terminating", "Claim": "n/c", "VolumeAttributesClass": "<unset>"},
    ),
    (
        "v1/ResourceQuota",
        {"status": {"hard": {"limits.cpu": "2", "pods": "4", "cpu": "1"}, "used": {"pods": "1"}}},
        {"Request": "cpu: 0/1, pods: 1/4", "Limit": "limits.cpu: 0/2"},
    ),
    (
        "v1/ComponentStatus",
        {"conditions": [{"type": "Healthy", "status": "True", "message": "ok"}]},
        {"Status": "Healthy"},
    ),
    (
        "apps/v1/Deployment",
        {
            "spec": {
                "replicas": 3,
                "template": TEMPLATE,
                "selector": {
                    "matchLabels": {"app": "web"},
                    "matchExpressions": [
                        {"key": "tier", "operator": "In", "values": ["b", "a"]},
                        {"key": "old", "operator": "DoesNotExist"},
                        {"key": "env", "operator": "NotIn", "values": ["dev"]},
                        {"key": "zone", "operator": "Exists"},
                    ],
                },
            },
            "status": {"readyReplicas": 1},
        },
        {
            "Ready": "1/3",
            "Up-to-date": 0,
            "Containers": "a,b",
            "Images": "i,j",
            "Selector": "app=web,env notin (dev),!old,tier in (a,b),zone",
        },
    ),
    (
        "apps/v1/ControllerRevision",
        {
            "metadata": {
                "ownerReferences": [{"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "db", "controller": True}]
            }
        },
        {"Controller": "statefulset.apps/db"},
    ),
    (
        "batch/v1/Job",
        {"spec": {"parallelism": 3}, "status": {"succeeded": 1}},
        {"Completions": "1/1 of 3", "Status": "Running"},
    ),
    (
        "batch/v1/Job",
        {
            "spec": {"completions": 5},
            "status": {
                "startTime": "2026-01-02T03:04:05Z",
                "completionTime": "2026-01-02T03:05:15Z",
                "succeeded": 5,
                "conditions": [{"type": "Complete", "status": "True"}],
            },
        },
        {"Completions": "5/5", "Duration": "70s", "Status": "Complete"},
    ),
    (
        "batch/v1/CronJob",
        {"spec": {"schedule": "* * * * *", "suspend": False}},
        {"Suspend": "False", "Last Schedule": "<none>"},
    ),
    (
        "networking.k8s.io/v1/Ingress",
        {"spec": {"rules": [{"host": name} for name in "abcd"], "tls": [{}]}},
        {"Hosts": "a,b,c + 1 more...", "Ports": "80, 443", "Class": "<none>"},
    ),
    (
        "networking.k8s.io/v1/IPAddress",
        {"spec": {"parentRef": {"resource": "services", "namespace": "n", "name": "s"}}},
        {"ParentRef": "services/n/s"},
    ),
    (
        "autoscaling/v2/HorizontalPodAutoscaler",
        {
            "spec": {
                "scaleTargetRef": {"kind": "Deployment", "name": "web"},
                "metrics": [
                    {
                        "type": "Resource",
                        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}},
                    },
                    {"type": "External", "external": {"metric": {"name": "q"}, "target": {"averageValue": "10"}}},
                    {"type": "Pods", "pods": {"metric": {"name": "p"}, "target": {"averageValue": "1k"}}},
                ],
            },
            "status": {"currentMetrics": [{"type": "Resource", "resource": {"current": {"averageUtilization": 20}}}]},
        },
        {
            "Reference": "Deployment/web",
            "Targets": "cpu: 20%/80%, <unknown>/10 (avg) + 1 more...",
            "MinPods": "<unset>",
        },
    ),
    (
        "autoscaling/v1/HorizontalPodAutoscaler",
        {"spec": {"targetCPUUtilizationPercentage": 80}},
        {"Targets": "cpu: <unknown>/80%"},
    ),
    (
        "rbac.authorization.k8s.io/v1/RoleBinding",
        {
            "roleRef": {"kind": "Role", "name": "r"},
            "subjects": [{"kind": "User", "name": "u"}, {"kind": "ServiceAccount", "namespace": "n", "name": "s"}],
        },
        {"Role": "Role/r", "Users": "u", "Groups": "", "ServiceAccounts": "n/s"},
    ),
    (
        "storage.k8s.io/v1/StorageClass",
        {"metadata": {"name": "std", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}},
        {"Name": "std (default)", "ReclaimPolicy": "Delete", "VolumeBindingMode": "Immediate"},
    ),
    (
        "certificates.k8s.io/v1/CertificateSigningRequest",
        {"spec": {"expirationSeconds": 3600}, "status": {"conditions": [{"type": "Approved"}], "certificate": "YQ=="}},
        {"Condition": "Approved,Issued", "RequestedDuration": "60m"},
    ),
    (
        "discovery.k8s.io/v1/EndpointSlice",
        {
            "ports": [{"port": 80}, {"name": "x"}, {}],
            "endpoints": [{"addresses": ["a", "b"]}, {"addresses": ["c", "d"]}],
        },
        {"Ports": "80,x,*", "Endpoints": "a,b,c + 1 more..."},
    ),
    (
        "flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfiguration",
        {
            "spec": {
                "type": "Limited",
                "limited": {"nominalConcurrencyShares": 5, "limitResponse": {"queuing": {"queues": 8}}},
            }
        },
        {"NominalConcurrencyShares": "5", "Queues": "8", "HandSize": "<none>"},
    ),
    (
        "apiregistration.k8s.io/v1/APIService",
        {
            "spec": {"service": {"namespace": "n", "name": "s"}},
            "status": {"conditions": [{"type": "Available", "status": "False", "reason": "MissingEndpoints"}]},
        },
        {"Service": "n/s", "Available": "False (MissingEndpoints)"},
    ),
    (
        "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding",
        {"spec": {"policyName": "p", "paramRef": {"name": "x"}}},
        {"PolicyName": "p", "ParamRef": "*/x"},
    ),
    (
        "resource.k8s.io/v1/ResourceClaim",
        {"status": {"allocation": {}, "reservedFor": [{"resource": "pods", "name": "p", "uid": "u"}]}},
        {"State": "allocated,reserved"},
    ),
]


@pytest.mark.parametrize(
    ("name", "document", "expected"), CELLS, ids=[f"{index}-{cells[0]}" for index, cells in enumerate(CELLS)]
)
def test_cells(name: str, document: dict[str, Any], expected: dict[str, Any]) -> None:
    cls = class_of(name)
    obj = cls.from_dict(document)
    columns = {column.name: column for column in cls.printer_columns}
    assert {key: cell(columns[key], obj) for key in expected} == expected


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("v1/Namespace", {"status": {"phase": "Active"}}),
        ("v1/Node", {"status": {"conditions": [{"type": "Ready", "status": "True"}]}}),
        ("v1/PersistentVolumeClaim", {"status": {"phase": "Bound"}}),
        ("v1/ReplicationController", {"status": {"readyReplicas": 1}}),
        ("batch/v1/Job", {"status": {"conditions": [{"type": "Complete", "status": "True"}]}}),
        ("certificates.k8s.io/v1/CertificateSigningRequest", {"status": {"certificate": "YQ=="}}),
        ("storage.k8s.io/v1/VolumeAttachment", {"status": {"attached": True}}),
        ("resource.k8s.io/v1/ResourceClaim", {"status": {"allocation": {}}}),
        ("apiregistration.k8s.io/v1/APIService", {"status": {"conditions": [{"type": "Available", "status": "True"}]}}),
        (
            "apiextensions.k8s.io/v1/CustomResourceDefinition",
            {
                "status": {
                    "conditions": [
                        {"type": "NamesAccepted", "status": "True"},
                        {"type": "Established", "status": "True"},
                    ]
                }
            },
        ),
        (
            "autoscaling/v2/HorizontalPodAutoscaler",
            {
                "status": {
                    "conditions": [
                        {"type": "AbleToScale", "status": "True"},
                        {"type": "ScalingActive", "status": "True"},
                    ]
                }
            },
        ),
    ],
)
def test_readiness_of_other_kinds(name: str, document: dict[str, Any]) -> None:
    cls: Any = class_of(name)
    assert cls.from_dict(document).is_ready()
    assert not cls.from_dict({}).is_ready()
