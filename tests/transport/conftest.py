# SPDX-License-Identifier: Apache-2.0
"""Transports that are closed after the test, a clock that only moves when somebody sleeps, and certificates."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from transport_help import FakeTime

from k8s_core.configuration import Config
from k8s_core.transport import Transport, make_transport

if TYPE_CHECKING:
    from scripted_server import ScriptedServer

MakeTransport = Callable[..., Transport]


@pytest.fixture
def fake_time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def connect() -> Iterator[MakeTransport]:
    """``connect(server, timeout=5, …)`` gives a transport; keywords that ``make_transport`` lacks go to Config."""
    made: list[Transport] = []
    plain = ("wrappers", "credentials", "observers", "clock", "sleep", "environ")

    def make(server: ScriptedServer | str, **options: Any) -> Transport:
        url = server if isinstance(server, str) else server.url
        keywords = {name: options.pop(name) for name in plain if name in options}
        transport = make_transport(Config(server=url, **options), **{"environ": {}, **keywords})
        made.append(transport)
        return transport

    yield make
    for transport in made:
        transport.close()


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def authority_pem(authority: trustme.CA) -> bytes:
    return authority.cert_pem.bytes()


@pytest.fixture
def server_context(authority: trustme.CA) -> Callable[..., ssl.SSLContext]:
    """``server_context("127.0.0.1", …)`` gives a server's TLS context with a certificate for these names."""

    def make(*names: str, client_authority: trustme.CA | None = None) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*(names or ("127.0.0.1",))).configure_cert(context)
        if client_authority is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            client_authority.configure_trust(context)
        return context

    return make
