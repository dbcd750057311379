# SPDX-License-Identifier: Apache-2.0
"""Discovery, health and version on the wire (protocol G1-G6, G9, G11, J2, J26, J29)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from waiting import eventually
from wire_widgets import define_widgets

if TYPE_CHECKING:
    from conformance_differences import Answers
    from wire import Wire

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
BUILTIN = [
    "apiregistration.k8s.io",
    "apps",
    "events.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "networking.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "storage.k8s.io",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "scheduling.k8s.io",
    "coordination.k8s.io",
    "node.k8s.io",
    "discovery.k8s.io",
    "flowcontrol.apiserver.k8s.io",
]


# Groups, versions, resources


def test_J26_groups_are_in_the_order_of_their_priority(wire: Wire) -> None:
    group = define_widgets(wire)

    def names_with_group() -> list[str] | None:
        names = [item["name"] for item in wire.ok("GET", "/apis")["groups"]]
        return names if group in names else None

    names = eventually(names_with_group, "the group is there")
    assert names is not None
    assert [name for name in names if name in BUILTIN] == BUILTIN
    assert names.index(group) > names.index("flowcontrol.apiserver.k8s.io")


@pytest.mark.custom_resources
def test_G4_versions_are_in_the_order_of_their_maturity(wire: Wire) -> None:
    group = define_widgets(wire)
    document = wire.ok("GET", f"/apis/{group}")
    assert [item["version"] for item in document["versions"]] == ["v10", "v2", "v1", "v2beta1", "v1alpha1", "foo"]
    assert document["preferredVersion"] == {"groupVersion": f"{group}/v10", "version": "v10"}
    assert list(document) == ["kind", "apiVersion", "name", "versions", "preferredVersion"]


@pytest.mark.custom_resources
def test_G6_resources_of_a_crd(wire: Wire) -> None:
    group = define_widgets(wire)
    document = wire.ok("GET", f"/apis/{group}/v1")
    assert {key: document[key] for key in ("kind", "apiVersion", "groupVersion")} == {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": f"{group}/v1",
    }
    stored = document["resources"][0].pop("storageVersionHash")
    assert wire.ok("GET", f"/apis/{group}/v2")["resources"][0]["storageVersionHash"] == stored
    some = ["get", "patch", "update"]
    assert document["resources"] == [
        {
            "name": "widgets",
            "singularName": "widget",
            "namespaced": True,
            "kind": "Widget",
            "verbs": ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"],
            "shortNames": ["wd", "wid"],
            "categories": ["all", "widgetry"],
        },
        {"name": "widgets/status", "singularName": "", "namespaced": True, "kind": "Widget", "verbs": some},
        {
            "name": "widgets/scale",
            "singularName": "",
            "namespaced": True,
            "group": "autoscaling",
            "version": "v1",
            "kind": "Scale",
            "verbs": some,
        },
    ]


def test_G6_resources_of_the_legacy_group(wire: Wire) -> None:
    resources = {item["name"]: item for item in wire.ok("GET", "/api/v1")["resources"]}
    assert list(resources) == sorted(resources)
    assert resources["configmaps"]["storageVersionHash"] == "qFsyl6wFWjQ="
    assert resources["events"]["storageVersionHash"] == "r2yiGXH7wu8="
    for name in ("bindings", "componentstatuses", "pods/status"):
        assert "storageVersionHash" not in resources[name]
    assert (resources["pods/eviction"]["group"], resources["pods/eviction"]["kind"]) == ("policy", "Eviction")
    assert not {"group", "version"} & set(resources["pods/binding"])
    assert resources["pods/exec"]["verbs"] == ["create", "get"]
    assert resources["services/proxy"]["verbs"] == ["create", "delete", "get", "patch", "update"]
    assert resources["namespaces/finalize"]["verbs"] == ["update"]
    assert resources["pods/log"]["verbs"] == ["get"]


@pytest.mark.since("1.27")
def test_G6_singular_names_of_built_in_kinds(wire: Wire) -> None:
    resources = {item["name"]: item["singularName"] for item in wire.ok("GET", "/api/v1")["resources"]}
    assert (resources["pods"], resources["endpoints"], resources["pods/log"]) == ("pod", "endpoints", "")


@pytest.mark.parametrize("path", ["/api", "/apis", "/apis/apps", "/apis/apps/v1", "/api/v1", "/version"])
def test_J26_a_slash_at_the_end_changes_nothing(wire: Wire, path: str) -> None:
    assert wire.ok("GET", f"{path}/") == wire.ok("GET", path)


def test_J26_addresses(wire: Wire) -> None:
    document = wire.ok("GET", "/api")
    assert (document["kind"], document["versions"]) == ("APIVersions", ["v1"])
    (address,) = document["serverAddressByClientCIDRs"]
    assert address["clientCIDR"] == "0.0.0.0/0"
    assert address["serverAddress"].rpartition(":")[2].isdigit()


# What is not there


@pytest.mark.parametrize("path", ["/apis/none", "/apis/none/", "/apis/none/v1", "/apis/none.example/v1/things"])
def test_J2_an_unknown_group_is_a_page(wire: Wire, path: str) -> None:
    reply = wire("GET", path)
    assert (reply.status, reply.body) == (404, b"404 page not found\n")
    assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("path", ["/api/v2", "/apis/apps/v9", "/apis/apps/v9/deployments", "/api/v2/pods"])
def test_J2_an_unknown_version_of_a_built_in_group_is_a_status(wire: Wire, path: str) -> None:
    status = wire.fails(404, "GET", path)
    assert (status["message"], status["details"]) == ("the server could not find the requested resource", {})


@pytest.mark.parametrize(
    "path", ["/nope", "/healthz/nope", "/readyz/ping/", "/swagger.json", "/openapi/v2/", "/openapi"]
)
def test_J2_any_other_path_leads_nowhere(wire: Wire, path: str, answers: Answers) -> None:
    reply = wire("GET", path)
    assert reply.status == 404
    assert reply.headers["Content-Type"] in answers("a path that leads nowhere")


def test_J2_the_root_lists_paths(wire: Wire) -> None:
    paths = wire.ok("GET", "/")["paths"]
    assert paths == sorted(paths)
    assert {"/api", "/api/v1", "/apis", "/apis/", "/apis/apps", "/apis/apps/v1", "/version", "/metrics"} <= set(paths)
    assert {"/healthz", "/livez/ping", "/readyz/informer-sync", "/readyz/shutdown", "/openapi/v2"} <= set(paths)


@pytest.mark.parametrize("path", ["/version", "/api", "/api/v1", "/apis/apps/v1"])
def test_J2_documents_that_can_only_be_read(wire: Wire, path: str) -> None:
    message = "the server does not allow this method on the requested resource"
    assert wire.fails(405, "POST", path, {})["message"] == message


# Forms


def test_J29_discovery_in_yaml(wire: Wire) -> None:
    reply = wire("GET", "/apis/apps", accept="application/yaml")
    assert reply.headers["Content-Type"] == "application/yaml"
    assert reply.body.startswith(b"apiVersion: v1\nkind: APIGroup\nname: apps\n")


@pytest.mark.parametrize("path", ["/apis", "/apis/apps"])
def test_J29_discovery_in_no_other_form(wire: Wire, path: str) -> None:
    status = wire.fails(406, "GET", path, accept="text/html")
    assert status["message"].startswith(
        "only the following media types are accepted: application/json, application/yaml"
    )
    assert status["reason"] == "NotAcceptable"


@pytest.mark.parametrize("path", ["/version", "/api", "/api/v1", "/apis/apps/v1"])
def test_J29_documents_in_no_other_form(wire: Wire, path: str, answers: Answers) -> None:
    message, separator, forms = wire.fails(406, "GET", path, accept="text/html")["message"].partition(": application/")
    (text,) = answers("text of a 406")
    assert message + ": " * bool(separator) == text
    if separator:
        others = ["application/yaml", "application/vnd.kubernetes.protobuf"] if path != "/version" else []
        assert forms.split(", ") == ["json", *others]


# Health


@pytest.mark.parametrize("name", ["healthz", "livez", "readyz"])
def test_J26_health_in_detail(wire: Wire, name: str, answers: Answers) -> None:
    reply = wire("GET", f"/{name}?verbose&exclude=etcd&exclude=nope")
    assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
    lines = reply.body.decode().splitlines()
    (first,) = answers("health checks")
    assert [line.removeprefix("[+]").split()[0] for line in lines[:3]] == first[name]
    assert {"[+]ping ok", "[+]log ok", "[+]etcd excluded: ok"} <= set(lines)
    assert "[+]poststarthook/crd-informer-synced ok" in lines
    assert lines[-1] == f"{name} check passed"
    assert wire("GET", f"/{name}/etcd").body == b"ok"


@pytest.mark.since("1.27")
def test_J26_an_unknown_exclusion_is_a_warning(wire: Wire) -> None:
    lines = wire("GET", "/readyz?verbose&exclude=nope").body.decode().splitlines()
    assert lines[-2] == 'warn: some health checks cannot be excluded: no matches for "nope"'


def test_G11_version(wire: Wire) -> None:
    document = wire.ok("GET", "/version")
    known = {"major", "minor", "gitVersion", "gitCommit", "gitTreeState", "buildDate", "goVersion", "compiler"}
    assert known <= set(document)
    assert document["gitVersion"].startswith(f"v{document['major']}.{document['minor']}.")


def test_J26_metrics_are_text(wire: Wire) -> None:
    reply = wire("GET", "/metrics", accept="*/*")
    assert reply.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert b"kubernetes_build_info{" in reply.body


# Aggregated discovery


@pytest.mark.since("1.30")
def test_G1_aggregated_discovery(wire: Wire) -> None:
    group = define_widgets(wire)
    reply = wire("GET", "/apis", accept=f"{AGGREGATED},application/json")
    assert reply.headers["Content-Type"] == AGGREGATED
    assert (reply.headers["Vary"], reply.headers["Cache-Control"]) == ("Accept", "public")
    assert reply.json["apiVersion"] == "apidiscovery.k8s.io/v2"
    groups = {item["metadata"]["name"]: item for item in reply.json["items"]}
    assert [name for name in groups if name in BUILTIN] == BUILTIN
    deployments = groups["apps"]["versions"][0]["resources"][2]
    assert deployments["responseKind"] == {"group": "", "version": "", "kind": "Deployment"}
    assert deployments["subresources"][0]["responseKind"] == {"group": "autoscaling", "version": "v1", "kind": "Scale"}
    version = groups[group]["versions"][2]
    assert (version["version"], version["freshness"]) == ("v1", "Current")
    (widgets,) = version["resources"]
    assert widgets["responseKind"] == {"group": group, "version": "v1", "kind": "Widget"}
    assert (widgets["scope"], widgets["singularResource"]) == ("Namespaced", "widget")
    assert [item["subresource"] for item in widgets["subresources"]] == ["status", "scale"]


@pytest.mark.since("1.30")
def test_G9_aggregated_discovery_that_is_known_is_not_sent_again(wire: Wire) -> None:
    first = wire("GET", "/api", accept=AGGREGATED)
    again = wire("GET", "/api", accept=AGGREGATED, headers=(("If-None-Match", first.headers["ETag"]),))
    assert (again.status, again.body) == (304, b"")
