# SPDX-License-Identifier: Apache-2.0
"""Ingresses of extensions/v1beta1, which Kubernetes 1.22 removed."""

from __future__ import annotations

from k8s._model import Model
from k8s._models._declare import Field, ListField
from k8s._models.common import ObjectMeta

__all__ = [
    "HTTPIngressPath",
    "HTTPIngressRuleValue",
    "Ingress",
    "IngressBackend",
    "IngressRule",
    "IngressSpec",
    "IngressTLS",
    "ObjectMeta",
]


class IngressBackend(Model):
    """Where requests go."""

    serviceName = Field(str)
    servicePort = Field(str, alt_type=int)


class HTTPIngressPath(Model):
    """A path, and where its requests go."""

    path = Field(str)
    backend = Field(IngressBackend)


class HTTPIngressRuleValue(Model):
    """The paths of a host."""

    paths = ListField(HTTPIngressPath)


class IngressRule(Model):
    """A host with its paths."""

    host = Field(str)
    http = Field(HTTPIngressRuleValue)


class IngressTLS(Model):
    """A certificate, and the hosts that it is for."""

    hosts = ListField(str)
    secretName = Field(str)


class IngressSpec(Model):
    """Which requests go where."""

    backend = Field(IngressBackend)
    rules = ListField(IngressRule)
    tls = ListField(IngressTLS)


class Ingress(Model):
    """Which HTTP requests go to which services."""

    class Meta:
        url_template = "/apis/extensions/v1beta1/namespaces/{namespace}/ingresses/{name}"

    _replaced_by = "networking.k8s.io/v1: k8s.models.networking_v1_ingress"

    metadata = Field(ObjectMeta)
    spec = Field(IngressSpec)
