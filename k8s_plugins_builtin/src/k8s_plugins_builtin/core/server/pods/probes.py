# SPDX-License-Identifier: Apache-2.0
"""Probes and life cycle hooks of containers. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_devkit.strategy.formats import http_header_name, port_name, port_number

if TYPE_CHECKING:
    from k8s_devkit.strategy.document import Document
    from k8s_devkit.strategy.field_errors import Problems

__all__ = ["check_hooks", "check_port_reference", "check_probes"]

_NUMBERS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_PROBE_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_HOOK_HANDLERS = ("exec", "httpGet", "tcpSocket", "sleep")


def check_port_reference(problems: Problems, port: Any, path: str) -> None:
    """A port by its number or its name."""
    if isinstance(port, str):
        problems.invalid(path, port, *port_name(port))
    else:
        problems.invalid(path, port or 0, *port_number(port or 0))


def check_probes(problems: Problems, container: Document, path: str, grace: int | None) -> None:
    """The three probes of a container."""
    for name in _PROBES:
        probe = container.get(name)
        if probe is None:
            continue
        where = f"{path}.{name}"
        _check_handler(problems, probe, where, _PROBE_HANDLERS, grace)
        problems.nonnegative(probe, where, *_NUMBERS)
        seconds = probe.get("terminationGracePeriodSeconds")
        if seconds is not None and seconds <= 0:
            problems.invalid(f"{where}.terminationGracePeriodSeconds", seconds, "must be greater than 0")
        if name == "readinessProbe":
            if seconds is not None:
                text = "must not be set for readinessProbes"
                problems.invalid(f"{where}.terminationGracePeriodSeconds", seconds, text)
        elif probe.get("successThreshold", 1) != 1:
            problems.invalid(f"{where}.successThreshold", probe["successThreshold"], "must be 1")


def check_hooks(problems: Problems, container: Document, path: str, grace: int | None) -> None:
    """What runs after the start and before the end of a container."""
    lifecycle = container.get("lifecycle") or {}
    for name in ("postStart", "preStop"):
        if lifecycle.get(name) is not None:
            _check_handler(problems, lifecycle[name], f"{path}.lifecycle.{name}", _HOOK_HANDLERS, grace)


def _check_handler(problems: Problems, handler: Document, path: str, names: tuple[str, ...], grace: int | None) -> None:
    found = [name for name in names if handler.get(name) is not None]
    for index, name in enumerate(found):
        where = f"{path}.{name}"
        if index:
            problems.forbidden(where, "may not specify more than 1 handler type")
        elif name == "sleep":
            seconds = handler["sleep"].get("seconds", 0)
            if grace is not None and not 0 <= seconds <= grace:
                text = f"must be non-negative and less than terminationGracePeriodSeconds ({grace})"
                problems.invalid(where, seconds, text)
        else:
            _ACTIONS[name](problems, handler[name], where)
    if not found:
        problems.required(path, "must specify a handler type")


def _exec(problems: Problems, action: Document, path: str) -> None:
    if not action.get("command"):
        problems.required(f"{path}.command")


def _http(problems: Problems, action: Document, path: str) -> None:
    if action.get("path") == "":
        problems.required(f"{path}.path")
    check_port_reference(problems, action.get("port"), f"{path}.port")
    problems.one_of(action, path, "scheme", ("HTTP", "HTTPS"))
    for header in action.get("httpHeaders") or []:
        name = header.get("name", "")
        problems.invalid(f"{path}.httpHeaders", name, *http_header_name(name))


def _port(problems: Problems, action: Document, path: str) -> None:
    check_port_reference(problems, action.get("port"), f"{path}.port")


_ACTIONS = {"exec": _exec, "httpGet": _http, "tcpSocket": _port, "grpc": _port}
