# SPDX-License-Identifier: Apache-2.0
"""How an API server treats Ingresses and their classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.checks import check_domain_prefixed_path
from k8s_devkit.strategy.classes import default_class
from k8s_devkit.strategy.defaults import fill_paths
from k8s_devkit.strategy.field_errors import go_quoted
from k8s_devkit.strategy.formats import (
    dns_label,
    dns_subdomain,
    is_ip_address,
    path_segment,
    port_name,
    port_number,
    wildcard_subdomain,
)
from k8s_devkit.strategy.immutability import freeze

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import Document, FieldError, ServerContext

__all__ = ["IngressClassStrategy", "IngressStrategy"]

_PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")
_BAD_PARTS = ("//", "/./", "/../", "%2f", "%2F")
_BAD_ENDS = ("/..", "/.")
_CLASS = "kubernetes.io/ingress.class"
_IS_DEFAULT = "ingressclass.kubernetes.io/is-default-class"
_check_controller_kept = freeze("spec.controller")


class IngressStrategy(Strategy):
    """Ingress."""

    generation = "counted"
    tells_empty = ("spec.rules",)

    def admit(self, new: Document, old: Document | None, ctx: ServerContext) -> None:
        """Name the default class in a new Ingress that names none."""
        if old is not None:
            return
        spec, annotations = new.setdefault("spec", {}), new["metadata"].get("annotations") or {}
        if "ingressClassName" in spec or _CLASS in annotations:
            return
        if name := default_class(ctx, "networking.k8s.io", "ingressclasses", _IS_DEFAULT):
            spec["ingressClassName"] = name

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        problems, spec = self.check_metadata(new), new.get("spec") or {}
        problems += _check_spec(spec)
        annotation, name = (new["metadata"].get("annotations") or {}).get(_CLASS), spec.get("ingressClassName")
        if annotation is not None and name is not None and annotation != name:
            text = "must match `ingressClassName` when both are specified"
            problems.invalid(f"annotations.{_CLASS}", annotation, text)
        return problems

    def warnings(self, new: Document, old: Document | None) -> Iterable[str]:
        if old is None and _CLASS in (new["metadata"].get("annotations") or {}):
            yield f"annotation {go_quoted(_CLASS)} is deprecated, please use 'spec.ingressClassName' instead"

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [
            *self.check_metadata_update(new, old),
            *self.check_metadata(new, created=False),
            *_check_spec(new.get("spec") or {}),
        ]


class IngressClassStrategy(Strategy):
    """IngressClass."""

    generation = "counted"

    def default(self, new: Document, old: Document | None) -> None:
        fill_paths(new, {"spec.parameters.scope": "Cluster"})

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check_class(new.get("spec") or {})]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [
            *self.check_metadata_update(new, old),
            *_check_controller_kept(new, old),
            *self.check_metadata(new, created=False),
            *_check_class(new.get("spec") or {}),
        ]


def _check_spec(spec: Document) -> Problems:
    problems, rules, default = Problems(), spec.get("rules") or [], spec.get("defaultBackend")
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
    return problems


def _check_host(problems: Problems, host: str, path: str) -> None:
    problems.invalid(path, host, *(wildcard_subdomain(host) if "*" in host else dns_subdomain(host)))


def _check_rule(problems: Problems, rule: Document, path: str) -> None:
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


def _check_path(problems: Problems, item: Document, path: str) -> None:
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


def _check_backend(problems: Problems, backend: Document, path: str) -> None:
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


def _check_reference(problems: Problems, reference: Document, path: str) -> None:
    if reference.get("apiGroup") is not None:
        problems.invalid(f"{path}.apiGroup", reference["apiGroup"], *dns_subdomain(reference["apiGroup"]))
    for name in ("kind", "name"):
        if not reference.get(name):
            problems.required(f"{path}.{name}")
        else:
            problems.invalid(f"{path}.{name}", reference[name], *path_segment(reference[name]))


def _check_class(spec: Document) -> Problems:
    problems, controller, parameters = Problems(), spec.get("controller", ""), spec.get("parameters")
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
