# SPDX-License-Identifier: Apache-2.0
"""Requests below the models: ``Client().get("/api/v1/nodes")``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from k8s._deprecation import deprecated
from k8s._errors import ClientError, K8sClientException, NotFound, ServerError, translated
from k8s._verbs import client_of
from k8s_core.requests import Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from k8s_core.transport import Response as CoreResponse

__all__ = ["Client", "ClientError", "K8sClientException", "NotFound", "Response", "ServerError"]

_HEADERS = (("Accept", "application/json"), ("Content-Type", "application/json"))


class Response:
    """A successful answer, as far as users of ``requests`` ask for it."""

    def __init__(self, response: CoreResponse, url: str) -> None:
        self.status_code = response.status
        self.headers = response.headers
        self.url = url
        self._response = response
        self._content: bytes | None = None

    @property
    def content(self) -> bytes:
        """The body; blocks until it is there."""
        if self._content is None:
            self._content = self._response.read()
        return self._content

    @property
    def text(self) -> str:
        """The body as a string."""
        return self.content.decode()

    @property
    def ok(self) -> bool:
        """True."""
        return True

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.content)

    def iter_lines(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """The lines of the body as they arrive."""
        rest = b""
        for piece in self._response.stream():
            *lines, rest = (rest + piece).split(b"\n")
            yield from lines
        if rest:
            yield rest


class Client:
    """The default client of k8s-core, or the active one. Paths begin with ``/``.

    Raises:
        NotFound, ClientError, ServerError: as the API server answers.
        TransportError: no answer.
    """

    @classmethod
    def clear_session(cls) -> None:
        """Nothing is kept here: a changed setting makes a new client by itself."""

    @classmethod
    def init_session(cls) -> None:
        """Nothing is to be prepared."""

    def get(self, url: str, timeout: float | None = None, **options: Any) -> Response:
        """GET; ``params=`` is the query, and ``stream=True`` leaves the body to ``iter_lines``."""
        return _call("GET", url, None, timeout, **options)

    def delete(self, url: str, timeout: float | None = None, *, body: Any = None, **options: Any) -> Response:
        """DELETE; ``body=`` has the options of the deletion."""
        return _call("DELETE", url, body, timeout, **options)

    def post(self, url: str, body: Any, timeout: float | None = None) -> Response:
        """POST a JSON document."""
        return _call("POST", url, body, timeout)

    def put(self, url: str, body: Any, timeout: float | None = None) -> Response:
        """PUT a JSON document."""
        return _call("PUT", url, body, timeout)


def _call(
    method: str,
    url: str,
    body: Any,
    timeout: float | None,
    params: Mapping[str, Any] | None = None,
    stream: bool = False,
) -> Response:
    deprecated(f"k8s.client.Client().{method.lower()}()", "k8s_core.Client().request(Request(…))", level=4)
    address = urlsplit(url)
    query = [
        *parse_qsl(address.query, keep_blank_values=True),
        *((key, str(value)) for key, value in (params or {}).items()),
    ]
    request = Request(
        method=method,
        path=address.path,
        query=tuple(query),
        headers=_HEADERS if body is not None else _HEADERS[:1],
        body=None if body is None else json.dumps(body).encode(),
        stream=stream,
        timeout=None if stream else timeout,
        inactivity_timeout=timeout if stream else None,
    )
    with translated():
        return Response(client_of().request(request), url)
