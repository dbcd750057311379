# SPDX-License-Identifier: Apache-2.0
"""`Strategy`: how an API server treats the objects of one kind.

The name and most methods are kube-apiserver's own (``registry/<group>/<kind>/strategy.go``). Every method has the
ordinary behaviour as its default, so a subclass states what is special about its kind and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from k8s_devkit.strategy.formats import dns_subdomain
from k8s_devkit.strategy.metadata import check_metadata, check_metadata_update
from k8s_devkit.strategy.subresources import View

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping

    from k8s_core.kinds import APIResource
    from k8s_devkit.strategy.context import ControllerContext, ServerContext
    from k8s_devkit.strategy.document import Document
    from k8s_devkit.strategy.field_errors import FieldError, Problems
    from k8s_devkit.strategy.subresources import Subresource

__all__ = ["Generation", "Propagation", "Strategy"]

Propagation = Literal["Background", "Foreground", "Orphan"]
Generation = Literal["none", "counted", "fixed", "late"]
_NOT_SPEC = frozenset({"apiVersion", "kind", "metadata", "status"})


class Strategy:
    """How an API server treats the objects of one kind in one version.

    The server makes one instance for each served version. Documents are JSON objects; methods change ``new`` in place
    and leave ``old`` alone. Everything runs under the server's lock, one request at a time, so a method must not block.

    A create calls `default`, `prepare_for_create`, `admit`, `validate`, in this order; an update calls `default`,
    `admit`, `prepare_for_update`, `validate_update`. `old` is None for a create.

    Args:
        resource: how the kind is served.
    """

    create_on_update: bool = False
    """A PUT to a name that does not exist creates the object."""

    unconditional_update: bool = True
    """A PUT without ``resourceVersion`` is accepted."""

    delete_returns_object: bool = False
    """DELETE answers with the object instead of a Status."""

    default_garbage_collection: Propagation = "Background"
    """What happens to dependents if the client names no propagation policy, and no finalizer of the object does."""

    deprecation: str = ""
    """A warning for every request, since this version of the kind is deprecated."""

    delete_option_warning: str = ""
    """A warning for clients whose delete names no propagation policy."""

    generation: Generation = "none"
    """``counted``: ``metadata.generation`` counts changes of what `starts_generation` compares. ``fixed``: it stays 1.
    ``late``: absent at first, 1 from the first change on. ``none``: absent."""

    initial_status: ClassVar[Mapping[str, object] | None] = {}
    """Takes the place of the status that a client sends with a new object, if ``status`` is a subresource; None is for
    no status at all."""

    keeps_status_on_create: bool = False
    """A new object keeps the status that the client sends."""

    status_update_keeps: tuple[str, ...] = ()
    """Fields of ``metadata`` that a write of the status leaves alone; it changes the others with the status."""

    selectable_fields: tuple[str, ...] = ()
    """The fields that field selectors may name, such as ``spec.nodeName``, besides name and namespace."""

    tells_empty: tuple[str, ...] = ()
    """Paths of lists and maps that `default` and the checks get even if they are empty, such as ``spec.rules``.

    Elsewhere what is empty is taken for absent, as it is when the object is stored."""

    stored: bool = True
    """False for kinds that have nothing but a create, which `answer` answers: see `ReviewStrategy`."""

    converted: bool = False
    """Objects are stored in another version, or another form: see `to_storage` and `from_storage`."""

    standard_finalizers: bool = True
    """A finalizer without a domain must be one of Kubernetes' own."""

    subresources: ClassVar[Mapping[str, Subresource]] = {}
    """How the subresources are served, but for ``status``, ``scale`` and ``proxy``."""

    def __init__(self, resource: APIResource) -> None:
        self.resource = resource

    # Storage

    @property
    def storage(self) -> tuple[str, str]:
        """Group and plural under which the objects are stored; versions that share it show the same objects."""
        return self.resource.group, self.resource.plural

    def to_storage(self, document: Document) -> Document:
        """An object of this version in the form in which it is stored, which validation gets; may change its input."""
        return document

    def from_storage(self, document: Document) -> Document:
        """A stored object in the form of this version; may change its input."""
        return document

    def storage_field(self, path: str) -> str:
        """The stored name of a field that a selector names."""
        return path

    # Writes

    def name_problems(self, name: str, *, created: bool = True) -> list[str]:
        """What is wrong with an object's name. The default takes DNS subdomains.

        Args:
            created: the object is new; False where an update checks the name of an existing object once more.
        """
        return dns_subdomain(name)

    def default(self, new: Document, old: Document | None) -> None:
        """Fill in the defaults of this version."""

    def prepare_for_create(self, new: Document, ctx: ServerContext) -> None:
        """Fill in what depends on the identity of a new object; its metadata is complete."""

    def prepare_for_update(self, new: Document, old: Document, ctx: ServerContext) -> None:
        """Carry over what an update cannot change, and fill in what depends on the difference."""

    def prepare_for_status_update(self, new: Document, old: Document, ctx: ServerContext) -> None:
        """Fill in what depends on the difference between two states of the status."""

    def admit(self, new: Document, old: Document | None, ctx: ServerContext) -> None:
        """Change or refuse an object as the admission plugins that every cluster has do. Raises `Failure`."""

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        """The errors of a new object, in the order in which the API server reports them.

        Here and in the other checks, documents are in the form in which they are stored (see `to_storage`).
        """
        return [*self.check_metadata(new), *ctx.check_declared(new)]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        """The errors of the next state of an object."""
        return ctx.check_declared(new)

    def validate_status_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        """The errors of a new status."""
        return ()

    def validate_subresource_update(
        self, subresource: str, new: Document, old: Document, ctx: ServerContext
    ) -> Iterable[FieldError]:
        """The errors of an object that was written through a subresource. The default asks who knows: see `View`."""
        if subresource == "status":
            return self.validate_status_update(new, old, ctx)
        view = self.subresources.get(subresource)
        return view.validate_update(new, old, ctx) if isinstance(view, View) else ()

    def warnings(self, new: Document, old: Document | None) -> Iterable[str]:
        """What the answer warns of although the object is accepted. It is asked of valid objects only."""
        return ()

    def starts_generation(self, new: Document, old: Document) -> bool:
        """Whether ``metadata.generation`` counts an update. The default compares everything but metadata and status."""
        return _without(new, _NOT_SPEC) != _without(old, _NOT_SPEC)

    def check_metadata(self, new: Document, *, created: bool = True) -> Problems:
        """The errors of an object's metadata by itself; `validate` and `validate_update` put them where they belong."""
        return check_metadata(new, self.name_problems, standard_finalizers=self.standard_finalizers, created=created)

    def check_metadata_update(self, new: Document, old: Document) -> Problems:
        """The errors of what an update does to the metadata, to the same end."""
        return check_metadata_update(new, old, standard_finalizers=self.standard_finalizers)

    def allocated(self, obj: Document) -> Iterable[tuple[str, Hashable]]:
        """The values that a stored object holds alone, each with its pool: see `ServerContext.allocate`.

        They are free again when an update leaves them out, or when the object is gone.
        """
        return ()

    def answer(self, new: Document, ctx: ControllerContext, *, namespace: str = "", dry_run: bool = False) -> Document:
        """Answer the create of an object that is not `stored`. Raises `Failure` for a refusal.

        Args:
            new: the object as it was sent; its types are those of the kind's class.
            namespace: of the request; empty for cluster-wide kinds.
            dry_run: nothing may be stored.

        Returns:
            The document that the client gets.
        """
        raise NotImplementedError

    # Deletes

    def check_delete(self, obj: Document, ctx: ServerContext) -> None:
        """Refuse to delete an object. Raises `Failure`."""

    def grace_period(self, obj: Document, requested: int | None) -> int | None:
        """The seconds for which a deleted object stays, marked; 0 removes it at once.

        The default is None: objects of most kinds do not end gracefully.

        Args:
            requested: ``gracePeriodSeconds`` of the request; None where it has none.
        """
        return None

    def begin_delete(self, obj: Document, ctx: ServerContext) -> bool:
        """Change an object whose deletion begins. Returns whether anything changed."""
        return False

    def may_be_removed(self, obj: Document) -> bool:
        """Whether nothing but ``metadata.finalizers`` and the grace period keeps an object that is deleted."""
        return True

    # Controllers

    def reconcile(self, obj: Document, ctx: ControllerContext) -> None:
        """Change ``obj`` as the kind's controller would; what changed is stored as a write of the controller.

        `ApiServer.simulate` switches it on. It is called after every change of an object that is not being deleted.
        """

    def reconcile_deleted(self, obj: Document, ctx: ControllerContext) -> None:
        """Do what the kind's controller does with an object that is being deleted."""


def _without(document: Document, names: frozenset[str]) -> Document:
    return {name: value for name, value in document.items() if name not in names}
