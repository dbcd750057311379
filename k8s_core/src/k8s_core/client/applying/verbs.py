# SPDX-License-Identifier: Apache-2.0
"""``apply_all`` on the client: everything is checked before the first object is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.client.applying.documents import Documents, apply_order, flatten, is_crd
from k8s_core.client.editing import EditVerbs
from k8s_core.client.objects import Subject, wire_identity
from k8s_core.errors import RequestError, UnknownKindError
from k8s_core.kinds import APIResource, Scope, check_path_segment
from k8s_core.meta import generic_resource
from k8s_core.model import Resource
from k8s_core.patches import ApplyPatch
from k8s_core.requests.options import check_field_manager, is_dry_run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from k8s_core.client.applying.report import ApplyReport
    from k8s_core.client.core import AnyKind
    from k8s_core.requests.options import DryRun, FieldValidation
    from k8s_core.selectors import LabelQuery, Labels

__all__ = ["ApplyVerbs"]


class ApplyVerbs(EditVerbs):
    """apply_all."""

    def apply_all(
        self,
        documents: Documents,
        *,
        field_manager: str,
        force: bool = False,
        namespace: str | None = None,
        prune: Labels | None = None,
        prune_kinds: Iterable[AnyKind] = (),
        prune_namespaces: Iterable[str] = (),
        dry_run: DryRun = False,
        field_validation: FieldValidation | None = None,
    ) -> ApplyReport:
        """Server-side apply many objects, what others depend on first. Blocks; at least two requests for each.

        The order is that of ``apply_order`` in the class lines of the kinds; objects of equal order keep the order in
        which they are given. With the built-in kinds installed, namespaces and CRDs come first, workloads behind what
        they use, webhooks last. Of kinds without a class, those without namespaces come first. A new CRD is waited
        for. An object that fails does not stop the others.

        Args:
            documents: YAML text, or resources and wire dicts; none is changed.
            field_manager: the stable name of the program that applies.
            force: take over fields that others own with other values.
            namespace: for objects that name none; None = the client's.
            prune: delete what an earlier run applied and this one does not: objects that match these labels and were
                applied by this field manager. Looked for in the kinds and namespaces of the documents. Every document
                must carry the labels. Nothing is pruned if anything failed.
            prune_kinds: look in these kinds too, such as one that is no longer among the documents.
            prune_namespaces: look in these namespaces too.
            dry_run: process, but store nothing. What depends on a namespace or kind that is new itself is skipped.
            field_validation: what the server does about unknown fields.

        Returns:
            What became of each object.

        Raises:
            ApplyFailed: some objects failed; ``report`` says which and why, and has the others too.
            RequestError, UnknownKindError, ValidationError, DecodeError: something is wrong with the documents or
                options; nothing was written. Kinds without a package are looked up on the server for that.
            ApiError, TransportError: of that look-up, or of looking for what to prune.
        """
        from k8s_core.client.applying.run import ApplyRun

        check_field_manager(field_manager)
        objects = flatten(documents)
        kinds = _kinds_of_crds(objects)
        subjects = [self._subject_of(obj, namespace, kinds) for obj in objects]
        subjects.sort(key=lambda subject: apply_order(subject.cls))
        _check_unique(subjects)
        for subject in subjects:
            ApplyPatch(subject.obj)
        query = None if prune is None else _prune_query(prune, subjects)
        looked_in = [*(subject.cls for subject in subjects), *(self._kind(kind) for kind in prune_kinds)]
        looked_in.sort(key=apply_order)
        return ApplyRun(
            client=self,
            field_manager=field_manager,
            force=force,
            dry_run=is_dry_run(dry_run),
            field_validation=field_validation,
            subjects=subjects,
            new_kinds=frozenset((resource.group, resource.kind) for resource in kinds.values()),
            prune=query,
            prune_kinds=list({cls.api_resource.gvk: cls.api_resource for cls in looked_in}.values()),
            prune_namespaces=frozenset(prune_namespaces),
        ).run()

    def _subject_of(
        self, obj: Resource | Mapping[str, Any], namespace: str | None, kinds: Mapping[tuple[str, str], APIResource]
    ) -> Subject:
        """Kind and place of one object; kinds that come with the documents are not asked for."""
        identity = wire_identity(obj)
        new = kinds.get((identity.api_version, identity.kind))
        cls = self._known_class(obj, identity.api_version, identity.kind, new)
        resource = cls.api_resource
        chosen = identity.namespace or namespace if resource.namespaced else None
        place = self._namespace_for(resource, chosen)
        resource.path(place, identity.name or None)
        # From here on it has its class: no verb has to ask the server again what kind it is.
        typed = obj if isinstance(obj, Resource) else cls.from_dict(obj)
        return Subject(cls, resource, identity.name, place, identity.uid, identity.resource_version, typed)

    def _known_class(
        self, obj: Resource | Mapping[str, Any], api_version: str, kind: str, new: APIResource | None
    ) -> type[Resource]:
        if isinstance(obj, Resource) and getattr(type(obj), "api_resource", None) is not None:
            return type(obj)
        if new is None:
            return self.class_for(api_version, kind)
        try:
            return self._registry.get(api_version, kind)
        except UnknownKindError:
            return generic_resource(new)


def _kinds_of_crds(objects: list[Resource | Mapping[str, Any]]) -> dict[tuple[str, str], APIResource]:
    """The kinds that CRDs among the objects define, by apiVersion and kind."""
    found: dict[tuple[str, str], APIResource] = {}
    for obj in objects:
        identity = wire_identity(obj)
        if not is_crd(identity.api_version, identity.kind):
            continue
        document = obj.to_dict() if isinstance(obj, Resource) else obj
        try:
            found |= {(kind.api_version, kind.kind): kind for kind in _served_kinds(document["spec"])}
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise RequestError(
                f"CustomResourceDefinition {identity.name!r} needs spec.group, spec.scope, spec.versions, "
                f"spec.names.kind and spec.names.plural; missing or wrong: {error}"
            ) from error
    return found


def _served_kinds(spec: Mapping[str, Any]) -> list[APIResource]:
    """Raises KeyError, TypeError, AttributeError or ValueError for what is not a CRD's spec."""
    return [
        APIResource(
            # These become parts of addresses, and a document is not to be trusted more than a name (protocol I4).
            group=check_path_segment(spec["group"], "group"),
            version=check_path_segment(version["name"], "version"),
            kind=spec["names"]["kind"],
            plural=check_path_segment(spec["names"]["plural"], "plural"),
            singular=spec["names"].get("singular") or spec["names"]["kind"].lower(),
            scope=Scope(spec["scope"]),
        )
        for version in spec["versions"]
        if version.get("served", True)
    ]


def _check_unique(subjects: list[Subject]) -> None:
    seen: set[tuple[str, str, str | None, str]] = set()
    for subject in subjects:
        key = (subject.resource.group, subject.resource.kind, subject.namespace, subject.name)
        if key in seen:
            where = f" in {subject.namespace}" if subject.namespace else ""
            raise RequestError(f"{subject.resource.kind} {subject.name!r}{where} is among the documents twice")
        seen.add(key)


def _prune_query(prune: Labels, subjects: list[Subject]) -> LabelQuery:
    """The checked selector, which must be narrow, and must match what is applied now: else a later run prunes it."""
    from k8s_core.selectors import LabelQuery

    query = LabelQuery.of(prune)
    if query.is_nothing or query.is_everything:
        raise RequestError("prune= must be labels that mark the objects of this set, such as {'app': 'shop'}")
    for subject in subjects:
        document = subject.obj.to_dict() if isinstance(subject.obj, Resource) else subject.obj
        labels = (document.get("metadata") or {}).get("labels") or {}
        if not query.matches(labels):
            raise RequestError(
                f"{subject.resource.kind} {subject.name!r} does not carry the labels {query} that prune= goes by"
            )
    return query
