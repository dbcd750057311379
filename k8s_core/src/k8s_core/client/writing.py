# SPDX-License-Identifier: Apache-2.0
"""Writing: create, replace, patch, apply (protocol C19-C31).

Functions of a session, behind the methods of the same names on ``Client``, whose docstrings are the contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from k8s_core.client.objects import encoded, wire_identity
from k8s_core.client.read_objects import warn_of_read, was_read
from k8s_core.errors import ApplyConflict, PatchError, RequestError, UnsupportedMediaType
from k8s_core.kinds import check_path_segment
from k8s_core.patches import ApplyPatch, Patch, StrategicMergePatch
from k8s_core.requests.write import create_request, patch_request, replace_request

if TYPE_CHECKING:
    from typing import Unpack

    from k8s_core.client.kinds import AnyKind, R
    from k8s_core.client.session import Session
    from k8s_core.kinds import APIResource
    from k8s_core.model import Resource
    from k8s_core.requests import Request
    from k8s_core.requests.keywords import WriteOptions

__all__ = ["apply", "create", "patch", "replace", "send_applied"]

_OTHER_PATCHES = "use MergePatch (lists are replaced whole), JsonPatch, or client.apply"


def create(session: Session, obj: R | Mapping[str, Any], namespace: str | None, **options: Unpack[WriteOptions]) -> R:
    """See ``Client.create``."""
    subject = session.subject(obj, namespace)
    if subject.resource_version:
        raise RequestError(
            f"{subject.resource.kind} {subject.name!r} was read from a server (it has a resourceVersion): "
            "use replace, or clear metadata.resourceVersion to create a copy"
        )
    if subject.name:
        check_path_segment(subject.name, "name")
    request = create_request(
        subject.resource,
        encoded(obj, new=True),
        namespace=subject.namespace,
        name=subject.name or None,
        obj=obj,
        **options,
    )
    return session.fetch(cast("type[R]", subject.cls), request)


def replace(
    session: Session,
    obj: R | Mapping[str, Any],
    namespace: str | None,
    *,
    subresource: str | None = None,
    **options: Unpack[WriteOptions],
) -> R:
    """See ``Client.replace``."""
    subject = session.subject(obj, namespace)
    request = replace_request(
        subject.resource,
        subject.name,
        encoded(obj),
        namespace=subject.namespace,
        subresource=subresource,
        obj=obj,
        **options,
    )
    return session.fetch(cast("type[R]", subject.cls), request)


def patch(
    session: Session,
    kind_or_obj: AnyKind | Resource | Mapping[str, Any],
    name: str | None,
    patch: Patch | None,
    namespace: str | None,
    *,
    subresource: str | None = None,
    force: bool | None = None,
    **options: Unpack[WriteOptions],
) -> Any:
    """See ``Client.patch``."""
    if not isinstance(patch, Patch):
        raise PatchError(_patch_advice(patch))
    subject = session.addressed(kind_or_obj, name, namespace)
    cls, resource = subject.cls, subject.resource
    _check_strategic(resource, patch)
    if isinstance(patch, ApplyPatch) and was_read(patch.content):
        warn_of_read([f"{resource.kind} {subject.name!r}"], options.get("field_manager"))
    request = patch_request(
        resource,
        subject.name,
        patch.encode(),
        patch.content_type,
        namespace=subject.namespace,
        subresource=subresource,
        obj=patch,
        force=force,
        **options,
    )
    if subresource is not None:
        cls = session.subresource_class(cls, subresource)
    return _fetch_patched(session, cls, request, patch)


def apply(
    session: Session,
    obj: R | Mapping[str, Any],
    namespace: str | None,
    *,
    subresource: str | None = None,
    force: bool = False,
    **options: Unpack[WriteOptions],
) -> R:
    """See ``Client.apply``."""
    if was_read(obj):
        identity = wire_identity(obj)
        warn_of_read([f"{identity.kind} {identity.name!r}"], options.get("field_manager"))
    return send_applied(session, obj, namespace, subresource=subresource, force=force, **options)


def send_applied(
    session: Session,
    obj: R | Mapping[str, Any],
    namespace: str | None,
    *,
    subresource: str | None = None,
    force: bool = False,
    **options: Unpack[WriteOptions],
) -> R:
    """The same without a look at where the object comes from."""
    subject = session.subject(obj, namespace)
    patch = ApplyPatch(obj)
    request = patch_request(
        subject.resource,
        subject.name,
        patch.encode(),
        patch.content_type,
        namespace=subject.namespace,
        subresource=subresource,
        obj=obj,
        force=True if force else None,
        **options,
    )
    return _fetch_patched(session, cast("type[R]", subject.cls), request, patch)


def _fetch_patched(session: Session, cls: type[R], request: Request, patch: Patch) -> R:
    try:
        return session.fetch(cls, request)
    except UnsupportedMediaType as refusal:
        if isinstance(patch, StrategicMergePatch):
            refusal.add_note(f"the server takes no strategic merge patches of {cls.__name__}: {_OTHER_PATCHES}")
        raise
    except ApplyConflict as conflict:
        from k8s_core.client.conflicts import explain_conflict  # noqa: PLC0415  # only a conflict needs it (16 modules)

        explain_conflict(conflict, cls, request, patch.content, session.send_json)
        raise


def _patch_advice(patch: object) -> str:
    if isinstance(patch, Mapping):
        return "say which kind of patch it is: MergePatch({…}), StrategicMergePatch({…}) or ApplyPatch({…})"
    if isinstance(patch, (list, tuple)):
        return "say which kind of patch it is: JsonPatch([…])"
    return f"patch= must be a JsonPatch, MergePatch, StrategicMergePatch or ApplyPatch, not {type(patch).__name__}"


def _check_strategic(resource: APIResource, patch: Patch) -> None:
    if not isinstance(patch, StrategicMergePatch) or patch.allow_custom or resource.strategic_merge is not False:
        return
    raise PatchError(
        f"the class of {resource.gvk} says that the server takes no strategic merge patches of it, as of all custom "
        f"resources: {_OTHER_PATCHES}; StrategicMergePatch(…, allow_custom=True) sends it anyway"
    )
