# SPDX-License-Identifier: Apache-2.0
"""What the API server refuses of an object, and with which words (protocol J4, J24), by families of kinds.

``rules`` leads from a kind to its checks; a kind that is not there is checked by its model: required fields and enums.
Every check is a pure function of the object (with its defaults) and of what it was before, and returns the errors in
the order in which the API server finds them. What these rules refuse, a kube-apiserver refuses; they know less than it
does of the kinds that controllers write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.field_errors import FieldError, Problems
from k8s_devkit.api_server.writes.metadata import (
    check_metadata,
    check_metadata_common,
    check_metadata_update,
    finalizer_warnings,
)

if TYPE_CHECKING:
    from k8s_devkit.api_server.kinds.catalog import Kind

__all__ = ["check_created", "check_updated"]

Json = dict[str, Any]


def check_created(kind: Kind, document: Json, warnings: list[str] | None = None) -> list[FieldError]:
    """The errors of a new object, with its metadata; ``warnings`` gets what is wrong but tolerated."""
    if kind.traits.custom:
        errors = check_metadata(kind, document)
        if warnings is not None:
            warnings.extend(finalizer_warnings(document, None))
        return errors + kind.custom.validate(document, None, warnings) if kind.custom is not None else errors
    rules = _rules(kind)
    stored = kind.stored(document)
    errors = Problems()
    if rules is None:
        errors += check_metadata(kind, document, standard_finalizers=True)
        errors += _by_model(kind, document)
    else:
        if "C" in rules.order or "U" in rules.order:
            errors += check_metadata(kind, document, standard_finalizers=not rules.plain_metadata)
        errors += rules.check(stored, None)
        if warnings is not None and rules.warnings is not None:
            warnings.extend(rules.warnings(stored))
    # Only an object without a fault of its own is checked by the rules for all.
    return errors or check_metadata_common(document)


def check_updated(
    kind: Kind, document: Json, live: Json, subresource: str = "", warnings: list[str] | None = None
) -> list[FieldError]:
    """The errors of the next state of an object; ``warnings`` gets what is wrong but tolerated."""
    errors = Problems(check_metadata_common(document))
    errors += check_metadata_update(document, live)
    if kind.traits.custom:
        # The rules of custom resources repeat those of all objects: each cause comes twice, the message has it once.
        errors += check_metadata_update(document, live)
        if kind.custom is not None:
            errors += kind.custom.validate(document, live, warnings)
        if warnings is not None:
            warnings.extend(finalizer_warnings(document, live))
        return errors
    rules = _rules(kind)
    if subresource:
        return errors + _check_subresource(kind, document, live, subresource)
    if rules is None:
        return errors + _by_model(kind, document)
    stored, before = kind.stored(document), kind.stored(live)
    for letter in rules.order:
        if letter == "U":
            errors += check_metadata_update(document, live, standard_finalizers=not rules.plain_metadata)
        elif letter == "C":
            errors += check_metadata(kind, document, standard_finalizers=not rules.plain_metadata, created=False)
        elif letter == "I":
            errors += rules.update(stored, before)
        else:
            errors += rules.check(stored, before)
    return errors


def _rules(kind: Kind) -> Any:
    from k8s_devkit.api_server.writes.validation.rules import RULES

    return RULES.get(kind.key)


def _by_model(kind: Kind, document: Json) -> list[FieldError]:
    from k8s_devkit.api_server.writes.validation.by_model import check_by_model

    return check_by_model(kind.shape(), document)


def _check_subresource(kind: Kind, document: Json, live: Json, subresource: str) -> list[FieldError]:
    from k8s_devkit.api_server.writes.validation.statuses import check_status

    if subresource == "ephemeralcontainers":
        from k8s_devkit.api_server.writes.validation.pod_updates import check_ephemeral_update

        rules = _rules(kind)
        return [*rules.check(document, live), *check_ephemeral_update(document, live)]
    return check_status(kind.key, document, live) if subresource == "status" else []
