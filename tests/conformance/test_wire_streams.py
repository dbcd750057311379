# SPDX-License-Identifier: Apache-2.0
"""What is refused before a stream begins, and the options of logs: without a kubelet, on both servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from wire_documents import PODS, pod

if TYPE_CHECKING:
    from wire import Wire

TWO = [{"name": "a", "image": "x"}, {"name": "b", "image": "x"}]
STREAMS = ["exec?command=x&stdout=1", "attach?stdout=1", "portforward?ports=80", "portforward", "portforward?ports=0"]


@pytest.mark.parametrize("stream", STREAMS)
def test_F4_streams_of_pods_that_are_not_there(wire: Wire, stream: str) -> None:
    wire.ok("POST", PODS, pod("one"))
    gone = wire.fails(404, "GET", f"{PODS}/gone/{stream}")
    assert (gone["message"], gone["details"]) == ('pods "gone" not found', {"name": "gone", "kind": "pods"})
    for method in ("GET", "POST"):
        homeless = wire.fails(400, method, f"{PODS}/one/{stream}")
        assert (homeless["reason"], homeless["message"]) == ("BadRequest", "pod one does not have a host assigned")


def test_F14_the_choice_of_a_container(wire: Wire) -> None:
    wire.ok("POST", PODS, pod("two", containers=TWO))
    wire.ok("POST", PODS, pod("three", containers=TWO, initContainers=[{"name": "i", "image": "x"}]))
    for subresource in ("exec?command=x&stdout=1", "attach?stdout=1", "log?"):
        text = "a container name must be specified for pod two, choose one of: [a b]"
        assert wire.fails(400, "GET", f"{PODS}/two/{subresource}")["message"] == text
        text = "a container name must be specified for pod three, choose one of: [i a b]"
        assert wire.fails(400, "GET", f"{PODS}/three/{subresource}")["message"] == text
        text = "container c is not valid for pod three"
        assert wire.fails(400, "GET", f"{PODS}/three/{subresource}&container=c")["message"] == text


def test_F15_ports_are_read_before_the_pod(wire: Wire) -> None:
    text = 'cannot convert to []int32: strconv.ParseUint: parsing "x": invalid syntax'
    assert wire.fails(400, "GET", f"{PODS}/gone/portforward?ports=80,x")["message"] == text


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("tailLines=-1", "tailLines: Invalid value: -1: must be greater than or equal to 0"),
        ("limitBytes=0", "limitBytes: Invalid value: 0: must be greater than 0"),
        ("sinceSeconds=0", "sinceSeconds: Invalid value: 0: must be greater than 0"),
        (
            "sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z",
            "[]: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified",
        ),
    ],
)
def test_F18_options_of_logs(wire: Wire, query: str, message: str) -> None:
    wire.ok("POST", PODS, pod("one"))
    assert wire.fails(422, "GET", f"{PODS}/one/log?{query}")["message"] == f'PodLogOptions "one" is invalid: {message}'


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("tailLines=x", 'strconv.ParseInt: parsing "x": invalid syntax'),
        ("sinceTime=soon", 'parsing time "soon" as "2006-01-02T15:04:05Z07:00": cannot parse "soon" as "2006"'),
        ("sinceTime=2026-01-01", 'parsing time "2026-01-01" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"'),
    ],
)
def test_F18_options_that_cannot_be_read(wire: Wire, query: str, message: str) -> None:
    wire.ok("POST", PODS, pod("one"))
    assert wire.fails(400, "GET", f"{PODS}/one/log?{query}")["message"] == message


@pytest.mark.parametrize("query", ["", "follow=true", "previous=true", "tailLines=0"])
def test_F20_a_pod_without_a_node_has_no_log_yet(wire: Wire, query: str) -> None:
    wire.ok("POST", PODS, pod("one"))
    reply = wire("GET", f"{PODS}/one/log?{query}")
    assert (reply.status, reply.body, reply.headers.get("Content-Type")) == (204, b"", None)


def test_J30_proxies_of_what_is_not_there(wire: Wire) -> None:
    assert wire.fails(404, "GET", f"{PODS}/gone/proxy/index.html")["message"] == 'pods "gone" not found'
    assert wire.fails(404, "GET", "/api/v1/nodes/gone/proxy")["message"] == 'nodes "gone" not found'
    services = "/api/v1/namespaces/{ns}/services"
    assert wire.fails(404, "GET", f"{services}/https:gone:443/proxy/")["message"] == 'services "gone" not found'
