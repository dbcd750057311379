# SPDX-License-Identifier: Apache-2.0
"""``explain``: from the name of a kind or a field to what the server's OpenAPI document says of it.

Functions of a session, behind ``Client.explain``, whose docstring is the contract. Below the first, all are pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.client.discovering import openapi
from k8s_core.client.discovery.names import match_name
from k8s_core.client.explanation import ExplainedField, Explanation
from k8s_core.errors import RequestError
from k8s_core.errors.hints import did_you_mean
from k8s_core.kinds import GroupVersionKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from k8s_core.client.kinds import AnyKind
    from k8s_core.client.session import Session
    from k8s_core.kinds import APIResource

__all__ = ["explain"]

_KINDS = "x-kubernetes-group-version-kind"


def explain(session: Session, kind: AnyKind, *, api_version: str | None, recursive: bool) -> Explanation:
    """See ``Client.explain``."""
    resource, path = _subject(session, kind, api_version)
    document = openapi(session, f"apis/{resource.api_version}" if resource.group else f"api/{resource.version}")
    schemas: dict[str, Any] = (document.get("components") or {}).get("schemas") or {}
    wanted = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    schema = next((each for each in schemas.values() if wanted in (each.get(_KINDS) or ())), None)
    if schema is None:
        raise RequestError(f"the OpenAPI document of {resource.api_version} says nothing of {resource.kind}")
    for position, name in enumerate(path):
        schema = _field(schema, name, schemas, ".".join((resource.kind, *path[:position])))
    return Explanation(
        group=resource.group,
        version=resource.version,
        kind=resource.kind,
        path=path,
        type=_type(schema, schemas),
        description="\n".join(_descriptions(schema, schemas)),
        enum=_enum(schema),
        fields=_fields(schema, schemas, recursive=recursive),
        recursive=recursive,
    )


def _subject(session: Session, kind: AnyKind, api_version: str | None) -> tuple[APIResource, tuple[str, ...]]:
    """The kind, and the names of the fields behind it."""
    path: tuple[str, ...] = ()
    if isinstance(kind, str):
        name, path = _split(session, kind)
        resource = session.discovery.match(name)[0]
    else:
        resource = session.resolve(kind).api_resource
    if api_version is None or api_version == resource.api_version:
        return resource, path
    found = session.discovery.find(GroupVersionKind.parse(api_version, resource.kind))
    if found is None:
        raise RequestError(f"the server does not serve {resource.kind} in {api_version!r}")
    return found, path


def _split(session: Session, text: str) -> tuple[str, tuple[str, ...]]:
    """The name of the kind, which may have a group behind it, and of the fields: both are behind dots."""
    head, _, rest = text.partition(".")
    for group in session.discovery.groups():
        # Fields never have the name of the group that their kind is in: there is nothing to choose.
        if group.name and f"{rest}.".startswith(f"{group.name}.") and match_name(head, [group]):
            return f"{head}.{group.name}", _names(rest[len(group.name) + 1 :])
    return head, _names(rest)


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split(".")) if text else ()


def _field(schema: Mapping[str, Any], name: str, schemas: Mapping[str, Any], place: str) -> Mapping[str, Any]:
    properties = _properties(schema, schemas)
    if name not in properties:
        known = did_you_mean(name, properties) or (f"; it has {', '.join(sorted(properties))}" if properties else "")
        raise RequestError(f"{place} has no field {name!r}{known:.500}")
    found: Mapping[str, Any] = properties[name]
    return found


def _chain(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A schema and those that it stands for: of the items of a list, the values of a map, a type by reference."""
    seen = set()
    following: Any = schema
    while isinstance(following, dict) and following:
        yield following
        reference = following.get("$ref")
        alternatives: Any = following.get("allOf") or ()
        if reference in seen:
            return
        if isinstance(reference, str):
            seen.add(reference)
            following = schemas.get(reference.rpartition("/")[2])
        elif len(alternatives) == 1 and "properties" not in following:
            following = alternatives[0]
        else:
            following = following.get("items") or following.get("additionalProperties")


def _properties(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    return next((each["properties"] for each in _chain(schema, schemas) if each.get("properties")), {})


def _fields(
    schema: Mapping[str, Any], schemas: Mapping[str, Any], *, recursive: bool, within: frozenset[str] = frozenset()
) -> tuple[ExplainedField, ...]:
    types = {each["$ref"] for each in _chain(schema, schemas) if "$ref" in each}
    if types & within:
        return ()
    required = {name for each in _chain(schema, schemas) if "properties" in each for name in each.get("required") or ()}
    return tuple(
        ExplainedField(
            name=name,
            type=_type(field, schemas),
            required=name in required,
            description=next(_descriptions(field, schemas), ""),
            enum=_enum(field),
            fields=_fields(field, schemas, recursive=True, within=within | types) if recursive else (),
        )
        for name, field in sorted(_properties(schema, schemas).items())
    )


def _type(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """The type as kubectl writes it."""
    if items := schema.get("items"):
        return f"[]{_type(items, schemas)}"
    if isinstance(values := schema.get("additionalProperties"), dict):
        return f"map[string]{_type(values, schemas)}"
    alternatives: Any = schema.get("allOf") or ()
    if len(alternatives) == 1 and "properties" not in schema:
        return _type(alternatives[0], schemas)
    if reference := schema.get("$ref"):
        name = str(reference).rpartition("/")[2]
        # Such as Time, which is a string.
        simple = (schemas.get(name) or {}).get("type") or "object"
        return name.rpartition(".")[2] if simple == "object" else str(simple)
    type_ = schema.get("type") or "object"
    return "Object" if type_ == "object" else str(type_)


def _descriptions(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[str]:
    """What is said of a field, and of the type that it has."""
    return (text for each in _chain(schema, schemas) if (text := str(each.get("description") or "").strip()))


def _enum(schema: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(value) for value in schema.get("enum") or ())
