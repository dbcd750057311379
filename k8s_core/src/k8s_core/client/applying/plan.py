# SPDX-License-Identifier: Apache-2.0
"""Planning ``Client.apply_all``, whose docstring is the contract: all is checked before the first object is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.client.applying.documents import Documents, apply_order, flatten, is_crd
from k8s_core.client.applying.run import ApplyRun, Planned
from k8s_core.client.objects import wire_identity
from k8s_core.errors import RequestError, UnknownKindError
from k8s_core.kinds import APIResource, Scope, check_path_segment
from k8s_core.meta import generic_resource
from k8s_core.model import Resource
from k8s_core.patches import ApplyPatch
from k8s_core.requests.options import check_field_manager, is_dry_run
from k8s_core.selectors import LabelQuery

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from k8s_core.client.applying.report import ApplyReport
    from k8s_core.client.kinds import AnyKind
    from k8s_core.client.session import Session
    from k8s_core.requests.options import DryRun, FieldValidation
    from k8s_core.selectors import Labels

__all__ = ["apply_all"]


def apply_all(
    session: Session,
    documents: Documents,
    *,
    field_manager: str,
    force: bool,
    namespace: str | None,
    prune: Labels | None,
    prune_kinds: Iterable[AnyKind],
    prune_namespaces: Iterable[str],
    dry_run: DryRun,
    field_validation: FieldValidation | None,
) -> ApplyReport:
    """See ``Client.apply_all``."""
    check_field_manager(field_manager)
    objects = flatten(documents)
    kinds = _kinds_of_crds(objects)
    planned = [_planned(session, obj, namespace, kinds) for obj in objects]
    planned.sort(key=lambda item: apply_order(item.cls))
    _check_unique(planned)
    for item in planned:
        ApplyPatch(item.obj)
    query = None if prune is None else _prune_query(prune, planned)
    looked_in = [*(item.cls for item in planned), *(session.resolve(kind) for kind in prune_kinds)]
    looked_in.sort(key=apply_order)
    return ApplyRun(
        session=session,
        field_manager=field_manager,
        force=force,
        dry_run=is_dry_run(dry_run),
        field_validation=field_validation,
        planned=planned,
        new_kinds=frozenset((resource.group, resource.kind) for resource in kinds.values()),
        prune=query,
        prune_kinds=list({cls.api_resource.gvk: cls.api_resource for cls in looked_in}.values()),
        prune_namespaces=frozenset(prune_namespaces),
    ).run()


def _planned(
    session: Session,
    obj: Resource | Mapping[str, Any],
    namespace: str | None,
    kinds: Mapping[tuple[str, str], APIResource],
) -> Planned:
    """Kind and place of one object; kinds that come with the documents are not asked for."""
    identity = wire_identity(obj)
    new = kinds.get((identity.api_version, identity.kind))
    cls = _known_class(session, obj, identity.api_version, identity.kind, new)
    resource = cls.api_resource
    own = identity.namespace if resource.namespaced else None
    place = own or session.object_namespace(resource, namespace if resource.namespaced else None)
    resource.path(place, identity.name or None)
    # From here on it has its class: no verb has to ask the server again what kind it is.
    return Planned(cls, identity.name, place, obj if isinstance(obj, Resource) else cls.from_dict(obj))


def _known_class(
    session: Session, obj: Resource | Mapping[str, Any], api_version: str, kind: str, new: APIResource | None
) -> type[Resource]:
    if isinstance(obj, Resource) and getattr(type(obj), "api_resource", None) is not None:
        return type(obj)
    if new is None:
        return session.class_for(api_version, kind)
    try:
        return session.registry.get(api_version, kind)
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
            # These become parts of URLs. A document deserves no more trust than a name (protocol I4).
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


def _check_unique(planned: list[Planned]) -> None:
    seen: set[tuple[str, str, str | None, str]] = set()
    for item in planned:
        key = (item.resource.group, item.resource.kind, item.namespace, item.name)
        if key in seen:
            where = f" in {item.namespace}" if item.namespace else ""
            raise RequestError(f"{item.resource.kind} {item.name!r}{where} is among the documents twice")
        seen.add(key)


def _prune_query(prune: Labels, planned: list[Planned]) -> LabelQuery:
    """The checked selector, which must be narrow, and must match what is applied now: else a later run prunes it."""
    query = LabelQuery.of(prune)
    if query.is_nothing or query.is_everything:
        raise RequestError("prune= must be labels that mark the objects of this set, such as {'app': 'shop'}")
    for item in planned:
        labels = (item.obj.to_dict().get("metadata") or {}).get("labels") or {}
        if not query.matches(labels):
            raise RequestError(
                f"{item.resource.kind} {item.name!r} does not carry the labels {query} that prune= goes by"
            )
    return query
