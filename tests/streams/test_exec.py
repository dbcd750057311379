# SPDX-License-Identifier: Apache-2.0
"""exec and attach against the embedded server: what ``subprocess`` promises, in a pod."""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING, Any

import pytest
from transport_help import Background

from k8s_core.errors import (
    CommandFailed,
    CommandNotRun,
    CommandTimeout,
    ConnectionFailed,
    Forbidden,
    NoSuchContainer,
    NotFound,
    PodNotRunning,
    RequestError,
    StreamBroken,
    StreamError,
    UpgradeRefused,
)
from k8s_plugins_builtin.apps.v1 import Deployment
from k8s_plugins_builtin.core.v1 import ConfigMap, Pod

if TYPE_CHECKING:
    from conftest import MakePod
    from k8s_core.client import Client
    from k8s_devkit import ApiServer, ExecSession

LARGE = bytes(range(256)) * 40_000  # ten megabytes


def cat(session: ExecSession) -> int:
    while data := session.stdin.read1(1 << 16):  # type: ignore[attr-defined]  # a BufferedReader
        session.stdout.write(data)
    return 0


def test_a_command_runs_to_its_end(api: ApiServer, client: Client, pod: Pod) -> None:
    api.exec(command=["ls", "-l", "a b"], output=b"out\xff", errors=b"err", exit_code=3)
    done = client.exec(pod, ["ls", "-l", "a b"])
    assert (done.command, done.exit_code, done.stdout, done.stderr) == (["ls", "-l", "a b"], 3, b"out\xff", b"err")
    assert "out" not in repr(done)


def test_text_is_decoded_and_bytes_that_are_not_text_are_replaced(api: ApiServer, client: Client, pod: Pod) -> None:
    api.exec(output="grün".encode() + b"\xff", errors="ö")
    done = client.exec(pod, ["x"], text=True)
    assert (done.stdout, done.stderr) == ("grün\N{REPLACEMENT CHARACTER}", "ö")


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 65537, len(LARGE)])
def test_input_of_any_size_goes_in_and_ends(api: ApiServer, client: Client, pod: Pod, size: int) -> None:
    api.exec(cat)
    assert client.exec(pod, ["cat"], input=LARGE[:size]).stdout == LARGE[:size]


def test_input_may_be_a_string_a_file_or_pieces(api: ApiServer, client: Client, pod: Pod) -> None:
    api.exec(cat)
    given: list[Any] = ["grün", io.BytesIO("grün".encode()), iter([b"gr\xc3", b"\xbcn"])]
    assert [client.exec(pod, ["cat"], input=each).stdout for each in given] == ["grün".encode()] * 3


def test_a_command_without_input_has_no_stdin(api: ApiServer, client: Client, pod: Pod) -> None:
    api.exec(lambda session: session.stdout.write(repr(session.stdin.read()).encode()) and None)
    assert client.exec(pod, ["x"]).stdout == b"b''"
    assert "stdin" not in dict(api.requests[-1].query)


def test_a_command_need_not_read_its_input(api: ApiServer, client: Client, pod: Pod) -> None:
    api.exec(output="done", exit_code=4)
    done = client.exec(pod, ["x"], input=LARGE)
    assert (done.exit_code, done.stdout) == (4, b"done")


def test_errors_of_the_programs_own_input_are_its_own(api: ApiServer, client: Client, pod: Pod) -> None:
    def broken() -> Any:
        yield b"first"
        raise ZeroDivisionError

    api.exec(cat)
    with pytest.raises(ZeroDivisionError):
        client.exec(pod, ["cat"], input=broken())


def test_check_makes_an_error_of_an_exit_code(api: ApiServer, client: Client, pod: Pod) -> None:
    api.exec(output="some", errors="secret", exit_code=137)
    with pytest.raises(CommandFailed, match="x ended with exit code 137: ended by signal 9") as failure:
        client.exec(pod, ["x", "y"], check=True, text=True)
    error = failure.value
    assert (error.command, error.exit_code, error.stdout, error.stderr) == (["x", "y"], 137, "some", "secret")
    assert "secret" not in str(error)
    with pytest.raises(CommandFailed):
        client.exec(pod, ["x"]).check()
    api.exec(output="some")
    assert client.exec(pod, ["x"], check=True).check().stdout == b"some"


@pytest.mark.parametrize(("code", "words"), [(126, "it was found, but can't be run"), (127, "a shell did not find it")])
def test_exit_codes_of_shells_are_explained(api: ApiServer, client: Client, pod: Pod, code: int, words: str) -> None:
    api.exec(exit_code=code)
    with pytest.raises(CommandFailed, match=words):
        client.exec(pod, ["sh", "-c", "nonsense"], check=True)


def test_a_program_that_the_runtime_does_not_find_was_not_run(api: ApiServer, client: Client, pod: Pod) -> None:
    @api.exec
    def missing(session: ExecSession) -> None:
        raise FileNotFoundError('exec: "nonsense": executable file not found in $PATH')

    with pytest.raises(CommandNotRun, match=r'could not be run: .*"nonsense": executable file not found') as failure:
        client.exec(pod, ["nonsense"])
    assert failure.value.command == ["nonsense"]


def test_a_timeout_has_what_came_and_says_that_the_command_may_run_on(api: ApiServer, client: Client, pod: Pod) -> None:
    gone = threading.Event()

    @api.exec
    def slow(session: ExecSession) -> None:
        session.stdout.write(b"begun")
        session.stdin.read()  # ends when the client goes
        gone.set()

    with pytest.raises(CommandTimeout, match=r"did not end within 0\.5 s; .* the command may run on") as failure:
        client.exec(pod, ["slow"], input=_blocked(gone), timeout=0.5)
    assert (failure.value.stdout, failure.value.stderr) == (b"begun", b"")
    assert gone.wait(30)


def _blocked(until: threading.Event) -> Any:
    """Input that does not end before the client gives up."""
    yield b"x"
    until.wait(30)


# -- the running form


def test_a_running_command_is_talked_to(api: ApiServer, client: Client, pod: Pod) -> None:
    @api.exec
    def upper(session: ExecSession) -> int:
        for line in session.stdin:
            session.stdout.write(line.upper())
        session.stderr.write(b"bye")
        return 7

    with client.open_exec(pod, ["upper"], stdin=True, text=True) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        assert process.poll() is None
        for word in ("one\n", "two\n"):
            process.stdin.write(word)
            assert process.stdout.readline() == word.upper()
        process.stdin.close()
        assert process.wait() == process.poll() == process.exit_code == 7
        assert (process.stdout.read(), process.stderr.read()) == ("", "bye")
        assert repr(process) == "<Process exec of Pod default/web: exit code 7>"
        with pytest.raises(ValueError, match="closed"):
            process.stdin.write("more")


def test_communicate_sends_and_reads_everything(api: ApiServer, client: Client, pod: Pod) -> None:
    api.exec(cat)
    with client.open_exec(pod, ["cat"], stdin=True) as process:
        assert process.communicate(LARGE) == (LARGE, b"")
    with client.open_exec(pod, ["cat"]) as process:
        assert process.communicate() == (b"", b"")
        with pytest.raises(RequestError, match="has no stdin: open it with stdin=True"):
            process.communicate(b"x")


def test_a_slow_reader_holds_the_command_up_and_costs_bounded_memory(api: ApiServer, client: Client, pod: Pod) -> None:
    written = 0
    blocked = threading.Event()

    @api.exec
    def flood(session: ExecSession) -> None:
        nonlocal written
        watchdog = threading.Timer(1.0, blocked.set)  # a write that takes so long is blocked
        for _ in range(1000):
            watchdog.cancel()
            watchdog = threading.Timer(1.0, blocked.set)
            watchdog.start()
            session.stdout.write(bytes(1 << 16))
            written += 1 << 16
        watchdog.cancel()

    with client.open_exec(pod, ["flood"]) as process:
        assert blocked.wait(30)
        assert written < 32 << 20  # of 64 MB: our buffer and those of sockets on the way
        size = 0
        while data := process.stdout.read(1 << 16):
            size += len(data)
        assert (size, process.wait()) == (1000 << 16, 0)


def test_both_outputs_are_read_by_threads_of_their_own(api: ApiServer, client: Client, pod: Pod) -> None:
    @api.exec
    def both(session: ExecSession) -> None:
        for _ in range(64):
            session.stdout.write(bytes(1 << 16))
            session.stderr.write(bytes(1 << 16))

    with client.open_exec(pod, ["both"]) as process:
        assert process.stderr is not None
        beside = Background(process.stderr.read)
        assert len(process.stdout.read()) == len(beside.result()) == 64 << 16
        assert process.wait() == 0


def test_a_terminal_has_one_output_and_a_size(api: ApiServer, client: Client, pod: Pod) -> None:
    @api.exec
    def shell(session: ExecSession) -> None:
        sizes = session.resizes()
        for _ in range(2):
            session.stdout.write(b"%dx%d\n" % next(sizes))
        session.stderr.write(b"merged\n")

    with client.open_exec(pod, ["sh"], stdin=True, tty=True) as process:
        assert process.stderr is None
        process.resize(120, 40)
        assert process.stdout.readline() == b"120x40\n"
        process.resize(80, 25)
        assert process.stdout.read() == b"80x25\nmerged\n"
        assert process.communicate() == (b"", None)
    assert "stderr" not in dict(api.requests[-1].query)
    api.exec(output="")
    with client.open_exec(pod, ["x"]) as process, pytest.raises(RequestError, match="has no terminal"):
        process.resize(1, 1)


def test_waiting_has_a_limit_and_may_go_on_afterwards(api: ApiServer, client: Client, pod: Pod) -> None:
    api.exec(cat)
    with client.open_exec(pod, ["cat"], stdin=True) as process:
        assert process.stdin is not None
        with pytest.raises(CommandTimeout, match=r"still runs after 0\.01 s"):
            process.wait(0.01)
        process.stdin.close()
        assert process.wait() == 0
    with client.open_exec(pod, ["cat"], stdin=True) as process:
        blocked = Background(lambda: process.communicate(timeout=30))
        assert blocked.result() == (b"", b"")


@pytest.mark.parametrize("end", ["close", "kill", "client"])
def test_the_end_of_the_connection_is_no_exit_code(api: ApiServer, client: Client, pod: Pod, end: str) -> None:
    api.exec(cat)
    process = client.open_exec(pod, ["cat"], stdin=True)
    reading = Background(process.stdout.read)
    (client.close if end == "client" else getattr(process, end))()
    error = ConnectionFailed if end == "client" else StreamBroken
    if end == "client":
        with pytest.raises(error):
            reading.result()
    else:
        assert reading.result() == b""
    process.close()
    for ask in (process.wait, process.poll):
        with pytest.raises((StreamBroken, ConnectionFailed)):
            ask()
    assert process.exit_code is None


def test_a_process_that_is_forgotten_is_closed(api: ApiServer, client: Client, pod: Pod) -> None:
    gone = threading.Event()

    @api.exec
    def waits(session: ExecSession) -> None:
        session.stdin.read()
        gone.set()

    process = client.open_exec(pod, ["x"], stdin=True)
    assert process.poll() is None
    del process
    assert gone.wait(30)


def test_attach_is_the_same_without_a_command(api: ApiServer, client: Client, pod: Pod) -> None:
    api.attach(cat)  # type: ignore[arg-type]  # it needs no command
    with client.attach(pod, stdin=True) as process:
        assert process.command == []
        assert process.communicate(b"hello") == (b"hello", b"")
    assert "command" not in dict(api.requests[-1].query)


# -- servers before 1.30


def test_without_half_close_nothing_runs_that_would_wait_for_the_end_of_its_input(
    api: ApiServer, client: Client, pod: Pod
) -> None:
    ran = []
    api.streams.protocols = ("v4.channel.k8s.io",)
    api.exec(lambda session: ran.append(1))
    with pytest.raises(UpgradeRefused, match=r"takes Kubernetes 1\.30 .* nothing has run\. Use open_exec"):
        client.exec(pod, ["cat"], input=b"x")
    assert ran == []
    assert client.exec(pod, ["ls"]).exit_code == 0
    assert ran == [1]


def test_without_half_close_a_command_that_ends_by_itself_can_be_written_to(
    api: ApiServer, client: Client, pod: Pod
) -> None:
    api.streams.protocols = ("v4.channel.k8s.io",)
    api.exec(lambda session: session.stdout.write(session.stdin.readline()) and None)
    with client.open_exec(pod, ["head", "-1"], stdin=True) as process:
        assert process.stdin is not None
        with pytest.raises(StreamError, match=r"can't end the input of a command, which takes Kubernetes 1\.30"):
            process.communicate(b"line\n")
        process.stdin.write(b"line\n")
        assert (process.stdout.read(), process.wait()) == (b"line\n", 0)
        process.stdin.close()
    with client.open_exec(pod, ["head", "-1"], stdin=True) as process:
        assert process.stdin is not None
        with pytest.raises(StreamError, match="can't end"):
            process.stdin.close()


# -- which container, which pod


def test_the_only_container_is_taken(api: ApiServer, client: Client, pod: Pod) -> None:
    api.exec(lambda session: session.stdout.write(session.container.encode()) and None)
    assert client.exec(pod, ["x"]).stdout == client.exec(Pod, ["x"], name="web").stdout == b"main"


@pytest.mark.parametrize("form", ["object", "name"])
def test_the_annotation_names_the_default_container(
    api: ApiServer, client: Client, make_pod: MakePod, form: str
) -> None:
    pod = make_pod("two", "a", "b", annotations={"kubectl.kubernetes.io/default-container": "b"})
    api.exec(lambda session: session.stdout.write(session.container.encode()) and None)
    if form == "object":
        assert client.exec(pod, ["x"]).stdout == b"b"
    else:
        assert client.exec(Pod, ["x"], name="two").stdout == b"b"
    assert client.exec(pod, ["x"], container="a").stdout == b"a"


@pytest.mark.parametrize("form", ["object", "name"])
def test_several_containers_and_no_default_is_an_error_with_their_names(
    api: ApiServer, client: Client, make_pod: MakePod, form: str
) -> None:
    pod = make_pod("two", "a", "b")
    with pytest.raises(NoSuchContainer, match=r"choose a container of Pod two with container=.* a, b$") as failure:
        client.exec(pod, ["x"]) if form == "object" else client.exec(Pod, ["x"], name="two")
    assert failure.value.containers == ["a", "b"]


def test_a_container_that_is_not_there(client: Client, make_pod: MakePod) -> None:
    pod = make_pod("two", "main", "sidecar")
    with pytest.raises(NoSuchContainer, match=r"has no container 'mian'; did you mean 'main'\?; it has main, sidecar"):
        client.exec(pod, ["x"], container="mian")


@pytest.mark.parametrize("phase", ["Pending", "Succeeded"])
def test_a_pod_that_does_not_run(client: Client, make_pod: MakePod, api: ApiServer, phase: str) -> None:
    api.faults.status(400, resource="pods/exec", times=None)
    pod = make_pod("idle", phase=phase)
    with pytest.raises(PodNotRunning, match=rf"Pod default/idle is not running \({phase}|Completed"):
        client.exec(pod, ["x"])


def test_a_deployment_stands_for_its_newest_ready_pod(api: ApiServer, client: Client, make_pod: MakePod) -> None:
    labels = {"app": "web"}
    for name, ready, created in (("old", True, 1), ("new", True, 2), ("ill", False, 3)):
        make_pod(name, ready=ready, labels=labels, creationTimestamp=f"2026-01-0{created}T00:00:00Z")
    make_pod("other")
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "x"}]}}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    deployment = client.create(Deployment(metadata={"name": "web"}, spec=spec))
    api.exec(lambda session: session.stdout.write(session.pod.encode()) and None)
    assert client.exec(deployment, ["x"]).stdout == client.exec(Deployment, ["x"], name="web").stdout == b"new"
    for name in ("old", "new"):
        client.delete(Pod, name, grace_period_seconds=0)
    with pytest.raises(PodNotRunning, match=r"Deployment web: none of its pods is ready \(ill: Running\)"):
        client.exec(deployment, ["x"])


# -- refusals


def test_what_the_server_refuses_is_the_error_of_its_reason(api: ApiServer, client: Client, pod: Pod) -> None:
    with pytest.raises(NotFound, match="gone"):
        client.exec(Pod, ["x"], name="gone")
    api.deny(verb="create", resource="pods/exec")
    with pytest.raises(Forbidden, match="cannot create resource"):
        client.exec(pod, ["x"])


def test_a_kind_without_the_subresource(client: Client) -> None:
    settings = client.create(ConfigMap(metadata={"name": "settings"}))
    with pytest.raises(NotFound):
        client.exec(settings, ["x"])


@pytest.mark.parametrize("command", ["ls -l", b"ls", [], [1]])
def test_a_command_is_a_list_of_strings(client: Client, pod: Pod, command: Any) -> None:
    with pytest.raises(RequestError, match="list"):
        client.exec(pod, command)


def test_a_closed_client(client: Client, pod: Pod) -> None:
    client.close()
    with pytest.raises(ConnectionFailed, match="closed"):
        client.exec(pod, ["x"])
