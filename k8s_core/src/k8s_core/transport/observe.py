# SPDX-License-Identifier: Apache-2.0
"""What observers are told, and the one place that tells them. Values and dispatch only; no I/O.

An observer hears of what happens, it can't change it: what it raises is logged and goes no further. Its methods run in
the thread that does the work, possibly in several threads at once, and must be quick.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from k8s_core.kinds import APIResource
    from k8s_core.requests import Request

__all__ = [
    "Observer",
    "Observers",
    "RelistObservation",
    "RequestObservation",
    "RetryObservation",
    "ThrottleObservation",
    "TokenRefreshObservation",
    "WatchObservation",
]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestObservation:
    """A request is over, with all its attempts: an answer of any status (the head, if it is a stream), or an error."""

    request: Request = field(repr=False)
    """As it was sent; its body may hold secrets, credentials are never in it."""
    status: int | None
    """HTTP status of the answer; None if there was none."""
    error: BaseException | None = None
    seconds: float
    """From the call to the answer, waits between attempts included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryObservation:
    """A request is going to be sent again."""

    request: Request = field(repr=False)
    attempt: int
    """1 for the first repetition."""
    wait: float
    """Seconds until then."""
    reason: str
    """Such as ``429 Too Many Requests``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThrottleObservation:
    """The client's own rate limit delays a request (``Config.qps``)."""

    request: Request = field(repr=False)
    wait: float
    """Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRefreshObservation:
    """The server answered 401, and the source of credentials was asked for something new."""

    succeeded: bool
    seconds: float
    error: BaseException | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchObservation:
    """A watch connection began or ended; one logical watch has many."""

    resource: APIResource | None
    namespace: str | None
    phase: Literal["started", "ended", "failed"]
    """``ended`` is an ordinary end; ``failed`` has an ``error``, and no ``started`` before it if it never opened."""
    resource_version: str | None = None
    """From where it began, or how far it came."""
    error: BaseException | None = None
    seconds: float = 0.0
    """How long the connection lasted."""
    events: int = 0
    """How many events it brought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelistObservation:
    """A watcher listed all objects: at its start, or because it could not resume."""

    resource: APIResource | None
    namespace: str | None
    reason: str
    """``initial``, ``expired`` (410), ``failure`` or ``lost`` (the server's history was replaced)."""
    objects: int
    seconds: float


class Observer(Protocol):
    """Any object with any of these methods is an observer. Derive from this class to get the others as no-ops."""

    def request(self, event: RequestObservation) -> None:
        """A request is over."""

    def retry(self, event: RetryObservation) -> None:
        """A request is going to be repeated."""

    def throttle(self, event: ThrottleObservation) -> None:
        """The client's own rate limit delays a request."""

    def token_refresh(self, event: TokenRefreshObservation) -> None:
        """Credentials were renewed after a 401, or could not be."""

    def watch(self, event: WatchObservation) -> None:
        """A watch connection began or ended."""

    def relist(self, event: RelistObservation) -> None:
        """A watcher listed all objects."""


class Observers:
    """Several observers as one. Each method tells all that have it; what they raise is logged, never passed on."""

    def __init__(self, observers: Iterable[object] = ()) -> None:
        """``observers`` may have any subset of the methods of :class:`Observer`; ``Observers`` are taken apart."""
        self._observers: tuple[object, ...]
        flat: list[object] = []
        for observer in observers:
            flat.extend(observer._observers if isinstance(observer, Observers) else (observer,))
        self._observers = tuple(flat)
        self.request = self._teller("request")
        self.retry = self._teller("retry")
        self.throttle = self._teller("throttle")
        self.token_refresh = self._teller("token_refresh")
        self.watch = self._teller("watch")
        self.relist = self._teller("relist")

    def __bool__(self) -> bool:
        return bool(self._observers)

    def __repr__(self) -> str:
        return f"Observers({[type(observer).__name__ for observer in self._observers]})"

    def _teller(self, name: str) -> Callable[[Any], None]:
        methods = [getattr(observer, name) for observer in self._observers if callable(getattr(observer, name, None))]

        def tell(event: Any) -> None:
            for method in methods:
                try:
                    method(event)
                except Exception:  # noqa: BLE001  an observer's failure is its own, whatever it is
                    _log.exception("the observer %r failed in %s()", method, name)

        return tell
