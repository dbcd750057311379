# SPDX-License-Identifier: Apache-2.0
"""Create and update: the order of checks, defaults and bookkeeping of every write (protocol C19-C25, J5-J8, J16)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.access.rules import attributes_of
from k8s_devkit.api_server.context import Context
from k8s_devkit.api_server.patches import managed
from k8s_devkit.api_server.reads.reading import object_key
from k8s_devkit.api_server.store import Entry, encode_body
from k8s_devkit.api_server.writes.checking import check_created, check_updated
from k8s_devkit.api_server.writes.go_form import Empties, drop_zeros, fill_zeros
from k8s_devkit.api_server.writes.metadata import (
    fill_created,
    fill_updated,
    invalid_object,
    match_url,
)
from k8s_devkit.strategy.failures import Failure, already_exists, bad_request, not_found
from k8s_devkit.strategy.subresources import View

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_devkit.api_server.core import ApiCore
    from k8s_devkit.api_server.kinds.kind import Kind
    from k8s_devkit.api_server.requests.bodies import Notes
    from k8s_devkit.api_server.requests.call import Call
    from k8s_devkit.api_server.requests.options import WriteOptions
    from k8s_devkit.strategy.document import Document

__all__ = ["Write", "Written", "create_object", "update_object"]

_NAME_ATTEMPTS = 8


@dataclass(slots=True)
class Written:
    """The outcome of a write: the object's bytes without apiVersion and kind, and whether it is new."""

    kind: Kind
    body: bytes
    created: bool


@dataclass(slots=True)
class Write:
    """One write in flight: who, where, how."""

    core: ApiCore
    call: Call
    kind: Kind
    namespace: str
    name: str
    options: WriteOptions
    notes: Notes
    subresource: str = ""
    operation: str = "Update"


def create_object(write: Write, document: Document, *, updating: bool = False) -> Written:
    """Create an object. Raises the server's Failure for anything that it refuses.

    Args:
        updating: an update or an apply found no object; whether the user may create one was not asked yet.
    """
    core, kind, namespace = write.core, write.kind, write.namespace
    if kind.resource.namespaced and not namespace:
        raise kind.refuse_empty_namespace()
    match_url(document, namespace, write.name)
    requested = document["metadata"].get("name") or ""
    core.lifecycle.check_create(kind, namespace, requested)
    empties = Empties.of(kind, document)
    drop_zeros(kind, document)
    _prepare_created(kind, document)
    with empties:
        kind.default(document, None, applied=write.operation == "Apply")
    fill_zeros(kind, document, stored=False)
    # What is allocated, admitted and counted from here on belongs to nobody.
    managed.track_update(write, None, document)
    fill_created(kind, document, core.identities, core.now())
    ctx = Context(core, kind, write.call.user, write.notes.warnings)
    kind.strategy.prepare_for_create(document, ctx)
    kind.strategy.admit(document, None, ctx)
    document = core.admission.review(write.call, "CREATE", document, None)
    fill_zeros(kind, document)
    with empties:
        errors = check_created(kind, document, ctx)
    _raise_errors(kind, document, errors)
    if updating and core.authorization.active and not write.call.internal:
        asked = attributes_of(write.call.request, write.call.info, write.call.user)
        core.authorization.check_create_on_update(replace(asked, verb="create"))
    key = object_key(namespace, document["metadata"]["name"])
    attempts = 0
    while (existing := core.store.get(kind.key, key)) is not None:
        attempts += 1
        if requested or attempts >= _NAME_ATTEMPTS:
            raise _taken(kind, existing, generated=not requested)
        document["metadata"].pop("name")
        fill_created(kind, document, core.identities, core.now())
        key = object_key(namespace, document["metadata"]["name"])
    if write.options.dry_run:
        return Written(kind, encode_body(document), True)
    entry = core.put(kind, document, whole=True)
    return Written(kind, kind.body(entry), True)


def _taken(kind: Kind, existing: Entry, *, generated: bool) -> Failure:
    failure = already_exists(kind.resource, existing.name)
    if existing.document()["metadata"].get("deletionTimestamp"):
        failure.message = f"object is being deleted: {failure.message}"
    if generated:
        failure.message += ", the server was not able to generate a unique name for the object"
        assert failure.details is not None
        failure.details["retryAfterSeconds"] = 1
    return failure


def _prepare_created(kind: Kind, document: Document) -> None:
    for name in ("deletionTimestamp", "deletionGracePeriodSeconds"):
        document["metadata"].pop(name, None)  # before anybody is said to own it
    if kind.has_status() and not kind.strategy.keeps_status_on_create:
        document.pop("status", None)
        if kind.strategy.initial_status is not None:
            document["status"] = dict(kind.strategy.initial_status)


def _raise_errors(kind: Kind, document: Document, errors: list[Any]) -> None:
    if errors:
        metadata = document["metadata"]
        raise invalid_object(kind, metadata.get("name") or metadata.get("generateName") or "", errors)


def update_object(write: Write, transform: Callable[[Document], Document], *, create: bool = False) -> Written:
    """Replace an object by what ``transform`` makes of its current state.

    Args:
        transform: gets a document of its own; what it returns is taken over.
        create: a missing object is created from ``transform({})`` (C23).
    """
    core, kind = write.core, write.kind
    entry = core.store.get(kind.key, object_key(write.namespace, write.name))
    if entry is None:
        if not create:
            raise not_found(kind.resource, write.name)
        return create_object(write, transform({}), updating=True)
    live = kind.document(entry)
    document = transform(kind.document(entry))
    if not document["metadata"].get("name"):
        why = "undeterminable: name must be provided"
        raise bad_request(f"the name of the object ({write.name} based on URL) was {why}")
    match_url(document, write.namespace, write.name)
    fill_updated(kind, document, live)
    empties = Empties.of(kind, document)
    drop_zeros(kind, document)
    with empties:
        kind.default(document, live, applied=write.operation == "Apply")
    fill_zeros(kind, document, stored=False)
    managed.track_update(write, live, document)
    document = _keep_separate(kind, document, live, write.subresource)
    ctx = Context(core, kind, write.call.user, write.notes.warnings, entry.key)
    if not write.subresource:
        kind.strategy.admit(document, live, ctx)
    document = core.admission.review(write.call, "UPDATE", document, live)
    fill_zeros(kind, document)  # what is not there because of subresources or admission
    if not write.subresource:
        kind.strategy.prepare_for_update(document, live, ctx)
    elif write.subresource == "status":
        kind.strategy.prepare_for_status_update(document, live, ctx)
    _bump_generation(kind, document, live, write.subresource)
    with empties:
        errors = check_updated(kind, document, live, ctx, write.subresource)
    _raise_errors(kind, {"metadata": live["metadata"]}, errors)
    return _store_update(write, entry, document, live)


def _store_update(write: Write, entry: Entry, document: Document, live: Document) -> Written:
    core, kind = write.core, write.kind
    if managed.same_but_times(document, live):
        return Written(kind, kind.body(entry), False)
    if write.options.dry_run:
        return Written(kind, encode_body(document), False)
    metadata = document["metadata"]
    if metadata.get("deletionTimestamp") and not metadata.get("finalizers") and core.deletion_done(kind, document):
        # The write that removes the last finalizer deletes, and still answers with the object (H8).
        gone = core.store.delete(kind.key, entry.key)
        document["metadata"]["resourceVersion"] = str(gone.version)
        return Written(kind, encode_body(document), False)
    stored = core.put(kind, document, whole=True)
    return Written(kind, kind.body(stored), False)


def _keep_separate(kind: Kind, document: Document, live: Document, subresource: str) -> Document:
    """Let a subresource change its own part only, and the main resource all but ``status`` (C36, J8)."""
    if subresource:
        part = _part(kind, subresource)
        combined = dict(live)
        combined["metadata"] = dict(live["metadata"])
        combined["metadata"].pop("managedFields", None)
        if "managedFields" in document["metadata"]:
            combined["metadata"]["managedFields"] = document["metadata"]["managedFields"]
        if subresource == "status":
            _take_metadata(combined["metadata"], document["metadata"], kind.strategy.status_update_keeps)
        if part in document:
            combined[part] = document[part]
        else:
            combined.pop(part, None)
        return combined
    if kind.has_status():
        if "status" in live:
            document["status"] = live["status"]
        else:
            document.pop("status", None)
    return document


def _part(kind: Kind, subresource: str) -> str:
    """The part of an object that a subresource can change."""
    served = kind.strategy.subresources.get(subresource)
    if isinstance(served, View):
        return served.part
    return "spec" if subresource == "scale" else "status"


def _take_metadata(metadata: Document, sent: Document, kept: tuple[str, ...]) -> None:
    for name in ("labels", "annotations", "finalizers", "ownerReferences"):
        if name not in kept:
            metadata.pop(name, None)
            if sent.get(name):
                metadata[name] = sent[name]


def _bump_generation(kind: Kind, document: Document, live: Document, subresource: str) -> None:
    counts = kind.strategy.generation in ("counted", "late")
    if counts and subresource != "status" and kind.strategy.starts_generation(document, live):
        document["metadata"]["generation"] = int(live["metadata"].get("generation") or 0) + 1
