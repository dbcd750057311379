# SPDX-License-Identifier: Apache-2.0
"""From what sockets, ssl and urllib3 raise to the TransportError tree: what failed, where, and what to do."""

from __future__ import annotations

import errno
import socket
import ssl
from http.client import HTTPException
from typing import TYPE_CHECKING, Final

from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from k8s_core.errors import (
    ConnectionFailed,
    OutcomeUnknown,
    ProxyError,
    RequestTimeout,
    ResponseTruncated,
    TLSError,
    TransportError,
)
from k8s_core.transport.channel import PeerClosed, ProxyUnreachable
from k8s_core.transport.wire import MalformedResponse

if TYPE_CHECKING:
    from k8s_core.requests import Request
    from k8s_core.transport.limits import Limit
    from k8s_core.transport.proxy import Proxy

__all__ = [
    "CONNECT_ERRORS",
    "IO_ERRORS",
    "Truncated",
    "after_sending",
    "before_sending",
    "changes_something",
    "is_lost",
    "is_timeout",
    "words_of",
]

IO_ERRORS: Final = (OSError, HTTPError, MalformedResponse)
"""What sending and receiving can raise; ssl's errors are OSErrors."""
CONNECT_ERRORS: Final = (*IO_ERRORS, HTTPException, ValueError)
"""What connecting can raise: also answers of a proxy that are no HTTP, and names that can't be resolved or verified."""

_LOST: Final = (ConnectionResetError, ConnectionAbortedError, BrokenPipeError, PeerClosed, ssl.SSLEOFError)
_READ_ONLY: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Truncated(ConnectionError):
    """The connection ended inside a body."""


def changes_something(request: Request) -> bool:
    """Whether a lost answer leaves a doubt: a write, and not a dry run; or a command, though it is sent as a GET."""
    writes = request.method not in _READ_ONLY or request.upgrade is not None
    return writes and ("dryRun", "All") not in request.query


def is_lost(error: BaseException) -> bool:
    """Whether the connection was reset or ended before an answer: what client-go retries for GET (B10)."""
    return isinstance(error, ConnectionFailed | ProxyError) and isinstance(error.__cause__, _LOST)


def is_timeout(error: BaseException) -> bool:
    """Whether time ran out: what client-go retries for the handshake of a watch (B11)."""
    return isinstance(error, RequestTimeout)


def before_sending(error: Exception, *, server: str, proxy: Proxy | None, limit: Limit) -> TransportError:
    """The error for a connection that could not be made; nothing was sent."""
    cause = _root(error)
    if proxy is not None and _is_proxys(error, cause):
        return _chain(ProxyError(f"the proxy {proxy.address} for {server}: {words_of(cause)}"), cause)
    if isinstance(cause, TimeoutError):
        return _chain(
            RequestTimeout(f"no connection to {server} in time ({limit.describe()}); nothing was sent"), cause
        )
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _chain(
            TLSError(f"{server}: the certificate is not trusted: {cause.verify_message}{_hint(cause)}"), cause
        )
    if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError):
        return _chain(TLSError(f"{server}: TLS handshake failed: {words_of(cause)}{_hint(cause)}"), cause)
    if isinstance(cause, socket.gaierror | UnicodeError):
        return _chain(ConnectionFailed(f"{server}: the host name can't be resolved: {words_of(cause)}"), cause)
    return _chain(ConnectionFailed(f"no connection to {server}: {words_of(cause)}"), cause)


def after_sending(error: Exception, request: Request, *, server: str, limit: Limit, status: int = 0) -> TransportError:
    """The error for a request that went out and has no usable answer.

    Args:
        error: what happened.
        request: that was sent.
        server: for the message.
        limit: that was in force.
        status: HTTP status, where the answer began.
    """
    cause = _root(error)
    what = f"{request.method} {request.path}"
    reason = limit.describe() if isinstance(cause, TimeoutError) else words_of(cause)
    if isinstance(cause, ssl.SSLError) and "ALERT" in (cause.reason or "") and not status:
        # With TLS 1.3 a server refuses the client certificate after the client has sent its request already.
        return _chain(TLSError(f"{server} refused the TLS connection: {reason}"), cause)
    if changes_something(request) and not 400 <= status < 500:
        answered = f" (it began to answer with status {status})" if status else ""
        advice = "it may have been applied: read the object before you repeat it"
        if request.upgrade is not None:
            advice = "what it asks for may have begun"
        return _chain(OutcomeUnknown(f"{what}: sent to {server}, but {reason}{answered}; {advice}"), cause)
    if isinstance(cause, TimeoutError):
        return _chain(RequestTimeout(f"{what} at {server}: {reason}"), cause)
    if isinstance(cause, MalformedResponse):
        return _chain(TransportError(f"{what} at {server}: {reason}"), cause)
    if status:
        return _chain(ResponseTruncated(f"{what} at {server}: {reason}"), cause)
    return _chain(ConnectionFailed(f"{what} at {server}: {reason}"), cause)


def _chain(error: TransportError, cause: BaseException) -> TransportError:
    error.__cause__ = cause
    return error


def _root(error: BaseException) -> BaseException:
    """The error below urllib3's wrappers and ours."""
    seen = error
    while isinstance(seen, HTTPError | ProxyUnreachable):
        inner = (
            seen.__cause__ or seen.__context__ or next((arg for arg in seen.args if isinstance(arg, Exception)), None)
        )
        if inner is None or inner is seen:
            break
        seen = inner
    return seen


def _is_proxys(error: BaseException, cause: BaseException) -> bool:
    """Whether the proxy is at fault; what happens inside of its tunnel is between client and server."""
    # The last two are what http.client makes of an answer to CONNECT, which nothing else here is asked of: one that is
    # not HTTP, and a refusal, for which it raises an OSError that no system call gave a number.
    return (
        isinstance(error, ProxyUnreachable | NewConnectionError | ConnectTimeoutError)
        or isinstance(cause, HTTPException)
        or (type(cause) is OSError and cause.errno is None)
    )


def words_of(error: BaseException) -> str:
    """What an error of a socket says, in words for a message."""
    if isinstance(error, ssl.SSLError):
        return (error.reason or str(error)).replace("_", " ").lower()
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower() if error.errno in errno.errorcode else error.strerror
    return str(error) or type(error).__name__


def _hint(error: ssl.SSLError) -> str:
    reason = error.reason or ""
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code in (62, 64):  # host name, IP address
            return "; set tls_server_name to a name that the certificate has"
        if error.verify_code in (18, 19, 20, 21):  # self-signed, unknown issuer
            return "; set certificate_authority to the cluster's CA"
        return ""
    if reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"):
        return "; does the server speak plain http?"
    return ""
