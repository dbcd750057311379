# SPDX-License-Identifier: Apache-2.0
"""Health, version and metrics: what probes and monitoring ask (protocol G11, J26)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.network.messages import Answer

if TYPE_CHECKING:
    from k8s_devkit.api_server.core import ApiCore
    from k8s_devkit.api_server.network.messages import HttpRequest

__all__ = ["HEALTH_PATHS", "serve_health", "serve_metrics", "version_document"]

_TEXT = "text/plain; charset=utf-8"
_FIRST = ("ping", "log")
_HOOKS = (
    "poststarthook/generic-apiserver-start-informers",
    "poststarthook/start-apiextensions-informers",
    "poststarthook/start-apiextensions-controllers",
    "poststarthook/crd-informer-synced",
)
# Readiness asks in addition whether caches are filled and the server is not about to stop.
_CHECKS = {
    "healthz": (*_FIRST, "loopback-serving-certificate", "etcd", *_HOOKS),
    "livez": (*_FIRST, "loopback-serving-certificate", "etcd", *_HOOKS),
    "readyz": (*_FIRST, "informer-sync", "etcd", "etcd-readiness", *_HOOKS, "shutdown"),
}
HEALTH_PATHS = tuple(f"/{name}{part}" for name, checks in _CHECKS.items() for part in ("", *(f"/{c}" for c in checks)))
"""Every path that answers ``ok``."""


def serve_health(request: HttpRequest, path: str) -> Answer | None:
    """Answer a health path: ``ok``, or with ``?verbose`` a line for each check; None for a check that there is not."""
    if path not in HEALTH_PATHS:
        return None
    name, _, check = path.removeprefix("/").partition("/")
    if check or "verbose" not in request.query:
        return Answer(200, b"ok", _TEXT)
    excluded = request.query.all("exclude")
    lines = [f"[+]{item} {'excluded: ' if item in excluded else ''}ok" for item in _CHECKS[name]]
    if unknown := [item for item in excluded if item not in _CHECKS[name]]:
        quoted = ",".join(f'"{item}"' for item in unknown)
        lines.append(f"warn: some health checks cannot be excluded: no matches for {quoted}")
    lines.append(f"{name} check passed")
    return Answer(200, ("\n".join(lines) + "\n").encode(), _TEXT)


def version_document(core: ApiCore) -> dict[str, Any]:
    """``/version``; major and minor are strings (G11)."""
    major, minor, *_ = core.git_version.removeprefix("v").split(".")
    number = int(minor) if minor.isdigit() else 0
    return {
        "major": major,
        "minor": minor,
        "emulationMajor": major,
        "emulationMinor": minor,
        "minCompatibilityMajor": major,
        "minCompatibilityMinor": str(max(0, number - 1)),
        "gitVersion": core.git_version,
        "gitCommit": "0" * 40,
        "gitTreeState": "clean",
        "buildDate": "2026-01-01T00:00:00Z",
        "goVersion": "go1.25",
        "compiler": "gc",
        "platform": "linux/amd64",
    }


def serve_metrics(core: ApiCore) -> Answer:
    """The little that can be measured here, in the text format that Prometheus reads."""
    major, minor = (version_document(core)[part] for part in ("major", "minor"))
    lines = [
        "# HELP kubernetes_build_info The version of the API server that this one stands in for.",
        "# TYPE kubernetes_build_info gauge",
        f'kubernetes_build_info{{git_version="{core.git_version}",major="{major}",minor="{minor}"}} 1',
        "# HELP apiserver_storage_objects The number of stored objects of each kind.",
        "# TYPE apiserver_storage_objects gauge",
    ]
    counts = {kind.resource.group_resource: len(list(core.store.entries(kind.key))) for kind in core.catalog}
    lines += [f'apiserver_storage_objects{{resource="{name}"}} {count}' for name, count in counts.items() if count]
    return Answer(200, ("\n".join(lines) + "\n").encode(), "text/plain; version=0.0.4; charset=utf-8")
