# SPDX-License-Identifier: Apache-2.0
"""What people write by hand around streams: a Job to its end, a debugging container, a Service that can be reached."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from transport_help import Background
from waiting import eventually

from k8s_core.errors import NotFound, WaitTimeout
from k8s_core.patches import MergePatch
from k8s_plugins_builtin.batch.v1 import Job
from k8s_plugins_builtin.core.v1 import Pod, Service
from k8s_plugins_builtin.discovery.v1 import EndpointSlice

if TYPE_CHECKING:
    from conftest import MakePod
    from k8s_core.client import Client
    from k8s_devkit import ApiServer


def new_job() -> Job:
    container = {"name": "main", "image": "x"}
    template = {"spec": {"containers": [container], "restartPolicy": "Never"}}
    return Job(metadata={"name": "report"}, spec={"template": template})


def ended(name: str, code: int, at: str = "2026-01-01T00:00:09Z") -> dict[str, Any]:
    state = {"terminated": {"exitCode": code, "finishedAt": at, "reason": "Completed" if not code else "Error"}}
    return {"name": name, "image": "x", "imageID": "x", "ready": False, "restartCount": 0, "state": state}


def finish_pod(client: Client, name: str, code: int, at: str = "2026-01-01T00:00:09Z") -> None:
    phase = "Failed" if code else "Succeeded"
    status = {"phase": phase, "containerStatuses": [ended("main", code, at)]}
    client.patch(Pod, name, patch=MergePatch({"status": status}), subresource="status")


def finish_job(client: Client, type_: str) -> None:
    times = {"startTime": "2026-01-01T00:00:00Z"}
    conditions = [{"type": type_, "status": "True"}]
    if type_ == "Complete":
        conditions.insert(0, {"type": "SuccessCriteriaMet", "status": "True"})
        times["completionTime"] = "2026-01-01T00:00:10Z"
    else:
        conditions.insert(0, {"type": "FailureTarget", "status": "True"})
    change = MergePatch({"status": {**times, "conditions": conditions}})
    client.patch(Job, "report", patch=change, subresource="status")


def labels_of(client: Client) -> dict[str, str]:
    job = eventually(lambda: next(iter(client.list(Job)), None), "the job")
    return dict(job.spec.selector.matchLabels)


@pytest.mark.parametrize(("end", "code"), [("Complete", 0), ("Failed", 3)])
def test_a_job_runs_to_its_end_with_its_logs_and_exit_code(
    api: ApiServer, client: Client, make_pod: MakePod, end: str, code: int
) -> None:
    told: list[str] = []
    running = Background(lambda: new_job().run(client=client, on_line=told.append, timeout=60))
    labels = labels_of(client)
    make_pod("report-1", labels=labels)
    api.write_log("report-1", "begun\n")
    eventually(lambda: told == ["begun"], "the first line, while it runs")
    api.write_log("report-1", "last words")
    finish_pod(client, "report-1", code)
    finish_job(client, end)
    run = running.result()
    assert [(line, line.pod) for line in run.lines] == [("begun", "report-1"), ("last words", "report-1")]
    assert (run.succeeded, run.exit_code, run.job.metadata.name) == (not code, code, "report")
    assert told == run.lines


def test_the_exit_code_is_that_of_the_last_attempt(api: ApiServer, client: Client, make_pod: MakePod) -> None:
    running = Background(lambda: new_job().run(client=client, timeout=60))
    labels = labels_of(client)
    for number, code in ((1, 7), (2, 0)):
        make_pod(f"report-{number}", labels=labels)
        api.write_log(f"report-{number}", f"attempt {number}\n")
        finish_pod(client, f"report-{number}", code, f"2026-01-01T00:00:0{number}Z")
    finish_job(client, "Complete")
    run = running.result()
    assert sorted(run.lines) == ["attempt 1", "attempt 2"]
    assert run.exit_code == 0


def test_a_job_that_was_read_is_not_created_again(client: Client) -> None:
    job = client.create(new_job())
    running = Background(lambda: job.run(client=client, timeout=60))
    finish_job(client, "Complete")
    assert (running.result().succeeded, running.result().exit_code, running.result().lines) == (True, None, [])


def test_a_job_that_takes_too_long_or_is_deleted(client: Client) -> None:
    before = set(threading.enumerate())
    with pytest.raises(WaitTimeout):
        new_job().run(client=client, timeout=0.3)
    job = client.get(Job, "report")
    running = Background(lambda: job.run(client=client, timeout=60))
    client.delete(job, propagation_policy="Background")
    with pytest.raises(NotFound):
        running.result()
    assert not [each for each in set(threading.enumerate()) - before if "Job" in each.name]


def test_a_debugging_container_is_started_and_attached_to(api: ApiServer, client: Client, pod: Pod) -> None:
    @api.attach(container="tools")
    def shell(session: Any) -> int:
        session.stdout.write(session.stdin.read().upper())
        return 0

    starting = Background(lambda: pod.debug("busybox", command=["sh"], container="main", name="tools", client=client))

    def added() -> bool:
        return bool(client.get(Pod, "web").spec.ephemeralContainers)

    eventually(added, "the container")
    status = {**ended("tools", 0), "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}
    client.patch(pod, patch=MergePatch({"status": {"ephemeralContainerStatuses": [status]}}), subresource="status")
    with starting.result() as process:
        assert process.communicate(b"hello") == (b"HELLO", b"")
    (container,) = client.get(Pod, "web").spec.ephemeralContainers
    assert (container.image, list(container.command), container.targetContainerName, container.stdin) == (
        "busybox", ["sh"], "main", True
    )  # fmt: skip


def test_a_debugging_container_that_does_not_start(client: Client, pod: Pod) -> None:
    with pytest.raises(WaitTimeout, match=r"the container debugger-\w{6} has started"):
        pod.debug("no-such-image", timeout=0.2, client=client)


def slice_of(name: str, *ready: bool | None, service: str = "web") -> EndpointSlice:
    endpoints = [{"addresses": ["10.0.0.1"], "conditions": {} if each is None else {"ready": each}} for each in ready]
    labels = {"kubernetes.io/service-name": service}
    return EndpointSlice(metadata={"name": name, "labels": labels}, addressType="IPv4", endpoints=endpoints)


@pytest.mark.parametrize("ready", [True, None])
def test_a_service_is_waited_for_until_an_endpoint_is_ready(client: Client, ready: bool | None) -> None:
    web = client.create(Service(metadata={"name": "web"}, spec={"selector": {"app": "web"}, "ports": [{"port": 80}]}))
    client.create(slice_of("other", True, service="other"))
    client.create(slice_of("web-1", False))
    with pytest.raises(WaitTimeout, match=r"no pod behind Service web was ready within 0\.3 s"):
        web.wait_for_endpoint(timeout=0.3, client=client)
    waiting = Background(lambda: web.wait_for_endpoint(client=client))
    client.create(slice_of("web-2", False, ready))
    assert waiting.result().metadata.name == "web-2"
