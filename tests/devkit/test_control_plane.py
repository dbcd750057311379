# SPDX-License-Identifier: Apache-2.0
"""ControlPlane with fake binaries: every way to start, to fail and to end."""

from __future__ import annotations

import json
import os
import signal
import ssl
import stat
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from waiting import eventually

from k8s_core.errors import KubernetesError
from k8s_core.redaction import reveal
from k8s_devkit.control_plane.control_plane import AssetsMissing, ControlPlane, ControlPlaneError

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.configuration import Config

pytestmark = pytest.mark.slow  # every test starts processes

FAKE = Path(__file__).with_name("fake_apiserver.py")
PATIENCE = 30.0


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    """A folder with the two fake programs."""
    folder = tmp_path / "assets"
    folder.mkdir()
    for name in ("etcd", "kube-apiserver"):
        program = folder / name
        program.write_text(f"#!{sys.executable} -IS\n{FAKE.read_text()}")
        program.chmod(0o755)
    return folder


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the control planes of the test put their directories: empty at the end, or something was left behind."""
    folder = tmp_path / "place"
    folder.mkdir()
    return folder


@pytest.fixture
def make(assets: Path, place: Path) -> Callable[..., ControlPlane]:
    return lambda **options: ControlPlane(**{"assets": assets, "directory": place, "stop_timeout": 5.0, **options})


def pids(directory: Path) -> list[int]:
    """The ids that the fakes wrote down, etcd's too, which nobody else waits for."""
    eventually(lambda: len(list(directory.glob("*.pid"))) >= 2)
    eventually(lambda: all(path.read_text() for path in directory.glob("*.pid")))
    return [int(path.read_text()) for path in directory.glob("*.pid")]


def alive(pid: int) -> bool:
    """Whether the process runs; one that only waits to be reaped by a lazy init does not."""
    status = Path(f"/proc/{pid}/stat")
    try:
        os.kill(pid, 0)
        return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def gone(processes: list[int], place: Path) -> bool:
    return not any(map(alive, processes)) and not list(place.iterdir())


def ask(config: Config, path: str, tmp_path: Path) -> Any:
    """A request by hand, with what the Config holds and nothing else."""
    authority = config.certificate_authority_data
    assert authority is not None
    context = ssl.create_default_context(cadata=authority.decode())
    if config.client_certificate_data is not None:
        certificate, key = tmp_path / "c.crt", tmp_path / "c.key"
        certificate.write_bytes(config.client_certificate_data)
        key.write_bytes(reveal(config.client_key_data))
        context.load_cert_chain(certificate, key)
    headers = {"Authorization": f"Bearer {reveal(config.token)}"} if config.token else {}
    request = urllib.request.Request(config.server + path, headers=headers)
    with urllib.request.urlopen(request, context=context, timeout=10) as response:
        return json.load(response)


# --- starting --------------------------------------------------------------------------------------------


def test_starts_and_ends(make: Callable[..., ControlPlane], place: Path, tmp_path: Path) -> None:
    plane = make()
    assert not plane.running
    assert repr(plane) == "<ControlPlane stopped>"
    with plane:
        assert plane.running
        assert plane.version == "v1.99.0"
        assert plane.url.startswith("https://127.0.0.1:")
        assert ask(plane.config(), "/whoami", tmp_path) == [
            {"commonName": "admin", "organizationName": "system:masters"},
            None,
        ]
        processes = pids(plane.directory)
        plane.start()  # does nothing
        assert pids(plane.directory) == processes
    assert gone(processes, place)
    plane.stop()  # does nothing
    with plane:  # and once more
        assert plane.running
    assert not list(place.iterdir())


def test_files_are_for_the_owner_only(make: Callable[..., ControlPlane]) -> None:
    with make() as plane:
        assert stat.S_IMODE(plane.directory.stat().st_mode) == 0o700
        for name in ("admin.key", "server.key", "service-account.key", "tokens.csv"):
            assert stat.S_IMODE((plane.directory / name).stat().st_mode) == 0o600


def test_identities(make: Callable[..., ControlPlane], tmp_path: Path) -> None:
    with make(tokens={"s3cret": ("alice", ["dev", "ops"])}) as plane:
        assert 's3cret,alice,alice,"dev,ops"\n' in (plane.directory / "tokens.csv").read_text()
        [subject, _] = ask(plane.config(user="bob", groups=["dev"]), "/whoami", tmp_path)
        assert subject == {"commonName": "bob", "organizationName": "dev"}
        assert ask(plane.config(token="s3cret"), "/whoami", tmp_path) == [{}, "Bearer s3cret"]
        assert "s3cret" not in repr(plane.config(token="s3cret"))

        document = yaml.safe_load(plane.kubeconfig())
        assert document["clusters"][0]["cluster"]["server"] == plane.url
        assert set(document["users"][0]["user"]) == {"client-certificate-data", "client-key-data"}
        assert yaml.safe_load(plane.kubeconfig(token="s3cret"))["users"][0]["user"] == {"token": "s3cret"}


def test_arguments(make: Callable[..., ControlPlane], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ETCD_NAME", "meant for another one")
    with make(apiserver_args=["--runtime-config=api/all=true"], etcd_args=["--quota=1"]) as plane:
        logs = plane.logs()
        assert "'--quota=1']" in logs["etcd"]
        assert "'--runtime-config=api/all=true']" in logs["kube-apiserver"]
        assert "etcd variables []" in logs["etcd"]


def test_a_taken_port_is_no_failure(make: Callable[..., ControlPlane], place: Path) -> None:
    with make(apiserver_args=["--fake=port-taken-once"]) as plane:
        assert plane.running
        assert len(list(place.iterdir())) == 1


def test_started_in_a_thread_that_ends(make: Callable[..., ControlPlane]) -> None:
    plane = make()
    thread = threading.Thread(target=plane.start)
    thread.start()
    thread.join()
    try:
        assert plane.running
        assert all(map(alive, pids(plane.directory)))
    finally:
        plane.stop()


# --- failing ---------------------------------------------------------------------------------------------


def test_missing_binaries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    with pytest.raises(AssetsMissing, match=r"no etcd at .*/etcd: set KUBEBUILDER_ASSETS to a folder with") as caught:
        ControlPlane().start()
    assert isinstance(caught.value, KubernetesError)
    assert ControlPlane.unavailable() == str(caught.value)


def test_binary_that_is_not_executable(assets: Path) -> None:
    (assets / "kube-apiserver").chmod(0o644)
    with pytest.raises(AssetsMissing, match=r"kube-apiserver \(from assets\) is not an executable file"):
        ControlPlane(assets=assets).start()


def test_assets_of_envtest(assets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    monkeypatch.setenv("TEST_ASSET_ETCD", str(assets / "etcd"))
    assert "kube-apiserver" in str(ControlPlane.unavailable())
    monkeypatch.setenv("TEST_ASSET_KUBE_APISERVER", str(assets / "kube-apiserver"))
    assert ControlPlane.unavailable() is None


def test_server_that_ends_at_once(make: Callable[..., ControlPlane], place: Path) -> None:
    with pytest.raises(ControlPlaneError, match="kube-apiserver ended with exit code 1") as caught:
        make(apiserver_args=["--fake=exit"]).start()
    assert "--imaginary is unknown" in str(caught.value)
    assert "--imaginary is unknown" in caught.value.logs["kube-apiserver"]
    assert not list(place.iterdir())


def test_crash_is_shown_from_its_beginning(make: Callable[..., ControlPlane]) -> None:
    with pytest.raises(ControlPlaneError) as caught:
        make(apiserver_args=["--fake=crash"]).start()
    assert caught.value.logs["kube-apiserver"].startswith("panic: nil map\n")
    assert len(caught.value.logs["kube-apiserver"]) <= 4096


def test_program_that_is_none(assets: Path, make: Callable[..., ControlPlane], place: Path) -> None:
    (assets / "kube-apiserver").write_bytes(b"\x7fELF, not really")
    with pytest.raises(ControlPlaneError, match=r"kube-apiserver could not be started: .*Exec format error"):
        make().start()
    assert not list(place.iterdir())


def test_server_that_never_gets_ready(make: Callable[..., ControlPlane], place: Path) -> None:
    with pytest.raises(ControlPlaneError, match=r"not ready in 4 s: /readyz answers 500: .*reason withheld"):
        make(apiserver_args=["--fake=never-ready"], start_timeout=4).start()
    assert not list(place.iterdir())


def test_server_that_dies_later(make: Callable[..., ControlPlane], place: Path) -> None:
    plane = make().start()
    processes = pids(plane.directory)
    os.kill(int((plane.directory / "etcd.pid").read_text()), signal.SIGKILL)
    eventually(lambda: not plane.running)
    eventually(lambda: not any(map(alive, processes)))
    assert "arguments" in plane.logs()["etcd"]
    with pytest.raises(ControlPlaneError, match="etcd was killed by SIGKILL") as caught, plane:
        pass
    assert "arguments" in caught.value.logs["etcd"]
    assert not list(place.iterdir())


def test_use_before_start(make: Callable[..., ControlPlane]) -> None:
    with pytest.raises(ControlPlaneError, match=r"not running: call start\(\)"):
        _ = make().url


# --- ending ----------------------------------------------------------------------------------------------


def test_exception_in_the_block(make: Callable[..., ControlPlane], place: Path) -> None:
    processes: list[int] = []

    def block() -> None:
        with make() as plane:
            processes.extend(pids(plane.directory))
            raise LookupError

    with pytest.raises(LookupError):
        block()
    assert gone(processes, place)


def test_server_that_does_not_want_to_end(make: Callable[..., ControlPlane], place: Path) -> None:
    plane = make(apiserver_args=["--fake=stubborn"], stop_timeout=0.3).start()
    processes = pids(plane.directory)
    plane.stop()
    assert gone(processes, place)


def test_children_of_a_wrapper_end_too(make: Callable[..., ControlPlane], place: Path) -> None:
    with make(etcd_args=["--fake=child"]) as plane:
        eventually((plane.directory / "etcd-child.pid").exists)
        processes = pids(plane.directory)
        assert len(processes) == 3
    eventually(lambda: gone(processes, place))


OWNER = """
import sys, time
from k8s_devkit.control_plane.control_plane import ControlPlane
plane = ControlPlane(assets=sys.argv[1], directory=sys.argv[2], etcd_args=sys.argv[3:]).start()
print(plane.directory, flush=True)
{then}
"""


def owner(assets: Path, place: Path, then: str) -> subprocess.Popen[str]:
    """Another Python that owns a control plane."""
    command = [sys.executable, "-c", OWNER.format(then=then), str(assets), str(place)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def directory_of(process: subprocess.Popen[str]) -> Path:
    assert process.stdout is not None
    return Path(process.stdout.readline().strip())


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_owner_is_killed(assets: Path, place: Path, number: signal.Signals) -> None:
    with owner(assets, place, "time.sleep(600)") as process:
        processes = pids(directory_of(process))
        process.send_signal(number)
        process.communicate(timeout=PATIENCE)
    eventually(lambda: gone(processes, place))


def test_interrupted_while_it_starts(assets: Path, place: Path) -> None:
    code = OWNER.replace("etcd_args", "apiserver_args").format(then="")
    command = [sys.executable, "-c", code, str(assets), str(place), "--fake=never-ready"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        eventually(lambda: any(place.iterdir()))
        processes = pids(next(place.iterdir()))
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=PATIENCE)
    assert errors.rstrip().endswith("KeyboardInterrupt")
    assert gone(processes, place)


def test_owner_ends_without_stop(assets: Path, place: Path) -> None:
    with owner(assets, place, "import os; os.system(f'ls {plane.directory}')") as process:
        directory = directory_of(process)
        _, errors = process.communicate(timeout=PATIENCE)
    # At its end, not some time after it: what looks for leftovers then finds none.
    assert not directory.exists()
    assert errors == ""
    assert process.returncode == 0


def test_owner_is_killed_while_a_forked_child_lives(assets: Path, place: Path) -> None:
    then = "import os, signal\nif os.fork() == 0:\n    os.close(1); os.close(2); signal.pause()\nsignal.pause()"
    with owner(assets, place, then) as process:
        processes = pids(directory_of(process))
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        if not children.exists():
            process.kill()
            pytest.skip("needs /proc to find the forked child")
        eventually(lambda: len(children.read_text().split()) == 2)  # the supervisor and the fork
        forked = max(map(int, children.read_text().split()))
        process.kill()
        process.communicate(timeout=PATIENCE)
    try:
        assert alive(forked)
        eventually(lambda: gone(processes, place))
    finally:
        os.kill(forked, signal.SIGKILL)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has parent death signals")
def test_supervisor_is_killed(make: Callable[..., ControlPlane], place: Path) -> None:
    plane = make().start()
    try:
        processes = pids(plane.directory)
        supervisor = int(Path(f"/proc/{processes[0]}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill(supervisor, signal.SIGKILL)
        eventually(lambda: not any(map(alive, processes)))
        eventually(lambda: not plane.running)
    finally:
        plane.stop()
    assert not list(place.iterdir())
