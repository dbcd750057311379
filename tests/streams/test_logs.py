# SPDX-License-Identifier: Apache-2.0
"""Logs against the embedded server and scripted ones: lines as they come, across everything that breaks."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest
from scripted_server import ScriptedServer, chunk, close, head, last_chunk, raw, reply, reset, status_body
from transport_help import Background
from waiting import eventually

from k8s_core.client import ALL_NAMESPACES
from k8s_core.errors import (
    BadRequest,
    ConnectionFailed,
    Forbidden,
    NoSuchContainer,
    NotFound,
    PodNotRunning,
    RequestError,
)
from k8s_core.patches import MergePatch
from k8s_core.streams import LogBytes, LogLine
from k8s_plugins_builtin.batch.v1 import Job
from k8s_plugins_builtin.core.v1 import Pod

if TYPE_CHECKING:
    from conftest import Connect, MakePod
    from k8s_core.client import Client
    from k8s_devkit import ApiServer

POD = Pod(metadata={"name": "web", "namespace": "shop"})
STREAM = raw(head(200, {"Content-Type": "text/plain", "Transfer-Encoding": "chunked"}))


def line(second: int, text: str) -> bytes:
    return f"2026-01-01T00:00:{second:02}.000000000Z {text}\n".encode()


# -- what comes


def test_lines_are_strings_that_know_where_they_come_from(api: ApiServer, client: Client, pod: Pod) -> None:
    api.write_log("web", "first\nsecond \r\n\n42")
    with client.logs(pod) as lines:
        found = list(lines)
    assert found == ["first", "second \r", "", "42"]
    assert {(type(each), each.pod, each.container) for each in found} == {(LogLine, "web", "main")}
    assert datetime.fromisoformat(found[0].timestamp[:19] + "+00:00").year >= 2026
    assert list(client.logs(Pod, "web")) == found


def test_bytes_if_asked_for_and_broken_text_replaced(api: ApiServer, client: Client, pod: Pod) -> None:
    api.write_log("web", b"gr\xc3\xbcn \xff\n")
    assert list(client.logs(pod)) == ["grün \N{REPLACEMENT CHARACTER}"]
    (only,) = client.logs(pod, text=False)
    assert (only, type(only), only.pod) == (b"gr\xc3\xbcn \xff", LogBytes, "web")


def test_times_may_be_shown(api: ApiServer, client: Client, pod: Pod) -> None:
    api.write_log("web", "first\n")
    (only,) = client.logs(pod, timestamps=True)
    assert only == f"{only.timestamp} first"


def test_the_last_lines_and_those_of_a_time(api: ApiServer, client: Client, pod: Pod) -> None:
    api.write_log("web", "1\n2\n3\n")
    assert list(client.logs(pod, tail=2)) == ["2", "3"]
    assert list(client.logs(pod, tail=0)) == []
    soon = datetime.now(UTC) + timedelta(hours=1)
    assert list(client.logs(pod, since=soon)) == []
    for since in (3600, timedelta(hours=1), 0.5 + 3600):
        assert list(client.logs(pod, since=since)) == ["1", "2", "3"]
    queries = [dict(request.query) for request in api.requests if request.path.endswith("/log")]
    assert [query["sinceSeconds"] for query in queries[-3:]] == ["3600", "3600", "3601"]


def test_the_log_before_the_restart(api: ApiServer, client: Client, pod: Pod) -> None:
    api.write_log("web", "old\n", previous=True)
    api.write_log("web", "new\n")
    assert (list(client.logs(pod, previous=True)), list(client.logs(pod))) == (["old"], ["new"])


def test_following_gives_lines_as_they_are_written_until_the_container_ends(
    api: ApiServer, client: Client, pod: Pod
) -> None:
    api.write_log("web", "first\n")
    with client.logs(pod, follow=True) as lines:
        assert next(lines) == "first"
        api.write_log("web", "sec")
        api.write_log("web", "ond\n")
        assert next(lines) == "second"
        api.write_log("web", "no newline")
        api.end_log("web")
        assert list(lines) == ["no newline"]


def test_closing_ends_a_blocked_reader_at_once(api: ApiServer, client: Client, pod: Pod) -> None:
    lines = client.logs(pod, follow=True)
    blocked = Background(lambda: list(lines))
    api.write_log("web", "x\n")
    lines.close()
    assert blocked.result() in ([], ["x"])
    lines.close()
    with client.logs(pod, follow=True):
        pass  # left without a line


def test_a_client_that_is_closed_ends_the_reader_with_an_error(api: ApiServer, client: Client, pod: Pod) -> None:
    lines = client.logs(pod, follow=True)
    blocked = Background(lambda: list(lines))
    client.close()
    with pytest.raises(ConnectionFailed):
        blocked.result()


# -- what breaks


@pytest.mark.parametrize("fault", ["drop", "reset", "truncate"])
def test_a_broken_connection_loses_and_doubles_nothing(api: ApiServer, client: Client, pod: Pod, fault: str) -> None:
    with client.logs(pod, follow=True) as lines:
        for number in range(20):
            if number % 3 == 1:
                api.faults.streams(fault, resource="pods/log")
            api.write_log("web", f"line {number}\n")
            assert next(lines) == f"line {number}"
        api.end_log("web")
        assert list(lines) == []
        assert lines.gaps == []
    asked = [request for request in api.requests if request.path.endswith("/log")]
    assert len(asked) > 5
    assert all("sinceTime" in dict(request.query) for request in asked[1:])


def test_a_log_that_is_only_read_is_read_to_its_end_as_well(connect: Connect) -> None:
    whole = [line(second, f"line {second}") for second in range(10)]
    half = [STREAM, chunk(b"".join(whole[:6])[:-5]), close()]
    with ScriptedServer(half, [STREAM, chunk(b"".join(whole[3:])), last_chunk()]) as server:
        assert list(connect(server).logs(POD)) == [f"line {second}" for second in range(10)]


def test_what_is_asked_for_again_is_what_came_last(connect: Connect) -> None:
    first = [STREAM, chunk(line(5, "a") + line(7, "b") + b"2026-01-01T00:00:07.5"), reset()]
    second = [STREAM, chunk(line(7, "b") + line(8, "c")), last_chunk()]
    with ScriptedServer(first, second) as server:
        assert list(connect(server).logs(POD, container="main", follow=True, tail=5)) == ["a", "b", "c"]
        one, two = server.requests
    assert one.query == [("container", "main"), ("follow", "true"), ("timestamps", "true"), ("tailLines", "5")]
    assert two.query == [
        ("container", "main"), ("follow", "true"), ("timestamps", "true"), ("sinceTime", "2026-01-01T00:00:06Z")
    ]  # fmt: skip


def test_a_break_before_the_first_line_asks_as_at_first(connect: Connect) -> None:
    date = {"Date": "Thu, 01 Jan 2026 00:00:05 GMT", "Transfer-Encoding": "chunked"}
    with ScriptedServer([raw(head(200, date)), reset()], [STREAM, chunk(line(6, "a")), last_chunk()]) as server:
        assert list(connect(server).logs(POD, since=60)) == ["a"]
        assert [dict(request.query).get("sinceSeconds") for request in server.requests] == ["60", "60"]
    # Nothing of the past was wanted: what came since the beginning is what the server's clock says.
    with ScriptedServer([raw(head(200, date)), reset()], [STREAM, chunk(line(6, "a")), last_chunk()]) as server:
        assert list(connect(server).logs(POD, tail=0, follow=True)) == ["a"]
        assert dict(server.requests[1].query)["sinceTime"] == "2026-01-01T00:00:05Z"


def test_lines_that_were_rotated_away_are_said_to_be(connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    first = [STREAM, chunk(line(1, "a")), reset()]
    with ScriptedServer(first, [STREAM, chunk(line(9, "z")), last_chunk()]) as server:
        lines = connect(server).logs(POD, container="main")
        assert list(lines) == ["a", "z"]
    (gap,) = lines.gaps
    assert (gap.pod, gap.container, gap.after[17:19], gap.before[17:19]) == ("web", "main", "01", "09")
    assert [record.levelno for record in caplog.records if record.name == "k8s_core.streams"] == [logging.WARNING]


def test_refusals_that_pass_are_tried_again_and_others_raised(connect: Connect) -> None:
    broken = [STREAM, chunk(line(1, "a")), reset()]
    busy = reply(500, status_body(500, "InternalError", "kubelet restarts"))
    gone = reply(404, status_body(404, "NotFound", "gone", name="web", kind="pods"))
    with ScriptedServer(broken, busy, broken, gone) as server:
        lines = connect(server).logs(POD, follow=True)
        assert next(lines) == "a"
        with pytest.raises(NotFound):
            list(lines)
        assert len(server.requests) == 4


def test_a_server_that_never_recovers_is_given_up(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("k8s_core.streams.logs._MAX_FAILURES", 1)
    with ScriptedServer([STREAM, chunk(line(1, "a")), reset()], default=reset()) as server:
        lines = connect(server, max_retries=0).logs(POD)
        assert next(lines) == "a"
        with pytest.raises(ConnectionFailed):
            next(lines)


def test_silence_is_no_failure(connect: Connect) -> None:
    silent = [STREAM, chunk(line(1, "a")), lambda peer: peer.wait_for_close()]
    with ScriptedServer(silent, [STREAM, chunk(line(1, "a") + line(2, "b")), last_chunk()]) as server:
        assert list(connect(server, stream_timeout=0.1).logs(POD, follow=True)) == ["a", "b"]


def test_the_first_answer_is_not_waited_for_without_end(connect: Connect) -> None:
    with ScriptedServer(reset()) as server, pytest.raises(ConnectionFailed):
        connect(server, max_retries=0).logs(POD)


# -- which container, which pod


def test_the_container_is_chosen_as_for_commands(api: ApiServer, client: Client, make_pod: MakePod) -> None:
    pod = make_pod("two", "a", "b")
    for container in ("a", "b"):
        api.write_log("two", f"of {container}\n", container=container)
    with pytest.raises(NoSuchContainer, match="a, b"):
        client.logs(pod)
    with pytest.raises(NoSuchContainer, match="a, b"):
        client.logs(Pod, "two", container="c")
    (only,) = client.logs(pod, container="b")
    assert (only, only.container) == ("of b", "b")


def test_a_pod_that_has_not_begun_is_an_error_or_waited_for(api: ApiServer, client: Client, make_pod: MakePod) -> None:
    pod = make_pod("late", phase="Pending")
    waiting = {"name": "main", "image": "x", "imageID": "x", "ready": False, "restartCount": 0}
    state = {"waiting": {"reason": "ContainerCreating"}}
    client.patch(pod, patch=MergePatch({"status": {"containerStatuses": [{**waiting, "state": state}]}}),
                 subresource="status")  # fmt: skip
    with pytest.raises(PodNotRunning, match=r"^Pod default/late is not running \(ContainerCreating\): .*waiting"):
        client.logs(pod)
    following = Background(lambda: list(client.logs(pod, follow=True)))
    eventually(lambda: any("watch" in dict(request.query) for request in api.requests), "a watch for the beginning")
    state = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}
    status = {"phase": "Running", "containerStatuses": [{**waiting, "state": state}]}
    client.patch(pod, patch=MergePatch({"status": status}), subresource="status")
    api.write_log("late", "begun\n")
    eventually(lambda: any("follow" in dict(request.query) and request.status == 200 for request in api.requests))
    api.end_log("late")
    assert following.result() == ["begun"]


def test_the_logs_of_all_that_labels_select(api: ApiServer, client: Client, make_pod: MakePod) -> None:
    for name in ("b", "a"):
        make_pod(name, labels={"app": "web"})
        api.write_log(name, f"{name}1\n{name}2\n")
    make_pod("other")
    make_pod("late", phase="Pending", labels={"app": "web"})
    found = list(client.logs(Pod, labels={"app": "web"}, tail=1))
    assert [(each.pod, each) for each in found] == [("a", "a2"), ("b", "b2")]
    assert list(client.logs(Pod, labels={"app": "web"}, namespace=ALL_NAMESPACES, tail=1)) == found


def test_a_job_stands_for_its_pods(api: ApiServer, client: Client, make_pod: MakePod) -> None:
    make_pod("job-1", labels={"job": "x"})
    api.write_log("job-1", "done\n")
    template = {"metadata": {"labels": {"job": "x"}},
                "spec": {"containers": [{"name": "c", "image": "x"}], "restartPolicy": "Never"}}  # fmt: skip
    spec = {"manualSelector": True, "selector": {"matchLabels": {"job": "x"}}, "template": template}
    job = client.create(Job(metadata={"name": "job"}, spec=spec))
    assert [(each.pod, each) for each in client.logs(job)] == [("job-1", "done")]
    assert list(client.logs(Job, "job")) == ["done"]


def test_pods_that_come_are_followed_from_their_first_line(api: ApiServer, client: Client, make_pod: MakePod) -> None:
    make_pod("old", labels={"app": "web"})
    api.write_log("old", "past\nlast\n")
    with client.logs(Pod, labels={"app": "web"}, follow=True, tail=1) as lines:
        assert next(lines) == "last"
        api.write_log("new", "early 1\nearly 2\n", container="main")
        make_pod("new", labels={"app": "web"})
        assert [(each.pod, each) for each in islice(lines, 2)] == [("new", "early 1"), ("new", "early 2")]
        api.faults.streams("drop", resource="pods/log", times=2, now=True)
        api.write_log("old", "after\n")
        assert next(lines) == "after"
        client.delete(Pod, "old", grace_period_seconds=0)
        api.write_log("new", "on\n")
        assert next(lines) == "on"


def test_a_container_that_is_restarted_is_followed_again(api: ApiServer, client: Client, make_pod: MakePod) -> None:
    pod = make_pod("web", labels={"app": "web"})
    with client.logs(Pod, labels={"app": "web"}, follow=True) as lines:
        api.write_log("web", "one\n")
        assert next(lines) == "one"
        api.end_log("web")
        api.write_log("web", "two\n")
        status = {"name": "main", "image": "x", "imageID": "x", "ready": True, "restartCount": 1,
                  "state": {"running": {"startedAt": "2026-01-01T00:01:00Z"}}}  # fmt: skip
        client.patch(pod, patch=MergePatch({"status": {"containerStatuses": [status]}}), subresource="status")
        assert next(lines) == "two"


def test_closing_a_group_ends_its_threads(api: ApiServer, client: Client, make_pod: MakePod) -> None:
    before = set(threading.enumerate())
    for name in ("a", "b", "c"):
        make_pod(name, labels={"app": "web"})
        api.write_log(name, "x\n" * 2000)
    lines = client.logs(Pod, labels={"app": "web"}, follow=True)
    assert next(lines) == "x"
    lines.close()
    assert list(lines) == []
    assert [thread for thread in set(threading.enumerate()) - before if thread.name == "logs"] == []


def test_what_goes_wrong_beside_the_reader_is_raised_for_him(api: ApiServer, client: Client, make_pod: MakePod) -> None:
    make_pod("a", labels={"app": "web"})
    api.deny(verb="get", resource="pods/log")
    with client.logs(Pod, labels={"app": "web"}, follow=True) as lines, pytest.raises(Forbidden):
        next(lines)


# -- refused


@pytest.mark.parametrize(
    "options",
    [{"tail": -1}, {"tail": 1.5}, {"since": 0}, {"since": timedelta(0)}, {"since": datetime(2026, 1, 1)}],  # noqa: DTZ001
)
def test_options_that_no_server_takes(client: Client, pod: Pod, options: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match=next(iter(options))):
        client.logs(pod, **options)


def test_what_is_meant_is_said_once(client: Client, pod: Pod) -> None:
    for call in (
        lambda: client.logs(Pod),
        lambda: client.logs(Pod, "web", labels={}),
        lambda: client.logs(pod, labels={}),
        lambda: client.logs(Pod, "web", namespace=ALL_NAMESPACES),
    ):
        with pytest.raises(RequestError):
            call()


def test_the_servers_refusals(api: ApiServer, client: Client, pod: Pod) -> None:
    with pytest.raises(NotFound):
        client.logs(Pod, "gone")
    api.faults.status(400, resource="pods/log")
    with pytest.raises(BadRequest):
        client.logs(pod, previous=True)
    api.deny(verb="get", resource="pods/log")
    with pytest.raises(Forbidden):
        client.logs(pod)
