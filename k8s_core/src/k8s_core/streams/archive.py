# SPDX-License-Identifier: Apache-2.0
"""Archives of tar as streams: writing a tree of this machine, and unpacking one that is not to be trusted.

An entry is refused if its name is absolute or has ``..``, if it lies behind a link, if it is a link that may lead out
of the tree, and if it is not a file, folder or link. A link may climb only at its beginning, and not beyond the root:
then it stays inside whatever the links are that it passes.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tarfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from k8s_core.errors import CopyError, UnsafeEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CopyProgress", "CopyReport", "Progress", "pack", "place", "unpack"]

_PIECE: Final = 1 << 20
_BUFFER: Final = 1 << 18
_MODE: Final = 0o777  # no setuid, setgid or sticky bit crosses

Parts: TypeAlias = tuple[str, ...]


class CopyProgress(NamedTuple):
    """How far a copy is.

    Attributes:
        entry: the file that is being copied, relative to the tree; empty for its root.
        files: how many are complete.
        size: bytes of contents so far.
    """

    entry: str
    files: int
    size: int


Progress: TypeAlias = Callable[[CopyProgress], object]


@dataclass
class CopyReport:
    """What was copied.

    Attributes:
        files, folders, links: how many.
        size: bytes of contents.
        skipped: entries that were left out: those of unsafe names, and what is not a file, folder or link.
    """

    files: int = 0
    folders: int = 0
    links: int = 0
    size: int = 0
    skipped: list[str] = field(default_factory=list)


# -- writing


def pack(source: Path, top: str, file: IO[bytes], progress: Progress | None) -> CopyReport:
    """Write the archive of a file or tree.

    Args:
        source: what to read.
        top: its name in the archive.
        file: where to.
        progress: told after each piece.

    Raises:
        OSError: something can't be read, or changes meanwhile.
    """
    report = CopyReport()
    # GNU's format for long names is the one that busybox knows as well.
    with tarfile.open(fileobj=file, mode="w|", bufsize=_BUFFER, format=tarfile.GNU_FORMAT) as archive:
        for path, relative in _walk(source):
            info: Any = archive.gettarinfo(path, f"{top}/{relative}" if relative else top)
            if info is None or not (info.isreg() or info.isdir() or info.issym() or info.islnk()):
                report.skipped.append(relative)
                continue
            info.uid = info.gid = 0
            info.uname = info.gname = ""
            info.mtime = int(info.mtime)
            if not info.isreg():
                archive.addfile(info)
                report.folders += info.isdir()
                report.links += info.issym() or info.islnk()
                continue
            with path.open("rb") as content:
                archive.addfile(info, _Told(content, report, relative, progress))
            report.files += 1
    return report


class _Told:
    """A file that tells how far it was read."""

    def __init__(self, file: IO[bytes], report: CopyReport, entry: str, progress: Progress | None) -> None:
        self._file = file
        self._report = report
        self._entry = entry
        self._progress = progress

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._report.size += len(data)
        if self._progress is not None:
            self._progress(CopyProgress(self._entry, self._report.files, self._report.size))
        return data


def _walk(source: Path) -> Iterator[tuple[Path, str]]:
    """The paths of a tree, parents first, in the order of their names; with the name relative to the tree."""
    yield source, ""
    if source.is_symlink() or not source.is_dir():
        return
    for folder, folders, files in os.walk(source, onerror=_raise):
        folders.sort()
        here = Path(folder)
        for name in sorted([*folders, *files]):
            yield here / name, (here / name).relative_to(source).as_posix()


def _raise(error: OSError) -> None:
    raise error


# -- unpacking


def unpack(
    file: IO[bytes], top: Parts, into: Path, *, skip_unsafe: bool, progress: Progress | None
) -> tuple[CopyReport, Path]:
    """Unpack an archive into a fresh folder.

    Args:
        file: the archive.
        top: the name under which everything in it stands; empty for ``.``.
        into: an empty folder that nobody else writes to.
        skip_unsafe: leave unsafe entries out instead of raising.
        progress: told after each piece.

    Returns:
        The report, and the path of what was unpacked, which may be missing.

    Raises:
        UnsafeEntry: an entry is refused; what came before it is in the folder.
        tarfile.TarError: not an archive, or not whole.
    """
    unpacking = _Unpacking(into / "content", top, progress)
    with tarfile.open(fileobj=file, mode="r|", bufsize=_BUFFER) as archive:
        for member in archive:
            try:
                unpacking.take(archive, member)
            except UnsafeEntry as error:
                if not skip_unsafe:
                    raise
                unpacking.report.skipped.append(error.entry)
    unpacking.finish()
    return unpacking.report, unpacking.root


class _Unpacking:
    """One archive on its way to the disk. Knows all that it has made, so that it never asks the disk what a name is."""

    def __init__(self, root: Path, top: Parts, progress: Progress | None) -> None:
        self.root = root
        self.report = CopyReport()
        self._top = top
        self._progress = progress
        self._folders: dict[Parts, tuple[int, float]] = {}
        self._others: dict[Parts, bool] = {}  # files (True) and links (False)

    def take(self, archive: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        parts = self._checked(member, member.name)
        if any(parts[:length] in self._others for length in range(len(parts))):
            raise _unsafe(member, "it lies behind a link or a file")
        if member.isdir():
            self._folder(parts, member)
            return
        if not (member.isreg() or member.issym() or member.islnk()):
            raise _unsafe(member, "it is not a file, folder or link")
        if parts in self._folders:
            raise _unsafe(member, "it would replace a folder")
        link = self._link_target(member, parts)
        for length in range(len(parts)):
            self._folder(parts[:length], None)
        path = self._path(parts)
        if parts in self._others:  # a later entry of the same name counts
            path.unlink()
        self._others[parts] = not member.issym()
        if member.issym():
            path.symlink_to(member.linkname)
            self.report.links += 1
        elif link is not None:
            os.link(link, path, follow_symlinks=False)
            self.report.links += 1
        else:
            self._file(archive, member, path, "/".join(parts))

    def _checked(self, member: tarfile.TarInfo, name: str) -> Parts:
        if name.startswith("/"):
            raise _unsafe(member, "the name is absolute")
        if "\0" in name or (os.name == "nt" and any(each in name for each in '\\:*?"<>|')):
            raise _unsafe(member, "the name can't be one of a file here")
        parts = tuple(each for each in name.split("/") if each not in ("", "."))
        if ".." in parts:
            raise _unsafe(member, "the name has ..")
        if parts[: len(self._top)] != self._top:
            raise _unsafe(member, f"it is not below {'/'.join(self._top)!r}, which was asked for")
        return parts[len(self._top) :]

    def _link_target(self, member: tarfile.TarInfo, parts: Parts) -> Path | None:
        """The file that a hard link means; None for all else, if it is safe."""
        if member.islnk():
            target = self._checked(member, member.linkname)
            if not self._others.get(target):
                raise _unsafe(member, f"it is a link to {member.linkname!r}, which is not a file of the archive")
            return self._path(target)
        if member.issym():
            names = [each for each in member.linkname.split("/") if each not in ("", ".")]
            climbs = next((index for index, each in enumerate(names) if each != ".."), len(names))
            if member.linkname.startswith("/") or ".." in names[climbs:] or climbs > len(parts) - 1:
                raise _unsafe(member, f"it is a link to {member.linkname!r}, which may lead out of the target")
        return None

    def _path(self, parts: Parts) -> Path:
        return self.root.joinpath(*parts)

    def _folder(self, parts: Parts, member: tarfile.TarInfo | None) -> None:
        if member is not None and parts in self._others:
            raise _unsafe(member, "it would replace a file")
        known = parts in self._folders
        for length in range(len(parts) if member is not None else 0):
            self._folder(parts[:length], None)
        if not known:
            self._path(parts).mkdir(0o700)
            self.report.folders += 1
        if member is not None:
            self._folders[parts] = (member.mode & _MODE, member.mtime)
        elif not known:
            self._folders[parts] = (0o755, -1)

    def _file(self, archive: tarfile.TarFile, member: tarfile.TarInfo, path: Path, entry: str) -> None:
        source = archive.extractfile(member)
        assert source is not None  # a regular file
        report = self.report
        with path.open("xb") as target:
            while data := source.read(_PIECE):
                target.write(data)
                report.size += len(data)
                if self._progress is not None:
                    self._progress(CopyProgress(entry, report.files, report.size))
        if path.stat().st_size != member.size:
            raise tarfile.ReadError("unexpected end of data")
        report.files += 1
        path.chmod(member.mode & _MODE)
        _set_time(path, member.mtime)

    def finish(self) -> None:
        """Modes and times of folders, which were in the way until now; those inside first."""
        for parts, (mode, mtime) in sorted(self._folders.items(), reverse=True):
            path = self._path(parts)
            path.chmod(mode)
            if mtime >= 0:
                _set_time(path, mtime)


def _set_time(path: Path, mtime: float) -> None:
    # An archive can name times that no file system has.
    with contextlib.suppress(OverflowError, ValueError):
        os.utime(path, (mtime, mtime))


def _unsafe(member: tarfile.TarInfo, reason: str) -> UnsafeEntry:
    return UnsafeEntry(f"the archive has an entry {member.name!r} that is refused: {reason}", entry=member.name)


# -- to its place


def place(content: Path, target: Path) -> None:
    """Move what was unpacked to its final name; into a folder that is there already, file by file.

    Raises:
        CopyError: a file would replace a folder, or the other way round, or something lies behind a link.
        OSError: it can't be moved.
    """
    is_folder = content.is_dir() and not content.is_symlink()
    if not is_folder:
        if target.is_dir() and not target.is_symlink():
            raise CopyError(f"{target} is a folder; give the name that the copy shall have")
        content.replace(target)
        return
    if target.is_dir():
        _check(content, target)
        _merge(content, target)
        shutil.rmtree(content)
    elif target.exists() or target.is_symlink():
        raise CopyError(f"{target} is a file, and a folder would replace it")
    else:
        mode = stat.S_IMODE(content.stat().st_mode)
        content.chmod(mode | 0o700)  # else it can't be moved
        content.replace(target)
        target.chmod(mode)


def _check(content: Path, target: Path) -> None:
    for each in content.iterdir():
        there = target / each.name
        is_folder = each.is_dir() and not each.is_symlink()
        if not there.exists() and not there.is_symlink():
            continue
        if is_folder and (there.is_symlink() or not there.is_dir()):
            raise CopyError(f"{there} is not a folder, and a folder would replace it")
        if not is_folder and there.is_dir() and not there.is_symlink():
            raise CopyError(f"{there} is a folder, and a file would replace it")
        if is_folder:
            _check(each, there)


def _merge(content: Path, target: Path) -> None:
    times = content.stat()
    for each in list(content.iterdir()):
        there = target / each.name
        if each.is_dir() and not each.is_symlink() and there.exists():
            _merge(each, there)
        else:
            each.replace(there)
    os.utime(target, ns=(times.st_atime_ns, times.st_mtime_ns))
