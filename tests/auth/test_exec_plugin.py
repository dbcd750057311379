# SPDX-License-Identifier: Apache-2.0
"""Credentials from a login program: A32-A41, with real programs and an injected clock."""

from __future__ import annotations

import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from k8s_core.auth import exec_plugin, make_credentials
from k8s_core.auth.exec_plugin import ExecCredentials, clear_cache
from k8s_core.configuration import Config, ExecConfig, ExecPolicy
from k8s_core.errors import ConfigError, CredentialsError

if TYPE_CHECKING:
    from collections.abc import Callable

V1, V1BETA1 = "client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"
CERTIFICATE, KEY = "-----BEGIN CERTIFICATE-----\n{}", "-----BEGIN PRIVATE KEY-----\n{}"


@pytest.fixture
def config(program: Any) -> Config:
    return Config(server="https://h", exec=ExecConfig(command=program.command, api_version=V1))


@pytest.fixture
def source(config: Config, time: Any) -> Callable[..., ExecCredentials]:
    def make(*, terminal: bool = False, **changes: Any) -> ExecCredentials:
        fields = {key: value for key, value in changes.items() if key in ("exec_policy", "server")}
        program = {key: value for key, value in changes.items() if key not in fields}
        made = replace(config, exec=replace(config.exec, **program), **fields)
        return ExecCredentials(made, now=time.now, clock=time.clock, terminal=lambda: terminal)

    return make


def sent(credentials: ExecCredentials) -> str | None:
    return credentials.headers().get("Authorization")


def certificate(number: int) -> dict[str, str]:
    return {"clientCertificateData": CERTIFICATE.format(number), "clientKeyData": KEY.format(number)}


def test_I5_making_credentials_runs_nothing(config: Config, program: Any) -> None:
    credentials = make_credentials(config)
    assert credentials.expires_at() is None
    assert program.runs == []
    assert dict(credentials.headers()) == {"Authorization": "Bearer t0"}
    assert len(program.runs) == 1


def test_A32_environment_and_arguments(source: Any, program: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INHERITED", "1")
    monkeypatch.setenv("CHANGED", "outside")
    env = (("CHANGED", "first"), ("CHANGED", "inside"), ("KUBERNETES_EXEC_INFO", "mine"))
    sent(source(args=("a", "b c"), env=env))
    run = program.runs[0]
    assert run["argv"] == ["a", "b c"]
    assert (run["env"]["INHERITED"], run["env"]["CHANGED"]) == ("1", "inside")
    assert json.loads(run["env"]["KUBERNETES_EXEC_INFO"]) == {
        "kind": "ExecCredential", "apiVersion": V1, "spec": {"interactive": False},
    }  # fmt: skip


def test_A32_the_info_has_the_configured_version(source: Any, program: Any) -> None:
    program.answers({"token": "t"}, api_version=V1BETA1)
    assert sent(source(api_version=V1BETA1)) == "Bearer t"
    assert json.loads(program.runs[0]["env"]["KUBERNETES_EXEC_INFO"])["apiVersion"] == V1BETA1


def test_A33_cluster_info_is_handed_over_when_asked_for(source: Any, program: Any) -> None:
    sent(source(provide_cluster_info=True, cluster_config={"a": 1}))
    spec = json.loads(program.runs[0]["env"]["KUBERNETES_EXEC_INFO"])["spec"]
    assert spec["cluster"] == {"server": "https://h", "config": {"a": 1}}


@pytest.mark.parametrize(("mode", "terminal", "interactive"), [("Never", True, False), ("IfAvailable", False, False)])
def test_A34_not_interactive(mode: str, terminal: bool, interactive: bool, source: Any, program: Any) -> None:
    sent(source(interactive_mode=mode, terminal=terminal))
    assert json.loads(program.runs[0]["env"]["KUBERNETES_EXEC_INFO"])["spec"]["interactive"] is interactive


@pytest.mark.parametrize("mode", ["IfAvailable", "Always"])
def test_A34_interactive_with_a_terminal(mode: str, source: Any, program: Any) -> None:
    sent(source(interactive_mode=mode, terminal=True))
    assert json.loads(program.runs[0]["env"]["KUBERNETES_EXEC_INFO"])["spec"]["interactive"] is True


def test_A34_Always_without_a_terminal_runs_nothing(source: Any, program: Any) -> None:
    message = "exec plugin cannot support interactive mode: standard input is not a terminal"
    with pytest.raises(CredentialsError, match=f"getting credentials: {message}"):
        sent(source(interactive_mode="Always"))
    assert program.runs == []


def test_A35_a_wrong_answer_is_an_error_and_never_anonymous(source: Any, program: Any) -> None:
    program.answers(None)
    credentials = source()
    for use in (credentials.headers, lambda: credentials.refresh({})):
        with pytest.raises(CredentialsError, match="getting credentials: exec plugin didn't return a status field"):
            use()
    program.prints("hunter2")
    with pytest.raises(CredentialsError) as caught:
        credentials.headers()
    assert "hunter2" not in str(caught.value)


def test_A36_a_certificate_alone_or_with_a_token(source: Any, program: Any) -> None:
    program.answers(certificate(1))
    alone = source()
    assert dict(alone.headers()) == {}
    assert alone.client_certificate().certificate.endswith(b"\n1")
    clear_cache()
    program.answers({"token": "t"} | certificate(1))
    assert sent(alone) == "Bearer t"
    assert alone.client_certificate().key.reveal().endswith(b"\n1")


def test_A36_only_another_certificate_has_another_version(source: Any, program: Any, time: Any) -> None:
    versions = []
    for token, number in (("a", 1), ("b", 1), ("b", 2)):
        program.answers({"token": token, "expirationTimestamp": time.stamp(10)} | certificate(number))
        time.seconds += 11
        credentials = source()
        credentials.headers()
        versions.append(credentials.client_certificate().version)
    assert versions[0] == versions[1] != versions[2]


def test_A37_one_run_until_it_expires_without_leeway(source: Any, program: Any, time: Any) -> None:
    program.answers({"token": "a", "expirationTimestamp": time.stamp(60)})
    credentials = source()
    assert sent(credentials) == "Bearer a"
    assert credentials.expires_at() is not None
    program.answers({"token": "b"})
    time.seconds += 60
    assert sent(credentials) == "Bearer a"
    time.seconds += 0.001
    assert sent(credentials) == "Bearer b"
    time.seconds += 1e6
    assert sent(credentials) == "Bearer b", "without an end it lasts until a 401"
    assert len(program.runs) == 2


def test_A37_the_cache_is_shared_by_equal_configurations_only(source: Any, program: Any) -> None:
    for _ in range(3):
        sent(source())
    assert len(program.runs) == 1
    sent(source(server="https://other"))
    assert len(program.runs) == 1, "without cluster info the program can't know the server"
    sent(source(args=("x",)))
    sent(source(env=(("A", "b"),)))
    sent(source(provide_cluster_info=True))
    sent(source(provide_cluster_info=True, server="https://other"))
    assert len(program.runs) == 5


def test_A37_threads_that_need_it_at_once_run_it_once(source: Any, program: Any) -> None:
    program.does("import time; time.sleep(0.3)")
    credentials = [source() for _ in range(16)]
    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(sent, credentials)) == {"Bearer t0"}
    assert len(program.runs) == 1


def test_A37_sixteen_threads_and_a_credential_of_one_second(source: Any, program: Any, time: Any) -> None:
    """The program runs once per expiry, whatever the threads do."""
    credentials = [source() for _ in range(16)]
    meet = threading.Barrier(16)

    def work(own: ExecCredentials) -> set[str | None]:
        seen = set()
        for number in range(5):
            if meet.wait(30) == 0:
                time.seconds += 1.001
                program.answers({"token": f"t{number}", "expirationTimestamp": time.stamp(1)})
            meet.wait(30)
            seen.update(sent(own) for _ in range(20))
        return seen

    with ThreadPoolExecutor(16) as pool:
        for seen in pool.map(work, credentials):
            assert seen == {f"Bearer t{number}" for number in range(5)}
    assert len(program.runs) == 5


def test_A37_threads_that_waited_for_a_failing_run_share_its_failure(source: Any, program: Any) -> None:
    program.does("import time; time.sleep(0.5); sys.exit(3)")
    credentials, begin = source(), threading.Barrier(8)

    def ask(_: int) -> str:
        begin.wait(30)
        with pytest.raises(CredentialsError) as caught:
            credentials.headers()
        return str(caught.value)

    with ThreadPoolExecutor(8) as pool:
        messages = set(pool.map(ask, range(8)))
    assert len(messages) == 1
    assert "failed with exit code 3" in messages.pop()
    assert len(program.runs) < 8
    program.does("")
    assert sent(credentials) == "Bearer t0", "a later request tries again"


def test_A38_after_a_401_it_is_run_again(source: Any, program: Any) -> None:
    credentials = source()
    rejected = credentials.headers()
    program.answers({"token": "new"})
    assert credentials.refresh(rejected)
    assert sent(credentials) == "Bearer new"
    assert len(program.runs) == 2


def test_A38_not_if_another_request_replaced_it_already(source: Any, program: Any) -> None:
    credentials, other = source(), source()
    rejected = credentials.headers()
    program.answers({"token": "new"})
    assert other.refresh(rejected)
    assert credentials.refresh({"authorization": rejected["Authorization"]})
    assert len(program.runs) == 2


def test_A38_the_same_token_again_is_nothing_to_replay(source: Any, program: Any, time: Any) -> None:
    credentials = source()
    rejected = credentials.headers()
    assert not credentials.refresh(rejected)
    assert not credentials.refresh(rejected)
    assert len(program.runs) == 2, "the second refusal came within a second of the first"
    time.seconds += 1
    assert not credentials.refresh(rejected)
    assert len(program.runs) == 3


def test_A38_a_rejected_certificate_is_renewed(source: Any, program: Any) -> None:
    program.answers(certificate(1))
    credentials = source()
    assert credentials.client_certificate() is None, "asked alone it runs nothing"
    credentials.headers()
    program.answers(certificate(2))
    assert credentials.refresh({})
    assert credentials.client_certificate().certificate.endswith(b"\n2")
    assert credentials.refresh({}), "another thread's request may have used the older one"
    assert len(program.runs) == 2


def test_A39_a_missing_program_comes_with_help_but_not_too_often(source: Any, time: Any) -> None:
    credentials = source(command="k8s-no-such-program", install_hint="run:\n\x1b[31mpip install it")
    for number in range(12):
        with pytest.raises(CredentialsError) as caught:
            credentials.headers()
        message = str(caught.value)
        assert message.startswith("getting credentials: exec: executable k8s-no-such-program not found")
        assert ("run:\nU+001B[31mpip install it" in message) == (number < 10)
        assert ("credential plugin" in message) == (number < 10)
    time.seconds += 3601
    with pytest.raises(CredentialsError, match="pip install it"):
        credentials.headers()


def test_A39_failures_say_getting_credentials(source: Any, program: Any) -> None:
    program.does("sys.exit(1)")
    with pytest.raises(
        CredentialsError, match=r"^getting credentials: exec: executable .*login failed with exit code 1$"
    ):
        source().headers()
    program.does("import time; time.sleep(60)")
    with pytest.raises(CredentialsError, match=r"^getting credentials: .* did not finish within 1 s$"):
        source(timeout=1).headers()


def test_A41_a_refused_program_is_not_run(source: Any, program: Any) -> None:
    sent(source())
    for policy in (ExecPolicy(mode="DenyAll"), ExecPolicy(mode="Allowlist", allowlist=("aws",))):
        with pytest.raises(CredentialsError, match="getting credentials: plugin"):
            source(exec_policy=policy).headers()
    assert len(program.runs) == 1, "not even from the cache"
    assert sent(source(exec_policy=ExecPolicy(mode="Allowlist", allowlist=(program.command,)))) == "Bearer t0"


def test_an_unreadable_authority_is_an_error_when_the_program_needs_it(program: Any) -> None:
    exec_config = ExecConfig(command=program.command, api_version=V1, provide_cluster_info=True)
    config = Config(server="https://h", certificate_authority="/nonexistent/ca", exec=exec_config)
    with pytest.raises(ConfigError, match="/nonexistent/ca"):
        ExecCredentials(config).headers()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_B24_a_forked_child_can_log_in_although_a_lock_was_held(source: Any) -> None:
    credentials = source()
    sent(credentials)
    slot = credentials._slot()
    with slot.lock, exec_plugin._slots_lock:
        pid = os.fork()
        if pid == 0:
            try:
                slot.credential = None
                os._exit(0 if sent(credentials) == "Bearer t0" else 1)
            finally:
                os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
