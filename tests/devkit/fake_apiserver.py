# SPDX-License-Identifier: Apache-2.0
"""Stands in for kube-apiserver (and, without a port, for etcd): as little as ControlPlane asks of it.

Run by the tests as a program, copied under the name of the real one. ``--fake=…`` makes it misbehave.
"""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

NAMESPACES = {"items": [{"metadata": {"name": name}} for name in ("default", "kube-system")]}


class Handler(BaseHTTPRequestHandler):
    """Answers the three questions."""

    mode = ""

    def do_GET(self) -> None:
        """Every path that is not known is a 404."""
        subject = dict(pair[0] for pair in (self.connection.getpeercert() or {}).get("subject", ()))
        if self.path.startswith("/readyz") and self.mode == "never-ready":
            self.answer(500, b"[-]poststarthook/fake failed: reason withheld")
        elif self.path.startswith("/readyz"):
            self.answer(200, b"ok")
        elif self.path == "/api/v1/namespaces":
            self.answer(200, json.dumps(NAMESPACES).encode())
        elif self.path == "/version":
            self.answer(200, b'{"gitVersion": "v1.99.0"}')
        elif self.path == "/whoami":
            self.answer(200, json.dumps([subject, self.headers.get("Authorization")]).encode())
        else:
            self.answer(404, b"{}")

    def answer(self, status: int, body: bytes) -> None:
        """One response, connection kept."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    protocol_version = "HTTP/1.1"


def serve(options: dict[str, str]) -> None:
    """Serve HTTPS until killed."""
    Handler.mode = options.get("fake", "")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options["tls-cert-file"], options["tls-private-key-file"])
    context.load_verify_locations(options["client-ca-file"])
    context.verify_mode = ssl.CERT_OPTIONAL
    server = ThreadingHTTPServer(("127.0.0.1", int(options["secure-port"])), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


def misbehave(name: str, mode: str, place: Path) -> None:
    """What ``--fake=MODE`` asks for, before serving."""
    if mode == "exit":
        sys.exit("fatal: the flag --imaginary is unknown")
    if mode == "crash":
        sys.exit("\n".join(["I0101 all is well", "panic: nil map", *["goroutine 1 [running]:"] * 1000]))
    if mode == "port-taken-once" and not (place / "tried").exists():
        (place / "tried").touch()
        sys.exit("failed to listen on 127.0.0.1:1: bind: address already in use")
    if mode == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if mode == "child":
        child = subprocess.Popen(["sleep", "600"])
        Path(f"{name}-child.pid").write_text(str(child.pid))


def main() -> None:
    """Write the process id into the current directory, and behave as told."""
    program = Path(sys.argv[0])
    options = dict(argument.removeprefix("--").partition("=")[::2] for argument in sys.argv[1:])
    variables = [name for name in os.environ if name.startswith("ETCD_")]
    sys.stdout.write(f"arguments {sys.argv[1:]} etcd variables {variables}\n")
    sys.stdout.flush()
    misbehave(program.name, options.get("fake", ""), program.parent)
    Path(f"{program.name}.pid").write_text(str(os.getpid()))
    if "secure-port" in options:
        serve(options)
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
