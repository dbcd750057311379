# SPDX-License-Identifier: Apache-2.0
"""What debug logs show of bodies: what the classes of the client's registry declare as secret stays out (I1, I2)."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from scripted_server import ScriptedServer, reply, status_body

from k8s_core import Client, Config, Registry
from k8s_core.errors import Forbidden
from k8s_core.kinds import APIResource
from k8s_core.meta import generic_resource
from k8s_core.model import ABSENT, Model, Resource, field
from k8s_core.patches import JsonPatch, MergePatch
from k8s_core.plugins import Plugins

SECRET = "aHVudGVyMg=="
STORED = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "uid": "u"}, "data": {"key": SECRET}}
ISSUED = {
    "apiVersion": "authentication.k8s.io/v1",
    "kind": "TokenRequest",
    "spec": {"audiences": ["vault"]},
    "status": {"token": SECRET, "expirationTimestamp": "2026-01-01T00:00:00Z"},
}
Secret = generic_resource(APIResource("", "v1", "Secret", "secrets"))
ServiceAccount = generic_resource(
    APIResource(
        "", "v1", "ServiceAccount", "serviceaccounts", subresources={"token": "authentication.k8s.io/v1 TokenRequest"}
    )
)


class Login(Model):
    user: str | None = None
    password: str | None = field(default=None, sensitive=True)


class Vault(Resource, group="example.com", version="v1", plural="vaults", sensitive=("data",)):
    data: dict[str, str] = ABSENT
    logins: list[Login] = ABSENT


class Broken(Resource, group="example.com", version="v1", plural="brokens"):
    spec: Nowhere = ABSENT  # type: ignore[name-defined]  # noqa: F821  # wrong on purpose


@pytest.fixture(params=["with the classes", "without"])
def registry(request: pytest.FixtureRequest) -> Registry:
    return Registry(Plugins(block=[] if request.param == "with the classes" else ["k8s-plugins-builtin"]))


def client_of(server: ScriptedServer, registry: Registry) -> Client:
    return Client(Config(server=server.url, debug=True), registry=registry)


def answering(document: dict[str, Any], status: int = 200) -> ScriptedServer:
    return ScriptedServer(default=reply(status, json.dumps(document).encode()))


def bodies(caplog: pytest.LogCaptureFixture) -> list[Any]:
    """The JSON bodies in the log, requests and answers in order."""
    found = (re.search(r"[\[{].*", record.getMessage()) for record in caplog.records if record.name == "k8s_core.http")
    return [json.loads(match[0]) for match in found if match]


def test_a_secret_is_in_no_debug_log(registry: Registry, caplog: pytest.LogCaptureFixture) -> None:
    with answering(STORED) as server, client_of(server, registry) as client:
        client.create(Secret.from_dict({**STORED, "metadata": {"name": "s"}}))
        client.replace(Secret.from_dict(STORED))
        client.get(Secret, "s")
        client.patch(Secret, "s", MergePatch({"stringData": {"key": SECRET}}))
        client.patch(Secret, "s", JsonPatch([{"op": "add", "path": "/data/key", "value": SECRET}]))
        client.apply(Secret(metadata={"name": "s"}, data={"key": SECRET}), field_manager="me")
    listed = {"apiVersion": "v1", "kind": "SecretList", "metadata": {"resourceVersion": "7"}, "items": [STORED]}
    with answering(listed) as server, client_of(server, registry) as client:
        client.list(Secret)
    assert SECRET not in caplog.text
    assert [{"op": "add", "path": "/data/key", "value": "***"}] in bodies(caplog)
    assert {"stringData": {"key": "***"}} in bodies(caplog)
    stored = bodies(caplog)[1]
    assert (stored["metadata"]["name"], stored["metadata"]["uid"], stored["data"]) == ("s", "u", {"key": "***"})


def test_a_token_is_in_no_debug_log(registry: Registry, caplog: pytest.LogCaptureFixture) -> None:
    body = {key: value for key, value in ISSUED.items() if key != "status"}
    with answering(ISSUED, 201) as server, client_of(server, registry) as client:
        issued = client.create_subresource(ServiceAccount, "robot", subresource="token", body=body)
    assert issued.status.token == SECRET
    assert SECRET not in caplog.text
    assert SECRET not in repr(issued)
    assert [body["kind"] for body in bodies(caplog)] == ["TokenRequest", "TokenRequest"]


def test_what_no_class_declares_as_secret_is_shown(caplog: pytest.LogCaptureFixture) -> None:
    settings = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"colour": "blue"}}
    config_map = generic_resource(APIResource("", "v1", "ConfigMap", "configmaps"))
    for registry, shown in ((Registry(), "blue"), (Registry(Plugins(block=["k8s-plugins-builtin"])), "***")):
        with answering(settings) as server, client_of(server, registry) as client:
            client.get(config_map, "c")
        assert bodies(caplog)[-1]["data"] == {"colour": shown}


def test_classes_that_the_program_registers_count(caplog: pytest.LogCaptureFixture) -> None:
    registry = Registry()
    registry.register(Vault)
    document = {"metadata": {"name": "v"}, "data": {"k": SECRET}, "logins": [{"user": "me", "password": SECRET}]}
    stored = {"apiVersion": "example.com/v1", "kind": "Vault", **document}
    with answering(stored) as server, client_of(server, registry) as client:
        client.get(Vault, "v")
    assert bodies(caplog)[-1]["data"] == {"k": "***"}
    assert bodies(caplog)[-1]["logins"] == [{"user": "me", "password": "***"}]


def test_a_class_that_can_not_be_read_shows_nothing_and_stops_no_request(caplog: pytest.LogCaptureFixture) -> None:
    registry = Registry()
    registry.register(Broken)
    stored = {"apiVersion": "example.com/v1", "kind": "Broken", "metadata": {"name": "b"}, "spec": {"key": SECRET}}
    with answering(stored) as server, client_of(server, registry) as client:
        client.get(Broken, "b")
    assert bodies(caplog)[-1]["spec"] == {"key": "***"}


def test_the_reason_of_a_failure_is_shown(registry: Registry, caplog: pytest.LogCaptureFixture) -> None:
    refused = reply(403, status_body(403, "Forbidden", "secrets is forbidden: no"))
    with ScriptedServer(refused) as server, client_of(server, registry) as client, pytest.raises(Forbidden):
        client.get(Secret, "s")
    assert bodies(caplog)[-1]["message"] == "secrets is forbidden: no"
