# SPDX-License-Identifier: Apache-2.0
"""One run of a control plane: its processes, from their start until both are gone."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import secrets
import select
import signal
import ssl
import subprocess
import sys
import time
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

from k8s_devkit.control_plane.setup import HOST, ControlPlaneError, Plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from k8s_devkit.certificates import Authority, KeyPair
    from k8s_devkit.control_plane.node import ScriptedNode

__all__ = ["ADMIN", "PortTaken", "Session"]

ADMIN = "admin"
_ADMIN_GROUPS = ("system:masters",)
_SUPERVISOR = Path(__file__).with_name("supervisor.py")
_POLL = 0.05  # seconds between two looks at whether the server is ready
_NAMESPACES = {"default", "kube-system"}


class PortTaken(Exception):
    """Another program was quicker at a port that was free when it was chosen."""

    def __init__(self, error: ControlPlaneError) -> None:
        super().__init__(str(error))
        self.error = error


class Session:
    """From one start to one stop.

    Attributes:
        opened: what :meth:`close` closes besides.
    """

    def __init__(self, plan: Plan, authority: Authority) -> None:
        self.plan = plan
        self.authority = authority
        self.url = f"https://{HOST}:{plan.port}"
        self.opened: list[ScriptedNode] = []
        self._admin = authority.user(ADMIN, _ADMIN_GROUPS)
        self._supervisor: subprocess.Popen[bytes] | None = None
        self._ended: str | None = None
        self._version: str | None = None
        # Runs once: on close(), when this object is forgotten, or at the end of the interpreter.
        self._finalizer: weakref.finalize[..., Session] = weakref.finalize(self, plan.remove)

    def start(self, tokens: Mapping[str, tuple[str, Sequence[str]]]) -> None:
        """Start both servers; ``tokens`` are accepted besides the administrator's."""
        plan = self.plan
        plan.write(self.authority, self._admin, {secrets.token_urlsafe(24): (ADMIN, _ADMIN_GROUPS), **tokens})
        # etcd takes any option from its environment too; what is set there is meant for another one.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ETCD_")}
        with (plan.directory / "supervisor.log").open("ab") as log:
            self._supervisor = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_SUPERVISOR), str(plan.directory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment,
                start_new_session=True,
            )
        self._finalizer.detach()
        self._finalizer = weakref.finalize(self, _shut_down, self._supervisor, plan, os.getpid())

    def close(self) -> None:
        """End the nodes and both servers, and remove the directory. Idempotent."""
        try:
            for node in self.opened:
                node.close()
        finally:
            self._finalizer()

    def identity(self, user: str | None, groups: Iterable[str]) -> KeyPair:
        """The certificate of a user in groups, or of the administrator."""
        return self._admin if user is None else self.authority.user(user, groups)

    def ended(self) -> str | None:
        """What ended by itself, as a sentence; None while both servers run."""
        supervisor = self._supervisor
        if self._ended is None and supervisor is not None and supervisor.stdout is not None:
            readable, _, _ = select.select([supervisor.stdout], [], [], 0)
            if readable:
                self._ended = _describe(supervisor.stdout.readline())
        return self._ended

    def wait_until_ready(self, deadline: float, timeout: float) -> None:
        """Block until the API is ready. Raises PortTaken, or ControlPlaneError if a server ended or took too long."""
        context = ssl.create_default_context(cadata=self.authority.certificate.decode())
        context.load_cert_chain(self.plan.directory / "admin.crt", self.plan.directory / "admin.key")
        while True:
            reason = self.ended()
            if reason is not None:
                self._fail(reason)
            reason = self._not_ready(context)
            if reason is None:
                return
            if time.monotonic() >= deadline:
                self._fail(f"kube-apiserver was not ready in {timeout:g} s: {reason}")
            time.sleep(_POLL)

    def _not_ready(self, context: ssl.SSLContext) -> str | None:
        """Why the server can't be used yet; None when it can."""
        try:
            connection = http.client.HTTPSConnection(HOST, self.plan.port, timeout=5, context=context)
            with contextlib.closing(connection):
                status, body = _get(connection, "/readyz?verbose")
                if status != 200:
                    return f"/readyz answers {status}: {body.decode(errors='replace')[-500:]}"
                # The first namespaces are made by a loop that /readyz does not wait for.
                status, body = _get(connection, "/api/v1/namespaces")
                names = {item["metadata"]["name"] for item in json.loads(body)["items"]} if status == 200 else set()
                if not names >= _NAMESPACES:
                    return f"the namespaces {', '.join(sorted(_NAMESPACES - names))} do not exist yet"
                self._version = str(json.loads(_get(connection, "/version")[1])["gitVersion"])
                return None
        except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
            return f"{type(error).__name__}: {error}"

    @property
    def version(self) -> str:
        """The version of kube-apiserver as it said itself when it was ready."""
        return self._version or ""

    def _fail(self, reason: str) -> None:
        error = ControlPlaneError(reason, logs=self.plan.log_tails())
        if any("address already in use" in text for text in error.logs.values()):
            raise PortTaken(error)
        raise error


def _get(connection: http.client.HTTPSConnection, path: str) -> tuple[int, bytes]:
    connection.request("GET", path)
    response = connection.getresponse()
    return response.status, response.read()


def _describe(line: bytes) -> str:
    try:
        event = json.loads(line)
        if event["returncode"] is None:
            return f"{event['process']} could not be started: {event['error']}"
        code = int(event["returncode"])
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        return f"{event['process']} {how}"
    except (ValueError, KeyError):
        return "the process that supervises etcd and kube-apiserver ended"


def _shut_down(supervisor: subprocess.Popen[bytes], plan: Plan, owner: int) -> None:
    """End the supervisor, which ends the servers and removes the directory; by force if it does not in time."""
    if os.getpid() != owner:  # a forked child of ours that ends is no reason to stop
        return
    assert supervisor.stdin is not None
    assert supervisor.stdout is not None
    with contextlib.suppress(OSError):
        supervisor.stdin.close()
    try:
        supervisor.wait(plan.stop_timeout + 5)
    except subprocess.TimeoutExpired:
        supervisor.kill()  # the kernel then kills the servers
        supervisor.wait()
    finally:
        supervisor.stdout.close()
        plan.remove()
