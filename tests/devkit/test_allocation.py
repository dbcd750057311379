# SPDX-License-Identifier: Apache-2.0
"""What the server allocates for Services: first choices made from their names, and nothing to two Services at once."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from server_core import Api

Json = dict[str, Any]
API = Api()
SERVICES = "/api/v1/namespaces/default/services"
BALANCER: Json = {"type": "LoadBalancer", "externalTrafficPolicy": "Local"}


def service(name: str, **spec: Any) -> Json:
    return {"metadata": {"name": name}, "spec": {"type": "NodePort", "ports": [{"port": 80}], **spec}}


def held(made: Json) -> list[Any]:
    """The address and the node ports of a Service."""
    ports = [port.get("nodePort") for port in made["spec"].get("ports", ())]
    return [made["spec"].get("clusterIP"), *ports, made["spec"].get("healthCheckNodePort")]


def rivals(position: int, **spec: Any) -> tuple[str, str]:
    """Two names that have the same first choice."""
    names: dict[Any, str] = {}
    for number in range(5000):
        name = f"s{number}"
        made = API.ok("POST", f"{SERVICES}?dryRun=All", service(name, **spec))
        other = names.setdefault(held(made)[position], name)
        if other != name:
            return other, name
    raise AssertionError("no two names have the same first choice")


@given(st.from_regex(r"[a-z]{1,12}", fullmatch=True))
def test_J5_allocated_addresses_and_ports_are_in_their_ranges(name: str) -> None:
    made = API.ok("POST", f"{SERVICES}?dryRun=All", service(name))["spec"]
    assert ipaddress.ip_address(made["clusterIP"]) in ipaddress.ip_network("10.96.0.0/16")
    assert 30000 <= made["ports"][0]["nodePort"] <= 32767
    again = API.ok("POST", f"{SERVICES}?dryRun=All", service(name))["spec"]
    assert again["clusterIP"] == made["clusterIP"]


def test_a_fresh_server_allocates_the_same_in_every_release() -> None:
    assert held(Api().ok("POST", SERVICES, service("web", **BALANCER))) == ["10.96.241.136", 30662, 32118]


@pytest.mark.parametrize(("position", "spec"), [(0, {}), (1, {}), (2, BALANCER)])
def test_two_services_never_share_an_address_or_a_port(position: int, spec: Json) -> None:
    first, second = rivals(position, **spec)
    api = Api()
    before = held(api.ok("POST", SERVICES, service(first, **spec)))[position]
    after = held(api.ok("POST", SERVICES, service(second, **spec)))[position]
    assert before
    assert after
    assert before != after


def test_services_with_generated_names_have_addresses_of_their_own() -> None:
    api, body = Api(), {**service(""), "metadata": {"generateName": "web-"}}
    assert len({held(api.ok("POST", SERVICES, body))[0] for _ in range(3)}) == 3


def test_what_a_deleted_service_held_is_free() -> None:
    first, second = rivals(0)
    api = Api()
    address = held(api.ok("POST", SERVICES, service(first)))[0]
    api.ok("DELETE", f"{SERVICES}/{first}")
    assert held(api.ok("POST", SERVICES, service(second)))[0] == address


def test_what_an_update_gives_up_is_free() -> None:
    api = Api()
    made = api.ok("POST", SERVICES, service("web"))
    address, port = held(made)[:2]
    external = {"type": "ExternalName", "externalName": "a.example.org"}
    api.ok("PUT", f"{SERVICES}/web", {**made, "spec": {**made["spec"], **external}})
    other = service("other", clusterIP=address, ports=[{"port": 80, "nodePort": port}])
    assert held(api.ok("POST", SERVICES, other))[:2] == [address, port]


def test_a_dry_run_and_a_refused_service_hold_nothing() -> None:
    api = Api()
    wanted = service("other", clusterIP="10.96.0.10", ports=[{"port": 80, "nodePort": 30080}])
    api.ok("POST", f"{SERVICES}?dryRun=All", wanted)
    api.fails(422, "POST", SERVICES, service("bad", **{**wanted["spec"], "sessionAffinity": "None of these"}))
    assert held(api.ok("POST", SERVICES, wanted))[:2] == ["10.96.0.10", 30080]


def test_an_update_keeps_what_the_service_holds() -> None:
    api = Api()
    made = api.ok("POST", SERVICES, service("web", **BALANCER))
    bare = {**service("web", **BALANCER), "metadata": made["metadata"]}
    assert held(api.ok("PUT", f"{SERVICES}/web", bare)) == held(made)
    assert held(api.ok("PUT", f"{SERVICES}/web", {**made, "metadata": {"name": "web"}})) == held(made)


def test_an_address_of_another_service_is_refused() -> None:
    api = Api()
    address = held(api.ok("POST", SERVICES, service("web")))[0]
    text = f"failed to allocate IP {address}: provided IP is already allocated"
    status = api.fails(422, "POST", SERVICES, service("other", clusterIP=address))
    assert status["message"] == f'Service "other" is invalid: spec.clusterIPs: Invalid value: ["{address}"]: {text}'


def test_a_node_port_of_another_service_is_refused() -> None:
    api, ports = Api(), [{"port": 80, "name": "a"}, {"port": 53, "name": "b", "nodePort": 30053}]
    api.ok("POST", SERVICES, service("web", ports=ports))
    text = "spec.ports[1].nodePort: Invalid value: 30053: provided port is already allocated"
    other = api.ok("POST", SERVICES, service("other", ports=[{**port, "nodePort": 0} for port in ports]))
    status = api.fails(422, "POST", SERVICES, service("third", ports=ports))
    assert status["message"] == f'Service "third" is invalid: {text}'
    other["spec"]["ports"][1]["nodePort"] = 30053
    status = api.fails(422, "PUT", f"{SERVICES}/other", other)
    assert status["message"] == f'Service "other" is invalid: {text}'


def test_a_health_check_port_of_another_service_is_refused() -> None:
    api = Api()
    api.ok("POST", SERVICES, service("web", ports=[{"port": 80, "nodePort": 30081}]))
    status = api.fails(500, "POST", SERVICES, service("other", **BALANCER, healthCheckNodePort=30081))
    text = "failed to allocate requested HealthCheck NodePort 30081: provided port is already allocated"
    assert status["message"] == f"Internal error occurred: {text}"


def test_a_port_that_is_asked_for_is_not_allocated_to_its_neighbour() -> None:
    first = held(API.ok("POST", f"{SERVICES}?dryRun=All", service("web")))[1]
    ports = [{"port": 80, "name": "a"}, {"port": 81, "name": "b", "nodePort": first}]
    assert held(Api().ok("POST", SERVICES, service("web", ports=ports)))[1] != first


def test_ports_of_one_number_share_their_node_port() -> None:
    ports = [{"port": 53, "name": "a"}, {"port": 53, "name": "b", "protocol": "UDP"}]
    first, second = held(Api().ok("POST", SERVICES, service("dns", ports=ports)))[1:3]
    assert first == second


def test_no_node_port_is_left() -> None:
    api = Api()
    ports = [{"port": number, "name": f"p{number}"} for number in range(1, 2769)]
    assert len(set(held(api.ok("POST", SERVICES, service("all", ports=ports)))[1:-1])) == 2768
    status = api.fails(500, "POST", SERVICES, service("web"))
    assert status["message"] == "Internal error occurred: failed to allocate a nodePort: range is full"
    assert api.ok("POST", SERVICES, service("inner", type="ClusterIP"))


def test_objects_that_a_test_put_into_the_store_count() -> None:
    api = Api()
    api.core.seed({"apiVersion": "v1", "kind": "Service", **service("web", clusterIPs=["10.96.0.10"])})
    api.core.seed({"apiVersion": "v1", "kind": "Service", **service("twin", clusterIPs=["10.96.0.10"])})
    api.fails(422, "POST", SERVICES, service("other", clusterIP="10.96.0.10"))
    twin = api.ok("GET", f"{SERVICES}/twin")
    twin["metadata"]["labels"] = {"a": "b"}
    assert api.ok("PUT", f"{SERVICES}/twin", twin)["metadata"]["labels"] == {"a": "b"}
