# SPDX-License-Identifier: Apache-2.0
"""Server and proxy addresses as Kubernetes reads them. Pure functions on text."""

from __future__ import annotations

from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from k8s_core.errors import ConfigError
from k8s_core.redaction import mask_url

__all__ = ["PROXY_SCHEMES", "assumed_http", "check_proxy_url", "normalize_server", "split_user"]

PROXY_SCHEMES: Final = ("http", "https", "socks5")


def _split(text: str, option: str) -> SplitResult | None:
    """Split a URL strictly: no white space or control characters (``urlsplit`` drops those silently), a valid port."""
    if any(char.isspace() or not char.isprintable() for char in text):
        raise ConfigError(f"{option} contains white space or a control character", option=option)
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    return parts


def normalize_server(server: str, *, tls_by_default: bool) -> str:
    """``scheme://[user@]host[:port][/path]``, without a slash at its end, query or fragment (A19, A20).

    Args:
        server: a URL, or ``host[:port]``; empty means localhost.
        tls_by_default: the scheme of an address without one: https if True.

    Raises:
        ConfigError: not an address of an HTTP server.
    """
    text = server or "localhost"
    parts = _split(text, "server")
    if parts is None or not parts.scheme or not parts.netloc:
        parts = _split(f"{'https' if tls_by_default else 'http'}://{text}", "server")
        if parts is not None and parts.path not in ("", "/"):
            parts = None
    if parts is None or not parts.hostname:
        raise ConfigError(f"server {mask_url(server)!r}: host must be a URL or a host:port pair", option="server")
    if parts.scheme not in ("http", "https"):
        message = f"server {mask_url(server)!r}: unsupported scheme {parts.scheme!r}, must be http or https"
        raise ConfigError(message, option="server")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def assumed_http(given: str, normalized: str) -> str:
    """What to say of an address without a scheme that counts as http; empty for any other address."""
    if not given or "://" in given or not normalized.startswith("http:"):
        return ""
    host = normalized.removeprefix("http://").rpartition("@")[2]
    return f"server {host!r} has no scheme and counts as http: write https://{host}, or http://{host} if it has no TLS"


def split_user(server: str) -> tuple[str, str | None, str | None]:
    """``(server without user information, user, password)``, decoded; the last two are None where there is none."""
    parts = urlsplit(server)
    if "@" not in parts.netloc:
        return server, None, None
    host = parts.netloc.rpartition("@")[2]
    bare = f"{parts.scheme}://{host}{parts.path}"
    return bare, unquote(parts.username or ""), unquote(parts.password or "")


def check_proxy_url(proxy_url: str) -> None:
    """Raise ConfigError unless it is a URL of a scheme that proxies speak (A22). The message never holds a password."""
    parts = _split(proxy_url, "proxy-url")
    if parts is None or not parts.scheme or not parts.hostname:
        raise ConfigError(
            f"proxy-url {mask_url(proxy_url)!r} is not a URL; write it as http://host:port", option="proxy-url"
        )
    if parts.scheme not in PROXY_SCHEMES:
        raise ConfigError(
            f"proxy-url {mask_url(proxy_url)!r}: unsupported scheme {parts.scheme!r}, must be http, https, or socks5",
            option="proxy-url",
        )
