# SPDX-License-Identifier: Apache-2.0
"""Ingresses."""

from __future__ import annotations

from k8s._model import Model
from k8s._models._declare import Field, ListField
from k8s._models.common import ObjectMeta, TypedLocalObjectReference
from k8s_plugins_builtin.networking import v1 as networking

__all__ = [
    "HTTPIngressPath",
    "HTTPIngressRuleValue",
    "Ingress",
    "IngressBackend",
    "IngressRule",
    "IngressServiceBackend",
    "IngressSpec",
    "IngressStatus",
    "IngressTLS",
    "LoadBalancerIngress",
    "LoadBalancerStatus",
    "ObjectMeta",
    "PortStatus",
    "ServiceBackendPort",
    "TypedLocalObjectReference",
]


class ServiceBackendPort(Model, networking.ServiceBackendPort):
    """A port of a service, by name or number."""


class IngressServiceBackend(Model, networking.IngressServiceBackend):
    """A service with a port."""

    port = Field(ServiceBackendPort)


class IngressBackend(Model, networking.IngressBackend):
    """Where requests go."""

    resource = Field(TypedLocalObjectReference)
    service = Field(IngressServiceBackend)


class HTTPIngressPath(Model, networking.HTTPIngressPath):
    """A path, and where its requests go."""

    backend = Field(IngressBackend)


class HTTPIngressRuleValue(Model, networking.HTTPIngressRuleValue):
    """The paths of a host."""

    paths = ListField(HTTPIngressPath)


class IngressRule(Model, networking.IngressRule):
    """A host with its paths."""

    http = Field(HTTPIngressRuleValue)


class IngressTLS(Model, networking.IngressTLS):
    """A certificate, and the hosts that it is for."""

    hosts = ListField(str)


class IngressSpec(Model, networking.IngressSpec):
    """Which requests go where."""

    defaultBackend = Field(IngressBackend)
    rules = ListField(IngressRule)
    tls = ListField(IngressTLS)


class PortStatus(Model, networking.IngressPortStatus):
    """A port of a load balancer."""


class LoadBalancerIngress(Model, networking.IngressLoadBalancerIngress):
    """An address of a load balancer."""

    ports = ListField(PortStatus)


class LoadBalancerStatus(Model, networking.IngressLoadBalancerStatus):
    """The addresses of a load balancer."""

    ingress = ListField(LoadBalancerIngress)


class IngressStatus(Model, networking.IngressStatus):
    """How an ingress is reached."""

    loadBalancer = Field(LoadBalancerStatus)


class Ingress(Model, networking.Ingress):
    """Which HTTP requests go to which services."""

    metadata = Field(ObjectMeta)
    spec = Field(IngressSpec)
    status = Field(IngressStatus)
