# SPDX-License-Identifier: Apache-2.0
"""Copies in and out, through the tar of this machine: whole or not at all, and never beyond the target."""

from __future__ import annotations

import io
import os
import random
import shutil
import stat
import subprocess
import tarfile
from typing import TYPE_CHECKING, Any

import pytest

from k8s_core.errors import (
    CopyError,
    NoSuchContainer,
    RequestError,
    StreamBroken,
    UnsafeEntry,
    UpgradeRefused,
)
from k8s_plugins_builtin.core.v1 import Pod

if TYPE_CHECKING:
    from pathlib import Path

    from k8s_core.client import Client
    from k8s_core.streams import CopyProgress
    from k8s_devkit import ApiServer, ExecSession


@pytest.fixture
def there(tmp_path: Path) -> Path:
    """The file system of the container: commands run here."""
    folder = tmp_path / "container"
    folder.mkdir()
    return folder


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


@pytest.fixture(autouse=True)
def _containers(api: ApiServer, there: Path) -> None:
    @api.exec
    def run(session: ExecSession) -> int:
        try:
            code = subprocess.call(
                session.command, cwd=there, stdin=session.stdin, stdout=session.stdout, stderr=session.stderr
            )
        except ValueError:
            return 1  # the client went before it began, and the files with it
        return code if code >= 0 else 128 - code  # as a runtime says that a signal ended it


def tree(root: Path, files: int) -> None:
    """Files in folders, empty ones, links, odd names, modes and times."""
    chance = random.Random(17)
    root.mkdir()
    odd = ["-rf", " space ", "new\nline", "ünï", "a'b\"c", "$HOME", "*", "x" * 200, "back\\slash", "..."]
    for number in range(files):
        folder = root / f"d{number % 7}" / f"e{number % 5}"
        folder.mkdir(parents=True, exist_ok=True)
        name = odd[number % len(odd)] if number % 100 < 10 else "file"
        path = folder / f"{number}{name}"
        path.write_bytes(chance.randbytes(chance.choice([0, 1, 511, 512, 513, 3000])))
        path.chmod(chance.choice([0o644, 0o600, 0o755, 0o444]))
        os.utime(path, (1_600_000_000 + number, 1_600_000_000 + number))
    (root / "empty").mkdir()
    (root / "empty").chmod(0o750)
    (root / "link").symlink_to("d1/e1")
    (root / "d1" / "up").symlink_to("../d2")
    (root / "dangling").symlink_to("nowhere")
    os.link(root / "d0" / "e0" / "0-rf", root / "hard")


def facts(root: Path) -> dict[str, Any]:
    found = {}
    for path in [root, *sorted(root.rglob("*"))]:
        info = path.lstat()
        kind = "link" if path.is_symlink() else "folder" if path.is_dir() else "file"
        content: Any = path.readlink() if kind == "link" else path.read_bytes() if kind == "file" else None
        time = int(info.st_mtime) if kind == "file" else 0
        mode = 0 if kind == "link" else stat.S_IMODE(info.st_mode)
        found[path.relative_to(root).as_posix()] = (kind, content, mode, time)
    return found


def leftovers(*folders: Path) -> list[str]:
    return [path.name for folder in folders for path in folder.iterdir() if path.name.startswith(".")]


def test_a_tree_of_two_thousand_files_goes_there_and_back(client: Client, pod: Pod, here: Path, there: Path) -> None:
    tree(here / "data", 2000)
    sent = client.copy_to(pod, here / "data", str(there / "copied"))
    assert facts(there / "copied") == facts(here / "data")
    got = client.copy_from(pod, "copied", here / "back")  # relative to the folder of the container
    assert facts(here / "back") == facts(here / "data")
    assert (sent.files, sent.links, sent.skipped) == (got.files, got.links, got.skipped) == (2000, 4, [])
    assert sent.size == got.size > 0
    assert leftovers(here, there) == []


@pytest.mark.parametrize("size", [0, 1, 10_240, 3_000_001])
def test_one_file_with_its_mode_and_time(client: Client, pod: Pod, here: Path, there: Path, size: int) -> None:
    (here / "a.bin").write_bytes(os.urandom(size))
    (here / "a.bin").chmod(0o640)
    os.utime(here / "a.bin", (1_500_000_000, 1_500_000_000))
    client.copy_to(pod, here / "a.bin", "b.bin")
    pod.copy_from("./b.bin", here / "c.bin", client=client)
    for path in (there / "b.bin", here / "c.bin"):
        assert path.read_bytes() == (here / "a.bin").read_bytes()
        assert (stat.S_IMODE(path.stat().st_mode), path.stat().st_mtime) == (0o640, 1_500_000_000)


def test_a_file_replaces_a_file(client: Client, pod: Pod, here: Path, there: Path) -> None:
    for folder in (here, there):
        (folder / "old").write_text("old")
    (here / "new").write_text("new")
    pod.copy_to(here / "new", "old", client=client)
    assert (there / "old").read_text() == "new"
    client.copy_from(pod, "old", here / "old")
    assert (here / "old").read_text() == "new"


def test_a_folder_goes_into_one_that_is_there(client: Client, pod: Pod, here: Path, there: Path) -> None:
    for folder in (here, there):
        (folder / "t" / "deep").mkdir(parents=True)
        (folder / "t" / "deep" / "kept").write_text("kept")
    (here / "n" / "deep").mkdir(parents=True)
    (here / "n" / "-f").write_text("new")
    (here / "n" / "deep" / "x").symlink_to("kept")
    expected = {".", "-f", "deep", "deep/kept", "deep/x"}
    client.copy_to(pod, here / "n", "t")
    assert set(facts(there / "t")) == expected
    client.copy_from(pod, "t", here / "t")
    assert set(facts(here / "t")) == expected
    assert leftovers(here, there) == []


@pytest.mark.parametrize("way", ["in", "out"])
def test_files_and_folders_do_not_replace_each_other(
    client: Client, pod: Pod, here: Path, there: Path, way: str
) -> None:
    source, target = (here, there) if way == "in" else (there, here)

    def copy(name: str, to: str) -> None:
        if way == "in":
            client.copy_to(pod, source / name, str(target / to))
        else:
            client.copy_from(pod, str(source / name), target / to)

    (source / "file").write_text("new")
    (source / "folder").mkdir()
    (source / "folder" / "x").write_text("new")
    (target / "folder" / "x").mkdir(parents=True)
    (target / "file").write_text("old")
    for name, to in (("file", "folder"), ("folder", "file"), ("folder", "folder")):
        with pytest.raises(CopyError, match=r"is a folder|would replace it"):
            copy(name, to)
    assert (target / "folder" / "x").is_dir()
    assert (target / "file").read_text() == "old"
    assert leftovers(here, there) == []


def test_progress_is_told(client: Client, pod: Pod, here: Path) -> None:
    (here / "data").mkdir()
    for name in ("a", "b"):
        (here / "data" / name).write_bytes(bytes(2_500_000))
    told: list[CopyProgress] = []
    client.copy_to(pod, here / "data", "data", progress=told.append)
    assert (told[-1].entry, told[-1].size) == ("b", 5_000_000)
    there_and_back = len(told)
    client.copy_from(pod, "data", here / "back", progress=told.append)
    assert [each.size for each in told[there_and_back:]] == sorted(each.size for each in told[there_and_back:])
    assert {each.entry for each in told} == {"a", "b"}


def test_special_files_are_skipped(client: Client, pod: Pod, here: Path, there: Path) -> None:
    (here / "data").mkdir()
    os.mkfifo(here / "data" / "pipe")
    assert client.copy_to(pod, here / "data", "data").skipped == ["pipe"]
    os.mkfifo(there / "data" / "pipe")
    with pytest.raises(UnsafeEntry, match="not a file, folder or link"):
        client.copy_from(pod, "data", here / "back")
    assert client.copy_from(pod, "data", here / "back", skip_unsafe=True).skipped == ["./data/pipe"]
    assert list((here / "back").iterdir()) == []


# -- hostile archives

Entry = tuple[tarfile.TarInfo, bytes]


def entry(
    name: str, kind: bytes = tarfile.REGTYPE, link: str = "", data: bytes = b"evil"
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    info.mode = 0o755
    info.size = len(data) if kind == tarfile.REGTYPE else 0
    return info, data


def archive(*entries: Entry) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as made:
        for info, data in entries:
            made.addfile(info, io.BytesIO(data) if info.isreg() else None)
    return buffer.getvalue()


ROOT = entry("./d", tarfile.DIRTYPE)
SYM, LNK, DIR = tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE
HOSTILE = {
    "an absolute name": [entry("/tmp/evil")],
    "a name that climbs": [entry("./d/../../evil")],
    "a name that is not below": [entry("./other/evil")],
    "a name without the root": [entry("evil")],
    "an absolute link": [entry("./d/l", SYM, "/etc")],
    "a link that climbs out": [entry("./d/l", SYM, "../..")],
    "a link to the parent": [entry("./d/l", SYM, "..")],
    "a link that climbs later": [entry("./d/a", DIR), entry("./d/l", SYM, "a/../../..")],
    "a root that is a link": [entry("./d", SYM, "elsewhere")],
    "an entry behind a link": [entry("./d/l", SYM, "a"), entry("./d/l/evil")],
    "a folder behind a link": [entry("./d/a", DIR), entry("./d/l", SYM, "a"), entry("./d/l/evil", DIR)],
    "a link for a folder": [entry("./d/a", DIR), entry("./d/a", SYM, "x")],
    "a folder for a link": [entry("./d/l", SYM, "x"), entry("./d/l", DIR)],
    "an entry behind a file": [entry("./d/f"), entry("./d/f/evil")],
    "a hard link out": [entry("./d/l", LNK, "/etc/passwd")],
    "a hard link that climbs": [entry("./d/l", LNK, "./d/../../x")],
    "a hard link to nothing": [entry("./d/l", LNK, "./d/nothing")],
    "a hard link to a link": [entry("./d/s", SYM, "a"), entry("./d/l", LNK, "./d/s")],
    "a device": [entry("./d/dev", tarfile.CHRTYPE)],
    "a block device": [entry("./d/dev", tarfile.BLKTYPE)],
    "a pipe": [entry("./d/pipe", tarfile.FIFOTYPE)],
}


@pytest.mark.parametrize("case", HOSTILE)
def test_entries_of_a_hostile_archive_are_refused_one_by_one(
    api: ApiServer, client: Client, pod: Pod, here: Path, case: str
) -> None:
    entries = HOSTILE[case]
    first = [] if entries[0][0].name == "./d" else [ROOT]
    api.exec(output=archive(*first, entry("./d/good", data=b"good") if first else entries[0], *entries))
    before = set(here.parent.rglob("*"))
    with pytest.raises(UnsafeEntry, match=r"the archive has an entry '.*' that is refused") as failure:
        client.copy_from(pod, "d", here / "d")
    assert failure.value.entry == (entries[0] if not first else entries[-1])[0].name
    assert set(here.parent.rglob("*")) == before
    if first:
        report = client.copy_from(pod, "d", here / "d", skip_unsafe=True)
        assert report.skipped == [entries[-1][0].name]
        assert (here / "d" / "good").read_bytes() == b"good"
        assert not any(path.name == "evil" and path.exists() for path in here.parent.rglob("*"))


def test_a_later_entry_of_the_same_name_counts_and_is_not_written_through(
    api: ApiServer, client: Client, pod: Pod, here: Path
) -> None:
    (here / "outside").write_text("kept")
    api.exec(output=archive(ROOT, entry("./d/f"), entry("./d/f", SYM, "g"), entry("./d/f", data=b"last")))
    client.copy_from(pod, "d", here / "d")
    assert {path.name: path.read_bytes() for path in (here / "d").iterdir()} == {"f": b"last"}


def test_privileges_and_impossible_times_do_not_cross(api: ApiServer, client: Client, pod: Pod, here: Path) -> None:
    info, data = entry("./f")
    info.mode, info.pax_headers = 0o6777, {"mtime": "1e300"}
    api.exec(output=archive((info, data)))
    client.copy_from(pod, "f", here / "f")
    assert stat.S_IMODE((here / "f").stat().st_mode) == 0o777


def test_folders_that_can_not_be_written_to(client: Client, pod: Pod, here: Path, there: Path) -> None:
    (there / "d" / "locked").mkdir(parents=True)
    (there / "d" / "locked" / "f").write_text("x")
    (there / "d" / "locked").chmod(0o555)
    (there / "d").chmod(0o555)
    try:
        client.copy_from(pod, "d", here / "d")
        assert stat.S_IMODE((here / "d" / "locked").stat().st_mode) == 0o555
    finally:
        for folder in (here, there):
            for path in ("d", "d/locked"):
                (folder / path).chmod(0o755)


# -- what fails


def test_a_connection_that_breaks_leaves_nothing(
    api: ApiServer, client: Client, pod: Pod, here: Path, there: Path
) -> None:
    tree(here / "data", 50)
    shutil.copytree(here / "data", there / "source", symlinks=True)
    for after in (1, 3):
        api.faults.streams("drop", after=after)
        with pytest.raises(StreamBroken):
            client.copy_from(pod, "source", here / "back")
    api.faults.streams("omit_status")
    with pytest.raises(StreamBroken):
        client.copy_from(pod, "source", here / "back")
    api.faults.streams("omit_status")
    with pytest.raises(StreamBroken):
        client.copy_to(pod, here / "data", "copied")
    assert not (here / "back").exists()
    assert not (there / "copied").exists()
    assert leftovers(here, there) == []


@pytest.mark.parametrize("size", [0, 100, 511, 512, 700, 1024])
def test_an_archive_that_is_cut_off_is_an_error(
    api: ApiServer, client: Client, pod: Pod, here: Path, size: int
) -> None:
    whole = archive(entry("./f", data=b"x" * 3000))
    api.exec(output=whole[:size], exit_code=0)
    with pytest.raises(CopyError):
        client.copy_from(pod, "f", here / "f")
    assert list(here.iterdir()) == []


def test_what_is_not_an_archive(api: ApiServer, client: Client, pod: Pod, here: Path) -> None:
    api.exec(output=b"Welcome to this container!\n" * 100_000)
    with pytest.raises(CopyError, match="the archive of f can't be read"):
        client.copy_from(pod, "f", here / "f")


def test_tars_own_words_are_quoted(client: Client, pod: Pod, here: Path, there: Path) -> None:
    with pytest.raises(CopyError, match=r"Pod default/web: missing: .*[Nn]o such file"):
        client.copy_from(pod, "missing", here / "x")
    (here / "f").write_text("x")
    with pytest.raises(CopyError, match=r"/nowhere/f: .*[Nn]o such file"):
        client.copy_to(pod, here / "f", "/nowhere/f")
    assert [path.name for path in here.iterdir()] == ["f"]


@pytest.mark.parametrize("how", ["not run", 126, 127])
def test_an_image_without_tar(api: ApiServer, client: Client, pod: Pod, here: Path, how: Any) -> None:
    (here / "f").write_text("x")

    def missing(session: ExecSession) -> None:
        raise FileNotFoundError('exec: "tar": executable file not found in $PATH')

    if how == "not run":
        api.exec(missing)
    else:
        api.exec(errors="sh: tar: not found", exit_code=how)
    for copy in (lambda: client.copy_from(pod, "f", here / "g"), lambda: client.copy_to(pod, here / "f", "f")):
        with pytest.raises(CopyError, match="the image has no tar, which copying takes"):
            copy()


def test_errors_without_end_do_not_stop_the_copy(api: ApiServer, client: Client, pod: Pod, here: Path) -> None:
    @api.exec
    def noisy(session: ExecSession) -> int:
        for _ in range(100):
            session.stderr.write(b"tar: warning\n" * 5000)
        session.stdout.write(archive(entry("./f", data=b"content")))
        return 0

    client.copy_from(pod, "f", here / "f")
    assert (here / "f").read_bytes() == b"content"


def test_servers_without_half_close_are_refused_before_anything_is_written(
    api: ApiServer, client: Client, pod: Pod, here: Path, there: Path
) -> None:
    api.streams.protocols = ("v4.channel.k8s.io",)
    (here / "f").write_text("x")
    (there / "g").write_text("y")
    with pytest.raises(UpgradeRefused, match=r"takes Kubernetes 1\.30"):
        client.copy_to(pod, here / "f", "f")
    client.copy_from(pod, "g", here / "g")
    assert (here / "g").read_text() == "y"


def test_what_can_not_be_read_or_written_here(client: Client, pod: Pod, here: Path, there: Path) -> None:
    (there / "f").write_text("x")
    with pytest.raises(CopyError, match="does not exist"):
        client.copy_to(pod, here / "missing", "f")
    with pytest.raises(CopyError, match="create it first"):
        client.copy_from(pod, "f", here / "missing" / "f")
    with pytest.raises(CopyError, match="File name too long"):
        client.copy_from(pod, "f", here / ("x" * 250))


@pytest.mark.parametrize("path", ["", "a\0b", ".", "..", "a/.."])
def test_paths_that_name_no_file(client: Client, pod: Pod, here: Path, path: str) -> None:
    (here / "f").write_text("x")
    with pytest.raises(RequestError):
        client.copy_from(pod, path, here / "x")
    with pytest.raises(RequestError):
        client.copy_to(pod, here / "f", path)


def test_the_container_is_chosen_as_for_commands(client: Client, pod: Pod, here: Path) -> None:
    (here / "f").write_text("x")
    with pytest.raises(NoSuchContainer, match="it has main"):
        client.copy_to(pod, here / "f", "f", container="sidecar")
    assert client.copy_to(Pod, here / "f", "f", name="web", container="main").files == 1
