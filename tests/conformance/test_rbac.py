# SPDX-License-Identifier: Apache-2.0
"""What users may do by Roles and bindings: rbac/recorded-1.36.2.yaml has what a real 1.36.2 decides and says.

The decisions are the same on all servers, the 1.20 included, and so are the texts.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from waiting import eventually
from wire import Wire

from k8s_devkit import ApiServer, ControlPlane

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wire import Json, Reply

RECORDED: Json = yaml.safe_load((Path(__file__).parent / "rbac" / "recorded-1.36.2.yaml").read_bytes())
RBAC = "/apis/rbac.authorization.k8s.io/v1"
REVIEWS = "/apis/authorization.k8s.io/v1"
ALLOWED_TWICE = {
    "/healthz": ("system:discovery", "system:public-info-viewer"),
    "/version": ("system:public-info-viewer", "system:discovery"),
}
"""Two default roles allow these, and a real server looks at their bindings in any order: the recording has one of them
for each. By path: the role that may be named as well, and the recorded one."""


@pytest.fixture(scope="module")
def admin_wire(request: pytest.FixtureRequest) -> Iterator[Wire]:
    """The administrator of a server of its own in which Roles decide, with the roles and bindings of the recording."""
    real = request.config.getoption("--server") == "real"
    server: Any = ControlPlane(start_timeout=120) if real else ApiServer(rbac=True)
    with server, server.client() as client:
        wire = Wire(client, "a")
        for document in RECORDED["setup"]:
            wire.ok("POST", _collection(document), document)
        last = next(item for item in RECORDED["decisions"] if item["user"] == "ivan")
        eventually(lambda: _review(wire, last)["reason"] == last["reason"])  # a real server gets to know them later
        yield wire


def _collection(document: Json) -> str:
    kind, namespace = document["kind"], document["metadata"].get("namespace")
    if kind == "Namespace":
        return "/api/v1/namespaces"
    return f"{RBAC}/{f'namespaces/{namespace}/' if namespace else ''}{kind.lower()}s"


def _as(user: str, *groups: str) -> tuple[tuple[str, str], ...]:
    return (("Impersonate-User", user), *(("Impersonate-Group", group) for group in groups))


def _review(wire: Wire, asked: Json) -> Json:
    """The status of a SubjectAccessReview, with the reason that may be absent."""
    attributes = {
        field: asked[field]
        for field in ("verb", "group", "resource", "subresource", "namespace", "name")
        if field in asked
    }
    spec = {"user": asked["user"], "groups": asked.get("groups"), "resourceAttributes": attributes}
    status: Json = wire.ok("POST", f"{REVIEWS}/subjectaccessreviews", {"spec": spec})["status"]
    return {"reason": "", **status}


def _decided(item: Json) -> Json:
    return {"allowed": item["allowed"], "reason": item["reason"]}


def _named(item: Json) -> str:
    parts = ("user", "groups", "verb", "method", "resource", "subresource", "path", "namespace", "name")
    name = " ".join(str(item[part]) for part in parts if part in item)
    return f"{name} {item['body']['metadata']['name']}" if "body" in item else name


@pytest.mark.parametrize("item", RECORDED["decisions"], ids=_named)
def test_a_review_of_an_action_decides_and_gives_the_reason(item: Json, admin_wire: Wire) -> None:
    assert _review(admin_wire, item) == _decided(item)


@pytest.mark.parametrize("item", RECORDED["non_resource"], ids=_named)
def test_a_review_of_a_path_decides_and_gives_the_reason(item: Json, admin_wire: Wire) -> None:
    body = {"spec": {"nonResourceAttributes": {"path": item["path"], "verb": item["verb"]}}}
    answer = admin_wire.ok("POST", f"{REVIEWS}/selfsubjectaccessreviews", body, headers=_as(item["user"]))
    status = {"reason": "", **answer["status"]}
    if item["path"] in ALLOWED_TWICE:
        status["reason"] = status["reason"].replace(*ALLOWED_TWICE[item["path"]])
    assert status == _decided(item)


@pytest.mark.parametrize("item", RECORDED["refusals"], ids=_named)
def test_a_request_is_refused_with_the_text(item: Json, admin_wire: Wire) -> None:
    reply = admin_wire(item["method"], item["path"], item.get("body"), headers=_as(item["user"]))
    assert reply.status == item["status"], reply.body
    if reply.status >= 400:
        assert {"message": item["message"], "details": item["details"]} == _shown(reply)


def _shown(reply: Reply) -> Json:
    return {name: reply.json[name] for name in ("message", "details")}
