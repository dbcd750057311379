# SPDX-License-Identifier: Apache-2.0
"""How a command ended: the Status on the error channel, last of all messages (protocol F8, F9). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.errors import CommandNotRun, DecodeError, KubernetesError, StreamBroken
from k8s_core.model.codec import decode_json

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MAX_STATUS", "exit_code"]

MAX_STATUS = 1 << 20
"""Bytes of a Status that are kept; a runtime's message has a few hundred."""


def exit_code(status: bytes, command: Sequence[str], where: str) -> int | KubernetesError:
    """The exit code that a Status says, or the error that it is.

    Args:
        status: the whole message on the error channel; empty if none came.
        command: the program and its arguments, for the error.
        where: what it ran in, for the error.
    """
    if not status:
        return StreamBroken(f"{where}: the connection ended before the exit code came; the command may run on")
    try:
        document: Any = decode_json(status)
    except DecodeError:
        document = None
    if not isinstance(document, dict) or document.get("status") not in ("Success", "Failure"):
        return StreamBroken(f"{where}: the Status on the error channel can't be read, so the exit code is not known")
    if document["status"] == "Success":
        return 0
    if document.get("reason") == "NonZeroExitCode":
        code = _code(document)
        if code is None:
            return StreamBroken(f"{where}: the Status says that the command failed, but not with which exit code")
        return code
    message = document.get("message") or document.get("reason") or "no reason given"
    return CommandNotRun(f"{where}: the command could not be run: {message}", command=command)


def _code(document: dict[str, Any]) -> int | None:
    details = document.get("details")
    causes = details.get("causes") if isinstance(details, dict) else None
    for cause in causes if isinstance(causes, list) else ():
        if isinstance(cause, dict) and cause.get("reason") == "ExitCode":
            text = str(cause.get("message"))
            # 0 would be a failure that looks like a success.
            if text.isascii() and text.isdecimal() and 0 < int(text) < 1 << 32:
                return int(text)
    return None
