# SPDX-License-Identifier: Apache-2.0
"""``Model``: a typed view over a wire document, and the machinery that every view shares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Self, dataclass_transform

from k8s_core.errors import FieldTypeError, ValidationError
from k8s_core.errors.habits import without_habits
from k8s_core.model.annotations import field_type
from k8s_core.model.attributes import Attribute, LazyAttribute, make_attribute
from k8s_core.model.descriptors import FieldDescriptor, described
from k8s_core.model.fields import ABSENT, REQUIRED, FieldDeclaration, FieldSpec, field
from k8s_core.model.hooked import declare_schema
from k8s_core.model.sending import declare_steps
from k8s_core.model.types import ModelType, python_type_name
from k8s_core.model.wire import MAX_NESTING, Raw, Wire, copy_json, decode, materialize, resolve, same
from k8s_core.seam import display, schemas

__all__ = ["Model", "View"]

_EMPTY: Wire = {}


class View:
    """A window on one container (object or list) of a wire document.

    ``_wire`` is the container, None while it is not known. A view of something absent finds or makes its container in
    the parent's when it is needed: reading looks again, the first write attaches. Views keep no copies, so any number
    of them may show the same container, and there are no reference cycles.
    """

    __slots__ = ("_key", "_parent", "_wire")

    _wire: Any
    _parent: View | None
    _key: str | int | None

    _container: ClassVar[type] = dict
    _nothing: ClassVar[Any] = _EMPTY

    def _bind(self) -> Any:
        """The container for reading; an empty one that must not be written where there is none."""
        parent = self._parent
        if parent is None:
            return self._nothing
        wire = parent._wire if parent._wire is not None else parent._bind()
        value = _child(wire, self._key)
        if type(value) is self._container:
            self._wire = value
            return value
        return self._nothing

    def _write(self) -> Any:
        """The container for writing, attached to the parent's."""
        wire = self._wire
        if wire is not None:
            return wire
        if self._parent is None:
            self._wire = self._container()
            return self._wire
        parent_wire = self._parent._write()
        value = _child(parent_wire, self._key)
        if type(value) is not self._container:
            value = parent_wire[self._key] = self._container()
        self._wire = value
        return value

    def _path(self) -> str:
        """Where the view is in its document, such as ``spec.containers[0]``; empty for the root."""
        if self._parent is None or self._key is None:
            return ""
        return self._parent._child_path(self._key)

    def _child_path(self, key: str | int) -> str:
        path = self._path()
        if isinstance(key, int):
            return f"{path}[{key}]"
        return f"{path}.{key}" if path and not key.startswith("[") else path + key

    def _room(self) -> int:
        """How many levels may stand below this one."""
        room = MAX_NESTING
        view: View | None = self
        while view is not None and room:
            room, view = room - 1, view._parent
        return room

    def _root(self) -> View:
        view = self
        while view._parent is not None:
            view = view._parent
        return view


def _child(wire: Any, key: Any) -> Any:
    if type(wire) is dict:
        return resolve(wire, key) if key in wire else None
    return wire[key] if type(wire) is list and isinstance(key, int) and key < len(wire) else None


class ModelMeta(type):
    """Gives every model class empty ``__slots__``, so that a misspelt attribute can't be set unnoticed."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **kwargs: Any) -> ModelMeta:
        namespace.setdefault("__slots__", ())
        return super().__new__(mcs, name, bases, namespace, **kwargs)

    def __dir__(cls) -> list[str]:
        return without_habits(cls, super().__dir__())

    @property
    def __signature__(cls) -> Any:
        """The fields as keywords, for ``help`` and ``inspect.signature``; resolves no annotation."""
        return display.signature_of(cls)


@dataclass_transform(kw_only_default=True, field_specifiers=(field,))
class Model(View, metaclass=ModelMeta):
    """A JSON object with declared fields: a typed view over the wire document, which it never reshapes.

    Declare fields by annotations: without a right-hand side a field is required; ``= None`` makes a scalar optional,
    ``= ABSENT`` a model, list or map. Attribute names are Kubernetes' own; one trailing underscore is dropped
    (``from_``). Reading something absent gives None or an empty view, never an error, and writing into an empty view
    attaches it. Unknown fields, explicit nulls and the order of keys survive everything.

    The constructor takes keywords only. It raises TypeError for an unknown one and FieldTypeError for a value of the
    wrong type. Required fields are checked when the object is sent or by ``validate()``, not here.

    Instances are not hashable, and may be shared between threads as long as none writes.

    Class keywords: ``schema``, a marshmallow Schema class or ``"module:Class"``, through which objects are read and
    sent (see ``k8s_core.model.schemas``); ``map_type="atomic"`` where server-side apply owns the object as a whole
    (``x-kubernetes-map-type``); ``options``, the keywords of ``field()`` that are about the object as a whole, such as
    ``{"validations": (…,)}`` (see ``k8s_core.model.crd_schema``). Subclasses inherit them.
    """

    __slots__ = ()

    __hash__ = None  # type: ignore[assignment]  # equal by content, and the content changes

    _specs: ClassVar[Mapping[str, FieldSpec] | None] = None
    _names: ClassVar[Mapping[str, str]]
    _setters: ClassVar[Mapping[str, tuple[Any, str, type | None]]]
    # By attribute name: the descriptor, the wire name, and the type whose values need no conversion.
    _is_json_view: ClassVar[bool] = False
    _declarations: ClassVar[Mapping[str, Any]] = {}
    _own_schema: ClassVar[Any] = None
    _map_type: ClassVar[str | None] = None
    _described: ClassVar[Mapping[str, FieldDescriptor]] = {}
    _stepped: ClassVar[bool | None] = None
    # What `has_steps` found out; None: not asked yet.
    _options: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    _hooked: ClassVar[bool | None] = None
    # What `is_hooked` found out; None: not asked yet.

    def __init_subclass__(
        cls,
        *,
        schema: Any = None,
        map_type: str | None = None,
        options: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)
        _refuse_old_spelling(cls)
        if schema is not None:
            declare_schema(cls, schema)
        if map_type is not None:
            cls._map_type = map_type
        if options is not None:
            cls._options = options
        cls._specs = cls._hooked = cls._stepped = None
        declarations: dict[str, Any] = {}
        own = described(cls.__dict__)
        for name, annotation in _annotations(cls).items():
            if name.startswith("_") or _is_class_variable(annotation) or name in own:
                continue
            if name in Model.__dict__:
                raise TypeError(f"{cls.__qualname__}.{name} would hide the method Model.{name}: write {name}_")
            declarations[name] = (annotation, _declaration(cls, name))
            setattr(cls, name, LazyAttribute(name))
        for name, descriptor in own.items():
            if name in Model.__dict__:
                raise TypeError(f"{cls.__qualname__}.{name} would hide the method Model.{name}: write {name}_")
            descriptor.declaration.wire_name = descriptor.wire_name
            declarations[name] = (descriptor.annotation, descriptor.declaration)
        cls._declarations = declarations
        if own or cls._described:
            cls._described = _described(cls)
            declare_steps(cls)

    @classmethod
    def _model_fields(cls) -> Mapping[str, FieldSpec]:
        """The fields by wire name; resolves annotations once (see ``model_fields``)."""
        if cls._specs is not None and "_specs" in cls.__dict__:
            return cls._specs
        specs: dict[str, FieldSpec] = {}
        for base in reversed(cls.__mro__):
            if issubclass(base, Model) and base is not Model:
                own = dict(_resolve_fields(cls)) if base is cls else _own_fields(base)
                # A field that is declared again stands where the subclass puts it.
                specs = {wire_name: spec for wire_name, spec in specs.items() if wire_name not in own} | own
        # A subclass takes a field back by ``metadata = ABSENT``, without an annotation.
        specs = {wire_name: spec for wire_name, spec in specs.items() if getattr(cls, spec.name) is not ABSENT}
        # Plain assignments in this order keep a second thread that comes in meanwhile correct: it does the same again.
        cls._names = {spec.name: wire_name for wire_name, spec in specs.items()}
        cls._setters = {spec.name: _setter(cls, spec) for spec in specs.values()}
        cls._specs = MappingProxyType(specs)
        return cls._specs

    def __init__(self, *args: Any, **fields: Any) -> None:
        if args:
            raise TypeError(_positional_advice(type(self), args))
        self._wire = {}
        self._parent = None
        self._key = None
        self._fill(fields)

    def _fill(self, fields: Mapping[str, Any]) -> None:
        cls = type(self)
        if fields:
            cls._model_fields()
        wire = self._wire
        for name, value in fields.items():
            if name not in cls._setters:
                raise TypeError(_unknown_keyword(cls, name))
            attribute, wire_name, exact = cls._setters[name]
            if type(value) is exact:
                wire[wire_name] = value
            elif value is not None and value is not ABSENT:
                attribute.__set__(self, value)
        for name, descriptor in cls._described.items():
            if name not in fields and (default := descriptor.default()) is not ABSENT:
                descriptor.set(self, default)

    # -- making views -------------------------------------------------------------------------------------------------

    @classmethod
    def _view(cls, wire: Wire | None, parent: View | None, key: str | int | None) -> Self:
        view = cls.__new__(cls)
        view._wire = wire
        view._parent = parent
        view._key = key
        return view

    @classmethod
    def _parse(cls, raw: Raw) -> Any:
        """Parse the bytes of a nested object; classes with bulky fields leave those unparsed."""
        return decode(raw)

    def _take(self, path: str, into: View | None) -> Wire:
        """The document to store in ``into``: one's own while one has no parent, a copy otherwise.

        A copy as well where ``into`` is a part of this very object: the document would contain itself.
        """
        if into is None or self._parent is not None or self._wire is None or into._root()._wire is self._wire:
            return self.to_dict()
        self._parent = into
        self._key = path.removeprefix(into._path()).removeprefix(".")
        return materialize(self._wire)  # type: ignore[no-any-return]  # a dict in, a dict out

    # -- documents ----------------------------------------------------------------------------------------------------

    @classmethod
    def from_dict(cls, wire: Mapping[str, Any], *, strict: bool = False) -> Self:
        """Make an object from a wire document, which is copied.

        Args:
            wire: the document.
            strict: for documents that you do not trust. The Schema of the class, its hooks included, checks types,
                required fields and, as ``kubectl --validate=strict`` does, that no field is unknown. Otherwise nothing
                is checked but that it is JSON: unknown and missing fields and odd values are kept as they are.

        Raises:
            ValidationError: strict, and not what the class declares; it has all findings by path.
            FieldTypeError: something in it is not a JSON value; the error names its path.
        """
        if not isinstance(wire, Mapping):
            raise FieldTypeError({"": [f"expected a mapping, got {python_type_name(wire)}"]})
        document = copy_json(wire)
        if strict:
            return schemas.load_strictly(cls, document)
        return cls._over(document)

    @classmethod
    def _over(cls, document: Wire) -> Self:
        """An object over a whole document, which it takes over."""
        return cls._view(document, None, None)

    def to_dict(self) -> dict[str, Any]:
        """The wire document as a new dict of plain JSON values; changing it does not change the object."""
        wire = self._wire if self._wire is not None else self._bind()
        return copy_json(materialize(wire))  # type: ignore[no-any-return]  # a dict in, a dict out

    @classmethod
    def from_yaml(cls, text: str | bytes) -> Self:
        """Make an object from one YAML (or JSON) document, read as kubectl reads it (protocol E19).

        Raises:
            DecodeError: not YAML, or more than one document.
            FieldTypeError: the document is no mapping.
        """
        from k8s_core.model.yaml import load_yaml  # noqa: PLC0415  # only YAML needs a parser (21 modules)

        return cls.from_dict(load_yaml(text))

    def to_yaml(self) -> str:
        """The wire document as block-style YAML: wire names, nothing added, nothing dropped."""
        from k8s_core.model.yaml import dump_yaml  # noqa: PLC0415  # only YAML needs it (21 modules)

        return dump_yaml(self.to_dict())

    def copy(self) -> Self:
        """A deep copy that shares nothing with this object."""
        return self._view(self.to_dict(), None, None)

    def validate(self) -> dict[str, list[str]]:
        """Check types and required fields against the class.

        Returns:
            Findings by path (``spec.containers[0].image``); empty if there are none. Unknown fields are no finding.
        """
        return schemas.validate_document(type(self), self.to_dict())

    # -- Python's own protocols ---------------------------------------------------------------------------------------

    def __copy__(self) -> Self:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self.copy()

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self)._view, (self.to_dict(), None, None)

    def __eq__(self, other: object) -> bool:
        """Equal to an object of the same class, and to a dict in the wire form, with the same content."""
        if isinstance(other, Mapping) and not isinstance(other, View):
            try:
                return same(self.to_dict(), copy_json(other))
            except FieldTypeError:
                return False
        if not isinstance(other, Model) or type(self) is not type(other):
            return NotImplemented
        mine = self._wire if self._wire is not None else self._bind()
        theirs = other._wire if other._wire is not None else other._bind()
        return mine is theirs or same(materialize(mine), materialize(theirs))

    def __bool__(self) -> bool:
        return self._wire is not None or self._bind() is not _EMPTY

    def __contains__(self, name: str) -> bool:
        """``"field" in obj``: the document has the field, be it null. Takes the attribute's or the wire name."""
        type(self)._model_fields()
        wire = self._wire if self._wire is not None else self._bind()
        return self._names.get(name, name) in wire

    def __repr__(self) -> str:
        return display.represent(self)

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        return display.parts(self)

    def __dir__(self) -> list[str]:
        return without_habits(type(self), super().__dir__())


_OLD_SPELLINGS = {
    "__schema__": "schema",
    "__map_type__": "map_type",
    "__options__": "options",
    "__crd__": "crd",
    "__sensitive__": "sensitive",
}


def _refuse_old_spelling(cls: type) -> None:
    for name, keyword in _OLD_SPELLINGS.items():
        if name in cls.__dict__:
            written = f"class {cls.__name__}(…, {keyword}={_written(cls.__dict__[name])})"
            raise TypeError(f"{cls.__qualname__}.{name} is not read: write {written}")


def _written(value: Any) -> str:
    return value.__name__ if isinstance(value, type) else repr(value)


def _annotations(cls: type) -> dict[str, Any]:
    try:
        return cls.__annotations__
    except NameError:
        # From Python 3.14 on annotations that are no text are evaluated here; names that are imported for type checkers
        # only, or defined below, are looked up when the class is first used, as those in text are.
        import importlib  # noqa: PLC0415  # only Python 3.14 needs it

        library: Any = importlib.import_module("annotationlib")
        found: dict[str, Any] = library.get_annotations(cls, format=library.Format.STRING)
        return found


def _is_class_variable(annotation: Any) -> bool:
    text = annotation if isinstance(annotation, str) else str(annotation)
    return text.startswith(("ClassVar", "typing.ClassVar", "t.ClassVar"))


def _declaration(cls: type[Model], name: str) -> FieldDeclaration:
    value = cls.__dict__.get(name, REQUIRED)
    if isinstance(value, FieldDeclaration):
        return value
    if value is REQUIRED or value is None or value is ABSENT:
        return FieldDeclaration(None, value)
    raise TypeError(
        f"{cls.__qualname__}.{name} = {value!r}: a field's right-hand side is None, ABSENT or field(…); "
        f"defaults are the server's: write field(default={value!r})"
    )


def _described(cls: type[Model]) -> dict[str, FieldDescriptor]:
    """The descriptors of a class and of those that it inherits from, as far as none has put something else there."""
    names = dict.fromkeys(name for base in reversed(cls.__mro__) for name in described(base.__dict__))
    found = {name: next(base.__dict__[name] for base in cls.__mro__ if name in base.__dict__) for name in names}
    return described(found)


def _own_fields(cls: type[Model]) -> dict[str, FieldSpec]:
    fields = cls._model_fields()
    return {wire_name: spec for wire_name, spec in fields.items() if spec.name in cls._declarations}


def _resolve_fields(cls: type[Model]) -> Iterator[tuple[str, FieldSpec]]:
    attributes: list[Attribute] = []
    specs: list[tuple[str, FieldSpec]] = []
    for name, (annotation, declared) in cls._declarations.items():
        wire_name = declared.wire_name or name.removesuffix("_")
        spec = FieldSpec(
            name=name,
            wire_name=wire_name,
            type=annotation.type if isinstance(annotation, FieldSpec) else field_type(annotation, cls, name),
            required=declared.default is REQUIRED,
            list_type=declared.list_type,
            list_map_keys=tuple(declared.list_map_keys),
            patch_merge_key=declared.patch_merge_key,
            patch_strategy=declared.patch_strategy,
            sensitive=declared.sensitive,
            default=ABSENT if declared.default is REQUIRED or declared.default is None else declared.default,
            options=declared.options,
        )
        attributes.append(make_attribute(spec))
        specs.append((wire_name, spec))
    # Only when all have resolved: a class half of whose fields work would be a puzzle.
    for attribute in attributes:
        if attribute.spec.name not in cls._described:
            setattr(cls, attribute.spec.name, attribute)
    return iter(specs)


def _setter(cls: type[Model], spec: FieldSpec) -> tuple[Any, str, type | None]:
    attribute = getattr(cls, spec.name)
    # A class may have put a property in the place of a field; that one decides for itself.
    return attribute, spec.wire_name, attribute.exact if isinstance(attribute, Attribute) else None


def _unknown_keyword(cls: type[Model], name: str) -> str:
    if name in ("apiVersion", "kind") and hasattr(cls, "api_resource"):
        return f"{cls.__name__}() takes no {name}: the class has it; use from_dict for a whole document"
    from k8s_core.errors.hints import did_you_mean, offer  # noqa: PLC0415  # only the message of an error needs it

    names = list(cls._names)
    listing = f"; it has {', '.join(names)}" if len(names) <= 12 else ""
    hint = offer(_spelt(cls, name)) or did_you_mean(name, names) or _further_down(cls, name) or listing
    return f"{cls.__name__} has no field {name!r}{hint}"


def _spelt(cls: type[Model], name: str) -> list[str]:
    """The field that is meant by a name of another case, such as ``pod_ip``; an empty list if there is none."""
    cls._model_fields()
    folded = name.replace("_", "").casefold()
    return [known for known in cls._names if known.casefold() == folded]


def _further_down(cls: type[Model], name: str) -> str:
    """Where a field is that belongs to a part of the object."""
    for spec in cls._model_fields().values():
        part = getattr(spec.type, "item", spec.type)
        if isinstance(part, ModelType) and (found := _spelt(part.model, name)):
            written = f"{part.model.__name__}({found[0]}=…)"
            return f"; write {spec.name}={written if part is spec.type else f'[{written}]'}"
    return ""


def _positional_advice(cls: type[Model], args: tuple[Any, ...]) -> str:
    specs = cls._model_fields()
    for argument in args:
        for spec in specs.values():
            if isinstance(spec.type, ModelType) and isinstance(argument, spec.type.model):
                written = f"{cls.__name__}({spec.name}={type(argument).__name__}(…))"
                return f"{cls.__name__}() takes keyword arguments only: write {written}"
    first = next(iter(specs.values())).name if specs else "field"
    return f"{cls.__name__}() takes keyword arguments only: write {cls.__name__}({first}=…)"


def missing_required(obj: Model) -> dict[str, list[str]]:
    """Required fields that a document lacks, by path, at every depth; null counts as lacking."""
    from k8s_core.model.required import missing_paths  # noqa: PLC0415  # only an object that is sent needs it

    return {path: ["required field is missing"] for path in missing_paths(type(obj), obj.to_dict())}


def check_required(obj: Model) -> None:
    """Raise ValidationError with all missing required fields, as is done before a new object is sent."""
    missing = missing_required(obj)
    if missing:
        raise ValidationError(missing, subject=type(obj).__name__)
