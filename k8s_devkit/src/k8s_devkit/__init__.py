# SPDX-License-Identifier: Apache-2.0
"""The developer's kit: an embedded API server, real control planes, and what packages bring to them.

All names load lazily.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from k8s_devkit.api_server.access.admission import AdmissionDenied, AdmissionRequest
    from k8s_devkit.api_server.clock import ManualClock
    from k8s_devkit.api_server.custom.strategy import CustomStrategy
    from k8s_devkit.api_server.network.faults import ChannelFault, Fault, StreamFault
    from k8s_devkit.api_server.network.request_log import RequestRecord
    from k8s_devkit.api_server.server import ApiServer
    from k8s_devkit.api_server.streams.forwarding import ForwardedSocket
    from k8s_devkit.api_server.streams.sessions import AttachSession, ExecSession, TerminalSize
    from k8s_devkit.control_plane.control_plane import ControlPlane
    from k8s_devkit.plugin_checks.check import PluginCheckReport, check_plugin
    from k8s_devkit.strategy import (
        Controller,
        ControllerContext,
        Document,
        FieldError,
        Problems,
        ServerContext,
        ServerRegistrar,
        Strategy,
        Subresource,
    )
    from k8s_devkit.strategy.users import User

__all__ = [
    "AdmissionDenied",
    "AdmissionRequest",
    "ApiServer",
    "AttachSession",
    "ChannelFault",
    "ControlPlane",
    "Controller",
    "ControllerContext",
    "CustomStrategy",
    "Document",
    "ExecSession",
    "Fault",
    "FieldError",
    "ForwardedSocket",
    "ManualClock",
    "PluginCheckReport",
    "Problems",
    "RequestRecord",
    "ServerContext",
    "ServerRegistrar",
    "Strategy",
    "StreamFault",
    "Subresource",
    "TerminalSize",
    "User",
    "check_plugin",
]

_MODULES = {
    "AdmissionDenied": "api_server.access.admission",
    "AdmissionRequest": "api_server.access.admission",
    "ApiServer": "api_server.server",
    "AttachSession": "api_server.streams.sessions",
    "ChannelFault": "api_server.network.faults",
    "ControlPlane": "control_plane.control_plane",
    "Controller": "strategy",
    "ControllerContext": "strategy",
    "CustomStrategy": "api_server.custom.strategy",
    "Document": "strategy",
    "ExecSession": "api_server.streams.sessions",
    "Fault": "api_server.network.faults",
    "FieldError": "strategy",
    "ForwardedSocket": "api_server.streams.forwarding",
    "ManualClock": "api_server.clock",
    "PluginCheckReport": "plugin_checks.check",
    "Problems": "strategy",
    "RequestRecord": "api_server.network.request_log",
    "ServerContext": "strategy",
    "ServerRegistrar": "strategy",
    "Strategy": "strategy",
    "StreamFault": "api_server.network.faults",
    "Subresource": "strategy",
    "TerminalSize": "api_server.streams.sessions",
    "User": "strategy.users",
    "check_plugin": "plugin_checks.check",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
