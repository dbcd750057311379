# SPDX-License-Identifier: Apache-2.0
"""Which proxy leads to the server: the configured one, or the environment's unless NO_PROXY excepts it (B6, A22).

Pure: the environment is an argument. The rules are those of Go's ``httpproxy`` with client-go's CIDR entries.
"""

from __future__ import annotations

import base64
import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from k8s_core.errors import ConfigError
from k8s_core.redaction import Sensitive, mask_url, reveal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from k8s_core.configuration import Config

__all__ = ["Proxy", "bypassed", "choose_proxy"]

_PORTS: Final = {"http": 80, "https": 443, "socks5": 1080}


@dataclass(frozen=True)
class Proxy:
    """A proxy to connect through."""

    scheme: str
    """``http``, ``https`` or ``socks5``; names are always resolved by the proxy, as Go does."""
    host: str
    port: int
    username: str | None = None
    password: Sensitive[str] | None = None

    @classmethod
    def parse(cls, url: str, *, option: str) -> Proxy:
        """Read a proxy URL; ``host:port`` means http.

        Raises:
            ConfigError: not a URL of a known scheme; names ``option``, never the password.
        """
        text = url if "://" in url else f"http://{url}"
        try:
            parts = urlsplit(text)
            host, port = parts.hostname, parts.port
        except ValueError:
            host = port = None
            parts = urlsplit("")
        scheme = "socks5" if parts.scheme == "socks5h" else parts.scheme
        if host and scheme not in _PORTS:
            message = f"{option} {mask_url(url)!r}: unsupported scheme {parts.scheme!r}, must be http, https, or socks5"
            raise ConfigError(message, option=option)
        if not host or any(char.isspace() or not char.isprintable() for char in host):
            raise ConfigError(f"{option} {mask_url(url)!r} is not a URL; write it as http://host:port", option=option)
        password = None if parts.password is None else Sensitive(unquote(parts.password))
        username = None if parts.username is None else unquote(parts.username)
        return cls(scheme, host, port or _PORTS[scheme], username, password)

    @property
    def address(self) -> str:
        """The URL without user information."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    def headers(self) -> dict[str, str]:
        """Headers for the proxy itself: its own login, and nothing of the API server's (B7)."""
        if self.username is None:
            return {}
        pair = f"{self.username}:{reveal(self.password) or ''}".encode()
        return {"Proxy-Authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}


def choose_proxy(config: Config, environ: Mapping[str, str]) -> Proxy | None:
    """The proxy for the server of ``config``, or None to connect directly.

    ``proxy_url`` overrides all variables. Otherwise ``HTTPS_PROXY`` (``HTTP_PROXY`` for an http server) counts, the
    upper-case name first, unless ``trust_env`` is off, ``NO_PROXY`` excepts the server, or it is this machine.

    Raises:
        ConfigError: the proxy's URL is unusable.
    """
    configured = reveal(config.proxy_url)
    if configured:
        return Proxy.parse(configured, option="proxy-url")
    if not config.trust_env:
        return None
    server = urlsplit(config.server)
    upper = f"{server.scheme.upper()}_PROXY"
    for name in (upper, upper.lower()):
        url = environ.get(name)
        if url:
            port = server.port or _PORTS[server.scheme]
            excepted = environ.get("NO_PROXY") or environ.get("no_proxy") or ""
            if bypassed(server.hostname or "", port, excepted):
                return None
            return Proxy.parse(url, option=name)
    return None


def bypassed(host: str, port: int, no_proxy: str) -> bool:
    """Whether ``no_proxy`` excepts a server.

    Args:
        host: name or address, without brackets.
        port: of the server; an entry with a port is for that port only.
        no_proxy: entries separated by commas: ``*``, an address, a CIDR range (only for literal addresses), a domain
            with its subdomains, or ``.domain`` / ``*.domain`` for the subdomains alone.
    """
    name = host.lower().rstrip(".")
    address = _address(name)
    if name == "localhost" or (address is not None and address.is_loopback):
        return True
    return any(_matches(entry.strip().lower(), name, address, port) for entry in no_proxy.split(","))


_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _address(text: str) -> _Address | None:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


def _matches(entry: str, name: str, address: _Address | None, port: int) -> bool:
    if entry == "*":
        return True
    if "/" in entry:
        return address is not None and _in_range(address, entry)
    entry, entry_port = _split_port(entry)
    if not entry or (entry_port is not None and entry_port != port):
        return False
    literal = _address(entry)
    if literal is not None or address is not None:
        return literal == address
    if entry.startswith(("*.", ".")):
        return name.endswith(entry.lstrip("*"))
    return name == entry or name.endswith(f".{entry}")


def _in_range(address: _Address, text: str) -> bool:
    try:
        return address in ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False


def _split_port(entry: str) -> tuple[str, int | None]:
    if entry.startswith("["):
        inner, _, rest = entry[1:].partition("]")
        return inner, int(rest[1:]) if rest[1:].isdecimal() else None
    head, colon, tail = entry.rpartition(":")
    if colon and ":" not in head and tail.isdecimal():
        return head, int(tail)
    return entry, None
