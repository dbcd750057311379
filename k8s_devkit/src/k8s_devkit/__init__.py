# SPDX-License-Identifier: Apache-2.0
"""The developer's kit: an embedded API server, real control planes, and what packages bring to them.

All names load lazily.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import lazy_attributes

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
    from k8s_devkit.control_plane.node import ScriptedNode
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
    "ScriptedNode",
    "ServerContext",
    "ServerRegistrar",
    "Strategy",
    "StreamFault",
    "Subresource",
    "TerminalSize",
    "User",
    "check_plugin",
]

__getattr__, __dir__ = lazy_attributes(
    __name__,
    {
        ".api_server.access.admission": ["AdmissionDenied", "AdmissionRequest"],
        ".api_server.clock": ["ManualClock"],
        ".api_server.custom.strategy": ["CustomStrategy"],
        ".api_server.network.faults": ["ChannelFault", "Fault", "StreamFault"],
        ".api_server.network.request_log": ["RequestRecord"],
        ".api_server.server": ["ApiServer"],
        ".api_server.streams.forwarding": ["ForwardedSocket"],
        ".api_server.streams.sessions": ["AttachSession", "ExecSession", "TerminalSize"],
        ".control_plane.control_plane": ["ControlPlane"],
        ".control_plane.node": ["ScriptedNode"],
        ".plugin_checks.check": ["PluginCheckReport", "check_plugin"],
        ".strategy": [
            "Controller",
            "ControllerContext",
            "Document",
            "FieldError",
            "Problems",
            "ServerContext",
            "ServerRegistrar",
            "Strategy",
            "Subresource",
        ],
        ".strategy.users": ["User"],
    },
)
