# SPDX-License-Identifier: Apache-2.0
"""``Resource``: the model of a kind that the API server serves, with lazily parsed bytes and the tutorial's verbs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self

from k8s_core.errors import FieldTypeError
from k8s_core.errors.calls import explains_calls
from k8s_core.errors.habits import KIND, has_habits
from k8s_core.kinds import ALL_VERBS, APIResource, PrinterColumn, Scope
from k8s_core.model.base import Model, View
from k8s_core.model.class_or_object import ClassOrObjectVerb
from k8s_core.model.codec import encode_wire
from k8s_core.model.fields import ABSENT
from k8s_core.model.hooked import is_hooked
from k8s_core.model.metadata import ObjectMeta
from k8s_core.model.wire import MAX_NESTING, Raw, Wire, decode, decode_object, decode_shallow, materialize
from k8s_core.seam import display, schemas, verbs
from k8s_core.seam import registry as registries

if TYPE_CHECKING:
    from collections.abc import Generator

    from marshmallow import Schema

    from k8s_core.client import Client, ResourceList
    from k8s_core.client.ownership import Owners
    from k8s_core.registry import Registry
    from k8s_core.requests.options import AllNamespaces, FieldValidation
    from k8s_core.selectors import Labels
    from k8s_core.watch.events import WatchEvent

__all__ = ["Resource"]

_DEFAULT_NAMESPACE = "default"
_NO_SUBRESOURCES: Mapping[str, str] = MappingProxyType({})


def _delete_named(
    cls: type[Resource],
    name: str,
    namespace: str = _DEFAULT_NAMESPACE,
    *,
    body: Mapping[str, Any] | Model | None = None,
    client: Client | None = None,
) -> Any:
    """Delete one object; its dependents too, where ``body`` has a propagationPolicy that says so.

    An object has this verb too: ``deployment.delete()`` deletes that very object, not one that was created anew under
    its name since (its uid is a precondition).

    Args:
        body: a ``DeleteOptions``, or a dict in its wire form.

    Returns:
        What the server said: a successful ``Status``, or the object that is being deleted.
    """
    return verbs.delete(cls, name, namespace, body, client)


def _delete_this(self: Resource, *, body: Mapping[str, Any] | Model | None = None, client: Client | None = None) -> Any:
    """Delete this very object, not one that was created anew under its name since (its uid is a precondition).

    Args:
        body: a ``DeleteOptions``, or a dict in its wire form.

    Returns:
        What the server said: a successful ``Status``, or the object that is being deleted.
    """
    return verbs.delete_object(self, body, client)


@has_habits(KIND)
@explains_calls
class Resource(Model):
    """A kind: declare it once, with the facts of the API in the class line.

    ::

        class CronTab(Resource, group="stable.example.com", version="v1", plural="crontabs"):
            spec: CronTabSpec

    Every kind has ``metadata``. Declare it again where it is required (``metadata: ObjectMeta``). For a kind that has
    none, write ``metadata = ABSENT``, without an annotation.

    Class keywords: ``group`` (``""`` for the legacy group), ``version``, ``plural`` (never guessed), ``kind`` (default:
    the class's name), ``singular``, ``short_names``, ``scope`` (``"Namespaced"`` or ``"Cluster"``), ``categories``,
    ``verbs``, ``subresources`` (name to ``"autoscaling/v1 Scale"``, or ``""`` for the kind itself), ``sensitive``
    (top-level fields that are redacted in ``repr`` and logs), ``strategic_merge`` (True if the server takes strategic
    merge patches, which it does not of custom resources), ``defines_kinds`` (True if writing an object changes which
    kinds the server serves), ``apply_order``, and ``crd``, the facts of its CRD that nothing else says (see
    ``k8s_core.model.crd_manifest``). A subclass without them is the same kind.

    The verbs (``Deployment.get("nginx")``, ``deployment.save()``) take ``client=``; None means the client of the
    innermost ``with client.active()``, else the default client made from ``k8s_core.config``. ``namespace`` is
    ``"default"`` unless given; kinds without namespaces ignore it. All verbs block, and raise what the same verb of
    ``Client`` raises: RequestError and its kin before anything is sent, ApiError by the server's reason, TransportError
    where no answer came.

    An object that came from a server keeps its bytes and parses what is read; it is written back with every field that
    it had. See https://kubernetes.io/docs/reference/using-api/api-concepts/.
    """

    __slots__ = ("_raw",)  # no annotation here: type checkers would take it for a field

    metadata: ObjectMeta = ABSENT

    api_resource: ClassVar[APIResource]
    """How the API server serves the kind."""

    printer_columns: ClassVar[tuple[PrinterColumn, ...]] = ()
    """The columns that people see when they list the kind. Unless one is called ``Name``, the name comes before them
    and the age after them."""

    apply_order: ClassVar[int | None] = None
    """When ``Client.apply_all`` applies objects of the kind: smaller numbers first, and pruned last. None: after the
    built-in kinds that others depend on, cluster-scoped kinds first."""

    _sensitive: ClassVar[frozenset[str] | None] = frozenset()
    # The secret fields of `sensitive=`; None for kinds without a class, of which any field may be one.

    _crd_facts: ClassVar[Mapping[str, Any]] = MappingProxyType({})

    def __init_subclass__(
        cls,
        *,
        group: str | None = None,
        version: str | None = None,
        plural: str | None = None,
        kind: str | None = None,
        singular: str | None = None,
        short_names: tuple[str, ...] = (),
        scope: Scope | str = Scope.NAMESPACED,
        categories: tuple[str, ...] = (),
        verbs: tuple[str, ...] = ALL_VERBS,
        subresources: Mapping[str, str] = _NO_SUBRESOURCES,
        sensitive: tuple[str, ...] = (),
        strategic_merge: bool = False,
        defines_kinds: bool = False,
        apply_order: int | None = None,
        crd: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)
        _refuse_text(cls, short_names=short_names, categories=categories, verbs=verbs, sensitive=sensitive)
        if sensitive:
            cls._sensitive = (cls._sensitive or frozenset()) | frozenset(sensitive)
        if apply_order is not None:
            cls.apply_order = apply_order
        if crd is not None:
            cls._crd_facts = crd
        if group is None and version is None and plural is None:
            return
        # The types of subresources (Eviction, Scale) have no collection of their own, and no verbs.
        if group is None or not version or plural is None or (verbs and not plural):
            raise TypeError(
                f"{cls.__qualname__}: a kind needs group= (an empty string for the legacy group), version= and plural="
            )
        name = kind or cls.__name__
        cls.api_resource = APIResource(
            group=group,
            version=version,
            kind=name,
            plural=plural,
            singular=singular or name.lower(),
            scope=Scope(scope),
            short_names=tuple(short_names),
            categories=tuple(categories),
            verbs=tuple(verbs),
            subresources=MappingProxyType(dict(subresources)) if subresources else _NO_SUBRESOURCES,
            strategic_merge=strategic_merge,
            defines_kinds=defines_kinds,
            list_kind=str(cls._crd_facts.get("list_kind") or f"{name}List"),
        )

    def __init__(self, *args: Any, **fields: Any) -> None:
        self._raw: bytes | None = None
        super().__init__(*args, **fields)

    def _fill(self, fields: Mapping[str, Any]) -> None:
        resource = getattr(type(self), "api_resource", None)
        if resource is None:
            raise TypeError(f"{type(self).__name__} is not a kind: its class line has no group=, version= and plural=")
        self._wire["apiVersion"] = resource.api_version
        self._wire["kind"] = resource.kind
        super()._fill(fields)

    # -- identity -----------------------------------------------------------------------------------------------------

    @property
    def apiVersion(self) -> str:  # Kubernetes' own name
        """Group and version as the document has them, such as ``"apps/v1"``."""
        return self._identity("apiVersion") or getattr(_facts(self), "api_version", "")

    @property
    def kind(self) -> str:
        """The kind as the document has it, such as ``"Deployment"``."""
        return self._identity("kind") or getattr(_facts(self), "kind", "")

    def _identity(self, key: str) -> str:
        wire = self._wire if self._wire is not None else self._bind()
        value = wire.get(key)
        return str((decode(value) if type(value) is Raw else value) or "")

    # -- bytes --------------------------------------------------------------------------------------------------------

    @classmethod
    def _load(cls, raw: bytes, parts: Wire | None = None) -> Self:
        if cls._hooked is not False and is_hooked(cls):
            return schemas.load_document(cls, raw)
        resource = cls.__new__(cls)
        resource._parent = None
        resource._key = None
        if parts is None:
            resource._wire = None
            resource._raw = raw
        else:
            resource._wire = cls._typed(parts)
            resource._raw = None
        return resource

    def _bind(self) -> Any:
        if self._parent is not None:
            return super()._bind()
        raw = self._raw
        if raw is not None:
            wire = self._split(raw)
            # Another thread may have read first: its fields stay, since it has views of them. The bytes go last, so
            # that whoever finds them gone finds the fields.
            if self._wire is None:
                self._wire = wire
            self._raw = None
        elif self._wire is None:
            self._wire = self._typed({})
        return self._wire

    def _split(self, raw: bytes) -> Wire:
        return self._typed(decode_shallow(raw))

    @classmethod
    def _typed(cls, wire: Wire) -> Wire:
        """The document with ``apiVersion`` and ``kind``, which list items lack (protocol C13)."""
        if "kind" in wire and "apiVersion" in wire:
            return wire
        resource: APIResource | None = getattr(cls, "api_resource", None)
        if resource is None:
            return wire
        return {"apiVersion": resource.api_version, "kind": resource.kind, **wire}

    def _write(self) -> Any:
        if self._wire is None and self._parent is None:
            return self._bind()
        return super()._write()

    def _encode(self) -> bytes:
        raw = self._raw if self._wire is None and self._parent is None else None
        # Untouched, and no list item that lacks its type: the bytes are the document.
        if raw is not None and raw.startswith((b'{"kind":', b'{"apiVersion":')):
            return raw
        return encode_wire(self._wire if self._wire is not None else self._bind())

    def _adopt(self, saved: Self) -> None:
        if saved is self:
            return
        wire = saved._wire if saved._wire is not None else saved._bind()
        if self._wire is None and self._parent is None:
            # Nothing of it was read, so there are no views of it.
            self._wire, self._raw = wire, None
            return
        old = self._write()
        for key, part in old.items():
            if (type(part) is dict or type(part) is list) and key in wire:
                new = wire[key]
                wire[key] = _take_over(part, decode_object(new) if type(new) is Raw and key == "metadata" else new)
        if self._parent is not None:
            # A part of another object, such as an item of a list, has nothing unparsed in it.
            materialize(wire)
        old.clear()
        old.update(wire)

    @classmethod
    def _view(cls, wire: Wire | None, parent: View | None, key: str | int | None) -> Self:
        view = super()._view(wire, parent, key)
        view._raw = None
        return view

    # -- documents ----------------------------------------------------------------------------------------------------

    @classmethod
    def from_dict(cls, wire: Mapping[str, Any], *, strict: bool = False) -> Self:
        """Make an object from a wire document, which is copied; missing ``apiVersion`` and ``kind`` are put in front.

        Args:
            wire: the document.
            strict: as for ``Model.from_dict``: check it with the Schema of the kind; unknown fields are refused.

        Raises:
            ValidationError: strict, and not what the class declares; it has all findings by path.
            FieldTypeError: it is of another kind, or something in it is not a JSON value; the error names its path.
        """
        return super().from_dict(wire, strict=strict)

    @classmethod
    def _over(cls, document: Wire) -> Self:
        resource: APIResource | None = getattr(cls, "api_resource", None)
        if resource is None:
            return cls._view(document, None, None)
        if document.get("kind", resource.kind) != resource.kind:
            raise FieldTypeError(
                {
                    "kind": [
                        (
                            f"the document is a {document['kind']!r:.60}, not a {resource.kind}; "
                            "use its class or Registry.get"
                        )
                    ]
                }
            )
        return cls._view(cls._typed(document), None, None)

    def to_yaml(self) -> str:
        """The wire document as block-style YAML, ``apiVersion``, ``kind`` and ``metadata`` first."""
        from k8s_core.model.yaml import dump_yaml  # noqa: PLC0415  # only YAML needs it (21 modules)

        document = self.to_dict()
        first = {key: document[key] for key in ("apiVersion", "kind", "metadata") if key in document}
        return dump_yaml(first | document)

    @classmethod
    def crd(cls, *others: type[Resource]) -> dict[str, Any]:
        """The CustomResourceDefinition manifest of the kind, as a plain dict; this class's version is the stored one.

        ``others`` are the classes of further versions. See ``k8s_core.model.crd_manifest`` for what it is made of.
        Raises TypeError if the classes are not versions of one kind.
        """
        from k8s_core.model.crd_manifest import crd_manifest  # noqa: PLC0415  # only package authors need it

        return crd_manifest(cls, *others)

    def to(self, version: str, *, registry: Registry | None = None) -> Resource:
        """This object in another version of its kind, made by the converters of the kind's package.

        Args:
            version: ``"v2"``. The object itself is returned if it has that version.
            registry: where versions and converters are looked up; None means the registry of the process.

        Raises:
            UnknownKindError: no class is known for that version, or no converter leads to it.
        """
        return (registry or registries.default_registry()).convert(self, version)

    @classmethod
    def schema(cls) -> Schema:
        """The marshmallow Schema of the kind: ``load`` gives an object, ``dump`` the wire document, ``validate`` the
        errors by path. Built on first use and cached; treat it as read-only.
        """
        return schemas.schema_for(cls)

    # -- verbs --------------------------------------------------------------------------------------------------------
    #
    # Each takes ``client=``: None means the client of the innermost ``with client.active()``, else the default client
    # made from ``k8s_core.config``. What they do is in k8s_core.verbs.

    @classmethod
    def get(cls, name: str, namespace: str = _DEFAULT_NAMESPACE, *, client: Client | None = None) -> Self:
        """Read one object. Raises NotFound if there is none."""
        return verbs.get(cls, name, namespace, client)

    @classmethod
    def list(cls, namespace: str | None = _DEFAULT_NAMESPACE, *, client: Client | None = None) -> ResourceList[Self]:
        """Read all objects of a namespace, or with None of all namespaces, page by page."""
        return verbs.find(cls, namespace, None, client)

    @classmethod
    def list_with_meta(
        cls, namespace: str | None = _DEFAULT_NAMESPACE, *, client: Client | None = None
    ) -> ResourceList[Self]:
        """The same as :meth:`list`, under the name that says that the result's ``metadata`` is of interest.

        ``result.metadata.resourceVersion`` is where a watch can begin.
        """
        return verbs.find(cls, namespace, None, client)

    @classmethod
    def find(
        cls,
        name: str | None = None,
        namespace: str | None = _DEFAULT_NAMESPACE,
        labels: Labels | None = None,
        *,
        client: Client | None = None,
    ) -> ResourceList[Self]:
        """Read the objects that a label selector chooses.

        Args:
            name: value of the label ``app``, a shorthand for ``labels={"app": name}``; not used if labels are given.
            namespace: None means all namespaces.
            labels: such as ``{"tier": In("web", "api"), "canary": NotExists()}``; see :mod:`k8s_core.selectors`.
        """
        if name and (labels is None or labels == {}):
            labels = {"app": name}
        return verbs.find(cls, namespace, labels, client)

    @classmethod
    def get_or_create(
        cls, name: str | None = None, namespace: str | None = None, *, client: Client | None = None, **fields: Any
    ) -> Self:
        """Read an object if it exists, else make a new one; either way, change it and ``save()`` it.

        Nothing is written here: a new object reaches the server when it is saved.

        Args:
            name: of the object, unless ``metadata=`` says it.
            namespace: likewise; else ``"default"``.
            fields: of the object, such as ``metadata=ObjectMeta(…)`` and ``spec=…``. They replace those of an object
                that exists, field by field; of its metadata, what the server keeps (uid, resourceVersion, …) stays.

        Raises:
            InvalidName: no name, or two different ones.
        """
        return verbs.get_or_create(cls, name, namespace, fields, client)

    def save(
        self,
        *,
        client: Client | None = None,
        field_manager: str | None = None,
        field_validation: FieldValidation | None = None,
    ) -> None:
        """Create the object if it is new (neither uid nor resourceVersion), else replace it; then take over the answer.

        A failed save leaves the object as it was.

        Raises:
            Conflict: it has changed on the server since it was read; see ``Client.edit``.
            AlreadyExists: it is new here, but there is one of that name; see :meth:`get_or_create`.
            ValidationError: it is new and lacks required fields; nothing was sent.
            OutcomeUnknown: sent, but not answered.
        """
        verbs.save(self, field_manager, field_validation, client)

    def save_status(self, *, client: Client | None = None, field_manager: str | None = None) -> None:
        """Replace the status of the object, and nothing else; then take over the answer.

        Raises:
            Conflict: it has changed on the server since it was read.
            NotFound: there is no such object, or its kind has no status subresource.
        """
        verbs.save_status(self, field_manager, client)

    delete = ClassOrObjectVerb(_delete_named, _delete_this)

    @classmethod
    def delete_list(
        cls,
        namespace: str | AllNamespaces = _DEFAULT_NAMESPACE,
        *,
        labels: Labels | None = None,
        everything: bool = False,
        delete_options: Mapping[str, Any] | Model | None = None,
        client: Client | None = None,
    ) -> Any:
        """Delete all objects of a namespace that a label selector chooses.

        Args:
            namespace: ``ALL_NAMESPACES`` means every one.
            labels: such as ``{"foo": Equality("bar"), "dog": Inequality("cat")}``.
            everything: True deletes all objects of the namespace where no selector is given.
            delete_options: a ``DeleteOptions``, or a dict in its wire form.

        Returns:
            What the server said: a list with the deleted objects, or a ``Status``.

        Raises:
            RequestError: no selector, or an empty one, without ``everything=True``; nothing was sent.
        """
        return verbs.delete_list(cls, namespace, labels, everything, delete_options, client)

    @classmethod
    def watch_list(
        cls,
        namespace: str | None = None,
        *,
        labels: Labels | None = None,
        resource_version: str | None = None,
        client: Client | None = None,
    ) -> Generator[WatchEvent[Self], None, None]:
        """Follow the changes of a namespace, or with None of all namespaces, without end.

        See :class:`k8s_core.watch.Watcher`: it goes on after disconnections, and says which objects vanished meanwhile.
        """
        return verbs.watch_list(cls, namespace, labels, resource_version, client)

    def _repr_html_(self) -> str:
        return display.html_of(self)

    @property
    def owners(self) -> Owners:
        """Who set which field, from ``metadata.managedFields``: ``obj.owners["spec.replicas"]``."""
        return verbs.owners_of(self)


def _refuse_text(cls: type[Resource], **keywords: Any) -> None:
    for keyword, value in keywords.items():
        if isinstance(value, str):
            # `("ct")` is no tuple, and its letters would pass for names.
            raise TypeError(f"{cls.__qualname__}: {keyword}= is a tuple: write {keyword}=({value!r},)")


def _facts(resource: Resource) -> APIResource | None:
    """The facts of the class; a bare GenericResource, made for an object of an unknown kind, has none."""
    return getattr(type(resource), "api_resource", None)


def _take_over(old: Any, new: Any, levels: int = MAX_NESTING) -> Any:
    """``new``, in the containers of ``old`` wherever both have one, so that views of those show the new values."""
    if (type(old) is not dict and type(old) is not list) or not levels:
        return new
    value = decode(new) if type(new) is Raw else new
    if type(old) is dict and type(value) is dict:
        merged = {key: _take_over(old[key], item, levels - 1) if key in old else item for key, item in value.items()}
        old.clear()
        old.update(merged)
        return old
    if type(old) is list and type(value) is list:
        old[:] = [
            _take_over(old[index], item, levels - 1) if index < len(old) else item for index, item in enumerate(value)
        ]
        return old
    return value
