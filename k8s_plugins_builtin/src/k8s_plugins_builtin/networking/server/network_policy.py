# SPDX-License-Identifier: Apache-2.0
"""How an API server treats NetworkPolicies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.addresses import cidr, network
from k8s_devkit.strategy.defaults import fill_paths
from k8s_devkit.strategy.formats import port_name, port_number
from k8s_devkit.strategy.selectors import check_label_selector

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import Document, FieldError, ServerContext

__all__ = ["NetworkPolicyStrategy"]

_PROTOCOLS = ("TCP", "UDP", "SCTP")


class NetworkPolicyStrategy(Strategy):
    """NetworkPolicy."""

    generation = "counted"

    def default(self, new: Document, old: Document | None) -> None:
        """A policy is for egress only if it has rules for that."""
        fill_paths(new, {"spec.ingress[].ports[].protocol": "TCP", "spec.egress[].ports[].protocol": "TCP"})
        spec = new.setdefault("spec", {})
        if not spec.get("policyTypes"):
            spec["policyTypes"] = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check_spec(new.get("spec") or {})]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata_update(new, old), *_check_spec(new.get("spec") or {})]


def _check_spec(spec: Document) -> Problems:
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


def _check_policy_port(problems: Problems, port: Document, path: str) -> None:
    protocol, number, end = port.get("protocol"), port.get("port"), port.get("endPort")
    if protocol is not None and protocol not in _PROTOCOLS:
        problems.unsupported(f"{path}.protocol", protocol, _PROTOCOLS)
    if isinstance(number, int):
        problems.invalid(f"{path}.port", number, *port_number(number))
        if end is not None and end < number:
            problems.invalid(f"{path}.endPort", number, "must be greater than or equal to `port`")  # not the endPort
        if end is not None:
            problems.invalid(f"{path}.endPort", end, *port_number(end))
    elif end is not None:
        what = "is not specified" if number is None else "is non-numeric"
        problems.invalid(f"{path}.endPort", end, f"may not be specified when `port` {what}")
    if isinstance(number, str):
        problems.invalid(f"{path}.port", number, *port_name(number))


def _check_peer(problems: Problems, peer: Document, path: str) -> None:
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


def _check_block(problems: Problems, block: Document, path: str) -> None:
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
