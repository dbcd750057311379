# SPDX-License-Identifier: Apache-2.0
"""What Kubernetes adds to CEL for IP addresses and networks. Pure."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from k8s_devkit.api_server.custom.cel.functions import TYPE

if TYPE_CHECKING:
    from k8s_devkit.strategy.document import Document

__all__ = [
    "cidr",
    "cidr_ip",
    "contains_cidr",
    "contains_ip",
    "family",
    "ip",
    "ip_flag",
    "is_canonical",
    "is_cidr",
    "is_ip",
    "masked",
    "prefix_length",
]

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _address(value: Document | str) -> _Address:
    text = value["text"] if isinstance(value, dict) else value
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise ValueError(
            f'IP Address "{text}" parse error during conversion from string: ParseAddr("{text}"): unable to parse IP'
        ) from None
    if "%" in text:
        raise ValueError(f'IP address with zone value is not allowed: "{text}"')
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        raise ValueError(f'IPv4-mapped IPv6 address "{text}" is not allowed')
    return address


def _network(value: Document | str) -> tuple[_Address, _Network]:
    text = value["text"] if isinstance(value, dict) else value
    try:
        host, slash, _ = text.partition("/")
        if not slash:
            raise ValueError
        return _address(host), ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError(
            f'CIDR "{text}" parse error during conversion from string: network address parse error'
        ) from None


def ip(text: str) -> Document:
    """Read an address. Raises ValueError."""
    return {TYPE: "IP", "text": str(_address(text))}


def is_ip(text: str) -> bool:
    """True if a text is an address."""
    try:
        _address(text)
    except ValueError:
        return False
    return True


def is_canonical(text: str) -> bool:
    """True if an address is written in its shortest form. Raises ValueError."""
    return str(_address(text)) == text


def family(value: Document) -> int:
    """4 or 6."""
    return _address(value).version


def ip_flag(name: str, value: Document) -> bool:
    """One of the yes-or-no questions about an address, by the name of the CEL function."""
    address = _address(value)
    if name == "isUnspecified":
        return address.is_unspecified
    if name == "isLoopback":
        return address.is_loopback
    if name == "isLinkLocalUnicast":
        return address.is_link_local
    if name == "isLinkLocalMulticast":
        local = ipaddress.ip_network("224.0.0.0/24" if address.version == 4 else "ff02::/16")
        return address in local
    broadcast = str(address) == "255.255.255.255"
    others = address.is_unspecified or address.is_loopback or address.is_multicast or address.is_link_local
    return not (broadcast or others)


def is_cidr(text: str) -> bool:
    """True if a text is a network."""
    try:
        _network(text)
    except ValueError:
        return False
    return True


def cidr(text: str) -> Document:
    """Read a network. Raises ValueError."""
    address, network = _network(text)
    return {TYPE: "CIDR", "text": f"{address}/{network.prefixlen}"}


def contains_ip(value: Document, address: Document | str) -> bool:
    """True if an address is in a network."""
    return _address(address) in _network(value)[1]


def contains_cidr(value: Document, other: Document | str) -> bool:
    """True if a network is in another."""
    outer, inner = _network(value)[1], _network(other)[1]
    return outer.version == inner.version and inner.network_address in outer and inner.prefixlen >= outer.prefixlen


def cidr_ip(value: Document) -> Document:
    """The address of a network, host bits kept."""
    return {TYPE: "IP", "text": str(_network(value)[0])}


def masked(value: Document) -> Document:
    """A network without its host bits."""
    return {TYPE: "CIDR", "text": str(_network(value)[1])}


def prefix_length(value: Document) -> int:
    """The length of a network's prefix."""
    return _network(value)[1].prefixlen
