# SPDX-License-Identifier: Apache-2.0
"""Login programs, identities and a small TLS server, for the tests of credentials."""

from __future__ import annotations

import datetime
import json
import socket
import ssl
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from k8s_core.auth import exec_plugin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

V1 = "client.authentication.k8s.io/v1"


# -- time


@dataclass
class FakeTime:
    """A clock that stands still until a test moves it: as a date, and as monotonic seconds."""

    seconds: float = 1_700_000_000.0

    def now(self) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(self.seconds, datetime.UTC)

    def clock(self) -> float:
        return self.seconds

    def stamp(self, after: float) -> str:
        """The time in so many seconds, as the API writes it."""
        return (self.now() + datetime.timedelta(seconds=after)).isoformat().replace("+00:00", "Z")


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


# -- login programs


@dataclass
class Program:
    """An executable script that records each run and prints what a test tells it to."""

    folder: Path
    name: str = "login"

    @property
    def command(self) -> str:
        return str(self.folder / self.name)

    def prints(self, text: str) -> None:
        (self.folder / "output").write_text(text)

    def answers(self, status: dict[str, Any] | None, *, api_version: str = V1) -> None:
        """Print an ExecCredential."""
        document: dict[str, Any] = {"kind": "ExecCredential", "apiVersion": api_version}
        if status is not None:
            document["status"] = status
        self.prints(json.dumps(document))

    def does(self, code: str) -> None:
        """Python to run after recording; ``argv`` and ``env`` are there."""
        (self.folder / "code").write_text(code)

    @property
    def runs(self) -> list[dict[str, Any]]:
        """What each run got: argv, env, stdin (or None if it had none), tty."""
        return [json.loads(path.read_text()) for path in sorted(self.folder.glob("run-*"))]


SCRIPT = """#!{python} -IS
import json, os, sys, pathlib
folder = pathlib.Path({folder!r})
env, argv = dict(os.environ), sys.argv[1:]
stdin = os.read(0, 100).decode() if not os.isatty(0) else None
number = 0
while True:
    try:
        descriptor = os.open(folder / f"run-{{number:04}}", os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        break
    except FileExistsError:
        number += 1
with os.fdopen(descriptor, "w") as file:
    json.dump({{"argv": argv, "env": env, "stdin": stdin, "tty": os.isatty(0)}}, file)
if (folder / "code").exists():
    exec((folder / "code").read_text())
if (folder / "output").exists():
    sys.stdout.write((folder / "output").read_text())
"""


@pytest.fixture
def program(tmp_path: Path) -> Program:
    folder = tmp_path / "program"
    folder.mkdir()
    made = Program(folder)
    script = Path(made.command)
    script.write_text(SCRIPT.format(python=sys.executable, folder=str(folder)))
    script.chmod(0o755)
    made.answers({"token": "t0"})
    return made


@pytest.fixture(autouse=True)
def _fresh_exec_cache() -> Iterator[None]:
    """What one test's programs printed is not there for the next."""
    exec_plugin._slots.clear()
    yield
    exec_plugin._slots.clear()


# -- identities


@dataclass
class Pki:
    """A certificate authority and what it signs."""

    ca: trustme.CA = field(default_factory=trustme.CA)

    @property
    def ca_pem(self) -> bytes:
        return self.ca.cert_pem.bytes()

    def client(self, name: str) -> tuple[bytes, bytes]:
        """Certificate and key (PEM) of a client whose common name is ``name``."""
        leaf = self.ca.issue_cert(common_name=name)
        return b"".join(blob.bytes() for blob in leaf.cert_chain_pems), leaf.private_key_pem.bytes()

    def server_context(self, *hosts: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(*(hosts or ("127.0.0.1", "localhost"))).configure_cert(context)
        self.ca.configure_trust(context)
        context.verify_mode = ssl.CERT_OPTIONAL
        return context


@pytest.fixture(scope="session")
def pki() -> Pki:
    return Pki()


@pytest.fixture(scope="session")
def other_pki() -> Pki:
    """An authority that nobody trusts."""
    return Pki()


# -- a server that records who came


@dataclass
class Received:
    """One request as it arrived."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes
    certificate: str | None
    """Common name of the client certificate."""
    server_name: str | None
    connection: int

    def __getitem__(self, name: str) -> str | None:
        values = self.all(name)
        return values[0] if values else None

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]


Answer = tuple[int, dict[str, str], bytes]


class RecordingServer:
    """HTTP/1.1 on loopback, with or without TLS: keeps every request and answers as a test says."""

    def __init__(self, context: ssl.SSLContext | None) -> None:
        self.requests: list[Received] = []
        self.respond: Callable[[Received], Answer] = lambda request: (200, {}, b"{}")
        self.stream: Callable[[Received, Callable[[bytes], None]], None] | None = None
        """Answers requests with ``watch=`` in their path piecewise, through the function it gets."""
        self.connections = 0
        self._context = context
        self._names: dict[int, str | None] = {}
        if context is not None:
            context.sni_callback = lambda sock, name, _: self._names.__setitem__(id(sock), name)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http{'s' if self._context else ''}://127.0.0.1:{self.port}"

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(sock,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        with self._lock:
            self.connections += 1
            number = self.connections
            self._open.add(sock)
        try:
            with suppress(OSError, ValueError):
                if self._context is not None:
                    tls = self._context.wrap_socket(sock, server_side=True)
                    with self._lock:
                        self._open.discard(sock)
                        self._open.add(tls)
                    sock = tls
                with sock, sock.makefile("rb") as reader:
                    while self._exchange(sock, reader, number):
                        pass
        finally:
            with self._lock:
                self._open.discard(sock)
            sock.close()

    def _exchange(self, sock: socket.socket, reader: Any, number: int) -> bool:
        line = reader.readline().decode()
        if not line:
            return False
        method, path, _ = line.split()
        headers = []
        while (text := reader.readline().decode("latin-1").rstrip("\r\n")) != "":
            name, _, value = text.partition(":")
            headers.append((name, value.strip()))
        length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
        subject = sock.getpeercert() if isinstance(sock, ssl.SSLSocket) else None
        pairs = [pair for part in (subject or {}).get("subject", ()) for pair in part]
        request = Received(
            method, path, headers, reader.read(length), dict(pairs).get("commonName"), self._names.get(id(sock)), number
        )
        with self._lock:
            self.requests.append(request)
        status, more, body = self.respond(request)
        if status == 200 and self.stream is not None and "watch=" in path:
            sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
            self.stream(request, lambda data: sock.sendall(b"%x\r\n%b\r\n" % (len(data), data)))
            sock.sendall(b"0\r\n\r\n")
            return True
        more = {"Content-Type": "application/json", "Content-Length": str(len(body))} | more
        lines = "".join(f"{name}: {value}\r\n" for name, value in more.items())
        sock.sendall(f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + body)
        return True

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(10)
        with self._lock:
            left = list(self._open)
        for sock in left:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)


@pytest.fixture
def serve(pki: Pki) -> Iterator[Callable[..., RecordingServer]]:
    """Start a server: ``serve()`` with TLS, ``serve(tls=False)`` without, ``serve(context=…)`` with another context."""
    servers = []

    def start(*, tls: bool = True, context: ssl.SSLContext | None = None) -> RecordingServer:
        server = RecordingServer(context or (pki.server_context() if tls else None))
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def server(serve: Callable[..., RecordingServer]) -> RecordingServer:
    return serve()


@pytest.fixture
def private_temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, empty: what stays in it was left behind."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    assert not list(folder.iterdir())
    return folder
