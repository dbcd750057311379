# SPDX-License-Identifier: Apache-2.0
"""Files and trees into a container and out of it, through its ``tar``."""

from __future__ import annotations

import contextlib
import posixpath
import shutil
import tarfile
import tempfile
import uuid
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, cast

from k8s_core.errors import CommandNotRun, CopyError, KubernetesError, RequestError, StreamBroken
from k8s_core.streams.archive import CopyReport, Progress, pack, place, unpack
from k8s_core.streams.commands import run_command, start_command
from k8s_core.streams.process import errors_of, keep_errors_short

if TYPE_CHECKING:
    import os

    from k8s_core.streams.process import Process
    from k8s_core.streams.targets import Target

__all__ = ["copy_from", "copy_to"]

_NOT_FOUND: Final = (126, 127)
_ERRORS: Final = 2000
_FINISH: Final = r"""
set -e
from=$1 to=$2
case $from in /*) ;; *) from=$PWD/$from to=$PWD/$to ;; esac
if [ -d "$from" ] && [ ! -h "$from" ] && [ -d "$to" ]; then
  cd "$from"
  find . -type d -exec sh -c 'to=$1; shift; for each; do mkdir -p "$to/$each"; done' sh "$to" {} +
  find . ! -type d -exec sh -c 'to=$1; shift; for each; do
    if [ -d "$to/$each" ] && [ ! -h "$to/$each" ]; then echo "$to/$each is a folder" >&2
    else mv -f "$each" "$to/$each"; fi; done' sh "$to" {} +
  left=$(find . ! -type d | head -n 1)
  cd /
  [ -z "$left" ]
  rm -rf "$from"
elif [ -d "$to" ]; then
  echo "$to is a folder; give the name that the copy shall have" >&2
  exit 1
elif [ -d "$from" ] && [ ! -h "$from" ] && [ -e "$to" ]; then
  echo "$to is a file, and a folder would replace it" >&2
  exit 1
else
  mv -f "$from" "$to"
fi
"""
"""Moves what was unpacked to its final name; into a folder that is there already, file by file."""


def copy_from(
    target: Target,
    source: str,
    to: str | os.PathLike[str],
    *,
    container: str | None,
    skip_unsafe: bool,
    progress: Progress | None,
) -> CopyReport:
    """See ``Client.copy_from``."""
    folder, name = _split(source)
    final = Path(to)
    if not final.parent.is_dir():
        raise CopyError(f"{final.parent} is not a folder, so that nothing can be copied to {final}; create it first")
    # Beside the target, so that it can be renamed; nobody else may write there while it is unpacked.
    with _folder_beside(final) as into:
        command = ["tar", "-c", "-f", "-", "-C", folder, f"./{name}" if name else "."]
        with start_command(target, command, container=container, stdin=False, text=False, tty=False) as process:
            keep_errors_short(process)
            try:
                top = (name,) if name else ()
                report, content = unpack(process.stdout, top, into, skip_unsafe=skip_unsafe, progress=progress)
                while process.stdout.read(1 << 16):
                    pass  # what tar writes behind the end
            except OSError as error:
                raise CopyError(f"{final} can't be written: {error.strerror}") from error
            except (tarfile.TarError, EOFError, ValueError, OverflowError) as error:
                process.stdout.close()  # whatever else comes, so that tar can end
                _check_end(process, target, source)
                raise CopyError(f"{target}: the archive of {source} can't be read: {error}") from error
            _check_end(process, target, source)
        if not (content.exists() or content.is_symlink()):
            raise CopyError(f"{target}: the archive of {source} is empty")
        try:
            place(content, final)
        except OSError as error:
            raise CopyError(f"{final}: {error.strerror}") from error
    return report


def copy_to(
    target: Target, source: str | os.PathLike[str], to: str, *, container: str | None, progress: Progress | None
) -> CopyReport:
    """See ``Client.copy_to``."""
    path = Path(source)
    if not (path.exists() or path.is_symlink()):
        raise CopyError(f"{path} does not exist")
    folder, name = _split(to)
    if not name:
        raise RequestError(f"{to!r} is the root; give the name that the copy shall have")
    temporary = f".{name}.{uuid.uuid4().hex}"
    command = ["tar", "-x", "-p", "-o", "-f", "-", "-C", folder]
    unpacked = posixpath.join(folder, temporary)
    process = start_command(target, command, container=container, stdin=True, text=False, tty=False, half_close=True)
    try:
        with process:
            keep_errors_short(process)
            report = _send(process, path, temporary, target, to, progress)
        finish = ["sh", "-c", _FINISH, "sh", unpacked, posixpath.join(folder, name)]
        moved = _run(target, finish, container)
        if moved.exit_code:
            raise CopyError(f"{target}: {to}: {_words(moved.stderr) or f'exit code {moved.exit_code}'}")
    except BaseException:
        with contextlib.suppress(KubernetesError):
            _run(target, ["rm", "-rf", unpacked], container)
        raise
    return report


def _send(process: Process, path: Path, top: str, target: Target, to: str, progress: Progress | None) -> CopyReport:
    stdin = cast("IO[bytes]", process.stdin)
    try:
        report = pack(path, top, stdin, progress)
        stdin.close()
    except StreamBroken:
        _check_end(process, target, to)
        raise
    except OSError as error:
        raise CopyError(f"{error.filename or path} can't be read: {error.strerror or error}") from error
    _check_end(process, target, to)
    return report


def _run(target: Target, command: list[str], container: str | None) -> Any:
    try:
        return run_command(
            target, command, container=container, input=None, text=False, check=False, timeout=None, tty=False
        )
    except CommandNotRun as error:
        raise CopyError(f"{target}: the image has no {command[0]}, which copying takes: {error}") from error


def _check_end(process: Process, target: Target, path: str) -> None:
    """Raise what tar says, unless it ended well."""
    try:
        code = process.wait()
    except CommandNotRun as error:
        raise CopyError(
            f"{target}: the image has no tar, which copying takes: install it there, or use a debug container ({error})"
        ) from error
    if code in _NOT_FOUND:
        raise CopyError(f"{target}: the image has no tar, which copying takes: {_words(errors_of(process))}")
    if code:
        raise CopyError(f"{target}: {path}: {_words(errors_of(process)) or f'tar ended with exit code {code}'}")


def _words(errors: bytes) -> str:
    return errors[-_ERRORS:].decode("utf-8", "replace").strip()


def _split(path: str) -> tuple[str, str]:
    """The folder and the name of a path in the container; the name is empty for the root."""
    if not path or "\0" in path:
        raise RequestError(f"{path!r} is not a path of a file in the container")
    path = posixpath.normpath(path)
    folder, name = posixpath.split("/" + path.lstrip("/") if path.startswith("/") else path)
    if name in (".", ".."):
        raise RequestError(f"{path!r} does not name a file or folder; give its own name")
    return folder or ".", name


@contextlib.contextmanager
def _folder_beside(path: Path) -> Any:
    try:
        folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    except OSError as error:
        raise CopyError(f"{path.parent}: {error.strerror}") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, onerror=_make_writable)


def _make_writable(function: Any, path: str, _: object) -> None:
    """A folder of the archive may forbid to be emptied."""
    with contextlib.suppress(OSError):
        Path(path).parent.chmod(0o700)
        Path(path).chmod(0o700)
        function(path)
