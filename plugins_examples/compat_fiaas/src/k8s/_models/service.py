# SPDX-License-Identifier: Apache-2.0
"""Services."""

from __future__ import annotations

from k8s._model import Model
from k8s._models._declare import Field, ListField, OnceField
from k8s._models.common import ObjectMeta
from k8s_plugins_builtin.core import v1 as core

__all__ = ["ObjectMeta", "Service", "ServicePort", "ServiceSpec"]


class ServicePort(Model, core.ServicePort):
    """A port of a service."""

    protocol = Field(str, "TCP")


class ServiceSpec(Model, core.ServiceSpec):
    """Where a service is, and what is behind it."""

    loadBalancerSourceRanges = ListField(str)
    ports = ListField(ServicePort)
    selector = Field(dict)
    clusterIP = OnceField(str)
    loadBalancerIP = OnceField(str)
    type = Field(str, "ClusterIP")
    sessionAffinity = Field(str, "None")


class Service(Model, core.Service):
    """A service."""

    metadata = Field(ObjectMeta)
    spec = Field(ServiceSpec)
