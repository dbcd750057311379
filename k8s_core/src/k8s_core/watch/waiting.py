# SPDX-License-Identifier: Apache-2.0
"""Waiting until something holds, built on list and watch: it can't miss the moment, and it can't hang (H19-H24)."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Any, Literal, cast

from msgspec import Struct

from k8s_core.errors import KubernetesError, NotFound, WaitTimeout, api_error_from_status
from k8s_core.model.codec import load_resource
from k8s_core.selectors import field_selector
from k8s_core.watch.clock import StopSignal
from k8s_core.watch.driver import SYNCED
from k8s_core.watch.events import DELETED, UNDECODABLE
from k8s_core.watch.options import WatchOptions
from k8s_core.watch.question import Question
from k8s_core.watch.target import Target, check_watchable

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from k8s_core.client import Client
    from k8s_core.model import Resource
    from k8s_core.watch.changes import Change

__all__ = ["Collection", "WaitProgress", "Waited", "wait_for", "wait_for_many"]

_ONE_WEEK = 7 * 24 * 3600.0
_JOIN_SECONDS = 5.0
_NAMED = 5


class Waited(Struct):
    """One object that is waited for, and what is known of it."""

    kind: type[Resource]
    name: str
    namespace: str | None
    uid: str
    """Of the incarnation that is meant, ``""`` for any; it matters for ``"delete"``."""
    obj: Any = None
    """The object as it was last seen."""
    exists: bool = False
    held: bool = False
    seen: str = ""

    def __str__(self) -> str:
        where = f" in namespace {self.namespace}" if self.namespace else ""
        return f"{self.kind.__name__} {self.name!r}{where}"


class Collection(Struct):
    """The objects that match selectors when the wait begins. ``namespace`` is None for every namespace."""

    kind: type[Resource]
    namespace: str | None
    labels: str
    fields: str

    def __str__(self) -> str:
        where = f" in namespace {self.namespace}" if self.namespace else ""
        selectors = " and ".join(text for text in (self.labels, self.fields) if text)
        return f"{self.kind.api_resource.group_resource}{where}{f' with {selectors}' if selectors else ''}"


class WaitProgress(Struct, frozen=True):
    """How far a wait is, told whenever one of its objects was seen."""

    done: int
    """For how many objects the condition has held."""
    total: int
    obj: Any
    """The object that was seen; its last state if it is gone."""
    holds: bool
    """Whether the condition has held for it."""
    seen: str
    """What was there instead, for people; may be empty."""


def wait_for(
    client: Client,
    waited: Waited,
    condition: str | Callable[[Any], object],
    *,
    timeout: float,
    on_progress: Callable[[WaitProgress], object] | None = None,
) -> Any:
    """Block until a condition holds for one object; see ``Client.wait``.

    Args:
        client: who asks.
        waited: the object.
        condition: a string, see :mod:`k8s_core.watch.conditions`, or a function of the object.
        timeout: seconds; 0 checks once, negative waits for a week.
        on_progress: told of every state that was seen, in the caller's thread. What it raises ends the wait.

    Returns:
        The object, or None if it is gone.
    """
    wait = _Wait(client, [waited], condition, "all", on_progress)
    wait.run(timeout)
    return waited.obj if waited.exists and wait.question.word != "delete" else None


def wait_for_many(
    client: Client,
    waited: Sequence[Waited] | Collection,
    condition: str | Callable[[Any], object],
    *,
    until: Literal["all", "any"],
    timeout: float,
    on_progress: Callable[[WaitProgress], object] | None = None,
) -> list[Any]:
    """Block until a condition has held for all of several objects, or for any of them; see ``Client.wait``.

    Returns:
        The objects for which it has held, as they were last seen.
    """
    wait = _Wait(client, waited, condition, until, on_progress)
    wait.run(timeout)
    members = wait.members()
    if not isinstance(waited, Collection):
        order = {id(each): place for place, each in enumerate(waited)}
        members.sort(key=lambda member: order[id(member)])
    return [each.obj for each in members if each.held and each.obj is not None]


class _Group:
    """The objects of one kind in one place, and the driver that follows them."""

    def __init__(self, question: Question, selected: Collection | None, members: list[Waited]) -> None:
        self.question = question
        self.selected = selected
        self.members = {_key(each.namespace, each.name): each for each in members}
        self.synced = False
        self.driver: Any = None

    def target(self) -> Target:
        if self.selected is not None:
            chosen = self.selected
            return Target(chosen.kind.api_resource, chosen.namespace, labels=chosen.labels, fields=chosen.fields)
        first = next(iter(self.members.values()))
        one = field_selector({"metadata.name": first.name}) if len(self.members) == 1 else ""
        return Target(first.kind.api_resource, first.namespace, fields=one)

    def take(self, change: Change) -> Waited | None:
        """Note a change; return the object that it is about, None if that is not waited for."""
        if change.type == UNDECODABLE:
            raise change.error or KubernetesError("the object can't be decoded")
        member = self.members.get(change.key)
        if member is None:
            joins = self.selected is not None and (not self.synced or self.question.word == "create")
            if not joins or change.type == DELETED:
                return None
            member = self._join(change)
        member.exists = change.type != DELETED
        if member.exists:
            member.obj = load_resource(member.kind, change.raw)
        return member

    def forget(self, member: Waited) -> None:
        """Wait for an object no longer."""
        del self.members[_key(member.namespace, member.name)]

    def _join(self, change: Change) -> Waited:
        kind = cast("Collection", self.selected).kind
        namespace, _, name = change.key.rpartition("/")
        member = self.members[change.key] = Waited(kind, name, namespace or None, change.uid)
        return member


class _Wait:
    def __init__(
        self,
        client: Client,
        waited: Sequence[Waited] | Collection,
        condition: str | Callable[[Any], object],
        until: Literal["all", "any"],
        on_progress: Callable[[WaitProgress], object] | None,
    ) -> None:
        self._client = client
        self._waited = waited
        self._until = until
        self._on_progress = on_progress
        self._held = 0
        self._stop = StopSignal()
        self._groups = _groups(waited, condition)
        self.question = self._groups[0].question
        for group in self._groups:
            # A stale first list could show the state from before the change whose effect is waited for.
            group.driver = WatchOptions().driver(
                client, group.target(), self._stop, keep_objects=True, consistent=True, announce_sync=True
            )

    def members(self) -> list[Waited]:
        """The objects that are waited for: those given, or those that matched and still do."""
        return [member for group in self._groups for member in group.members.values()]

    def run(self, timeout: float) -> None:
        once = max(1.0, float(self._client.config.timeout))
        timer = threading.Timer(_ONE_WEEK if timeout < 0 else timeout or once, self._end)
        timer.daemon = True
        timer.start()
        changes = self._changes()
        try:
            for group, change in changes:
                if change is SYNCED:
                    group.synced = True
                    for member in list(group.members.values()):
                        self._judge(group, member)
                    self._refuse_nothing(group)
                else:
                    changed = group.take(change)
                    if change.replaced:
                        continue  # the successor follows
                    if changed is not None and group.synced:
                        self._judge(group, changed)
                if self._is_over():
                    return
                if timeout == 0 and all(group.synced for group in self._groups):
                    break
        finally:
            timer.cancel()
            changes.close()
        raise self._timed_out(timeout)

    # -- the objects --------------------------------------------------------------------------------------------------

    def _judge(self, group: _Group, member: Waited) -> None:
        if member.held:
            return
        word = self.question.word
        if word == "delete":
            other = member.exists and bool(member.uid) and member.obj.metadata.uid != member.uid
            member.held = not member.exists or other
            if member.held and group.selected is not None and not other and self._is_still_there(member):
                group.forget(member)  # it does not match any more
                return
        elif member.exists:
            member.held, member.seen = group.question.ask(member.obj)
        elif word != "create":
            self._vanished(group, member)
            return
        self._held += member.held
        if self._on_progress is not None:
            total = sum(len(each.members) for each in self._groups)
            self._on_progress(WaitProgress(self._held, total, member.obj, member.held, member.seen))

    def _vanished(self, group: _Group, member: Waited) -> None:
        """An object that should change is not there: not yet, not any more, or it does not match any more."""
        moved = group.selected is not None and self._is_still_there(member)
        if not moved and self._until == "all":
            raise _not_found(member, self.question.text)
        group.forget(member)
        if not any(each.members for each in self._groups):
            raise _not_found(member, self.question.text)

    def _is_still_there(self, member: Waited) -> bool:
        """Of objects that stop matching a selector a watch tells as if they had been deleted."""
        try:
            found: Any = self._client.get(member.kind, member.name, namespace=member.namespace)
        except NotFound:
            return False
        return bool(found.metadata.uid == member.obj.metadata.uid)

    def _refuse_nothing(self, group: _Group) -> None:
        if group.selected is None or group.members or self.question.word:
            return
        what = group.selected
        raise _no_object(what.kind, "", f"there are no {what} that could be waited for")

    def _is_over(self) -> bool:
        if not all(group.synced for group in self._groups):
            return False
        total = sum(len(group.members) for group in self._groups)
        if not total:
            return self.question.word != "create"
        return self._held > 0 if self._until == "any" else self._held == total

    # -- the changes --------------------------------------------------------------------------------------------------

    def _changes(self) -> Generator[tuple[_Group, Change], None, None]:
        if len(self._groups) > 1:
            yield from self._merged()
            return
        [group] = self._groups
        changes = group.driver.changes()
        try:
            for change in changes:
                yield group, change
        finally:
            changes.close()

    def _merged(self) -> Iterator[tuple[_Group, Change]]:
        """The changes of several drivers, each of which runs in a thread."""
        news: queue.SimpleQueue[tuple[_Group, Change | BaseException | None]] = queue.SimpleQueue()

        def pump(group: _Group) -> None:
            end: BaseException | None = None
            try:
                for change in group.driver.changes():
                    news.put((group, change))
            except BaseException as error:  # noqa: BLE001  # raised again in the thread that waits
                end = error
            news.put((group, end))

        threads = [
            threading.Thread(target=pump, args=(group,), name=f"k8s-wait-{number}", daemon=True)
            for number, group in enumerate(self._groups)
        ]
        try:
            for thread in threads:
                thread.start()
            while True:
                group, change = news.get()
                if isinstance(change, BaseException):
                    raise change
                if change is None:
                    return  # the time is up
                yield group, change
        finally:
            self._end()
            for thread in threads:
                if thread.ident is not None:
                    thread.join(_JOIN_SECONDS)

    def _end(self) -> None:
        self._stop.set()
        for group in self._groups:
            group.driver.interrupt()

    # -- the end of the time ------------------------------------------------------------------------------------------

    def _timed_out(self, timeout: float) -> WaitTimeout:
        failures = [group.driver.last_error for group in self._groups if not group.driver.synced.is_set()]
        last = next((error for error in failures if error is not None), None)
        why = f"; the last failure of the watch: {last}" if last is not None else ""
        failed = f"{self.question.text} did not hold {'at once' if timeout == 0 else f'within {timeout:g} s'}"
        error = WaitTimeout(f"{self._what_did_not_hold(failed)}{why}")
        error.__cause__ = last
        return error

    def _what_did_not_hold(self, failed: str) -> str:
        members = self.members()
        if not isinstance(self._waited, Collection) and len(self._waited) == 1:
            [member] = members
            return f"{member}: {failed}{f'; {member.seen}' if member.seen else ''}"
        unmet = [member for member in members if not member.held]
        shown = [f"{member}{f' ({member.seen})' if member.seen else ''}" for member in unmet[:_NAMED]]
        more = [f"{len(unmet) - _NAMED} more"] if len(unmet) > _NAMED else []
        what = self._waited if isinstance(self._waited, Collection) else "objects"
        return f"{failed} for {len(unmet)} of {len(members)} {what}: {', '.join(shown + more)}"


def _groups(waited: Sequence[Waited] | Collection, condition: str | Callable[[Any], object]) -> list[_Group]:
    """One group for each kind and namespace. Raises RequestError for what can't be waited for; sends nothing."""
    if isinstance(waited, Collection):
        check_watchable(waited.kind.api_resource)
        return [_Group(Question(waited.kind, condition), waited, [])]
    by_place: dict[tuple[type[Resource], str | None], list[Waited]] = {}
    for each in waited:
        check_watchable(each.kind.api_resource)
        # Checked here, so that nothing is sent for a name that no object can have.
        each.kind.api_resource.path(each.namespace, each.name)
        by_place.setdefault((each.kind, each.namespace), []).append(each)
    return [_Group(Question(kind, condition), None, members) for (kind, _), members in by_place.items()]


def _key(namespace: str | None, name: str) -> str:
    return f"{namespace}/{name}" if namespace else name


def _not_found(member: Waited, condition: str) -> NotFound:
    group_resource = member.kind.api_resource.group_resource
    return _no_object(
        member.kind, member.name, f'{group_resource} "{member.name}" not found while waiting for {condition}'
    )


def _no_object(kind: type[Resource], name: str, message: str) -> NotFound:
    resource = kind.api_resource
    status = {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "message": message,
        "reason": "NotFound",
        "details": {"name": name, "group": resource.group, "kind": resource.plural},
        "code": 404,
    }
    return cast("NotFound", api_error_from_status(status))
