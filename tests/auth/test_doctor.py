# SPDX-License-Identifier: Apache-2.0
"""``k8s-core doctor``: what it explains, what it tries, how it exits, and that it never shows a secret."""

from __future__ import annotations

import base64
import datetime
import json
import re
import socket
from typing import TYPE_CHECKING, Any

import pytest

from k8s_core.auth import AnonymousCredentials
from k8s_core.cli.doctor import diagnose
from k8s_core.cli.main import main
from k8s_core.configuration import Config, Impersonation, incluster
from k8s_core.configuration.explain import explain_config
from k8s_core.model.yaml import dump_yaml, load_yaml
from k8s_core.plugins import Plugins, hookimpl
from k8s_devkit import ApiServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SECRET = "hunter2"
V1 = "client.authentication.k8s.io/v1"


@pytest.fixture(scope="module")
def api() -> Iterator[ApiServer]:
    with ApiServer(tls=True, tokens={SECRET: "jane"}) as server:
        yield server


@pytest.fixture
def run(capfd: Any) -> Callable[..., tuple[int, str]]:
    """The command in this process: exit code and everything that it printed."""

    def call(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as caught:
            main(["doctor", *arguments])
        printed = capfd.readouterr()
        text = printed.out + printed.err
        assert SECRET not in text
        assert base64.b64encode(SECRET.encode()).decode() not in text
        return int(caught.value.code or 0), text

    return call


@pytest.fixture
def kubeconfig(api: ApiServer, tmp_path: Path) -> Callable[..., str]:
    """A kubeconfig for the API server, with changes to its cluster and another user."""

    def make(user: dict[str, Any] | None = None, **cluster: Any) -> str:
        document = load_yaml(api.kubeconfig())
        document["clusters"][0]["cluster"] |= cluster
        document["users"][0]["user"] = {"token": SECRET} if user is None else user
        path = tmp_path / "kubeconfig"
        path.write_text(dump_yaml(document))
        return str(path)

    return make


def test_a_healthy_configuration_is_explained_and_exits_0(kubeconfig: Any, run: Any, api: ApiServer) -> None:
    path = kubeconfig()
    code, text = run("--kubeconfig", path)
    assert code == 0
    for expected in (
        rf"{path}\s+asked for; KUBECONFIG is ignored",
        rf"current-context; defined in {path}",
        api.url,
        "certificate-authority-data",
        r"token\s+given as text",
        r"proxy\s+none",
        "TLS verified",
        r"version\s+ok\s+v1",
        r"authenticated\s+ok\s+as jane",
    ):
        assert re.search(expected, text), expected


def test_json_for_programs(kubeconfig: Any, run: Any) -> None:
    code, text = run("--kubeconfig", kubeconfig(), "--output", "json")
    report = json.loads(text)
    assert (code, report["healthy"]) == (0, True)
    assert {line["topic"] for line in report["configuration"]} >= {
        "kubeconfig",
        "context",
        "server",
        "credentials",
        "proxy",
    }
    assert [check["step"] for check in report["checks"]] == [
        "configuration", "credentials", "reachable", "version", "authenticated",
    ]  # fmt: skip
    assert {check["code"] for check in report["checks"]} == {0}


def test_without_any_configuration_it_exits_1(run: Any) -> None:
    code, text = run()
    assert code == 1
    assert "KUBECONFIG is not set; it does not exist" in text
    assert "no configuration has been provided" in text


def test_a_faulty_configuration_exits_1_and_says_how_far_it_got(kubeconfig: Any, run: Any) -> None:
    code, text = run("--kubeconfig", kubeconfig({"token": SECRET, "username": "u"}))
    assert code == 1
    assert "asked for" in text
    assert "more than one authentication method" in text
    code, text = run("--kubeconfig", kubeconfig(), "--context", "gone")
    assert (code, 'context "gone" does not exist' in text) == (1, True)


def test_a_login_program_that_fails_exits_3(kubeconfig: Any, run: Any, program: Any) -> None:
    program.does("sys.exit(4)")
    exec_user = {"apiVersion": V1, "command": program.command, "args": [SECRET], "interactiveMode": "Never"}
    path = kubeconfig({"exec": exec_user})
    code, text = run("--kubeconfig", path)
    assert code == 3
    assert f"login program {program.command}" in text
    assert "exec with 1 argument; policy AllowAll" in text
    assert "failed with exit code 4" in text
    assert len(program.runs) == 1


def test_offline_runs_and_sends_nothing(kubeconfig: Any, run: Any, program: Any, api: ApiServer) -> None:
    exec_user = {"apiVersion": V1, "command": program.command, "interactiveMode": "Never"}
    before = len(api.requests)
    code, text = run("--offline", "--kubeconfig", kubeconfig({"exec": exec_user}))
    assert (code, program.runs, len(api.requests)) == (0, [], before)
    assert "login program" in text


def test_it_says_until_when_a_credential_is_valid(kubeconfig: Any, run: Any, program: Any) -> None:
    for hours, left in ((3, "2 h 59 min"), (24 * 30, "29 days")):
        end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=hours)
        program.answers({"token": SECRET, "expirationTimestamp": end.isoformat()})
        exec_user = {"apiVersion": V1, "command": program.command, "interactiveMode": "Never", "args": [left]}
        code, text = run("--kubeconfig", kubeconfig({"exec": exec_user}))
        assert code == 0
        assert f"Bearer, valid until {end:%Y-%m-%d %H:%M:%S} UTC ({left} left)" in text


def test_an_expired_client_certificate_exits_3(kubeconfig: Any, run: Any, pki: Any) -> None:
    end = datetime.datetime(2024, 5, 6, 7, 8, 9, tzinfo=datetime.UTC)
    leaf = pki.ca.issue_cert("a@b", not_before=datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC), not_after=end)
    data = [base64.b64encode(blob.bytes()).decode() for blob in (leaf.cert_chain_pems[0], leaf.private_key_pem)]
    code, text = run("--kubeconfig", kubeconfig({"client-certificate-data": data[0], "client-key-data": data[1]}))
    assert code == 3
    assert "client certificate ended at 2024-05-06 07:08:09 UTC" in text


def test_a_server_that_is_down_exits_4(kubeconfig: Any, run: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    code, text = run("--kubeconfig", kubeconfig(server=f"https://127.0.0.1:{port}"))
    assert code == 4
    assert f"https://127.0.0.1:{port}" in text


def test_a_proxy_that_is_down_exits_4_and_its_password_is_not_shown(kubeconfig: Any, run: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    code, text = run("--kubeconfig", kubeconfig(**{"proxy-url": f"http://user:{SECRET}@127.0.0.1:{port}"}))
    assert code == 4
    assert f"http://127.0.0.1:{port} with a login" in text
    assert "proxy-url of the cluster" in text


def test_a_certificate_that_is_not_trusted_exits_5(kubeconfig: Any, run: Any, other_pki: Any) -> None:
    wrong = base64.b64encode(other_pki.ca_pem).decode()
    code, text = run("--kubeconfig", kubeconfig(**{"certificate-authority-data": wrong}))
    assert code == 5
    assert "tls" in text


@pytest.mark.parametrize("user", [{"token": "wrong"}, {"username": "u", "password": SECRET}, {}])
def test_credentials_that_the_server_refuses_exit_6(user: Any, kubeconfig: Any, run: Any) -> None:
    code, text = run("--kubeconfig", kubeconfig(user))
    assert code == 6
    assert "refuses the credentials (401)" in text


def answers(**paths: tuple[int, Any]) -> Callable[[Any], Any]:
    """A server of which only some paths exist, named by their last part."""

    def respond(request: Any) -> Any:
        status, document = paths.get(request.path.partition("?")[0].rpartition("/")[2], (404, {"kind": "Status"}))
        return status, {}, json.dumps(document).encode()

    return respond


VERSION = (200, {"gitVersion": "v1.20.2"})


def named(user: str) -> tuple[int, Any]:
    """The answer to a SelfSubjectReview."""
    return 201, {"status": {"userInfo": {"username": user}}}


@pytest.mark.parametrize(
    ("paths", "code", "expected"),
    [
        ({"version": (200, ["no"])}, 7, "is this a Kubernetes API server?"),
        ({"version": (404, {})}, 7, "/version answered 404"),
        ({"version": VERSION, "selfsubjectaccessreviews": (201, {})}, 0, "too old to say as whom"),
        ({"version": (403, {}), "selfsubjectaccessreviews": (201, {})}, 0, "too old to say as whom"),
        ({"version": VERSION, "selfsubjectaccessreviews": (403, {})}, 6, "not treat us as an authenticated user (403)"),
        ({"version": VERSION, "selfsubjectreviews": (401, {})}, 6, "(401)"),
        ({"version": VERSION, "selfsubjectreviews": (403, {"kind": "Status", "status": "Failure"})}, 6, "answered 403"),
        ({"version": VERSION, "selfsubjectreviews": (201, {"status": {"userInfo": "me"}})}, 6, "answered 201"),
        ({"version": VERSION, "selfsubjectreviews": (500, {})}, 6, "SelfSubjectReview answered 500"),
        ({"version": VERSION, "selfsubjectreviews": named("system:anonymous")}, 6, "nobody's"),
        ({"version": VERSION, "selfsubjectreviews": named("\x1b[2Jx")}, 0, "as ^[[2Jx"),
    ],
)  # fmt: skip
def test_what_other_servers_answer(
    paths: Any, code: int, expected: str, server: Any, run: Any, pki: Any, kubeconfig: Any
) -> None:
    server.respond = answers(**paths)
    authority = base64.b64encode(pki.ca_pem).decode()
    found, text = run("--kubeconfig", kubeconfig(server=server.url, **{"certificate-authority-data": authority}))
    assert (found, expected in text) == (code, True), text
    assert "\x1b[2J" not in text


def test_html_instead_of_an_api_exits_7(server: Any, run: Any, pki: Any, kubeconfig: Any) -> None:
    server.respond = lambda request: (200, {"Content-Type": "text/html"}, b"<html>")
    authority = base64.b64encode(pki.ca_pem).decode()
    assert run("--kubeconfig", kubeconfig(server=server.url, **{"certificate-authority-data": authority}))[0] == 7


def test_the_files_of_KUBECONFIG_are_listed(
    kubeconfig: Any, run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = kubeconfig()
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path}/gone:{path}")
    code, text = run()
    assert code == 0
    assert "KUBECONFIG names it; it does not exist" in text


def test_in_a_pod(api: ApiServer, run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text(SECRET)
    authority = load_yaml(api.kubeconfig())["clusters"][0]["cluster"]["certificate-authority-data"]
    (tmp_path / "ca.crt").write_bytes(base64.b64decode(authority))
    monkeypatch.setattr(incluster, "SERVICE_ACCOUNT", tmp_path)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", api.url.rpartition(":")[2])
    code, text = run()
    assert code == 0, text
    assert "there is no kubeconfig, and this is a pod" in text
    assert f"token file {tmp_path}/token" in text


class Corporate:
    """A plugin that provides both the configuration and the login."""

    def __init__(self, config: Config) -> None:
        self.config = config

    @hookimpl
    def k8s_load_config(self) -> Config:
        return self.config

    @hookimpl
    def k8s_credentials(self, config: Config) -> AnonymousCredentials:
        return AnonymousCredentials()


def test_what_plugins_provide_is_explained(api: ApiServer) -> None:
    plugins = Plugins()
    plugins.register(Corporate(api.config().without_credentials(source="the corporate login")))
    lines, checks = diagnose(plugins=plugins)
    assert ("source", "the corporate login") in [(line.topic, line.value) for line in lines]
    assert any("k8s_credentials" in line.reason for line in lines)
    assert [check.step for check in checks if not check.ok] == ["authenticated"]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (Config(server="http://h"), "no TLS"),
        (Config(server="https://h", verify_ssl=False), "ANY certificate"),
        (Config(server="https://h", certificate_authority="/ca"), "/ca"),
        (Config(server="https://h"), "the system's CAs"),
        (Config(server="https://h", tls_server_name="n"), "instead of the host"),
        (
            Config(server="https://h", token=SECRET, client_certificate="/c", client_key="/k"),
            "token, and client certificate /c",
        ),
        (Config(server="https://h", username="joe", password=SECRET), "user name 'joe' and password"),
        (Config(server="https://h"), "requests are anonymous"),
        (Config(server="https://h", impersonate=Impersonation(user="j", uid="7", groups=("g",))), "uid 7; groups g"),
    ],
)  # fmt: skip
def test_explanations(config: Config, expected: str) -> None:
    text = " ".join(f"{line.value} {line.reason}" for line in explain_config(config))
    assert expected in text
    assert SECRET not in text
