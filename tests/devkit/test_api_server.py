# SPDX-License-Identifier: Apache-2.0
"""The embedded server over its sockets: life, TLS, credentials, streams, faults, the request log."""

from __future__ import annotations

import contextlib
import gc
import json
import socket
import ssl
import threading
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from kept_alive import Http, frames
from server_core import config_map, pod
from waiting import eventually

from k8s_core import Client, Config
from k8s_devkit import AdmissionDenied, AdmissionRequest, ApiServer, ManualClock, User
from k8s_plugins_builtin.core.v1 import ConfigMap

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]
CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
PODS = "/api/v1/namespaces/default/pods"


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with ApiServer() as running:
        yield running


def test_start_and_stop_many_times() -> None:
    server, before = ApiServer(), set(threading.enumerate())
    with pytest.raises(RuntimeError, match="not running"):
        _ = server.url
    for _ in range(3):
        server.start()
        server.start()  # does nothing
        with Http(server) as api:
            assert api("GET", "/version")[0] == 200
        server.stop()
        server.stop()
    assert not set(threading.enumerate()) - before


def test_state_survives_a_stop() -> None:
    server = ApiServer()
    with server, Http(server) as api:
        api("POST", CONFIG_MAPS, config_map())
    with server, Http(server) as api:
        assert api("GET", f"{CONFIG_MAPS}/a")[0] == 200


def test_a_taken_port_is_an_os_error(server: ApiServer) -> None:
    with pytest.raises(OSError, match="in use"):
        ApiServer(port=server.port).start()


def test_a_client_of_the_server_is_closed_with_it() -> None:
    with ApiServer() as server:
        client = server.client()
        client.create(ConfigMap.from_dict(config_map("a", data={"x": "1"})))
        assert client.get(ConfigMap, "a").data["x"] == "1"
    with pytest.raises(Exception, match=r"(?i)closed|connect|refused"):
        client.get(ConfigMap, "a")


def test_kubeconfig_is_what_the_config_reads(server: ApiServer) -> None:
    document = yaml.safe_load(server.kubeconfig(namespace="x"))
    assert document["clusters"][0]["cluster"] == {"server": server.url}
    assert document["contexts"][0]["context"]["namespace"] == "x"


@pytest.mark.parametrize(
    "credentials", [{}, {"tokens": {"t": "alice"}}, {"passwords": {"bob": "pw"}}, {"client_certificates": True}]
)
def test_tls_with_every_credential(credentials: Json, tmp_path: Any) -> None:
    with ApiServer(tls=True, **credentials) as server:
        assert server.url.startswith("https://")
        server.client().list(ConfigMap)
        path = tmp_path / "config"
        path.write_text(server.kubeconfig())
        with Client(Config.from_kubeconfig(str(path))) as client:
            client.list(ConfigMap)
        expected = {"tokens": "alice", "passwords": "bob"}.get(next(iter(credentials), ""), "kubernetes-admin")
        assert {record.user.name for record in server.requests} == {expected}


def test_tls_does_not_verify_without_its_authority() -> None:
    with ApiServer(tls=True) as server, Http(server, context=ssl.create_default_context()) as api:
        with pytest.raises(ssl.SSLCertVerificationError):
            api("GET", "/version")


def test_a_client_certificate_names_user_and_groups(tmp_path: Any) -> None:
    with ApiServer(client_certificates=True) as server:
        pair = server.issue_client_certificate("carol", ("devs",))
        path = tmp_path / "client.pem"
        path.write_bytes(pair.key + pair.certificate)
        context = ssl.create_default_context(cadata=server.ca_certificate.decode())
        context.load_cert_chain(path)
        with Http(server, context=context) as api:
            assert api("GET", CONFIG_MAPS)[0] == 200
        with Http(server, context=ssl.create_default_context(cadata=server.ca_certificate.decode())) as api:
            assert api("GET", CONFIG_MAPS)[0] == 401
        assert [(record.user.name, record.user.groups[:1]) for record in server.requests][:1] == [("carol", ("devs",))]


def test_J25_a_wrong_token_is_a_401_status() -> None:
    with ApiServer(tokens={"t": User("alice", groups=("devs",))}) as server, Http(server) as api:
        status, body = api("GET", CONFIG_MAPS, Authorization="Bearer wrong")
        assert (status, body["message"], body["reason"]) == (401, "Unauthorized", "Unauthorized")
        assert api("GET", CONFIG_MAPS, Authorization="Bearer t")[0] == 200
        assert server.requests[-1].user.groups == ("devs", "system:authenticated")
        assert api("GET", "/version")[0] == 200


def test_J25_requests_are_recorded(server: ApiServer) -> None:
    with Http(server) as api:
        api("POST", f"{CONFIG_MAPS}?dryRun=All", config_map(), User_Agent="me/1", Impersonate_User="dave")
    (record,) = server.requests
    assert (record.verb, record.resource, record.namespace, record.name) == ("create", "configmaps", "default", "")
    assert (record.method, record.path, record.query) == ("POST", CONFIG_MAPS, [("dryRun", "All")])
    assert (record.status, record.user.name, record.headers["user-agent"]) == (201, "dave", "me/1")
    assert record.json["metadata"]["name"] == "a"
    assert str(record) == f"POST {CONFIG_MAPS}?dryRun=All"
    assert server.requests.where(verb="create", resource="configmaps") == [record]
    server.requests.clear()
    assert len(server.requests) == 0


def test_J25_rules_forbid(server: ApiServer) -> None:
    server.deny(verb="create", resource="configmaps")
    server.allow(namespace="free")
    with Http(server) as api:
        assert api("POST", CONFIG_MAPS, config_map())[0] == 403
        assert api("POST", "/api/v1/namespaces/free/configmaps", config_map())[0] == 404  # allowed, but no namespace


def test_J15_head_of_a_watch_comes_at_once(server: ApiServer) -> None:
    with Http(server) as api:
        response = api.start("GET", f"{CONFIG_MAPS}?watch=1&resourceVersion={server.resource_version}")
        assert response.status == 200
        assert response.getheader("Content-Type") == "application/json"
        assert response.getheader("Transfer-Encoding") == "chunked"
        with Http(server) as other:
            other("POST", CONFIG_MAPS, config_map())
        (event,) = frames(response, 1)
        assert (event["type"], event["object"]["metadata"]["name"]) == ("ADDED", "a")


def test_J15_stop_ends_streams_cleanly() -> None:
    with ApiServer() as server, Http(server) as api:
        response = api.start("GET", f"{CONFIG_MAPS}?watch=1")
        server.stop()
        assert response.read() == b""  # the last chunk, not a broken one


def test_J14_timeout_seconds_ends_a_watch_in_order(server: ApiServer) -> None:
    with Http(server) as api:
        response = api.start("GET", f"{CONFIG_MAPS}?watch=1&timeoutSeconds=1&allowWatchBookmarks=true")
        (event,) = frames(response, 1)  # 2 s before the end, so at once
        assert event["type"] == "BOOKMARK"
        assert response.read() == b""


def test_J14_bookmarks_come_at_their_interval() -> None:
    with ApiServer(bookmark_interval=0.01) as server, Http(server) as api:
        response = api.start("GET", f"{CONFIG_MAPS}?watch=1&allowWatchBookmarks=true")
        assert {event["type"] for event in frames(response, 3)} == {"BOOKMARK"}


def test_J14_a_bookmark_on_demand(server: ApiServer) -> None:
    with Http(server) as api:
        response = api.start("GET", f"{CONFIG_MAPS}?watch=1&allowWatchBookmarks=true")
        server.bookmark()
        assert frames(response, 1)[0]["object"]["metadata"]["resourceVersion"] == server.resource_version


def test_a_watch_whose_client_goes_is_forgotten(server: ApiServer) -> None:
    with Http(server) as api:
        api.start("GET", f"{CONFIG_MAPS}?watch=1")
        assert server.watch_count == 1
    eventually(lambda: server.watch_count == 0)


def test_J13_a_read_of_the_next_version_waits_for_it(server: ApiServer) -> None:
    statuses: list[int] = []
    ahead = int(server.resource_version) + 1

    def read() -> None:
        with Http(server) as http:
            statuses.append(http("GET", f"{CONFIG_MAPS}?resourceVersion={ahead}")[0])

    reader = threading.Thread(target=read)
    reader.start()
    eventually(lambda: server.requests)
    server.seed(config_map("a"))
    reader.join()
    assert statuses == [200]


def test_J13_a_version_that_does_not_come_is_a_504_in_the_end() -> None:
    with ApiServer(version_wait=0.02) as server, Http(server) as http:
        status, body = http("GET", f"{CONFIG_MAPS}/a?resourceVersion=99999")
    assert (status, body["details"]["causes"][0]["reason"]) == (504, "ResourceVersionTooLarge")


def test_large_answers_are_compressed_when_asked(server: ApiServer) -> None:
    server.seed(config_map("a", data={"x": "y" * 200_000}))
    with Http(server) as api:
        response = api.start("GET", f"{CONFIG_MAPS}/a", Accept_Encoding="gzip")
        assert response.getheader("Content-Encoding") == "gzip"
        assert len(response.read()) < 10_000
        response = api.start("GET", f"{CONFIG_MAPS}/a")
        assert response.getheader("Content-Encoding") is None
        assert len(response.read()) > 200_000


def test_a_chunked_body_is_read_whole(server: ApiServer) -> None:
    body = json.dumps(config_map("a", data={"x": "y" * 300_000})).encode()
    with Http(server) as api:
        parts = (body[start : start + 1000] for start in range(0, len(body), 1000))
        api.connection.request("POST", CONFIG_MAPS, parts, {"Content-Type": "application/json"}, encode_chunked=True)
        response = api.connection.getresponse()
        assert (response.status, len(json.loads(response.read())["data"]["x"])) == (201, 300_000)


def test_admission_callables(server: ApiServer) -> None:
    @server.admit
    def policy(request: AdmissionRequest) -> None:
        if request.operation == "DELETE" and request.name == "kept":
            raise AdmissionDenied("this one stays")
        if request.object is not None:
            request.object["metadata"].setdefault("labels", {})["seen"] = request.operation.lower()
            request.warnings.append("labelled")

    with Http(server) as api:
        response = api.start("POST", CONFIG_MAPS, config_map("kept"))
        assert json.loads(response.read())["metadata"]["labels"] == {"seen": "create"}
        assert response.getheader("Warning") == '299 - "labelled"'
        status, body = api("DELETE", f"{CONFIG_MAPS}/kept")
        assert (status, body["message"]) == (403, 'admission webhook "policy" denied the request: this one stays')


def test_seeds_and_objects(server: ApiServer) -> None:
    server.seed(
        config_map("a"),
        ConfigMap.from_dict(config_map("b")),
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}\n---\n"
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: d}}\n",
    )
    assert [item["metadata"]["name"] for item in server.objects("v1", "ConfigMap")] == ["a", "b", "c", "d"]
    with pytest.raises(LookupError, match="nope"):
        server.seed({"apiVersion": "nope/v1", "kind": "X", "metadata": {"name": "x"}})


def test_missing_namespaces_on_demand() -> None:
    with ApiServer(create_missing_namespaces=True) as server, Http(server) as api:
        assert api("POST", "/api/v1/namespaces/new/configmaps", config_map())[0] == 201
        assert api("GET", "/api/v1/namespaces/new")[0] == 200


def test_a_clock_that_a_test_moves() -> None:
    clock = ManualClock()
    with ApiServer(clock=clock) as server, Http(server) as api:
        clock.advance(3600)
        _, created = api("POST", CONFIG_MAPS, config_map())
        assert created["metadata"]["creationTimestamp"] == "2026-01-01T01:00:00Z"


def test_logs_are_written_by_tests(server: ApiServer) -> None:
    server.seed(pod("a"))
    server.write_log("a", "one\ntwo\n")
    with Http(server) as api:
        assert api.start("GET", f"{PODS}/a/log").read() == b"one\ntwo\n"
    with pytest.raises(LookupError, match="no Pod default/b"):
        server.write_log("b", "x")


def test_a_request_that_is_no_http_is_answered_and_closed(server: ApiServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as raw:
        raw.sendall(b"nonsense\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_a_server_that_stops_while_clients_connect_leaves_no_socket_open(tls: bool) -> None:
    def connect(port: int, sockets: list[socket.socket]) -> None:
        with contextlib.suppress(OSError):
            while len(sockets) < 20:
                sockets.append(socket.create_connection(("127.0.0.1", port), 5))

    for _ in range(10):
        server = ApiServer(tls=tls).start()
        sockets: list[socket.socket] = []
        clients = threading.Thread(target=connect, args=(int(server.url.rpartition(":")[2]), sockets))
        clients.start()
        server.stop()
        clients.join()
        for each in sockets:
            each.close()
    gc.collect()  # of what is left open, the collector warns, which is an error here
