# SPDX-License-Identifier: Apache-2.0
"""``pods/log`` of the embedded server, read at once and followed (protocol F18-F20, J30)."""

from __future__ import annotations

import http.client
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from stream_client import PODS, running_pod
from waiting import eventually

from k8s_devkit import ApiServer, ManualClock
from k8s_devkit.api_server.logs.book import LogKey

if TYPE_CHECKING:
    from collections.abc import Iterator

CLOCK_START = "2026-01-01T00:00:"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def server(clock: ManualClock) -> Iterator[ApiServer]:
    with ApiServer(clock=clock) as running:
        running.seed(running_pod(), running_pod("two", "a", "b"))
        yield running


@contextmanager
def asked(server: ApiServer, query: str = "", pod: str = "web") -> Iterator[http.client.HTTPResponse]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request("GET", f"{PODS}/{pod}/log?{query}")
        yield connection.getresponse()
    finally:
        connection.close()


def log(server: ApiServer, query: str = "", pod: str = "web") -> bytes:
    with asked(server, query, pod) as response:
        body = response.read()
        assert response.status == 200, body
        assert response.getheader("Content-Type") == "text/plain"
        return body


def refused(server: ApiServer, query: str = "", pod: str = "web") -> tuple[int, Any]:
    with asked(server, query, pod) as response:
        return response.status, json.loads(response.read())


def test_F18_what_was_written_is_text(server: ApiServer, clock: ManualClock) -> None:
    server.write_log("web", '42\n{"a": 1}\n')
    clock.advance(1.5)
    server.write_log("web", b"\xff carriage\rreturn\r\nlast without end")
    assert log(server) == b'42\n{"a": 1}\n\xff carriage\rreturn\r\nlast without end'
    stamp = f"{CLOCK_START}01.500000000Z ".encode()
    assert log(server, "timestamps=true&tailLines=2") == (
        stamp + b"\xff carriage\rreturn\r\n" + stamp + b"last without end"
    )
    assert log(server, "limitBytes=4") == b"42\n{"
    assert log(server, "tailLines=0") == b""
    assert log(server, "tailLines=99&limitBytes=2") == b"42"


def test_F18_since(server: ApiServer, clock: ManualClock) -> None:
    for second in range(4):
        server.write_log("web", f"{second}\n")
        clock.advance(1)
    assert log(server, f"sinceTime={CLOCK_START}02Z") == b"2\n3\n"
    assert log(server, "sinceTime=2026-01-01T01:00:02.5%2B01:00") == b"3\n"
    assert log(server, "sinceSeconds=2") == b"2\n3\n"
    assert log(server, "sinceSeconds=2&tailLines=1") == b"3\n"


def test_F18_a_line_in_parts_is_one_line(server: ApiServer, clock: ManualClock) -> None:
    server.write_log("web", "one\ntw")
    clock.advance(1)
    server.write_log("web", "o\nthree\n")
    assert log(server, "tailLines=2") == b"two\nthree\n"
    assert log(server, "timestamps=1&tailLines=2").decode() == (
        f"{CLOCK_START}00.000000000Z two\n{CLOCK_START}01.000000000Z three\n"
    )


def test_F18_streams(server: ApiServer) -> None:
    server.write_log("web", "out\n")
    server.write_log("web", "err\n", stream="Stderr")
    assert log(server) == log(server, "stream=All") == b"out\nerr\n"
    assert log(server, "stream=Stderr") == b"err\n"
    assert log(server, "stream=Stdout") == b"out\n"
    with pytest.raises(ValueError, match="Stdout or Stderr, not to 'stdin'"):
        server.write_log("web", "x", stream="stdin")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("tailLines=-1", "tailLines"),
        ("limitBytes=0", "limitBytes"),
        ("sinceSeconds=0", "sinceSeconds"),
        (f"sinceSeconds=1&sinceTime={CLOCK_START}00Z", "[]"),
        ("stream=both", "stream"),
        ("stream=Stderr&tailLines=1", "[]"),
    ],
)
def test_F18_options_are_validated(server: ApiServer, query: str, field: str) -> None:
    status, document = refused(server, query)
    assert (status, document["details"]["kind"]) == (422, "PodLogOptions")
    assert document["details"]["causes"][0].get("field", "") == field


def test_F18_values_that_cannot_be_read(server: ApiServer) -> None:
    assert refused(server, "tailLines=many")[0] == 400
    assert refused(server, "sinceTime=yesterday")[0] == 400
    assert refused(server, "container=c")[1]["message"] == "container c is not valid for pod web"
    text = "a container name must be specified for pod two, choose one of: [a b]"
    assert refused(server, pod="two")[1]["message"] == text
    assert refused(server, pod="gone")[0] == 404


def test_F18_previous(server: ApiServer) -> None:
    text = 'previous terminated container "main" in pod "web" not found'
    assert refused(server, "previous=true") == (400, {**refused(server, "previous=true")[1], "message": text})
    server.write_log("web", "first life\n")
    server.end_log("web")
    assert log(server) == b"first life\n"
    server.write_log("web", "second life\n")
    assert log(server, "previous=true") == b"first life\n"
    assert log(server) == b"second life\n"
    server.write_log("two", "written as such\n", previous=True)
    assert log(server, "previous=true&container=a&follow=true", "two") == b"written as such\n"


def test_F20_nothing_to_read_yet(server: ApiServer) -> None:
    server.seed(running_pod("late", node=""))
    with asked(server, "follow=true", "late") as response:
        assert (response.status, response.read()) == (204, b"")
    server.write_log("late", "x\n")
    assert log(server, pod="late") == b"x\n"
    waiting = {"name": "main", "state": {"waiting": {"reason": "ContainerCreating"}}}
    server.seed(running_pod("creating", status={"phase": "Pending", "containerStatuses": [waiting]}))
    text = 'container "main" in pod "creating" is waiting to start: ContainerCreating'
    status, document = refused(server, "follow=true", "creating")
    assert (status, document["reason"], document["message"]) == (400, "BadRequest", text)
    waiting["state"] = {"waiting": {"reason": "ImagePullBackOff"}}
    server.seed(running_pod("creating", status={"phase": "Pending", "containerStatuses": [waiting]}))
    assert refused(server, "", "creating")[1]["message"].endswith("to start: trying and failing to pull image")


def test_F19_lines_arrive_as_they_are_written(server: ApiServer) -> None:
    server.write_log("web", "before\n")
    with asked(server, "follow=true") as response:
        assert response.readline() == b"before\n"
        server.write_log("web", "now\n")
        assert response.readline() == b"now\n"
        server.write_log("web", "größe\n".encode()[:3])
        assert response.read1() == b"gr\xc3"
        server.write_log("web", "größe\n".encode()[3:])
        assert response.read1().decode("latin-1").startswith("\xb6")
        server.write_log("web", "unended")
        assert response.read1() == b"unended"
        server.end_log("web")
        assert response.read() == b""
    assert server.requests[-1].status == 200


def test_F19_an_empty_follow_idles_and_ends_with_the_container(server: ApiServer) -> None:
    with asked(server, "follow=true&container=a", "two") as response:
        assert response.status == 200
        server.write_log("two", "elsewhere\n", container="b")
        server.end_log("two", container="a")
        assert response.read() == b""


@pytest.mark.parametrize("how", ["deleted", "terminated", "stopped"])
def test_F19_what_ends_a_follow(server: ApiServer, how: str) -> None:
    server.write_log("web", "a\n")
    with asked(server, "follow=1") as response:
        assert response.readline() == b"a\n"
        server.write_log("web", "last\n")
        if how == "deleted":
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
            connection.request("DELETE", f"{PODS}/web?gracePeriodSeconds=0")
            assert connection.getresponse().status == 200
            connection.close()
        elif how == "terminated":
            ended = {"name": "main", "state": {"terminated": {"exitCode": 0}}}
            server.seed(running_pod(status={"phase": "Succeeded", "containerStatuses": [ended]}))
            assert log(server, "follow=true") == b"a\nlast\n"
        else:
            server.stop()
        assert response.read() == b"last\n"


def test_F19_options_hold_while_following(server: ApiServer, clock: ManualClock) -> None:
    server.write_log("web", "1\n2\n3\n")
    query = f"follow=true&tailLines=1&timestamps=true&limitBytes=70&sinceTime={CLOCK_START}00Z"
    with asked(server, query) as response:
        assert response.readline().decode() == f"{CLOCK_START}00.000000000Z 3\n"
        clock.advance(7)
        server.write_log("web", "4\n")
        assert response.readline().decode() == f"{CLOCK_START}07.000000000Z 4\n"
        server.write_log("web", "5\n")
        assert response.read().decode() == "2026"  # the limit is in the middle of the stamp


def test_F19_who_goes_is_forgotten(server: ApiServer) -> None:
    with asked(server, "follow=true") as response:
        assert response.status == 200
        listeners = server.core.logs.of(LogKey(("", "pods"), "default/web", "main")).listeners
        eventually(lambda: len(listeners) == 1)
    eventually(lambda: not listeners)


def test_F19_a_deleted_pod_takes_its_log_along(server: ApiServer) -> None:
    server.write_log("web", "old\n")
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("DELETE", f"{PODS}/web?gracePeriodSeconds=0")
    assert connection.getresponse().status == 200
    connection.close()
    server.seed(running_pod())
    assert log(server) == b""
