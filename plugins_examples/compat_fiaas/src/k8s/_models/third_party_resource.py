# SPDX-License-Identifier: Apache-2.0
"""Third party resources, which Kubernetes 1.8 removed."""

from __future__ import annotations

from k8s._model import Model
from k8s._models._declare import Field, ListField
from k8s._models.common import ObjectMeta

__all__ = ["APIVersion", "ObjectMeta", "ThirdPartyResource"]


class APIVersion(Model):
    """A version of a kind."""

    name = Field(str)


class ThirdPartyResource(Model):
    """What custom resource definitions came after."""

    class Meta:
        url_template = "/apis/extensions/v1beta1/thirdpartyresources/{name}"

    _replaced_by = "apiextensions.k8s.io/v1: k8s.models.apiextensions_v1_custom_resource_definition"

    metadata = Field(ObjectMeta)
    description = Field(str)
    versions = ListField(APIVersion)
