# SPDX-License-Identifier: Apache-2.0
"""What the kinds of acme.cert-manager.io can do besides holding their fields. Written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from k8s_crd_certmanager.acme.v1 import ChallengeStatus, OrderStatus

__all__ = ["ChallengeBehaviour", "OrderBehaviour"]

_FINAL = frozenset({"valid", "invalid", "expired", "errored"})


class OrderBehaviour:
    """Progress of an Order."""

    __slots__ = ()

    if TYPE_CHECKING:
        status: OrderStatus

    def is_ready(self) -> bool:
        """True once the server has issued the certificate."""
        return self.status.state == "valid"

    def is_finished(self) -> bool:
        """True once nothing more will happen, be it well or not."""
        return self.status.state in _FINAL


class ChallengeBehaviour:
    """Progress of a Challenge."""

    __slots__ = ()

    if TYPE_CHECKING:
        status: ChallengeStatus

    def is_ready(self) -> bool:
        """True once the server has accepted the proof."""
        return self.status.state == "valid"

    def is_finished(self) -> bool:
        """True once nothing more will happen, be it well or not."""
        return self.status.state in _FINAL
