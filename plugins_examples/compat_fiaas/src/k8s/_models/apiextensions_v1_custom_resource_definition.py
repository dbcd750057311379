# SPDX-License-Identifier: Apache-2.0
"""Custom resource definitions."""

from __future__ import annotations

from k8s._model import Model
from k8s._models._declare import Field, JSONField, ListField, SelfModel
from k8s._models.common import ObjectMeta
from k8s_plugins_builtin.apiextensions import v1 as apiextensions

__all__ = [
    "CustomResourceColumnDefinition",
    "CustomResourceConversion",
    "CustomResourceDefinition",
    "CustomResourceDefinitionCondition",
    "CustomResourceDefinitionNames",
    "CustomResourceDefinitionSpec",
    "CustomResourceDefinitionStatus",
    "CustomResourceDefinitionVersion",
    "CustomResourceSubresourceScale",
    "CustomResourceSubresourceStatusDisabled",
    "CustomResourceSubresourceStatusEnabled",
    "CustomResourceSubresources",
    "CustomResourceValidation",
    "ExternalDocumentation",
    "JSONSchemaProps",
    "JSONSchemaPropsStatusEnabled",
    "ObjectMeta",
    "ServiceReference",
    "WebhookClientConfig",
    "WebhookConversion",
]


class ExternalDocumentation(Model, apiextensions.ExternalDocumentation):
    """Where more is written."""


class JSONSchemaProps(Model, apiextensions.JSONSchemaProps):
    """The schema of a value."""

    required = ListField(str)
    ref = Field(str, name="$ref")
    schema = Field(str, name="$schema")
    additionalItems = Field(SelfModel, alt_type=bool)
    additionalProperties = Field(SelfModel, alt_type=bool)
    allOf = ListField(SelfModel)
    anyOf = ListField(SelfModel)
    default = JSONField()
    definitions = Field(dict)
    dependencies = Field(dict)
    enum = JSONField()
    example = JSONField()
    externalDocs = Field(ExternalDocumentation)
    items = Field(SelfModel, alt_type=list)
    _not = Field(SelfModel)
    oneOf = ListField(SelfModel)
    patternProperties = Field(dict)
    properties = Field(dict)
    x_kubernetes_embedded_resource = Field(bool, name="x-kubernetes-embedded-resource")
    x_kubernetes_int_or_string = Field(bool, name="x-kubernetes-int-or-string")
    x_kubernetes_list_map_keys = ListField(str, name="x-kubernetes-list-map-keys")
    x_kubernetes_list_type = Field(str, name="x-kubernetes-list-type")
    x_kubernetes_map_type = Field(str, name="x-kubernetes-map-type")
    x_kubernetes_preserve_unknown_fields = Field(bool, name="x-kubernetes-preserve-unknown-fields")


class JSONSchemaPropsStatusEnabled(JSONSchemaProps):
    """The same, under the name that fiaas/k8s has for a kind with a status."""


class ServiceReference(Model, apiextensions.ServiceReference):
    """A service."""


class WebhookClientConfig(Model, apiextensions.WebhookClientConfig):
    """Where a webhook is."""

    service = Field(ServiceReference)


class WebhookConversion(Model, apiextensions.WebhookConversion):
    """A webhook that converts."""

    conversionReviewVersions = ListField(str)
    clientConfig = Field(WebhookClientConfig)


class CustomResourceColumnDefinition(Model, apiextensions.CustomResourceColumnDefinition):
    """A column for people."""


class CustomResourceConversion(Model, apiextensions.CustomResourceConversion):
    """How versions are converted."""

    webhook = Field(WebhookConversion)


class CustomResourceDefinitionNames(Model, apiextensions.CustomResourceDefinitionNames):
    """The names of a kind."""

    categories = ListField(str)
    shortNames = ListField(str)


class CustomResourceValidation(Model, apiextensions.CustomResourceValidation):
    """The schema of a version."""

    openAPIV3Schema = Field(JSONSchemaProps, alt_type=JSONSchemaPropsStatusEnabled)


class CustomResourceSubresourceScale(Model, apiextensions.CustomResourceSubresourceScale):
    """Where the numbers of replicas are."""


class CustomResourceSubresourceStatusEnabled(Model):
    """There is a status."""


class CustomResourceSubresourceStatusDisabled(Model):
    """There is no status."""


class CustomResourceSubresources(Model, apiextensions.CustomResourceSubresources):
    """The subresources of a kind. An empty ``status`` means that there is one."""

    scale = Field(CustomResourceSubresourceScale)
    status = Field(CustomResourceSubresourceStatusDisabled, alt_type=CustomResourceSubresourceStatusEnabled)


class CustomResourceDefinitionVersion(Model, apiextensions.CustomResourceDefinitionVersion):
    """A version of a kind."""

    additionalPrinterColumns = ListField(CustomResourceColumnDefinition)
    schema = Field(CustomResourceValidation)
    subresources = Field(CustomResourceSubresources)


class CustomResourceDefinitionSpec(Model, apiextensions.CustomResourceDefinitionSpec):
    """What a kind is."""

    conversion = Field(CustomResourceConversion)
    names = Field(CustomResourceDefinitionNames)
    versions = ListField(CustomResourceDefinitionVersion)


class CustomResourceDefinitionCondition(Model, apiextensions.CustomResourceDefinitionCondition):
    """One aspect of the state of a definition."""


class CustomResourceDefinitionStatus(Model, apiextensions.CustomResourceDefinitionStatus):
    """What the server made of a definition."""

    storedVersions = ListField(str)
    acceptedNames = Field(CustomResourceDefinitionNames)
    conditions = ListField(CustomResourceDefinitionCondition)


class CustomResourceDefinition(Model, apiextensions.CustomResourceDefinition):
    """Defines a kind."""

    metadata = Field(ObjectMeta)
    spec = Field(CustomResourceDefinitionSpec)
    status = Field(CustomResourceDefinitionStatus)
