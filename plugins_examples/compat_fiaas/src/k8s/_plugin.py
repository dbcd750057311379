# SPDX-License-Identifier: Apache-2.0
"""What k8s-core loads when a client is made: whichever ``k8s`` was installed last, this module is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s._installation import check_installation
from k8s_core import hookimpl

if TYPE_CHECKING:
    from k8s_core import Config


@hookimpl
def k8s_observe(config: Config) -> None:
    """Look for the distribution that has the same import package, and observe nothing."""
    check_installation()
