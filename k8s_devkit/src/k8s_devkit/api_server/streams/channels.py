# SPDX-License-Identifier: Apache-2.0
"""Channels and statuses of remote commands, as the kubelet writes them (protocol F6, F8). Pure."""

from __future__ import annotations

from typing import Any

import msgspec

__all__ = [
    "CLOSE",
    "ERROR",
    "PORT_FORWARD",
    "RESIZE",
    "STDERR",
    "STDIN",
    "STDOUT",
    "TUNNEL",
    "V4",
    "V5",
    "exit_status",
    "failure_status",
]

STDIN, STDOUT, STDERR, ERROR, RESIZE, CLOSE = 0, 1, 2, 3, 4, 255
V5, V4 = "v5.channel.k8s.io", "v4.channel.k8s.io"
PORT_FORWARD = "portforward.k8s.io"
TUNNEL = "SPDY/3.1+portforward.k8s.io"


def exit_status(code: int) -> bytes:
    """The Status of a command that ended."""
    status: dict[str, Any] = {"metadata": {}, "status": "Success"}
    if code:
        status["status"] = "Failure"
        status["message"] = f"command terminated with non-zero exit code: exit status {code}"
        status["reason"] = "NonZeroExitCode"
        status["details"] = {"causes": [{"reason": "ExitCode", "message": str(code)}]}
    return msgspec.json.encode(status)


def failure_status(message: str) -> bytes:
    """The Status of a command that could not be run."""
    status = {
        "metadata": {},
        "status": "Failure",
        "message": f"Internal error occurred: {message}",
        "reason": "InternalError",
        "details": {"causes": [{"message": message}]},
        "code": 500,
    }
    return msgspec.json.encode(status)
