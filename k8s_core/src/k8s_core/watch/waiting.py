# SPDX-License-Identifier: Apache-2.0
"""Waiting until something holds, built on list and watch: it can't miss the moment, and it can't hang (H19-H24)."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, TypeVar, cast

from k8s_core.errors import KubernetesError, RequestError, WaitTimeout, api_error_from_status
from k8s_core.model.codec import load_resource
from k8s_core.model.secrecy import masked
from k8s_core.selectors import field_selector
from k8s_core.watch.clock import StopSignal
from k8s_core.watch.conditions import BEHAVIOUR, parse_condition
from k8s_core.watch.driver import SYNCED, Target
from k8s_core.watch.events import DELETED, UNDECODABLE
from k8s_core.watch.options import WatchOptions
from k8s_core.watch.watcher import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.behaviour import RolloutStatus
    from k8s_core.client import Client
    from k8s_core.errors import NotFound
    from k8s_core.model import Resource
    from k8s_core.requests.options import NamespaceOption
    from k8s_core.selectors import Labels
    from k8s_core.watch.changes import Change

__all__ = ["wait_for", "wait_for_any"]

R = TypeVar("R", bound="Resource")

_ONE_WEEK = 7 * 24 * 3600.0


def wait_for(
    client: Client,
    kind: type[R],
    name: str,
    condition: str | Callable[[R], object],
    *,
    namespace: str | None,
    uid: str | None,
    timeout: float,
) -> R | None:
    """Block until a condition holds for one object; see ``Client.wait``.

    Args:
        client: who asks.
        kind: of the object.
        name: of the object.
        condition: a text, see :mod:`k8s_core.watch.conditions`, or a function of the object.
        namespace: of the object, None for cluster-scoped kinds.
        uid: the incarnation that is meant, None for any; it matters for ``"delete"``.
        timeout: seconds; 0 checks once, negative waits for a week.
    """
    wait = _Wait(client, kind, name, condition, namespace=namespace, uid=uid)
    return cast("R | None", wait.run(timeout))


def wait_for_any(
    client: Client,
    kind: type[R],
    condition: Callable[[R], object],
    *,
    namespace: NamespaceOption,
    labels: Labels | None,
    timeout: float,
) -> R:
    """Block until a condition holds for an object of a collection; see ``Client.wait_any``."""
    watcher = Watcher(kind, client=client)
    timer = threading.Timer(timeout, watcher.stop)
    timer.start()
    try:
        for event in watcher.watch(namespace=namespace, labels=labels):
            if event.type not in (DELETED, UNDECODABLE) and condition(event.object):
                return event.object
    finally:
        timer.cancel()
        timer.join()
    described = getattr(condition, "__name__", "the condition")
    raise WaitTimeout(f"{described} did not hold for any {kind.api_resource.kind} within {timeout:g} s")


class _Wait:
    """One wait: a driver over the one object, and what is known of it."""

    def __init__(
        self,
        client: Client,
        kind: type[Any],
        name: str,
        condition: str | Callable[[Any], object],
        *,
        namespace: str | None,
        uid: str | None,
    ) -> None:
        self._kind = kind
        self._name = name
        self._namespace = namespace
        self._uid = uid
        self._described = (
            str(condition) if isinstance(condition, str) else getattr(condition, "__name__", "the condition")
        )
        self._progress = ""
        parsed: Any = condition if callable(condition) else parse_condition(condition)
        self._on_document = parsed if not callable(condition) and callable(parsed) else None
        asks_kind = isinstance(parsed, str) and parsed in BEHAVIOUR
        self._condition: Any = self._question(parsed) if asks_kind else parsed
        self._stop = StopSignal()
        self._current: Any = None
        resource = kind.api_resource
        # Checked here, so that nothing is sent for a name that no object can have.
        resource.path(namespace, name)
        target = Target(resource, namespace, fields=field_selector({"metadata.name": name}))
        # A stale first list could show the state from before the change whose effect is waited for.
        self._driver = WatchOptions().driver(
            client, target, self._stop, keep_objects=True, consistent=True, announce_sync=True
        )
        self._check_once_timeout = max(1.0, float(client.config.timeout))

    def _question(self, word: str) -> Callable[[Any], bool]:
        """The condition that asks the class of the kind. Raises RequestError where it has no answer."""
        method = BEHAVIOUR[word]
        if not callable(getattr(self._kind, method, None)):
            resource = self._kind.api_resource
            hint = "; 'condition=Ready' waits for the condition in its status" if word == "ready" else ""
            raise RequestError(f"{resource.gvk} can't be asked for {word!r}: its class has no {method}(){hint}")
        return self._is_ready if word == "ready" else self._is_rolled_out

    def _is_ready(self, obj: Any) -> bool:
        return bool(obj.is_ready())

    def _is_rolled_out(self, obj: Any) -> bool:
        status: RolloutStatus = obj.rollout_status()
        self._progress = f"; {status.message}" if status.message else ""
        return status.done

    def run(self, timeout: float) -> Any:
        seconds = _ONE_WEEK if timeout < 0 else timeout or self._check_once_timeout
        timer = threading.Timer(seconds, self._time_is_up)
        timer.daemon = True
        timer.start()
        changes = self._driver.changes()
        try:
            synced = False
            for change in changes:
                synced = synced or change is SYNCED
                self._take(change)
                if change.replaced:
                    continue  # the successor follows
                if synced and self._holds():
                    return self._current
                if synced and timeout == 0:
                    break
        finally:
            timer.cancel()
            changes.close()
        raise self._timed_out(timeout)

    def _time_is_up(self) -> None:
        self._stop.set()
        self._driver.interrupt()

    def _take(self, change: Change) -> None:
        if change.type == UNDECODABLE:
            raise change.error or KubernetesError("the object can't be decoded")
        if change.type == DELETED:
            self._current = None
        elif change is not SYNCED:
            self._current = load_resource(self._kind, change.raw)

    def _holds(self) -> bool:
        current = self._current
        if self._condition == "delete":
            if current is not None and self._uid and current.metadata.uid != self._uid:
                self._current = None
            return self._current is None
        if self._condition == "create":
            return current is not None
        if current is None:
            raise self._not_found()
        if self._on_document is None:
            return bool(self._condition(current))
        document = current.to_dict()
        if self._on_document(document):
            return True
        self._progress = f"; {self._on_document.seen(masked(self._kind, document))}"
        return False

    def _not_found(self) -> NotFound:
        group_resource = self._kind.api_resource.group_resource
        status = {
            "kind": "Status",
            "apiVersion": "v1",
            "status": "Failure",
            "message": f'{group_resource} "{self._name}" not found while waiting for {self._described}',
            "reason": "NotFound",
            "details": {
                "name": self._name,
                "group": self._kind.api_resource.group,
                "kind": self._kind.api_resource.plural,
            },
            "code": 404,
        }
        return cast("NotFound", api_error_from_status(status))

    def _timed_out(self, timeout: float) -> WaitTimeout:
        where = f" in namespace {self._namespace}" if self._namespace else ""
        last = self._driver.last_error
        why = (
            f"; the last failure of the watch: {last}" if last is not None and not self._driver.synced.is_set() else ""
        )
        after = "at once" if timeout == 0 else f"within {timeout:g} s"
        error = WaitTimeout(
            f"{self._kind.__name__} {self._name!r}{where}: {self._described} did not hold {after}{self._progress}{why}"
        )
        error.__cause__ = last
        return error
