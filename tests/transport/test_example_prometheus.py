# SPDX-License-Identifier: Apache-2.0
"""The example package ``observe_prometheus``, end to end: installed, found, and right in what it counts."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client import CollectorRegistry
from scripted_server import ScriptedServer, reply, reset
from transport_help import FakeTime, RotatingToken, get, post

from k8s_core import Client, hookimpl
from k8s_core.errors import NotFound, ResponseTruncated, TransportError
from k8s_core.meta import ObjectMeta
from k8s_core.plugins import Plugins
from k8s_core.transport import WatchObservation
from k8s_devkit import ApiServer
from k8s_observe_prometheus import PrometheusObserver, default_observer
from k8s_plugins_builtin.core.v1 import ConfigMap

if TYPE_CHECKING:
    from conftest import MakeTransport


class Metrics:
    """A registry of its own, read by name and labels."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.observer = PrometheusObserver(self.registry)

    def __call__(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(f"k8s_client_{name}", labels)


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


def test_requests_by_outcome_and_latency(connect: MakeTransport, metrics: Metrics, fake_time: FakeTime) -> None:
    with ScriptedServer(reply(200, b"{}"), reply(404, b""), reset()) as server:
        transport = connect(server, observers=[metrics.observer], **fake_time.hooks)
        pods = ConfigMap.api_resource
        transport.send(get(resource=pods))
        transport.send(get(resource=pods, subresource="status"))
        with pytest.raises(TransportError):
            transport.send(post(resource=pods))
    assert metrics("requests_total", verb="get", resource="configmaps", code="200") == 1
    assert metrics("requests_total", verb="get", resource="configmaps/status", code="404") == 1
    assert metrics("requests_total", verb="create", resource="configmaps", code="OutcomeUnknown") == 1
    assert metrics("request_duration_seconds_count", verb="get") == 2


def test_retries_throttling_and_refreshes(connect: MakeTransport, metrics: Metrics, fake_time: FakeTime) -> None:
    scripts = [reply(429, b"", {"Retry-After": "2"}), reset(), reply(401, b""), reply(200, b"{}")]
    with ScriptedServer(*scripts) as server:
        transport = connect(
            server,
            observers=[metrics.observer],
            credentials=RotatingToken("old", "new"),
            qps=0.5,
            burst=1,
            timeout=60,
            **fake_time.hooks,
        )
        assert transport.send(get()).status == 200
    assert metrics("retries_total", verb="get", reason="429") == 1
    assert metrics("retries_total", verb="get", reason="connection") == 1
    assert metrics("throttled_seconds_total", verb="get") == pytest.approx(1)
    assert metrics("token_refreshes_total", result="succeeded") == 1
    assert metrics("requests_total", verb="get", resource="", code="200") == 1


def test_watches_and_relists_of_a_client(metrics: Metrics) -> None:
    class Plugin:
        @hookimpl
        def k8s_observe(self) -> PrometheusObserver:
            return metrics.observer

    plugins = Plugins()
    plugins.register(Plugin())
    with ApiServer() as server, Client(server.config(), plugins=plugins) as client:
        client.create(ConfigMap(metadata=ObjectMeta(name="a")))
        events = client.watch(ConfigMap)
        assert next(events).object.metadata.name == "a"
        client.create(ConfigMap(metadata=ObjectMeta(name="b")))
        assert next(events).object.metadata.name == "b"
        events.close()  # type: ignore[attr-defined]  # it is a generator
    assert metrics("watch_starts_total", resource="configmaps") == 1
    assert metrics("watch_events_total", resource="configmaps") >= 1
    assert metrics("relists_total", resource="configmaps", reason="initial") == 1


def test_watches_that_break_are_counted_by_error(metrics: Metrics) -> None:
    ended = {"resource": None, "namespace": None, "events": 4}
    for phase, error in (("started", None), ("failed", ResponseTruncated("x")), ("started", None), ("ended", None)):
        metrics.observer.watch(WatchObservation(phase=phase, error=error, **ended))  # type: ignore[arg-type]  # literals
    assert metrics("watch_failures_total", resource="", error="ResponseTruncated") == 1
    assert metrics("watch_events_total", resource="") == 8


def test_it_is_found_and_observes_a_client() -> None:
    registry_value = default_observer().requests.labels("get", "configmaps", "404")._value
    before = registry_value.get()
    with ApiServer() as server, Client(server.config(), plugins=Plugins()) as client:
        client.create(ConfigMap(metadata=ObjectMeta(name="a")))
        with pytest.raises(NotFound):
            client.get(ConfigMap, "missing")
        assert registry_value.get() == before + 1


def test_a_program_without_prometheus_client_does_not_load_it() -> None:
    code = """if True:
        import sys
        from k8s_core import Client, Config
        client = Client(Config(server="http://127.0.0.1:1"))
        assert "k8s_observe_prometheus" in sys.modules
        print("prometheus_client" in sys.modules, client.observers)
        client.close()
    """
    done: Any = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False Observers([])"
