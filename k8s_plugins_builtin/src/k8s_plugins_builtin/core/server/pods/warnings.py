# SPDX-License-Identifier: Apache-2.0
"""What a server accepts of Pods and of their templates, but warns of. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy.field_errors import go_quoted
from k8s_devkit.strategy.formats import dns_label
from k8s_plugins_builtin.core.server.deprecations import LABELS, POD_SOURCES, fractional_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_devkit.strategy.document import Document

__all__ = ["name_warnings", "pod_warnings", "template_warnings"]

_RARE = frozenset(
    ("affinity", "hostAliases", "imagePullSecrets", "nodeSelector", "overhead", "topologySpreadConstraints")
)
"""The fields of a Pod without which there is little to look at."""

_LABEL_LIMIT = 63
_NULL_SELECTOR = "a null labelSelector results in matching no pod"
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
_ANNOTATIONS = {
    "scheduler.alpha.kubernetes.io/critical-pod": 'non-functional in v1.16+; use the "priorityClassName" field instead',
    "security.alpha.kubernetes.io/sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
    "security.alpha.kubernetes.io/unsafe-sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
}


def name_warnings(new: Document, use: str = "Pod names and hostnames") -> Iterator[str]:
    """The warning for the name of a new object, a DNS subdomain, that is used where dots do harm."""
    name = new["metadata"].get("name", "")
    if ("." in name or len(name) > _LABEL_LIMIT) and (problems := dns_label(name)):
        advice = "which can result in surprising behavior; a DNS label is recommended"
        yield f"metadata.name: this is used in {use}, {advice}: [{' '.join(problems)}]"


def template_warnings(new: Document, old: Document | None, *path: str) -> Iterator[str]:
    """The warnings of the template in an object; an update that counts as no new generation is not looked at.

    Args:
        path: where the template is; ``spec.template`` by default.
    """
    if old is not None and new["metadata"].get("generation") == old["metadata"].get("generation"):
        return
    template, where = new, path or ("spec", "template")
    for name in where:
        template = template.get(name) or {}
    yield from pod_warnings(template.get("spec") or {}, template.get("metadata") or {}, f"{'.'.join(where)}.")


def pod_warnings(spec: Document, metadata: Document, path: str = "") -> Iterator[str]:
    """The warnings of a Pod or of a template; ``path`` is what its fields' paths begin with."""
    some = not _RARE.isdisjoint(spec)  # most pods have nothing to warn of, and are not to pay for it
    if some:
        yield from _of_scheduling(spec, f"{path}spec")
    for name in metadata.get("annotations") or ():
        if name in _ANNOTATIONS:
            yield f"{path}metadata.annotations[{name}]: {_ANNOTATIONS[name]}"
    for index, volume in enumerate(spec.get("volumes") or ()):
        for source in POD_SOURCES.keys() & volume.keys():
            yield f"{path}spec.volumes[{index}].{source}: {POD_SOURCES[source]}"
    if some:
        yield from _of_lists(spec, f"{path}spec")
    for kind in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(kind) or ()):
            if container.get("resources") or "env" in container:
                yield from _of_container(container, f"{path}spec.{kind}[{index}]")
    if (spec.get("terminationGracePeriodSeconds") or 0) < 0:
        text = "must be >= 0; negative values are invalid and will be treated as 1"
        yield f"{path}spec.terminationGracePeriodSeconds: {text}"
    if some:
        yield from _of_affinity(spec.get("affinity") or {}, f"{path}spec.affinity")


def _of_scheduling(spec: Document, path: str) -> Iterator[str]:
    for label in spec.get("nodeSelector") or ():
        if label in LABELS:
            yield f"{path}.nodeSelector[{label}]: {LABELS[label]}"
    nodes = (spec.get("affinity") or {}).get("nodeAffinity") or {}
    where = f"{path}.affinity.nodeAffinity"
    terms = [
        (f"{where}.{_REQUIRED}.nodeSelectorTerms[{index}]", term)
        for index, term in enumerate((nodes.get(_REQUIRED) or {}).get("nodeSelectorTerms") or ())
    ]
    terms += [
        (f"{where}.{_PREFERRED}[{index}].preference", term.get("preference") or {})
        for index, term in enumerate(nodes.get(_PREFERRED) or ())
    ]
    for place, term in terms:
        for index, expression in enumerate(term.get("matchExpressions") or ()):
            if (label := expression.get("key")) in LABELS:
                yield f"{place}.matchExpressions[{index}].key: {label} is {LABELS[label]}"
    for index, constraint in enumerate(spec.get("topologySpreadConstraints") or ()):
        where = f"{path}.topologySpreadConstraints[{index}]"
        if (label := constraint.get("topologyKey")) in LABELS:
            yield f"{where}.topologyKey: {label} is {LABELS[label]}"
        if constraint.get("labelSelector") is None:
            yield f"{where}.labelSelector: {_NULL_SELECTOR}"


def _of_lists(spec: Document, path: str) -> Iterator[str]:
    for field, key, what in (("hostAliases", "ip", "ip"), ("imagePullSecrets", "name", "name")):
        seen = set()
        for index, item in enumerate(spec.get(field) or ()):
            value = item.get(key, "")
            if value in seen:
                yield f"{path}.{field}[{index}].{key}: duplicate {what} {go_quoted(value)}"
            seen.add(value)
    for index, item in enumerate(spec.get("imagePullSecrets") or ()):
        if not item.get("name"):
            yield f'{path}.imagePullSecrets[{index}].name: invalid empty name ""'
    yield from fractional_bytes(spec.get("overhead"), f"{path}.overhead")


def _of_container(container: Document, path: str) -> Iterator[str]:
    resources = container.get("resources") or {}
    for field in ("limits", "requests"):
        yield from fractional_bytes(resources.get(field), f"{path}.resources.{field}")
    seen = set()
    for index, variable in enumerate(container.get("env") or ()):
        name = variable.get("name", "")
        hidden = name in seen and not _builds_on(variable, f"$({name})")
        if hidden:
            text = "which may be dropped when using apply"
            yield f"{path}.env[{index}]: hides previous definition of {go_quoted(name)}, {text}"
        seen.add(name)


def _builds_on(variable: Document, reference: str) -> bool:
    """Whether a variable is made of its former value, and of something else."""
    value = variable.get("value", "")
    return variable.get("valueFrom") is None and value != reference and reference in value


def _of_affinity(affinity: Document, path: str) -> Iterator[str]:
    for kind in ("podAffinity", "podAntiAffinity"):
        rules = affinity.get(kind) or {}
        for index, term in enumerate(rules.get(_REQUIRED) or ()):
            if term.get("labelSelector") is None:
                yield f"{path}.{kind}.{_REQUIRED}[{index}].labelSelector: {_NULL_SELECTOR}"
        for index, weighted in enumerate(rules.get(_PREFERRED) or ()):
            if (weighted.get("podAffinityTerm") or {}).get("labelSelector") is None:
                yield f"{path}.{kind}.{_PREFERRED}[{index}].podAffinityTerm.labelSelector: {_NULL_SELECTOR}"
