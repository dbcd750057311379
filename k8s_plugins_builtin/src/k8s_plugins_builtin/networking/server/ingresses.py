# SPDX-License-Identifier: Apache-2.0
"""The ``networking.k8s.io`` group: Ingresses, their classes, network policies. Pure."""

from __future__ import annotations

from typing import Any

from k8s_devkit.strategy.addresses import cidr, network
from k8s_devkit.strategy.checks import check_domain_prefixed_path
from k8s_devkit.strategy.field_errors import Problems
from k8s_devkit.strategy.formats import (
    dns_label,
    dns_subdomain,
    is_ip_address,
    path_segment,
    port_name,
    port_number,
    wildcard_subdomain,
)
from k8s_devkit.strategy.selectors import check_label_selector
from k8s_plugins_builtin.core.server.pods.containers import PROTOCOLS

__all__ = ["check_ingress", "check_ingress_class", "check_network_policy"]

Json = dict[str, Any]
_PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")
_BAD_PARTS = ("//", "/./", "/../", "%2f", "%2F")
_BAD_ENDS = ("/..", "/.")
_CLASS = "kubernetes.io/ingress.class"


def _check_host(problems: Problems, host: str, path: str) -> None:
    problems.invalid(path, host, *(wildcard_subdomain(host) if "*" in host else dns_subdomain(host)))


def check_ingress(document: Json, live: Json | None = None) -> Problems:
    """An Ingress."""
    spec, problems = document.get("spec") or {}, Problems()
    rules, default = spec.get("rules") or [], spec.get("defaultBackend")
    if not rules and default is None:
        problems.invalid("spec", spec.get("rules"), "either `defaultBackend` or `rules` must be specified")
    if default is not None:
        _check_backend(problems, default, "spec.defaultBackend")
    for index, rule in enumerate(rules):
        _check_rule(problems, rule, f"spec.rules[{index}]")
    for index, entry in enumerate(spec.get("tls") or []):
        for place, host in enumerate(entry.get("hosts") or []):
            _check_host(problems, host, f"spec.tls[{index}].hosts[{place}]")
        if secret := entry.get("secretName"):
            problems.invalid(f"spec.tls[{index}].secretName", secret, *dns_subdomain(secret))
    name = spec.get("ingressClassName")
    if name is not None:
        problems.invalid("spec.ingressClassName", name, *dns_subdomain(name))
    old = (document["metadata"].get("annotations") or {}).get(_CLASS)
    if live is None and old is not None and name is not None and old != name:
        text = "must match `ingressClassName` when both are specified"
        problems.invalid(f"annotations.{_CLASS}", old, text)
    return problems


def _check_rule(problems: Problems, rule: Json, path: str) -> None:
    if host := rule.get("host"):
        if is_ip_address(host):
            problems.invalid(f"{path}.host", host, "must be a DNS name, not an IP address")
        _check_host(problems, host, f"{path}.host")
    if rule.get("http") is not None:
        paths = rule["http"].get("paths") or []
        if not paths:
            problems.required(f"{path}.http.paths")
        for place, item in enumerate(paths):
            _check_path(problems, item, f"{path}.http.paths[{place}]")


def _check_path(problems: Problems, item: Json, path: str) -> None:
    type_, text, where = item.get("pathType"), item.get("path", ""), f"{path}.path"
    if type_ is None:
        problems.required(f"{path}.pathType", "pathType must be specified")
        return
    if type_ not in _PATH_TYPES:
        problems.unsupported(f"{path}.pathType", type_, _PATH_TYPES)
    elif (text or type_ != "ImplementationSpecific") and not text.startswith("/"):
        problems.invalid(where, text, "must be an absolute path")
    if type_ in ("Exact", "Prefix"):
        problems.invalid(where, text, *(f"must not contain '{part}'" for part in _BAD_PARTS if part in text))
        problems.invalid(where, text, *(f"cannot end with '{end}'" for end in _BAD_ENDS if text.endswith(end)))
    _check_backend(problems, item.get("backend") or {}, f"{path}.backend")


def _check_backend(problems: Problems, backend: Json, path: str) -> None:
    service, resource = backend.get("service"), backend.get("resource")
    if service is not None and resource is not None:
        problems.invalid(path, "", "cannot set both resource and service backends")
    elif resource is not None:
        _check_reference(problems, resource, f"{path}.resource")
    elif service is None:
        problems.invalid(path, "", "resource or service backend is required")
    else:
        name, port = service.get("name", ""), service.get("port") or {}
        if not name:
            problems.required(f"{path}.service.name")
        else:
            problems.invalid(f"{path}.service.name", name, *dns_label(name))
        if port.get("name") and port.get("number"):
            problems.invalid(path, "", "cannot set both port name & port number")
        elif port.get("name"):
            problems.invalid(f"{path}.service.port.name", port["name"], *port_name(port["name"]))
        elif port.get("number"):
            problems.invalid(f"{path}.service.port.number", port["number"], *port_number(port["number"]))
        else:
            problems.required(path, "port name or number is required")


def _check_reference(problems: Problems, reference: Json, path: str) -> None:
    if reference.get("apiGroup") is not None:
        problems.invalid(f"{path}.apiGroup", reference["apiGroup"], *dns_subdomain(reference["apiGroup"]))
    for name in ("kind", "name"):
        if not reference.get(name):
            problems.required(f"{path}.{name}")
        else:
            problems.invalid(f"{path}.{name}", reference[name], *path_segment(reference[name]))


def check_ingress_class(document: Json, live: Json | None = None) -> Problems:
    """An IngressClass."""
    spec, problems = document.get("spec") or {}, Problems()
    controller, parameters = spec.get("controller", ""), spec.get("parameters")
    if len(controller) > 250:
        problems.too_long("spec.controller", 250)
    check_domain_prefixed_path(problems, controller, "spec.controller")
    if parameters is None:
        return problems
    where = "spec.parameters"
    _check_reference(problems, parameters, where)
    scope, namespace = parameters.get("scope", "Cluster"), parameters.get("namespace")
    problems.one_of(parameters, where, "scope", ("Cluster", "Namespace"))
    if scope == "Namespace":
        if namespace is None:
            problems.required(f"{where}.namespace", "`parameters.scope` is set to 'Namespace'")
        else:
            problems.invalid(f"{where}.namespace", namespace, *dns_label(namespace))
    elif scope == "Cluster" and namespace is not None:
        problems.forbidden(f"{where}.namespace", "`parameters.scope` is set to 'Cluster'")
    return problems


def check_network_policy(document: Json, live: Json | None = None) -> Problems:
    """A NetworkPolicy."""
    spec = document.get("spec") or {}
    problems = check_label_selector(spec.get("podSelector"), "spec.podSelector")
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for index, rule in enumerate(spec.get(direction) or []):
            where = f"spec.{direction}[{index}]"
            for place, port in enumerate(rule.get("ports") or []):
                _check_policy_port(problems, port, f"{where}.ports[{place}]")
            for place, peer in enumerate(rule.get(peers) or []):
                _check_peer(problems, peer, f"{where}.{peers}[{place}]")
    types = spec.get("policyTypes") or []
    if len(types) > 2:
        problems.invalid("spec.policyTypes", types, "may not specify more than two policyTypes")
        return problems
    for index, type_ in enumerate(types):
        if type_ not in ("Ingress", "Egress"):
            problems.unsupported(f"spec.policyTypes[{index}]", type_, ("Ingress", "Egress"))
    return problems


def _check_policy_port(problems: Problems, port: Json, path: str) -> None:
    protocol, number, end = port.get("protocol"), port.get("port"), port.get("endPort")
    if protocol is not None and protocol not in PROTOCOLS:
        problems.unsupported(f"{path}.protocol", protocol, ("TCP", "UDP", "SCTP"))
    if isinstance(number, int):
        problems.invalid(f"{path}.port", number, *port_number(number))
        if end is not None and end < number:
            problems.invalid(f"{path}.endPort", end, "must be greater than or equal to `port`")
        if end is not None:
            problems.invalid(f"{path}.endPort", end, *port_number(end))
    elif end is not None:
        what = "is not specified" if number is None else "is non-numeric"
        problems.invalid(f"{path}.endPort", end, f"may not be specified when `port` {what}")
    if isinstance(number, str):
        problems.invalid(f"{path}.port", number, *port_name(number))


def _check_peer(problems: Problems, peer: Json, path: str) -> None:
    selectors = [name for name in ("podSelector", "namespaceSelector") if peer.get(name) is not None]
    for name in selectors:
        problems += check_label_selector(peer[name], f"{path}.{name}")
    block = peer.get("ipBlock")
    if block is not None:
        _check_block(problems, block, f"{path}.ipBlock")
    if not selectors and block is None:
        problems.required(path, "must specify a peer")
    elif selectors and block is not None:
        problems.forbidden(path, "may not specify both ipBlock and another peer")


def _check_block(problems: Problems, block: Json, path: str) -> None:
    text = block.get("cidr", "")
    if not text:
        problems.required(f"{path}.cidr")
        return
    problems.invalid(f"{path}.cidr", text, *cidr(text))
    whole = network(text)
    if whole is None:
        return
    for index, part in enumerate(block.get("except") or []):
        where = f"{path}.except[{index}]"
        problems.invalid(where, part, *cidr(part))
        inner = network(part)
        if inner is None:
            continue
        inside = inner.version == whole.version and inner.network_address in whole
        if not inside or whole.prefixlen >= inner.prefixlen:
            problems.invalid(where, part, "must be a strict subset of `cidr`")
