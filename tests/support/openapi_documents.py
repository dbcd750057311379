# SPDX-License-Identifier: Apache-2.0
"""Random documents that an OpenAPI schema accepts, and ways to spoil them in one known place.

Plain generators over a seeded ``random.Random``: hypothesis draws the seed. Its own strategies, nested as deep as a
PodSpec, cost a hundred times as much and shrink no further.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

__all__ = ["INPUT", "Spoiled", "definitions", "document_for", "inject_unknown", "kinds_in_paths", "spoil"]

INPUT = Path(__file__).resolve().parents[3] / "shared" / "openapi-v3"
"""The documents of a kube-apiserver 1.36; they are not part of the repository."""

META = "io.k8s.apimachinery.pkg."
TEXTS = ["", "a", "nginx", "with space", "äöü", "日本", "yes", "010", "null", "1e3", "2026-01-02", "a" * 64, "x: {y}"]
KEYS = ["a", "app.kubernetes.io/name", "kind", "with-dash", "ünï", "0"]
MAX_DEPTH = 7


@cache
def load_documents() -> dict[str, Any]:
    """The documents by file name."""
    return {file.name: json.loads(file.read_bytes()) for file in sorted(INPUT.glob("*.json"))}


@cache
def definitions() -> dict[str, Any]:
    """All schemas by name."""
    found: dict[str, Any] = {}
    for document in load_documents().values():
        for name, schema in document.get("components", {}).get("schemas", {}).items():
            found.setdefault(name, schema)
    return found


@cache
def kinds_in_paths() -> list[tuple[str, str, str]]:
    """(group, version, kind) of every operation, sorted."""
    found = set()
    for document in load_documents().values():
        for item in document.get("paths", {}).values():
            for operation in item.values():
                gvk = operation.get("x-kubernetes-group-version-kind") if isinstance(operation, dict) else None
                if gvk:
                    found.add((gvk["group"], gvk["version"], gvk["kind"]))
    return sorted(found)


@cache
def definition_of(group: str, version: str, kind: str) -> str | None:
    """The name of the definition of a kind; None for the options of connect operations, which have none."""
    wanted = {"group": group, "version": version, "kind": kind}
    return next((n for n, s in definitions().items() if wanted in s.get("x-kubernetes-group-version-kind", [])), None)


def document_for(group: str, version: str, kind: str, rng: random.Random) -> dict[str, Any]:
    """A document of a kind that its schema accepts."""
    name = definition_of(group, version, kind)
    assert name is not None
    body = _value({"$ref": f"#/components/schemas/{name}"}, rng, 0)
    document = {"apiVersion": f"{group}/{version}" if group else version, "kind": kind}
    return document | {key: value for key, value in body.items() if key not in document}


def _value(schema: dict[str, Any], rng: random.Random, depth: int) -> Any:
    if "allOf" in schema:
        schema = schema["allOf"][0]
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        special = SPECIAL.get(name.removeprefix(META)) if name.startswith(META) else None
        return special(rng) if special else _value(definitions()[name], rng, depth)
    if "enum" in schema:
        return rng.choice(schema["enum"])
    match schema.get("type"):
        case "object":
            return _object(schema, rng, depth)
        case "array":
            count = 0 if depth > MAX_DEPTH else rng.choice((0, 1, 1, 2))
            return [_value(schema["items"], rng, depth + 1) for _ in range(count)]
        case "string":
            return base64.b64encode(rng.randbytes(5)).decode() if schema.get("format") == "byte" else rng.choice(TEXTS)
        case "integer":
            bits = 31 if schema.get("format") == "int32" else 63
            return rng.choice((0, 1, -1, 2**bits - 1, -(2**bits), rng.randrange(1000)))
        case "number":
            return rng.choice((0.5, -1.25, 1e20, 3))
        case "boolean":
            return rng.random() < 0.5
    return _json(rng)


def _object(schema: dict[str, Any], rng: random.Random, depth: int) -> dict[str, Any]:
    if "additionalProperties" in schema:
        return {
            key: _value(schema["additionalProperties"], rng, depth + 1) for key in rng.sample(KEYS, rng.randrange(3))
        }
    if "properties" not in schema:
        return {}
    required = set(schema.get("required", ()))
    wanted = set(required)
    chance = 0.8 if depth < 2 else max(0.05, 0.4 - 0.06 * depth)
    if depth <= MAX_DEPTH:
        wanted |= {name for name in schema["properties"] if rng.random() < chance}
    names = [name for name in schema["properties"] if name in wanted]
    rng.shuffle(names)
    document = {name: _field(name, schema["properties"][name], rng, depth + 1) for name in names}
    # Free JSON may be null, but not where a value is required.
    return {name: {} if value is None and name in required else value for name, value in document.items()}


def _field(name: str, schema: dict[str, Any], rng: random.Random, depth: int) -> Any:
    # k8s_core.meta is written by hand and knows the values of an enumeration that the document shows as any text.
    return (
        rng.choice(("Orphan", "Background", "Foreground"))
        if name == "propagationPolicy"
        else _value(schema, rng, depth)
    )


def _json(rng: random.Random, depth: int = 0) -> Any:
    choices = [None, True, 0, -1.5, 2**70, "1Gi", "2026-01-02T03:04:05Z", [], {}]
    if depth < 2 and rng.random() < 0.4:
        return {key: _json(rng, depth + 1) for key in rng.sample(KEYS, 2)} if rng.random() < 0.5 else [_json(rng, 2)]
    return rng.choice(choices)


SPECIAL = {
    "api.resource.Quantity": lambda rng: rng.choice(("100m", "1Gi", "0", "1.5", "12e6", "-3k", "1024Mi", "0.5")),
    "util.intstr.IntOrString": lambda rng: rng.choice((80, 0, "http", "25%", "80")),
    "apis.meta.v1.Time": lambda rng: rng.choice(("2026-01-02T03:04:05Z", "2026-01-02T03:04:05+02:00")),
    "apis.meta.v1.MicroTime": lambda rng: rng.choice(("2026-01-02T03:04:05.000000Z", "2026-01-02T03:04:05.123456Z")),
    "apis.meta.v1.FieldsV1": _json,
    "runtime.RawExtension": _json,
}


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _places(item, (*path, key))


def inject_unknown(document: dict[str, Any], rng: random.Random, schema_name: str) -> None:
    """Add keys that no schema knows to some of the structures of a document, in place."""
    structures = [value for value, _ in _typed(document, {"$ref": schema_name}, ()) if isinstance(value, dict)]
    for structure in rng.sample(structures, min(len(structures), 4)):
        keys = [*structure, f"x{rng.randrange(100)}Unknown"]
        structure[keys[-1]] = _json(rng)
        if rng.random() < 0.5:
            # In the middle, so that the order of keys matters.
            rng.shuffle(keys)
            items = [(key, structure[key]) for key in keys]
            structure.clear()
            structure.update(items)


def _typed(value: Any, schema: dict[str, Any], path: tuple[Any, ...]) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """The structures (objects with declared properties) of a document, with their paths."""
    for found, _, place in typed_places(value, schema, path):
        yield found, place


def typed_places(
    value: Any, schema: dict[str, Any], path: tuple[Any, ...] = ()
) -> Iterator[tuple[Any, dict[str, Any], tuple[Any, ...]]]:
    """Every structure of a document with its schema and path, opaque parts left out."""
    if "allOf" in schema:
        schema = schema["allOf"][0]
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name.startswith(META) and name.removeprefix(META) in SPECIAL:
            return
        schema = definitions()[name]
    if isinstance(value, dict) and "properties" in schema:
        yield value, schema, path
        for key, item in value.items():
            if key in schema["properties"]:
                yield from typed_places(item, schema["properties"][key], (*path, key))
    elif isinstance(value, dict) and "additionalProperties" in schema:
        for key, item in value.items():
            yield from typed_places(item, schema["additionalProperties"], (*path, key))
    elif isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            yield from typed_places(item, schema["items"], (*path, index))


@dataclass(frozen=True)
class Spoiled:
    """What was done to a document: the path of the finding that must come of it, and what."""

    path: tuple[Any, ...]
    what: str


def spoil(document: dict[str, Any], rng: random.Random, schema_name: str) -> Spoiled | None:
    """Break one field of a document in place: remove a required one, or give it a value of no fitting type."""
    candidates = []
    for value, schema, path in typed_places(document, {"$ref": schema_name}):
        for key, field in schema["properties"].items():
            if not path and key in ("apiVersion", "kind"):
                continue
            if key in value and key in schema.get("required", ()):
                candidates.append((value, key, (*path, key), "missing"))
            if key in value and _is_checked(field):
                candidates.append((value, key, (*path, key), "type"))
    if not candidates:
        return None
    structure, key, path, what = rng.choice(candidates)
    if what == "missing":
        del structure[key]
    else:
        structure[key] = [{}] if not isinstance(structure[key], list) else {"no": "list"}
    return Spoiled(path, what)


def _is_checked(field: dict[str, Any]) -> bool:
    """False for values that may be anything."""
    if "allOf" in field:
        field = field["allOf"][0]
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2].removeprefix(META)
        if name in ("apis.meta.v1.FieldsV1", "runtime.RawExtension"):
            return False
        field = definitions()[field["$ref"].rpartition("/")[2]]
    return "type" in field or "oneOf" in field
