# SPDX-License-Identifier: Apache-2.0
"""``Model`` of fiaas/k8s: classes with ``Field``s and an inner ``Meta`` become models and kinds of k8s-core."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

from k8s import switches
from k8s._deprecation import deprecated
from k8s._fields import Field, RequiredField, WriteOnlyField, inherited_field, merge_fields
from k8s._verbs import Verbs
from k8s_core.kinds import APIResource
from k8s_core.model import Model as CoreModel
from k8s_core.model import Resource, fields_of, model_fields

__all__ = ["MetaModel", "Model", "ModelMeta"]

_NAMESPACE = "/namespaces/{namespace}"
_BASE = re.compile(r"/(?:api|apis/(?P<group>[^/]+))/(?P<version>[^/]+)")


class Addressed(APIResource, frozen=True):
    """A kind at an address that is not made of its group and version."""

    address: str = ""

    @property
    def base_path(self) -> str:
        """What stands in front of the plural name."""
        return self.address


class ModelMeta(NamedTuple):
    """What a class says about itself: ``Deployment._meta``."""

    url_template: str
    list_url: str
    watch_list_url: str
    watch_list_url_template: str
    fields: list[Field]
    field_names: list[str]


class _About:
    """``_meta`` of a class, from its fields and its inner ``Meta``, which the kind itself can stand for."""

    def __init__(self, given: type | None) -> None:
        self._given = given

    def __get__(self, obj: object, owner: type[CoreModel]) -> ModelMeta:
        declared = [getattr(owner, spec.name) for spec in model_fields(owner).values()]
        fields = [field for field in declared if isinstance(field, Field)]
        urls = _urls(getattr(owner, "api_resource", None))
        urls = {name: getattr(self._given, name, urls[name] if self._given is None else "") for name in urls}
        return ModelMeta(**urls, fields=fields, field_names=[field.attr_name for field in fields])


def _urls(resource: APIResource | None) -> dict[str, str]:
    if resource is None:
        return dict.fromkeys(("url_template", "list_url", "watch_list_url", "watch_list_url_template"), "")
    everywhere = resource.path(None)
    prefix = everywhere.removesuffix(resource.plural)
    within = f"{prefix}namespaces/{{namespace}}/{resource.plural}" if resource.namespaced else everywhere
    return {
        "url_template": f"{within}/{{name}}",
        "list_url": everywhere,
        "watch_list_url": f"{everywhere}?watch=true",
        "watch_list_url_template": f"{within}?watch=true",
    }


def _kind_keywords(name: str, members: dict[str, Any], meta: type) -> tuple[str, dict[str, Any]]:
    """The address of a kind up to its plural name, and the keywords of the class line that the address stands for."""
    collection = getattr(meta, "url_template", "").rstrip("/").removesuffix("/{name}")
    address, _, plural = collection.replace(_NAMESPACE, "").rpartition("/")
    found = _BASE.fullmatch(address)
    kind, api_version = members.pop("kind", None), members.pop("apiVersion", None)
    group, _, version = str(getattr(api_version, "default_value", None) or "").rpartition("/")
    return address, {
        "group": group or (found["group"] if found else None) or "",
        "version": version or (found["version"] if found else "v1"),
        "plural": plural or name.lower(),
        "kind": getattr(kind, "default_value", None) or name,
        "scope": "Namespaced" if _NAMESPACE in collection else "Cluster",
        "subresources": {"status": ""} if "status" in members else {},
    }


_CoreMeta: Any = type(CoreModel)


class MetaModel(_CoreMeta):  # type: ignore[misc]  # the metaclass of k8s-core's models is found at run time
    """Makes a kind of a class that has an inner ``Meta``, and fields of what a class of k8s-core has."""

    def __new__(mcs, name: str, bases: tuple[type, ...], members: dict[str, Any], **keywords: Any) -> Any:
        meta, address = members.pop("Meta", None), ""
        if meta is not None:
            members["_states_type"] = "kind" in members or "apiVersion" in members
            address, facts = _kind_keywords(name, members, meta)
            keywords = facts | keywords
        if (meta is not None or any(map(_is_plain_kind, bases))) and not any(issubclass(b, Verbs) for b in bases):
            first = sum(issubclass(base, Model) for base in bases)
            bases = (*bases[:first], Verbs, *bases[first:])
        for base in bases:
            if _is_plain(base):
                members = _inherited(base, members) | members
        members["_meta"] = _About(meta)
        if meta is not None and not members.get("__module__", "").startswith("k8s."):
            deprecated(f"k8s.base.Model as the base of {name}", "a Resource of k8s_core with annotations")
        made: Any = super().__new__(mcs, name, bases, members, **keywords)
        if meta is not None and address != made.api_resource.base_path:
            facts = {field: getattr(made.api_resource, field) for field in APIResource.__struct_fields__}
            made.api_resource = Addressed(**facts, address=address)
        return made


def _is_plain(base: type) -> bool:
    return issubclass(base, CoreModel) and base not in (CoreModel, Resource, Verbs) and not isinstance(base, MetaModel)


def _is_plain_kind(base: type) -> bool:
    return _is_plain(base) and issubclass(base, Resource)


def _inherited(base: type[CoreModel], members: dict[str, Any]) -> dict[str, Field]:
    """The fields of a class of k8s-core that the new class does not declare itself."""
    taken = {name.strip("_") for name, value in members.items() if isinstance(value, Field)}
    return {
        spec.name: inherited_field(spec) for spec in model_fields(base).values() if spec.name.strip("_") not in taken
    }


if TYPE_CHECKING:
    _Base = CoreModel
else:
    # Type checkers are not told: to them, its classes are also those of k8s-core, which have another metaclass.
    _Base = MetaModel("_Base", (CoreModel,), {})


class Model(_Base):
    """A model whose fields are declared by ``Field`` and its kin; with an inner ``Meta`` it is a kind, and has verbs.

    Args:
        new: False for an object that the API server has already: ``save()`` replaces it.
        fields: the values of fields. RequiredFields must be among them.
    """

    _meta: ClassVar[Any]
    if TYPE_CHECKING:
        # The verbs of kinds, with the arguments of `Verbs`.
        delete: ClassVar[Any]
        delete_list: ClassVar[Any]
        find: ClassVar[Any]
        get: ClassVar[Any]
        get_or_create: ClassVar[Any]
        list_with_meta: ClassVar[Any]
        save: ClassVar[Any]
        save_status: ClassVar[Any]
        watch_list: ClassVar[Any]

    def __init__(self, *args: Any, new: bool = True, **fields: Any) -> None:
        if args and isinstance(args[0], bool):
            new, args = args[0], args[1:]
        if args:
            fields = self._positional(args) | fields
        super().__init__(**fields)
        kind: Any = self
        if isinstance(kind, Verbs):
            kind._new = new
        for field in self._meta.fields:
            if isinstance(field, RequiredField) and not field.is_valid(self):
                raise TypeError(f"{type(self).__name__}({field.attr_name}=…) is required")

    def _positional(self, args: tuple[Any, ...]) -> dict[str, Any]:
        choice = switches.value_of("positional", type(self))
        if choice == "drop":
            return {}
        taken: dict[str, Any] = {}
        for argument in args:
            names = [field.attr_name for field in self._meta.fields if _holds(field, argument)]
            written = f"{type(self).__name__}({names[0] if len(names) == 1 else 'field'}=…)"
            if choice == "refuse" or len(names) != 1 or names[0] in taken:
                raise TypeError(
                    f"{type(self).__name__}() takes keyword arguments only: write {written}; fiaas/k8s loses this "
                    "argument without a word (k8s.switches has positional=)"
                )
            taken[names[0]] = argument
        return taken

    # -- documents ----------------------------------------------------------------------------------------------------

    def as_dict(self) -> dict[str, Any]:
        """The JSON document with the defaults of all fields, and without what only a server needs to tell kinds."""
        deprecated("k8s.base.Model.as_dict()", "to_dict()")
        return self._completed()

    def _completed(self) -> dict[str, Any]:
        document = self.copy()
        for part in _parts(document):
            for field in getattr(part, "_meta", _NOTHING).fields:
                field.complete(part)
        kind: Any = self
        left_out = ("apiVersion", "kind") if isinstance(kind, Verbs) and not kind._states_type else ()
        return {key: value for key, value in document.to_dict().items() if key not in left_out}

    @classmethod
    def from_dict(cls, wire: Mapping[str, Any], *, strict: bool = False) -> Self:
        """An object from a JSON document; nothing in it is lost but what only ever is written."""
        made: Any = super().from_dict(wire, strict=strict)
        for field in cls._meta.fields:
            if isinstance(field, WriteOnlyField):
                field.delete(made)
        if isinstance(made, Verbs):
            made._new = False
        return made  # type: ignore[no-any-return]  # an object of the class

    def copy(self) -> Self:
        """A deep copy that shares nothing with this object."""
        made: Any = super().copy()
        kind: Any = self
        if isinstance(kind, Verbs) and (stated := getattr(kind, "_new", None)) is not None:
            made._new = stated
        return made  # type: ignore[no-any-return]  # an object of the class

    def update_from_dict(self, wire: Mapping[str, Any]) -> None:
        """Become what a JSON document says."""
        deprecated("k8s.base.Model.update_from_dict()", "from_dict()")
        self._become(type(self).from_dict(wire))

    def _become(self, other: CoreModel) -> None:
        fields = fields_of(self)
        document = other.to_dict()
        for key in [key for key in fields if key not in document]:
            del fields[key]
        for key, value in document.items():
            fields.set_json(key, value)

    def merge(self, other: Self) -> None:
        """Take over the fields of another object, absent ones included and read-only ones not; models within merge.

        Absent fields that fiaas/k8s does not have stay as they are.
        """
        deprecated("k8s.base.Model.merge()", "assignments of the fields that changed")
        merge_fields(self, other)

    update = merge

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Model) or type(self) is not type(other):
            return NotImplemented
        return self._completed() == other._completed()

    __hash__ = None

    def __bool__(self) -> bool:
        return True


_NOTHING = ModelMeta("", "", "", "", [], [])


def _holds(field: Field, value: Any) -> bool:
    return isinstance(field.type, type) and issubclass(field.type, CoreModel) and isinstance(value, field.type)


def _parts(value: Any) -> Iterator[CoreModel]:
    """A model and all models within it."""
    if isinstance(value, CoreModel):
        yield value
        for key in fields_of(value):
            yield from _parts(fields_of(value).get(key))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _parts(item)
    elif isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        for item in value:
            yield from _parts(item)
