# SPDX-License-Identifier: Apache-2.0
"""Types of the group ``meta.k8s.io/v1`` that every kind shares, and ``GenericResource`` for kinds without a class.

See https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/.
"""

from __future__ import annotations

import functools
import types
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from k8s_core.model import ABSENT, ManagedFieldsEntry, Model, ObjectMeta, OwnerReference, Resource, field
from k8s_core.model.codec import over_document
from k8s_core.model.scalars import Time
from k8s_core.model.views import JsonObject
from k8s_core.seam import display

if TYPE_CHECKING:
    from k8s_core.kinds import APIResource
    from k8s_core.model.tables import Rows

__all__ = [
    "APIGroup",
    "APIGroupList",
    "APIResourceDescription",
    "APIResourceList",
    "APIVersions",
    "Condition",
    "DeleteOptions",
    "FieldSelectorRequirement",
    "GenericResource",
    "GroupVersionForDiscovery",
    "LabelSelector",
    "LabelSelectorRequirement",
    "ListMeta",
    "ManagedFieldsEntry",
    "ObjectMeta",
    "OwnerReference",
    "PartialObjectMetadata",
    "Preconditions",
    "ServerAddressByClientCIDR",
    "ShardInfo",
    "Status",
    "StatusCause",
    "StatusDetails",
    "Table",
    "TableColumnDefinition",
    "TableRow",
    "TableRowCondition",
    "VersionInfo",
    "generic_resource",
]


_ONE_LINE = 200
"""Characters of a table's ``repr`` that people read."""


class ShardInfo(Model):
    """The part of a collection that a sharded list covers."""

    selector: str


class ListMeta(Model):
    """What every list response carries (protocol C7-C10)."""

    resourceVersion: str | None = None
    continue_: str | None = None
    remainingItemCount: int | None = None
    selfLink: str | None = None
    shardInfo: ShardInfo = ABSENT


class LabelSelectorRequirement(Model):
    """One expression over a label; ``In`` and ``NotIn`` need values, the other operators forbid them."""

    key: str
    operator: str
    values: list[str] = field(default=ABSENT, list_type="atomic")


class LabelSelector(Model, map_type="atomic"):
    """Labels and expressions, all of which must hold. An empty one selects everything (protocol C16)."""

    matchLabels: dict[str, str] = ABSENT
    matchExpressions: list[LabelSelectorRequirement] = field(default=ABSENT, list_type="atomic")


class FieldSelectorRequirement(Model):
    """One expression over a field."""

    key: str
    operator: str
    values: list[str] = field(default=ABSENT, list_type="atomic")


class Condition(Model):
    """One aspect of an object's state, as most kinds report it in ``status.conditions``."""

    type: str
    status: str
    observedGeneration: int | None = None
    lastTransitionTime: Time
    reason: str
    message: str


class Preconditions(Model):
    """What must still be true of an object for a delete to happen (protocol C34)."""

    uid: str | None = None
    resourceVersion: str | None = None


class DeleteOptions(Model):
    """How to delete: the request body of DELETE (protocol C5, C33-C35)."""

    apiVersion: str | None = None
    kind: str | None = None
    gracePeriodSeconds: int | None = None
    preconditions: Preconditions = ABSENT
    orphanDependents: bool | None = None
    propagationPolicy: Literal["Orphan", "Background", "Foreground"] | None = None
    dryRun: list[str] = field(default=ABSENT, list_type="atomic")
    ignoreStoreReadErrorWithClusterBreakingPotential: bool | None = None


class StatusCause(Model):
    """One finding of a failed request."""

    reason: str | None = None
    message: str | None = None
    field: str | None = None


class StatusDetails(Model):
    """What a failed request was about (protocol C37)."""

    name: str | None = None
    group: str | None = None
    kind: str | None = None
    uid: str | None = None
    causes: list[StatusCause] = field(default=ABSENT, list_type="atomic")
    retryAfterSeconds: int | None = None


class Status(Model):
    """The outcome of a request that does not return an object (protocol C32, C37)."""

    apiVersion: str | None = None
    kind: str | None = None
    metadata: ListMeta = ABSENT
    status: str | None = None
    message: str | None = None
    reason: str | None = None
    details: StatusDetails = ABSENT
    code: int | None = None


class GroupVersionForDiscovery(Model):
    """One version of an API group in a discovery document."""

    groupVersion: str
    version: str


class ServerAddressByClientCIDR(Model):
    """The address of the server for clients of a network."""

    clientCIDR: str
    serverAddress: str


class APIGroup(Model):
    """An API group in a discovery document."""

    apiVersion: str | None = None
    kind: str | None = None
    name: str
    versions: list[GroupVersionForDiscovery] = field(list_type="atomic")
    preferredVersion: GroupVersionForDiscovery = ABSENT
    serverAddressByClientCIDRs: list[ServerAddressByClientCIDR] = field(default=ABSENT, list_type="atomic")


class APIGroupList(Model):
    """The discovery document at ``/apis``."""

    apiVersion: str | None = None
    kind: str | None = None
    groups: list[APIGroup] = field(list_type="atomic")


class APIVersions(Model):
    """The discovery document at ``/api``."""

    apiVersion: str | None = None
    kind: str | None = None
    versions: list[str] = field(list_type="atomic")
    serverAddressByClientCIDRs: list[ServerAddressByClientCIDR] = field(list_type="atomic")


class APIResourceDescription(Model):
    """``APIResource`` of a discovery document; named apart from ``k8s_core.kinds.APIResource``, which it becomes."""

    name: str
    singularName: str
    namespaced: bool
    kind: str
    verbs: list[str]
    group: str | None = None
    version: str | None = None
    shortNames: list[str] = field(default=ABSENT, list_type="atomic")
    categories: list[str] = field(default=ABSENT, list_type="atomic")
    storageVersionHash: str | None = None


class APIResourceList(Model):
    """The discovery document of one group and version."""

    apiVersion: str | None = None
    kind: str | None = None
    groupVersion: str
    resources: list[APIResourceDescription] = field(list_type="atomic")


class VersionInfo(Model):
    """The document at ``/version``; ``major`` and ``minor`` are texts such as ``"27+"`` (protocol G11)."""

    major: str
    minor: str
    gitVersion: str
    gitCommit: str
    gitTreeState: str
    buildDate: str
    goVersion: str
    compiler: str
    platform: str
    emulationMajor: str | None = None
    emulationMinor: str | None = None
    minCompatibilityMajor: str | None = None
    minCompatibilityMinor: str | None = None


class PartialObjectMetadata(Resource, group="meta.k8s.io", version="v1", plural="partialobjectmetadata"):
    """The metadata of an object of any kind, as the server sends it to those who ask for no more."""


class TableColumnDefinition(Model):
    """One column of a Table."""

    name: str
    type: str
    format: str | None = None
    description: str | None = None
    priority: int | None = None


class TableRowCondition(Model):
    """A mark on a row, such as ``Completed``."""

    type: str
    status: str
    reason: str | None = None
    message: str | None = None


class TableRow(Model):
    """One row of a Table: cells in the order of the columns, and as much of the object as was asked for."""

    cells: list[Any]
    conditions: list[TableRowCondition] = ABSENT
    object: JsonObject = ABSENT


class Table(Model):
    """A collection as the server would print it (protocol J27). ``print(table)`` shows it."""

    apiVersion: str | None = None
    kind: str | None = None
    metadata: ListMeta = ABSENT
    columnDefinitions: list[TableColumnDefinition]
    rows: list[TableRow] = ABSENT

    def __repr__(self) -> str:
        written = super().__repr__()
        if len(written) <= _ONE_LINE:
            return written
        return f"<Table of {len(self.rows)} rows: {', '.join(self._shown()[0])}>"

    def __str__(self) -> str:
        return display.tables.printed(self._shown())

    def __rich__(self) -> Any:
        return display.tables.rich_table(self._shown())

    def _repr_html_(self) -> str:
        return display.tables.html_table(self._shown())

    def _shown(self) -> Rows:
        """The columns that are not for wide output only; the namespaces too, if there are several."""
        narrow = [index for index, column in enumerate(self.columnDefinitions) if not column.priority]
        headings = [self.columnDefinitions[index].name or "" for index in narrow]
        rows = [[display.tables.cell_text(cell) for cell in row.cells] for row in self.rows]
        body = [[row[index] if index < len(row) else "" for index in narrow] for row in rows]
        objects = [row.object.to_dict().get("metadata") for row in self.rows]
        namespaces = [str(metadata.get("namespace", "")) if isinstance(metadata, dict) else "" for metadata in objects]
        if len(set(namespaces)) > 1:
            return ["Namespace", *headings], [[place, *row] for place, row in zip(namespaces, body, strict=True)]
        return headings, body


class GenericResource(Resource, JsonObject):
    """An object of a kind for which no package is installed: everything but ``metadata`` is plain JSON.

    Fields are attributes and items alike (``obj.spec.replicas``, ``obj["spec"]["replicas"]``); names that the verbs
    take (``list``, ``get``) are items only. Made by ``generic_resource`` or ``Client.resource``. No class says what is
    secret in it, so ``repr`` and logs show its identity, keys and numbers, and no other strings.
    """

    _sensitive: ClassVar[frozenset[str] | None] = None

    spec: JsonObject = ABSENT
    status: JsonObject = ABSENT

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_generic, (getattr(type(self), "api_resource", None), self.to_dict())


@functools.lru_cache(maxsize=1024)
def generic_resource(api_resource: APIResource) -> type[GenericResource]:
    """A class for a kind known from discovery only; the same class for equal facts. Pure but for its bounded cache."""
    cls: type[GenericResource] = types.new_class(api_resource.kind, (GenericResource,))
    cls.__module__ = __name__
    cls.api_resource = api_resource
    return cls


def _rebuild_generic(api_resource: APIResource | None, document: dict[str, Any]) -> GenericResource:
    cls = GenericResource if api_resource is None else generic_resource(api_resource)
    return over_document(cls, document)
