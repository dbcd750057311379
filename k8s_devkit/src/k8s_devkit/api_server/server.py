# SPDX-License-Identifier: Apache-2.0
"""`ApiServer`: the embedded API server as people use it."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from k8s_devkit.api_server.access.users import Authenticator
from k8s_devkit.api_server.clock import Clock, Identities, system_clock
from k8s_devkit.api_server.controls import ServerControls
from k8s_devkit.api_server.core import ApiCore
from k8s_devkit.api_server.kinds.sources import catalog_of
from k8s_devkit.api_server.network.asgi import AsgiApp
from k8s_devkit.api_server.network.faults import Faults
from k8s_devkit.api_server.network.request_log import RequestLog
from k8s_devkit.api_server.network.runner import LoopServer
from k8s_devkit.api_server.network.tls import server_context
from k8s_devkit.certificates import Authority, KeyPair

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Mapping

    from k8s_core.client import Client
    from k8s_core.configuration import Config
    from k8s_core.kinds import APIResource
    from k8s_core.registry import Registry
    from k8s_devkit.strategy.document import Document
    from k8s_devkit.strategy.users import User

__all__ = ["ApiServer"]


class ApiServer(ServerControls):
    """A Kubernetes API server in this process: real HTTP(S) on 127.0.0.1, state in memory.

    ::

        with ApiServer() as server:
            client = server.client()

    Its answers are those of Kubernetes 1.36, error messages included. The page "The embedded API server" of the
    documentation lists what it does not do. Controllers that make Pods or schedule them do not run; `simulate` switches
    on what packages bring instead. Safe for use from any thread; `start` and `stop` block for milliseconds.

    Args:
        registry: the kinds to serve; None takes the default registry: everything that is installed.
        resources: kinds to serve besides, by description only.
        port: 0 takes a free port.
        tls: serve HTTPS with a certificate made for this server; `config` and `kubeconfig` trust it.
        tokens: user names or `User` values by bearer token; with any credentials configured, others get a 401.
        passwords: passwords by user name, for basic auth.
        client_certificates: accept client certificates that `issue_client_certificate` made (implies ``tls``).
        clock, uid, seed: sources of time, uids and name suffixes, for tests that need them fixed.
        history: how many changes a watch can resume over.
        create_missing_namespaces: a namespace comes into being with the first object in it.
        collect_garbage: delete dependents of deleted owners in the background.
        rbac: let Roles and bindings decide what users may do; otherwise everyone may do everything. A request without
            credentials is then anonymous, and the administrator has a token, which `config` and `kubeconfig` use.
        bookmark_interval: seconds between the bookmarks of a watch.
        watch_timeout: seconds after which a watch without a timeout of its own ends, at the earliest.
        version_wait: seconds that a read of a resourceVersion from the future waits for it before the 504.
        git_version: what ``/version`` says.
        data: a directory of YAML files to start from and to write every change to; None keeps state in memory.
    """

    def __init__(
        self,
        *,
        registry: Registry | None = None,
        resources: Iterable[APIResource] = (),
        port: int = 0,
        tls: bool = False,
        tokens: Mapping[str, str | User] | None = None,
        passwords: Mapping[str, str] | None = None,
        client_certificates: bool = False,
        clock: Clock | None = None,
        uid: Callable[[], str] | None = None,
        seed: int | None = None,
        history: int = 10_000,
        create_missing_namespaces: bool = False,
        collect_garbage: bool = True,
        rbac: bool = False,
        bookmark_interval: float = 60.0,
        watch_timeout: float = 1800.0,
        version_wait: float = 3.0,
        git_version: str = "",
        data: str | os.PathLike[str] | None = None,
    ) -> None:
        self._registry = registry
        self._resources = tuple(resources)
        self._port = port
        self._tls = tls or client_certificates
        self._client_certificates = client_certificates
        self._passwords = dict(passwords or {})
        self.authenticator = Authenticator(tokens, passwords, certificates=client_certificates, anonymous=rbac)
        self._core_options: dict[str, Any] = {
            "history": history,
            "clock": clock or system_clock,
            "create_missing_namespaces": create_missing_namespaces,
            "collect_garbage": collect_garbage,
            "authorization_mode": "RBAC" if rbac else "",
        }
        self._identity_options = (seed, uid)
        self._git_version = git_version
        self._waits = {
            "bookmark_interval": bookmark_interval,
            "watch_timeout": watch_timeout,
            "version_wait": version_wait,
        }
        self.faults = Faults()
        self.requests = RequestLog()
        self._authority: Authority | None = None
        self._loop: LoopServer | None = None
        self._clients: list[Client] = []
        self._scheduled = False
        self.core = self._new_core()
        if data is not None:
            from k8s_devkit.api_server.persistence import Directory  # noqa: PLC0415  # only a directory needs it

            Directory(self.core, Path(data))

    def _new_core(self) -> ApiCore:
        catalog = catalog_of(self._registry, self._resources)
        seed, uid = self._identity_options
        core = ApiCore(catalog, identities=Identities(seed, uid), **self._core_options)
        if self._git_version:
            core.git_version = self._git_version
        core.wake = self._schedule
        core.authenticator = self.authenticator
        self.authenticator.check_impersonation = core.check_impersonation
        return core

    # Life

    def start(self) -> Self:
        """Begin to serve. Returns itself. Raises OSError if ``port`` is taken."""
        if self._loop is not None:
            return self
        context = None
        if self._tls:
            self._authority = self._authority or Authority()
            context = server_context(self._authority, ("127.0.0.1", "localhost"), ask_client=self._client_certificates)
        app = AsgiApp(self.core, self.authenticator, self.faults, self.requests, **self._waits)
        loop = LoopServer(app, "127.0.0.1", self._port, context)
        loop.start()
        self._loop = loop
        self.core.address = f"127.0.0.1:{loop.port}"
        self.faults.wake_streams = self._wake_streams
        if not self.core.idle:
            self._schedule()
        return self

    def stop(self) -> None:
        """Stop serving: watches and streams end, connections and the clients of `client` are closed. Idempotent."""
        loop, self._loop = self._loop, None
        for client in self._clients:
            client.close()
        self._clients.clear()
        if loop is not None:
            self.end_watches()
            with self.core.lock:
                self.core.logs.finish_all()
            loop.stop()
            self._end_handlers()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def _schedule(self) -> None:
        loop = self._loop
        if loop is not None and not self._scheduled:
            self._scheduled = True
            loop.call(self._work)

    def _work(self) -> None:
        """One piece of background work; others' requests may come between two pieces, as with real controllers."""
        self._scheduled = False
        if self.core.step():
            self._schedule()

    # Address and credentials

    @property
    def port(self) -> int:
        """The port. Raises RuntimeError before `start`."""
        if self._loop is None:
            raise RuntimeError("the embedded API server is not running: call start() or use it in a with statement")
        return self._loop.port

    @property
    def version(self) -> str:
        """The version that the server claims to be, such as ``v1.36.2``."""
        return self.core.git_version

    @property
    def url(self) -> str:
        """Where it serves: ``http://127.0.0.1:<port>``."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def ca_certificate(self) -> bytes:
        """The certificate (PEM) that clients have to trust; empty without TLS."""
        return self._authority.certificate if self._authority else b""

    def issue_client_certificate(self, user: str, groups: tuple[str, ...] = ()) -> KeyPair:
        """A client certificate for ``user`` that this server accepts."""
        self._authority = self._authority or Authority()
        return self._authority.user(user, groups)

    def config(self, *, user: str = "", groups: Iterable[str] = (), **changes: Any) -> Config:
        """A client configuration for this server, with the first of its credentials; ``changes`` override.

        Args:
            user: be this user instead, by a token of its own. ``system:serviceaccount:NAMESPACE:NAME`` is that of a
                ServiceAccount.
            groups: of the user, besides ``system:authenticated``; a ServiceAccount has its own by default.
        """
        from k8s_core.configuration import Config  # noqa: PLC0415  # only your client needs it (7 modules)

        settings: dict[str, Any] = {"server": self.url, "source": "ApiServer", "trust_env": False}
        if self._tls:
            settings["certificate_authority_data"] = self.ca_certificate
        if user:
            settings["token"] = self.authenticator.issue(user, groups)
        elif self.authenticator.tokens:
            settings["token"] = next(iter(self.authenticator.tokens))
        elif self._passwords:
            settings["username"], settings["password"] = next(iter(self._passwords.items()))
        elif self._client_certificates:
            pair = self.issue_client_certificate("kubernetes-admin", ("system:masters",))
            settings["client_certificate_data"], settings["client_key_data"] = pair.certificate, pair.key
        return Config(**{**settings, **changes})

    def client(self, **changes: Any) -> Client:
        """A new Client for this server, closed by `stop`; ``changes``, such as ``user=``, go to `config`."""
        from k8s_core.client import Client  # noqa: PLC0415  # only your client needs it (28 modules)

        client = Client(self.config(**changes), registry=self._registry)
        self._clients.append(client)
        return client

    def kubeconfig(self, namespace: str = "default", *, user: str = "", groups: Iterable[str] = ()) -> str:
        """A kubeconfig (YAML text) for this server, as kubectl reads it; ``user`` and ``groups`` as in `config`."""
        cluster: Document = {"server": self.url}
        if self._tls:
            cluster["certificate-authority-data"] = base64.b64encode(self.ca_certificate).decode()
        identity: Document = {}
        if user:
            identity["token"] = self.authenticator.issue(user, groups)
        elif self.authenticator.tokens:
            identity["token"] = next(iter(self.authenticator.tokens))
        elif self._passwords:
            identity["username"], identity["password"] = next(iter(self._passwords.items()))
        elif self._client_certificates:
            pair = self.issue_client_certificate("kubernetes-admin", ("system:masters",))
            identity["client-certificate-data"] = base64.b64encode(pair.certificate).decode()
            identity["client-key-data"] = base64.b64encode(pair.key).decode()
        name = "k8s-core"
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": name,
            "clusters": [{"name": name, "cluster": cluster}],
            "users": [{"name": name, "user": identity}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name, "namespace": namespace}}],
            "preferences": {},
        }
        # JSON is YAML, and every kubeconfig reader takes it.
        return json.dumps(document, indent=2) + "\n"

    def _wake_streams(self) -> None:
        with self.core.lock:
            for session in list(self.core.sessions):
                session.wake()
            self.core.streams.wake()
