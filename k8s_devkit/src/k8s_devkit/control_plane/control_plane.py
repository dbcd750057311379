# SPDX-License-Identifier: Apache-2.0
"""A real API server for tests: etcd and kube-apiserver on loopback, without a cluster. "envtest" for Python."""

from __future__ import annotations

import base64
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from k8s_devkit.certificates import Authority
from k8s_devkit.control_plane.session import ADMIN, PortTaken, Session
from k8s_devkit.control_plane.setup import (
    AssetsMissing,
    ControlPlaneError,
    Plan,
    find_binaries,
    free_ports,
)

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping, Sequence
    from types import TracebackType

    from k8s_core.client import Client
    from k8s_core.configuration import Config
    from k8s_devkit.control_plane.node import ScriptedNode

__all__ = ["AssetsMissing", "ControlPlane", "ControlPlaneError"]

_ATTEMPTS = 3  # starts, if another program takes a chosen port first


class ControlPlane:
    """etcd and kube-apiserver on free ports of 127.0.0.1, with certificates, data and logs in a directory of their own.

    ::

        with ControlPlane() as plane, plane.client() as client:
            client.create(ConfigMap(metadata=ObjectMeta(name="a"), data={"b": "c"}))

    The server is complete, but no controllers run: Deployments make no Pods, and nothing is garbage-collected. Nor are
    there nodes until :meth:`node` adds one, for logs, exec, attach and port-forward of pods.
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
        self._session: Session | None = None

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
                    except PortTaken as taken:
                        if attempt == _ATTEMPTS:
                            raise taken.error from None
        return self

    def _launch(self, binaries: Any, deadline: float) -> Session:
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
        session = Session(plan, authority)
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

    def node(self, name: str = "node-1") -> ScriptedNode:
        """Register a Node that this process serves, for logs, exec, attach and port-forward through the kube-apiserver.

        The node is there when this returns. The caller closes it, which deletes the Node; :meth:`stop` closes the rest.

        Raises:
            AlreadyExists: there is a Node of that name.
            Invalid: the name cannot be one of a Node.
            ControlPlaneError: the control plane is not running.
            ApiError, TransportError: the Node could not be created.
        """
        from k8s_devkit.control_plane.node import ScriptedNode  # noqa: PLC0415  # only a node serves (uvicorn)

        with self._lock:
            session = self._running()
            node = ScriptedNode(name, session.authority, self.client())
            session.opened = [*(known for known in session.opened if not known.closed), node]
        return node

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
            "users": [{"name": user or ADMIN, "user": identity}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": user or ADMIN, "namespace": "default"}}],
            "current-context": name,
        }
        return yaml.safe_dump(document, sort_keys=False)

    def _running(self) -> Session:
        session = self._session
        if session is None:
            raise ControlPlaneError("the control plane is not running: call start(), or use it in a `with` statement")
        return session


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
