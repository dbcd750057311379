# SPDX-License-Identifier: Apache-2.0
"""The innermost layer: one request, one answer, over pooled connections. No retries, no credentials of its own."""

from __future__ import annotations

import os
import threading
import time
import weakref
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from urllib3.exceptions import ClosedPoolError

from k8s_core.configuration.material import AuthorityReader
from k8s_core.errors import ConfigError, ConnectionFailed, KubernetesError, ResponseTruncated, TransportError
from k8s_core.redaction import MaskOf, know_nothing
from k8s_core.transport.channel import open_channel
from k8s_core.transport.connections import Pool, drain, make_pool
from k8s_core.transport.duplex import Duplex, SwitchedResponse
from k8s_core.transport.encode import Encoder
from k8s_core.transport.faults import CONNECT_ERRORS, IO_ERRORS, after_sending, before_sending
from k8s_core.transport.redirect import MAX_REDIRECTS, redirect_target
from k8s_core.transport.response import BufferedResponse, StreamResponse, read_body
from k8s_core.transport.socks import require_pysocks
from k8s_core.transport.tls import make_context, proxy_context
from k8s_core.transport.wire import MalformedResponse
from k8s_core.transport.wirelog import WireLog

if TYPE_CHECKING:
    from collections.abc import Mapping

    from k8s_core.auth import ClientCertificate, Credentials
    from k8s_core.configuration import Config
    from k8s_core.requests import Request
    from k8s_core.transport.channel import Channel
    from k8s_core.transport.limits import Limit
    from k8s_core.transport.proxy import Proxy
    from k8s_core.transport.response import Answer
    from k8s_core.transport.wire import Head

__all__ = ["HTTPLayer"]

_PORTS: Final = {"http": 80, "https": 443}


def _name(host: str, config: Config, option: str) -> str:
    """``host``, if resolver and TLS can make anything of it; they would fail late, and ssl would leak its socket."""
    try:
        host.encode("idna")
    except UnicodeError as error:
        message = f"{config.source}: {option}: {host!r} is no host name: {error}"
        raise ConfigError(message, source=config.source, option=option) from error
    return host


class _Generation:
    """The connections that were made with one set of TLS material, in one process."""

    def __init__(self, pool: Pool, version: tuple[str, str]) -> None:
        self.pool = pool
        self.version = version
        self.pid = os.getpid()
        # Re-entrant: a stream that is collected or closed by a signal handler comes back in here.
        self.lock = threading.RLock()
        self.streams: weakref.WeakSet[StreamResponse] = weakref.WeakSet()
        self.ended: TransportError | None = None

    def add(self, response: StreamResponse) -> None:
        with self.lock:
            self.streams.add(response)
            ended = self.ended
        if ended is not None:
            # The generation ended while this response was on its way: nobody else would close it.
            response.abort(ended)

    def forget(self, response: StreamResponse) -> None:
        with self.lock:
            self.streams.discard(response)

    def end(self, reason: TransportError) -> None:
        """Close idle connections and streams; requests under way finish and drop theirs."""
        queue, self.pool.pool = self.pool.pool, None
        if queue is not None:
            drain(queue)
        with self.lock:
            self.ended = reason
            streams = list(self.streams)
        for stream in streams:
            stream.abort(reason)


class HTTPLayer:
    """Sends one request at a time per calling thread to the server of a Config. Thread-safe and fork-safe."""

    def __init__(
        self, config: Config, credentials: Credentials, proxy: Proxy | None, mask_of: MaskOf = know_nothing
    ) -> None:
        """
        Args:
            config: the server and how far to trust it.
            credentials: asked for a client certificate.
            proxy: to go through.
            mask_of: knows the secrets of kinds, for the debug log.

        Raises:
            ConfigError, CredentialsError: the TLS material can't be used.
        """
        self._config = config
        self._credentials = credentials
        self._proxy = proxy
        server = urlsplit(config.server)
        self._tls = server.scheme == "https"
        self._host = _name(server.hostname or "localhost", config, "server")
        if config.tls_server_name:
            _name(config.tls_server_name, config, "tls_server_name")
        self._port = server.port or _PORTS[server.scheme]
        self.server = f"{server.scheme}://{server.netloc}"
        self._authority = AuthorityReader(config)
        self._wire_log = WireLog(debug=config.debug, mask_of=mask_of)
        if proxy is not None and proxy.scheme == "socks5":
            require_pysocks(proxy)
        forwarding = proxy is not None and not self._tls and proxy.scheme in ("http", "https")
        self._encoder = Encoder(config, forward_to_proxy=proxy.headers() if forwarding and proxy else None)
        # Re-entrant: a connection that is collected comes back in here.
        self._lock = threading.RLock()
        self._closed = False
        self._generation: _Generation | None = None
        # Not a generation's: a certificate that was renewed is no reason to lose a command that runs.
        self._upgraded: weakref.WeakSet[Duplex] = weakref.WeakSet()
        if self._tls and config.has_authority:
            # Unusable roots are an error of the configuration, found here; client certificates may need a login first.
            make_context(config, self._authority.read()[0], None)

    # -- connections

    def _make_generation(self) -> _Generation:
        certificate: ClientCertificate | None = None
        authority: bytes | None = None
        version = ("", "")
        tls_proxy = self._proxy is not None and self._proxy.scheme == "https"
        if self._tls or tls_proxy:
            authority, authority_version = self._authority.read()
            certificate = self._credentials.client_certificate() if self._tls else None
            version = (authority_version, certificate.version if certificate else "")
        pool = make_pool(
            self._host,
            self._port,
            context=make_context(self._config, authority, certificate) if self._tls else None,
            server_name=self._config.tls_server_name,
            proxy=self._proxy,
            proxy_context=proxy_context(self._config, authority) if tls_proxy else None,
        )
        return _Generation(pool, version)

    def _current(self) -> _Generation:
        generation = self._generation
        if generation is not None and generation.pid != os.getpid():
            # A fork: the parent's sockets are its own, and its locks may be held by threads that don't exist here.
            self._lock = threading.RLock()
            self._authority = AuthorityReader(self._config)
            self._upgraded = weakref.WeakSet()
            self._generation = generation = None
        if generation is None or (self._tls and self._version() != generation.version):
            generation = self._renew()
        if self._closed:
            raise ConnectionFailed(f"the client of {self.server} is closed; nothing was sent")
        return generation

    def _version(self) -> tuple[str, str]:
        certificate = self._credentials.client_certificate()
        return self._authority.read()[1], certificate.version if certificate else ""

    def _renew(self) -> _Generation:
        with self._lock:
            old = self._generation
            if old is not None and (not self._tls or self._version() == old.version):
                return old
            self._generation = new = self._make_generation()
        if old is not None:
            old.end(ResponseTruncated(f"the connection to {self.server} was closed: a certificate was renewed"))
        return new

    def close(self) -> None:
        """Close all connections; nothing can be sent afterwards."""
        self._closed = True
        generation = self._generation
        if generation is not None and generation.pid == os.getpid():
            generation.end(self._closed_error())
            with self._lock:
                upgraded = list(self._upgraded)
            for connection in upgraded:
                connection.abort(self._closed_error())

    # -- one request

    def exchange(self, request: Request, credentials: Mapping[str, str], limit: Limit, timeout: str | None) -> Answer:
        """Send ``request`` with the headers ``credentials`` and wait for the answer: its head if it is a stream.

        Args:
            request: to send.
            credentials: headers to authenticate it; they go nowhere else.
            limit: for each step.
            timeout: value for the query parameter ``timeout``.

        Raises:
            TransportError: no usable answer.
            RequestError, CredentialsError: it can't be sent as it is.
        """
        target = self._encoder.target(request, timeout)
        response = self._logged(request, target, credentials, limit)
        if 300 <= response.status < 400 and request.upgrade is None:
            return self._follow(request, response, target, credentials, limit)
        return response

    def _follow(
        self,
        request: Request,
        response: Answer,
        target: str,
        credentials: Mapping[str, str],
        limit: Limit,
    ) -> Answer:
        for _ in range(MAX_REDIRECTS):
            location = response.headers.get("location")
            further = redirect_target(request, response.status, location, self.server, target)
            if further is None:
                return response
            response.close()
            target = further
            response = self._logged(request, target, credentials, limit)
        response.close()
        raise TransportError(f"{request.method} {request.path} at {self.server}: more than {MAX_REDIRECTS} redirects")

    def _logged(self, request: Request, target: str, credentials: Mapping[str, str], limit: Limit) -> Answer:
        if not self._wire_log.wanted():
            return self._once(request, target, credentials, limit)
        self._wire_log.request(request, target, credentials)
        start = time.monotonic()
        try:
            response = self._once(request, target, credentials, limit)
        except KubernetesError as error:
            self._wire_log.failure(request, error, time.monotonic() - start)
            raise
        self._wire_log.response(request, response, time.monotonic() - start)
        return response

    def _once(self, request: Request, target: str, credentials: Mapping[str, str], limit: Limit) -> Answer:
        head = self._encoder.encode(request, target, credentials)
        generation, channel = self._connect(limit, fresh=request.upgrade is not None)
        return self._converse(request, head, channel, generation, limit)

    def _connect(self, limit: Limit, *, fresh: bool) -> tuple[_Generation, Channel]:
        while True:
            try:
                generation = self._current()
                return generation, open_channel(generation.pool, limit, fresh=fresh)
            except ClosedPoolError:
                continue  # renewed or closed by another thread since it was looked up
            except CONNECT_ERRORS as error:
                fault = before_sending(error, server=self.server, proxy=self._proxy, limit=limit)
                raise fault from fault.__cause__

    def _switched(self, request: Request, head: Head, channel: Channel, first: bytes) -> SwitchedResponse:
        if request.upgrade is None:
            raise MalformedResponse("the server switched protocols without being asked")
        if head.fields.get("upgrade", "").lower() != request.upgrade.lower():
            raise MalformedResponse(f"the server did not switch to {request.upgrade}, but to something else")
        with self._lock:
            connection = Duplex(channel, first, f"{request.path} at {self.server}", self._forget)
            self._upgraded.add(connection)
            closed = self._closed
        if closed:
            connection.abort(self._closed_error())
        return SwitchedResponse(head, connection)

    def _forget(self, connection: Duplex) -> None:
        with self._lock:
            self._upgraded.discard(connection)

    def _closed_error(self) -> ConnectionFailed:
        return ConnectionFailed(f"the client of {self.server} was closed")

    def _converse(
        self, request: Request, encoded: bytes, channel: Channel, generation: _Generation, limit: Limit
    ) -> Answer:
        status = 0
        try:
            try:
                channel.send(encoded, request.body, limit)
                head, first = channel.receive_head(limit)
                status = head.status
                if status == 101:
                    return self._switched(request, head, channel, first)
                if request.stream:
                    response = StreamResponse(request, head, channel, first, limit, self.server, generation.forget)
                    generation.add(response)
                    return response
            except BaseException:
                channel.discard()
                raise
            body = read_body(channel, head, request.method, first, limit)
        except IO_ERRORS as error:
            fault = after_sending(error, request, server=self.server, limit=limit, status=status)
            raise fault from fault.__cause__
        return BufferedResponse(status, head.headers, body, head.warnings)
