# SPDX-License-Identifier: Apache-2.0
"""The frame of the ``k8s-core`` command: usage, errors, exit codes, pipes."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer
from fake_site import FakeSite

from k8s_core import cli
from k8s_core.cli import output
from k8s_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

# The package has a function of the module's name.
frame = importlib.import_module("k8s_core.cli.main")
ROOT = Path(__file__).parents[2]
PYTHON = (sys.executable, "-W", "error")
COMMAND = (*PYTHON, "-c", "from k8s_core.cli import main; main()")

pytestmark = pytest.mark.slow  # most tests start the command in a process of its own


def run(*arguments: str, command: Sequence[str] = COMMAND, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*command, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_lists_the_sub_commands(flag: str) -> None:
    done = run(flag)
    assert done.returncode == 0
    for name in ("plugins", "--install-completion", "--version"):
        assert name in done.stdout
    assert "\x1b" not in done.stdout
    assert "│" not in done.stdout


def test_without_arguments_it_shows_the_help_and_fails() -> None:
    done = run()
    assert done.returncode == 2
    assert all(name in done.stdout + done.stderr for name in ("plugins", "--install-completion", "--version"))


def test_version() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout.split()[0]) == (0, "k8s-core")


def test_wrong_usage_is_exit_code_2() -> None:
    assert run("no-such-command").returncode == 2
    done = run("plugins", "--no-such-option")
    assert done.returncode == 2
    assert "--no-such-option" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_installed_sub_command_says_what_it_does() -> None:
    group: Any = typer.main.get_command(frame.build_app())
    assert set(group.commands) == {"crd", "doctor", "explain", "generate", "plugin", "plugins", "serve"}
    assert all(command.help for command in group.commands.values())


def test_only_the_sub_command_that_is_called_is_imported() -> None:
    code = "import sys; from k8s_core.cli.main import build_app; build_app('plugins'); print(*sys.modules)"
    loaded = set(subprocess.run([*PYTHON, "-c", code], capture_output=True, text=True, check=True).stdout.split())
    assert "k8s_core.cli.plugins" in loaded
    assert not loaded & {"k8s_core.cli.doctor", "k8s_devkit"}


def test_a_sub_command_of_a_missing_distribution_is_listed_with_the_line_that_installs_it() -> None:
    shown = run("--help", K8S_CORE_BLOCK_PLUGINS="k8s-core-devkit", COLUMNS="200").stdout
    assert shown.count("Not installed: pip install k8s-core-devkit") == 2
    assert shown.count("Not installed: pip install 'k8s-core-devkit[codegen]'") == 2  # plugin new and generate run ruff
    done = run("serve", "--port", "0", K8S_CORE_BLOCK_PLUGINS="k8s-core-devkit")
    assert done.returncode == 1
    assert done.stderr == "error: k8s-core serve: not installed: pip install k8s-core-devkit\n"


def test_a_sub_command_comes_from_any_package(tmp_path: Path) -> None:
    site = FakeSite(tmp_path)
    module = """
        def register(app):
            app.command("greet")(lambda: print("hello"))
    """
    site.add("k8s-greet", {"k8s_core.commands": {"greet": "k8s_greet:register"}}, {"k8s_greet.py": module})
    assert run("greet", PYTHONPATH=str(tmp_path)).stdout == "hello\n"
    assert "greet" in run("--help", PYTHONPATH=str(tmp_path)).stdout


def test_a_broken_sub_command_is_named_with_its_package_and_stops_no_other(tmp_path: Path) -> None:
    site = FakeSite(tmp_path)
    site.add("k8s-bad", {"k8s_core.commands": {"bad": "k8s_bad:register"}}, {"k8s_bad.py": "import no_such_module\n"})
    listed = run("--help", PYTHONPATH=str(tmp_path), COLUMNS="400").stdout
    assert "the sub-command 'bad' of k8s-bad 1.0 cannot be loaded" in listed
    done = run("bad", PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith(
        "error: the sub-command 'bad' of k8s-bad 1.0 cannot be loaded from 'k8s_bad:register'"
    )
    assert "K8S_CORE_BLOCK_PLUGINS=k8s-bad" in done.stderr
    assert run("plugins", PYTHONPATH=str(tmp_path)).returncode == 0


def test_two_packages_for_one_sub_command_are_an_error_that_names_both(tmp_path: Path) -> None:
    site = FakeSite(tmp_path)
    for name in ("one", "two"):
        site.add(f"k8s-{name}", {"k8s_core.commands": {"twice": f"k8s_{name}:register"}})
    done = run("twice", PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert "the sub-command 'twice' is provided by k8s-one 1.0 and k8s-two 1.0" in done.stderr


def test_the_page_names_every_command_and_option() -> None:
    page = (ROOT / "docs/reference/command-line.md").read_text(encoding="utf-8")
    root: Any = typer.main.get_command(frame.build_app())

    def missing(command: Any, name: str) -> list[str]:
        if hasattr(command, "commands"):
            return [each for sub, inner in command.commands.items() for each in missing(inner, f"{name} {sub}")]
        options = {max(item.opts, key=len) for item in command.params if item.opts[0].startswith("-")} - {"--help"}
        spelled = {option: option in page or option.replace("--", "--no-", 1) in page for option in options}
        return [option for option, found in spelled.items() if not found] + ([] if f"`{name}`" in page else [name])

    assert missing(root, "k8s-core") == []


def test_completion_sees_all_sub_commands() -> None:
    done = run(
        _K8S_CORE_COMPLETE="complete_bash",
        COMP_WORDS="k8s-core plu",
        COMP_CWORD="1",
        _TYPER_COMPLETE_ARGS="k8s-core plu",
    )
    assert "plugins" in done.stdout


def test_without_the_extra_it_says_what_to_install() -> None:
    blocked = "import sys; sys.modules['typer'] = None; from k8s_core.cli import main; main()"
    done = run(command=(*PYTHON, "-c", blocked))
    assert done.returncode == 1
    assert done.stderr == "error: the k8s-core command needs typer: pip install 'k8s-core[cli]'\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("serve", "--port", "0"), "error: k8s-core serve: not installed: pip install k8s-core-devkit\n"),
        (("plugin", "new", "a"), "error: k8s-core plugin: not installed: pip install 'k8s-core-devkit[codegen]'\n"),
    ],
)
def test_without_the_extra_a_sub_command_of_the_devkit_names_the_devkit_at_once(
    arguments: tuple[str, ...], message: str
) -> None:
    blocked = "import sys; sys.modules['typer'] = None; from k8s_core.cli import main; main()"
    done = run(*arguments, command=(*PYTHON, "-c", blocked))
    assert (done.returncode, done.stderr) == (1, message)


def test_an_error_of_the_sdk_is_one_line_and_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(only: str) -> typer.Typer:
        app = typer.Typer()

        @app.command()
        def fail() -> None:
            error = ConfigError("no context named 'prod' in ~/.kube/config")
            error.add_note("raised in a plugin")
            raise error

        return app

    monkeypatch.setattr(frame, "build_app", broken)
    with pytest.raises(SystemExit) as caught:
        cli.main([])
    assert caught.value.code == 1
    assert capsys.readouterr().err == "error: no context named 'prod' in ~/.kube/config\n  raised in a plugin\n"


def test_a_reader_that_stops_early_is_no_error() -> None:
    code = "import sys; from k8s_core.cli.output import print_json; print_json(['x' * 100] * 20000)"
    program = (
        "import importlib, typer; frame = importlib.import_module('k8s_core.cli.main'); app = typer.Typer()\n"
        f"def many() -> None:\n    {code}\n"
        "app.command()(many); frame.build_app = lambda only: app; frame.main([])"
    )
    with subprocess.Popen([*PYTHON, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
    assert errors == b""


def test_tables_in_a_pipe_have_tabs_between_cells_and_no_padding(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_table(("Name", "Why"), [("a", "one\ntwo"), ("longer", "")], title="T", styles={"a": "red"})
    assert capsys.readouterr().out == "NAME\tWHY\na\tone two\nlonger\t-\n"


def test_tables_in_a_terminal_are_drawn_and_honour_no_color(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    output.print_table(("Name", "State"), [("[red]x[/red]", "broken")], title="T", styles={"broken": "bold red"})
    text = capsys.readouterr().out
    assert "[red]x[/red]" in text
    assert "━" in text
    assert "31m" not in text


def test_I10_an_error_can_not_drive_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*args: Any, **kwargs: Any) -> typer.Typer:
        raise ConfigError("context '\x1b[2Jprod\rfake' is unknown")

    monkeypatch.setattr(frame, "build_app", broken)
    with pytest.raises(SystemExit):
        cli.main([])
    assert capsys.readouterr().err == "error: context '^[[2Jprod\\rfake' is unknown\n"
