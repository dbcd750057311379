# SPDX-License-Identifier: Apache-2.0
"""``client.kind(Pod)``: the verbs of a client for one kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Literal, NoReturn, overload

from k8s_core.client.kinds import R
from k8s_core.client.objects import wire_identity
from k8s_core.errors import RequestError
from k8s_core.errors.calls import explains_calls
from k8s_core.errors.habits import CLIENT, no_attribute

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping
    from typing import TypeAlias, Unpack

    from k8s_core.client.client import Client
    from k8s_core.client.lists import ResourceList
    from k8s_core.meta import PartialObjectMetadata, Table
    from k8s_core.model import Resource
    from k8s_core.patches import Patch
    from k8s_core.requests.keywords import (
        ApplyOptions,
        DeletionOptions,
        GetOptions,
        ObjectDeletionOptions,
        PageOptions,
        PatchOptions,
        ReplaceOptions,
        ScaleOptions,
        TableOptions,
        WholeListOptions,
        WriteOptions,
    )
    from k8s_core.requests.options import NamespaceOption
    from k8s_core.selectors import Fields, Labels
    from k8s_core.watch import WaitProgress, WatchEvent

    _Objects: TypeAlias = list[R]

__all__ = ["KindClient"]


@explains_calls
class KindClient(Generic[R]):
    """The verbs of a client for one kind, made by ``client.kind``.

    ::

        pods = client.kind(Pod)
        for pod in pods.list(labels={"app": "web"}):
            pods.delete(pod.metadata.name)

    Each method is the client's method of the same name, without its first argument; that one's documentation applies.
    ``namespace=None`` means the namespace that ``client.kind`` was given, else the client's. Safe for use by many
    threads at once.

    Attributes:
        kind: the class.
        client: whose verbs these are.
        namespace: where they act if they are not told.
    """

    def __init__(self, client: Client, kind: type[R], namespace: NamespaceOption = None) -> None:
        self.client = client
        self.kind = kind
        self.namespace = namespace

    def get(self, name: str, *, namespace: str | None = None, **options: Unpack[GetOptions]) -> R:
        """Read one object; see ``Client.get``."""
        return self.client.get(self.kind, name, namespace=self._one(namespace), **options)

    def list(self, *, namespace: NamespaceOption = None, **options: Unpack[WholeListOptions]) -> ResourceList[R]:
        """Read all the objects of a collection; see ``Client.list``."""
        return self.client.list(self.kind, namespace=self._many(namespace), **options)

    def pages(self, *, namespace: NamespaceOption = None, **options: Unpack[PageOptions]) -> Iterator[ResourceList[R]]:
        """Read a collection page by page; see ``Client.pages``."""
        return self.client.pages(self.kind, namespace=self._many(namespace), **options)

    def get_metadata(
        self, name: str, *, namespace: str | None = None, **options: Unpack[GetOptions]
    ) -> PartialObjectMetadata:
        """Read the metadata of one object; see ``Client.get_metadata``."""
        return self.client.get_metadata(self.kind, name, namespace=self._one(namespace), **options)

    def list_metadata(
        self, *, namespace: NamespaceOption = None, **options: Unpack[WholeListOptions]
    ) -> ResourceList[PartialObjectMetadata]:
        """Read the metadata of all the objects of a collection; see ``Client.list_metadata``."""
        return self.client.list_metadata(self.kind, namespace=self._many(namespace), **options)

    def table(
        self, name: str | None = None, *, namespace: NamespaceOption = None, **options: Unpack[TableOptions]
    ) -> Table:
        """Read the columns that kubectl shows; see ``Client.table``."""
        return self.client.table(self.kind, name, namespace=self._many(namespace), **options)

    def watch(
        self,
        *,
        namespace: NamespaceOption = None,
        labels: Labels | None = None,
        fields: Fields | None = None,
        resource_version: str | None = None,
        capacity: int | None = None,
    ) -> Generator[WatchEvent[R], None, None]:
        """Follow the changes of a collection; see ``Client.watch``."""
        return self.client.watch(
            self.kind,
            namespace=self._many(namespace),
            labels=labels,
            fields=fields,
            resource_version=resource_version,
            capacity=capacity,
        )

    @overload
    def wait(  # type: ignore[overload-overlap]  # a literal is more special than a string
        self,
        name: str,
        condition: Literal["delete"],
        *,
        namespace: str | None = None,
        timeout: float = 30.0,
        on_progress: Callable[[WaitProgress], object] | None = None,
    ) -> None: ...
    @overload
    def wait(
        self,
        name: str,
        condition: str | Callable[[R], object],
        *,
        namespace: str | None = None,
        timeout: float = 30.0,
        on_progress: Callable[[WaitProgress], object] | None = None,
    ) -> R: ...
    @overload
    def wait(
        self,
        *,
        condition: str | Callable[[R], object],
        labels: Labels,
        fields: Fields | None = None,
        namespace: NamespaceOption = None,
        until: Literal["all", "any"] = "all",
        timeout: float = 30.0,
        on_progress: Callable[[WaitProgress], object] | None = None,
    ) -> _Objects[R]: ...
    def wait(
        self,
        name: str | None = None,
        condition: str | Callable[[Any], object] = "",
        *,
        namespace: NamespaceOption = None,
        labels: Labels | None = None,
        fields: Fields | None = None,
        until: Literal["all", "any"] = "all",
        timeout: float = 30.0,
        on_progress: Callable[[WaitProgress], object] | None = None,
    ) -> Any:
        """Block until a condition holds for one object, or for those that match selectors; see ``Client.wait``."""
        verb: Any = self.client.wait  # its overloads are those above
        return verb(
            self.kind,
            condition,
            name=name,
            namespace=self._many(namespace),
            labels=labels,
            fields=fields,
            until=until,
            timeout=timeout,
            on_progress=on_progress,
        )

    def create(self, obj: R | Mapping[str, Any], *, namespace: str | None = None, **options: Unpack[WriteOptions]) -> R:
        """Create an object; see ``Client.create``."""
        return self.client.create(obj, namespace=self._own(obj, namespace), **options)

    def replace(
        self, obj: R | Mapping[str, Any], *, namespace: str | None = None, **options: Unpack[ReplaceOptions]
    ) -> R:
        """Replace an object by this one; see ``Client.replace``."""
        return self.client.replace(obj, namespace=self._own(obj, namespace), **options)

    def patch(self, name: str, patch: Patch, *, namespace: str | None = None, **options: Unpack[PatchOptions]) -> R:
        """Change parts of an object; see ``Client.patch``."""
        patched: R = self.client.patch(self.kind, name, patch, namespace=self._one(namespace), **options)
        return patched

    def apply(self, obj: R | Mapping[str, Any], *, namespace: str | None = None, **options: Unpack[ApplyOptions]) -> R:
        """Server-side apply; see ``Client.apply``."""
        return self.client.apply(obj, namespace=self._own(obj, namespace), **options)

    def scale(self, name: str, *, replicas: int, namespace: str | None = None, **options: Unpack[ScaleOptions]) -> Any:
        """Set the number of replicas; see ``Client.scale``."""
        return self.client.scale(self.kind, name, replicas=replicas, namespace=self._one(namespace), **options)

    def delete(self, name: str, *, namespace: str | None = None, **options: Unpack[ObjectDeletionOptions]) -> Any:
        """Delete one object; see ``Client.delete``."""
        return self.client.delete(self.kind, name, namespace=self._one(namespace), **options)

    def delete_collection(
        self,
        *,
        namespace: NamespaceOption = None,
        labels: Labels | None = None,
        fields: Fields | None = None,
        everything: bool = False,
        timeout: float | None = None,
        **options: Unpack[DeletionOptions],
    ) -> Any:
        """Delete the objects of a collection that selectors choose; see ``Client.delete_collection``."""
        return self.client.delete_collection(
            self.kind,
            namespace=self._many(namespace),
            labels=labels,
            fields=fields,
            everything=everything,
            timeout=timeout,
            **options,
        )

    def _one(self, namespace: str | None) -> Any:
        return self.namespace if namespace is None else namespace

    def _many(self, namespace: NamespaceOption) -> Any:
        return self.namespace if namespace is None else namespace

    def _own(self, obj: Resource | Mapping[str, Any], namespace: str | None) -> str | None:
        """Where an object of this kind is: its own namespace comes before that of the handle."""
        identity, resource = wire_identity(obj), self.kind.api_resource
        if (identity.api_version, identity.kind) != (resource.api_version, resource.kind):
            raise RequestError(f"{identity.api_version} {identity.kind} is not a {resource.gvk}: use the client's verb")
        return None if namespace is None and identity.namespace else self._one(namespace)

    def __repr__(self) -> str:
        return f"<KindClient {self.kind.api_resource.group_resource} namespace={self.namespace!r} of {self.client!r}>"

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            raise no_attribute(self, name, CLIENT)
