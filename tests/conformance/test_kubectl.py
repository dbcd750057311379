# SPDX-License-Identifier: Apache-2.0
"""The machine's kubectl against both servers: what people type, and what appears (protocol J26-J31).

Each file in ``kubectl/`` is a transcript, recorded from a real kube-apiserver with several versions of kubectl, and
replayed with whatever kubectl is there. CONTRIBUTING.md says how to record.
"""

from __future__ import annotations

import difflib
import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from kubectl_terminal import Terminal
from transcripts import EMBEDDED, Output, Step, Transcript, parse, parse_version
from wire import Wire

from k8s_devkit import ApiServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transcripts import Pair, Version

    from k8s_devkit import ControlPlane

FILES = sorted(Path(__file__).with_name("kubectl").glob("*.txt"))
pytestmark = pytest.mark.kubectl


@pytest.fixture(scope="session")
def kubectl(request: pytest.FixtureRequest) -> Path:
    """The kubectl to drive: that of ``--kubectl``, or the machine's."""
    found = shutil.which(request.config.getoption("--kubectl"))
    if found is None:
        pytest.skip("kubectl is not on the PATH")
    return Path(found).absolute()


@pytest.fixture(scope="session")
def kubectl_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder that the scenarios share, with kubectl's caches."""
    return tmp_path_factory.mktemp("kubectl-home")


@pytest.fixture
def transcript(path: Path, request: pytest.FixtureRequest) -> Transcript:
    """The file's content, if it is for this server."""
    transcript = parse(path.read_text())
    if transcript.embedded is not None and request.config.getoption("--server") != "embedded":
        pytest.skip("what controllers do can be seen on the embedded server only: none run beside the real one")
    return transcript


@pytest.fixture
def server(api_server: ApiServer | ControlPlane, transcript: Transcript) -> Iterator[ApiServer | ControlPlane]:
    """The server of all tests, or one of its own where controllers are simulated."""
    if not transcript.embedded:
        yield api_server
        return
    with ApiServer() as made:
        made.simulate(*transcript.embedded)
        yield made


@pytest.fixture
def terminal(server: ApiServer | ControlPlane, kubectl: Path, kubectl_home: Path, tmp_path: Path) -> Iterator[Terminal]:
    """A terminal in a namespace of its own, whose name is as long as what stands for it."""
    namespace = f"t-{uuid.uuid4().hex[: len('<namespace>') - 2]}"
    with server.client() as client:
        Wire(client, "default").ok("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})
    with Terminal(kubectl, server.kubeconfig(), namespace, tmp_path / "w", kubectl_home) as made:
        yield made


@pytest.fixture(scope="session")
def client_version(
    api_server: ApiServer | ControlPlane, kubectl: Path, tmp_path_factory: pytest.TempPathFactory
) -> Version:
    """The version of that kubectl."""
    folder = tmp_path_factory.mktemp("kubectl-version")
    with Terminal(kubectl, api_server.kubeconfig(), "default", folder / "w", folder) as made:
        return made.version()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_transcript(
    path: Path,
    transcript: Transcript,
    terminal: Terminal,
    client_version: Version,
    api_server: ApiServer | ControlPlane,
    request: pytest.FixtureRequest,
) -> None:
    real = request.config.getoption("--server") != "embedded"
    pair = (client_version, parse_version(api_server.version) if real else EMBEDDED)
    if not Step("", since=transcript.since).applies(pair):
        pytest.skip(f"for newer versions than kubectl {client_version} on {api_server.version}")
    seen: dict[int, Output] = {}
    problems: list[str] = []
    recording = request.config.getoption("--record-kubectl")
    for number, step in enumerate(transcript.steps):
        if not step.applies(pair):
            continue
        seen[number] = terminal.type(step.command)
        if not recording:
            problems += _problem(step, pair, seen[number])
    if recording:
        path.write_text(transcript.record(pair, seen).render())
    assert not problems, "\n".join(problems)


def _problem(step: Step, pair: Pair, seen: Output) -> list[str]:
    expected = step.expected(pair)
    if seen in expected:
        return []
    wanted = expected[0].lines() if expected else ["(never recorded)"]
    changes = difflib.unified_diff(wanted, seen.lines(), "recorded", "seen", lineterm="", n=30)
    return ["", f"$ {step.command}", *changes]


def test_files_are_as_a_recording_writes_them() -> None:
    for path in FILES:
        text = path.read_text()
        assert parse(text).render() == text, path
