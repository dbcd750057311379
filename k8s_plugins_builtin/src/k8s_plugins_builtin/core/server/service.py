# SPDX-License-Identifier: Apache-2.0
"""Services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.addresses import check_special, cidr
from k8s_devkit.strategy.formats import dns_label, dns_subdomain, ip_address, label_key, port_number
from k8s_devkit.strategy.labels import check_label_map
from k8s_plugins_builtin.core.server.pods.containers import PROTOCOLS
from k8s_plugins_builtin.core.server.pods.probes import check_port_reference
from k8s_plugins_builtin.core.server.service_allocation import allocate, allocated, drop_stale, keep_allocated
from k8s_plugins_builtin.core.server.service_defaults import WITH_ADDRESS, default_service

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from k8s_devkit.strategy import Document, FieldError, ServerContext

__all__ = ["ServiceStrategy"]

_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_FAMILIES = ("IPv4", "IPv6")
_POLICIES = ("PreferDualStack", "RequireDualStack", "SingleStack")
_TRAFFIC = ("Cluster", "Local")
_DISTRIBUTIONS = ("PreferClose", "PreferSameNode", "PreferSameZone")
_BALANCER_ONLY = "may only be used when `type` is 'LoadBalancer'"
_MOST_SECONDS = 86400
_OLD_TOPOLOGY = "service.kubernetes.io/topology-aware-hints"
_TOPOLOGY = "service.kubernetes.io/topology-mode"


class ServiceStrategy(Strategy):
    """Service."""

    create_on_update = True
    delete_returns_object = True
    selectable_fields = ("spec.clusterIP", "spec.type")

    def name_problems(self, name: str, *, created: bool = True) -> list[str]:
        return dns_label(name)

    def default(self, new: Document, old: Document | None) -> None:
        default_service(new)

    def prepare_for_create(self, new: Document, ctx: ServerContext) -> None:
        allocate(new, ctx)

    def prepare_for_update(self, new: Document, old: Document, ctx: ServerContext) -> None:
        keep_allocated(new["spec"], old["spec"])
        drop_stale(new["spec"], old["spec"])
        allocate(new, ctx)
        if old["spec"].get("type") == "LoadBalancer" != new["spec"]["type"]:
            new["status"] = {**(new.get("status") or {}), "loadBalancer": {}}

    def allocated(self, obj: Document) -> Iterable[tuple[str, Hashable]]:
        return allocated(obj["spec"])

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check(new)]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [
            *self.check_metadata_update(new, old),
            *_check_kept(new, old),
            *self.check_metadata(new, created=False),
            *_check(new),
        ]

    def warnings(self, new: Document, old: Document | None) -> Iterable[str]:
        return _warnings(new)

    def validate_status_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        problems, balancer = Problems(), (new.get("status") or {}).get("loadBalancer") or {}
        if balancer.get("ingress") and new["spec"].get("type") != "LoadBalancer":
            text = "may only be used when `spec.type` is 'LoadBalancer'"
            problems.forbidden("status.loadBalancer.ingress", text)
        return problems


def _warnings(new: Document) -> Iterable[str]:
    spec, annotations = new.get("spec") or {}, new["metadata"].get("annotations") or {}
    if _OLD_TOPOLOGY in annotations:
        yield f"annotation {_OLD_TOPOLOGY} is deprecated, please use {_TOPOLOGY} instead"
    external, addresses = spec.get("type") == "ExternalName", spec.get("externalIPs")
    headless = spec.get("type") == "ClusterIP" and spec.get("clusterIP") == "None"
    if headless:
        if spec.get("loadBalancerIP"):
            yield "spec.loadBalancerIP is ignored for headless services"
        if addresses:
            yield "spec.externalIPs is ignored for headless services"
        if spec.get("sessionAffinity", "None") != "None":
            yield "spec.SessionAffinity is ignored for headless services"
    if addresses and external:
        yield 'spec.externalIPs is ignored when spec.type is "ExternalName"'
    elif addresses and not headless:
        yield "spec.externalIPs is deprecated and may no longer be implemented in some clusters"
    if spec.get("externalName") and not external:
        yield 'spec.externalName is ignored when spec.type is not "ExternalName"'
    if spec.get("trafficDistribution") == "PreferClose":
        yield 'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'


def _is_headless(spec: Document) -> bool:
    return list(_cluster_ips(spec)) == ["None"]


def _cluster_ips(spec: Document) -> list[str]:
    own: list[str] = spec.get("clusterIPs") or ([spec["clusterIP"]] if spec.get("clusterIP") else [])
    return own


def _check(document: Document) -> Problems:
    spec, problems = document.get("spec") or {}, Problems()
    ports, type_ = spec.get("ports") or [], spec.get("type", "ClusterIP")
    if not ports and not _is_headless(spec) and type_ != "ExternalName":
        problems.required("spec.ports")
    _check_type(problems, spec, type_)
    names: set[str] = set()
    for index, port in enumerate(ports):
        _check_port(problems, port, f"spec.ports[{index}]", names, named=len(ports) > 1)
    problems += check_label_map(spec.get("selector"), "spec.selector")
    _check_affinity(problems, spec)
    if type_ != "ExternalName":
        _check_addresses(problems, spec)
    for index, address in enumerate(spec.get("externalIPs") or []):
        where = f"spec.externalIPs[{index}]"
        if faults := ip_address(address):
            problems.invalid(where, address, *faults)
        else:
            check_special(problems, address, where)
    problems.one_of(spec, "spec", "type", _TYPES)
    _check_port_pairs(problems, ports, type_)
    _check_balancer(problems, spec, type_)
    _check_traffic(problems, spec, type_)
    return problems


def _check_type(problems: Problems, spec: Document, type_: str) -> None:
    if type_ in ("LoadBalancer", "NodePort") and _is_headless(spec):
        problems.invalid("spec.clusterIPs[0]", "None", f"may not be set to 'None' for {type_} services")
    if type_ != "ExternalName":
        return
    for name in ("clusterIPs", "ipFamilies", "ipFamilyPolicy"):
        if _cluster_ips(spec) if name == "clusterIPs" else spec.get(name):
            problems.forbidden(f"spec.{name}", "may not be set for ExternalName services")
    name = spec.get("externalName", "").removesuffix(".")
    if name:
        problems.invalid("spec.externalName", name, *dns_subdomain(name))
    else:
        problems.required("spec.externalName")


def _check_port(problems: Problems, port: Document, path: str, names: set[str], *, named: bool) -> None:
    name, number = port.get("name", ""), port.get("port", 0)
    if named and not name:
        problems.required(f"{path}.name")
    elif name:
        problems.invalid(f"{path}.name", name, *dns_label(name))
        if name in names:
            problems.duplicate(f"{path}.name", name)
        names.add(name)
    problems.invalid(f"{path}.port", number, *port_number(number))
    problems.one_of(port, path, "protocol", PROTOCOLS)
    check_port_reference(problems, port.get("targetPort", number), f"{path}.targetPort")
    if port.get("appProtocol") is not None:
        problems.invalid(f"{path}.appProtocol", port["appProtocol"], *label_key(port["appProtocol"]))


def _check_affinity(problems: Problems, spec: Document) -> None:
    affinity, config, where = (
        spec.get("sessionAffinity", "None"),
        spec.get("sessionAffinityConfig"),
        "spec.sessionAffinityConfig",
    )
    problems.one_of(spec, "spec", "sessionAffinity", ("ClientIP", "None"))
    seconds = ((config or {}).get("clientIP") or {}).get("timeoutSeconds")
    if affinity == "ClientIP" and seconds is not None and not 0 < seconds <= _MOST_SECONDS:
        text = f"must be greater than 0 and less than {_MOST_SECONDS}"
        problems.invalid(f"{where}.clientIP.timeoutSeconds", seconds, text)


def _check_addresses(problems: Problems, spec: Document) -> None:
    addresses, where = _cluster_ips(spec), "spec.clusterIPs"
    own = spec.get("clusterIP", "")
    if own and addresses[0] != own:
        problems.invalid(where, addresses, "first value must match `clusterIP`")
    elif not own and addresses:
        problems.invalid(where, addresses, "must be empty when `clusterIP` is not specified")
    families = spec.get("ipFamilies") or []
    for index, family in enumerate(families):
        if family not in _FAMILIES:
            problems.unsupported(f"spec.ipFamilies[{index}]", family, _FAMILIES)
        if family in families[:index]:
            problems.duplicate(f"spec.ipFamilies[{index}]", family)
    problems.one_of(spec, "spec", "ipFamilyPolicy", _POLICIES)
    _check_families(problems, addresses, families, where)


def _check_families(problems: Problems, addresses: list[str], families: list[str], where: str) -> None:
    wrong = False
    for index, address in enumerate(addresses):
        if address == "None" and index == 0:
            if len(addresses) > 1:
                problems.invalid(where, addresses, "'None' must be the first and only value")
                wrong = True
        elif faults := ip_address(address):
            problems.invalid(f"{where}[{index}]", address, *faults)
            wrong = True
    if len(addresses) > 2:
        problems.invalid(where, addresses, "may only hold up to 2 values")
    if wrong:
        return
    if len(addresses) > 1 and len({":" in address for address in addresses}) == 1:
        problems.invalid(where, addresses, "may specify no more than one IP for each IP family")
    for index, (address, family) in enumerate(zip(addresses, families, strict=False)):
        if address != "None" and family in _FAMILIES and (":" in address) != (family == "IPv6"):
            text = f"expected an {family} value as indicated by `ipFamilies[{index}]`"
            problems.invalid(f"{where}[{index}]", address, text)


def _check_port_pairs(problems: Problems, ports: list[Document], type_: str) -> None:
    if type_ == "ClusterIP":
        for index, port in enumerate(ports):
            if port.get("nodePort"):
                text = "may not be used when `type` is 'ClusterIP'"
                problems.forbidden(f"spec.ports[{index}].nodePort", text)
    pairs: set[tuple[str, int]] = set()
    for index, port in enumerate(ports):
        pair = (port.get("protocol", "TCP"), port.get("nodePort", 0))
        if pair[1] and pair in pairs:
            problems.duplicate(f"spec.ports[{index}].nodePort", pair[1])
        pairs.add(pair)
    pairs = set()
    for index, port in enumerate(ports):
        pair = (port.get("protocol", "TCP"), port.get("port", 0))
        if pair in pairs:
            shown = {
                "Name": "",
                "Protocol": pair[0],
                "AppProtocol": None,
                "Port": pair[1],
                "TargetPort": 0,
                "NodePort": 0,
            }
            problems.duplicate(f"spec.ports[{index}]", shown)
        pairs.add(pair)


def _check_balancer(problems: Problems, spec: Document, type_: str) -> None:
    ranges, where = spec.get("loadBalancerSourceRanges") or [], "spec.LoadBalancerSourceRanges"
    if ranges and type_ != "LoadBalancer":
        problems.forbidden(where, _BALANCER_ONLY)
    for index, text in enumerate(ranges):
        problems.invalid(f"{where}[{index}]", text.strip(), *cidr(text.strip()))
    if spec.get("allocateLoadBalancerNodePorts") is not None and type_ != "LoadBalancer":
        problems.forbidden("spec.allocateLoadBalancerNodePorts", _BALANCER_ONLY)
    class_ = spec.get("loadBalancerClass")
    if class_ is not None:
        if type_ == "LoadBalancer":
            problems.invalid("spec.loadBalancerClass", class_, *label_key(class_))
        else:
            problems.forbidden("spec.loadBalancerClass", _BALANCER_ONLY)


def _check_traffic(problems: Problems, spec: Document, type_: str) -> None:
    policy = spec.get("externalTrafficPolicy")
    accessible = type_ in ("LoadBalancer", "NodePort") or (type_ == "ClusterIP" and bool(spec.get("externalIPs")))
    if policy and not accessible:
        text = "may only be set for externally-accessible services"
        problems.invalid("spec.externalTrafficPolicy", policy, text)
    elif policy:
        problems.one_of(spec, "spec", "externalTrafficPolicy", _TRAFFIC)
    port = spec.get("healthCheckNodePort", 0)
    if port and not (type_ == "LoadBalancer" and policy == "Local"):
        text = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
        problems.invalid("spec.healthCheckNodePort", port, text)
    elif port:
        problems.invalid("spec.healthCheckNodePort", port, *port_number(port))
    problems.one_of(spec, "spec", "internalTrafficPolicy", _TRAFFIC)
    problems.one_of(spec, "spec", "trafficDistribution", _DISTRIBUTIONS)


def _check_kept(document: Document, live: Document) -> Problems:
    """A Service keeps its addresses, as long as it is of a type that has one."""
    spec, old, problems = document.get("spec") or {}, live.get("spec") or {}, Problems()
    if not all(part.get("type") in WITH_ADDRESS for part in (spec, old)):
        return problems
    now, before = _cluster_ips(spec), _cluster_ips(old)
    if len(now) == len(before):
        for index, (new, was) in enumerate(zip(now, before, strict=True)):
            if new != was:
                problems.invalid(f"spec.clusterIPs[{index}]", now, "may not change once set")
    elif not now:
        problems.invalid("spec.clusterIPs[0]", None, "primary clusterIP can not be unset")
    elif before and now[0] != before[0]:
        problems.invalid("spec.clusterIPs[0]", now, "may not change once set")
    families, old_families = spec.get("ipFamilies") or [], old.get("ipFamilies") or []
    if not _is_headless(spec) and families and old_families and families[0] != old_families[0]:
        problems.invalid("spec.ipFamilies[0]", families, "may not change once set")
    if spec.get("type") == old.get("type") == "LoadBalancer":
        if spec.get("loadBalancerClass") != old.get("loadBalancerClass"):
            problems.invalid("spec.loadBalancerClass", spec.get("loadBalancerClass"), "may not change once set")
        local = all(part.get("externalTrafficPolicy") == "Local" for part in (spec, old))
        if local and spec.get("healthCheckNodePort") != old.get("healthCheckNodePort"):
            problems.forbidden("spec.healthCheckNodePort", "field is immutable")
    return problems
