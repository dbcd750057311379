# SPDX-License-Identifier: Apache-2.0
"""Guard rails around every request of k8s-core: see :class:`~k8s_transport_policy.policy.Policy`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from k8s_core import hookimpl
from k8s_transport_policy.policy import Policy
from k8s_transport_policy.wrapper import PolicyTransport, PolicyViolation, enforce

if TYPE_CHECKING:
    from k8s_core.transport import TransportWrapper

__all__ = ["Policy", "PolicyTransport", "PolicyViolation", "enforce", "k8s_transport_wrapper"]


@hookimpl(tryfirst=True)
def k8s_transport_wrapper() -> TransportWrapper | None:
    """Wrap the transport if the environment asks for a policy; outside of other wrappers, so that none gets past it."""
    policy = Policy.from_environment(os.environ)
    return enforce(policy) if policy is not None else None
