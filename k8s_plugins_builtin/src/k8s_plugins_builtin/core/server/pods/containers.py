# SPDX-License-Identifier: Apache-2.0
"""Containers of every sort: what all must have, and what each sort may not. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from k8s_devkit.strategy.field_errors import Problems
from k8s_devkit.strategy.formats import (
    config_key,
    dns_label,
    dns_subdomain,
    environment_name,
    port_name,
    port_number,
)
from k8s_plugins_builtin.core.server.pods.field_references import (
    check_field_reference,
    check_resource_reference,
)
from k8s_plugins_builtin.core.server.pods.mounts import check_devices, check_mounts
from k8s_plugins_builtin.core.server.pods.probes import check_hooks, check_probes
from k8s_plugins_builtin.core.server.pods.security import check_container_security
from k8s_plugins_builtin.core.server.resources import check_requirements

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from k8s_devkit.strategy.document import Document

__all__ = ["PROTOCOLS", "PodContext", "check_containers", "check_image_spaces"]

PROTOCOLS = ("SCTP", "TCP", "UDP")
"""The protocols of ports, as errors list them."""
_PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_VARIABLE_FIELDS = (
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
)
_NOT_IN_INIT = ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe")
_NOT_IN_EPHEMERAL = (
    "ports",
    "resources",
    "livenessProbe",
    "readinessProbe",
    "startupProbe",
    "lifecycle",
    "resizePolicy",
)


@dataclass(slots=True)
class PodContext:
    """What the containers of one pod need to know of it."""

    volumes: Mapping[str, Document]
    claims: set[str] = field(default_factory=set)
    restart_policy: str = "Always"
    grace: int | None = None
    host_users: bool = True


def check_containers(spec: Document, path: str, context: PodContext) -> Problems:
    """The containers, init containers and ephemeral containers of a pod spec."""
    problems = Problems()
    containers, where = spec.get("containers") or [], f"{path}.containers"
    if not containers:
        problems.required(where)
    names: set[str] = set()
    for index, container in enumerate(containers):
        _check_main(problems, container, f"{where}[{index}]", context, names)
    _check_host_ports(problems, containers, where)
    for index, container in enumerate(spec.get("initContainers") or []):
        _check_init(problems, container, f"{path}.initContainers[{index}]", context, names)
        _check_host_ports(problems, [container], f"{path}.initContainers")
    fixed = frozenset(names)
    for index, container in enumerate(spec.get("ephemeralContainers") or []):
        _check_ephemeral(problems, container, f"{path}.ephemeralContainers[{index}]", context, names, fixed)
    return problems


def _check_main(problems: Problems, container: Document, path: str, context: PodContext, names: set[str]) -> None:
    _check_common(problems, container, path, context)
    _check_unique(problems, container, path, names)
    check_hooks(problems, container, path, context.grace)
    check_probes(problems, container, path, context.grace)
    _check_restart(problems, container, path, ("Always", "Never", "OnFailure"))


def _check_restart(problems: Problems, container: Document, path: str, policies: tuple[str, ...]) -> None:
    rules = container.get("restartPolicyRules") or []
    policy = container.get("restartPolicy")
    if policy is None:
        if rules:
            problems.required(f"{path}.restartPolicy", "must specify restartPolicy when restart rules are used")
    elif policy not in policies:
        problems.unsupported(f"{path}.restartPolicy", policy, policies)


def _check_init(problems: Problems, container: Document, path: str, context: PodContext, names: set[str]) -> None:
    _check_common(problems, container, path, context)
    _check_restart(problems, container, path, ("Always", "Never", "OnFailure"))
    _check_unique(problems, container, path, names)
    if container.get("restartPolicy") == "Always":
        check_hooks(problems, container, path, context.grace)
        check_probes(problems, container, path, context.grace)
        return
    for name in _NOT_IN_INIT:
        if container.get(name) is not None:
            problems.forbidden(f"{path}.{name}", "may not be set for init containers without restartPolicy=Always")


def _check_ephemeral(
    problems: Problems, container: Document, path: str, context: PodContext, names: set[str], others: frozenset[str]
) -> None:
    _check_common(problems, container, path, context)
    check_image_spaces(problems, container, path)
    _check_unique(problems, container, path, names)
    target = container.get("targetContainerName")
    if target and target not in others:
        problems.not_found(f"{path}.targetContainerName", target)
    for name in _NOT_IN_EPHEMERAL:
        if container.get(name):
            problems.forbidden(f"{path}.{name}", "cannot be set for an Ephemeral Container")
    for index, mount in enumerate(container.get("volumeMounts") or []):
        for name in ("subPath", "subPathExpr"):
            if mount.get(name):
                where = f"{path}.volumeMounts[{index}].{name}"
                problems.forbidden(where, "cannot be set for an Ephemeral Container")


def check_image_spaces(problems: Problems, container: Document, path: str) -> None:
    """An image of a pod, other than of a template, has no space around it."""
    image = container.get("image", "")
    if image != image.strip():
        problems.invalid(f"{path}.image", image, "must not have leading or trailing whitespace")


def _check_unique(problems: Problems, container: Document, path: str, names: set[str]) -> None:
    name = container.get("name", "")
    if name in names:
        problems.duplicate(f"{path}.name", name)
    names.add(name)


def _check_common(problems: Problems, container: Document, path: str, context: PodContext) -> None:
    name = container.get("name", "")
    if not name:
        problems.required(f"{path}.name")
    else:
        problems.invalid(f"{path}.name", name, *dns_label(name))
    if not container.get("image"):
        problems.required(f"{path}.image")
    problems.one_of(container, path, "terminationMessagePolicy", ("File", "FallbackToLogsOnError"))
    _check_ports(problems, container.get("ports") or [], f"{path}.ports")
    _check_variables(problems, container.get("env") or [], f"{path}.env")
    _check_variable_sources(problems, container.get("envFrom") or [], f"{path}.envFrom")
    check_mounts(problems, container, path, context.volumes)
    check_devices(problems, container, path, context.volumes)
    problems.one_of(container, path, "imagePullPolicy", _PULL_POLICIES)
    problems += check_requirements(container.get("resources") or {}, f"{path}.resources", context.claims)
    _check_resize(problems, container.get("resizePolicy") or [], f"{path}.resizePolicy", context.restart_policy)
    check_container_security(
        problems, container.get("securityContext"), f"{path}.securityContext", host_users=context.host_users
    )


def _check_ports(problems: Problems, ports: list[Document], path: str) -> None:
    names: set[str] = set()
    for index, port in enumerate(ports):
        where, name = f"{path}[{index}]", port.get("name")
        if name:
            if faults := port_name(name):
                problems.invalid(f"{where}.name", name, *faults)
            elif name in names:
                problems.duplicate(f"{where}.name", name)
            names.add(name)
        number = port.get("containerPort", 0)
        if not number:
            problems.required(f"{where}.containerPort")
        else:
            problems.invalid(f"{where}.containerPort", number, *port_number(number))
        if port.get("hostPort"):
            problems.invalid(f"{where}.hostPort", port["hostPort"], *port_number(port["hostPort"]))
        problems.one_of(port, where, "protocol", PROTOCOLS)


def _check_host_ports(problems: Problems, containers: list[Document], path: str) -> None:
    seen: set[str] = set()
    for index, container in enumerate(containers):
        for place, port in enumerate(container.get("ports") or []):
            if not port.get("hostPort"):
                continue
            key = f"{port.get('protocol', 'TCP')}/{port.get('hostIP', '')}/{port['hostPort']}"
            if key in seen:
                problems.duplicate(f"{path}[{index}].ports[{place}].hostPort", key)
            seen.add(key)


def _check_variables(problems: Problems, variables: list[Document], path: str) -> None:
    for index, variable in enumerate(variables):
        where, name = f"{path}[{index}]", variable.get("name", "")
        if not name:
            problems.required(f"{where}.name")
        else:
            problems.invalid(f"{where}.name", name, *environment_name(name))
        if variable.get("valueFrom") is not None:
            _check_value_from(problems, variable, f"{where}.valueFrom")


def _check_key_reference(problems: Problems, reference: Document, path: str) -> None:
    name, key = reference.get("name", ""), reference.get("key", "")
    problems.invalid(f"{path}.name", name, *dns_subdomain(name))
    if not key:
        problems.required(f"{path}.key")
    else:
        problems.invalid(f"{path}.key", key, *config_key(key))


def _check_field(problems: Problems, reference: Document, path: str) -> None:
    check_field_reference(problems, reference, path, _VARIABLE_FIELDS)


_VALUE_SOURCES: dict[str, Callable[[Problems, Document, str], None]] = {
    "fieldRef": _check_field,
    "resourceFieldRef": check_resource_reference,
    "configMapKeyRef": _check_key_reference,
    "secretKeyRef": _check_key_reference,
    "fileKeyRef": lambda *_: None,
}


def _check_value_from(problems: Problems, variable: Document, path: str) -> None:
    source = variable["valueFrom"]
    found = [name for name in _VALUE_SOURCES if source.get(name) is not None]
    for name in found:
        _VALUE_SOURCES[name](problems, source[name], f"{path}.{name}")
    if not found:
        text = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
        problems.invalid(path, "", text)
    elif variable.get("value"):
        problems.invalid(path, "", "may not be specified when `value` is not empty")
    elif len(found) > 1:
        problems.invalid(path, "", "may not have more than one field specified at a time")


def _check_variable_sources(problems: Problems, sources: list[Document], path: str) -> None:
    for index, source in enumerate(sources):
        where = f"{path}[{index}]"
        if prefix := source.get("prefix"):
            problems.invalid(f"{where}.prefix", prefix, *environment_name(prefix))
        found = [name for name in ("configMapRef", "secretRef") if source.get(name) is not None]
        for name in found:
            target = source[name].get("name", "")
            if not target:
                problems.required(f"{where}.{name}.name")
            else:
                problems.invalid(f"{where}.{name}.name", target, *dns_subdomain(target))
        if not found:
            problems.invalid(path, "", "must specify one of: `configMapRef` or `secretRef`")
        elif len(found) > 1:
            problems.invalid(path, "", "may not have more than one field specified at a time")


def _check_resize(problems: Problems, policies: list[Document], path: str, restart_policy: str) -> None:
    seen: set[str] = set()
    for index, policy in enumerate(policies):
        resource, restart = policy.get("resourceName", ""), policy.get("restartPolicy", "")
        if resource in seen:
            problems.duplicate(f"{path}[{index}]", resource)
        seen.add(resource)
        for value, supported in (
            (resource, ("cpu", "memory")),
            (restart, ("NotRequired", "RestartContainer")),
        ):
            if not value:
                problems.required(path)
            elif value not in supported:
                problems.unsupported(path, value, supported)
        if restart_policy == "Never" and restart != "NotRequired":
            text = "must be 'NotRequired' when `restartPolicy` is 'Never'"
            problems.invalid(path, restart, text)
