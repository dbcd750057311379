# SPDX-License-Identifier: Apache-2.0
"""CustomResourceDefinitions as documents: what is filled in, and what is refused in which words (J23). Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from k8s_devkit.api_server.custom.cel.rule_definitions import check_rules
from k8s_devkit.api_server.custom.formats import is_checked
from k8s_devkit.api_server.custom.structural import check_structural
from k8s_devkit.api_server.custom.version_parts import check_columns, check_scale, check_selectable
from k8s_devkit.strategy.field_errors import (
    FieldError,
    forbidden_field,
    invalid_value,
    not_supported,
    required,
)
from k8s_devkit.strategy.formats import dns_1035_label, dns_subdomain

if TYPE_CHECKING:
    from k8s_devkit.strategy.document import Document

__all__ = ["check_definition", "default_definition", "unknown_formats"]

_SCHEMAS = "https://github.com/kubernetes/enhancements/pull/1111"
_APPROVED = "api-approved.kubernetes.io"
_REMARKS = frozenset({"int32", "int64", "float", "double", "password"})


def default_definition(document: Document) -> None:
    """Fill what the API server fills into a CRD."""
    spec = document.setdefault("spec", {})
    names = spec.setdefault("names", {})
    if kind := names.get("kind"):
        names.setdefault("singular", kind.lower())
        names.setdefault("listKind", f"{kind}List")
    spec.setdefault("conversion", {"strategy": "None"})
    status = document.setdefault("status", {})
    stored = status["storedVersions"] = list(status.get("storedVersions") or ())
    storage = [version.get("name") for version in spec.get("versions") or () if version.get("storage")]
    if storage and storage[0] and storage[0] not in stored:
        stored.append(storage[0])


def check_definition(document: Document, *, hoisted: bool = False) -> list[FieldError]:
    """Check a CustomResourceDefinition.

    Args:
        document: with its defaults.
        hoisted: name what all versions have in common as the API server does, such as ``spec.validation``; else as
            it is written, and without the formats of names, which the readers of files check by rules of their own.
    """
    spec = document.get("spec") or {}
    names = spec.get("names") or {}
    errors: list[FieldError] = []
    name = document["metadata"].get("name", "")
    if name != f"{names.get('plural') or ''}.{spec.get('group') or ''}":
        errors.append(invalid_value("metadata.name", name, 'must be spec.names.plural+"."+spec.group'))
    errors += _check_group(spec.get("group") or "", formats=hoisted)
    if not spec.get("scope"):
        errors.append(required("spec.scope"))
    elif spec["scope"] not in ("Cluster", "Namespaced"):
        errors.append(not_supported("spec.scope", spec["scope"], ("Cluster", "Namespaced")))
    if spec.get("preserveUnknownFields") and hoisted:
        text = "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"
        errors.append(invalid_value("spec.preserveUnknownFields", True, text))
    errors += _check_versions(spec, hoisted=hoisted)
    errors += _check_names(names, formats=hoisted)
    errors += _check_conversion(spec.get("conversion") or {})
    errors += _check_stored(document)
    errors += _check_approval(document["metadata"], spec.get("group") or "")
    return errors


def unknown_formats(document: Document) -> list[str]:
    """The warnings for formats that the API server does not know; they are remarks and check nothing."""
    found: set[str] = set()
    for version in (document.get("spec") or {}).get("versions") or ():
        _collect_formats((version.get("schema") or {}).get("openAPIV3Schema") or {}, found)
    return [f'unrecognized format "{name}"' for name in sorted(found)]


def _collect_formats(schema: Document, found: set[str]) -> None:
    format_ = schema.get("format")
    if format_ and format_ not in _REMARKS and not is_checked(format_):
        found.add(format_)
    for child in (schema.get("properties") or {}).values():
        _collect_formats(child, found)
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            _collect_formats(schema[keyword], found)


def _check_group(group: str, *, formats: bool) -> list[FieldError]:
    if not group or not formats:
        return [] if group else [required("spec.group")]
    problems = dns_subdomain(group) or ([] if "." in group else ["should be a domain with at least one dot"])
    return [invalid_value("spec.group", group, problem) for problem in problems]


def _check_names(names: Document, *, formats: bool) -> list[FieldError]:
    errors: list[FieldError] = []
    for key in ("plural", "singular", "kind", "listKind"):
        value, where = names.get(key) or "", f"spec.names.{key}"
        if not value:
            errors.append(required(where))
        elif not formats:
            continue
        elif key in ("plural", "singular"):
            errors += [invalid_value(where, value, problem) for problem in dns_1035_label(value)]
        else:
            texts = [
                f"may have mixed case, but should otherwise match: {text}" for text in dns_1035_label(value.lower())
            ]
            errors += [invalid_value(where, value, text) for text in texts]
    for key in ("shortNames", "categories") if formats else ():
        for index, value in enumerate(names.get(key) or ()):
            errors += [invalid_value(f"spec.names.{key}[{index}]", value, text) for text in dns_1035_label(value)]
    if names.get("kind") and names.get("kind") == names.get("listKind"):
        errors.append(invalid_value("spec.names.listKind", names["kind"], "kind and listKind may not be the same"))
    return errors


def _go_version(version: Document) -> Document:
    """A version as the API server shows it, by the names of its Go fields; the parts are told elsewhere."""
    shown = {"Name": version.get("name") or "", "Served": bool(version.get("served"))}
    shown |= {"Storage": bool(version.get("storage")), "Deprecated": bool(version.get("deprecated"))}
    parts = ("DeprecationWarning", "Schema", "Subresources", "AdditionalPrinterColumns", "SelectableFields")
    return shown | dict.fromkeys(parts)


def _check_versions(spec: Document, *, hoisted: bool) -> list[FieldError]:
    versions = spec.get("versions") or []
    if not versions and not hoisted:
        return [required("spec.versions", "must have at least one version")]
    errors: list[FieldError] = []
    for index, version in enumerate(versions):
        name = version.get("name") or ""
        errors += [invalid_value(f"spec.versions[{index}].name", name, text) for text in dns_1035_label(name)]
        if version.get("deprecationWarning") and not version.get("deprecated"):
            where = f"spec.versions[{index}].deprecationWarning"
            text = "can only be set for deprecated versions"
            errors.append(invalid_value(where, version["deprecationWarning"], text))
    if versions and hoisted and (name := versions[0].get("name")):
        errors += [invalid_value("spec.version", name, text) for text in dns_1035_label(name)]
    shown = None if spec.get("versions") is None else [_go_version(version) for version in versions]
    if len({version.get("name") for version in versions}) < len(versions):
        errors.append(invalid_value("spec.versions", shown, "must contain unique version names"))
    if sum(bool(version.get("storage")) for version in versions) != 1:
        errors.append(invalid_value("spec.versions", shown, "must have exactly one version marked as storage version"))
    for index, version in enumerate(versions):
        if not ((version.get("schema") or {}).get("openAPIV3Schema")):
            where = f"spec.versions[{index}].schema.openAPIV3Schema"
            errors.append(required(where, "" if hoisted else "schemas are required"))
    for key, common, check in _PARTS:
        errors += _check_part(versions, key, common if hoisted else "", check)
    return errors


def _check_part(versions: list[Document], key: str, common: str, check: Any) -> list[FieldError]:
    """Check one part of all versions; once, if they have it in common."""
    if common and versions and all(version.get(key) == versions[0].get(key) for version in versions):
        return check(versions[0], common)  # type: ignore[no-any-return]  # from the table below
    return [
        error for index, version in enumerate(versions) for error in check(version, f"spec.versions[{index}].{key}")
    ]


def _check_schema(version: Document, path: str) -> list[FieldError]:
    schema = (version.get("schema") or {}).get("openAPIV3Schema") or {}
    path = f"{path}.openAPIV3Schema"
    return [*check_structural(schema, path), *check_rules(schema, path)] if schema else []


_PARTS = (
    ("schema", "spec.validation", _check_schema),
    ("subresources", "spec.subresources", check_scale),
    ("additionalPrinterColumns", "spec.additionalPrinterColumns", check_columns),
    ("selectableFields", "spec.selectableFields", check_selectable),
)


def _check_conversion(conversion: Document) -> list[FieldError]:
    path, strategy = "spec.conversion", conversion.get("strategy") or ""
    webhook = conversion.get("webhook") or {}
    reviews, client = webhook.get("conversionReviewVersions") or [], webhook.get("clientConfig")
    if not strategy:
        return [required(f"{path}.strategy")]
    if strategy not in ("None", "Webhook"):
        return [not_supported(f"{path}.strategy", strategy, ("None", "Webhook"))]
    if strategy == "None":
        text = "should not be set when strategy is not set to Webhook"
        given = {"webhookClientConfig": client, "conversionReviewVersions": reviews}
        return [forbidden_field(f"{path}.{key}", text) for key, value in given.items() if value]
    errors: list[FieldError] = []
    where = f"{path}.webhookClientConfig"
    if client is None:
        errors.append(required(where, "required when strategy is set to Webhook"))
    elif bool(client.get("url")) == bool(client.get("service")):
        errors.append(required(where, "exactly one of url or service is required"))
    elif (client.get("url") or "https:").partition(":")[0] != "https":
        text = "'https' is the only allowed URL scheme; desired format: https://host[/path]"
        errors.append(invalid_value(f"{where}.url", client["url"].partition(":")[0], text))
    if not reviews:
        errors.append(required(f"{path}.conversionReviewVersions"))
    elif not {"v1", "v1beta1"} & set(reviews):
        text = "must include at least one of v1, v1beta1"
        errors.append(invalid_value(f"{path}.conversionReviewVersions", reviews, text))
    return errors


def _check_stored(document: Document) -> list[FieldError]:
    path = "status.storedVersions"
    stored = (document.get("status") or {}).get("storedVersions") or []
    versions = (document.get("spec") or {}).get("versions") or []
    if not stored and all(version.get("name") for version in versions):
        # A document of a file has no status; only one without a storage version ends up here in a server.
        return [invalid_value(path, None, "must have at least one stored version")] if "status" in document else []
    errors = []
    names = [version.get("name") for version in versions]
    for index, name in enumerate(stored):
        if name not in names:
            text = (
                f"missing from spec.versions; {name} was previously a storage version, and must remain in "
                f"spec.versions until a storage migration ensures no data remains persisted in {name} and removes "
                f"{name} from status.storedVersions"
            )
            errors.append(invalid_value(f"{path}[{index}]", name, text))
    errors += [
        invalid_value(path, stored, f"must have the storage version {version['name']}")
        for version in versions
        if version.get("storage") and version.get("name") and version["name"] not in stored
    ]
    return errors


def _check_approval(metadata: Document, group: str) -> list[FieldError]:
    if not re.search(r"(^|\.)(k8s|kubernetes)\.io$", group):
        return []
    value = (metadata.get("annotations") or {}).get(_APPROVED) or ""
    where = f"metadata.annotations[{_APPROVED}]"
    if not value:
        return [required(where, f'protected groups must have approval annotation "{_APPROVED}", see {_SCHEMAS}')]
    if value.startswith("unapproved") or re.match(r"https?://[^/]", value):
        return []
    text = (
        f'protected groups must have approval annotation "{_APPROVED}" with either a URL or a reason starting with '
        f'"unapproved", see {_SCHEMAS}'
    )
    return [invalid_value(where, value, text)]
