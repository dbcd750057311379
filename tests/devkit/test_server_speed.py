# SPDX-License-Identifier: Apache-2.0
"""Start-up, throughput and fan-out of the embedded server. Bounds are generous: CI machines are shared."""

from __future__ import annotations

import http.client
import json
import selectors
import socket
import time
from typing import TYPE_CHECKING

from server_core import config_map
from uvicorn.protocols.http.h11_impl import H11Protocol

from k8s_devkit import ApiServer
from k8s_devkit.api_server.network.asgi import AsgiApp
from k8s_devkit.api_server.network.runner import LoopServer

if TYPE_CHECKING:
    from collections.abc import Callable

PATH = "/api/v1/namespaces/default/configmaps"


def test_a_server_starts_in_milliseconds() -> None:
    with ApiServer() as warm:
        assert warm.port
    spans = []
    for _ in range(9):
        start = time.perf_counter()
        server = ApiServer().start()
        spans.append(time.perf_counter() - start)
        server.stop()
    assert min(spans) < 0.15


def test_a_fixture_costs_milliseconds() -> None:
    spans = []
    for _ in range(9):
        start = time.perf_counter()
        with ApiServer() as server:
            server.client()
        spans.append(time.perf_counter() - start)
    assert min(spans) < 0.015  # the best of nine: the machine is shared


def test_a_thousand_small_requests_in_a_second(record_property: Callable[[str, object], None]) -> None:
    with ApiServer() as server:
        server.seed(config_map("a", data={"x": "1"}))
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        best = 0.0
        for _ in range(4):
            start = time.process_time()  # of client and server together: they share the process
            for _ in range(250):
                connection.request("GET", f"{PATH}/a")
                connection.getresponse().read()
            best = max(best, 250 / (time.process_time() - start))
        connection.close()
    record_property("requests_per_second", round(best))
    assert best > 1000


def test_two_thousand_objects_are_created_and_listed() -> None:
    with ApiServer() as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        for number in range(2000):
            connection.request(
                "POST", PATH, json.dumps(config_map(f"c{number:04}")), {"Content-Type": "application/json"}
            )
            assert connection.getresponse().read().startswith(b'{"kind":"ConfigMap"')
        connection.request("GET", PATH)
        names = [item["metadata"]["name"] for item in json.loads(connection.getresponse().read())["items"]]
        connection.close()
    assert names == [f"c{number:04}" for number in range(2000)]


def test_fifty_watchers_see_ten_thousand_events() -> None:
    watchers, events = 50, 10_000
    with ApiServer(history=1000) as server, selectors.DefaultSelector() as selector:
        counts = {}
        for _ in range(watchers):
            raw = socket.create_connection(("127.0.0.1", server.port), timeout=30)
            request = f"GET {PATH}?watch=1&resourceVersion={server.resource_version} HTTP/1.1\r\nHost: x\r\n\r\n"
            raw.sendall(request.encode())
            while b"\r\n\r\n" not in raw.recv(65536, socket.MSG_PEEK):
                pass
            counts[raw] = 0
            selector.register(raw, selectors.EVENT_READ)
        document = config_map("a")
        end = time.monotonic() + 50
        done = 0
        for number in range(events):
            server.seed({**document, "data": {"n": str(number)}})
            if number % 500 == 499 or number == events - 1:
                while done < watchers * (number + 1):
                    assert time.monotonic() < end, f"{done} of {watchers * events} frames"
                    for key, _ in selector.select(timeout=1):
                        received = key.fileobj.recv(1 << 20).count(b'{"type":"')  # type: ignore[union-attr]  # a socket
                        counts[key.fileobj] += received  # type: ignore[index]  # a socket
                        done += received
        assert set(counts.values()) == {events}
        assert len(server.core.store._history) < 1500
        for raw in counts:
            raw.close()


def test_the_server_also_runs_on_h11() -> None:
    server = ApiServer()
    app = AsgiApp(server.core, server.authenticator, server.faults, server.requests)
    loop = LoopServer(app, "127.0.0.1", 0, None, H11Protocol)
    loop.start()
    connection = http.client.HTTPConnection("127.0.0.1", loop.port, timeout=10)
    connection.request("POST", PATH, json.dumps(config_map()), {"Content-Type": "application/json"})
    assert connection.getresponse().read().startswith(b'{"kind":"ConfigMap"')
    connection.request("GET", f"{PATH}?watch=1&timeoutSeconds=1")
    assert connection.getresponse().read().count(b"\n") == 1
    connection.close()
    loop.stop()
