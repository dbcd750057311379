# SPDX-License-Identifier: Apache-2.0
"""How verbs are told a kind: its class, a name as kubectl takes it, or a description of it. Types only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    from k8s_core.kinds import APIResource, GroupVersionKind
    from k8s_core.model import Resource

    # The objects of a kind that is given by its name are Any: no type checker sees their class.
    R = TypeVar("R", bound=Resource, default=Any)
    Kind: TypeAlias = type[R] | str | APIResource | GroupVersionKind
    AnyKind: TypeAlias = type[Resource] | str | APIResource | GroupVersionKind
else:
    from typing import TypeVar

    R = TypeVar("R")

__all__ = ["AnyKind", "Kind", "R"]
