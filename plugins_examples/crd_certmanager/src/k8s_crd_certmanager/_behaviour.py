# SPDX-License-Identifier: Apache-2.0
"""What the kinds of cert-manager.io can do besides holding their fields. Written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from k8s_core.meta import ObjectMeta

    from k8s_crd_certmanager.v1 import (
        CertificateCondition,
        CertificateRequestCondition,
        CertificateRequestStatus,
        CertificateStatus,
        IssuerCondition,
        IssuerStatus,
    )

    Conditions = Iterable[CertificateCondition | CertificateRequestCondition | IssuerCondition]

__all__ = ["CertificateBehaviour", "CertificateRequestBehaviour", "ClusterIssuerBehaviour", "IssuerBehaviour"]


def _is_true(conditions: Conditions, type_: str) -> bool:
    return any(condition.type == type_ and condition.status == "True" for condition in conditions)


class CertificateBehaviour:
    """Readiness and renewal of a Certificate."""

    __slots__ = ()

    if TYPE_CHECKING:
        metadata: ObjectMeta
        status: CertificateStatus

    def is_ready(self) -> bool:
        """True once the Secret holds a valid certificate for the present spec."""
        current = self.metadata.generation
        return any(
            condition.type == "Ready"
            and condition.status == "True"
            # A condition that was written for an older spec says nothing about this one.
            and (condition.observedGeneration is None or current is None or condition.observedGeneration >= current)
            for condition in self.status.conditions
        )

    def expires_in(self, now: datetime) -> timedelta | None:
        """How long the certificate is still valid at an aware point of time; None if none has been issued."""
        return None if self.status.notAfter is None else self.status.notAfter - now


class CertificateRequestBehaviour:
    """Readiness of a CertificateRequest."""

    __slots__ = ()

    if TYPE_CHECKING:
        status: CertificateRequestStatus

    def is_ready(self) -> bool:
        """True once the certificate is issued."""
        return _is_true(self.status.conditions, "Ready")

    def is_denied(self) -> bool:
        """True once somebody has refused the request: it will never become ready."""
        return _is_true(self.status.conditions, "Denied")


class IssuerBehaviour:
    """Readiness of an Issuer."""

    __slots__ = ()

    if TYPE_CHECKING:
        status: IssuerStatus

    def is_ready(self) -> bool:
        """True once certificates can be asked for."""
        return _is_true(self.status.conditions, "Ready")


class ClusterIssuerBehaviour(IssuerBehaviour):
    """Readiness of a ClusterIssuer."""

    __slots__ = ()
