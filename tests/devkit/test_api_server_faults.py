# SPDX-License-Identifier: Apache-2.0
"""Faults of the embedded server over its sockets: what clients see when things break."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any

import pytest
from kept_alive import Http, frames
from server_core import config_map
from waiting import eventually

from k8s_devkit import ApiServer

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]
CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
PODS = "/api/v1/namespaces/default/pods"


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with ApiServer() as running:
        yield running


def _watch(api: Http, server: ApiServer) -> http.client.HTTPResponse:
    return api.start("GET", f"{CONFIG_MAPS}?watch=1&resourceVersion={server.resource_version}")


def test_J13_statuses_for_the_next_requests(server: ApiServer) -> None:
    server.faults.status(503, times=2, retry_after=1, verb="list")
    with Http(server) as api:
        for _ in range(2):
            response = api.start("GET", CONFIG_MAPS)
            assert (response.status, response.getheader("Retry-After")) == (503, "1")
            assert json.loads(response.read())["reason"] == "ServiceUnavailable"
        assert api("GET", CONFIG_MAPS)[0] == 200
    assert [record.status for record in server.requests] == [503, 503, 200]


def test_J13_faults_match_what_they_are_told(server: ApiServer) -> None:
    server.faults.status(401, resource="pods")
    server.faults.status(500, path="/version")
    with Http(server) as api:
        assert api("GET", CONFIG_MAPS)[0] == 200
        assert api("GET", "/version")[0] == 500
        assert api("GET", PODS)[0] == 401
    server.faults.status(500, times=None)
    server.faults.clear()
    with Http(server) as api:
        assert api("GET", CONFIG_MAPS)[0] == 200


def test_J13_reset_is_an_rst(server: ApiServer) -> None:
    server.faults.reset()
    with Http(server) as api, pytest.raises(ConnectionResetError):
        api("GET", CONFIG_MAPS)


def test_J13_close_is_a_fin(server: ApiServer) -> None:
    server.faults.close()
    with Http(server) as api, pytest.raises(http.client.RemoteDisconnected):
        api("GET", CONFIG_MAPS)


def test_J13_stall_says_nothing(server: ApiServer) -> None:
    server.faults.stall()
    with Http(server, timeout=0.2) as api, pytest.raises(TimeoutError):
        api("GET", CONFIG_MAPS)


def test_J13_truncated_bodies(server: ApiServer) -> None:
    server.faults.truncate(5)
    with Http(server) as api, pytest.raises(http.client.IncompleteRead) as caught:
        api.start("GET", CONFIG_MAPS).read()
    assert caught.value.partial == b'{"kin'


def test_J13_garbage_instead_of_http(server: ApiServer) -> None:
    server.faults.garbage(b"not http at all\r\n\r\n")
    with Http(server) as api, pytest.raises(http.client.BadStatusLine):
        api("GET", CONFIG_MAPS)


def test_J13_latency(server: ApiServer) -> None:
    server.faults.latency(600, times=1)
    with Http(server, timeout=0.2) as impatient, pytest.raises(TimeoutError):
        impatient("GET", CONFIG_MAPS)
    with Http(server) as api:
        assert api("GET", CONFIG_MAPS)[0] == 200
    server.faults.latency(0.01, times=1)
    with Http(server) as api:
        assert api("GET", CONFIG_MAPS)[0] == 200


@pytest.mark.parametrize(("action", "error"), [("reset", ConnectionResetError), ("drop", http.client.IncompleteRead)])
def test_J13_running_watches_break(server: ApiServer, action: str, error: type[Exception]) -> None:
    server.faults.watches(action)
    with Http(server) as api:
        response = _watch(api, server)
        server.seed(config_map())
        with pytest.raises(error):
            response.read()


def test_J13_half_a_frame(server: ApiServer) -> None:
    server.faults.watches("truncate", after=1)
    with Http(server) as api:
        response = _watch(api, server)
        server.seed(config_map("a"))
        assert frames(response, 1)[0]["type"] == "ADDED"
        server.seed(config_map("b"))
        with pytest.raises(http.client.IncompleteRead) as caught:
            response.read()
        assert caught.value.partial.startswith(b'{"type":"ADDED","object":')
        assert not caught.value.partial.endswith(b"\n")


def test_J13_frames_split_at_every_byte(server: ApiServer) -> None:
    server.faults.watches("split")
    with Http(server) as api:
        response = _watch(api, server)
        server.seed(config_map("a", data={"x": "é"}))
        assert frames(response, 1)[0]["object"]["data"] == {"x": "é"}


def test_J13_error_event_and_garbage_frames(server: ApiServer) -> None:
    server.faults.watches("garbage", payload=b"{nonsense}\n", now=False)
    with Http(server) as api:
        response = _watch(api, server)
        server.seed(config_map("a"))
        response.readline()
        assert response.readline() == b"{nonsense}\n"
        gone = b'{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}\n'
        server.faults.watches("error", payload=gone)
        server.seed(config_map("b"))
        assert [event["type"] for event in frames(response, 2)] == ["ADDED", "ERROR"]
        assert response.read() == b""


def test_J13_faults_reach_idle_watches_at_once(server: ApiServer) -> None:
    with Http(server) as api:
        response = _watch(api, server)
        server.faults.watches("close", now=True)
        assert response.read() == b""


def test_J13_silence_in_a_watch(server: ApiServer) -> None:
    server.faults.watches("stall")
    with Http(server) as api:
        response = _watch(api, server)
        server.seed(config_map())
        api.connection.sock.settimeout(0.2)
        with pytest.raises(TimeoutError):
            response.readline()


def test_a_stalled_server_stops() -> None:
    with ApiServer() as server, Http(server) as api:
        server.faults.stall()
        api.connection.request("GET", CONFIG_MAPS)
        eventually(lambda: len(server.requests) == 1)
        server.stop()


def test_compaction_on_demand(server: ApiServer) -> None:
    version = server.resource_version
    server.seed(config_map("a"))
    server.compact()
    with Http(server) as api:
        response = api.start("GET", f"{CONFIG_MAPS}?watch=1&resourceVersion={version}")
        assert frames(response, 1)[0]["object"]["code"] == 410
        assert response.read() == b""
