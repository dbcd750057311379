# SPDX-License-Identifier: Apache-2.0
"""The logs of all objects that a selector selects, those to come included."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from msgspec.structs import replace

from k8s_core.errors import NotFound, RequestError
from k8s_core.model import Resource
from k8s_core.requests.options import AllNamespaces
from k8s_core.streams.log_lines import LogBytes, LogLine
from k8s_core.streams.logs import LogOptions, LogStream, OneLog
from k8s_core.streams.selecting import selector_of
from k8s_core.streams.targets import Target, default_container
from k8s_core.watch import DELETED, Watcher

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_core.client import Client
    from k8s_core.client.objects import Subject
    from k8s_core.client.session import Session
    from k8s_core.requests.options import NamespaceOption
    from k8s_core.selectors import Labels

__all__ = ["open_logs"]

L = TypeVar("L", LogLine, LogBytes)
_CAPACITY: Final = 1000
"""Lines that wait for their reader; then the logs are read no further."""


def open_logs(
    client: Client,
    session: Session,
    kind_or_obj: Any,
    name: str | None,
    namespace: NamespaceOption,
    labels: Labels | None,
    options: LogOptions,
) -> LogStream[Any]:
    """See ``Client.logs``."""
    if labels is None:
        if isinstance(namespace, AllNamespaces):
            raise RequestError("namespace=ALL_NAMESPACES goes with labels=; one object lives in one namespace")
        return _logs_of(client, session.addressed(kind_or_obj, name, namespace), kind_or_obj, options)
    if name is not None or isinstance(kind_or_obj, (Resource, Mapping)):
        raise RequestError("labels= goes with a kind; an object, or a name=, says already whose log is meant")
    return _selected_logs(client, session.resolve(kind_or_obj), namespace, labels, options)


def _logs_of(client: Client, subject: Subject, given: object, options: LogOptions) -> LogStream[Any]:
    """The log of one object, or of those that it selects."""
    options = options.check()
    known = given if isinstance(given, Resource) and given.metadata.resourceVersion else None
    target = Target(client, subject.cls, subject.name, subject.namespace, known)
    if not hasattr(subject.cls, "pod_selector"):
        return OneLog(target, options)
    selecting = known or target.read()
    selector = selector_of(selecting)
    cls = client.class_for(selector.kind.api_version, selector.kind.kind)
    return _selected_logs(client, cls, selecting.metadata.namespace, selector.labels, options)


def _selected_logs(
    client: Client, cls: type[Resource], namespace: NamespaceOption, labels: Labels | None, options: LogOptions
) -> LogStream[Any]:
    """The logs of all that labels select."""
    make = FollowedLogs if options.follow else ListedLogs
    return make(client, cls, namespace, labels, options.check())


def _target(client: Client, obj: Any) -> Target:
    return Target(client, type(obj), obj.metadata.name, obj.metadata.namespace, obj)


def _options(obj: Any, options: LogOptions) -> LogOptions:
    return options if options.container else replace(options, container=default_container(obj))


class ListedLogs(LogStream[L]):
    """The logs of those that are there, one after the other by name."""

    def __init__(
        self,
        client: Client,
        cls: type[Resource],
        namespace: NamespaceOption,
        labels: Labels | None,
        options: LogOptions,
    ) -> None:
        self.gaps = []
        self._client = client
        self._options = options
        found: list[Any] = client.list(cls, namespace=namespace, labels=labels)
        self._found = sorted(found, key=lambda obj: (obj.metadata.namespace or "", obj.metadata.name or ""))
        self._open: OneLog[L] | None = None
        self._closed = False
        self._lines: Iterator[Any] = self._run()

    def __next__(self) -> L:
        line: L = next(self._lines)
        return line

    def _run(self) -> Iterator[L]:
        for obj in self._found:
            options = _options(obj, self._options)
            if self._closed:
                return
            if hasattr(obj, "has_started") and not obj.has_started(options.container):
                continue  # there is nothing yet
            with OneLog[L](_target(self._client, obj), options) as self._open:
                self._open.gaps = self.gaps
                yield from self._open

    def close(self) -> None:
        self._closed = True
        if self._open is not None:
            self._open.close()


class FollowedLogs(LogStream[L]):
    """The logs of those that are there and of those that come, a thread for each, mixed as the lines come."""

    def __init__(
        self,
        client: Client,
        cls: type[Resource],
        namespace: NamespaceOption,
        labels: Labels | None,
        options: LogOptions,
    ) -> None:
        self.gaps = []
        self._client = client
        self._options = options
        self._cls, self._namespace, self._labels = cls, namespace, labels
        self._changed = threading.Condition()
        self._lines: deque[L] = deque()
        self._logs: dict[tuple[str, int], OneLog[L] | None] = {}
        self._threads: list[threading.Thread] = []
        self._failure: BaseException | None = None
        self._closed = False
        self._finishing = False
        self._active = 0  # logs that are followed, or about to be
        self._watcher: Watcher[Any] = Watcher(cls, client=client)
        self._events = self._watcher.watch(namespace=namespace, labels=labels)
        self._start(self._watch)

    # -- the reader

    def __next__(self) -> L:
        with self._changed:
            self._changed.wait_for(lambda: self._lines or self._is_over())
            if self._lines:
                line = self._lines.popleft()
                self._changed.notify_all()
                return line
            failure = self._failure
            closed = self._closed
        if failure is not None and not closed:
            self.close()
            raise failure
        raise StopIteration

    def _is_over(self) -> bool:
        return self._closed or self._failure is not None or (self._finishing and not self._active)

    def finish(self) -> None:
        self._watcher.stop()
        found: list[Any] = self._client.list(self._cls, namespace=self._namespace, labels=self._labels)
        for obj in found:
            self._look(obj, replace(self._options, tail=None, since=None))
        with self._changed:
            self._finishing = True
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._lines.clear()
            logs = [log for log in self._logs.values() if log is not None]
            threads = list(self._threads)
            self._changed.notify_all()
        self._watcher.stop()
        for log in logs:
            log.close()
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join()

    # -- beside it

    def _start(self, work: Any, *args: Any) -> None:
        with self._changed:
            if self._closed:
                return
            thread = threading.Thread(target=self._guarded, args=(work, *args), name="logs", daemon=True)
            self._threads = [each for each in self._threads if each.is_alive() or each.ident is None] + [thread]
            thread.start()

    def _guarded(self, work: Any, *args: Any) -> None:
        try:
            work(*args)
        except BaseException as error:  # noqa: BLE001  # raised for the reader
            with self._changed:
                self._failure = self._failure or error
                self._changed.notify_all()

    def _watch(self) -> None:
        for event in self._events:
            if event.type != DELETED:
                # Those that were there before have a past that may be cut off; those that come are read from the start.
                options = self._options if event.initial else replace(self._options, tail=None, since=None)
                self._look(event.object, options)

    def _look(self, obj: Any, options: LogOptions) -> None:
        """Follow the log of an object if it has begun and is not followed yet; a restarted container begins anew."""
        options = _options(obj, options)
        if not obj.has_started(options.container):
            return
        status = obj.container_status(options.container)
        key = (obj.metadata.uid or obj.metadata.name, (status and status.restartCount) or 0)
        with self._changed:
            if key in self._logs:
                return
            self._logs[key] = None
            self._active += 1
        self._start(self._follow, key, obj, options)

    def _follow(self, key: tuple[str, int], obj: Any, options: LogOptions) -> None:
        try:
            self._read(key, obj, options)
        except NotFound:
            return  # it was deleted
        finally:
            with self._changed:
                self._logs[key] = None
                self._active -= 1
                self._changed.notify_all()

    def _read(self, key: tuple[str, int], obj: Any, options: LogOptions) -> None:
        log = OneLog[L](_target(self._client, obj), options)
        log.gaps = self.gaps
        with self._changed:
            self._logs[key] = log
            closed = self._closed
        if closed:
            log.close()
        with log:
            for line in log:
                with self._changed:
                    self._changed.wait_for(lambda: len(self._lines) < _CAPACITY or self._closed)
                    if self._closed:
                        return
                    self._lines.append(line)
                    self._changed.notify_all()
