# SPDX-License-Identifier: Apache-2.0
"""A transport that keeps to a policy and writes down what it did."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from k8s_core.errors import RequestError
from k8s_core.transport import Transport
from k8s_transport_policy.policy import is_write, target_of

if TYPE_CHECKING:
    from k8s_core.requests import Request
    from k8s_core.transport import Response, TransportWrapper
    from k8s_transport_policy.policy import Policy

__all__ = ["PolicyTransport", "PolicyViolation", "enforce"]


def enforce(policy: Policy) -> TransportWrapper:
    """What makes transports keep to a policy."""
    return lambda inner: PolicyTransport(inner, policy)


class PolicyViolation(RequestError):
    """The policy of this program forbids the request; nothing was sent."""


class PolicyTransport(Transport):
    """Sends what ``policy`` allows, in the form that it wants, and audits writes. Thread-safe."""

    def __init__(self, inner: Transport, policy: Policy) -> None:
        self._inner = inner
        self._policy = policy

    def send(self, request: Request) -> Response:
        objection = self._policy.objection(request)
        if objection is not None:
            self._audit(request, decision="refused", reason=objection)
            raise PolicyViolation(f"policy: {request.method} {request.path} is not allowed: {objection}")
        shaped = self._policy.shape(request)
        if not is_write(request):
            return self._inner.send(shaped)
        dry_run = shaped is not request or ("dryRun", "All") in request.query
        try:
            response = self._inner.send(shaped)
        except Exception as error:
            self._audit(request, decision="allowed", dryRun=dry_run, error=type(error).__name__)
            raise
        self._audit(request, decision="allowed", dryRun=dry_run, status=response.status)
        return response

    def close(self) -> None:
        self._inner.close()

    def _audit(self, request: Request, **outcome: Any) -> None:
        """Write one line: who does what to which object is in it, the object itself is not, since it may be secret."""
        if self._policy.audit is None:
            return
        entry = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "pid": os.getpid(),
            "verb": request.verb or request.method,
            "resource": request.resource.group_resource if request.resource is not None else request.path,
            "subresource": request.subresource,
            "namespace": target_of(request),
            "name": request.name,
            **outcome,
        }
        line = json.dumps({key: value for key, value in entry.items() if value is not None}) + "\n"
        if self._policy.audit == "-":
            sys.stderr.write(line)
            return
        # One write in append mode: lines of several threads and processes don't mix.
        descriptor = os.open(self._policy.audit, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)
