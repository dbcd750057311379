# SPDX-License-Identifier: Apache-2.0
"""Faults that tests order for exec, attach and port-forward (protocol F6, F7, F9, J13)."""

from __future__ import annotations

import http.client
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from stream_client import ERROR, PODS, STDIN, STDOUT, V4, StreamClient, exec_in, running_pod
from waiting import eventually
from websockets.exceptions import ConnectionClosed, ConnectionClosedError

from k8s_devkit import ApiServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from k8s_devkit import ExecSession


@pytest.fixture
def server() -> Iterator[ApiServer]:
    before = set(threading.enumerate())
    with ApiServer() as running:
        running.seed(running_pod())
        running.exec(output="result", exit_code=1)
        yield running
    # The client's threads end a moment after its connection.
    eventually(lambda: set(threading.enumerate()) <= before)


def closed(client: StreamClient) -> ConnectionClosed:
    with pytest.raises(ConnectionClosed) as caught:
        list(iter(client.receive, None))  # until it raises
    return caught.value


@pytest.mark.parametrize("action", ["drop", "reset", "truncate"])
def test_F9_a_connection_that_breaks_has_no_close_frame(server: ApiServer, action: str) -> None:
    server.faults.streams(action, after=2)
    with exec_in(server, "x") as client:
        assert client.receive() == (STDOUT, b"result")
        error = closed(client)
        assert (error.rcvd, type(error)) == (None, ConnectionClosedError)
    with exec_in(server, "x") as client:
        assert ERROR in client.drain()


def test_F9_a_status_that_is_omitted_before_an_ordinary_close(server: ApiServer) -> None:
    server.faults.streams("omit_status", resource="pods/exec")
    with exec_in(server, "x") as client:
        assert client.drain() == {STDOUT: b"result"}


@pytest.mark.parametrize(("code", "seen"), [(1000, 1000), (1011, 1011), (None, 1005)])
def test_F9_a_close_in_the_middle(server: ApiServer, code: int | None, seen: int) -> None:
    server.faults.streams("close", after=1, code=code)
    with exec_in(server, "x") as client:
        error = closed(client)
        assert error.rcvd is not None
        assert error.rcvd.code == seen


def test_F8_a_status_that_cannot_be_read(server: ApiServer) -> None:
    server.faults.streams("status", payload=b"{not json")
    with exec_in(server, "x") as client:
        assert client.drain() == {STDOUT: b"result", ERROR: b"{not json"}


def test_F6_a_text_frame(server: ApiServer) -> None:
    server.faults.streams("text", after=1)
    with exec_in(server, "x") as client:
        assert client.socket.recv(timeout=10) == "\x01result"
        assert ERROR in client.drain()


def test_F7_messages_in_frames_of_one_byte(server: ApiServer) -> None:
    server.faults.streams("split", times=None)
    with exec_in(server, "x") as client:
        frames = list(client.socket.recv_streaming())
        assert frames == [b"\x01", *(bytes((byte,)) for byte in b"result")]
        assert ERROR in client.drain()


def test_F12_silence_and_delay(server: ApiServer) -> None:
    server.faults.streams("delay", after=1, seconds=0.01)
    with exec_in(server, "x") as client:
        assert client.receive() == (STDOUT, b"result")
    server.faults.streams("delay", after=1, seconds=600)
    with exec_in(server, "x") as client, pytest.raises(TimeoutError):
        client.socket.recv(timeout=0.1)
    server.faults.streams("stall", after=1)
    with exec_in(server, "x") as client, pytest.raises(TimeoutError):
        client.socket.recv(timeout=0.1)


def test_F7_bytes_that_are_no_frames(server: ApiServer) -> None:
    server.faults.streams("garbage", after=1, payload=b"\xff" * 20)
    with exec_in(server, "x") as client:
        error = closed(client)
        assert error.sent is not None
        assert error.sent.code == 1002


@pytest.mark.parametrize("action", ["drop", "reset", "close"])
def test_J13_streams_that_are_idle_break_at_once(server: ApiServer, action: str) -> None:
    ended = threading.Event()

    @server.exec
    def wait(session: ExecSession) -> None:
        session.stdin.read()
        ended.set()

    with exec_in(server, "sleep") as client:
        client.send(STDIN, b"x")
        server.faults.streams(action, now=True, code=1001)
        error = closed(client)
        assert (error.rcvd.code if error.rcvd else None) == (1001 if action == "close" else None)
    assert ended.wait(10)


def test_J13_faults_of_streams_by_resource(server: ApiServer) -> None:
    server.port_forward(lambda connection: connection.sendall(b"x"))
    server.faults.streams("drop", resource="pods/portforward", after=1)
    with exec_in(server, "x") as client:
        assert ERROR in client.drain()
    with StreamClient(server, f"{PODS}/web/portforward", [("ports", "80")], protocols=[V4]) as client:
        assert closed(client).rcvd is None
    server.faults.streams("drop", times=None)
    server.faults.clear()
    with exec_in(server, "x") as client:
        client.drain()
    with pytest.raises(ValueError, match="'dorp' is no fault of a stream; there are close, delay, drop"):
        server.faults.streams("dorp")


@contextmanager
def followed(server: ApiServer) -> Iterator[http.client.HTTPResponse]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request("GET", f"{PODS}/web/log?follow=true")
        response = connection.getresponse()
        server.write_log("web", "one\n")
        assert response.readline() == b"one\n"
        yield response
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("action", "error"),
    [("drop", http.client.IncompleteRead), ("truncate", http.client.IncompleteRead), ("reset", ConnectionResetError)],
)
@pytest.mark.parametrize("now", [False, True])
def test_F19_logs_that_break(server: ApiServer, action: str, error: type[Exception], now: bool) -> None:
    with followed(server) as response:
        server.faults.streams(action, resource="pods/log", now=now)
        server.write_log("web", "two\n")
        with pytest.raises(error):
            response.read()


def test_F19_logs_that_end_early_or_come_in_pieces(server: ApiServer) -> None:
    with followed(server) as response:
        server.faults.streams("split")
        server.faults.streams("omit_status")  # is for others
        server.write_log("web", "größe\n")
        assert response.readline().decode() == "größe\n"
        server.faults.streams("delay", seconds=0.01)
        server.write_log("web", "late\n")
        assert response.readline() == b"late\n"
        server.faults.streams("close", now=True)
        assert response.read() == b""
