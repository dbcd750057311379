# SPDX-License-Identifier: Apache-2.0
"""Protocol B6, B7, A22, A19: the way to the server, through proxies or not, and what they get to see."""

from __future__ import annotations

import base64
import sys
from typing import TYPE_CHECKING, Any

import pytest
from scripted_proxy import connect_tunnel, forward, socks5
from scripted_server import ScriptedServer, close, raw, reply
from transport_help import get, post

from k8s_core.configuration import Config
from k8s_core.errors import ConfigError, ConnectionFailed, ProxyError, TLSError
from k8s_core.transport.proxy import Proxy, bypassed, choose_proxy

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from conftest import MakeTransport

    Context = Callable[..., ssl.SSLContext]

TOKEN = "a-very-secret-token"


@pytest.mark.parametrize(
    ("server", "environ", "expected"),
    [
        ("https://k.example", {}, None),
        ("https://k.example", {"HTTPS_PROXY": "http://p:3128"}, "http://p:3128"),
        ("https://k.example", {"https_proxy": "http://p:3128"}, "http://p:3128"),
        ("https://k.example", {"HTTPS_PROXY": "", "https_proxy": "http://low:1"}, "http://low:1"),
        ("https://k.example", {"HTTPS_PROXY": "http://up:1", "https_proxy": "http://low:1"}, "http://up:1"),
        ("https://k.example", {"HTTP_PROXY": "http://p:3128"}, None),
        ("https://k.example", {"HTTPS_PROXY": "p:3128"}, "http://p:3128"),
        ("https://k.example", {"HTTPS_PROXY": "socks5h://p"}, "socks5://p:1080"),
        ("http://k.example", {"HTTP_PROXY": "http://p"}, "http://p:80"),
        ("http://k.example", {"HTTPS_PROXY": "http://p"}, None),
        ("https://10.1.2.3", {"HTTPS_PROXY": "http://p", "NO_PROXY": "10.0.0.0/8,.svc"}, None),
        ("https://11.1.2.3", {"HTTPS_PROXY": "http://p", "NO_PROXY": "10.0.0.0/8,.svc"}, "http://p:80"),
        ("https://k.default.svc", {"HTTPS_PROXY": "http://p", "NO_PROXY": "10.0.0.0/8,.svc"}, None),
        ("https://10.1.2.3", {"HTTPS_PROXY": "http://p", "no_proxy": "10.0.0.0/8"}, None),
        ("https://10.1.2.3", {"HTTPS_PROXY": "http://p", "NO_PROXY": "", "no_proxy": "10.0.0.0/8"}, None),
        ("https://10.1.2.3", {"HTTPS_PROXY": "http://p", "NO_PROXY": "x", "no_proxy": "10.0.0.0/8"}, "http://p:80"),
    ],
)
def test_B6_the_environment_names_the_proxy(server: str, environ: dict[str, str], expected: str | None) -> None:
    proxy = choose_proxy(Config(server=server), environ)
    assert (proxy.address if proxy else None) == expected


@pytest.mark.parametrize(
    ("host", "no_proxy", "expected"),
    [
        ("10.1.2.3", "10.0.0.0/8", True),
        ("ten.example", "10.0.0.0/8", False),  # ranges are for literal addresses
        ("10.1.2.3", "10.1.2.3", True),
        ("10.1.2.3", "10.1.2.3:6443", True),
        ("10.1.2.3", "10.1.2.3:443", False),
        ("10.1.2.3", "0.1.2.3", False),
        ("fd00::1", "fd00::/8", True),
        ("fd00::1", "[fd00::1]:6443", True),
        ("fd00::1", "fd00:0::1", True),
        ("k.example.com", "example.com", True),
        ("example.com", "example.com", True),
        ("notexample.com", "example.com", False),
        ("k.example.com", ".example.com", True),
        ("example.com", ".example.com", False),
        ("k.example.com", "*.example.com", True),
        ("K.Example.COM.", "example.com", True),
        ("k.example.com", "other, example.com:6443 ,x", True),
        ("k.example.com", "example.com:443", False),
        ("k.example.com", "*", True),
        ("k.example.com", "", False),
        ("k.example.com", ",, 300.0.0.0/8,10.0.0.0/99", False),
        ("localhost", "", True),
        ("127.3.2.1", "", True),
        ("::1", "", True),
        ("::ffff:127.0.0.1", "", True),
    ],
)
def test_B6_no_proxy(host: str, no_proxy: str, expected: bool) -> None:
    assert bypassed(host, 6443, no_proxy) is expected


def test_A22_proxy_url_overrides_the_environment_and_its_exceptions() -> None:
    environ = {"HTTPS_PROXY": "http://env:1", "NO_PROXY": "*"}
    proxy = choose_proxy(Config(server="https://k.example", proxy_url="http://own:2"), environ)
    assert proxy is not None
    assert proxy.address == "http://own:2"
    assert choose_proxy(Config(server="https://k.example", trust_env=False), {"HTTPS_PROXY": "http://env:1"}) is None


@pytest.mark.parametrize("url", ["ftp://p:1", "socks4://p:1", "http://", "http://p:notaport", "http://[::1"])
def test_A22_other_schemes_and_no_urls_are_refused_without_showing_passwords(url: str) -> None:
    url = url.replace("://", "://user:hunter2@", 1)
    with pytest.raises(ConfigError) as failure:
        choose_proxy(Config(server="https://k.example"), {"HTTPS_PROXY": url})
    assert "hunter2" not in str(failure.value)
    assert "HTTPS_PROXY" in str(failure.value)


def test_a_proxy_never_shows_its_password() -> None:
    proxy = Proxy.parse("http://user:hunter2@p:3128", option="proxy-url")
    assert "hunter2" not in f"{proxy!r} {proxy.address}"
    credentials = base64.b64encode(b"user:hunter2").decode()
    assert proxy.headers() == {"Proxy-Authorization": f"Basic {credentials}"}


def test_B7_https_goes_through_a_tunnel_that_never_sees_the_credentials(
    connect: MakeTransport, server_context: Context, authority_pem: bytes
) -> None:
    with ScriptedServer(tls=server_context()) as server, ScriptedServer(handler=connect_tunnel) as proxy:
        url = proxy.url.replace("://", "://user:hunter2@")
        transport = connect(server, certificate_authority_data=authority_pem, token=TOKEN, proxy_url=url)
        for _ in range(2):
            assert transport.send(get()).status == 200
        (opened,) = proxy.requests
        assert (opened.method, opened.target) == ("CONNECT", f"127.0.0.1:{server.port}")
        assert opened.header("Authorization") is None
        assert opened.header("Proxy-Authorization") == "Basic " + base64.b64encode(b"user:hunter2").decode()
        assert TOKEN.encode() not in opened.raw_head
        assert [request.header("Authorization") for request in server.requests] == [f"Bearer {TOKEN}"] * 2
        assert [request.header("Proxy-Authorization") for request in server.requests] == [None] * 2
        assert server.connections == 1
        transport.close()


def test_B7_a_proxy_that_speaks_tls(connect: MakeTransport, server_context: Context, authority_pem: bytes) -> None:
    with (
        ScriptedServer(tls=server_context()) as server,
        ScriptedServer(handler=connect_tunnel, tls=server_context()) as proxy,
    ):
        transport = connect(server, certificate_authority_data=authority_pem, proxy_url=proxy.url)
        for body in (b"one", b"two"):
            assert transport.send(post(body)).status == 200
        assert [request.body for request in server.requests] == [b"one", b"two"]
        assert (proxy.connections, server.connections) == (1, 1)
        transport.close()


def test_B7_plain_http_is_forwarded_with_the_absolute_url(connect: MakeTransport) -> None:
    with ScriptedServer(reply(200, b"through")) as server, ScriptedServer(handler=forward) as proxy:
        transport = connect(f"{server.url}/base", proxy_url=proxy.url.replace("://", "://u:p@"))
        assert transport.send(get("/api", query=(("a", "b c"),))).read() == b"through"
        (forwarded,) = proxy.requests
        assert forwarded.target == f"{server.url}/base/api?a=b+c&timeout=20s"
        assert forwarded.header("Proxy-Authorization") is not None
        assert server.requests[0].path == "/base/api"
        transport.close()


def test_B7_socks5_resolves_names_at_the_proxy(
    connect: MakeTransport, server_context: Context, authority_pem: bytes
) -> None:
    asked: list[tuple[str, int]] = []
    logins: list[tuple[str, str]] = []
    script = socks5(asked, logins, {"only.the.proxy.knows": "127.0.0.1"})
    with (
        ScriptedServer(tls=server_context("only.the.proxy.knows")) as server,
        ScriptedServer(accept=[script]) as proxy,
    ):
        transport = connect(
            f"https://only.the.proxy.knows:{server.port}",
            certificate_authority_data=authority_pem,
            proxy_url=f"socks5://me:pass@127.0.0.1:{proxy.port}",
        )
        for _ in range(2):
            assert transport.send(get()).status == 200
        assert asked == [("only.the.proxy.knows", server.port)]
        assert logins == [("me", "pass")]
        transport.close()


def test_socks_without_pysocks_says_what_to_install(connect: MakeTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "socks", None)
    with pytest.raises(ConfigError, match=r"k8s-core\[socks\]"):
        connect("https://127.0.0.1:1", proxy_url="socks5://127.0.0.1:1")


@pytest.mark.parametrize(
    "script",
    [raw(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"), raw(b"SSH-2.0-OpenSSH\r\n"), close()],
    ids=["refuses", "is none", "closes"],
)
def test_a_proxy_that_refuses_is_named_without_its_password(connect: MakeTransport, script: Any) -> None:
    with ScriptedServer(default=[script, close()]) as proxy:
        transport = connect("https://127.0.0.1:1", proxy_url=proxy.url.replace("://", "://u:hunter2@"))
        with pytest.raises(ProxyError, match=rf"the proxy http://127.0.0.1:{proxy.port} for") as failure:
            transport.send(post())
        assert len(proxy.requests) == 1
        assert "hunter2" not in str(failure.value)


def test_certificates_are_said_to_be_the_proxys_or_the_servers(
    connect: MakeTransport, server_context: Context, authority_pem: bytes
) -> None:
    with ScriptedServer(handler=connect_tunnel, tls=server_context()) as proxy:
        with pytest.raises(ProxyError, match=rf"^the proxy {proxy.url} for https://"):
            connect("https://127.0.0.1:1", proxy_url=proxy.url).send(get())
        with (
            ScriptedServer(tls=server_context("elsewhere.example")) as server,
            pytest.raises(TLSError, match="set tls_server_name"),
        ):
            connect(server, proxy_url=proxy.url, certificate_authority_data=authority_pem).send(get())
        with ScriptedServer(accept=[close()]) as server:
            url = server.url.replace("http:", "https:")
            transport = connect(url, proxy_url=proxy.url, max_retries=0, certificate_authority_data=authority_pem)
            with pytest.raises(ConnectionFailed, match="no connection to"):
                transport.send(get())


def test_a_proxy_that_is_down(connect: MakeTransport) -> None:
    with ScriptedServer() as gone:
        url = gone.url
    for scheme in ("http", "https", "socks5"):
        with pytest.raises(ProxyError):
            connect("https://127.0.0.1:1", proxy_url=url.replace("http", scheme)).send(get())


@pytest.mark.parametrize(
    ("server_path", "path"), [("", ""), ("/", ""), ("/k8s/clusters/c-1", "/k8s/clusters/c-1"), ("/a/", "/a")]
)
def test_A19_the_path_of_the_server_comes_first_with_one_slash(
    connect: MakeTransport, server_path: str, path: str
) -> None:
    with ScriptedServer() as server:
        connect(f"{server.url}{server_path}?x=1#y").send(get("/api/v1/pods"))
        assert server.requests[0].target == f"{path}/api/v1/pods?timeout=20s"


def test_IPv6_servers(connect: MakeTransport) -> None:
    with ScriptedServer(host="::1") as server:
        assert connect(server).send(get()).status == 200
        assert server.requests[0].header("Host") == f"[::1]:{server.port}"
