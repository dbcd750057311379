# SPDX-License-Identifier: Apache-2.0
"""How a call becomes a request: the functions between the caller and the transport, as architecture.md walks them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from k8s_core import Client
from k8s_devkit import ApiServer
from k8s_plugins_builtin.apps.v1 import Deployment
from k8s_plugins_builtin.core.v1 import ConfigMap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from k8s_core.requests import Request
    from k8s_core.transport import Response, Transport


class Watched:
    """A transport that notes who called it."""

    def __init__(self, inner: Transport) -> None:
        self.inner = inner
        self.callers: list[str] = []

    def send(self, request: Request) -> Response:
        frame, self.callers = sys._getframe(1), []
        while frame.f_back is not None and frame.f_globals["__name__"].startswith("k8s_core"):
            if frame.f_globals["__name__"] != "k8s_core.errors.calls":  # which puts words into a TypeError, no more
                self.callers.insert(0, f"{frame.f_globals['__name__']}.{frame.f_code.co_qualname}")
            frame = frame.f_back
        return self.inner.send(request)

    def close(self) -> None:
        self.inner.close()


@pytest.fixture(scope="module")
def server() -> Iterator[ApiServer]:
    with ApiServer() as server, server.client() as client:
        client.create(ConfigMap(metadata={"name": "a"}))
        yield server


def callers(server: ApiServer, call: Callable[[Client], Any]) -> list[str]:
    with server.client() as real:
        transport = Watched(real.transport)
        call(Client(server.config(), transport=transport))
        return transport.callers


def test_the_flow_of_get(server: ApiServer) -> None:
    assert callers(server, lambda client: ConfigMap.get("a", client=client)) == [
        "k8s_core.model.resource.Resource.get",
        "k8s_core.verbs.get",
        "k8s_core.client.client.Client.get",
        "k8s_core.client.reading.get",
        "k8s_core.client.session.Session.fetch",
        "k8s_core.client.session.Session.send_json",
    ]


@pytest.mark.parametrize(
    "call",
    [
        lambda client: Deployment.list(client=client),
        lambda client: Deployment.find("web", client=client),
        lambda client: Deployment.get_or_create("web", client=client),
        lambda client: ConfigMap(metadata={"name": "b"}).save(client=client),
        lambda client: ConfigMap.delete("b", client=client),
        lambda client: client.kind(ConfigMap).list(),
    ],
    ids=["list", "find", "get_or_create", "save", "delete", "a handle's list"],
)
def test_at_most_nine_functions_stand_between_a_verb_and_the_transport(
    server: ApiServer, call: Callable[[Client], Any]
) -> None:
    assert 1 < len(callers(server, call)) <= 9
