# SPDX-License-Identifier: Apache-2.0
"""Telling what an apply conflict is about: which field, who owns it, and both values (protocol C29)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.client.fieldpaths import MISSING, value_at
from k8s_core.errors import ApplyConflict, KubernetesError
from k8s_core.model.codec import decode_json
from k8s_core.model.secrecy import masked
from k8s_core.redaction import REDACTED
from k8s_core.requests.read import get_request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from k8s_core.model import Resource
    from k8s_core.requests import Request

__all__ = ["explain_conflict"]


def explain_conflict(
    conflict: ApplyConflict, cls: type[Resource], request: Request, applied: Any, send: Callable[[Request], bytes]
) -> None:
    """Add both values to each entry of ``conflict.conflicts``, and a note for people to the exception.

    Reads the live object: one more request. Where that fails, or the field has no value on one side, the entry has no
    ``live`` or ``applied``. Secrets do not get into the note.
    """
    documents = {"live": _live_object(request, send), "applied": applied}
    shown = {key: masked(cls, document) for key, document in documents.items() if isinstance(document, dict)}
    for entry in conflict.conflicts:
        for key, document in documents.items():
            value = value_at(document, entry["field"])
            if value is not MISSING:
                entry[key] = value
    conflict.add_note("\n".join(_line(entry, shown) for entry in conflict.conflicts))


def _live_object(request: Request, send: Callable[[Request], bytes]) -> Any:
    if request.resource is None or request.name is None:
        return None
    try:
        return decode_json(send(get_request(request.resource, request.name, namespace=request.namespace)))
    except KubernetesError:
        # The conflict is what the caller must hear of; without the values it is still complete.
        return None


def _line(entry: dict[str, Any], documents: Mapping[str, Any]) -> str:
    owner = entry.get("manager") or "another manager"
    live, applied = (_shown(entry, key, documents.get(key)) for key in ("live", "applied"))
    return f"{entry['field']}: owned by {owner}, live value {live:.200}, yours {applied:.200}"


def _shown(entry: dict[str, Any], key: str, document: Any) -> str:
    if key not in entry:
        return "(not set)"
    value = value_at(document, entry["field"])
    # A path through a list goes by a key of its items, which may be masked itself.
    return repr(REDACTED if value is MISSING else value)
