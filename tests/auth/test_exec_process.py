# SPDX-License-Identifier: Apache-2.0
"""Running login programs: bounds, policy, terminals: A34, A39, A41, I5, I7."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from waiting import eventually

from k8s_core.auth import exec_process
from k8s_core.auth.exec_process import ProgramMissing, check_policy, run_program, stdin_is_terminal
from k8s_core.configuration import ExecPolicy
from k8s_core.errors import ConfigError, CredentialsError

ENVIRONMENT = {"PATH": os.defpath}


def run(command: str, *args: str, interactive: bool = False, timeout: float | None = 30) -> bytes:
    return run_program(command, args, ENVIRONMENT, interactive=interactive, timeout=timeout)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_output_is_returned_and_arguments_are_not_for_a_shell(program: Any) -> None:
    program.prints("out")
    assert run(program.command, "$HOME", "a b", "; exit 3") == b"out"
    assert program.runs[0]["argv"] == ["$HOME", "a b", "; exit 3"]
    assert program.runs[0]["env"].keys() - {"LC_CTYPE"} == ENVIRONMENT.keys()


def test_A34_a_program_without_a_terminal_reads_nothing(program: Any) -> None:
    run(program.command)
    assert (program.runs[0]["stdin"], program.runs[0]["tty"]) == ("", False)


def test_A34_standard_error_is_passed_through(program: Any, capfd: Any) -> None:
    program.does("print('visit https://login', file=sys.stderr)")
    run(program.command)
    assert capfd.readouterr().err == "visit https://login\n"


def test_A34_interactive_is_decided_by_standard_input_of_the_process(program: Any) -> None:
    """A terminal of its own, since the tests' standard input may be anything."""
    code = "from k8s_core.auth.exec_process import *; print(stdin_is_terminal())"
    leader, follower = os.openpty()
    try:
        for stdin, expected in ((follower, "True"), (subprocess.DEVNULL, "False")):
            done = subprocess.run([sys.executable, "-c", code], stdin=stdin, capture_output=True, text=True, check=True)
            assert done.stdout.strip() == expected
    finally:
        os.close(leader)
        os.close(follower)
    assert isinstance(stdin_is_terminal(), bool)


def test_A34_an_interactive_program_gets_standard_input(program: Any) -> None:
    code = (
        "from k8s_core.auth.exec_process import *\n"
        f"run_program({program.command!r}, (), {{}}, interactive=True, timeout=None)"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], input="typed", text=True, check=True, timeout=30)
    assert program.runs[0]["stdin"] == "typed"


def test_A39_a_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProgramMissing, match="exec: executable k8s-no-such-program not found"):
        run("k8s-no-such-program")
    with pytest.raises(ProgramMissing, match=f"exec: executable {tmp_path}/gone not found"):
        run(f"{tmp_path}/gone")


def test_A39_a_program_that_can_not_run_is_an_error(program: Any) -> None:
    Path(program.command).write_text("#!/nonexistent/interpreter\n")
    with pytest.raises(ProgramMissing, match="can't be run"):
        run(program.command)
    Path(program.command).chmod(0o600)
    with pytest.raises(ProgramMissing, match="not found"):
        run(program.command)


def test_A39_an_exit_code_is_an_error(program: Any) -> None:
    program.prints("hunter2")
    program.does("sys.stdout.write('hunter2'); sys.exit(7)")
    with pytest.raises(CredentialsError, match=r"exec: executable .*login failed with exit code 7$") as caught:
        run(program.command)
    assert "hunter2" not in str(caught.value)


def test_a_NUL_is_an_error(program: Any) -> None:
    with pytest.raises(CredentialsError, match="contain a NUL"):
        run(program.command, "a\0hunter2")


def test_I5_a_program_in_the_current_directory_is_not_found_by_its_name(
    program: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(program.folder)
    monkeypatch.setenv("PATH", f".{os.pathsep}{os.defpath}")
    with pytest.raises(ProgramMissing, match="executable login not found"):
        run("login")


def test_I5_the_name_is_looked_up_on_the_PATH_of_this_process(program: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(program.folder))
    assert b"t0" in run("login")


def test_I7_too_much_output_is_an_error_and_ends_the_program(program: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exec_process, "MAX_OUTPUT", 1000)
    program.does(
        "import signal; signal.signal(signal.SIGPIPE, signal.SIG_DFL)\nwhile True: sys.stdout.write('x' * 1000)"
    )
    with pytest.raises(CredentialsError, match="printed more than 1000 bytes"):
        run(program.command)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes in /proc")
def test_a_program_that_takes_too_long_is_killed_with_its_children(program: Any) -> None:
    # A shell starts quickly, and two seconds are enough for it on a busy machine.
    script = program.folder / "slow"
    script.write_text(f"#!/bin/sh\nsleep 300 &\necho $$ $! > {program.folder}/pids\nsleep 300\n")
    script.chmod(0o755)
    with pytest.raises(CredentialsError, match=r"did not finish within 2 s"):
        run(str(script), timeout=2)
    pids = [int(pid) for pid in (program.folder / "pids").read_text().split()]
    eventually(lambda: not any(alive(pid) for pid in pids))


def test_a_program_that_closes_its_output_and_stays_is_ended(program: Any) -> None:
    program.does("import time; os.close(1); time.sleep(300)")
    with pytest.raises(CredentialsError, match="did not finish within 1 s"):
        run(program.command, timeout=1)


# -- policy


def test_A41_the_default_policy_lets_any_program_run() -> None:
    check_policy("anything", None)
    check_policy("anything", ExecPolicy())


def test_A41_DenyAll_refuses_every_program() -> None:
    with pytest.raises(CredentialsError, match='plugin "aws" not allowed: policy set to "DenyAll"'):
        check_policy("aws", ExecPolicy(mode="DenyAll"))


def test_A41_an_allow_list_matches_the_configured_or_the_resolved_path(
    program: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(program.folder))
    path = program.command
    for command, entry in (
        ("login", "login"),
        (path, path),
        (f"{program.folder}/./login", path),
        ("login", path),
        (path, "login"),
        ("/not/there", "/not/there"),
    ):
        check_policy(command, ExecPolicy(mode="Allowlist", allowlist=(entry,)))
    for command, entry in (
        ("login", "other"),
        ("/elsewhere/login", "login"),
        (path, "/elsewhere/login"),
        ("gone", "lost"),
    ):
        with pytest.raises(CredentialsError, match="is not permitted by the credential plugin allowlist"):
            check_policy(command, ExecPolicy(mode="Allowlist", allowlist=(entry,)))


@pytest.mark.parametrize(
    "policy", [{"mode": "Sometimes"}, {"mode": "Allowlist"}, {"mode": "DenyAll", "allowlist": ("aws",)}]
)
def test_A41_a_policy_that_makes_no_sense_is_an_error(policy: Any) -> None:
    with pytest.raises(ConfigError):
        ExecPolicy(**policy)
