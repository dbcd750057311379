# SPDX-License-Identifier: Apache-2.0
"""The example packages keep every promise, are in step with their CRDs, and are used as any kind is."""

from __future__ import annotations

import datetime
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from k8s_core import Client, Informer, Registry, Watcher
from k8s_core.cli import main
from k8s_core.errors import Invalid, ValidationError
from k8s_core.meta import ObjectMeta
from k8s_core.model.codec import decode_json, encode_json, load_resource
from k8s_core.model.crd_manifest import stored_first
from k8s_core.plugins import Plugins
from k8s_core.registry import classes_of_package
from k8s_crd_certmanager.acme.v1 import Challenge, Order
from k8s_crd_certmanager.v1 import (
    Certificate,
    CertificateIssuerRef,
    CertificateSpec,
    ClusterIssuer,
    Issuer,
)
from k8s_crd_crontab.v1 import CronTab
from k8s_crd_fiaas_application.v1 import Application
from k8s_crd_gateway_api import v1, v1beta1
from k8s_devkit import ApiServer, check_plugin

if TYPE_CHECKING:
    from k8s_core.model import Resource

EXAMPLES = Path(__file__).parents[2] / "plugins_examples"
PACKAGES = {
    "k8s-crd-crontab": "crd_crontab",
    "k8s-crd-fiaas-application": "crd_fiaas_application",
    "k8s-crd-certmanager": "crd_certmanager",
    "k8s-crd-gateway-api": "crd_gateway_api",
}


@pytest.mark.parametrize("distribution", PACKAGES)
def test_check_plugin_finds_nothing(distribution: str) -> None:
    report = check_plugin(distribution, examples=20)
    assert report.ok, report.text()
    assert not report.warnings, report.text()
    skipped = {finding.check for finding in report.findings if finding.state == "skipped"}
    assert skipped <= {"wheel contents", "server side"}


@pytest.mark.parametrize("distribution", ["k8s-crd-certmanager", "k8s-crd-gateway-api"])
def test_the_package_is_what_the_command_makes_of_its_input(
    distribution: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = EXAMPLES / PACKAGES[distribution]
    with pytest.raises(SystemExit) as caught:
        main(["plugin", "new", distribution, "-C", str(folder), "--from", str(folder / "input"), "--check"])
    assert caught.value.code == 0, capsys.readouterr().out


def establish(client: Client, *classes: type[Resource]) -> None:
    """Create CRDs and wait until their kinds are served."""
    for versions in stored_first(classes):
        created: Any = client.create(versions[0].crd(*versions[1:]))
        start = created.metadata.resourceVersion
        for event in client.watch(type(created), resource_version=start):
            conditions = event.object.to_dict()["status"].get("conditions") or ()
            if any(each["type"] == "Established" and each["status"] == "True" for each in conditions):
                break


def test_a_custom_kind_works_with_client_watcher_and_informer() -> None:
    with (
        ApiServer(registry=Registry(Plugins(block=["k8s-crd-certmanager"]))) as server,
        Client(server.config()) as client,
    ):
        establish(client, Certificate)
        spec = CertificateSpec(secretName="tls", issuerRef=CertificateIssuerRef(name="ca"), dnsNames=["a.example.com"])
        created = client.create(Certificate(metadata=ObjectMeta(name="one", namespace="default"), spec=spec))
        assert type(created) is Certificate
        assert client.resource("cert.cert-manager.io") is Certificate

        seen: list[tuple[str, str]] = []
        started = threading.Event()
        watcher = Watcher(Certificate, client=client)

        def watch() -> None:
            for event in watcher.watch(namespace="default"):
                seen.append((event.type, event.object.spec.dnsNames[0]))
                started.set()
                if event.type == "DELETED":
                    break

        thread = threading.Thread(target=watch)
        thread.start()
        assert started.wait(30)
        with Informer(Certificate, client=client, namespace="default") as certificates:
            assert [item.metadata.name for item in certificates.list()] == ["one"]
            created.status.conditions.append({"type": "Ready", "status": "True", "reason": "Issued", "message": ""})
            ready = client.replace(created, subresource="status")
            assert ready.is_ready()
            client.delete(Certificate, "one", namespace="default")
            thread.join(30)
        assert not thread.is_alive()
        assert seen[0] == ("ADDED", "a.example.com")
        assert seen[-1][0] == "DELETED"


def test_invalid_objects_are_refused_with_their_paths() -> None:
    with (
        ApiServer(registry=Registry(Plugins(block=["k8s-crd-gateway-api"]))) as server,
        Client(server.config()) as client,
    ):
        establish(client, v1.Gateway)
        bad = {
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "Gateway",
            "metadata": {"name": "bad", "namespace": "default"},
            "spec": {"gatewayClassName": "", "listeners": [{"name": "web", "port": 0, "protocol": "HTTP"}]},
        }
        with pytest.raises(Invalid) as caught:
            client.create(bad)
        assert {cause["field"] for cause in caught.value.causes} == {"spec.gatewayClassName", "spec.listeners[0].port"}


CRON_TAB = ("stable.example.com/v1", "CronTab", {"cronSpec": "* * * * *", "image": "a"})
CERTIFICATE = ("cert-manager.io/v1", "Certificate", {"secretName": "tls", "issuerRef": {"name": "ca"}})


@pytest.mark.parametrize(
    ("kind", "spec", "field"),
    [
        (CRON_TAB, {"cronSpec": 5, "image": "a"}, "spec.cronSpec"),
        (CRON_TAB, {"cronSpec": "hourly", "image": "a"}, "spec.cronSpec"),
        (CRON_TAB, {"image": "a"}, "spec.cronSpec"),
        (CRON_TAB, "text", "spec"),
        (CRON_TAB, None, "spec"),
        (CERTIFICATE, {"secretName": 5, "issuerRef": {"name": "ca"}}, "spec.secretName"),
        (CERTIFICATE, {"issuerRef": {"name": "ca"}}, "spec.secretName"),
        (CERTIFICATE, "text", "spec"),
    ],
)
def test_strategies_of_packages_survive_objects_that_do_not_fit_the_schema(
    kind: tuple[str, str, dict[str, Any]], spec: object, field: str
) -> None:
    api_version, name, good = kind
    with ApiServer() as server, server.client() as client:
        server.simulate()
        metadata = {"name": "one", "namespace": "default"}
        document = {"apiVersion": api_version, "kind": name, "metadata": metadata}
        with pytest.raises(Invalid) as caught:
            client.create({**document, "spec": spec})
        assert [cause["field"] for cause in caught.value.causes] == [field]
        server.settle()
        client.create({**document, "spec": good})
        server.settle()
        current = client.get(client.registry.get(api_version, name), "one", namespace="default").to_dict()
        with pytest.raises(Invalid) as caught:
            client.replace({**current, "spec": spec})
        assert [cause["field"] for cause in caught.value.causes] == [field]


def test_certificates_are_ready_by_their_conditions() -> None:
    def certificate(**condition: Any) -> Certificate:
        return Certificate.from_dict(
            {"metadata": {"generation": 2}, "status": {"conditions": [{"type": "Ready", **condition}]}}
        )

    assert certificate(status="True").is_ready()
    assert certificate(status="True", observedGeneration=2).is_ready()
    assert not certificate(status="True", observedGeneration=1).is_ready()
    assert not certificate(status="False").is_ready()
    assert not Certificate.from_dict({}).is_ready()
    now = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    issued = Certificate.from_dict({"status": {"notAfter": "2026-01-31T00:00:00Z"}})
    assert issued.expires_in(now) == datetime.timedelta(days=30)
    assert Certificate.from_dict({}).expires_in(now) is None


def test_issuers_orders_and_challenges() -> None:
    status = {"conditions": [{"type": "Ready", "status": "True"}]}
    assert Issuer.from_dict({"status": status}).is_ready()
    assert ClusterIssuer.from_dict({"status": status}).is_ready()
    assert Order.from_dict({"status": {"state": "errored"}}).is_finished()
    assert not Order.from_dict({"status": {"state": "pending"}}).is_finished()
    challenge = Challenge.from_dict({"spec": {"token": "abc"}, "status": {"state": "valid"}})
    assert challenge.is_ready()
    assert "abc" not in repr(challenge)


def test_gateways_and_routes_are_ready_by_their_conditions() -> None:
    gateway = v1.Gateway.from_dict(
        {"status": {"conditions": [{"type": "Programmed", "status": "True"}], "addresses": [{"value": "10.0.0.1"}]}}
    )
    assert gateway.is_ready()
    assert gateway.addresses() == ["10.0.0.1"]
    accepted = {"conditions": [{"type": "Accepted", "status": "True"}, {"type": "ResolvedRefs", "status": "True"}]}
    refused = {"conditions": [{"type": "Accepted", "status": "False"}]}
    assert v1.HTTPRoute.from_dict({"status": {"parents": [accepted]}}).is_ready()
    assert not v1.GRPCRoute.from_dict({"status": {"parents": [accepted, refused]}}).is_ready()
    assert not v1.HTTPRoute.from_dict({}).is_ready()


def test_reference_grants_convert_without_a_loss() -> None:
    wire = {"metadata": {"name": "a"}, "spec": {"from": [{"group": "g", "kind": "K", "namespace": "n", "new": 1}]}}
    old = v1beta1.ReferenceGrant.from_dict(wire)
    new = old.to("v1")
    assert type(new) is v1.ReferenceGrant
    assert new.to_dict() == {**old.to_dict(), "apiVersion": "gateway.networking.k8s.io/v1"}
    assert new.to("v1beta1") == old


def test_an_application_is_checked_by_the_schema_that_its_class_makes() -> None:
    (cls,) = classes_of_package("k8s-crd-fiaas-application")
    assert cls is Application
    bare = Application.from_dict({"spec": {"application": "shop"}})
    assert set(bare.validate()) == {"spec.image", "spec.config"}


SCHEDULES = ["* * * * */5", "*/15 0,12 1-15 jan-MAR mon-fri", "0 0 * * 7", "5-55/10 23 31 12 0"]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_crontab_takes_a_schedule(schedule: str) -> None:
    document = {"spec": {"cronSpec": schedule, "image": "x"}}
    assert CronTab.from_dict(document, strict=True).spec.cronSpec == schedule


NO_SCHEDULES = {
    "* * * *": "'* * * *' is not a schedule: minute, hour, day, month and weekday",
    "60 * * * *": "'60' does not fit the minute: use numbers from 0 to 59, '-', ',', '/', '*'",
    "* 5-3 * * *": "'5-3' does not fit the hour: use numbers from 0 to 23, '-', ',', '/', '*'",
    "* * 0 * *": "'0' does not fit the day: use numbers from 1 to 31, '-', ',', '/', '*'",
    "* * * mon *": "'mon' does not fit the month: use numbers from 1 to 12, '-', ',', '/', '*'",
    "* * * * */0": "'*/0' does not fit the weekday: use numbers from 0 to 7, '-', ',', '/', '*'",
}


@pytest.mark.parametrize("schedule", NO_SCHEDULES)
def test_a_crontab_says_what_is_wrong_with_a_schedule_and_is_read_all_the_same(schedule: str) -> None:
    document = {"spec": {"cronSpec": schedule, "image": "x"}}
    findings = {"spec.cronSpec": [NO_SCHEDULES[schedule]]}
    with pytest.raises(ValidationError) as caught:
        CronTab.from_dict(document, strict=True)
    assert caught.value.messages == findings
    stored = load_resource(CronTab, encode_json(document))
    assert (stored.spec.cronSpec, stored.validate()) == (schedule, findings)
    assert decode_json(encode_json(stored))["spec"] == document["spec"]
