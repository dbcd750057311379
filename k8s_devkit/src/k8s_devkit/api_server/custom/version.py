# SPDX-License-Identifier: Apache-2.0
"""What a CRD says about one of its versions: schema, defaults, rules, columns, scale. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from k8s_core.kinds import version_priority
from k8s_devkit.api_server.custom.cel.rules import Rules
from k8s_devkit.api_server.custom.completion import Completion
from k8s_devkit.api_server.custom.crd_schema import shape_of_schema
from k8s_devkit.api_server.custom.embedded import has_embedded
from k8s_devkit.api_server.custom.schema_validation import BLOCKING, validate_custom
from k8s_devkit.api_server.kinds.shapes import ANY_OBJECT
from k8s_devkit.api_server.reads.jsonpath import find_first
from k8s_devkit.api_server.writes.conform import prune
from k8s_devkit.strategy.field_errors import FieldError, invalid_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from k8s_devkit.api_server.store import Entry
    from k8s_devkit.strategy.document import Document

__all__ = ["CustomVersion"]

_NOT_CHECKED = (
    "Invalid value: null: some validation rules were not checked because the object was invalid; "
    "correct the existing errors to complete validation"
)


def _deprecation(spec: Mapping[str, Any], version: Mapping[str, Any]) -> str:
    """The warning for those who use a deprecated version: the CRD's own, or one that names a newer version."""
    own: str | None = version.get("deprecationWarning")
    if own is not None:
        return own
    kind = spec["names"]["kind"]
    others = [other["name"] for other in spec["versions"] if other.get("served") and not other.get("deprecated")]
    newer = [name for name in others if version_priority(name) < version_priority(version["name"])]
    advice = f"; use {spec['group']}/{min(newer, key=version_priority)} {kind}" if newer else ""
    return f"{spec['group']}/{version['name']} {kind} is deprecated{advice}"


class CustomVersion:
    """What a CRD says about one of its versions."""

    def __init__(self, spec: Mapping[str, Any], version: Mapping[str, Any]) -> None:
        self.version: str = version["name"]
        self.storage = bool(version.get("storage"))
        self.deprecation = _deprecation(spec, version) if version.get("deprecated") else ""
        self.schema: Mapping[str, Any] = (version.get("schema") or {}).get("openAPIV3Schema") or {}
        self.list_kind: str = spec["names"].get("listKind") or f"{spec['names']['kind']}List"
        self.columns: list[Document] = version.get("additionalPrinterColumns") or []
        self.scale: Mapping[str, str] | None = (version.get("subresources") or {}).get("scale")
        self.selectable = frozenset(
            item["jsonPath"].removeprefix(".") for item in version.get("selectableFields") or () if "jsonPath" in item
        )
        self.preserves = bool(spec.get("preserveUnknownFields")) or not self.schema
        self.shape = ANY_OBJECT if self.preserves else shape_of_schema(self.schema, root=True)
        self.rules = Rules(self.schema)
        self._embedded = has_embedded(self.schema)
        self._completion = Completion(self.schema, root=True)
        self._defaulting = b'"default":' in msgspec.json.encode(self.schema)

    def read(self, entry: Entry) -> bytes:
        """The stored bytes with today's defaults, which may be younger than the object."""
        if not self._defaulting:
            return entry.body
        document = entry.document()
        return msgspec.json.encode(document) if self.default(document) else entry.body

    def prune(self, document: Document) -> list[str]:
        """Drop unknown fields in place; returns their paths."""
        return [] if self.preserves else sorted(prune(document, self.shape))

    def default(self, document: Document, *, keep_nulls: bool = False) -> bool:
        """Fill defaults and drop nulls that mean nothing, in place; returns whether there were any."""
        return self._completion.apply(document, keep_nulls=keep_nulls)

    def _scale_errors(self, document: Document) -> list[FieldError]:
        """Numbers of replicas that are below zero, at the paths that the scale subresource looks at."""
        if not self.scale:
            return []
        paths = [self.scale[key] for key in ("specReplicasPath", "statusReplicasPath") if self.scale.get(key)]
        found = [(path, find_first(document, path)) for path in paths]
        return [
            invalid_value(path, value, "should be a non-negative integer")
            for path, value in found
            if isinstance(value, int) and value < 0
        ]

    def validate(
        self, document: Document, old: Document | None = None, warnings: list[str] | None = None
    ) -> list[FieldError]:
        """Check a whole object against the schema and its rules; metadata has rules of its own.

        Args:
            document: the next state.
            old: the state before an update; what it broke already and is unchanged is tolerated.
            warnings: what is only warned of is added here.
        """
        if not self.schema:
            return []
        errors = validate_custom(document, self.schema, old, embedded=self._embedded) + self._scale_errors(document)
        if not self.rules.present:
            return errors
        if any(error.reason in BLOCKING for error in errors):
            return [*errors, FieldError("<nil>", "FieldValueInvalid", _NOT_CHECKED)]
        outcome = self.rules.check(document, old)
        if warnings is not None:
            warnings.extend(outcome.warnings)
        return errors + outcome.errors
