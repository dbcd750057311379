# SPDX-License-Identifier: Apache-2.0
"""How an API server treats the kinds of admissionregistration.k8s.io."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import hookimpl

if TYPE_CHECKING:
    from k8s_devkit.strategy import ServerRegistrar

__all__ = ["k8s_serve_kinds"]

_SERVER = "k8s_plugins_builtin.admissionregistration.server"


@hookimpl
def k8s_serve_kinds(registrar: ServerRegistrar) -> None:
    """Register what a server has for this API group."""
    registrar.set_priority("admissionregistration.k8s.io", 16800)
    registrar.add_types("admissionregistration", "k8s_plugins_builtin.admissionregistration.server:types.txt")
    for kind, target in (
        ("MutatingAdmissionPolicy", "policies:MutatingAdmissionPolicyStrategy"),
        ("MutatingAdmissionPolicyBinding", "policies:AdmissionPolicyBindingStrategy"),
        ("MutatingWebhookConfiguration", "webhooks:MutatingWebhookConfigurationStrategy"),
        ("ValidatingAdmissionPolicy", "policies:ValidatingAdmissionPolicyStrategy"),
        ("ValidatingAdmissionPolicyBinding", "policies:AdmissionPolicyBindingStrategy"),
        ("ValidatingWebhookConfiguration", "webhooks:ValidatingWebhookConfigurationStrategy"),
    ):
        registrar.add_strategy("admissionregistration.k8s.io/v1", kind, f"{_SERVER}.{target}")
