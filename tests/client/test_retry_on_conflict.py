# SPDX-License-Identifier: Apache-2.0
"""Read, change, write, again: protocol C41, H9."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from k8s_core.client import DEFAULT_BACKOFF, PATIENT_BACKOFF, Backoff, Client, retry_on_conflict
from k8s_core.errors import ApiError, ApplyConflict, Conflict, NotFound, RequestError, api_error_from_status
from k8s_core.meta import ObjectMeta
from k8s_plugins_builtin.core.v1 import ConfigMap, Pod

if TYPE_CHECKING:
    from k8s_devkit import ApiServer


def conflict(*, apply: bool = False) -> ApiError:
    causes = [{"reason": "FieldManagerConflict", "field": ".x", "message": ""}] if apply else []
    return api_error_from_status({"code": 409, "reason": "Conflict", "message": "m", "details": {"causes": causes}})


class Attempts:
    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.count = 0

    def __call__(self) -> str:
        self.count += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def test_C41_defaults() -> None:
    assert (DEFAULT_BACKOFF.steps, DEFAULT_BACKOFF.duration, DEFAULT_BACKOFF.jitter) == (5, 0.010, 0.1)
    assert (PATIENT_BACKOFF.steps, PATIENT_BACKOFF.factor) == (4, 5.0)


def test_C41_conflicts_are_repeated_with_pauses() -> None:
    attempts, sleeps = Attempts(conflict(), conflict()), list[float]()
    assert retry_on_conflict(attempts, sleep=sleeps.append) == "done"
    assert attempts.count == 3
    assert len(sleeps) == 2
    assert all(0.010 <= seconds <= 0.011 for seconds in sleeps)


def test_C41_pauses_grow() -> None:
    attempts, sleeps = Attempts(conflict(), conflict(), conflict()), list[float]()
    retry_on_conflict(attempts, backoff=Backoff(steps=4, duration=1, factor=5, jitter=0), sleep=sleeps.append)
    assert sleeps == [1, 5, 25]


def test_C41_the_last_conflict_is_raised() -> None:
    last = conflict()
    attempts = Attempts(conflict(), conflict(), last, conflict())
    with pytest.raises(Conflict) as caught:
        retry_on_conflict(attempts, backoff=Backoff(steps=3), sleep=lambda _: None)
    assert caught.value is last
    assert attempts.count == 3


def test_C41_only_the_conflict_of_a_changed_object_is_repeated() -> None:
    errors: list[Exception] = [
        conflict(apply=True),
        api_error_from_status({"code": 409, "reason": "AlreadyExists"}),
        ValueError("x"),
    ]
    for error in errors:
        attempts = Attempts(error)
        with pytest.raises(type(error)):
            retry_on_conflict(attempts, sleep=lambda _: None)
        assert attempts.count == 1
    assert isinstance(errors[0], ApplyConflict)


def test_backoff_needs_a_step() -> None:
    with pytest.raises(ValueError, match="steps=0"):
        retry_on_conflict(Attempts(), backoff=Backoff(steps=0))


def test_C41_edit_repeats_the_change_on_the_latest_object(client: Client) -> None:
    obj = client.create(ConfigMap(metadata=ObjectMeta(name="x"), data={"n": "0"}))
    seen: list[str] = []

    def change(fresh: ConfigMap) -> None:
        seen.append(fresh.data["n"])
        if len(seen) < 3:
            client.edit(fresh, lambda other: other.data.update(n=str(int(other.data["n"]) + 10)))
        fresh.data["n"] = str(int(fresh.data["n"]) + 1)

    edited = client.edit(obj, change)
    assert edited.data == {"n": "21"}
    assert seen == ["0", "10", "20"]
    assert obj.data == {"n": "0"}


def test_edit_that_changes_nothing_writes_nothing(client: Client, api: ApiServer) -> None:
    obj = client.create(ConfigMap(metadata=ObjectMeta(name="x"), data={"n": "<&>"}))
    before = len(api.requests)
    same = client.edit(obj, lambda fresh: fresh.data.update(n="<&>"))
    assert same.metadata.resourceVersion == obj.metadata.resourceVersion
    assert [request.method for request in list(api.requests)[before:]] == ["GET"]


def test_edit_of_the_status(client: Client) -> None:
    spec = {"containers": [{"name": "c", "image": "i"}]}
    pod = client.create(Pod.from_dict({"metadata": {"name": "p"}, "spec": spec}))
    edited = client.edit(pod, lambda fresh: setattr(fresh.status, "phase", "Running"), subresource="status")
    assert edited.status.phase == "Running"


def test_H9_edit_leaves_a_successor_of_the_same_name_alone(client: Client) -> None:
    obj = client.create(ConfigMap(metadata=ObjectMeta(name="x")))
    client.delete(obj)
    client.create(ConfigMap(metadata=ObjectMeta(name="x")))
    with pytest.raises(NotFound, match="another object of that name"):
        client.edit(obj, lambda fresh: fresh.data.update(a="b"))
    client.edit(ConfigMap(metadata=ObjectMeta(name="x")), lambda fresh: fresh.data.update(a="b"))
    assert client.get(ConfigMap, "x").data == {"a": "b"}


def test_edit_needs_a_function(client: Client) -> None:
    with pytest.raises(RequestError, match="change must be a function"):
        client.edit(ConfigMap(metadata=ObjectMeta(name="x")), {"data": {}})  # type: ignore[arg-type]  # wrong on purpose


def test_four_threads_edit_one_object(client: Client) -> None:
    obj = client.create(ConfigMap(metadata=ObjectMeta(name="x"), data={"n": "0"}))
    patient = Backoff(steps=200, duration=0.001, jitter=1.0)
    failures: list[BaseException] = []

    def increment() -> None:
        try:
            for _ in range(5):
                client.edit(obj, lambda fresh: fresh.data.update(n=str(int(fresh.data["n"]) + 1)), backoff=patient)
        except BaseException as error:
            failures.append(error)
            raise

    threads = [threading.Thread(target=increment) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    assert client.get(ConfigMap, "x").data == {"n": "20"}
