# SPDX-License-Identifier: Apache-2.0
"""Small groups: ``policy``, ``scheduling``, ``node``, ``coordination``, ``flowcontrol``. Pure."""

from __future__ import annotations

from typing import Any

from k8s_devkit.strategy.field_errors import Problems
from k8s_devkit.strategy.formats import dns_label, dns_subdomain
from k8s_devkit.strategy.labels import check_label_map
from k8s_plugins_builtin.core.server.pods.scheduling import check_tolerations
from k8s_plugins_builtin.core.server.resources import check_requirements

__all__ = [
    "check_flow_schema",
    "check_lease",
    "check_priority_class",
    "check_priority_level",
    "check_runtime_class",
]

Json = dict[str, Any]
_HIGHEST_USER_PRIORITY = 1_000_000_000
_SYSTEM_PRIORITIES = {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}


def check_priority_class(document: Json, live: Json | None = None) -> Problems:
    """A PriorityClass: names and numbers of the system are not for users."""
    problems, name, value = Problems(), document["metadata"].get("name", ""), document.get("value", 0)
    if name.startswith("system-"):
        if name not in _SYSTEM_PRIORITIES:
            text = (
                "priority class names with 'system-' prefix are reserved for system use only. "
                f"error: {name} is not a known system priority class"
            )
            problems.forbidden("metadata.name", text)
    elif value > _HIGHEST_USER_PRIORITY:
        text = f"maximum allowed value of a user defined priority is {_HIGHEST_USER_PRIORITY}"
        problems.forbidden("value", text)
    problems.one_of(document, "", "preemptionPolicy", ("PreemptLowerPriority", "Never"))
    return problems


def check_runtime_class(document: Json, live: Json | None = None) -> Problems:
    """A RuntimeClass."""
    problems, handler = Problems(), document.get("handler", "")
    problems.invalid("handler", handler, *dns_label(handler))
    overhead = (document.get("overhead") or {}).get("podFixed")
    if overhead:
        problems += check_requirements({"limits": overhead}, "overhead")
    scheduling = document.get("scheduling") or {}
    problems += check_label_map(scheduling.get("nodeSelector"), "scheduling.nodeSelector")
    tolerations = scheduling.get("tolerations") or []
    problems += check_tolerations(tolerations, "scheduling.tolerations")
    keys = [
        tuple(toleration.get(part, "") for part in ("key", "operator", "value", "effect")) for toleration in tolerations
    ]
    for index, key in enumerate(keys):
        if key in keys[:index]:
            problems.duplicate(f"scheduling.tolerations[{index}]", tolerations[index])
    return problems


def check_lease(document: Json, live: Json | None = None) -> Problems:
    """A Lease."""
    spec, problems = document.get("spec") or {}, Problems()
    seconds, transitions = spec.get("leaseDurationSeconds"), spec.get("leaseTransitions")
    if seconds is not None and seconds <= 0:
        problems.invalid("spec.leaseDurationSeconds", seconds, "must be greater than 0")
    if transitions is not None and transitions < 0:
        problems.invalid("spec.leaseTransitions", transitions, "must be greater than or equal to 0")
    if spec.get("preferredHolder") and not spec.get("strategy"):
        problems.forbidden("spec.preferredHolder", "may only be specified if `strategy` is defined")
    return problems


def check_flow_schema(document: Json, live: Json | None = None) -> Problems:
    """A FlowSchema."""
    spec, problems = document.get("spec") or {}, Problems()
    name, precedence = document["metadata"].get("name", ""), spec.get("matchingPrecedence", 1000)
    where = "spec.matchingPrecedence"
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
        _check_flow_rule(problems, rule, f"spec.rules[{index}]")
    return problems


def _check_flow_rule(problems: Problems, rule: Json, path: str) -> None:
    subjects, resources, others = (rule.get(name) or [] for name in ("subjects", "resourceRules", "nonResourceRules"))
    if not subjects:
        problems.required(f"{path}.subjects", "subjects must contain at least one value")
    for index, subject in enumerate(subjects):
        _check_flow_subject(problems, subject, f"{path}.subjects[{index}]")
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


def _check_verbs(problems: Problems, rule: Json, path: str) -> None:
    verbs = rule.get("verbs") or []
    if not verbs:
        problems.required(f"{path}.verbs", "verbs must contain at least one value")
    elif "*" in verbs and len(verbs) > 1:
        problems.invalid(f"{path}.verbs", verbs, "if '*' is present, must not specify other verbs")


def _check_flow_subject(problems: Problems, subject: Json, path: str) -> None:
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


def check_priority_level(document: Json, live: Json | None = None) -> Problems:
    """A PriorityLevelConfiguration."""
    spec, problems = document.get("spec") or {}, Problems()
    type_, name = spec.get("type", ""), document["metadata"].get("name", "")
    if (name == "exempt") != (type_ == "Exempt"):
        problems.invalid("spec.type", type_, "type must be 'Exempt' if and only if `name` is 'exempt'")
    if type_ == "Exempt":
        if spec.get("limited") is not None:
            problems.forbidden("spec.limited", "must be nil if the type is not Limited")
    elif type_ != "Limited":
        problems.unsupported("spec.type", type_, ("Exempt", "Limited"))
    elif spec.get("limited") is None:
        problems.required("spec.limited", "must not be empty when type is Limited")
    else:
        _check_limited(problems, spec["limited"], "spec.limited")
    return problems


def _check_limited(problems: Problems, limited: Json, path: str) -> None:
    problems.nonnegative(limited, path, "nominalConcurrencyShares")
    response = limited.get("limitResponse") or {}
    type_, queuing, where = response.get("type", ""), response.get("queuing"), f"{path}.limitResponse"
    if type_ == "Reject":
        if queuing is not None:
            text = "must be nil if limited.limitResponse.type is not Limited"
            problems.forbidden(f"{where}.queuing", text)
    elif type_ != "Queue":
        problems.unsupported(f"{where}.type", type_, ("Queue", "Reject"))
    elif queuing is None:
        problems.required(f"{where}.queuing", "must not be empty if limited.limitResponse.type is Limited")
    else:
        for name, default in (("queueLengthLimit", 50), ("queues", 64), ("handSize", 8)):
            if queuing.get(name, default) <= 0:
                problems.invalid(f"{where}.queuing.{name}", queuing[name], "must be positive")
        if queuing.get("handSize", 8) > queuing.get("queues", 64) > 0:
            text = f"should not be greater than queues ({queuing.get('queues', 64)})"
            problems.invalid(f"{where}.queuing.handSize", queuing.get("handSize", 8), text)
