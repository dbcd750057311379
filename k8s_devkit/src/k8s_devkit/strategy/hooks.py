# SPDX-License-Identifier: Apache-2.0
"""The hook by which packages bring the server side of their kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_core.plugins import SERVERS_GROUP, hookspec

if TYPE_CHECKING:
    from k8s_devkit.strategy.registrar import ServerRegistrar

__all__ = ["SERVERS_GROUP", "k8s_serve_kinds"]


@hookspec
def k8s_serve_kinds(registrar: ServerRegistrar) -> None:
    """Register how an API server treats the kinds of a package, as import strings.

    Called in a process that runs an embedded API server, when something of an API group is served for the first time:
    once for each API group that the package has an entry point for, however many servers the process makes. It must be
    cheap and must not import the strategies: it runs also when only one of the kinds is needed. If it raises, servers
    log a warning and leave out the kinds of the group.

    Args:
        registrar: takes what the package registers while the hook runs.
    """
