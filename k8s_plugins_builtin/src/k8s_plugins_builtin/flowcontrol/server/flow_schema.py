# SPDX-License-Identifier: Apache-2.0
"""How an API server treats FlowSchemas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.defaults import fill_paths
from k8s_devkit.strategy.formats import dns_subdomain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import Document, FieldError, ServerContext

__all__ = ["FlowSchemaStrategy"]

_PRECEDENCE = 1000


class FlowSchemaStrategy(Strategy):
    """FlowSchema."""

    generation = "counted"
    status_update_keeps = ("labels", "annotations", "finalizers", "ownerReferences")

    def default(self, new: Document, old: Document | None) -> None:
        fill_paths(new, {"spec.matchingPrecedence": _PRECEDENCE})

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check(new)]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new, created=False), *_check(new)]


def _check(new: Document) -> Problems:
    problems, spec, where = Problems(), new.get("spec") or {}, "spec.matchingPrecedence"
    name, precedence = new["metadata"].get("name", ""), spec.get("matchingPrecedence", _PRECEDENCE)
    if precedence <= 0:
        problems.invalid(where, precedence, "must be a positive value")
    if precedence > 10_000:
        problems.invalid(where, precedence, "must not be greater than 10000")
    if precedence == 1 and name != "exempt":
        problems.invalid(where, precedence, "only the schema named 'exempt' may have matchingPrecedence 1")
    method = spec.get("distinguisherMethod")
    if method is not None and method.get("type", "") not in ("ByNamespace", "ByUser"):
        shown = {"Type": method.get("type", "")}
        problems.unsupported("spec.distinguisherMethod.type", shown, ("ByNamespace", "ByUser"))
    level = (spec.get("priorityLevelConfiguration") or {}).get("name", "")
    if level:
        problems.invalid("spec.priorityLevelConfiguration.name", level, *dns_subdomain(level))
    else:
        problems.required("spec.priorityLevelConfiguration.name", "must reference a priority level")
    for index, rule in enumerate(spec.get("rules") or []):
        _check_rule(problems, rule, f"spec.rules[{index}]")
    return problems


def _check_rule(problems: Problems, rule: Document, path: str) -> None:
    subjects, resources, others = (rule.get(name) or [] for name in ("subjects", "resourceRules", "nonResourceRules"))
    if not subjects:
        problems.required(f"{path}.subjects", "subjects must contain at least one value")
    for index, subject in enumerate(subjects):
        _check_subject(problems, subject, f"{path}.subjects[{index}]")
    if not resources and not others:
        problems.required(path, "at least one of resourceRules and nonResourceRules has to be non-empty")
    for index, part in enumerate(resources):
        where = f"{path}.resourceRules[{index}]"
        _check_verbs(problems, part, where)
        for field, words in (("apiGroups", "api group"), ("resources", "resource")):
            _check_listed(problems, part.get(field) or [], f"{where}.{field}", words)
        if not part.get("namespaces") and not part.get("clusterScope"):
            text = "resource rules that are not cluster scoped must supply at least one namespace"
            problems.required(f"{where}.namespaces", text)
    for index, part in enumerate(others):
        where = f"{path}.nonResourceRules[{index}]"
        _check_verbs(problems, part, where)
        if not part.get("nonResourceURLs"):
            problems.required(f"{where}.nonResourceURLs", "nonResourceURLs must contain at least one value")


def _check_listed(problems: Problems, values: list[str], path: str, words: str) -> None:
    if not values:
        problems.required(path, f"resource rules must supply at least one {words}")
    elif len(values) > 1 and "*" in values:
        problems.invalid(path, values, f"if '*' is present, must not specify other {words}s")


def _check_verbs(problems: Problems, rule: Document, path: str) -> None:
    verbs = rule.get("verbs") or []
    if not verbs:
        problems.required(f"{path}.verbs", "verbs must contain at least one value")
    elif "*" in verbs and len(verbs) > 1:
        problems.invalid(f"{path}.verbs", verbs, "if '*' is present, must not specify other verbs")


def _check_subject(problems: Problems, subject: Document, path: str) -> None:
    kind = subject.get("kind", "")
    fields = {"Group": "group", "ServiceAccount": "serviceAccount", "User": "user"}
    if kind not in fields:
        problems.unsupported(f"{path}.kind", kind, sorted(fields))
        return
    own = subject.get(fields[kind])
    if own is None:
        problems.required(f"{path}.{fields[kind]}", f"{fields[kind]} is required when subject kind is '{kind}'")
    elif not own.get("name"):
        problems.required(f"{path}.{fields[kind]}.name")
    for other, field in fields.items():
        if other != kind and subject.get(field) is not None:
            problems.forbidden(f"{path}.{field}", f"{field} is forbidden when subject kind is not '{other}'")
