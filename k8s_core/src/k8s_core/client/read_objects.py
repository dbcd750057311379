# SPDX-License-Identifier: Apache-2.0
"""Whether an object to apply was read from a server: whoever applies it becomes the owner of everything in it.

An object of a server always has a ``creationTimestamp``, and nobody else writes one: manifests that tools make have it
as null. A uid, a resourceVersion and a status prove nothing, since they are what you apply in order to change one very
object, one very version of it, or its status.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from k8s_core.errors import ApplyWarning
from k8s_core.model import Model, Resource

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["warn_of_read", "was_read"]

_ADVICE = (
    "apply a new object that has only the fields you want to own, or change what you read by client.edit or a patch"
)


def was_read(obj: object) -> bool:
    """Whether only a server can have written an object; False for what is not one."""
    if isinstance(obj, Resource):
        metadata: Any = obj.metadata
        if not isinstance(metadata, Model):
            return False
        return metadata.creationTimestamp is not None or bool(metadata.managedFields)  # type: ignore[attr-defined]  # it is ObjectMeta
    metadata = obj.get("metadata") if isinstance(obj, Mapping) else None
    return isinstance(metadata, Mapping) and any(metadata.get(key) for key in ("creationTimestamp", "managedFields"))


def warn_of_read(what: Sequence[str], field_manager: str | None) -> None:
    """Issue one ApplyWarning for objects that were read.

    Args:
        what: what each is called.
        field_manager: who would own their fields.
    """
    verb = "was" if len(what) == 1 else "were"
    owner = field_manager or "the program"
    from k8s_core.errors.warn import warn_caller  # noqa: PLC0415  # only a warning needs it

    warn_caller(
        ApplyWarning(
            f"{'; '.join(what)} {verb} read from a server: applying makes {owner} the owner of every field in it, so "
            f"that changes by others conflict, and a field that you leave out later is removed; {_ADVICE}"
        )
    )
