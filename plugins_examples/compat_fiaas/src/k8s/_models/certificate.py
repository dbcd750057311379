# SPDX-License-Identifier: Apache-2.0
"""Certificates of cert-manager."""

from __future__ import annotations

import datetime

from k8s._model import Model
from k8s._models._declare import Field, ListField
from k8s._models.common import ObjectMeta

__all__ = [
    "Certificate",
    "CertificateCondition",
    "CertificateSpec",
    "CertificateStatus",
    "IssuerReference",
    "ObjectMeta",
]


class IssuerReference(Model):
    """Who signs."""

    name = Field(str)
    kind = Field(str)
    group = Field(str)


class CertificateSpec(Model):
    """What is to be signed, and where it goes."""

    secretName = Field(str)
    issuerRef = Field(IssuerReference)


class CertificateCondition(Model):
    """One aspect of the state of a certificate."""

    type = Field(str)
    status = Field(str)


class CertificateStatus(Model):
    """How far a certificate is."""

    conditions = ListField(CertificateCondition)
    notAfter = Field(datetime.datetime)


class Certificate(Model):
    """A certificate that cert-manager keeps."""

    class Meta:
        url_template = "/apis/cert-manager.io/v1/namespaces/{namespace}/certificates/{name}"

    metadata = Field(ObjectMeta)
    spec = Field(CertificateSpec)
    status = Field(CertificateStatus)
