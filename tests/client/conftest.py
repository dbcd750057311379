# SPDX-License-Identifier: Apache-2.0
"""Clients that are closed after the test: of scripted servers, and of an embedded API server with a fresh namespace."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from scripted_server import ScriptedServer

from k8s_core.client import Client
from k8s_core.configuration import Config
from k8s_devkit import ApiServer

Connect = Callable[..., Client]

_numbers = itertools.count(1)


@pytest.fixture
def connect() -> Iterator[Connect]:
    """``connect(server, namespace="n")`` gives a client of a scripted server."""
    made: list[Client] = []

    def make(server: ScriptedServer | str, **options: Any) -> Client:
        url = server if isinstance(server, str) else server.url
        client = Client(Config(server=url, trust_env=False, **options))
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture(scope="module")
def api() -> Iterator[ApiServer]:
    """An embedded API server for all the tests of a module."""
    with ApiServer() as server:
        yield server


@pytest.fixture
def client(api: ApiServer) -> Iterator[Client]:
    """A client of the embedded server whose namespace no other test uses."""
    with api.client() as admin:
        name = f"test-{next(_numbers)}"
        admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        with Client(api.config().replace(namespace=name)) as client:
            yield client
