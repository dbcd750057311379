# SPDX-License-Identifier: Apache-2.0
"""exec and attach: a command that runs to its end, and one that runs (protocol F1, F6-F12)."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Final

from k8s_core.errors import (
    CommandTimeout,
    ConnectionFailed,
    Forbidden,
    KubernetesError,
    RequestError,
    StreamBroken,
    UpgradeRefused,
)
from k8s_core.streams.completed import CompletedCommand, failed
from k8s_core.streams.frames import CLOSE, ERROR, STDERR, STDIN, STDOUT, V4, V5
from k8s_core.streams.handshake import open_session
from k8s_core.streams.process import Process
from k8s_core.streams.status import MAX_STATUS, exit_code
from k8s_core.streams.targets import Target, in_container

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import BinaryIO, TypeAlias

    from k8s_core.streams.session import ChannelSession

    Input: TypeAlias = "str | bytes | BinaryIO | Iterable[bytes]"

__all__ = ["attach", "run_command", "start_command"]

_PIECE: Final = 1 << 16


def run_command(
    target: Target,
    command: Sequence[str],
    *,
    container: str | None,
    input: Input | None,
    text: bool,
    check: bool,
    timeout: float | None,
    tty: bool,
) -> CompletedCommand[Any]:
    """See ``Client.exec``."""
    arguments = _arguments(command)
    end = None if timeout is None else time.monotonic() + timeout
    query = _query(arguments, stdin=input is not None, tty=tty)
    channel = _open(target, "exec", query, container, timeout=timeout, half_close=input is not None)
    output = _Collected(arguments, channel)
    try:
        code = output.run(None if input is None else _pieces(input), end)
    except TimeoutError:
        raise CommandTimeout(
            f"{target}: {arguments[0]} did not end within {timeout:g} s; the connection is closed, but the command may "
            "run on: nothing kills it",
            command=arguments,
            stdout=output.data(STDOUT),
            stderr=output.data(STDERR),
        ) from None
    finally:
        channel.close()
    decoded = [output.data(each).decode("utf-8", "replace") if text else output.data(each) for each in (STDOUT, STDERR)]
    if check and code:
        raise failed(arguments, code, *decoded)
    return CompletedCommand(arguments, code, *decoded)


def start_command(
    target: Target,
    command: Sequence[str],
    *,
    container: str | None,
    stdin: bool,
    text: bool,
    tty: bool,
    half_close: bool = False,
) -> Process:
    """See ``Client.open_exec``; with ``half_close``, a server that can't end the input is refused."""
    arguments = _arguments(command)
    query = _query(arguments, stdin=stdin, tty=tty)
    channel = _open(target, "exec", query, container, half_close=half_close)
    return Process(channel, arguments, stdin=stdin, text=text, tty=tty)


def attach(target: Target, *, container: str | None, stdin: bool, text: bool, tty: bool) -> Process:
    """See ``Client.attach``."""
    channel = _open(target, "attach", _query((), stdin=stdin, tty=tty), container)
    return Process(channel, [], stdin=stdin, text=text, tty=tty)


def _arguments(command: Sequence[str]) -> list[str]:
    if isinstance(command, str | bytes):
        raise RequestError(f"command={command!r} is a list of the program and its arguments, such as ['sh', '-c', ...]")
    arguments = list(command)
    if not arguments or not all(isinstance(each, str) for each in arguments):
        raise RequestError("command= must name a program: a list of str that is not empty")
    return arguments


def _query(command: Sequence[str], *, stdin: bool, tty: bool) -> list[tuple[str, str]]:
    query = [("command", each) for each in command]
    # A terminal has one output.
    wanted = {"stdin": stdin, "stdout": True, "stderr": not tty, "tty": tty}
    return query + [(name, "true") for name, is_wanted in wanted.items() if is_wanted]


def _open(
    target: Target,
    subresource: str,
    query: list[tuple[str, str]],
    container: str | None,
    *,
    timeout: float | None = None,
    half_close: bool = False,
) -> ChannelSession:
    # Only v5 can end the input; and a command that waits for its end for ever must not begin.
    protocols = (V5,) if half_close else (V5, V4)

    def ask(chosen: str | None) -> ChannelSession:
        where = [("container", chosen)] if chosen is not None else []
        return open_session(target, subresource, query + where, protocols, timeout=timeout)

    try:
        return in_container(target, container, ask)
    except Forbidden as error:
        if not half_close or "protocol" not in error.message:
            raise
        raise UpgradeRefused(
            f"{target}: the server can't end a command's stdin, which takes Kubernetes 1.30 (v5.channel.k8s.io); "
            "nothing has run. Use open_exec for a command that ends by itself"
        ) from error


def _pieces(given: Input) -> Iterable[bytes]:
    if isinstance(given, str):
        return (given.encode(),)
    if isinstance(given, bytes | bytearray | memoryview):
        return (bytes(given),)
    read = getattr(given, "read", None)
    return given if read is None else iter(lambda: read(_PIECE), b"")


class _Collected:
    """One run: reads in the calling thread, and writes in another where there is input."""

    def __init__(self, command: list[str], channel: ChannelSession) -> None:
        self._command = command
        self._channel = channel
        self._output: dict[int, list[bytes]] = {STDOUT: [], STDERR: []}
        self._failure: BaseException | None = None

    def data(self, channel: int) -> bytes:
        """What came on a channel."""
        return b"".join(self._output[channel])

    def run(self, pieces: Iterable[bytes] | None, end: float | None) -> int:
        """The exit code. Raises TimeoutError after ``end``, and what is wrong with the input."""
        if pieces is None:
            return self._receive(end)
        # A program's own iterator may block for ever, which must not keep this one, nor the interpreter, from ending.
        writer = threading.Thread(target=self._send, args=(pieces,), name=self._channel.where, daemon=True)
        writer.start()
        try:
            return self._receive(end)
        finally:
            self._channel.close()
            if isinstance(pieces, tuple):
                writer.join()

    def _send(self, pieces: Iterable[bytes]) -> None:
        try:
            for piece in pieces:
                self._channel.send(STDIN, piece)
            self._channel.send(CLOSE, bytes((STDIN,)))
        except (StreamBroken, ConnectionFailed):
            return  # the command may have ended without reading it all; whatever it was, who receives knows
        except BaseException as error:  # noqa: BLE001  # of the program's own iterator; raised where it is waited for
            self._failure = error
            self._channel.close()

    def _receive(self, end: float | None) -> int:
        status = bytearray()
        for channel, data, _ in self._channel.events(end):
            if channel == ERROR:
                status += data[: MAX_STATUS - len(status)]
            elif channel in self._output:
                self._output[channel].append(data)
        if self._failure is not None:
            raise self._failure
        code = exit_code(bytes(status), self._command, self._channel.where)
        if isinstance(code, KubernetesError):
            raise code
        return code
