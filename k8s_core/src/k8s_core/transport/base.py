# SPDX-License-Identifier: Apache-2.0
"""What a transport is: the seam between the client and the network, and the one that plugins wrap."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from k8s_core.requests import Request

__all__ = ["Response", "Transport", "TransportWrapper", "UpgradedConnection", "UpgradedResponse"]


class Response(Protocol):
    """An answer of any HTTP status. Whoever gets one reads it to its end or closes it."""

    @property
    def status(self) -> int:
        """HTTP status code."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Header fields; lookup ignores case, repeated lines are joined with ``", "``."""
        ...

    def read(self) -> bytes:
        """The whole body, decompressed. Blocks until it is there; the connection is free again afterwards.

        Raises:
            TransportError: the body did not arrive whole.
        """
        ...

    def stream(self) -> Iterator[bytes]:
        """The body, decompressed, piece by piece as it arrives; pieces are cut where the network cut them.

        Ends without an error where the server ended the body properly, and after :meth:`close` from another thread.
        Closing the iterator closes the response.

        Raises:
            ResponseTruncated: the connection ended inside the body.
            RequestTimeout: no byte came for the inactivity timeout.
            TransportError: the body is malformed.
        """
        ...

    def close(self) -> None:
        """Drop the response. Callable from any thread, any number of times; a blocked :meth:`stream` ends at once."""
        ...


class UpgradedConnection(Protocol):
    """A connection that has left HTTP: bytes both ways. One thread may receive while another one sends."""

    def receive(self, timeout: float | None = None) -> bytes | None:
        """Some bytes; blocks. Empty where the peer has ended the connection, and after :meth:`close`.

        Args:
            timeout: seconds, after which None is the answer; None waits without end.

        Raises:
            StreamBroken: the connection broke.
            ConnectionFailed: the client was closed.
        """
        ...

    def send(self, data: bytes) -> None:
        """Send all of ``data``; blocks as long as the peer takes nothing.

        Raises:
            StreamBroken: the connection broke, or is closed.
            ConnectionFailed: the client was closed.
        """
        ...

    def writable(self) -> bool:
        """Whether a few bytes can be sent at once."""
        ...

    def close(self) -> None:
        """End the connection. Callable from any thread, any number of times; blocked calls end at once."""
        ...


class UpgradedResponse(Response, Protocol):
    """The answer 101 to a request with ``upgrade``. It has no body, and closing it ends the connection.

    A wrapper gives it back as it came, as any answer.
    """

    @property
    def connection(self) -> UpgradedConnection:
        """The connection, positioned behind the head of the answer."""
        ...


class Transport(Protocol):
    """Sends requests to one API server. Safe for use by many threads at once."""

    def send(self, request: Request) -> Response:
        """Send ``request`` and wait for the beginning of the answer; blocks.

        Any HTTP status is an answer, not an exception. The body of a request that is not ``stream`` has been read
        when this returns.

        Raises:
            TransportError: no answer; ``OutcomeUnknown`` if the request is a write that may have been applied.
            CredentialsError: the credentials could not be had; nothing was sent.
        """
        ...

    def close(self) -> None:
        """Close all connections, streams included, and end waits between retries. A closed transport sends nothing."""
        ...


TransportWrapper = Callable[[Transport], Transport]
"""What a plugin's ``k8s_transport_wrapper`` returns: it gets the transport inside and gives one to put around it."""
