# SPDX-License-Identifier: Apache-2.0
"""Delete and deletecollection: options, preconditions, grace, finalizers (protocol C5, C31-C35, H8, H9, J11, J19)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.access.users import ADMIN
from k8s_devkit.api_server.clock import format_time
from k8s_devkit.api_server.context import Context
from k8s_devkit.api_server.kinds.option_shapes import DELETE_OPTIONS, check_document
from k8s_devkit.api_server.requests.bodies import decode_document
from k8s_devkit.api_server.requests.options import check_dry_run
from k8s_devkit.api_server.store import Entry, encode_body
from k8s_devkit.strategy.failures import bad_request, conflict, invalid
from k8s_devkit.strategy.field_errors import FieldError, invalid_value, not_supported

if TYPE_CHECKING:
    from k8s_devkit.api_server.core import ApiCore
    from k8s_devkit.api_server.kinds.kind import Kind
    from k8s_devkit.api_server.network.messages import HttpRequest
    from k8s_devkit.api_server.requests.call import Call
    from k8s_devkit.strategy.document import Document

__all__ = ["DeleteOptions", "Deleted", "delete_entry", "read_delete_options"]

_POLICIES = ("Foreground", "Background", "Orphan")
_ORPHAN, _FOREGROUND = "orphan", "foregroundDeletion"


@dataclass(frozen=True, slots=True)
class DeleteOptions:
    """Options of a deletion; ``grace`` None is the kind's default, in seconds."""

    grace: int | None = None
    policy: str = ""
    orphan_dependents: bool | None = None
    uid: str = ""
    version: str = ""
    dry_run: bool = False

    @property
    def propagation(self) -> str:
        """The propagation policy that was asked for, in whichever of the two ways; empty for none."""
        if self.policy or self.orphan_dependents is None:
            return self.policy
        return "Orphan" if self.orphan_dependents else "Background"


@dataclass(slots=True)
class Deleted:
    """What a deletion left: the object's bytes without apiVersion and kind, and whether it is gone from the store."""

    body: bytes
    gone: bool
    uid: str


def read_delete_options(request: HttpRequest) -> DeleteOptions:
    """Read DeleteOptions from the body, or, only where there is none, from the query (C5)."""
    body: Document = {}
    if request.body.strip():
        media_type = request.header("content-type").split(";", 1)[0].strip().lower()
        body = _options_of(decode_document(request.body, media_type or "application/json"))
    else:
        body = _from_query(request)
    check_document(body, DELETE_OPTIONS, prefix="")
    preconditions = body.get("preconditions") or {}
    options = DeleteOptions(
        grace=body.get("gracePeriodSeconds"),
        policy=body.get("propagationPolicy") or "",
        orphan_dependents=body.get("orphanDependents"),
        uid=preconditions.get("uid") or "",
        version=preconditions.get("resourceVersion") or "",
        dry_run=check_dry_run("DeleteOptions", body.get("dryRun") or []),
    )
    _check(options)
    return options


def _options_of(document: Any) -> Document:
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise bad_request("couldn't get version/kind; json parse error: json: cannot unmarshal into an object")
    kind, version = document.get("kind", "DeleteOptions"), document.get("apiVersion", "meta.k8s.io/v1")
    if kind != "DeleteOptions":
        place = "pkg/apis/meta/internalversion/scheme/register.go:27"
        raise bad_request(f'no kind "{kind}" is registered for version "{version}" in scheme "{place}"')
    return document


def _from_query(request: HttpRequest) -> Document:
    query = request.query
    body: Document = {}
    grace = query.integer("gracePeriodSeconds")
    if grace is not None:
        body["gracePeriodSeconds"] = grace
    if query.get("propagationPolicy"):
        body["propagationPolicy"] = query.get("propagationPolicy")
    if "orphanDependents" in query:
        body["orphanDependents"] = query.flag("orphanDependents")
    if query.all("dryRun"):
        body["dryRun"] = query.all("dryRun")
    return body


def _check(options: DeleteOptions) -> None:
    errors: list[FieldError] = []
    if options.policy and options.orphan_dependents is not None:
        text = "orphanDependents and deletionPropagation cannot be both set"
        errors.append(invalid_value("propagationPolicy", options.policy, text))
    if options.policy and options.policy not in _POLICIES:
        errors.append(not_supported("propagationPolicy", options.policy, (*_POLICIES, "nil")))
    if errors:
        raise invalid("DeleteOptions", "meta.k8s.io", "", errors)


def delete_entry(core: ApiCore, kind: Kind, entry: Entry, options: DeleteOptions, call: Call | None = None) -> Deleted:
    """Delete one object, or begin to: with finalizers or a grace period it stays, marked.

    Args:
        call: the request that asks for it; None for a controller.

    Raises:
        Failure: a precondition does not hold, or an admission callable refuses.
    """
    ctx = Context(core, kind, call.user if call is not None else ADMIN)
    document = kind.document(entry)
    kind.strategy.check_delete(document, ctx)
    metadata = document["metadata"]
    _check_preconditions(kind, metadata, options)
    core.admission.review_delete(kind, document, call, dry_run=options.dry_run)
    begun = kind.strategy.begin_delete(document, ctx)
    changed, at_once = _graceful(core, kind, document, options)
    changed = changed or begun
    finalizers = _finalizers(metadata, options.propagation, kind.strategy.default_garbage_collection)
    if finalizers != (metadata.get("finalizers") or []):
        changed = True
        metadata["finalizers"] = finalizers
        if not finalizers:
            del metadata["finalizers"]
    if not kind.strategy.may_be_removed(document):
        at_once = False
    elif finalizers:
        at_once = False
        changed = _mark(core, metadata) or changed
    if at_once:
        body = kind.body(entry) if not changed else encode_body(document)
        if not options.dry_run:
            core.store.delete(kind.key, entry.key)
        return Deleted(body, gone=True, uid=entry.uid)
    if not changed:
        return Deleted(kind.body(entry), gone=False, uid=entry.uid)
    if options.dry_run:
        return Deleted(encode_body(document), gone=False, uid=entry.uid)
    stored = core.put(kind, document)
    return Deleted(kind.body(stored), gone=False, uid=entry.uid)


def _check_preconditions(kind: Kind, metadata: Document, options: DeleteOptions) -> None:
    if options.uid and options.uid != metadata.get("uid"):
        raise conflict(
            kind.resource,
            metadata["name"],
            f"the UID in the precondition ({options.uid}) does not match the UID in record ({metadata.get('uid')}). "
            "The object might have been deleted and then recreated",
            kind=kind.name,
        )
    if options.version and options.version != metadata["resourceVersion"]:
        raise conflict(
            kind.resource,
            metadata["name"],
            f"the ResourceVersion in the precondition ({options.version}) does not match the ResourceVersion in "
            f"record ({metadata['resourceVersion']}). The object might have been modified",
            kind=kind.name,
        )


def _graceful(core: ApiCore, kind: Kind, document: Document, options: DeleteOptions) -> tuple[bool, bool]:
    """Set deletion time and grace of a kind that ends gracefully. Returns (changed, may go at once)."""
    metadata = document["metadata"]
    grace = kind.strategy.grace_period(document, options.grace)
    if grace is None:
        return False, True
    if metadata.get("deletionTimestamp"):
        return _shorten(metadata, options)
    if grace < 0:
        grace = 1
    if grace == 0:
        return False, True
    _set_deletion(core, metadata, grace)
    return True, False


def _shorten(metadata: Document, options: DeleteOptions) -> tuple[bool, bool]:
    current = metadata.get("deletionGracePeriodSeconds")
    if current is None:
        return False, True
    wanted = options.grace
    if wanted is not None and wanted < 0:
        wanted = 1
    if wanted is None or wanted >= current:
        return False, current == 0
    moment = datetime.fromisoformat(metadata["deletionTimestamp"])
    metadata["deletionTimestamp"] = format_time(moment - timedelta(seconds=current - wanted))
    metadata["deletionGracePeriodSeconds"] = wanted
    return True, wanted == 0


def _finalizers(metadata: Document, policy: str, default: str) -> list[str]:
    """The finalizers after the propagation policy added or removed the collector's two (C33)."""
    finalizers = list(metadata.get("finalizers") or [])
    kept = [name for name in finalizers if name not in (_ORPHAN, _FOREGROUND)]
    if not policy:
        if kept != finalizers:
            return finalizers  # what an earlier delete, or a client, decided takes precedence over the kind's default
        policy = default
    if policy == "Orphan":
        kept.append(_ORPHAN)
    elif policy == "Foreground":
        kept.append(_FOREGROUND)
    return kept


def _mark(core: ApiCore, metadata: Document) -> bool:
    if metadata.get("deletionTimestamp"):
        return False
    _set_deletion(core, metadata, 0)
    return True


def _set_deletion(core: ApiCore, metadata: Document, grace: int) -> None:
    metadata["deletionTimestamp"] = format_time(core.clock() + timedelta(seconds=grace))
    metadata["deletionGracePeriodSeconds"] = grace
    if metadata.get("generation"):
        metadata["generation"] += 1
