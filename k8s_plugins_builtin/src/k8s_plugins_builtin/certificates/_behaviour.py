# SPDX-License-Identifier: Apache-2.0
"""What a CertificateSigningRequest can do besides holding its fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from k8s_core.kinds import human_duration
from k8s_plugins_builtin._columns import AGE, NAME, NONE, column

if TYPE_CHECKING:
    from k8s_plugins_builtin._columns import Columns
    from k8s_plugins_builtin.certificates.v1 import CertificateSigningRequest, CertificateSigningRequestStatus


def _condition(request: CertificateSigningRequest) -> str:
    types = {item.type for item in request.status.conditions}
    text = "Denied" if "Denied" in types else "Approved" if "Approved" in types else "Pending"
    if "Failed" in types:
        text += ",Failed"
    return f"{text},Issued" if request.status.certificate else text


def _requested_duration(request: CertificateSigningRequest) -> str:
    seconds = request.spec.expirationSeconds
    return NONE if seconds is None else human_duration(seconds)


class CertificateSigningRequestBehaviour:
    """Readiness and columns of a CertificateSigningRequest."""

    __slots__ = ()

    if TYPE_CHECKING:
        status: CertificateSigningRequestStatus

    printer_columns: ClassVar[Columns] = (
        NAME,
        AGE,
        column("SignerName", lambda obj: obj.spec.signerName or NONE),
        column("Requestor", lambda obj: obj.spec.username or ""),
        column("RequestedDuration", _requested_duration),
        column("Condition", _condition),
    )

    def is_ready(self) -> bool:
        """True once the certificate is issued."""
        return bool(self.status.certificate)
