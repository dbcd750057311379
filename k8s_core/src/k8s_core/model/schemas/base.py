# SPDX-License-Identifier: Apache-2.0
"""``ModelSchema``: from wire documents to objects and back, with every hook of marshmallow in its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast

from marshmallow import EXCLUDE, INCLUDE, RAISE, Schema, SchemaOpts, fields, missing
from marshmallow import ValidationError as MarshmallowError
from marshmallow.decorators import POST_LOAD, PRE_DUMP
from marshmallow.error_store import ErrorStore as _ErrorStore

from k8s_core.errors import FieldTypeError
from k8s_core.errors.hints import did_you_mean
from k8s_core.model.base import Model
from k8s_core.model.schemas.fields import Mode, is_structural, keeps_wire, located, mode, normalized
from k8s_core.model.wire import copy_json, materialize

if TYPE_CHECKING:
    from k8s_core.model.resource import Resource

__all__ = ["ModelSchema"]


class _Options(SchemaOpts):
    """``class Meta`` of a subclass need not inherit: unknown fields always pass through, and class names repeat across
    API groups, so marshmallow's global registry is never used."""

    def __init__(self, meta: type) -> None:
        super().__init__(meta)
        self.unknown = INCLUDE
        self.register = False


class Loaded(dict[str, Any]):
    """The Python values of a document by attribute name, as validators get them, and the document itself."""

    source: Mapping[str, Any]
    """As ``pre_load`` hooks left it."""
    keeps_unknown: bool
    incomplete: bool
    """Fields that do not convert are left out; only when a server's document is read."""


class ModelSchema(Schema):
    """Base of the derived Schemas. Subclass it for ``schema=`` to add hooks, validators or fields.

    Fields have the names of the attributes, and their wire names as ``data_key``. Names that ``Schema`` itself has
    (``fields``, ``load``) are found in ``schema.fields`` like all others. ``load`` takes a wire document and returns an
    object of the model, ``dump`` takes an object and returns the wire document, and ``validate`` returns the errors by
    field. Unknown fields, nulls and the order of keys are kept.

    Hooks run as marshmallow says, and what they return counts:

    - ``pre_load`` gets and returns the document.
    - ``validates`` and ``validates_schema`` get Python values by attribute name; nested objects are objects.
    - ``post_load`` gets and returns the object.
    - ``pre_dump`` gets a copy of the object and returns it; ``post_dump`` gets and returns the document.

    A field that you declare replaces the one that would be derived, and what it makes of a value is written into the
    document. See docs/how-to/teach-it-a-type.md.
    """

    OPTIONS_CLASS = _Options

    class Meta:
        unknown = INCLUDE
        register = False

    error_messages: dict[str, str] = {"type": "expected an object"}  # noqa: RUF012  # declared so by marshmallow

    model: ClassVar[type[Model] | None] = None

    _load_keys: dict[str, tuple[str, fields.Field[Any]]]
    _dump_keys: dict[str, tuple[str, fields.Field[Any]]]
    # By wire name: the name of the value among the others, and the field.
    _wire_names: dict[str, str]
    # The other way round, of those that are dumped.
    _hidden: frozenset[str]
    # Wire names that are not to be dumped.

    def _init_fields(self) -> None:
        super()._init_fields()
        self._load_keys = _by_wire_name(self.load_fields)
        self._dump_keys = _by_wire_name(self.dump_fields)
        self._wire_names = {name: key for key, (name, _) in self._dump_keys.items()}
        self._hidden = frozenset(_by_wire_name(self.declared_fields).keys() - self._dump_keys.keys())

    # -- loading ------------------------------------------------------------------------------------------------------

    def load(self, data: Any, *, many: bool | None = None, partial: Any = None, unknown: Any = None) -> Any:
        """The object for a wire document, whose missing ``apiVersion`` and ``kind`` are put in front; with ``many``,
        the objects for a list of documents.

        Raises:
            ValidationError: marshmallow's own, with the errors by field.
        """
        if self.model is None or not hasattr(self.model, "api_resource"):
            return super().load(data, many=many, partial=partial, unknown=unknown)
        whole = cast("type[Resource]", self.model)
        several = self.many if many is None else many
        data = [_typed(whole, each) for each in data] if several and isinstance(data, list) else _typed(whole, data)
        made = super().load(data, many=many, partial=partial, unknown=unknown)
        for each in made if several else [made]:
            # The server's objects are not refused for their kind.
            if mode.get() is not Mode.READ and each.kind != whole.api_resource.kind:
                raise MarshmallowError({"kind": [f"expected {whole.api_resource.kind!r}, got {each.kind!r:.80}"]})
        return made

    def _do_load(
        self, data: Any, *, many: bool | None = None, partial: Any = None, unknown: Any = None, postprocess: bool = True
    ) -> Any:
        loaded = super()._do_load(data, many=many, partial=partial, unknown=unknown, postprocess=False)
        if not postprocess:
            return loaded
        many = self.many if many is None else bool(many)
        options: dict[str, Any] = {
            "partial": self.partial if partial is None else partial,
            "unknown": self.unknown if unknown is None else unknown,
        }
        try:
            made = [self._object(each) for each in loaded] if many else self._object(loaded)
            if self._hooks[POST_LOAD]:
                made = self._invoke_load_processors(POST_LOAD, made, many=many, original_data=data, **options)
        except MarshmallowError as error:
            refusal = MarshmallowError(normalized(error), data=data)
            self.handle_error(refusal, data, many=many, partial=partial)
            raise refusal from error
        for each in made if many else [made]:
            self._check_made(each)
        return made

    def _deserialize(
        self,
        data: Any,
        *,
        error_store: Any,
        many: bool = False,
        partial: Any = None,
        unknown: Any = RAISE,
        index: int | None = None,
    ) -> Any:
        if many:
            return super()._deserialize(
                data, error_store=error_store, many=True, partial=partial, unknown=unknown, index=index
            )
        reading = mode.get() is Mode.READ
        found: Any = _new_store() if reading else error_store
        loaded = Loaded(
            super()._deserialize(
                data,
                error_store=found,
                partial=partial,
                unknown=EXCLUDE if unknown == INCLUDE else unknown,
                index=index,
            )
        )
        loaded.source = data if isinstance(data, Mapping) else {}
        loaded.keeps_unknown = unknown == INCLUDE
        loaded.incomplete = False
        if reading and found.errors:
            loaded.incomplete = self._take_over_refusals(found.errors, loaded.source, error_store, index)
        if unknown == INCLUDE:
            self._add_unknown(loaded, error_store, index)
        return loaded

    def _take_over_refusals(
        self, errors: dict[Any, Any], source: Mapping[str, Any], error_store: Any, index: int | None
    ) -> bool:
        """Errors below nested objects come from hooks, when a server's document is read, and count. Returns whether
        there are others."""
        refused = {
            key: error
            for key, error in errors.items()
            if key not in self._load_keys or (is_structural(self._load_keys[key][1]) and source.get(key) is not None)
        }
        if refused:
            error_store.store_error(refused, index=index)
        return len(refused) < len(errors)

    def _add_unknown(self, loaded: Loaded, error_store: Any, index: int | None) -> None:
        names = {name for name, _ in self._load_keys.values()}
        strict = mode.get() is Mode.STRICT and not (self.model is not None and self.model._is_json_view)
        for key, value in loaded.source.items():
            if key in self._load_keys:
                continue
            if key not in names:
                # An unknown field may be called as an attribute is (`from_`): it is in the document only.
                loaded[key] = value
            if strict:
                advice = did_you_mean(str(key), self._load_keys)
                error_store.store_error([f"unknown field{advice}"], key, index)

    def _invoke_schema_validators(self, *, data: Any, many: bool, field_errors: bool = False, **kwargs: Any) -> None:
        incomplete = any(each.incomplete for each in (data if many else [data]) if isinstance(each, Loaded))
        super()._invoke_schema_validators(data=data, many=many, field_errors=field_errors or incomplete, **kwargs)

    def _object(self, loaded: Loaded) -> Any:
        try:
            document = self._document(loaded)
            if self.model is None:
                return document
            return self.model._view(document, None, None)
        except FieldTypeError as error:
            raise MarshmallowError({path or "_schema": texts for path, texts in error.messages.items()}) from error

    def _document(self, loaded: Loaded) -> dict[str, Any]:
        document: dict[str, Any] = {}
        for key, raw in loaded.source.items():
            if not isinstance(key, str):
                raise FieldTypeError({str(key): [f"the key {key!r} is {type(key).__name__}, JSON keys are strings"]})
            if key in self._load_keys:
                name, field = self._load_keys[key]
                document[key] = wire_value(field, loaded[name], raw, key) if name in loaded else copy_json(raw, key)
            elif loaded.keeps_unknown:
                document[key] = copy_json(raw, key)
        for key, (name, field) in self._load_keys.items():
            if key not in document and name in loaded:
                document[key] = wire_value(field, loaded[name], missing, key)
        return document

    def _check_made(self, made: Any) -> None:
        if self.model is not None and not isinstance(made, self.model):
            raise TypeError(
                f"the post_load hooks of {type(self).__name__} returned {type(made).__name__}: "
                f"they get the {self.model.__name__} and return it, or another"
            )

    # -- dumping ------------------------------------------------------------------------------------------------------

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        """The wire document of an object or of a wire document; with ``many``, of each in a list."""
        if self._hooks[PRE_DUMP]:
            # Hooks may change what they get, and saving an object must not change it.
            obj = [_copied(each) for each in obj] if (self.many if many is None else many) else _copied(obj)
        return super().dump(obj, many=many)

    def _serialize(self, obj: Any, *, many: bool = False) -> Any:
        if many and obj is not None:
            return [self._serialize(each) for each in obj]
        document: dict[str, Any] = {}
        for key, value in _wire_of(obj).items():
            if key in self._dump_keys:
                with located(key):
                    document[key] = _dumped(self._dump_keys[key][1], value, key, obj)
            elif key not in self._hidden:
                document[key] = copy_json(value, key)
        for name, field in self.dump_fields.items():
            key = name if field.data_key is None else field.data_key
            if key not in document and not keeps_wire(field):
                value = field.serialize(name, obj, accessor=self.get_attribute)
                if value is not missing:
                    document[key] = value
        return document

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """The wire value of a field, by the name of the field's value."""
        return _wire_of(obj).get(self._wire_names.get(attr, attr), default)


def wire_value(field: Any, value: Any, raw: Any, key: str) -> Any:
    """What stands in the document for the Python value that a field made of ``raw``."""
    if value is None:
        return None
    if isinstance(value, Model):
        return value.to_dict()
    if is_structural(field):
        if isinstance(field, fields.List) and isinstance(value, list):
            same_length = isinstance(raw, (list, tuple)) and len(raw) == len(value)
            items = enumerate(zip(value, raw if same_length else [missing] * len(value), strict=True))
            return [wire_value(field.inner, item, old, f"{key}[{index}]") for index, (item, old) in items]
        if isinstance(field, fields.Mapping) and isinstance(value, Mapping):
            old_items = raw if isinstance(raw, Mapping) else {}
            return {
                name: wire_value(field.value_field, item, old_items.get(name, missing), f"{key}.{name}")
                for name, item in value.items()
            }
    if keeps_wire(field) and raw is not missing:
        return copy_json(raw, key)
    if isinstance(field, fields.Nested) and isinstance(field.schema, ModelSchema):
        # A Schema that stands for no model: it loads the document.
        return copy_json(value, key)
    return copy_json(field._serialize(value, key, None), key)


def _dumped(field: Any, value: Any, key: str, obj: Any) -> Any:
    if value is None:
        return None
    if not keeps_wire(field):
        if is_structural(field):
            if not isinstance(value, (dict, list)):
                return copy_json(value, key)
        else:
            try:
                value = field.deserialize(value)
            except MarshmallowError:
                # The server's: it goes back as it came.
                return copy_json(value, key)
    return field._serialize(value, key, obj)


# A function without types, in marshmallow.
_new_store: Callable[[], Any] = _ErrorStore


def _by_wire_name(declared: Mapping[str, fields.Field[Any]]) -> dict[str, tuple[str, fields.Field[Any]]]:
    return {
        name if field.data_key is None else field.data_key: (field.attribute or name, field)
        for name, field in declared.items()
    }


def _wire_of(obj: Any) -> dict[str, Any]:
    if isinstance(obj, Model):
        return materialize(obj._wire if obj._wire is not None else obj._bind())  # type: ignore[no-any-return]  # a dict
    return dict(obj) if isinstance(obj, Mapping) else {}


def _typed(model: type[Resource], document: Any) -> Any:
    return model._typed(dict(document)) if isinstance(document, Mapping) else document


def _copied(obj: Any) -> Any:
    return obj.copy() if isinstance(obj, Model) else copy_json(obj) if isinstance(obj, Mapping) else obj
