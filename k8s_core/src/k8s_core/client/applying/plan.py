# SPDX-License-Identifier: Apache-2.0
"""Planning ``Client.apply_all``, whose docstring is the contract: all is checked before the first object is sent."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from k8s_core.client.applying.documents import Document, Documents, apply_order, is_crd, read_documents
from k8s_core.client.applying.report import ApplyResult
from k8s_core.client.applying.run import ApplyRun, Planned
from k8s_core.client.objects import not_a_string, wire_identity
from k8s_core.client.read_objects import warn_of_read, was_read
from k8s_core.errors import ApplyWarning, DecodeError, RequestError, UnknownKindError, ValidationError
from k8s_core.kinds import APIResource, GroupVersionKind, Scope, check_path_segment
from k8s_core.meta import generic_resource
from k8s_core.model import Resource
from k8s_core.model.misread import misread_strings, written
from k8s_core.patches import ApplyPatch
from k8s_core.requests.options import check_field_manager, is_dry_run
from k8s_core.selectors import LabelQuery

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from k8s_core.client.applying.report import ApplyReport
    from k8s_core.client.kinds import AnyKind
    from k8s_core.client.session import Session
    from k8s_core.requests.options import DryRun, FieldValidation
    from k8s_core.selectors import Labels

__all__ = ["Plan", "apply_all", "plan"]


def apply_all(
    session: Session,
    documents: Documents,
    *,
    recursive: bool,
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
    planned, kinds, _ = plan(session, documents, namespace, recursive=recursive)
    for item in planned:
        with _naming(item.document):
            ApplyPatch(item.obj)
    _warn([item.document for item in planned], field_manager)
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


class Plan(NamedTuple):
    """What to do, all checked."""

    planned: list[Planned]
    """The objects in the order of applying."""
    kinds: dict[tuple[str, str], APIResource]
    """The kinds whose CRDs are among them, by apiVersion and kind."""
    absent: list[ApplyResult]
    """Objects that can't exist, since the server has nothing like their kind."""


def plan(
    session: Session,
    documents: Documents,
    namespace: str | None,
    *,
    recursive: bool,
    unserved_is_absent: bool = False,
) -> Plan:
    """Read the documents, find their kinds and put them in order.

    Args:
        session: asked for kinds without a package.
        documents, namespace, recursive: as the caller gave them.
        unserved_is_absent: do not raise for an object of a kind whose CRD is missing.

    Raises:
        RequestError, UnknownKindError, ValidationError, DecodeError: the message says which document it is about.
        ApiError, TransportError: of looking kinds up, or of a URL.
    """
    found = read_documents(documents, recursive=recursive, download=partial(_download, session))
    kinds = _kinds_of_crds(found)
    planned: list[Planned] = []
    absent: list[ApplyResult] = []
    for document in found:
        try:
            with _naming(document):
                cls = _class_of(session, document.obj, kinds)
        except UnknownKindError as error:
            if not (unserved_is_absent and error.crd_missing):
                raise
            absent.append(_absent(document))
            continue
        _check_strings(cls, document)
        with _naming(document):
            planned.append(_planned(session, document, cls, namespace))
    planned.sort(key=lambda item: apply_order(item.cls))
    _check_unique(planned)
    return Plan(planned, kinds, absent)


def _absent(document: Document) -> ApplyResult:
    identity = wire_identity(document.obj)
    kind = GroupVersionKind.parse(identity.api_version, identity.kind)
    resource = APIResource(kind.group, kind.version, kind.kind, kind.kind.lower())
    return ApplyResult(resource, identity.name, identity.namespace or None, "absent", source=document.where())


def _warn(documents: list[Document], field_manager: str) -> None:
    """Of what is allowed, and probably not meant; once each."""
    if read := [document.where() for document in documents if was_read(document.obj)]:
        warn_of_read(read, field_manager)
    # The items of a List are of one document.
    parsed = {id(document.yaml): document for document in documents if document.yaml is not None}
    repeated = [
        f"{document.source or f'document {document.number}'}, line {line}: {key!r}"
        for document in parsed.values()
        if document.yaml is not None
        for line, key in document.yaml.repeated.items()
    ]
    if repeated:
        where = "; ".join(repeated)
        from k8s_core.errors.warn import warn_caller  # noqa: PLC0415  # only a warning needs it

        warn_caller(ApplyWarning(f"a key is in its mapping twice; the last one counts, as for kubectl: {where}"))


def _download(session: Session, url: str) -> bytes:
    from k8s_core.transport.fetch import download  # noqa: PLC0415  # only a URL needs it

    return download(url, trust_env=session.config.trust_env)


@contextmanager
def _naming(document: Document) -> Iterator[None]:
    """Errors about a document say which one it is."""
    try:
        yield
    except ValidationError as error:
        subject = f"{document.where()}: {error.subject}" if error.subject else document.where()
        raise type(error)(error.messages, subject=subject) from error
    except (RequestError, UnknownKindError, DecodeError) as error:
        hint = document.kustomize_hint() if isinstance(error, UnknownKindError) else ""
        named = type(error)(f"{document.where()}: {error}{hint}")
        named.__dict__.update(error.__dict__)
        raise named from error


def _check_strings(cls: type[Resource], document: Document) -> None:
    wire = document.obj.to_dict() if isinstance(document.obj, Resource) else document.obj
    for path, value in misread_strings(cls, wire):
        # Names are shown, since they say what to look for. Other values may be secrets.
        problem = not_a_string(written(path), value, secret=path[0] != "metadata")
        raise RequestError(f"{document.where(*path)}: {problem}")


def _planned(session: Session, document: Document, cls: type[Resource], namespace: str | None) -> Planned:
    obj = document.obj
    identity = wire_identity(obj)
    resource = cls.api_resource
    own = identity.namespace if resource.namespaced else None
    place = own or session.object_namespace(resource, namespace if resource.namespaced else None)
    resource.path(place, identity.name or None)
    # From here on it has its class: no verb has to ask the server again what kind it is.
    return Planned(cls, identity.name, place, obj if isinstance(obj, Resource) else cls.from_dict(obj), document)


def _type_of(obj: Resource | Mapping[str, Any]) -> tuple[str, str]:
    return (obj.apiVersion, obj.kind) if isinstance(obj, Resource) else (obj["apiVersion"], obj["kind"])


def _class_of(
    session: Session, obj: Resource | Mapping[str, Any], kinds: Mapping[tuple[str, str], APIResource]
) -> type[Resource]:
    """The class of one object; kinds that come with the documents are not asked for."""
    if isinstance(obj, Resource) and getattr(type(obj), "api_resource", None) is not None:
        return type(obj)
    api_version, kind = _type_of(obj)
    new = kinds.get((api_version, kind))
    if new is None:
        return session.class_for(api_version, kind)
    try:
        return session.registry.get(api_version, kind)
    except UnknownKindError:
        return generic_resource(new)


def _kinds_of_crds(documents: list[Document]) -> dict[tuple[str, str], APIResource]:
    """The kinds that CRDs among the objects define, by apiVersion and kind."""
    found: dict[tuple[str, str], APIResource] = {}
    for document in documents:
        if not is_crd(*_type_of(document.obj)):
            continue
        wire = document.obj.to_dict() if isinstance(document.obj, Resource) else document.obj
        try:
            found |= {(kind.api_version, kind.kind): kind for kind in _served_kinds(wire["spec"])}
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            with _naming(document):
                name = wire_identity(document.obj).name
            raise RequestError(
                f"{document.where('spec')}: CustomResourceDefinition {name!r} needs spec.group, spec.scope, "
                f"spec.versions, spec.names.kind and spec.names.plural; missing or wrong: {error}"
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
    seen: dict[tuple[str, str, str | None, str], Document] = {}
    for item in planned:
        key = (item.resource.group, item.resource.kind, item.namespace, item.name)
        if key in seen:
            where = f" in {item.namespace}" if item.namespace else ""
            raise RequestError(
                f"{item.document.where()}: {item.resource.kind} {item.name!r}{where} is among the documents twice, "
                f"before at {seen[key].where()}"
            )
        seen[key] = item.document


def _prune_query(prune: Labels, planned: list[Planned]) -> LabelQuery:
    """The checked selector, which must be narrow, and must match what is applied now: else a later run prunes it."""
    query = LabelQuery.of(prune)
    if query.is_nothing or query.is_everything:
        raise RequestError("prune= must be labels that mark the objects of this set, such as {'app': 'shop'}")
    for item in planned:
        labels = (item.obj.to_dict().get("metadata") or {}).get("labels") or {}
        if not query.matches(labels):
            raise RequestError(
                f"{item.document.where()}: {item.resource.kind} {item.name!r} does not carry the labels {query} "
                "that prune= goes by"
            )
    return query
