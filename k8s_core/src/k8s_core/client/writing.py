# SPDX-License-Identifier: Apache-2.0
"""The verbs that write: create, replace, patch, apply (protocol C19-C31)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, overload

from k8s_core.client.core import AnyKind, ClientCore
from k8s_core.client.objects import encoded
from k8s_core.errors import ApplyConflict, PatchError, RequestError, UnsupportedMediaType
from k8s_core.kinds import check_path_segment
from k8s_core.model import Resource
from k8s_core.patches import ApplyPatch, Patch, StrategicMergePatch
from k8s_core.requests.write import create_request, patch_request, replace_request

if TYPE_CHECKING:
    from k8s_core.kinds import APIResource
    from k8s_core.requests import Request
    from k8s_core.requests.options import DryRun, FieldValidation

__all__ = ["WriteVerbs"]

R = TypeVar("R", bound=Resource)

_OTHER_PATCHES = "use MergePatch (lists are replaced whole), JsonPatch, or client.apply"


class WriteVerbs(ClientCore):
    """create, replace, patch and apply."""

    @overload
    def create(
        self,
        obj: R,
        *,
        namespace: str | None = None,
        dry_run: DryRun = False,
        field_manager: str | None = None,
        field_validation: FieldValidation | None = None,
        timeout: float | None = None,
    ) -> R: ...
    @overload
    def create(
        self,
        obj: Mapping[str, Any],
        *,
        namespace: str | None = None,
        dry_run: DryRun = False,
        field_manager: str | None = None,
        field_validation: FieldValidation | None = None,
        timeout: float | None = None,
    ) -> Any: ...
    def create(
        self,
        obj: Resource | Mapping[str, Any],
        *,
        namespace: str | None = None,
        dry_run: DryRun = False,
        field_manager: str | None = None,
        field_validation: FieldValidation | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Create an object. One request, which is never repeated after the server may have got it.

        Args:
            obj: a resource or a wire dict; not changed. ``metadata.generateName`` lets the server choose a name.
            namespace: None means the object's own, else the client's.
            dry_run: process and answer, but store nothing (C31).
            field_manager: who owns the fields; None: the server uses the program's name from the User-Agent.
            field_validation: what the server does about unknown fields: ``"Strict"``, ``"Warn"`` or ``"Ignore"``.
            timeout: seconds, total; None = as configured.

        Returns:
            The object as the server stored it.

        Raises:
            AlreadyExists: the name is taken.
            Invalid: the server refuses the object; ``causes`` names the fields.
            ValidationError: required fields are missing; nothing was sent. RequestError, InvalidName: likewise.
            OutcomeUnknown: sent, but not answered.
            ApiError, TransportError, DecodeError: see :mod:`k8s_core.errors`.
        """
        subject = self._subject(obj, namespace)
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
            dry_run=dry_run,
            field_manager=field_manager,
            field_validation=field_validation,
            timeout=timeout,
        )
        return self._fetch(subject.cls, request)

    @overload
    def replace(
        self,
        obj: R,
        *,
        namespace: str | None = None,
        subresource: str | None = None,
        dry_run: DryRun = False,
        field_manager: str | None = None,
        field_validation: FieldValidation | None = None,
        timeout: float | None = None,
    ) -> R: ...
    @overload
    def replace(
        self,
        obj: Mapping[str, Any],
        *,
        namespace: str | None = None,
        subresource: str | None = None,
        dry_run: DryRun = False,
        field_manager: str | None = None,
        field_validation: FieldValidation | None = None,
        timeout: float | None = None,
    ) -> Any: ...
    def replace(
        self,
        obj: Resource | Mapping[str, Any],
        *,
        namespace: str | None = None,
        subresource: str | None = None,
        dry_run: DryRun = False,
        field_manager: str | None = None,
        field_validation: FieldValidation | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Replace an object by this one. One request.

        With ``metadata.resourceVersion``, as an object has that was read before, the server refuses if it has changed
        since. Without, most built-in kinds are overwritten whatever they hold, and others refuse (C22).

        Args:
            obj: a resource or a wire dict, whole; not changed.
            subresource: ``"status"`` replaces the status and nothing else.

        The other arguments, the result and the errors are those of :meth:`create`; besides:

        Raises:
            Conflict: the object has changed since it was read; see :meth:`Client.edit`.
            NotFound: there is no such object.
        """
        subject = self._subject(obj, namespace)
        request = replace_request(
            subject.resource,
            subject.name,
            encoded(obj),
            namespace=subject.namespace,
            subresource=subresource,
            obj=obj,
            dry_run=dry_run,
            field_manager=field_manager,
            field_validation=field_validation,
            timeout=timeout,
        )
        return self._fetch(subject.cls, request)

    @overload
    def patch(
        self,
        kind_or_obj: type[R],
        name: str,
        patch: Patch,
        *,
        namespace: str | None = None,
        subresource: None = None,
        dry_run: DryRun = False,
        field_manager: str | None = None,
        field_validation: FieldValidation | None = None,
        force: bool | None = None,
        timeout: float | None = None,
    ) -> R: ...
    @overload
    def patch(
        self,
        kind_or_obj: R,
        name: None = None,
        patch: Patch | None = None,
        *,
        namespace: str | None = None,
        subresource: None = None,
        dry_run: DryRun = False,
        field_manager: str | None = None,
        field_validation: FieldValidation | None = None,
        force: bool | None = None,
        timeout: float | None = None,
    ) -> R: ...
    @overload
    def patch(
        self,
        kind_or_obj: AnyKind | Resource | Mapping[str, Any],
        name: str | None = None,
        patch: Patch | None = None,
        *,
        namespace: str | None = None,
        subresource: str | None = None,
        dry_run: DryRun = False,
        field_manager: str | None = None,
        field_validation: FieldValidation | None = None,
        force: bool | None = None,
        timeout: float | None = None,
    ) -> Any: ...
    def patch(
        self,
        kind_or_obj: AnyKind | Resource | Mapping[str, Any],
        name: str | None = None,
        patch: Patch | None = None,
        *,
        namespace: str | None = None,
        subresource: str | None = None,
        dry_run: DryRun = False,
        field_manager: str | None = None,
        field_validation: FieldValidation | None = None,
        force: bool | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Change parts of an object. One request.

        Args:
            kind_or_obj: a kind, with ``name``; or the object, of which only the identity is used.
            name: of the object.
            patch: a ``JsonPatch``, ``MergePatch``, ``StrategicMergePatch`` or ``ApplyPatch``.
            subresource: patch this part only, such as ``"status"``.
            force: of an apply: take fields over that others own.

        The other arguments, the result and the errors are those of :meth:`create`; besides:

        Raises:
            PatchError: no patch, or a strategic merge of a kind whose class does not declare it; nothing was sent.
            UnsupportedMediaType: a strategic merge of a kind without a class, which the server does not take of it.
            NotFound: there is no such object.
            Conflict: the patch has a resourceVersion that is not the current one. ApplyConflict: see :meth:`apply`.
        """
        if not isinstance(patch, Patch):
            raise PatchError(_patch_advice(patch))
        if isinstance(kind_or_obj, (Resource, Mapping)):
            if name is not None:
                raise RequestError("name= goes with a kind; an object has its own")
            subject = self._subject(kind_or_obj, namespace)
            cls, name, chosen = subject.cls, subject.name, subject.namespace
        else:
            cls = self._kind(kind_or_obj)
            chosen = self._namespace_for(cls.api_resource, namespace)
        if name is None:
            raise RequestError("the name of the object to patch is missing")
        _check_strategic(cls.api_resource, patch)
        request = patch_request(
            cls.api_resource,
            name,
            patch.encode(),
            patch.content_type,
            namespace=chosen,
            subresource=subresource,
            obj=patch,
            force=force,
            dry_run=dry_run,
            field_manager=field_manager,
            field_validation=field_validation,
            timeout=timeout,
        )
        if subresource is not None:
            cls = self._subresource_class(cls, subresource)
        return self._fetch_patched(cls, request, patch)

    @overload
    def apply(
        self,
        obj: R,
        *,
        field_manager: str,
        force: bool = False,
        namespace: str | None = None,
        subresource: str | None = None,
        dry_run: DryRun = False,
        field_validation: FieldValidation | None = None,
        timeout: float | None = None,
    ) -> R: ...
    @overload
    def apply(
        self,
        obj: Mapping[str, Any],
        *,
        field_manager: str,
        force: bool = False,
        namespace: str | None = None,
        subresource: str | None = None,
        dry_run: DryRun = False,
        field_validation: FieldValidation | None = None,
        timeout: float | None = None,
    ) -> Any: ...
    def apply(
        self,
        obj: Resource | Mapping[str, Any],
        *,
        field_manager: str,
        force: bool = False,
        namespace: str | None = None,
        subresource: str | None = None,
        dry_run: DryRun = False,
        field_validation: FieldValidation | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Server-side apply: create the object, or bring the fields that are in it to these values. One request.

        Fields that this manager applied before and that are not in ``obj`` any more are given up, and removed if
        nobody else owns them. So give what you want to own, made new, not an object that was read.

        Args:
            obj: a resource or a wire dict with a name; not changed. Its ``managedFields`` are left out.
            field_manager: the stable name of the program that applies.
            force: take over fields that others own with other values.
            subresource: apply to this part only, such as ``"status"``.

        The other arguments, the result and the errors are those of :meth:`create`; besides:

        Raises:
            ApplyConflict: others own fields with other values; ``conflicts`` lists field, manager and both values.
            PatchError: the object has no name; nothing was sent.
        """
        subject = self._subject(obj, namespace)
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
            dry_run=dry_run,
            field_manager=field_manager,
            field_validation=field_validation,
            timeout=timeout,
        )
        return self._fetch_patched(subject.cls, request, patch)

    def _fetch_patched(self, cls: type[R], request: Request, patch: Patch) -> R:
        try:
            return self._fetch(cls, request)
        except UnsupportedMediaType as refusal:
            if isinstance(patch, StrategicMergePatch):
                refusal.add_note(f"the server takes no strategic merge patches of {cls.__name__}: {_OTHER_PATCHES}")
            raise
        except ApplyConflict as conflict:
            from k8s_core.client.conflicts import explain_conflict

            explain_conflict(conflict, cls, request, patch.content, self.send_json)
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
