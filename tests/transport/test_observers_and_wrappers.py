# SPDX-License-Identifier: Apache-2.0
"""The seam for plugins: wrappers nest outside everything, observers hear of everything and can't break anything."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from scripted_server import ScriptedServer, hold, reply, reset
from transport_help import FakeTime, RotatingToken, get, post, watch

from k8s_core.errors import ConnectionFailed, KubernetesError, PluginError, RequestError
from k8s_core.transport import Observer, Observers, RequestObservation
from k8s_core.transport.retry import RetryLayer

if TYPE_CHECKING:
    from conftest import MakeTransport
    from k8s_core.requests import Request
    from k8s_core.transport import Response, Transport


class Recorder(Observer):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def request(self, event: RequestObservation) -> None:
        self.events.append(event)

    def retry(self, event: Any) -> None:
        self.events.append(event)

    def watch(self, event: Any) -> None:
        self.events.append(event)

    def token_refresh(self, event: Any) -> None:
        self.events.append(event)

    @property
    def kinds(self) -> list[str]:
        return [type(event).__name__.removesuffix("Observation") for event in self.events]


class Wrapper:
    """Notes that it was passed; adds a header."""

    def __init__(self, name: str, log: list[str], inner: Transport) -> None:
        self.name, self.log, self.inner = name, log, inner

    def send(self, request: Request) -> Response:
        self.log.append(self.name)
        headers = (*request.headers, (f"X-{self.name}", str(len(self.log))))
        return self.inner.send(dataclasses.replace(request, headers=headers))

    def close(self) -> None:
        self.log.append(f"close {self.name}")
        self.inner.close()


def test_the_first_wrapper_is_outermost_and_sees_each_request_once(connect: MakeTransport, fake_time: FakeTime) -> None:
    log: list[str] = []
    recorder = Recorder()
    wrappers = [lambda inner: Wrapper("A", log, inner), lambda inner: Wrapper("B", log, inner)]
    with ScriptedServer(reply(503, b"", {"Retry-After": "1"}), reply(401, b""), reply(200, b"ok")) as server:
        credentials = RotatingToken("old", "new")
        transport = connect(server, wrappers=wrappers, observers=[recorder], credentials=credentials, **fake_time.hooks)
        assert transport.send(get()).read() == b"ok"
        assert log == ["A", "B"]
        assert len(server.requests) == 3
        assert [(r.header("X-A"), r.header("X-B")) for r in server.requests] == [("1", "2")] * 3
        assert recorder.kinds == ["Retry", "TokenRefresh", "Request"]
        transport.close()
        assert log[2:] == ["close A", "close B"]


def test_what_a_wrapper_refuses_is_neither_sent_nor_observed(connect: MakeTransport) -> None:
    class Refuses:
        def __init__(self, inner: Transport) -> None:
            self.inner = inner

        def send(self, request: Request) -> Response:
            raise RequestError("not allowed here")

        def close(self) -> None:
            self.inner.close()

    recorder = Recorder()
    with ScriptedServer() as server:
        with pytest.raises(RequestError, match="not allowed here"):
            connect(server, wrappers=[Refuses], observers=[recorder]).send(post())
        assert (server.connections, recorder.events) == (0, [])


@pytest.mark.parametrize("answer", [None, object(), "transport"])
def test_a_wrapper_that_returns_no_transport_is_an_error(connect: MakeTransport, answer: Any) -> None:
    with pytest.raises(PluginError, match=r"must return an object with send\(request\) and close\(\)"):
        connect("http://127.0.0.1:1", wrappers=[lambda inner: answer])


def test_requests_are_observed_with_status_or_error(connect: MakeTransport, fake_time: FakeTime) -> None:
    recorder = Recorder()
    with ScriptedServer(reply(404, b""), [reply(200, b"event")], reset()) as server:
        transport = connect(server, observers=[recorder], **fake_time.hooks)
        transport.send(get())
        transport.send(watch()).close()
        with pytest.raises(KubernetesError) as error:
            transport.send(post())
    first, second, third = recorder.events
    assert (first.status, first.error, first.request.path) == (404, None, "/api/v1/pods")
    assert (second.status, second.request.verb) == (200, "watch")
    assert (third.status, third.error) == (None, error.value)


def test_retries_and_their_waits_are_observed(connect: MakeTransport, fake_time: FakeTime) -> None:
    recorder = Recorder()
    with ScriptedServer(reset(), reply(429, b"", {"Retry-After": "7"}), reply(200, b"")) as server:
        connect(server, observers=[recorder], **fake_time.hooks).send(get())
    lost, busy, done = recorder.events
    assert (lost.attempt, lost.wait) == (1, 1)
    assert (busy.attempt, busy.wait, busy.reason) == (2, 7, "429 Too Many Requests (Retry-After: 7)")
    assert done.seconds == 8


def test_token_refreshes_are_observed_also_when_they_fail(connect: MakeTransport) -> None:
    class Fails(RotatingToken):
        def refresh(self, rejected: Any) -> bool:
            raise OSError("the login server is down")

    recorder = Recorder()
    with ScriptedServer(default=reply(401, b"")) as server:
        transport = connect(server, observers=[recorder], credentials=Fails("x"))
        with pytest.raises(KubernetesError, match="Fails failed: OSError"):
            transport.send(get())
    refresh, request = recorder.events
    assert (refresh.succeeded, refresh.error) == (False, request.error)


def test_an_observer_that_fails_disturbs_nobody(connect: MakeTransport, caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def request(self, event: Any) -> None:
            raise RuntimeError("full")

    recorder = Recorder()
    with ScriptedServer() as server:
        assert connect(server, observers=[Broken(), recorder]).send(get()).status == 200
    assert recorder.kinds == ["Request"]
    assert "Broken" in caplog.text


def test_observers_may_have_any_subset_of_the_methods() -> None:
    recorder = Recorder()
    observers = Observers([object(), recorder, Observers([recorder])])
    event = RequestObservation(request=get(), status=200, seconds=0.1)
    observers.request(event)
    observers.relist(event)  # type: ignore[arg-type]  # nobody listens
    assert recorder.events == [event, event]
    assert observers
    assert not Observers()
    assert "path" not in repr(event)


def test_silence_of_observers_costs_no_layer(connect: MakeTransport) -> None:
    assert isinstance(connect("http://127.0.0.1:1"), RetryLayer)


def test_closing_twice_and_sending_afterwards(connect: MakeTransport) -> None:
    with ScriptedServer([reply(200, b"x"), hold()]) as server:
        transport = connect(server)
        transport.send(get())
        transport.close()
        transport.close()
        with pytest.raises(ConnectionFailed):
            transport.send(get())
        server.wait_for_open_connections(0)


def test_importing_the_package_loads_neither_urllib3_nor_ssl() -> None:
    code = (
        "import sys, k8s_core.transport as t; t.Observers; "
        "print([m for m in ('urllib3', 'ssl', 'http.client', 'marshmallow', 'pluggy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
