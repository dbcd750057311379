# SPDX-License-Identifier: Apache-2.0
"""IP addresses that may not be used everywhere, and ranges of them. Pure."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from k8s_devkit.strategy.field_errors import Problems

__all__ = ["check_special", "cidr", "network"]

_LINK_LOCAL_MULTICAST = (ipaddress.ip_network("224.0.0.0/24"), ipaddress.ip_network("ff02::/16"))


def check_special(problems: Problems, address: str, path: str) -> None:
    """An address that others can reach: not of this host or link."""
    try:
        value = ipaddress.ip_address(address)
    except ValueError:
        return
    if value.is_unspecified:
        problems.invalid(path, address, f"may not be unspecified ({address})")
    if value.is_loopback:
        problems.invalid(path, address, "may not be in the loopback range (127.0.0.0/8, ::1/128)")
    if value.is_link_local:
        problems.invalid(path, address, "may not be in the link-local range (169.254.0.0/16, fe80::/10)")
    if any(value in range_ for range_ in _LINK_LOCAL_MULTICAST if range_.version == value.version):
        text = "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"
        problems.invalid(path, address, text)


def network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """The range that a CIDR means; None for a text that is none."""
    address, slash, length = text.partition("/")
    if not slash or not length.isdecimal():
        return None
    try:
        return ipaddress.ip_network(f"{address}/{int(length)}", strict=False)
    except ValueError:
        return None


def cidr(text: str) -> list[str]:
    """A range of addresses: why the text is none."""
    return [] if network(text) else ["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"]
