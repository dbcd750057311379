# SPDX-License-Identifier: Apache-2.0
"""A command that runs in a container, or a container that is attached to: files, an exit code, and the connection."""

from __future__ import annotations

import io
import threading
from typing import IO, TYPE_CHECKING, Any, Self, cast

from k8s_core.errors import CommandTimeout, ConnectionFailed, KubernetesError, RequestError, StreamBroken, StreamError
from k8s_core.model.codec import encode_json
from k8s_core.streams.frames import CLOSE, ERROR, RESIZE, STDERR, STDIN, STDOUT, V5
from k8s_core.streams.pipes import InputFile, OutputFile, Pipe
from k8s_core.streams.status import MAX_STATUS, exit_code
from k8s_core.watch.clock import StopSignal

if TYPE_CHECKING:
    from types import TracebackType

    from k8s_core.streams.session import ChannelSession

__all__ = ["Process", "errors_of", "keep_errors_short"]

_BUFFER = 1 << 17


class Process:
    """A running command; like ``subprocess.Popen``. Use it in a ``with``, whose end closes the connection.

    **Closing the connection does not kill the command**: Kubernetes has no way to. It may notice that its output goes
    nowhere. Safe for use by several threads, such as one that writes and one that reads.

    Attributes:
        command: the program and its arguments; empty for a container that was attached to.
        stdin: a file to write to, unbuffered; closing it ends the input of the command, which takes a server of
            Kubernetes 1.30 (StreamError otherwise). None without ``stdin=True``.
        stdout, stderr: files to read from. They end when the command's do, and raise StreamBroken if the connection
            ends before. ``stderr`` is None with a terminal, where it comes with stdout. Each keeps 1 MiB that was not
            read yet; then the command waits.
    """

    def __init__(self, channel: ChannelSession, command: list[str], *, stdin: bool, text: bool, tty: bool) -> None:
        """Made by ``Client.open_exec`` and ``Client.attach``."""
        self.command = command
        self._tty = tty
        self._receiver = _Receiver(channel, command, (STDOUT,) if tty else (STDOUT, STDERR))
        pipes = self._receiver.pipes
        self.stdin: IO[Any] | None = _input(self._receiver, text=text) if stdin else None
        self.stdout: IO[Any] = _output(pipes[STDOUT], text=text)
        self.stderr: IO[Any] | None = None if tty else _output(pipes[STDERR], text=text)
        self._text = text
        self._receiver.start()

    @property
    def exit_code(self) -> int | None:
        """The exit code if the command has ended and said it; else None. Never blocks or raises."""
        outcome = self._receiver.outcome
        return outcome if isinstance(outcome, int) else None

    def poll(self) -> int | None:
        """The exit code, or None while the command runs. Does not block.

        Raises:
            StreamBroken: the connection ended before the exit code came.
            CommandNotRun: the container runtime could not run the command.
        """
        outcome = self._receiver.outcome
        if isinstance(outcome, int) or outcome is None:
            return outcome
        raise outcome

    def wait(self, timeout: float | None = None) -> int:
        """Block until the command has ended, and return its exit code.

        A command that writes more than is read never ends: see :meth:`communicate`.

        Args:
            timeout: seconds; None = as long as it takes.

        Raises:
            CommandTimeout: it still runs, and may be waited for again.
            StreamBroken, CommandNotRun: as :meth:`poll`.
        """
        if not self._receiver.done.wait(timeout):
            raise CommandTimeout(
                f"{self._receiver.channel.where}: the command still runs after {timeout:g} s", command=self.command
            )
        return cast("int", self.poll())

    def communicate(self, input: str | bytes | None = None, timeout: float | None = None) -> tuple[Any, Any]:
        """Send ``input``, end it, and read all output; as ``subprocess.Popen.communicate`` does.

        Args:
            input: for stdin; bytes, or a str, which is sent as UTF-8.
            timeout: seconds; None = as long as it takes.

        Returns:
            stdout and stderr, as far as they were not read before. The second is None with a terminal.

        Raises:
            RequestError: there is input, but no stdin.
            StreamError: the server can't end the input.
            CommandTimeout: not in time; has what came until then, and the command may run on.
            StreamBroken, CommandNotRun: as :meth:`poll`.
        """
        if input is not None and self.stdin is None:
            raise RequestError("the command has no stdin: open it with stdin=True to give it input")
        if self.stdin is not None:
            self._receiver.require_half_close()
        for pipe in self._receiver.pipes.values():
            pipe.collect()
        writer: threading.Thread | None = None
        if self.stdin is not None:
            data = input.encode() if isinstance(input, str) else input or b""
            writer = threading.Thread(target=self._receiver.feed, args=(data,), name="stdin", daemon=True)
            writer.start()
        if not self._receiver.done.wait(timeout):
            taken = [pipe.taken() for pipe in self._receiver.pipes.values()]
            raise CommandTimeout(
                f"{self._receiver.channel.where}: the command did not end within {timeout:g} s, and may run on",
                command=self.command,
                stdout=taken[0],
                stderr=taken[1] if len(taken) > 1 else None,
            )
        if writer is not None:
            writer.join()
        self.poll()
        return self.stdout.read(), None if self.stderr is None else self.stderr.read()

    def resize(self, width: int, height: int) -> None:
        """Say how large the terminal is, in characters.

        Raises:
            RequestError: the command has no terminal.
        """
        if not self._tty:
            raise RequestError("the command has no terminal: open it with tty=True to give it a size")
        self._receiver.channel.send(RESIZE, encode_json({"Width": width, "Height": height}))

    def kill(self) -> None:
        """The same as :meth:`close`: it ends the connection. The command may run on."""
        self.close()

    def close(self) -> None:
        """End the connection, from any thread; blocked reads and writes end at once. Idempotent."""
        self._receiver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        code = self.exit_code
        state = "running" if self._receiver.outcome is None else "broken" if code is None else f"exit code {code}"
        return f"<Process {self._receiver.channel.where}: {state}>"

    def __del__(self) -> None:
        # The thread knows the receiver alone, so that a process that was forgotten ends.
        receiver = getattr(self, "_receiver", None)
        if receiver is not None:
            receiver.close()


class _Receiver:
    """What runs beside the program: one thread, which takes the messages apart."""

    def __init__(self, channel: ChannelSession, command: list[str], outputs: tuple[int, ...]) -> None:
        self.channel = channel
        self.pipes = {each: Pipe() for each in outputs}
        self.done = StopSignal()
        self.outcome: int | KubernetesError | None = None
        self._command = command
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=channel.where, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        outcome: int | KubernetesError = StreamBroken(f"{self.channel.where}: the receiving thread failed")
        try:
            outcome = self._receive()
        except KubernetesError as error:
            outcome = error
        finally:
            if self._closed and not isinstance(outcome, int):
                where = self.channel.where
                outcome = StreamBroken(f"{where}: closed before the exit code came; the command may run on")
            self.outcome = outcome
            # Output is whole if the exit code came, whatever it is.
            broken = outcome if isinstance(outcome, StreamBroken | ConnectionFailed) else None
            for pipe in self.pipes.values():
                pipe.end(broken)
            self.channel.close()
            self.done.set()

    def _receive(self) -> int | KubernetesError:
        status = bytearray()
        for channel, data, _ in self.channel.events():
            pipe = self.pipes.get(channel)
            if pipe is not None:
                pipe.write(data)
            elif channel == ERROR:
                status += data[: MAX_STATUS - len(status)]
        return exit_code(bytes(status), self._command, self.channel.where)

    def send(self, data: bytes) -> None:
        self.channel.send(STDIN, data)

    def end_input(self) -> None:
        if self.outcome is not None or self._closed:
            return
        self.require_half_close()
        try:
            self.channel.send(CLOSE, bytes((STDIN,)))
        except StreamBroken:
            return  # the command has ended meanwhile

    def require_half_close(self) -> None:
        if self.channel.protocol != V5:
            raise StreamError(
                f"{self.channel.where}: the server can't end the input of a command, which takes Kubernetes 1.30; "
                "the command waits for more until it ends by itself or the connection is closed"
            )

    def feed(self, data: bytes) -> None:
        """Send all input and end it; a command that has ended does not mind."""
        try:
            self.send(data)
            self.end_input()
        except KubernetesError:
            return  # whatever it was, who receives knows

    def close(self) -> None:
        self._closed = True
        # First the pipes: to readers this is the end, while a connection that closes by itself is an error.
        for pipe in self.pipes.values():
            pipe.drop()
        self.channel.close()
        if self._thread is not threading.current_thread() and self._thread.ident is not None:
            self._thread.join()


def keep_errors_short(process: Process) -> None:
    """Throw stderr away beyond the first megabyte, so that nobody need read it."""
    process._receiver.pipes[STDERR].shorten()


def errors_of(process: Process) -> bytes:
    """What is there of stderr; does not block."""
    return process._receiver.pipes[STDERR].taken()


def _input(receiver: _Receiver, *, text: bool) -> IO[Any]:
    raw: Any = InputFile(receiver.send, receiver.end_input)
    return io.TextIOWrapper(raw, encoding="utf-8", newline="\n", write_through=True) if text else raw


def _output(pipe: Pipe, *, text: bool) -> IO[Any]:
    buffered = io.BufferedReader(OutputFile(pipe), _BUFFER)
    return io.TextIOWrapper(buffered, encoding="utf-8", errors="replace", newline="\n") if text else buffered
