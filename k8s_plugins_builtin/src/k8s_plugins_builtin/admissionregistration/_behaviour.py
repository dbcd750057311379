# SPDX-License-Identifier: Apache-2.0
"""Columns of the kinds that configure admission."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from k8s_plugins_builtin._columns import AGE, NAME, UNSET, column, selector_text

if TYPE_CHECKING:
    from k8s_plugins_builtin._columns import Columns
    from k8s_plugins_builtin.admissionregistration.v1 import (
        MutatingAdmissionPolicy,
        MutatingAdmissionPolicyBinding,
        ValidatingAdmissionPolicy,
        ValidatingAdmissionPolicyBinding,
    )


WEBHOOKS = column("Webhooks", lambda obj: len(obj.webhooks), "integer")


def _param_kind(policy: ValidatingAdmissionPolicy | MutatingAdmissionPolicy) -> str:
    ref = policy.spec.paramKind
    return f"{ref.apiVersion}/{ref.kind}" if ref else UNSET


def _param_ref(binding: ValidatingAdmissionPolicyBinding | MutatingAdmissionPolicyBinding) -> str:
    ref = binding.spec.paramRef
    if ref.name:
        return f"{ref.namespace or '*'}/{ref.name}"
    return selector_text(ref.selector) if ref.selector else UNSET


_BINDING = (
    NAME,
    column("PolicyName", lambda obj: obj.spec.policyName or ""),
    column("ParamRef", _param_ref),
    AGE,
)


class MutatingWebhookConfigurationBehaviour:
    """Columns of a MutatingWebhookConfiguration."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (NAME, WEBHOOKS, AGE)


class ValidatingWebhookConfigurationBehaviour:
    """Columns of a ValidatingWebhookConfiguration."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (NAME, WEBHOOKS, AGE)


class ValidatingAdmissionPolicyBehaviour:
    """Columns of a ValidatingAdmissionPolicy."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("Validations", lambda obj: len(obj.spec.validations), "integer"),
        column("ParamKind", _param_kind),
        AGE,
    )


class MutatingAdmissionPolicyBehaviour:
    """Columns of a MutatingAdmissionPolicy."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = (
        NAME,
        column("Mutations", lambda obj: len(obj.spec.mutations), "integer"),
        column("ParamKind", _param_kind),
        AGE,
    )


class ValidatingAdmissionPolicyBindingBehaviour:
    """Columns of a ValidatingAdmissionPolicyBinding."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = _BINDING


class MutatingAdmissionPolicyBindingBehaviour:
    """Columns of a MutatingAdmissionPolicyBinding."""

    __slots__ = ()

    printer_columns: ClassVar[Columns] = _BINDING
