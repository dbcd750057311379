# SPDX-License-Identifier: Apache-2.0
"""Protocol B25, I1-I3: credentials are in no log, exception, repr, event or pickle, and reach no other origin."""

from __future__ import annotations

import base64
import gc
import logging
import pickle
import traceback
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from scripted_proxy import connect_tunnel
from scripted_server import ScriptedServer, chunk, close, head, raw, reply, reset, status_body, truncated
from transport_help import FakeTime, RotatingToken, get, post, watch

from k8s_core.configuration import Config
from k8s_core.errors import KubernetesError
from k8s_core.requests import Request
from k8s_core.transport import make_transport

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from conftest import MakeTransport

TOKEN = "tok-5f0c1d2e3f"
RENEWED = "tok-renewed-77aa"
PASSWORD = "pass-8a9b0c"
PROXY_PASSWORD = "proxy-1b2c3d"
SECRET_VALUE = base64.b64encode(b"the payload of a Secret").decode()
SECRET_BODY = (
    b'{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"password":"' + SECRET_VALUE.encode() + b'"}}'
)
FORBIDDEN = (
    TOKEN,
    RENEWED,
    PASSWORD,
    PROXY_PASSWORD,
    SECRET_VALUE,
    base64.b64encode(f"user:{PASSWORD}".encode()).decode(),
    base64.b64encode(f"proxyuser:{PROXY_PASSWORD}".encode()).decode(),
    "PRIVATE KEY",
)


class Witness:
    """Everything that anybody could read: logs, exceptions with their tracebacks and causes, events, reprs."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name in ("request", "retry", "throttle", "token_refresh"):
            return lambda event: self.texts.append(repr(event))
        raise AttributeError(name)

    def saw(self, error: BaseException) -> None:
        self.texts += [str(error), repr(error), "".join(traceback.format_exception(error))]
        if isinstance(error, KubernetesError):
            self.texts.append(repr(pickle.dumps(error)))

    def check(self, caplog: pytest.LogCaptureFixture) -> None:
        everything = "\n".join([*self.texts, caplog.text, *(repr(record.__dict__) for record in caplog.records)])
        for secret in FORBIDDEN:
            assert secret not in everything, f"{secret} leaked"


@pytest.fixture
def witness(caplog: pytest.LogCaptureFixture) -> Any:
    caplog.set_level(logging.DEBUG)
    seen = Witness()
    yield seen
    seen.check(caplog)


def test_B25_the_debug_log_masks_credentials(
    connect: MakeTransport, witness: Witness, caplog: pytest.LogCaptureFixture
) -> None:
    with ScriptedServer(default=reply(200, SECRET_BODY, {"Set-Cookie": TOKEN})) as server:
        connect(server, token=TOKEN, debug=True).send(get("/api/v1/namespaces/x/secrets/s"))
        connect(server, username="user", password=PASSWORD).send(post(SECRET_BODY))
        own = (("Authorization", f"Negotiate {TOKEN}"), ("Cookie", TOKEN))
        connect(server).send(get(headers=own, query=(("token", TOKEN),)))
        connect(server).send(get(headers=(("Authorization", TOKEN),)))
    assert "Authorization: Bearer <masked>" in caplog.text
    assert "Authorization: Basic <masked>" in caplog.text
    assert "Authorization: Negotiate <masked>" in caplog.text
    assert "Authorization: <masked>" in caplog.text
    assert "<-- 200 GET /api/v1/namespaces/x/secrets/s" in caplog.text
    assert '"password": "***"' in caplog.text  # the body, since debug asks for it, without its secrets


def test_B25_nothing_is_logged_unless_asked_for(connect: MakeTransport, caplog: pytest.LogCaptureFixture) -> None:
    with ScriptedServer(default=reply(200, b"{}")) as server:
        connect(server, token=TOKEN).send(get())
        assert not [record for record in caplog.records if record.name.startswith("k8s_core")]
        connect(server, token=TOKEN, debug=True).send(get())
        assert [record.name for record in caplog.records if record.name.startswith("k8s_core")] == ["k8s_core.http"] * 2


def test_I2_control_characters_of_a_server_do_not_reach_the_log(
    connect: MakeTransport, caplog: pytest.LogCaptureFixture
) -> None:
    with ScriptedServer(reply(200, b"{}", {"X-Note": "\x1b[31mred\x07"})) as server:
        connect(server, debug=True).send(get())
    assert "\x1b" not in caplog.text
    assert "U+001B[31mred" in caplog.text


FAULTS: dict[str, Any] = {
    "unauthorized": reply(401, b"no"),
    "forbidden": reply(403, status_body(403, "Forbidden", "no")),
    "busy": reply(503, b"", {"Retry-After": "1"}),
    "reset": reset(),
    "eof": close(),
    "truncated": truncated(200, SECRET_BODY),
    "garbage": [raw(b"\x00\x01garbage\r\n\r\n"), close()],
    "bad chunk": [raw(head(200, {"Transfer-Encoding": "chunked"})), chunk(SECRET_BODY), raw(b"zz\r\n")],
    "redirect": reply(302, b"", {"Location": "https://elsewhere.example/"}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_I1_no_failure_shows_a_credential(
    connect: MakeTransport, witness: Witness, fake_time: FakeTime, fault: str
) -> None:
    requests = [
        get("/api/v1/namespaces/x/secrets/s"),
        Request(method="PUT", path="/api/v1/namespaces/x/secrets/s", body=SECRET_BODY, object={"data": SECRET_VALUE}),
        watch("/api/v1/namespaces/x/secrets"),
    ]
    for request in requests:
        credentials = RotatingToken(TOKEN, RENEWED)
        with ScriptedServer(default=FAULTS[fault]) as server:
            for debug in (False, True):
                transport = connect(
                    server, credentials=credentials, observers=[witness], debug=debug, **fake_time.hooks
                )
                try:
                    for _ in transport.send(request).stream():
                        pass
                except KubernetesError as error:
                    witness.saw(error)
                witness.texts.append(repr(transport))
                transport.close()


def test_I1_tls_and_proxy_failures_show_no_credential(
    connect: MakeTransport, witness: Witness, server_context: Callable[..., ssl.SSLContext]
) -> None:
    other = trustme.CA()
    issued = other.issue_cert("client@example.com")
    options = {
        "token": TOKEN,
        "client_certificate_data": b"".join(blob.bytes() for blob in issued.cert_chain_pems),
        "client_key_data": issued.private_key_pem.bytes(),
        "observers": [witness],
    }
    with ScriptedServer(tls=server_context()) as server, ScriptedServer(handler=connect_tunnel) as proxy:
        proxy_url = proxy.url.replace("://", f"://proxyuser:{PROXY_PASSWORD}@")
        for more in ({}, {"proxy_url": proxy_url}, {"proxy_url": proxy_url.replace(str(proxy.port), "1")}):
            transport = connect(server, **options, **more)
            with pytest.raises(KubernetesError) as error:
                transport.send(get())
            witness.saw(error.value)
            transport.close()
        assert TOKEN.encode() not in b"".join(request.raw_head for request in proxy.requests)


def test_I3_credentials_reach_no_other_origin(connect: MakeTransport, witness: Witness) -> None:
    with ScriptedServer() as elsewhere:
        moved = reply(307, b"", {"Location": f"{elsewhere.url}/steal"})
        with ScriptedServer(default=moved) as server:
            transport = connect(server, token=TOKEN, observers=[witness])
            assert [transport.send(request).status for request in (get(), post(SECRET_BODY), watch())] == [307] * 3
        assert elsewhere.connections == 0


def test_I3_what_wrappers_and_observers_see_has_no_credentials(witness: Witness) -> None:
    def wrap(inner: Any) -> Any:
        class Looks:
            def send(self, request: Request) -> Any:
                witness.texts.append(repr(asdict(request)))
                return inner.send(request)

            def close(self) -> None:
                inner.close()

        return Looks()

    with ScriptedServer() as server:
        config = Config(server=server.url, token=TOKEN)
        transport = make_transport(config, wrappers=[wrap], observers=[witness], environ={})
        transport.send(get())
        assert server.requests[0].header("Authorization") == f"Bearer {TOKEN}"
        transport.close()
    gc.collect()
