# SPDX-License-Identifier: Apache-2.0
"""What users test with: the embedded API server, real control planes, the plugin check. All names load lazily."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from k8s_core.testing.admission import AdmissionDenied, AdmissionRequest
    from k8s_core.testing.clock import ManualClock
    from k8s_core.testing.control_plane import ControlPlane
    from k8s_core.testing.faults import Fault, StreamFault
    from k8s_core.testing.plugin_check import PluginCheckReport, check_plugin
    from k8s_core.testing.request_log import RequestRecord
    from k8s_core.testing.server import ApiServer
    from k8s_core.testing.users import User

__all__ = [
    "AdmissionDenied",
    "AdmissionRequest",
    "ApiServer",
    "ControlPlane",
    "Fault",
    "ManualClock",
    "PluginCheckReport",
    "RequestRecord",
    "StreamFault",
    "User",
    "check_plugin",
]

_MODULES = {
    "AdmissionDenied": "admission",
    "AdmissionRequest": "admission",
    "ApiServer": "server",
    "ControlPlane": "control_plane",
    "Fault": "faults",
    "ManualClock": "clock",
    "PluginCheckReport": "plugin_check",
    "RequestRecord": "request_log",
    "StreamFault": "faults",
    "User": "users",
    "check_plugin": "plugin_check",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
