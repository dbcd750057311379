# SPDX-License-Identifier: Apache-2.0
"""Group, version, kind, scope and URL paths: pure values that every other part shares.

Nothing here does I/O; all values are immutable and may be used from any thread.
"""

from __future__ import annotations

import re
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from k8s_core.errors import InvalidName

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ALL_VERBS",
    "CUSTOM_RESOURCE_DEFINITION",
    "APIResource",
    "GroupVersionKind",
    "PrinterColumn",
    "Scope",
    "check_path_segment",
    "format_api_version",
    "human_duration",
    "parse_api_version",
    "table_columns",
    "version_priority",
]

ALL_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
"""The verbs that an ordinary kind supports, as discovery lists them."""


class Scope(Enum):
    """Whether objects of a kind live in a namespace; the values are those of a CRD's ``spec.scope``."""

    NAMESPACED = "Namespaced"
    CLUSTER = "Cluster"


def parse_api_version(api_version: str) -> tuple[str, str]:
    """Split ``"apps/v1"`` into ``("apps", "v1")`` and ``"v1"`` into ``("", "v1")``.

    Raises:
        InvalidName: if the text is empty or has more than one slash.
    """
    group, slash, version = api_version.rpartition("/")
    if not version or "/" in group or (slash and not group):
        raise InvalidName(f"apiVersion {api_version!r} must be VERSION or GROUP/VERSION, such as 'v1' or 'apps/v1'")
    return group, version


def format_api_version(group: str, version: str) -> str:
    """Join group and version as ``apiVersion`` spells them: ``"apps/v1"``, or ``"v1"`` for the legacy group."""
    return f"{group}/{version}" if group else version


class GroupVersionKind(Struct, frozen=True, order=True):
    """The identity of a kind: API group (empty for the legacy group), version and kind name."""

    group: str
    version: str
    kind: str

    @property
    def api_version(self) -> str:
        """``"apps/v1"``, or ``"v1"`` for the legacy group."""
        return format_api_version(self.group, self.version)

    @classmethod
    def parse(cls, api_version: str, kind: str) -> GroupVersionKind:
        """Build from the two fields that every document carries. Raises InvalidName for a malformed apiVersion."""
        group, version = parse_api_version(api_version)
        return cls(group, version, kind)

    def __str__(self) -> str:
        return f"{self.api_version} {self.kind}"


CUSTOM_RESOURCE_DEFINITION = GroupVersionKind("apiextensions.k8s.io", "v1", "CustomResourceDefinition")
"""The kind that defines kinds: ``Resource.crd`` makes its manifests, and ``apply_all`` waits for what they define."""


def version_priority(version: str) -> tuple[int, int, int, str]:
    """A sort key that puts versions in the API server's order: v10, v2, v1, v2beta1, v1beta2, v1alpha1, then others.

    See https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#version-priority.
    """
    match = re.fullmatch(r"v(\d+)(?:(alpha|beta)(\d+))?", version)
    if not match:
        return (3, 0, 0, version)
    major, stage, minor = match.groups()
    return ({None: 0, "beta": 1, "alpha": 2}[stage], -int(major), -int(minor or 0), "")


def check_path_segment(value: Any, what: str) -> str:
    """Check one URL path segment as the API server does (protocol C2, C3) and return it percent-encoded once.

    Args:
        value: the name, namespace, plural or subresource as the user wrote it.
        what: what it is, for the message: ``"name"``, ``"namespace"``.

    Raises:
        InvalidName: empty, ``.``, ``..``, or containing ``/``, ``%``, a control character or half of a surrogate pair.
    """
    if not isinstance(value, str) or not value:
        raise InvalidName(f"resource {what} may not be empty and must be text: {value!r}")
    # The fast path: the alphabet of nearly all names needs neither checks nor encoding.
    if value.isascii() and value.replace("-", "").isalnum():
        return value
    if value in (".", ".."):
        raise InvalidName(f"{what} {value!r} may not be '{value}'")
    for character in "/%":
        if character in value:
            raise InvalidName(f"{what} {value!r} may not contain '{character}'")
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in value):
        raise InvalidName(f"{what} {value!r} may not contain control characters")
    from urllib.parse import quote  # noqa: PLC0415  # only odd names need it (3 modules)

    # ':' is legal in RBAC names and stays readable, as kubectl sends it.
    try:
        return quote(value, safe=":@!$&'()*+,;=~")
    except UnicodeEncodeError:
        raise InvalidName(f"{what} {value!r} holds half of a surrogate pair, which no URL can") from None


class APIResource(Struct, frozen=True):
    """How the API server serves one kind: the same facts as ``APIResource`` of API discovery, and three more.

    ``subresources`` maps a subresource's name to its own kind as ``"autoscaling/v1 Scale"``; the empty text stands for
    the kind itself (``status``). Discovery does not say ``strategic_merge``, whether the server takes strategic merge
    patches (None: not known), ``defines_kinds``, whether writing an object changes which kinds the server serves, and
    ``list_kind``, the kind of a list (an empty string: not known).
    Equality and hash are by value, subresources included.
    See https://kubernetes.io/docs/reference/using-api/api-concepts/.
    """

    group: str
    version: str
    kind: str
    plural: str
    singular: str = ""
    scope: Scope = Scope.NAMESPACED
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ALL_VERBS
    subresources: Mapping[str, str] = MappingProxyType({})
    strategic_merge: bool | None = None
    defines_kinds: bool = False
    list_kind: str = ""

    def __hash__(self) -> int:
        # A mapping has none, and the rest tells kinds apart well enough.
        return hash((self.group, self.version, self.kind, self.plural))

    def __reduce__(self) -> tuple[Any, ...]:
        # A mapping proxy can't be pickled.
        values = {name: getattr(self, name) for name in self.__struct_fields__}
        return _rebuild_api_resource, (values | {"subresources": dict(self.subresources)},)

    @property
    def gvk(self) -> GroupVersionKind:
        """Group, version and kind."""
        return GroupVersionKind(self.group, self.version, self.kind)

    @property
    def api_version(self) -> str:
        """``"apps/v1"``, or ``"v1"`` for the legacy group."""
        return format_api_version(self.group, self.version)

    @property
    def namespaced(self) -> bool:
        """True if objects of this kind live in a namespace."""
        return self.scope is Scope.NAMESPACED

    @property
    def group_resource(self) -> str:
        """The resource as error messages spell it: ``"deployments.apps"``, or ``"pods"`` for the legacy group."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def base_path(self) -> str:
        """``"/apis/apps/v1"``, or ``"/api/v1"`` for the legacy group (protocol C1)."""
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"

    def path(self, namespace: str | None = None, name: str | None = None, subresource: str | None = None) -> str:
        """Build the URL path of a collection, an object or a subresource (protocol C1-C3).

        Args:
            namespace: None addresses all namespaces (collections) or a cluster-scoped kind; it is an error for a
                cluster-scoped kind to be given one.
            name: None addresses the collection.
            subresource: needs a name; may have several segments (``proxy/metrics``).

        Returns:
            A path that begins with ``/``, each segment percent-encoded once.

        Raises:
            InvalidName: a segment is empty, ``.``, ``..`` or contains ``/`` or ``%``; or an object of a namespaced
                kind is addressed without a namespace.
        """
        if not self.plural:
            raise InvalidName(f"{self.gvk} is the type of a subresource and has no path of its own")
        parts = [self.base_path]
        if self.scope is Scope.NAMESPACED:
            if namespace is not None:
                parts.append(f"namespaces/{check_path_segment(namespace, 'namespace')}")
            elif name is not None:
                raise InvalidName(
                    f"{self.kind} is namespaced: an empty namespace may not be used to address {name!r}; "
                    "give namespace="
                )
        parts.append(self.plural)
        if name is not None:
            parts.append(check_path_segment(name, "name"))
            if subresource:
                parts.extend(check_path_segment(part, "subresource") for part in subresource.split("/"))
        elif subresource:
            raise InvalidName(f"subresource {subresource!r} of {self.plural} needs the name of an object")
        return "/".join(parts)


def _rebuild_api_resource(values: dict[str, Any]) -> APIResource:
    return APIResource(**values | {"subresources": MappingProxyType(values["subresources"])})


class PrinterColumn(Struct, frozen=True):
    """One column that people see when they list a kind, as ``additionalPrinterColumns`` of a CRD declares it.

    ``value`` is either a JSONPath such as ``".spec.replicas"`` or a function that takes the object and returns a
    scalar, None for nothing, or a datetime (type ``date``), which is shown as the time passed since. ``priority`` 0
    columns are shown always, others in wide output only. ``type`` is an OpenAPI type (``string``, ``integer``,
    ``number``, ``boolean``, ``date``).
    See https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#additional-printer-columns.
    """

    name: str
    value: Any
    type: str = "string"
    priority: int = 0
    description: str = ""
    format: str = ""


NAME_COLUMN = PrinterColumn("Name", ".metadata.name", format="name")
AGE_COLUMN = PrinterColumn("Age", ".metadata.creationTimestamp", type="date")


def table_columns(columns: tuple[PrinterColumn, ...]) -> tuple[PrinterColumn, ...]:
    """The whole table of a kind from its ``printer_columns``.

    Columns that include one called ``Name`` are the whole table; otherwise the name comes first and the age last.
    """
    if any(column.name == "Name" for column in columns):
        return columns
    return (NAME_COLUMN, *columns, AGE_COLUMN)


def human_duration(seconds: float) -> str:
    """A span of time as kubectl prints ages: ``45s``, ``3m20s``, ``5h``, ``2d4h``, ``400d``; two units at most.

    Up to a second in the future counts as now, for clocks differ; more is ``<invalid>``.
    """
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    for limit, major, unit, minor, minor_unit in (
        (120, max(whole, 0), "s", 0, ""),
        (600, minutes, "m", whole % 60, "s"),
        (3 * 3600, minutes, "m", 0, ""),
        (8 * 3600, hours, "h", minutes % 60, "m"),
        (48 * 3600, hours, "h", 0, ""),
        (8 * 86400, days, "d", hours % 24, "h"),
        (2 * 365 * 86400, days, "d", 0, ""),
        (8 * 365 * 86400, days // 365, "y", days % 365, "d"),
    ):
        if whole < limit:
            return f"{major}{unit}" + (f"{minor}{minor_unit}" if minor else "")
    return f"{days // 365}y"
