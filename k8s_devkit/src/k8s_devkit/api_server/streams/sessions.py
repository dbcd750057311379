# SPDX-License-Identifier: Apache-2.0
"""What handlers of exec and attach work with: blocking files in a thread of their own.

The files are ends of socket pairs. The kernel bounds what they buffer, a gone client is an EOF or a broken pipe, and a
handler may pass them to a subprocess.
"""

from __future__ import annotations

import io
import os
import socket
from pathlib import Path
from threading import Condition
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["AttachSession", "ExecSession", "LocalEnds", "TerminalSize"]


class TerminalSize(NamedTuple):
    """The size of the client's terminal, in characters."""

    width: int
    height: int


class _Output(io.RawIOBase):
    """An unbuffered file over a socket: a write blocks while the client does not read."""

    def __init__(self, end: socket.socket) -> None:
        super().__init__()
        self._end = end

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._end.fileno()

    def write(self, data: Any) -> int:
        view = memoryview(data).cast("B")
        try:
            self._end.sendall(view)
        except ConnectionError:
            raise BrokenPipeError("the client is gone") from None
        return len(view)

    def close(self) -> None:
        if not self.closed:
            self._end.close()
        super().close()


class LocalEnds:
    """The server's ends of a session's files; None for a stream that the client did not ask for."""

    def __init__(self) -> None:
        self.stdin: socket.socket | None = None
        self.stdout: socket.socket | None = None
        self.stderr: socket.socket | None = None

    def close(self) -> None:
        """The client is gone: input ends, output breaks. Idempotent."""
        for end in (self.stdin, self.stdout, self.stderr):
            if end is not None:
                end.close()


class AttachSession:
    """One client attached to a container.

    For one handler in one thread; reads and writes block. When the client goes, ``stdin`` ends and writes raise
    BrokenPipeError.

    Attributes:
        namespace, pod, container: where.
        user: the name of the user who asks.
        tty: whether the client has a terminal; ``stderr`` is then the same as ``stdout``.
        stdin: what the client sends; ends at once if it sends nothing.
        stdout, stderr: unbuffered; what is written to a stream that the client did not ask for is dropped. All three
            have a ``fileno`` and may be given to a subprocess.
    """

    def __init__(self, namespace: str, pod: str, container: str, user: str, options: dict[str, Any]) -> None:
        self.namespace = namespace
        self.pod = pod
        self.container = container
        self.user = user
        self.tty = bool(options.get("tty"))
        self._size: TerminalSize | None = None
        self._sizes: list[TerminalSize] = []
        self._changed = Condition()
        self._gone = False
        self.ends = LocalEnds()
        self.stdin: BinaryIO = self._input(bool(options.get("stdin")))
        self.stdout: BinaryIO = self._output("stdout", bool(options.get("stdout")))
        if self.tty:
            self.stderr: BinaryIO = self.stdout
        else:
            self.stderr = self._output("stderr", bool(options.get("stderr")))

    def _input(self, wanted: bool) -> BinaryIO:
        if not wanted:
            return Path(os.devnull).open("rb")
        self.ends.stdin, theirs = socket.socketpair()
        self.ends.stdin.setblocking(False)
        with theirs:  # the file keeps it open
            return theirs.makefile("rb")

    def _output(self, name: str, wanted: bool) -> BinaryIO:
        if not wanted:
            return Path(os.devnull).open("wb", buffering=0)
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        setattr(self.ends, name, ours)
        return cast("BinaryIO", _Output(theirs))

    # Terminal

    @property
    def size(self) -> TerminalSize | None:
        """The size of the terminal as last heard; None until the client says it."""
        return self._size

    def resizes(self) -> Iterator[TerminalSize]:
        """The sizes as the client sends them, from the first on. Blocks between them; ends when the client goes."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._sizes or self._gone)
                if not self._sizes:
                    return
                size = self._sizes.pop(0)
            yield size

    # What the server calls

    def resize(self, size: TerminalSize) -> None:
        """The client's terminal has this size now."""
        with self._changed:
            self._size = size
            self._sizes.append(size)
            del self._sizes[:-100]
            self._changed.notify_all()

    def leave(self) -> None:
        """The client is gone. Idempotent."""
        with self._changed:
            self._gone = True
            self._changed.notify_all()
        self.ends.close()

    @property
    def gone(self) -> bool:
        """Whether the client is gone, or the session over."""
        return self._gone

    def close_files(self) -> None:
        """The handler is done: end the output."""
        for file in (self.stdin, self.stdout, self.stderr):
            file.close()


class ExecSession(AttachSession):
    """One command that a client runs in a container.

    Attributes:
        command: the program and its arguments.
    """

    def __init__(self, namespace: str, pod: str, container: str, user: str, options: dict[str, Any]) -> None:
        super().__init__(namespace, pod, container, user, options)
        self.command: list[str] = list(options.get("command") or ())
