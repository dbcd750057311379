# SPDX-License-Identifier: Apache-2.0
"""From a Request to the bytes of its head. What does not change is encoded once and kept."""

from __future__ import annotations

import os
import platform
import re
import sys
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit

from k8s_core import __version__
from k8s_core.auth import impersonation_headers
from k8s_core.errors import CredentialsError, RequestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from k8s_core.configuration import Config
    from k8s_core.requests import Request

__all__ = ["Encoder", "default_user_agent", "format_timeout"]

_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_FRAMING: Final = frozenset({"host", "content-length", "transfer-encoding"})
_CACHED_BLOCKS: Final = 64


class Encoder:
    """Encodes request heads for one server. Thread-safe: the cache only ever gains or loses whole entries."""

    def __init__(self, config: Config, *, forward_to_proxy: Mapping[str, str] | None = None) -> None:
        """
        Args:
            config: server, user agent, impersonation and compression.
            forward_to_proxy: headers for a proxy that gets plain requests (http server) instead of a tunnel; None
                where there is none. Such requests carry the absolute URL.
        """
        server = urlsplit(config.server)
        self._prefix = server.path.rstrip("/")
        self._origin = "" if forward_to_proxy is None else f"{server.scheme}://{server.netloc}"
        defaults = [("User-Agent", config.user_agent or default_user_agent()), ("Accept", "application/json")]
        if not config.disable_compression:
            defaults.append(("Accept-Encoding", "gzip"))
        self._host = server.netloc
        self._defaults = defaults
        self._proxy = tuple((forward_to_proxy or {}).items())
        self._impersonation = impersonation_headers(config.impersonate)
        self._blocks: dict[object, bytes] = {}

    def encode(self, request: Request, target: str, credentials: Mapping[str, str]) -> bytes:
        """The head of ``request``, with the empty line.

        Args:
            request: to encode; not changed.
            target: path and query to ask for, see :meth:`target`.
            credentials: headers that authenticate it.

        Raises:
            RequestError: the method or a header can't be sent as it is.
            CredentialsError: a header of the credentials can't.
        """
        if request.upgrade is not None:
            # Its headers are never the same again, so that there is nothing to keep.
            line = f"{request.method} {self._origin}{target} HTTP/1.1\r\n".encode("ascii")
            return line + self._block(request, credentials)
        body = request.body
        key = (request.method, request.headers, tuple(credentials.items()), body is None)
        try:
            block = self._blocks.get(key)
        except TypeError:
            raise RequestError("headers must be pairs of name and value, both text") from None
        if block is None:
            block = self._block(request, credentials)
            if len(self._blocks) >= _CACHED_BLOCKS:
                self._blocks.clear()
            self._blocks[key] = block
        line = f"{request.method} {self._origin}{target} HTTP/1.1\r\n".encode("ascii")
        if body is None:
            return line + block
        return b"%bContent-Length: %d\r\n%b" % (line, len(body), block)

    def target(self, request: Request, timeout: str | None) -> str:
        """Path and query of ``request`` on this server.

        Args:
            request: to send.
            timeout: value of the query parameter ``timeout``, or None for none (B15).

        Raises:
            RequestError: the path is not one.
        """
        path = request.path
        if not (path.isascii() and path.isprintable()) or path[:1] != "/" or " " in path or "#" in path:
            raise RequestError(f"the path {path!r} must begin with / and be percent-encoded")
        query = urlencode(request.query) if request.query else ""
        if timeout is not None and not any(name == "timeout" for name, _ in request.query):
            query = f"{query}&timeout={timeout}" if query else f"timeout={timeout}"
        if not query:
            return self._prefix + path
        return f"{self._prefix}{path}{'&' if '?' in path else '?'}{query}"

    def _block(self, request: Request, credentials: Mapping[str, str]) -> bytes:
        own = {name.lower() for name, _ in request.headers}
        if not _TOKEN.fullmatch(request.method):
            raise RequestError(f"{request.method!r} is no HTTP method")
        refused = own & _FRAMING
        if refused:
            raise RequestError(f"the transport sets {', '.join(sorted(refused))} itself; leave it out of the request")
        lines = [("Host", self._host), *request.headers]
        lines += [(name, value) for name, value in self._defaults if name.lower() not in own]
        if request.body is not None and "content-type" not in own:
            lines.append(("Content-Type", "application/json"))
        elif request.body is None and request.method in ("POST", "PUT", "PATCH"):
            lines.append(("Content-Length", "0"))
        if request.upgrade is not None:
            lines += [("Connection", "Upgrade"), ("Upgrade", request.upgrade)]
        # Somebody who says on whose behalf the request runs gets none of the configured lines mixed in (A28).
        if "impersonate-user" not in own:
            lines += self._impersonation
        lines += self._proxy
        block = _encode_lines(lines, RequestError)
        secret = _encode_lines((item for item in credentials.items() if item[0].lower() not in own), CredentialsError)
        return block + secret + b"\r\n"


def _encode_lines(lines: Iterable[tuple[str, str]], error: type[RequestError | CredentialsError]) -> bytes:
    out = []
    for name, value in lines:
        if not _TOKEN.fullmatch(name):
            raise error(f"{name!r} is no header name")
        try:
            encoded = value.encode("latin-1")
        except (UnicodeEncodeError, AttributeError):
            encoded = b"\n"
        # The value isn't shown: it may be a secret.
        if any((byte < 0x20 and byte != 0x09) or byte == 0x7F for byte in encoded):
            raise error(f"the value of the header {name} is no text, or holds a control or non-Latin-1 character")
        out.append(b"%b: %b\r\n" % (name.encode("ascii"), encoded))
    return b"".join(out)


def format_timeout(seconds: float) -> str:
    """``seconds`` as a Go duration, which is what the query parameter ``timeout`` takes."""
    if seconds == int(seconds):
        return f"{int(seconds)}s"
    return f"{max(1, round(seconds * 1000))}ms"


def default_user_agent() -> str:
    """``program/version (os/arch) …``: the server takes what stands before the slash for the field manager (B21)."""
    system = platform.system().lower() or "unknown"
    return f"{_program()}/{__version__} ({system}/{platform.machine() or 'unknown'}) k8s-core/{__version__}"


def _program() -> str:
    path = sys.argv[0] if sys.argv and sys.argv[0] not in ("", "-c", "-m", "-") else ""
    folder, name = os.path.split(path)
    if name == "__main__.py":
        name = os.path.split(folder)[1]
    name = re.sub(r"[^A-Za-z0-9._-]", "-", name.removesuffix(".py")).strip("-.")
    return name[:100] or "python"
