# SPDX-License-Identifier: Apache-2.0
"""EndpointSlices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.addresses import check_special
from k8s_devkit.strategy.defaults import fill_paths
from k8s_devkit.strategy.formats import dns_label, dns_subdomain, ip_address, label_key, label_value
from k8s_devkit.strategy.immutability import freeze
from k8s_devkit.strategy.labels import check_label_map

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import Document, FieldError, ServerContext

__all__ = ["EndpointSliceStrategy"]

_PROTOCOLS = ("SCTP", "TCP", "UDP")
_check_type_kept = freeze("addressType")


class EndpointSliceStrategy(Strategy):
    """EndpointSlice."""

    generation = "counted"

    def default(self, new: Document, old: Document | None) -> None:
        fill_paths(new, {"ports[].name": "", "ports[].protocol": "TCP"})

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check(new)]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new, created=False), *_check(new), *_check_type_kept(new, old)]

    def starts_generation(self, new: Document, old: Document) -> bool:
        """The labels count as well: they say which Service the slice is of."""
        relabelled = new["metadata"].get("labels") != old["metadata"].get("labels")
        return relabelled or super().starts_generation(new, old)


def _check(document: Document) -> Problems:
    problems, family = Problems(), document.get("addressType", "")
    if not family:
        problems.required("addressType")
    elif family not in ("FQDN", "IPv4", "IPv6"):
        problems.unsupported("addressType", family, ("FQDN", "IPv4", "IPv6"))
    endpoints, ports = document.get("endpoints") or [], document.get("ports") or []
    if len(endpoints) > 1000:
        problems.too_many("endpoints", len(endpoints), 1000)
    else:
        for index, endpoint in enumerate(endpoints):
            _check_endpoint(problems, endpoint, f"endpoints[{index}]", family)
    if len(ports) > 20_000:
        problems.too_many("ports", len(ports), 20_000)
    names: set[str] = set()
    for index, port in enumerate(ports):
        where, name = f"ports[{index}]", port.get("name", "")
        if name:
            problems.invalid(f"{where}.name", name, *dns_label(name))
        if name in names:
            problems.duplicate(f"{where}.name", name)
        names.add(name)
        problems.one_of(port, where, "protocol", _PROTOCOLS)
        if port.get("appProtocol") is not None:
            problems.invalid(f"{where}.appProtocol", port["appProtocol"], *label_key(port["appProtocol"]))
    return problems


def _check_endpoint(problems: Problems, endpoint: Document, path: str, family: str) -> None:
    addresses = endpoint.get("addresses") or []
    if not addresses:
        problems.required(f"{path}.addresses", "must contain at least 1 address")
    elif len(addresses) > 100:
        problems.too_many(f"{path}.addresses", len(addresses), 100)
    for index, address in enumerate(addresses):
        if family in ("IPv4", "IPv6"):
            _check_of_family(problems, addresses, index, f"{path}.addresses", family)
        elif family == "FQDN":
            where = f"{path}.addresses[{index}]"
            problems.invalid(where, address, *dns_subdomain(address.removesuffix(".")))
    if (node := endpoint.get("nodeName")) is not None:
        problems.invalid(f"{path}.nodeName", node, *dns_subdomain(node))
    problems += check_label_map(endpoint.get("deprecatedTopology"), f"{path}.deprecatedTopology")
    if (host := endpoint.get("hostname")) is not None:
        problems.invalid(f"{path}.hostname", host, *dns_label(host))
    zones = [zone.get("name", "") for zone in (endpoint.get("hints") or {}).get("forZones") or []]
    for index, zone in enumerate(zones):
        where = f"{path}.hints.forZones[{index}].name"
        if zone in zones[:index]:
            problems.duplicate(where, zone)
        problems.invalid(where, zone, *label_value(zone))


def _check_of_family(problems: Problems, addresses: list[str], index: int, path: str, family: str) -> None:
    address = addresses[index]
    where = f"{path}[{index}]"
    if faults := ip_address(address):
        problems.invalid(where, address, *faults)
        return
    if (":" in address) != (family == "IPv6"):
        problems.invalid(path, address, f"must be an {family} address")
    check_special(problems, address, where)
