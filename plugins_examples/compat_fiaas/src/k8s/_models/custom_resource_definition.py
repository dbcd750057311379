# SPDX-License-Identifier: Apache-2.0
"""Custom resource definitions of apiextensions.k8s.io/v1beta1, which Kubernetes 1.22 removed."""

from __future__ import annotations

import datetime

from k8s._model import Model
from k8s._models._declare import Field, ListField
from k8s._models.common import ObjectMeta

__all__ = [
    "CustomResourceDefinition",
    "CustomResourceDefinitionCondition",
    "CustomResourceDefinitionNames",
    "CustomResourceDefinitionSpec",
    "CustomResourceDefinitionStatus",
    "CustomResourceValidation",
    "ObjectMeta",
]


class CustomResourceDefinitionNames(Model):
    """The names of a kind."""

    kind = Field(str)
    listKind = Field(str)
    plural = Field(str)
    shortNames = ListField(str)
    singular = Field(str)


class CustomResourceValidation(Model):
    """The schema of a kind."""

    openAPIV3Schema = Field(dict)


class CustomResourceDefinitionSpec(Model):
    """What a kind is."""

    group = Field(str)
    names = Field(CustomResourceDefinitionNames)
    scope = Field(str)
    validation = Field(CustomResourceValidation)
    version = Field(str)


class CustomResourceDefinitionCondition(Model):
    """One aspect of the state of a definition."""

    lastTransitionTime = Field(datetime.datetime)
    message = Field(str)
    reason = Field(str)
    status = Field(str)
    type = Field(str)


class CustomResourceDefinitionStatus(Model):
    """What the server made of a definition."""

    acceptedNames = Field(CustomResourceDefinitionNames)
    conditions = ListField(CustomResourceDefinitionCondition)


class CustomResourceDefinition(Model):
    """Defines a kind."""

    class Meta:
        url_template = "/apis/apiextensions.k8s.io/v1beta1/customresourcedefinitions/{name}"

    _replaced_by = "apiextensions.k8s.io/v1: k8s.models.apiextensions_v1_custom_resource_definition, or Kind.crd()"

    metadata = Field(ObjectMeta)
    spec = Field(CustomResourceDefinitionSpec)
    status = Field(CustomResourceDefinitionStatus)
