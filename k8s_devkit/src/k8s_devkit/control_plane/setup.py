# SPDX-License-Identifier: Apache-2.0
"""What a control plane is started from: the binaries, the files in its directory, the command lines."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import re
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from k8s_core.errors import KubernetesError
from k8s_devkit.certificates import new_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from k8s_devkit.certificates import Authority, KeyPair

__all__ = ["AssetsMissing", "Binaries", "ControlPlaneError", "Plan", "find_binaries", "free_ports"]

DEFAULT_ASSETS = "/usr/local/kubebuilder/bin"
HOST = "127.0.0.1"
_LOG_TAIL = 4096
_LOG_SEARCHED = 4 << 20
_CRASH = re.compile(rb"^(panic: |fatal error: |unexpected fault address |SIG[A-Z]+: )", re.MULTILINE)
_SERVICE_RANGE = "10.0.0.0/24"
_KUBELET_CLIENT = "kube-apiserver-kubelet-client"
_SERVER_NAMES = (HOST, "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "10.0.0.1")


class ControlPlaneError(KubernetesError):
    """etcd or kube-apiserver could not be started, or ended by itself.

    Attributes:
        logs: the end of each process's log, or the beginning of its crash (at most 4 KiB each), by process name.
    """

    def __init__(self, message: str, *, logs: Mapping[str, str] | None = None) -> None:
        self.logs = dict(logs or {})
        parts = [message, *(f"--- end of {name}.log\n{text}" for name, text in self.logs.items() if text)]
        super().__init__("\n".join(parts))


class AssetsMissing(ControlPlaneError):
    """The binaries of etcd and kube-apiserver are not where they were looked for; the message names that place."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """The two programs."""

    etcd: Path
    apiserver: Path


def find_binaries(assets: str | os.PathLike[str] | None = None) -> Binaries:
    """Find etcd and kube-apiserver in ``assets``, or else where envtest looks for them.

    That is: the files that ``TEST_ASSET_ETCD`` and ``TEST_ASSET_KUBE_APISERVER`` name, then the folder
    ``KUBEBUILDER_ASSETS``, then ``/usr/local/kubebuilder/bin``.

    Raises:
        AssetsMissing: one of them is missing or not executable.
    """
    return Binaries(
        etcd=_find("etcd", "TEST_ASSET_ETCD", assets),
        apiserver=_find("kube-apiserver", "TEST_ASSET_KUBE_APISERVER", assets),
    )


def _find(name: str, variable: str, assets: str | os.PathLike[str] | None) -> Path:
    if assets is None and os.environ.get(variable):
        path, origin = Path(os.environ[variable]), variable
    else:
        folder = assets or os.environ.get("KUBEBUILDER_ASSETS") or DEFAULT_ASSETS
        path, origin = Path(folder) / name, "assets" if assets else "KUBEBUILDER_ASSETS"
    path = path.expanduser().absolute()
    if not path.exists():
        hint = f"set {origin} to a folder with etcd and kube-apiserver ('setup-envtest use -p path' prints one)"
        raise AssetsMissing(f"no {name} at {path}: {hint}")
    if not path.is_file() or not os.access(path, os.X_OK):
        raise AssetsMissing(f"{path} (from {origin}) is not an executable file")
    return path


def free_ports(count: int) -> list[int]:
    """Numbers of ``count`` TCP ports that are free on 127.0.0.1 now; another program may take one a moment later."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for item in sockets:
            item.bind((HOST, 0))
        return [item.getsockname()[1] for item in sockets]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One start: everything in ``directory``, servers on ``port`` and ``etcd_port``."""

    directory: Path
    port: int
    etcd_port: int
    binaries: Binaries
    etcd_args: Sequence[str] = ()
    apiserver_args: Sequence[str] = ()
    stop_timeout: float = 5.0

    def write(self, authority: Authority, admin: KeyPair, tokens: Mapping[str, tuple[str, Sequence[str]]]) -> None:
        """Write the certificates, the token file and the supervisor's orders (all readable by the owner only)."""
        serving = authority.server(_SERVER_NAMES)
        kubelet_client = authority.user(_KUBELET_CLIENT, ("system:masters",))
        files = {
            "ca.crt": authority.certificate,
            "server.crt": serving.certificate,
            "server.key": serving.key,
            "admin.crt": admin.certificate,
            "admin.key": admin.key,
            "kubelet-client.crt": kubelet_client.certificate,
            "kubelet-client.key": kubelet_client.key,
            "service-account.key": new_key(),
            "tokens.csv": _token_file(tokens),
            "spec.json": json.dumps(self._spec()).encode(),
        }
        for name, content in files.items():
            descriptor = os.open(self.directory / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)

    def _spec(self) -> dict[str, object]:
        processes = [
            {"name": "etcd", "argv": [str(self.binaries.etcd), *self.etcd_arguments()]},
            {"name": "kube-apiserver", "argv": [str(self.binaries.apiserver), *self.apiserver_arguments()]},
        ]
        return {"grace": self.stop_timeout, "processes": processes}

    def etcd_arguments(self) -> list[str]:
        """The arguments of etcd: 3.4 and later. The peer port is the kernel's choice, since nobody needs to know it."""
        url = f"http://{HOST}:{self.etcd_port}"
        return [
            f"--data-dir={self.directory / 'etcd'}",
            f"--listen-client-urls={url}",
            f"--advertise-client-urls={url}",
            f"--listen-peer-urls=http://{HOST}:0",
            *self.etcd_args,
        ]

    def apiserver_arguments(self) -> list[str]:
        """The arguments of kube-apiserver: only those that 1.20 and today's versions both know.

        No controllers run, so the admission of service accounts, which waits for their tokens, is off, and nobody
        publishes an endpoint for the ``kubernetes`` service: a loopback address is not allowed in one.
        """
        path = self.directory
        return [
            f"--etcd-servers=http://{HOST}:{self.etcd_port}",
            f"--bind-address={HOST}",
            f"--advertise-address={HOST}",
            "--endpoint-reconciler-type=none",
            f"--secure-port={self.port}",
            f"--cert-dir={path / 'certificates'}",
            f"--tls-cert-file={path / 'server.crt'}",
            f"--tls-private-key-file={path / 'server.key'}",
            f"--client-ca-file={path / 'ca.crt'}",
            f"--token-auth-file={path / 'tokens.csv'}",
            f"--kubelet-certificate-authority={path / 'ca.crt'}",
            f"--kubelet-client-certificate={path / 'kubelet-client.crt'}",
            f"--kubelet-client-key={path / 'kubelet-client.key'}",
            f"--service-account-issuer=https://{HOST}:{self.port}",
            f"--service-account-key-file={path / 'service-account.key'}",
            f"--service-account-signing-key-file={path / 'service-account.key'}",
            f"--service-cluster-ip-range={_SERVICE_RANGE}",
            "--authorization-mode=RBAC",
            "--disable-admission-plugins=ServiceAccount",
            "--allow-privileged=true",
            *self.apiserver_args,
        ]

    def log_tails(self) -> dict[str, str]:
        """The end of each log, by process."""
        return {name: _tail(self.directory / f"{name}.log") for name in ("etcd", "kube-apiserver")}

    def remove(self) -> None:
        """Remove the directory with all that is in it."""
        shutil.rmtree(self.directory, ignore_errors=True)


def _tail(path: Path) -> str:
    """The last lines; or if the program crashed, the first ones of that, since what Go prints after them is endless."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _LOG_SEARCHED))
            data = file.read()
    except OSError:
        return ""
    crash = _CRASH.search(data)
    if crash is not None:
        data = data[crash.start() :][:_LOG_TAIL]
    elif len(data) > _LOG_TAIL:
        data = data[-_LOG_TAIL:].partition(b"\n")[2]  # whole lines
    return data.decode(errors="replace").strip()


def _token_file(tokens: Mapping[str, tuple[str, Sequence[str]]]) -> bytes:
    """The server's format: token,user,uid,"group1,group2"."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for token, (user, groups) in tokens.items():
        writer.writerow([token, user, user, ",".join(groups)])
    return text.getvalue().encode()
