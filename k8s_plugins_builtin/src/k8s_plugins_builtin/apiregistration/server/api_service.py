# SPDX-License-Identifier: Apache-2.0
"""How an API server treats APIServices."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.defaults import fill_paths
from k8s_devkit.strategy.formats import dns_1035_label, dns_subdomain, path_segment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import Document, FieldError, ServerContext

__all__ = ["APIServiceStrategy"]


class APIServiceStrategy(Strategy):
    """APIService."""

    unconditional_update = False
    standard_finalizers = False
    status_update_keeps = ("labels", "annotations", "finalizers", "ownerReferences")

    def name_problems(self, name: str, *, created: bool = True) -> list[str]:
        return path_segment(name)

    def default(self, new: Document, old: Document | None) -> None:
        fill_paths(new, {"spec.service.port": 443})

    def prepare_for_create(self, new: Document, ctx: ServerContext) -> None:
        """An APIService that the server answers itself is available at once."""
        spec = new.setdefault("spec", {})
        if not spec.get("service"):
            condition = {
                "type": "Available",
                "status": "True",
                "lastTransitionTime": new["metadata"]["creationTimestamp"],
                "reason": "Local",
                "message": "Local APIServices are always available",
            }
            new["status"] = {"conditions": [condition]}

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check(new)]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata_update(new, old), *self.check_metadata(new, created=False), *_check(new)]


def _check(new: Document) -> Problems:
    spec, problems, name = new.get("spec") or {}, Problems(), new["metadata"].get("name", "")
    group, version, service = spec.get("group", ""), spec.get("version", ""), spec.get("service")
    wanted = f"{version}.{group}"
    if name != wanted and not path_segment(name):
        problems.invalid("metadata.name", name, f'must be `spec.version+"."+spec.group`: "{wanted}"')
    if not group and version != "v1":
        problems.required("spec.group", "only v1 may have an empty group and it better be legacy kube")
    if group:
        problems.invalid("spec.group", group, *dns_subdomain(group))
    problems.invalid("spec.version", version, *dns_1035_label(version))
    for field, most in (("groupPriorityMinimum", 20000), ("versionPriority", 1000)):
        if not 0 < spec.get(field, 0) <= most:
            problems.invalid(f"spec.{field}", spec.get(field, 0), f"must be positive and less than {most}")
    insecure, bundle = spec.get("insecureSkipTLSVerify"), spec.get("caBundle")
    if service is None:
        if bundle:
            shown = f"{len(base64.b64decode(bundle))} bytes"
            problems.invalid("spec.caBundle", shown, "local APIServices may not have a caBundle")
        if insecure:
            text = "local APIServices may not have insecureSkipTLSVerify"
            problems.invalid("spec.insecureSkipTLSVerify", True, text)
        return problems
    for field in ("namespace", "name"):
        if not service.get(field):
            problems.required(f"spec.service.{field}")
    if insecure and bundle:
        problems.invalid("spec.insecureSkipTLSVerify", True, "may not be true if caBundle is present")
    return problems
