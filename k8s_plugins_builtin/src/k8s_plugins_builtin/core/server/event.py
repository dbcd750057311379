# SPDX-License-Identifier: Apache-2.0
"""Events, in the form in which they are stored; events.k8s.io converts them to its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.formats import dns_subdomain, label_key, path_segment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import Document, FieldError, ServerContext

__all__ = ["EventStrategy"]

_LIMITS = {"reportingInstance": 128, "action": 128, "reason": 128, "message": 1024}
_INVOLVED = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")


class EventStrategy(Strategy):
    """Event."""

    create_on_update = True
    selectable_fields = (
        *(f"involvedObject.{part}" for part in _INVOLVED),
        "reason",
        "reportingComponent",
        "source",
        "type",
    )
    standard_finalizers = False

    def name_problems(self, name: str, *, created: bool = True) -> list[str]:
        return path_segment(name)

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return _check(new)

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return _check(new)


def _check(document: Document) -> Problems:
    problems, namespace = Problems(), document["metadata"].get("namespace", "")
    own = (document.get("involvedObject") or {}).get("namespace", "")
    text = "does not match event.namespace"
    if not document.get("eventTime"):
        if namespace != own and (own or namespace not in ("", "default")):
            problems.invalid("involvedObject.namespace", own, text)
    else:
        if not own and namespace not in ("default", "kube-system"):
            problems.invalid("involvedObject.namespace", own, text)
        _check_report(problems, document)
    problems.invalid("namespace", namespace, *dns_subdomain(namespace))
    return problems


def _check_report(problems: Problems, document: Document) -> None:
    """The rules for events with an ``eventTime``, which came after the others."""
    controller = document.get("reportingComponent", "")
    if not controller:
        problems.required("reportingComponent")
    problems.invalid("reportingComponent", controller, *label_key(controller))
    for name, limit in _LIMITS.items():
        value = document.get(name, "")
        if not value and name != "message":
            problems.required(name)
        if len(value) > limit:
            problems.invalid(name, "", f"can have at most {limit} characters")
