# SPDX-License-Identifier: Apache-2.0
"""How the verbs of kinds change an object that its controllers write to as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from k8s_core.backoff import BUSY_BACKOFF
from k8s_core.behaviour import client_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.client import Client
    from k8s_core.model import Resource
    from k8s_core.requests.options import DryRun

__all__ = ["edited"]

R = TypeVar("R", bound="Resource")


def edited(obj: R, change: Callable[[R], Any], *, dry_run: DryRun, client: Client | None) -> R:
    """Read an object, change it, and send what changed as a patch, as kubectl's helpers do.

    The patch has the resourceVersion that was read, so that it fits what is there. While a rollout goes on that changes
    many times a second, which is why there are more attempts than ``Client.edit`` makes by default.
    """
    return client_for(obj, client).edit(obj, change, as_patch=True, dry_run=dry_run, backoff=BUSY_BACKOFF)
