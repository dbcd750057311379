# SPDX-License-Identifier: Apache-2.0
"""Where ``apply_all`` and ``delete_all`` take documents from: files, directories, open files, URLs."""

from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from scripted_server import ScriptedServer, chunk, gzipped, head, hold, raw, reply, truncated

from k8s_core.client import URL
from k8s_core.configuration import Impersonation
from k8s_core.errors import DecodeError, KubernetesError, ProxyError, RequestError, TLSError, TransportError
from k8s_core.transport import fetch
from k8s_core.transport.fetch import download

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Connect
    from k8s_core.client import Client
    from k8s_devkit import ApiServer


def config_map(name: str) -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n"


def applied(client: Client, documents: Any, **options: Any) -> list[str]:
    return [result.name for result in client.apply_all(documents, field_manager="m", **options)]


def refusal(client: Client, documents: Any, error: type[KubernetesError] = RequestError) -> str:
    with pytest.raises(error) as caught:
        client.apply_all(documents, field_manager="m")
    return str(caught.value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a file of each kind, and folders."""
    (tmp_path / "b.yaml").write_text(config_map("b"))
    (tmp_path / "c.yml").write_text(config_map("c") + "---\n" + config_map("c2"))
    (tmp_path / "a.json").write_text('{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}')
    (tmp_path / "readme.txt").write_text("not: an object")
    (tmp_path / "UPPER.YAML").write_text("not: an object")
    (tmp_path / "bb").mkdir()
    (tmp_path / "bb" / "inner.yaml").write_text(config_map("inner"))
    (tmp_path / "bb" / "values.toml").write_text("a = 1")
    return tmp_path


def test_a_file_whatever_its_name(client: Client, folder: Path) -> None:
    other = folder / "manifest.txt"
    other.write_text(config_map("x"))
    assert applied(client, other) == ["x"]
    assert applied(client, folder / "c.yml") == ["c", "c2"]


def test_a_directory_is_read_as_kubectl_reads_it(client: Client, folder: Path) -> None:
    assert applied(client, folder) == ["a", "b", "c", "c2"]
    assert applied(client, folder, recursive=True) == ["a", "b", "inner", "c", "c2"]


def test_links_to_files_are_followed_and_links_to_folders_are_not(client: Client, folder: Path) -> None:
    (folder / "bb" / "loop").symlink_to(folder)
    (folder / "bb" / "d.yaml").symlink_to(folder / "b.yaml")
    assert applied(client, folder / "bb", recursive=True) == ["b", "inner"]


def test_several_sources_and_objects_keep_their_order(client: Client, folder: Path) -> None:
    one = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "dict"}}
    assert applied(client, [folder / "c.yml", one, folder / "bb"]) == ["c", "c2", "dict", "inner"]


def test_open_files_of_text_and_of_bytes(client: Client, folder: Path) -> None:
    with (folder / "b.yaml").open() as text, (folder / "c.yml").open("rb") as binary:
        assert applied(client, text) == ["b"]
        assert applied(client, binary) == ["c", "c2"]
    assert applied(client, io.StringIO(config_map("s"))) == ["s"]
    assert applied(client, io.BytesIO(config_map("t").encode())) == ["t"]


def test_what_another_program_prints_is_read_from_standard_input(client: Client, api: ApiServer) -> None:
    program = (
        "import sys\n"
        "from k8s_core import Client, Config\n"
        f"with Client(Config(server={api.url!r}, namespace={client.namespace!r})) as client:\n"
        "    print(client.apply_all(sys.stdin, field_manager='m'))\n"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program],
        input=config_map("one") + "---\n" + config_map("two"),
        text=True,
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert printed.stdout.splitlines() == [f"configmap/{name} in {client.namespace} created" for name in ("one", "two")]
    failed = subprocess.run(
        [sys.executable, "-c", program], input="\ta: 1", text=True, capture_output=True, check=False, timeout=60
    )
    assert "DecodeError: <stdin>, document 1: malformed YAML: line 1, column 1: a tab" in failed.stderr


def test_nothing_to_apply_is_an_error_unless_you_say_so(client: Client, tmp_path: Path) -> None:
    """What a program that failed prints into a pipe is nothing, too."""
    assert applied(client, "") == applied(client, []) == []
    empty = tmp_path / "empty.yaml"
    empty.write_text("# nothing\n---\n")
    assert refusal(client, io.StringIO("")) == "the file holds no objects"
    assert refusal(client, empty) == f"{empty} holds no objects"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("shop.yaml", "pass pathlib.Path('shop.yaml')"),
        ("deploy/shop.json\n", "pass pathlib.Path('deploy/shop.json')"),
        ("./deploy", "pass pathlib.Path('./deploy')"),
        ("/etc/manifests", "pass pathlib.Path('/etc/manifests')"),
        ("~/manifests", "pass pathlib.Path('~/manifests')"),
        (b"bytes.yaml", "pass pathlib.Path('bytes.yaml')"),
        ("https://example.com/install.yaml", "pass k8s_core.client.URL(…)"),
        ("-", "for standard input pass sys.stdin"),
        ("deploy", "a string, not an object with apiVersion and kind. A file or directory is passed as pathlib.Path"),
    ],
)
def test_a_string_is_yaml_and_never_a_name(client: Client, text: str | bytes, words: str) -> None:
    assert words in refusal(client, text)


def test_the_token_in_a_url_is_not_shown(client: Client) -> None:
    assert "hunter2" not in refusal(client, "https://example.com/a.yaml?token=hunter2")
    for address in ("https://me:hunter2@example.com/", "http://example.com/?token=hunter2"):
        with pytest.raises(RequestError, match="is not an https URL without a user name") as caught:
            URL(address)
        assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(URL("https://example.com/?token=hunter2"))


def test_what_cannot_be_read(client: Client, tmp_path: Path) -> None:
    missing = tmp_path / "missing.yaml"
    assert refusal(client, missing) == f"{missing} cannot be read: No such file or directory"
    assert refusal(client, tmp_path) == (
        f"{tmp_path} has no files that end in .json, .yaml, .yml; recursive=True looks into its folders, too"
    )
    closed = io.StringIO("a")
    closed.close()
    assert "the file cannot be read" in refusal(client, closed)
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"a: \xff")
    with latin.open(encoding="utf-8") as file:
        assert refusal(client, file, DecodeError) == f"{latin} is not utf-8: open it in binary mode"
    assert "expected YAML, a Path, an open file, a URL or objects, not 5" in refusal(client, 5)


# -- URLs: any site, and nothing of the cluster ----------------------------------------------------------------------


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., ssl.SSLContext]:
    """TLS of a site that the system trusts."""
    import ssl  # noqa: PLC0415  # as below

    import trustme  # noqa: PLC0415  # only the tests of URLs make certificates

    authority = trustme.CA()
    file = tmp_path / "authorities.pem"
    authority.cert_pem.write_to_path(file)
    monkeypatch.setenv("SSL_CERT_FILE", os.fspath(file))

    def make(*names: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*(names or ("127.0.0.1",))).configure_cert(context)
        return context

    return make


YAML = config_map("from-afar").encode()


def test_a_url_is_read_without_anything_of_the_cluster(connect: Connect, site: Callable[..., ssl.SSLContext]) -> None:
    created = reply(201, b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"from-afar"}}')
    with ScriptedServer(reply(404), default=created) as cluster, ScriptedServer(gzipped(200, YAML), tls=site()) as web:
        client = connect(cluster, token="hunter2", impersonate=Impersonation(user="boss"), user_agent="mine")
        assert applied(client, URL(f"{web.url}/install.yaml?x=1")) == ["from-afar"]
    [request] = web.requests
    assert request.target == "/install.yaml?x=1"
    assert "hunter2" not in str(request.headers)
    assert {name.lower() for name, _ in request.headers} == {"host", "user-agent", "accept", "accept-encoding"}
    assert cluster.requests[0].header("Authorization") == "Bearer hunter2"


def test_the_authority_of_the_cluster_counts_for_the_cluster_alone(
    connect: Connect, site: Callable[..., ssl.SSLContext], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with ScriptedServer(reply(200, YAML), tls=site()) as web:
        pem = (tmp_path / "authorities.pem").read_text()
        monkeypatch.delenv("SSL_CERT_FILE")
        client = connect(web, certificate_authority_data=pem.encode(), verify_ssl=True)
        with pytest.raises(TLSError):
            client.apply_all(URL(f"{web.url}/a"), field_manager="m")
        unverified = connect(web, verify_ssl=False)
        with pytest.raises(TLSError):
            unverified.apply_all(URL(f"{web.url}/a"), field_manager="m")
        assert web.requests == []


def test_redirects_lead_to_other_sites_by_https_only(site: Callable[..., ssl.SSLContext]) -> None:
    with ScriptedServer(reply(200, YAML), tls=site()) as other:
        there = reply(302, headers={"Location": f"{other.url}/real?sig=1"})
        relative = reply(301, headers={"Location": "/moved"})
        with ScriptedServer(relative, there, tls=site()) as web:
            assert download(f"{web.url}/a") == YAML
        assert [request.target for request in (*web.requests, *other.requests)] == ["/a", "/moved", "/real?sig=1"]
    for location in ("http://127.0.0.1:1/x", "https://me:pw@127.0.0.1:1/x", "file:///etc/passwd"):
        with ScriptedServer(reply(302, headers={"Location": location}), tls=site()) as web:
            with pytest.raises(TransportError, match="is not followed: it is not https") as caught:
                download(f"{web.url}/a")
            assert "pw" not in str(caught.value).replace("passwd", "")


def test_redirects_have_an_end(site: Callable[..., ssl.SSLContext]) -> None:
    with ScriptedServer(tls=site()) as first, ScriptedServer(tls=site()) as second:
        first._default = reply(307, headers={"Location": f"{second.url}/"})
        second._default = reply(307, headers={"Location": f"{first.url}/"})
        with pytest.raises(TransportError, match="more than 10 redirects"):
            download(f"{first.url}/")


def test_a_download_is_bounded_in_size_and_time(site: Callable[..., ssl.SSLContext]) -> None:
    endless = [raw(head(200, {"Transfer-Encoding": "chunked"})), *[chunk(b"a" * 1000)] * 50, hold()]
    with ScriptedServer(endless, gzipped(200, b"a" * 100_000), tls=site()) as web:
        for _ in range(2):
            with pytest.raises(TransportError, match="more than 20000 bytes"):
                download(f"{web.url}/", maximum=20_000)
    with (
        ScriptedServer([raw(head(200, {"Content-Length": "10"}) + b"abc"), hold()], tls=site()) as web,
        pytest.raises(TransportError, match=r"0\.3 s"),
    ):
        download(f"{web.url}/", timeout=0.3)
    assert fetch.MAX_DOWNLOAD == 32 << 20


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (reply(404, b"no"), "/a: the server answered 404"),
        (truncated(200, YAML), "ended"),
        (reply(304), "answered 304"),
    ],
)
def test_whatever_is_no_document_is_an_error(site: Callable[..., ssl.SSLContext], script: Any, words: str) -> None:
    with ScriptedServer(script, tls=site()) as web, pytest.raises(TransportError, match=words):
        download(f"{web.url}/a")


def test_the_proxy_of_the_environment_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer(default=reply(407)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        with pytest.raises(ProxyError):
            download("https://manifests.invalid/a")
    assert [(request.method, request.target) for request in proxy.requests] == [("CONNECT", "manifests.invalid:443")]


def test_errors_in_a_download_name_the_url(connect: Connect, site: Callable[..., ssl.SSLContext]) -> None:
    with ScriptedServer() as cluster, ScriptedServer(reply(200, b"a: 1\n\tb: 2"), tls=site()) as web:
        found = refusal(connect(cluster), [URL(f"{web.url}/a.yaml?token=hunter2")], DecodeError)
    assert found.startswith(f"{web.url}/a.yaml?token=***, document 1: malformed YAML: line 2, column 1: a tab")


def test_a_url_is_a_value() -> None:
    url = URL("https://example.com/a")
    assert url == pickle.loads(pickle.dumps(url)) == URL("https://example.com/a")
    assert {url: 1}[URL("https://example.com/a")] == 1
