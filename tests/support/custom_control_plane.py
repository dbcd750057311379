# SPDX-License-Identifier: Apache-2.0
"""Custom resources as a current Kubernetes serves them: apiextensions-apiserver beside an older kube-apiserver.

No current kube-apiserver can be had where CI runs, but its part for custom resources can, as a program of its own (see
``.ci/apiextensions-apiserver``). The kube-apiserver of :class:`ControlPlane` does all else: namespaces, built-in kinds.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import select
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from split_proxy import SplitProxy
from wire import Wire

from k8s_core import Client
from k8s_core.configuration import Config
from k8s_devkit import ControlPlane
from k8s_devkit.control_plane import supervisor
from k8s_devkit.control_plane.setup import ControlPlaneError, free_ports

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ASSETS_VARIABLE", "CustomControlPlane"]

ASSETS_VARIABLE = "APIEXTENSIONS_ASSETS"
_HOST = "127.0.0.1"
_STARTING = 60.0  # seconds
_NAMES = ("etcd", "apiextensions-apiserver")


class CustomControlPlane:
    """Both servers behind one plain HTTP address; whoever asks there is the administrator.

    CRDs, the groups that they define and ``/version`` are the newer server's; groups that the older one has by itself
    are its own. ``/apis``, the list of all groups, is the older server's, so the groups of CRDs are not in it.
    """

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()
        self.url = ""
        self.version = ""

    def __enter__(self) -> Self:
        assets = Path(os.environ.get(ASSETS_VARIABLE, ""))
        for name in _NAMES:
            if not os.access(assets / name, os.X_OK):
                hint = f'set {ASSETS_VARIABLE}="$(.ci/apiextensions-apiserver)"'
                raise ControlPlaneError(f"no program {name} in {str(assets)!r}: {hint}")
        with contextlib.ExitStack() as stack:
            plane = stack.enter_context(ControlPlane(start_timeout=120))
            with plane.client() as client:
                older = frozenset(group["name"] for group in _get(client, "/apis")["groups"])
            newer = stack.enter_context(_Newer(plane, assets))

            def route(path: str) -> int:
                first, _, rest = path.lstrip("/").partition("/")
                group = rest.partition("/")[0]
                if path == "/version" or path.startswith("/openapi/v3") or group == "apiextensions.k8s.io":
                    return newer.port
                return newer.port if first == "apis" and group and group not in older else newer.older_port

            self.url = stack.enter_context(SplitProxy(route, newer.context)).url
            with self.client() as client:
                self.version = str(_get(client, "/version")["gitVersion"])
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def config(self) -> Config:
        """How to reach it."""
        return Config(server=self.url, trust_env=False, source="CustomControlPlane")

    def client(self, **options: Any) -> Client:
        """A new Client; the caller closes it."""
        return Client(self.config(), **options)

    def kubeconfig(self) -> str:
        """The same as a kubeconfig. JSON is YAML too."""
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": {"server": self.url}}],
            "users": [{"name": "u", "user": {}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u", "namespace": "default"}}],
            "current-context": "c",
        }
        return json.dumps(document)


def _get(client: Client, path: str) -> Any:
    return Wire(client, "default").ok("GET", path)


class _Newer:
    """etcd and apiextensions-apiserver, kept and ended by the same supervisor script as a ControlPlane's servers."""

    def __init__(self, plane: ControlPlane, assets: Path) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="k8s-custom-control-plane-"))
        self.port, etcd_port = free_ports(2)
        self.older_port = int(plane.url.rpartition(":")[2])
        keys = plane.directory
        self.context = ssl.create_default_context(cafile=str(keys / "ca.crt"))
        self.context.load_cert_chain(keys / "admin.crt", keys / "admin.key")
        kubeconfig = self.directory / "kubeconfig"
        kubeconfig.touch(0o600)
        kubeconfig.write_text(plane.kubeconfig())
        commands = (_etcd(self.directory, etcd_port), _apiextensions(keys, kubeconfig, self.port, etcd_port))
        processes = [
            {"name": name, "argv": [str(assets / name), *arguments]}
            for name, arguments in zip(_NAMES, commands, strict=True)
        ]
        (self.directory / "spec.json").write_text(json.dumps({"grace": 5.0, "processes": processes}))

    def __enter__(self) -> Self:
        self._supervisor = subprocess.Popen(
            [sys.executable, "-I", "-S", str(supervisor.__file__), str(self.directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # The older server knows no list in a watch, and the newer one would wait for its end for ever.
            env={**_without(os.environ, "ETCD_", "KUBE"), "KUBE_FEATURE_WatchListClient": "false"},
            start_new_session=True,
        )
        try:
            self._wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """The supervisor ends the servers, and removes the directory, when nobody holds its standard input."""
        self._supervisor.communicate(timeout=15)

    def _wait_until_ready(self) -> None:
        assert self._supervisor.stdout is not None
        deadline = time.monotonic() + _STARTING
        while (reason := self._not_ready()) is not None:
            ended = select.select([self._supervisor.stdout], [], [], 0.1)[0]
            if ended or time.monotonic() > deadline:
                logs = {name: (self.directory / f"{name}.log").read_text()[-4096:] for name in _NAMES}
                raise ControlPlaneError(f"apiextensions-apiserver was not ready: {reason}", logs=logs)

    def _not_ready(self) -> str | None:
        try:
            connection = http.client.HTTPSConnection(_HOST, self.port, timeout=5, context=self.context)
            with contextlib.closing(connection):
                connection.request("GET", "/readyz?verbose")
                response = connection.getresponse()
                body = response.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            return f"{type(error).__name__}: {error}"
        return None if response.status == 200 else f"/readyz answers {response.status}: {body[-500:]}"


def _without(environment: Mapping[str, str], *prefixes: str) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith(prefixes)}


def _etcd(directory: Path, port: int) -> list[str]:
    url = f"http://{_HOST}:{port}"
    listen = [f"--listen-client-urls={url}", f"--advertise-client-urls={url}", f"--listen-peer-urls=http://{_HOST}:0"]
    return [f"--data-dir={directory / 'data'}", "--unsafe-no-fsync", *listen]


def _apiextensions(keys: Path, kubeconfig: Path, port: int, etcd_port: int) -> list[str]:
    """Users and rights are the older server's, which has none of the APIs that the switched-off parts watch."""
    delegated = ("kubeconfig", "authentication-kubeconfig", "authorization-kubeconfig")
    return [
        f"--etcd-servers=http://{_HOST}:{etcd_port}",
        f"--bind-address={_HOST}",
        f"--secure-port={port}",
        f"--tls-cert-file={keys / 'server.crt'}",
        f"--tls-private-key-file={keys / 'server.key'}",
        f"--client-ca-file={keys / 'ca.crt'}",
        *(f"--{name}={kubeconfig}" for name in delegated),
        "--authentication-skip-lookup",
        "--enable-priority-and-fairness=false",
        "--disable-admission-plugins=ValidatingAdmissionPolicy,MutatingAdmissionPolicy",
    ]
