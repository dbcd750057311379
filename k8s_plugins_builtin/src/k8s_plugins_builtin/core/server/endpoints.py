# SPDX-License-Identifier: Apache-2.0
"""Endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.addresses import check_special
from k8s_devkit.strategy.defaults import fill_paths
from k8s_devkit.strategy.formats import (
    dns_label,
    dns_subdomain,
    ip_address,
    is_ip_address,
    label_key,
    port_number,
)
from k8s_plugins_builtin.core.server.pods.containers import PROTOCOLS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import Document, FieldError, ServerContext

__all__ = ["EndpointsStrategy"]


class EndpointsStrategy(Strategy):
    """Endpoints."""

    deprecation = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"

    create_on_update = True

    def default(self, new: Document, old: Document | None) -> None:
        fill_paths(new, {"subsets[].ports[].protocol": "TCP"})

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check(new)]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata_update(new, old), *self.check_metadata(new, created=False), *_check(new)]


def _check(document: Document) -> Problems:
    problems = Problems()
    for index, subset in enumerate(document.get("subsets") or []):
        where, ports = f"subsets[{index}]", subset.get("ports") or []
        if not subset.get("addresses") and not subset.get("notReadyAddresses"):
            problems.required(where, "must specify `addresses` or `notReadyAddresses`")
        for name in ("addresses", "notReadyAddresses"):
            for place, address in enumerate(subset.get(name) or []):
                _check_address(problems, address, f"{where}.{name}[{place}]")
        for place, port in enumerate(ports):
            _check_port(problems, port, f"{where}.ports[{place}]", named=len(ports) > 1)
    return problems


def _check_address(problems: Problems, address: Document, path: str) -> None:
    text = address.get("ip", "")
    problems.invalid(f"{path}.ip", text, *ip_address(text))
    if host := address.get("hostname"):
        problems.invalid(f"{path}.hostname", host, *dns_label(host))
    if (node := address.get("nodeName")) is not None:
        problems.invalid(f"{path}.nodeName", node, *dns_subdomain(node))
    if is_ip_address(text):
        check_special(problems, text, f"{path}.ip")
    else:
        problems.invalid(f"{path}.ip", text, "must be a valid IP address")


def _check_port(problems: Problems, port: Document, path: str, *, named: bool) -> None:
    name = port.get("name", "")
    if named and not name:
        problems.required(f"{path}.name")
    elif name:
        problems.invalid(f"{path}.name", name, *dns_label(name))
    problems.invalid(f"{path}.port", port.get("port", 0), *port_number(port.get("port", 0)))
    problems.one_of(port, path, "protocol", PROTOCOLS)
    if port.get("appProtocol") is not None:
        problems.invalid(f"{path}.appProtocol", port["appProtocol"], *label_key(port["appProtocol"]))
