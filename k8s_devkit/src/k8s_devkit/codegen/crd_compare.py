# SPDX-License-Identifier: Apache-2.0
"""When two CRDs, or two schemas, mean the same. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["comparable_crd", "comparable_schema", "differences"]

_TEXTS = frozenset({"description", "title", "example", "externalDocs"})
_HEAD: Mapping[str, Any] = {
    "apiVersion": {"type": "string"},
    "kind": {"type": "string"},
    "metadata": {"type": "object"},
}
_OPEN = {"x-kubernetes-preserve-unknown-fields": True}


def comparable_crd(crd: Mapping[str, Any]) -> dict[str, Any]:
    """What a CRD promises to clients, in a form in which equal promises are equal.

    Names, scope, and of each served version its schema and subresources. Texts, printer columns and the order of things
    do not count.
    """
    spec = crd["spec"]
    names = spec["names"]
    versions = {}
    for version in spec["versions"]:
        if version.get("served"):
            schema = comparable_schema(version["schema"]["openAPIV3Schema"])
            # Every object has these three, whether the schema says so or not.
            schema["properties"] = {**_HEAD, **schema.get("properties", {})}
            versions[version["name"]] = {
                "storage": bool(version.get("storage")),
                "schema": schema,
                "subresources": version.get("subresources") or {},
            }
    return {
        "group": spec["group"],
        "scope": spec["scope"],
        "names": {
            "kind": names["kind"],
            "plural": names["plural"],
            "singular": names.get("singular") or names["kind"].lower(),
            "shortNames": sorted(names.get("shortNames") or ()),
        },
        "versions": versions,
    }


def comparable_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A structural schema without texts, with defaults left out and ``required`` sorted."""
    result: dict[str, Any] = _comparable(schema)
    return result


def _comparable(schema: Any, *, names: bool = False) -> Any:
    if isinstance(schema, list):
        return [_comparable(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if names:
        # Below "properties" the keys are names of fields and not keywords.
        return {key: _comparable(value) for key, value in schema.items()}
    kept = {
        key: value if key in ("default", "enum") else _comparable(value, names=key == "properties")
        for key, value in schema.items()
        if key not in _TEXTS
    }
    if isinstance(kept.get("required"), list):
        kept["required"] = sorted(kept["required"])
    if kept.get("x-kubernetes-int-or-string"):
        kept.pop("anyOf", None)
    if kept.get("x-kubernetes-list-type") == "atomic":
        del kept["x-kubernetes-list-type"]
    if kept.get("additionalProperties") is True:
        kept["additionalProperties"] = _OPEN
    return kept


def differences(expected: Any, found: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Where two documents differ: path, first and second value; None stands for absence."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted(expected.keys() | found.keys()):
            yield from differences(expected.get(key), found.get(key), f"{path}.{key}" if path else key)
    elif expected != found:
        yield path, expected, found
