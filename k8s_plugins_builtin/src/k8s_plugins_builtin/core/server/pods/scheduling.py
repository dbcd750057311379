# SPDX-License-Identifier: Apache-2.0
"""Where a pod may run: affinity, tolerations, topology, node selectors. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy.field_errors import Problems
from k8s_devkit.strategy.formats import dns_label, dns_subdomain, label_key, label_value
from k8s_devkit.strategy.selectors import check_label_selector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from k8s_devkit.strategy.document import Document

__all__ = ["TAINT_EFFECTS", "check_affinity", "check_node_selector", "check_tolerations", "check_topology_spread"]

TAINT_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
"""The effects of a taint, as errors list them."""
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_NO_OPERATOR = "not a valid selector operator"
_NO_SELECTOR = "must not be specified when labelSelector is not set"


def check_affinity(problems: Problems, affinity: Document | None, path: str) -> None:
    """All three affinities of a pod."""
    if not affinity:
        return
    node, where = affinity.get("nodeAffinity") or {}, f"{path}.nodeAffinity"
    if node.get(_REQUIRED) is not None:
        problems += check_node_selector(node[_REQUIRED], f"{where}.{_REQUIRED}")
    for index, term in enumerate(node.get(_PREFERRED) or []):
        item = f"{where}.{_PREFERRED}[{index}]"
        _check_weight(problems, term, item)
        # The API server lets values of preferred terms be anything: they only cost a point.
        _check_node_term(problems, term.get("preference") or {}, f"{item}.preference", strict=False)
    for name in ("podAffinity", "podAntiAffinity"):
        _check_pod_affinity(problems, affinity.get(name) or {}, f"{path}.{name}")


def _check_weight(problems: Problems, term: Document, path: str) -> None:
    weight = term.get("weight", 0)
    if not 1 <= weight <= 100:
        problems.invalid(f"{path}.weight", weight, "must be in the range 1-100")


def check_node_selector(selector: Document, path: str) -> Problems:
    """Terms that a node must fulfil, of a pod or of a volume."""
    problems, where = Problems(), f"{path}.nodeSelectorTerms"
    if not selector.get("nodeSelectorTerms"):
        problems.required(where, "must have at least one node selector term")
    for index, term in enumerate(selector.get("nodeSelectorTerms") or []):
        _check_node_term(problems, term, f"{where}[{index}]")
    return problems


def _check_node_term(problems: Problems, term: Document, path: str, *, strict: bool = True) -> None:
    for index, expression in enumerate(term.get("matchExpressions") or []):
        _check_node_expression(problems, expression, f"{path}.matchExpressions[{index}]", strict=strict)
    for index, expression in enumerate(term.get("matchFields") or []):
        _check_node_field(problems, expression, f"{path}.matchFields[{index}]")


def _check_node_expression(problems: Problems, expression: Document, path: str, *, strict: bool) -> None:
    operator, values, key = expression.get("operator", ""), expression.get("values") or [], expression.get("key", "")
    where = f"{path}.values"
    if operator in ("In", "NotIn"):
        if not values:
            problems.required(where, "must be specified when `operator` is 'In' or 'NotIn'")
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            problems.forbidden(where, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
    elif operator in ("Gt", "Lt"):
        if len(values) != 1:
            problems.required(where, "must be specified single value when `operator` is 'Lt' or 'Gt'")
    else:
        problems.invalid(f"{path}.operator", operator, _NO_OPERATOR)
    problems.invalid(f"{path}.key", key, *label_key(key))
    for index, value in enumerate(values if strict else ()):
        problems.invalid(f"{where}[{index}]", value, *label_value(value))


def _check_node_field(problems: Problems, expression: Document, path: str) -> None:
    operator, values, key = expression.get("operator", ""), expression.get("values") or [], expression.get("key", "")
    if operator not in ("In", "NotIn"):
        problems.invalid(f"{path}.operator", operator, _NO_OPERATOR)
    elif len(values) != 1:
        text = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
        problems.required(f"{path}.values", text)
    if key != "metadata.name":
        problems.invalid(f"{path}.key", key, "not a valid field selector key")
        return
    for index, value in enumerate(values):
        problems.invalid(f"{path}.values[{index}]", value, *dns_subdomain(value))


def _check_pod_affinity(problems: Problems, affinity: Document, path: str) -> None:
    for index, term in enumerate(affinity.get(_REQUIRED) or []):
        _check_pod_term(problems, term, f"{path}.{_REQUIRED}[{index}]")
    for index, weighted in enumerate(affinity.get(_PREFERRED) or []):
        where = f"{path}.{_PREFERRED}[{index}]"
        _check_weight(problems, weighted, where)
        _check_pod_term(problems, weighted.get("podAffinityTerm") or {}, f"{where}.podAffinityTerm")


def _check_pod_term(problems: Problems, term: Document, path: str) -> None:
    selector = term.get("labelSelector")
    problems += check_label_selector(selector, f"{path}.labelSelector")
    problems += check_label_selector(term.get("namespaceSelector"), f"{path}.namespaceSelector")
    for name in term.get("namespaces") or []:
        problems.invalid(f"{path}.namespace", name, *dns_label(name))
    for field in ("matchLabelKeys", "mismatchLabelKeys"):
        keys = term.get(field) or []
        if keys and selector is None:
            problems.forbidden(f"{path}.{field}", _NO_SELECTOR)
            continue
        for index, key in enumerate(keys):
            problems.invalid(f"{path}.{field}[{index}]", key, *label_key(key))
    for index, key in enumerate(term.get("matchLabelKeys") or []):
        if key in (term.get("mismatchLabelKeys") or []):
            text = "exists in both matchLabelKeys and mismatchLabelKeys"
            problems.invalid(f"{path}.matchLabelKeys[{index}]", key, text)
    topology = term.get("topologyKey", "")
    if not topology:
        problems.required(f"{path}.topologyKey", "can not be empty")
    problems.invalid(f"{path}.topologyKey", topology, *label_key(topology))


def check_tolerations(tolerations: Sequence[Document], path: str) -> Problems:
    """Which taints a pod tolerates."""
    problems = Problems()
    for index, toleration in enumerate(tolerations):
        where, key = f"{path}[{index}]", toleration.get("key", "")
        operator, value = toleration.get("operator", ""), toleration.get("value", "")
        effect = toleration.get("effect", "")
        if key:
            problems.invalid(f"{where}.key", key, *label_key(key))
        elif operator != "Exists":
            text = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
            problems.invalid(f"{where}.operator", operator, text)
        if toleration.get("tolerationSeconds") is not None and effect != "NoExecute":
            problems.invalid(f"{where}.effect", effect, "effect must be 'NoExecute' when `tolerationSeconds` is set")
        if operator in ("", "Equal"):
            if faults := label_value(value):
                problems.invalid(f"{where}.operator", value, ";".join(faults))
        elif operator == "Exists":
            if value:
                problems.invalid(f"{where}.operator", value, "value must be empty when `operator` is 'Exists'")
        else:
            problems.unsupported(f"{where}.operator", operator, ("Equal", "Exists"))
        if effect and effect not in TAINT_EFFECTS:
            problems.unsupported(f"{where}.effect", effect, TAINT_EFFECTS)
    return problems


def check_topology_spread(problems: Problems, constraints: Sequence[Document], path: str) -> None:
    """How pods spread over the parts of a cluster."""
    for index, constraint in enumerate(constraints):
        where, selector = f"{path}[{index}]", constraint.get("labelSelector")
        skew, key = constraint.get("maxSkew", 0), constraint.get("topologyKey", "")
        action = constraint.get("whenUnsatisfiable", "")
        if skew <= 0:
            problems.invalid(f"{where}.maxSkew", skew, "must be greater than zero")
        if not key:
            problems.required(f"{where}.topologyKey", "can not be empty")
        if action not in ("DoNotSchedule", "ScheduleAnyway"):
            problems.unsupported(f"{where}.whenUnsatisfiable", action, ("DoNotSchedule", "ScheduleAnyway"))
        later = constraints[index + 1 :]
        if any((key, action) == (other.get("topologyKey"), other.get("whenUnsatisfiable")) for other in later):
            problems.duplicate(f"{where}.{{topologyKey, whenUnsatisfiable}}", f"{{{key}, {action}}}")
        domains = constraint.get("minDomains")
        if domains is not None and domains <= 0:
            problems.invalid(f"{where}.minDomains", domains, "must be greater than zero")
        if domains is not None and action != "DoNotSchedule":
            text = f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}"
            problems.invalid(f"{where}.minDomains", domains, text)
        problems.one_of(constraint, where, "nodeAffinityPolicy", ("Honor", "Ignore"))
        problems.one_of(constraint, where, "nodeTaintsPolicy", ("Honor", "Ignore"))
        _check_spread_keys(problems, constraint.get("matchLabelKeys") or [], selector, f"{where}.matchLabelKeys")
        problems += check_label_selector(selector, f"{where}.labelSelector")


def _check_spread_keys(problems: Problems, keys: Sequence[str], selector: Document | None, path: str) -> None:
    if keys and selector is None:
        problems.forbidden(path, _NO_SELECTOR)
    selector = selector or {}
    used = {*(selector.get("matchLabels") or {}), *(part.get("key") for part in selector.get("matchExpressions") or [])}
    for index, key in enumerate(keys):
        problems.invalid(f"{path}[{index}]", key, *label_key(key))
        if key in used:
            problems.invalid(f"{path}[{index}]", key, "exists in both matchLabelKeys and labelSelector")
