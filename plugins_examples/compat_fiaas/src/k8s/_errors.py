# SPDX-License-Identifier: Apache-2.0
"""Errors that are those of k8s-core and those that users of fiaas/k8s catch, at once."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from k8s_core import errors
from k8s_core.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "APIServerError",
    "ClientError",
    "ErrorResponse",
    "K8sClientException",
    "NotFound",
    "ServerError",
    "translated",
]


class ErrorResponse:
    """What the API server answered, as far as users of ``requests`` ask for it."""

    def __init__(self, error: ApiError) -> None:
        self.status_code = error.code
        self.reason = error.reason
        self.url = error.request.partition(" ")[2]
        self._status = error.status

    @property
    def text(self) -> str:
        """The body: the Status of the API server."""
        return json.dumps(self._status)

    @property
    def ok(self) -> bool:
        """False."""
        return False

    def json(self) -> Any:
        """The Status of the API server."""
        return json.loads(self.text)


class K8sClientException(ApiError):
    """The API server refused or failed a request. Every such error is one of k8s-core's, too, such as ``Conflict``."""

    @property
    def response(self) -> ErrorResponse:
        """What the API server answered."""
        return ErrorResponse(self)


class ClientError(K8sClientException):
    """An answer from 400 to 499 other than 404: the request was wrong."""


class ServerError(K8sClientException):
    """An answer from 500 on: the API server failed."""


class NotFound(K8sClientException, errors.NotFound):
    """404: no such object, kind or path."""


class APIServerError(Exception):
    """An event of a watch that says that the watch has failed.

    Attributes:
        api_error: the Status as a dict, with ``code``, ``reason`` and ``message``.
    """

    def __init__(self, api_error: dict[str, Any]) -> None:
        self.api_error = api_error
        super().__init__(f"{api_error.get('code')} {api_error.get('reason')}: {api_error.get('message')}")

    @classmethod
    def match(cls, event_json: dict[str, Any]) -> bool:
        """Whether an event of a watch is such an error."""
        return event_json.get("type") == "ERROR"


_joined: dict[tuple[type, type], type] = {}


def _join(error: ApiError) -> type:
    """The class that is both the error's own and what users of fiaas/k8s catch."""
    own = type(error)
    if isinstance(error, K8sClientException):
        return own
    if isinstance(error, errors.NotFound) or error.code == 404:
        return NotFound
    group = ClientError if error.code < 500 else ServerError
    if own is ApiError:
        return group
    members = {
        "_of_core": own,
        "__module__": own.__module__,
        "__qualname__": own.__qualname__,
        "__reduce__": _reduce,
        "__doc__": own.__doc__,
    }
    return _joined.setdefault((group, own), type(own.__name__, (group, own), members))


def _reduce(self: ApiError) -> tuple[Any, ...]:
    # A pickle has the class of k8s-core, which every process can find; it becomes a joined one when it is loaded.
    rebuild, (_, *arguments), state = ApiError.__reduce__(self)
    return _rebuild, (rebuild, type(self)._of_core, tuple(arguments)), state  # type: ignore[attr-defined]  # see `_join`


def _rebuild(rebuild: Any, own: type[ApiError], arguments: tuple[Any, ...]) -> ApiError:
    error: ApiError = rebuild(own, *arguments)
    error.__class__ = _join(error)
    return error


@contextmanager
def translated(note: str = "", *, bodies: bool = False) -> Iterator[None]:
    """Errors of the API that leave the block are both k8s-core's and fiaas/k8s's; a note goes with those of a 404, and
    with ``bodies`` what the API server answered."""
    try:
        yield
    except ApiError as error:
        error.__class__ = _join(error)
        if note and error.code == 404:
            error.add_note(note)
        if bodies:
            error.add_note(f"answered: {json.dumps(error.status)}")
        raise
