# SPDX-License-Identifier: Apache-2.0
"""GET of ``pods/log``: what `ApiServer.write_log` wrote, at once or as it comes (protocol F18-F20)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.network.messages import Answer, Follow
from k8s_devkit.api_server.subresources.containers import choose_container, find_pod
from k8s_devkit.api_server.subresources.log_book import container_status, terminated
from k8s_devkit.strategy.failures import bad_request, invalid
from k8s_devkit.strategy.field_errors import forbidden_field, invalid_value, not_supported

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_devkit.api_server.core import ApiCore, Call
    from k8s_devkit.api_server.network.messages import Query
    from k8s_devkit.api_server.subresources.log_book import ContainerLog, LogChunk
    from k8s_devkit.strategy.field_errors import FieldError

__all__ = ["LogFollower", "read_log"]

Json = dict[str, Any]
_STREAMS = ("All", "Stdout", "Stderr")
_PIECE = 64 * 1024
_TIME_LAYOUT = (
    ("2006", r"\d{4}"),
    ("-", "-"),
    ("01", r"\d\d"),
    ("-", "-"),
    ("02", r"\d\d"),
    ("T", "T"),
    ("15", r"\d\d"),
    (":", ":"),
    ("04", r"\d\d"),
    (":", ":"),
    ("05", r"\d\d(\.\d+)?"),
    ("Z07:00", r"(Z|[+-]\d\d:\d\d)$"),
)
_WAITING = {
    "ErrImagePull": "image can't be pulled",
    "ImagePullBackOff": "trying and failing to pull image",
}


@dataclass(slots=True)
class _Options:
    since: datetime | None
    tail: int | None
    limit: int | None
    timestamps: bool
    stream: str


class LogFollower:
    """Reads one log from where the options say, and on as it grows. Used under the core's lock.

    Args:
        wake: called when there is more to drain; must not block.
    """

    def __init__(self, log: ContainerLog, options: _Options) -> None:
        self.wake: Callable[[], None] = lambda: None
        self._log = log
        self._options = options
        self._left = options.limit
        self._next = _tail_start(log.chunks, options)
        log.listeners.append(self._changed)

    def _changed(self) -> None:
        self.wake()

    @property
    def ended(self) -> bool:
        """Whether nothing can come after what `drain` gives."""
        followed = self._changed in self._log.listeners
        return self._log.finished or self._left == 0 or not followed

    def drain(self, size: int | None = _PIECE) -> bytes:
        """What was written since the last call, about ``size`` bytes of it; None takes all."""
        pieces: list[bytes] = []
        length = 0
        chunks = self._log.chunks
        while self._next < len(chunks) and (size is None or length < size):
            piece = self._shown(chunks[self._next])
            self._next += 1
            if self._left is not None:
                piece = piece[: self._left]
                self._left -= len(piece)
            pieces.append(piece)
            length += len(piece)
        return b"".join(pieces)

    def _shown(self, chunk: LogChunk) -> bytes:
        options = self._options
        if options.stream not in ("All", chunk.stream) or (options.since and chunk.moment < options.since):
            return b""
        if options.timestamps and chunk.starts_line:
            return _stamp(chunk.moment).encode() + b" " + chunk.data
        return chunk.data

    def end(self) -> None:
        """Follow no longer. Idempotent."""
        if self._changed in self._log.listeners:
            self._log.listeners.remove(self._changed)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")


def _tail_start(chunks: list[LogChunk], options: _Options) -> int:
    """Where the last lines begin; a line of several chunks counts once."""
    if options.tail is None:
        return 0
    index, left = len(chunks), options.tail
    while index and left:
        index -= 1
        left -= chunks[index].starts_line
    return index


def read_log(core: ApiCore, call: Call) -> Answer | Follow:
    """Serve a log, to its end or for as long as it grows."""
    query = call.request.query
    options = _read_options(core, call)
    entry = find_pod(core, call, call.info.name)
    pod = entry.document()
    container = choose_container(pod, query.get("container"))
    if not (pod.get("spec") or {}).get("nodeName") and not core.logs.written(entry.key):
        return Answer(204, b"", "")
    log: ContainerLog | None
    if query.flag("previous"):
        log = core.logs.previous(entry.key, container)
        if log is None:
            raise bad_request(f'previous terminated container "{container}" in pod "{entry.name}" not found')
    else:
        if not core.logs.written(entry.key, container):
            _check_started(pod, container)
        log = core.logs.of(entry.key, container)
    follower = LogFollower(log, options)
    if query.flag("follow") and not terminated(pod, container):
        return Follow(follower)
    follower.end()
    return Answer(200, follower.drain(None), "text/plain")


def _check_started(pod: Json, container: str) -> None:
    """Raise the kubelet's 400 for a container that waits."""
    state = (container_status(pod, container) or {}).get("state") or {}
    if "waiting" in state:
        reason = (state["waiting"] or {}).get("reason", "")
        text = f'container "{container}" in pod "{pod["metadata"]["name"]}" is waiting to start: '
        raise bad_request(text + _WAITING.get(reason, reason))


def _read_options(core: ApiCore, call: Call) -> _Options:
    query = call.request.query
    since, seconds, stream = _time(query), query.integer("sinceSeconds"), query.get("stream") or "All"
    tail, limit = query.integer("tailLines"), query.integer("limitBytes")
    errors: list[FieldError] = []
    if tail is not None and tail < 0:
        errors.append(invalid_value("tailLines", tail, "must be greater than or equal to 0"))
    if limit is not None and limit < 1:
        errors.append(invalid_value("limitBytes", limit, "must be greater than 0"))
    if seconds is not None and since is not None:
        errors.append(forbidden_field("[]", "at most one of `sinceTime` or `sinceSeconds` may be specified"))
    elif seconds is not None and seconds < 1:
        errors.append(invalid_value("sinceSeconds", seconds, "must be greater than 0"))
    if stream not in _STREAMS:
        errors.append(not_supported("stream", stream, _STREAMS))
    elif stream != "All" and tail is not None:
        errors.append(forbidden_field("[]", "`tailLines` and specific `stream` are mutually exclusive for now"))
    if errors:
        raise invalid("PodLogOptions", "", call.info.name, errors)
    if seconds is not None:
        since = core.clock() - timedelta(seconds=seconds)
    return _Options(since, tail, limit, query.flag("timestamps"), stream)


def _time(query: Query) -> datetime | None:
    text = query.get("sinceTime")
    if not text:
        return None
    rest = text
    for element, pattern in _TIME_LAYOUT:
        match = re.match(pattern, rest)
        if match is None:
            raise bad_request(
                f'parsing time "{text}" as "2006-01-02T15:04:05Z07:00": cannot parse "{rest}" as "{element}"'
            )
        rest = rest[match.end() :]
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise bad_request(f'parsing time "{text}": day out of range') from None
