# SPDX-License-Identifier: Apache-2.0
"""Which names, labels and annotations the API server accepts, with its texts (protocol E17). Pure."""

from __future__ import annotations

import re
from typing import Any

from k8s_core.testing.api_server.field_errors import FieldError, invalid_value, too_long

__all__ = ["check_labels", "check_name", "label_key_problem", "label_value_problem"]

_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_DNS_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_QUALIFIED = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")

_SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
    "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_LABEL_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
    "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
_DNS_1035_TEXT = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
    "'[a-z]([-a-z0-9]*[a-z0-9])?')"
)
_NAME_PART_TEXT = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_LABEL_VALUE_TEXT = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_ANNOTATIONS_LIMIT = 256 * 1024

# Kinds whose names are not DNS subdomains: (group, plural) -> which rule.
_NAME_RULES: dict[tuple[str, str], str] = {
    ("", "namespaces"): "label",
    ("", "services"): "dns1035",
    **{
        ("rbac.authorization.k8s.io", plural): "path"
        for plural in ("roles", "rolebindings", "clusterroles", "clusterrolebindings")
    },
    ("flowcontrol.apiserver.k8s.io", "flowschemas"): "subdomain",
}


def check_name(resource: tuple[str, str], name: str, *, field: str = "metadata.name") -> list[FieldError]:
    """Check an object's name by the rule of its kind."""
    rule = _NAME_RULES.get(resource, "subdomain")
    if rule == "path":
        return _check_path_name(field, name)
    if rule == "label":
        pattern, limit, text = _DNS_LABEL, 63, _LABEL_TEXT
    elif rule == "dns1035":
        pattern, limit, text = _DNS_1035, 63, _DNS_1035_TEXT
    else:
        pattern, limit, text = _SUBDOMAIN, 253, _SUBDOMAIN_TEXT
    errors = []
    if len(name) > limit:
        errors.append(invalid_value(field, name, f"must be no more than {limit} characters"))
    if not pattern.fullmatch(name):
        errors.append(invalid_value(field, name, text))
    return errors


def _check_path_name(field: str, name: str) -> list[FieldError]:
    if name in (".", ".."):
        return [invalid_value(field, name, f"may not be '{name}'")]
    return [invalid_value(field, name, f"may not contain '{bad}'") for bad in "/%" if bad in name]


def label_key_problem(key: str) -> str:
    """Why ``key`` is no label or annotation key; empty if it is one."""
    prefix, slash, name = key.rpartition("/")
    if slash:
        if not prefix:
            return "prefix part must be non-empty"
        if "/" in prefix:
            return "a qualified name " + _NAME_PART_TEXT.removeprefix("name part ")
        if len(prefix) > 253 or not _SUBDOMAIN.fullmatch(prefix):
            return "prefix part " + _SUBDOMAIN_TEXT
    if not name:
        return "name part must be non-empty"
    if len(name) > 63:
        return "name part must be no more than 63 characters"
    return "" if _QUALIFIED.fullmatch(name) else _NAME_PART_TEXT


def label_value_problem(value: str) -> str:
    """Why ``value`` is no label value; empty if it is one."""
    if len(value) > 63:
        return "must be no more than 63 characters"
    return "" if not value or _QUALIFIED.fullmatch(value) else _LABEL_VALUE_TEXT


def check_labels(metadata: dict[str, Any], field: str = "metadata") -> list[FieldError]:
    """Check labels and annotations of an ObjectMeta."""
    errors = []
    for key, value in (metadata.get("labels") or {}).items():
        if problem := label_key_problem(key):
            errors.append(invalid_value(f"{field}.labels", key, problem))
        if problem := label_value_problem(value):
            errors.append(invalid_value(f"{field}.labels", value, problem))
    size = 0
    for key, value in (metadata.get("annotations") or {}).items():
        size += len(key.encode()) + len(value.encode())
        if problem := label_key_problem(key.lower()):
            errors.append(invalid_value(f"{field}.annotations", key, problem))
    if size > _ANNOTATIONS_LIMIT:
        errors.append(too_long(f"{field}.annotations", _ANNOTATIONS_LIMIT))
    return errors
