# SPDX-License-Identifier: Apache-2.0
"""A package brings subresources for the kind of its CRD: documents, a log and a stream."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from fake_site import FakeSite
from server_core import CRDS, CRONTABS, Api, crd, crontab, pod

from k8s_devkit import AdmissionDenied, AdmissionRequest
from k8s_devkit.api_server.access.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUDGETS = "/apis/policy/v1/namespaces/default/poddisruptionbudgets"
PODS = "/api/v1/namespaces/default/pods"
SERVER = """
    from k8s_core import hookimpl
    from k8s_devkit import CustomStrategy
    from k8s_devkit.strategy import Connect, Connection, LogRead, LogSubresource, Subresource
    from k8s_devkit.strategy.subresources import success


    class Trigger(Subresource):
        kind = "batch.example.org/v1 CronTabTrigger"
        accepted_versions = ("batch.example.org/v1beta1",)

        def serve(self, call, ctx):
            tab = ctx.get("batch.example.org", "crontabs", call.name, call.namespace)
            tab.update(apiVersion="batch.example.org/v1", kind="CronTab")
            tab["spec"]["image"] = call.body["image"]
            if not call.dry_run:
                ctx.update(tab)
            return success()


    class Summary(Subresource):
        verbs = ("get",)

        def serve(self, call, ctx):
            return {"kind": "CronTabSummary", "apiVersion": "batch.example.org/v1", "of": call.name}


    class Output(LogSubresource):
        def read(self, call, ctx):
            return LogRead("job", tail=call.query.integer("lines"))

        def containers(self, obj):
            return ["job"]


    class Console(Connect):
        kind = "batch.example.org/v1 ConsoleOptions"

        def options(self, call):
            return {"stdout": True, "colour": call.query.get("colour")}

        def connect(self, obj, options):
            return Connection("exec", "job", unreachable="the job does not run")


    class CronTabStrategy(CustomStrategy):
        subresources = {"trigger": Trigger(), "summary": Summary(), "output": Output(), "console": Console()}


    @hookimpl
    def k8s_serve_kinds(registrar):
        registrar.add_strategy("batch.example.org/v1", "CronTab", "crontab_server:CronTabStrategy")
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSite]:
    """An installed package with the server side of CronTab."""
    found = FakeSite(tmp_path)
    entry_points = {"k8s_core.servers": {"batch.example.org": "crontab_server"}}
    found.add("crontab-server", entry_points, {"crontab_server.py": SERVER})
    monkeypatch.syspath_prepend(str(tmp_path))
    yield found
    for name in found.imported():
        del sys.modules[name]


@pytest.fixture
def served(site: FakeSite) -> Api:
    api = Api()
    api.ok("POST", CRDS, crd(subresources={"status": {}}))
    api.ok("POST", CRONTABS, crontab("a", image="one"))
    return api


def test_discovery_shows_their_verbs_and_kinds(served: Api) -> None:
    found = served.ok("GET", "/apis/batch.example.org/v1")["resources"]
    assert {item["name"]: (item["kind"], item["verbs"]) for item in found if "/" in item["name"]} == {
        "crontabs/status": ("CronTab", ["get", "patch", "update"]),
        "crontabs/trigger": ("CronTabTrigger", ["create"]),
        "crontabs/summary": ("CronTab", ["get"]),
        "crontabs/output": ("CronTab", ["get"]),
        "crontabs/console": ("ConsoleOptions", ["create", "get"]),
    }


def test_a_create_gets_the_decoded_body_and_may_write(served: Api) -> None:
    body = {"apiVersion": "batch.example.org/v1", "kind": "CronTabTrigger", "image": "two"}
    reply = served("POST", f"{CRONTABS}/a/trigger?dryRun=All", body)
    assert (reply.status, reply.json["code"], reply.json["status"]) == (201, 201, "Success")
    assert served.ok("GET", f"{CRONTABS}/a")["spec"]["image"] == "one"
    served.ok("POST", f"{CRONTABS}/a/trigger", {**body, "apiVersion": "batch.example.org/v1beta1"})
    assert served.ok("GET", f"{CRONTABS}/a")["spec"]["image"] == "two"


def test_a_body_of_another_kind_is_refused(served: Api) -> None:
    status = served.fails(400, "POST", f"{CRONTABS}/a/trigger", crontab("a"))
    assert 'no kind "CronTab" is registered for version "batch.example.org/v1"' in status["message"]


def test_other_verbs_and_names_are_refused(served: Api) -> None:
    assert served.fails(405, "PUT", f"{CRONTABS}/a/trigger", crontab("a"))["reason"] == "MethodNotAllowed"
    assert served.ok("GET", f"{CRONTABS}/a/summary")["of"] == "a"
    served.fails(404, "GET", f"{CRONTABS}/a/nothing")


def test_a_log_of_another_kind_than_pods(served: Api) -> None:
    for key in served.core.logs.keys("default", "a"):
        served.core.logs.write(key, b"one\ntwo\n", "Stdout")
    assert served("GET", f"{CRONTABS}/a/output?lines=1").body == b"two\n"


def test_only_documents_are_negotiated(served: Api) -> None:
    assert served("GET", f"{CRONTABS}/a/output", accept="text/plain").status == 200
    served.fails(406, "GET", f"{CRONTABS}/a/summary", accept="text/plain")


def test_admission_sees_the_options_of_a_stream(served: Api) -> None:
    def no_colours(request: AdmissionRequest) -> None:
        assert (request.operation, request.kind.kind, request.subresource) == ("CONNECT", "ConsoleOptions", "console")
        assert request.object is not None
        if request.object["colour"]:
            raise AdmissionDenied("colours are not allowed")

    served.core.admission.hooks.append(no_colours)
    assert "colours are not allowed" in served.fails(403, "GET", f"{CRONTABS}/a/console?colour=red")["message"]
    assert served.fails(400, "GET", f"{CRONTABS}/a/console")["message"] == "the job does not run"


def test_what_the_server_writes_itself_is_not_authorized_again(api: Api) -> None:
    api.ok("POST", PODS, pod("a", node="n", labels={"app": "x"}))
    api.ok("POST", BUDGETS, {"metadata": {"name": "b"}, "spec": {"selector": {"matchLabels": {"app": "x"}}}})
    status = {"status": {"observedGeneration": 1, "disruptionsAllowed": 1}}
    api.ok("PATCH", f"{BUDGETS}/b/status", status, content_type="application/merge-patch+json")
    api.core.authorization.rules.append(Rule(False))
    api.core.authorization.rules.append(Rule(True, verb="create", resource="pods/eviction"))
    api.ok("POST", f"{PODS}/a/eviction", {"metadata": {"name": "a"}})
    api.core.authorization.rules.clear()
    assert api.ok("GET", f"{BUDGETS}/b")["status"]["disruptionsAllowed"] == 0
    assert api.ok("GET", f"{PODS}/a")["metadata"]["deletionTimestamp"]
