# SPDX-License-Identifier: Apache-2.0
"""What kubectl shows of a pod, and the helpers for its phase and containers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from k8s_core.kinds import table_columns
from k8s_core.model.scalars import format_time
from k8s_plugins_builtin.core.v1 import Pod


def pod(status: dict[str, Any], spec: dict[str, Any] | None = None, **metadata: Any) -> Pod:
    containers = {"containers": [{"name": "app"}, {"name": "side"}]}
    return Pod.from_dict({"metadata": {"name": "p", **metadata}, "spec": spec or containers, "status": status})


def running(name: str = "app", restarts: int = 0, **more: Any) -> dict[str, Any]:
    return {"name": name, "ready": True, "restartCount": restarts, "state": {"running": {}}, **more}


def ended(name: str = "app", code: int = 0, reason: str = "", **more: Any) -> dict[str, Any]:
    return {"name": name, "restartCount": 0, "state": {"terminated": {"exitCode": code, "reason": reason}}, **more}


def waiting(reason: str, name: str = "app", **more: Any) -> dict[str, Any]:
    return {"name": name, "restartCount": 0, "state": {"waiting": {"reason": reason}}, **more}


def cells(obj: Pod) -> dict[str, Any]:
    return {column.name: column.value(obj) for column in table_columns(Pod.printer_columns)}


INIT = {"containers": [{"name": "app"}], "initContainers": [{"name": "one"}, {"name": "two"}]}
SIDECAR = {"containers": [{"name": "app"}], "initContainers": [{"name": "proxy", "restartPolicy": "Always"}]}
INITIALIZED = [{"type": "Initialized", "status": "True"}]
READY = [{"type": "Ready", "status": "True"}]


@pytest.mark.parametrize(
    ("status", "spec", "ready", "text"),
    [
        ({"phase": "Pending"}, None, "0/2", "Pending"),
        ({"phase": "Running", "containerStatuses": [running(), running("side")]}, None, "2/2", "Running"),
        ({"phase": "Failed", "reason": "Evicted"}, None, "0/2", "Evicted"),
        (
            {
                "phase": "Pending",
                "conditions": [{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}],
            },
            None,
            "0/2",
            "SchedulingGated",
        ),
        (
            {"phase": "Running", "containerStatuses": [waiting("CrashLoopBackOff"), running("side")]},
            None,
            "1/2",
            "CrashLoopBackOff",
        ),
        # The first container has the last word.
        (
            {"phase": "Running", "containerStatuses": [ended(code=1), waiting("ErrImagePull", "side")]},
            None,
            "0/2",
            "ExitCode:1",
        ),
        (
            {"phase": "Running", "containerStatuses": [ended(reason="Completed"), running("side")]},
            None,
            "1/2",
            "NotReady",
        ),
        (
            {
                "phase": "Running",
                "containerStatuses": [ended(reason="Completed"), running("side")],
                "conditions": READY,
            },
            None,
            "1/2",
            "Running",
        ),
        ({"phase": "Succeeded", "containerStatuses": [ended(reason="Completed")]}, None, "0/2", "Completed"),
        ({"phase": "Pending", "initContainerStatuses": [running("one")]}, INIT, "0/1", "Init:0/2"),
        (
            {"phase": "Pending", "initContainerStatuses": [ended("one"), waiting("PodInitializing", "two")]},
            INIT,
            "0/1",
            "Init:1/2",
        ),
        (
            {"phase": "Pending", "initContainerStatuses": [waiting("ErrImagePull", "one")]},
            INIT,
            "0/1",
            "Init:ErrImagePull",
        ),
        ({"phase": "Pending", "initContainerStatuses": [ended("one", 3)]}, INIT, "0/1", "Init:ExitCode:3"),
        ({"phase": "Pending", "initContainerStatuses": [ended("one", 1, "Error")]}, INIT, "0/1", "Init:Error"),
        (
            {
                "phase": "Running",
                "initContainerStatuses": [running("proxy", started=True)],
                "containerStatuses": [running()],
            },
            SIDECAR,
            "2/2",
            "Running",
        ),
        (
            {"phase": "Pending", "initContainerStatuses": [running("proxy", started=False)]},
            SIDECAR,
            "0/2",
            "Init:0/1",
        ),
        (
            {
                "phase": "Running",
                "conditions": INITIALIZED,
                "initContainerStatuses": [waiting("CrashLoopBackOff", "proxy")],
                "containerStatuses": [running()],
            },
            SIDECAR,
            "1/2",
            "Init:CrashLoopBackOff",
        ),
    ],
)
def test_ready_and_status_as_kubectl_prints_them(
    status: dict[str, Any], spec: dict[str, Any] | None, ready: str, text: str
) -> None:
    obj = pod(status, spec)
    assert (cells(obj)["Ready"], cells(obj)["Status"]) == (ready, text)
    assert obj.status_text() == text


@pytest.mark.parametrize(
    ("status", "text"),
    [
        ({"phase": "Running"}, "Terminating"),
        ({"phase": "Running", "reason": "NodeLost"}, "Unknown"),
        ({"phase": "Succeeded"}, "Succeeded"),
    ],
)
def test_status_of_a_pod_that_is_being_deleted(status: dict[str, Any], text: str) -> None:
    assert pod(status, deletionTimestamp="2026-01-02T03:04:05Z").status_text() == text


def test_signals() -> None:
    killed = {"name": "app", "restartCount": 0, "state": {"terminated": {"exitCode": 137, "signal": 9}}}
    assert pod({"phase": "Failed", "containerStatuses": [killed]}).status_text() == "Signal:9"


def test_restarts_count_the_containers_that_matter_and_say_when() -> None:
    moment = format_time(datetime.now(UTC) - timedelta(minutes=5, seconds=1))
    restarted = running(restarts=3, lastState={"terminated": {"finishedAt": moment}})
    obj = pod(
        {
            "phase": "Running",
            "containerStatuses": [restarted],
            "initContainerStatuses": [ended("one") | {"restartCount": 7}],
        },
        INIT,
    )
    assert obj.restarts() == 3
    assert str(cells(obj)["Restarts"]).startswith("3 (5m")
    assert str(cells(obj)["Restarts"]).endswith(" ago)")
    initializing = pod({"phase": "Pending", "initContainerStatuses": [waiting("X", "one") | {"restartCount": 2}]}, INIT)
    assert (initializing.restarts(), cells(initializing)["Restarts"]) == (2, "2")


def test_wide_columns() -> None:
    obj = Pod.from_dict(
        {
            "metadata": {"name": "p"},
            "spec": {
                "nodeName": "n1",
                "containers": [],
                "readinessGates": [{"conditionType": "a"}, {"conditionType": "b"}],
            },
            "status": {"podIPs": [{"ip": "10.0.0.1"}], "conditions": [{"type": "a", "status": "True"}]},
        }
    )
    wide = {column.name: column.value(obj) for column in Pod.printer_columns if column.priority}
    assert wide == {"IP": "10.0.0.1", "Node": "n1", "Nominated Node": "<none>", "Readiness Gates": "1/2"}


def test_phase_and_container_helpers() -> None:
    obj = pod(
        {
            "phase": "Running",
            "conditions": READY,
            "containerStatuses": [running("app")],
            "initContainerStatuses": [ended("one")],
        },
        INIT,
    )
    assert obj.is_ready()
    assert obj.is_running()
    assert not obj.is_finished()
    app, status = obj.container("app"), obj.container_status("one")
    assert app is not None
    app.image = "nginx:2"
    assert obj.spec.containers[0].image == "nginx:2"
    assert status is not None
    assert status.state.terminated.exitCode == 0
    assert obj.container("missing") is None
    assert obj.container_status("missing") is None
    assert pod({"phase": "Failed"}).is_finished()
    assert not pod({}).is_ready()
