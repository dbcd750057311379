# SPDX-License-Identifier: Apache-2.0
"""A real API server for tests: etcd and kube-apiserver on loopback, without a cluster. "envtest" for Python."""

from __future__ import annotations

import base64
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
import tempfile
import threading
import time
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from k8s_devkit.certificates import Authority, KeyPair
from k8s_devkit.control_plane.setup import (
    HOST,
    AssetsMissing,
    ControlPlaneError,
    Plan,
    find_binaries,
    free_ports,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from types import TracebackType

    from k8s_core.client import Client
    from k8s_core.configuration import Config

__all__ = ["AssetsMissing", "ControlPlane", "ControlPlaneError"]

_SUPERVISOR = Path(__file__).with_name("supervisor.py")
_ADMIN = "admin"
_ADMIN_GROUPS = ("system:masters",)
_POLL = 0.05  # seconds between two looks at whether the server is ready
_ATTEMPTS = 3  # starts, if another program takes a chosen port first
_NAMESPACES = {"default", "kube-system"}


class ControlPlane:
    """etcd and kube-apiserver on free ports of 127.0.0.1, with certificates, data and logs in a directory of their own.

    ::

        with ControlPlane() as plane, plane.client() as client:
            client.create(ConfigMap(metadata=ObjectMeta(name="a"), data={"b": "c"}))

    The server is complete, but no controllers run: Deployments make no Pods, and nothing is garbage-collected.
    Whatever ends the ``with`` block or this process, both servers end too, and the directory is removed. A block that
    ends without an exception raises ControlPlaneError if a server had ended by itself, with the end of its log.
    Linux and macOS. Methods may be called from any thread.

    Args:
        assets: the folder with the two binaries; None looks where ``KUBEBUILDER_ASSETS`` says, as envtest does.
        tokens: bearer tokens to accept besides the administrator's: token -> (user, groups).
        apiserver_args: more arguments for kube-apiserver, such as ``"--runtime-config=api/all=true"``; they win.
        etcd_args: more arguments for etcd.
        start_timeout: seconds until both must be ready.
        stop_timeout: seconds to end in, then they are killed.
        directory: where to make the directory; None means the system's place for temporary files.
    """

    def __init__(
        self,
        *,
        assets: str | os.PathLike[str] | None = None,
        tokens: Mapping[str, tuple[str, Sequence[str]]] | None = None,
        apiserver_args: Sequence[str] = (),
        etcd_args: Sequence[str] = (),
        start_timeout: float = 60.0,
        stop_timeout: float = 5.0,
        directory: str | os.PathLike[str] | None = None,
    ) -> None:
        self._assets = assets
        self._tokens = dict(tokens or {})
        self._apiserver_args = tuple(apiserver_args)
        self._etcd_args = tuple(etcd_args)
        self._start_timeout = start_timeout
        self._stop_timeout = stop_timeout
        self._parent = directory
        self._lock = threading.RLock()
        self._session: _Session | None = None

    @staticmethod
    def unavailable(assets: str | os.PathLike[str] | None = None) -> str | None:
        """Why a control plane can't be started here, as a reason to skip a test; None if the binaries are there."""
        try:
            find_binaries(assets)
        except AssetsMissing as error:
            return str(error)
        return None

    def start(self) -> Self:
        """Start both servers and block until the API is ready for an administrator; does nothing if they run.

        Raises:
            AssetsMissing: the binaries are not there.
            ControlPlaneError: a server ended, or was not ready in ``start_timeout``; with the end of the logs.
        """
        with self._lock:
            if self._session is None:
                binaries = find_binaries(self._assets)
                deadline = time.monotonic() + self._start_timeout
                for attempt in range(1, _ATTEMPTS + 1):
                    try:
                        self._session = self._launch(binaries, deadline)
                        break
                    except _PortTaken as taken:
                        if attempt == _ATTEMPTS:
                            raise taken.error from None
        return self

    def _launch(self, binaries: Any, deadline: float) -> _Session:
        authority = Authority()
        port, etcd_port = free_ports(2)
        plan = Plan(
            directory=Path(tempfile.mkdtemp(prefix="k8s-control-plane-", dir=self._parent)),
            port=port,
            etcd_port=etcd_port,
            binaries=binaries,
            etcd_args=self._etcd_args,
            apiserver_args=self._apiserver_args,
            stop_timeout=self._stop_timeout,
        )
        session = _Session(plan, authority)
        try:
            session.start(self._tokens)
            session.wait_until_ready(deadline, self._start_timeout)
        except BaseException:  # Ctrl-C while it starts leaves nothing behind either
            session.close()
            raise
        return session

    def stop(self) -> None:
        """End both servers and remove the directory; blocks until they are gone. Does nothing if they don't run."""
        with self._lock:
            session, self._session = self._session, None
            if session is not None:
                session.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        session = self._session
        ended = None if session is None or exc is not None else session.ended()
        error = None if session is None or ended is None else ControlPlaneError(ended, logs=session.plan.log_tails())
        self.stop()
        if error is not None:
            raise error

    def __repr__(self) -> str:
        session = self._session
        return f"<ControlPlane {'stopped' if session is None else session.url}>"

    @property
    def running(self) -> bool:
        """Whether it was started and both servers are alive."""
        session = self._session
        return session is not None and session.ended() is None

    @property
    def url(self) -> str:
        """The base URL, ``https://127.0.0.1:PORT``."""
        return self._running().url

    @property
    def version(self) -> str:
        """The version of kube-apiserver as it says itself, such as ``v1.20.2``. Asks the server once."""
        return self._running().version

    @property
    def directory(self) -> Path:
        """Certificates, data and logs; removed by :meth:`stop`."""
        return self._running().plan.directory

    def logs(self) -> dict[str, str]:
        """The end of each log, or the beginning of a crash in it (4 KiB), of ``etcd`` and ``kube-apiserver``."""
        return self._running().plan.log_tails()

    def config(self, *, user: str | None = None, groups: Iterable[str] = (), token: str | None = None) -> Config:
        """How to reach it: as the administrator, or as ``user`` in ``groups`` (a certificate), or by ``token``.

        A user other than the administrator may do nothing until RBAC rules say so.
        """
        from k8s_core.configuration import Config  # noqa: PLC0415  # only your client needs it (7 modules)

        session = self._running()
        identity: dict[str, Any]
        if token is not None:
            identity = {"token": token}
        else:
            pair = session.identity(user, groups)
            identity = {"client_certificate_data": pair.certificate, "client_key_data": pair.key}
        return Config(
            server=session.url,
            certificate_authority_data=session.authority.certificate,
            trust_env=False,  # loopback needs no proxy
            source="ControlPlane",
            **identity,
        )

    def client(self, **options: Any) -> Client:
        """A new Client for the administrator; ``options`` go to its constructor. The caller closes it."""
        from k8s_core.client import Client  # noqa: PLC0415  # only your client needs it (48 modules)

        return Client(self.config(), **options)

    def kubeconfig(self, *, user: str | None = None, groups: Iterable[str] = (), token: str | None = None) -> str:
        """The same identities as :meth:`config`, as the YAML text of a kubeconfig with all data in it."""
        import yaml  # noqa: PLC0415  # only a kubeconfig needs it (20 modules)

        session = self._running()
        if token is not None:
            identity = {"token": token}
        else:
            pair = session.identity(user, groups)
            identity = {"client-certificate-data": _base64(pair.certificate), "client-key-data": _base64(pair.key)}
        cluster = {"server": session.url, "certificate-authority-data": _base64(session.authority.certificate)}
        name = "control-plane"
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": cluster}],
            "users": [{"name": user or _ADMIN, "user": identity}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": user or _ADMIN, "namespace": "default"}}],
            "current-context": name,
        }
        return yaml.safe_dump(document, sort_keys=False)

    def _running(self) -> _Session:
        session = self._session
        if session is None:
            raise ControlPlaneError("the control plane is not running: call start(), or use it in a `with` statement")
        return session


class _PortTaken(Exception):
    """Another program was quicker at a port that was free when it was chosen."""

    def __init__(self, error: ControlPlaneError) -> None:
        super().__init__(str(error))
        self.error = error


class _Session:
    """From one start to one stop."""

    def __init__(self, plan: Plan, authority: Authority) -> None:
        self.plan = plan
        self.authority = authority
        self.url = f"https://{HOST}:{plan.port}"
        self._admin = authority.user(_ADMIN, _ADMIN_GROUPS)
        self._supervisor: subprocess.Popen[bytes] | None = None
        self._ended: str | None = None
        self._version: str | None = None
        # Runs once: on close(), when this object is forgotten, or at the end of the interpreter.
        self._finalizer: weakref.finalize[..., _Session] = weakref.finalize(self, plan.remove)

    def start(self, tokens: Mapping[str, tuple[str, Sequence[str]]]) -> None:
        plan = self.plan
        plan.write(self.authority, self._admin, {secrets.token_urlsafe(24): (_ADMIN, _ADMIN_GROUPS), **tokens})
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
        self._finalizer()

    def identity(self, user: str | None, groups: Iterable[str]) -> KeyPair:
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
        return self._version or ""

    def _fail(self, reason: str) -> None:
        error = ControlPlaneError(reason, logs=self.plan.log_tails())
        if any("address already in use" in text for text in error.logs.values()):
            raise _PortTaken(error)
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


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
