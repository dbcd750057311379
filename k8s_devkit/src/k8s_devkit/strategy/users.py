# SPDX-License-Identifier: Apache-2.0
"""The user that a request comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ANONYMOUS", "User"]


@dataclass(frozen=True, slots=True)
class User:
    """A user as the API server sees one."""

    name: str
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    impersonated_by: str = ""


ANONYMOUS = User("system:anonymous", groups=("system:unauthenticated",))
