# SPDX-License-Identifier: Apache-2.0
"""Which names, labels and annotations the API server accepts, with its texts (protocol E17). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.field_errors import FieldError, invalid_value, too_long
from k8s_devkit.api_server.kinds.formats import (
    dns_1035_label,
    dns_label,
    dns_subdomain,
    label_key,
    label_value,
    path_segment,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "check_annotations",
    "check_label_map",
    "check_name",
    "label_key_problem",
    "label_value_problem",
    "name_format",
]

_ANNOTATIONS_LIMIT = 256 * 1024
_RBAC = "rbac.authorization.k8s.io"

# Kinds whose names are not DNS subdomains: (group, plural) -> their format.
_NAME_FORMATS: dict[tuple[str, str], Callable[[str], list[str]]] = {
    ("", "namespaces"): dns_label,
    ("", "services"): dns_1035_label,
    ("apps", "statefulsets"): dns_label,
    **{(_RBAC, plural): path_segment for plural in ("roles", "rolebindings", "clusterroles", "clusterrolebindings")},
    ("apiregistration.k8s.io", "apiservices"): path_segment,
    ("certificates.k8s.io", "certificatesigningrequests"): path_segment,
    ("policy", "poddisruptionbudgets"): path_segment,
    ("", "events"): path_segment,
}
# Where the format became stricter, an object with an old name can still be changed.
_ON_CREATE_ONLY = {("apps", "statefulsets")}


def name_format(resource: tuple[str, str], *, created: bool = True) -> Callable[[str], list[str]]:
    """The format of the names of a kind's objects."""
    if not created and resource in _ON_CREATE_ONLY:
        return dns_subdomain
    return _NAME_FORMATS.get(resource, dns_subdomain)


def check_name(resource: tuple[str, str], name: str, *, field: str = "metadata.name") -> list[FieldError]:
    """Check an object's name by the rule of its kind."""
    return [invalid_value(field, name, problem) for problem in name_format(resource)(name)]


def label_key_problem(key: str) -> str:
    """Why ``key`` is no label or annotation key; empty if it is one."""
    return next(iter(label_key(key)), "")


def label_value_problem(value: str) -> str:
    """Why ``value`` is no label value; empty if it is one."""
    return next(iter(label_value(value)), "")


def check_label_map(labels: Mapping[str, str] | None, field: str) -> list[FieldError]:
    """Check keys and values of labels, or of anything that has their form."""
    errors = []
    for key, value in (labels or {}).items():
        errors += [invalid_value(field, key, problem) for problem in label_key(key)]
        errors += [invalid_value(field, value, problem) for problem in label_value(value or "")]
    return errors


def check_annotations(annotations: Mapping[str, Any] | None, field: str) -> list[FieldError]:
    """Check the keys of annotations and their size all together."""
    errors, size = [], 0
    for key, value in (annotations or {}).items():
        size += len(key.encode()) + len((value or "").encode())
        errors += [invalid_value(field, key, problem) for problem in label_key(key.lower())]
    if size > _ANNOTATIONS_LIMIT:
        errors.append(too_long(field, _ANNOTATIONS_LIMIT))
    return errors
