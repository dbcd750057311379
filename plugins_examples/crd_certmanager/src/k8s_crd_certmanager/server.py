# SPDX-License-Identifier: Apache-2.0
"""What cert-manager does with a Certificate, as far as programs that wait for it can see."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from k8s_core import hookimpl
from k8s_devkit import CustomStrategy

if TYPE_CHECKING:
    from k8s_devkit import ControllerContext, Document, ServerRegistrar

__all__ = ["CertificateStrategy", "k8s_serve_kinds"]

_LIFETIME = timedelta(days=90)
_MESSAGE = "Certificate is up to date and has not expired"


@hookimpl
def k8s_serve_kinds(registrar: ServerRegistrar) -> None:
    """Register the strategy, as an import string."""
    registrar.add_strategy("cert-manager.io/v1", "Certificate", "k8s_crd_certmanager.server:CertificateStrategy")


class CertificateStrategy(CustomStrategy):
    """Certificate: its Secret appears, and it becomes Ready."""

    def reconcile(self, obj: Document, ctx: ControllerContext) -> None:
        metadata, secret = obj["metadata"], obj.get("spec", {}).get("secretName", "")
        if not secret:
            return
        if ctx.get("", "secrets", secret, metadata["namespace"]) is None:
            ctx.create(_secret(secret, metadata))
        conditions = obj.get("status", {}).get("conditions") or []
        if any((item["type"], item["status"]) == ("Ready", "True") for item in conditions):
            return
        ready = {"type": "Ready", "status": "True", "reason": "Ready", "message": _MESSAGE}
        ready |= {"lastTransitionTime": ctx.now(), "observedGeneration": metadata["generation"]}
        expires = (ctx.time() + _LIFETIME).strftime("%Y-%m-%dT%H:%M:%SZ")
        obj["status"] = {"conditions": [ready], "notBefore": ctx.now(), "notAfter": expires, "revision": 1}


def _secret(name: str, certificate: Document) -> Document:
    annotations = {"cert-manager.io/certificate-name": certificate["name"]}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/tls",
        "metadata": {"name": name, "namespace": certificate["namespace"], "annotations": annotations},
        "stringData": {"tls.crt": "simulated", "tls.key": "simulated"},
    }
