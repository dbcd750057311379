# SPDX-License-Identifier: Apache-2.0
"""Inside the pod: logs, commands, ports and files, over connections of the client's own transport.

The verbs are methods of ``Client``, and of the kinds that have these subresources. All but logs need the extra
``k8s-core[streams]``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core import lazy_attributes

if TYPE_CHECKING:
    from k8s_core.streams.archive import CopyProgress, CopyReport
    from k8s_core.streams.commands import attach, run_command, start_command
    from k8s_core.streams.completed import CompletedCommand
    from k8s_core.streams.copying import copy_from, copy_to
    from k8s_core.streams.group_logs import open_logs
    from k8s_core.streams.log_lines import LogBytes, LogGap, LogLine
    from k8s_core.streams.logs import LogOptions, LogStream
    from k8s_core.streams.port_forward import PortForward, connect_to, forward
    from k8s_core.streams.process import Process
    from k8s_core.streams.targets import find_target

__all__ = [
    "CompletedCommand",
    "CopyProgress",
    "CopyReport",
    "LogBytes",
    "LogGap",
    "LogLine",
    "LogOptions",
    "LogStream",
    "PortForward",
    "Process",
    "attach",
    "connect_to",
    "copy_from",
    "copy_to",
    "find_target",
    "forward",
    "open_logs",
    "run_command",
    "start_command",
]

# The client has verbs for streams; programs that use none load none of this.
__getattr__, __dir__ = lazy_attributes(
    __name__,
    {
        ".archive": ("CopyProgress", "CopyReport"),
        ".commands": ("attach", "run_command", "start_command"),
        ".completed": ("CompletedCommand",),
        ".copying": ("copy_from", "copy_to"),
        ".group_logs": ("open_logs",),
        ".log_lines": ("LogBytes", "LogGap", "LogLine"),
        ".logs": ("LogOptions", "LogStream"),
        ".port_forward": ("PortForward", "connect_to", "forward"),
        ".process": ("Process",),
        ".targets": ("find_target",),
    },
)
