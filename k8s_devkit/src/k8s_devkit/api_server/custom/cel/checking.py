# SPDX-License-Identifier: Apache-2.0
"""Compiling expressions with the types of a schema: what a CRD's rules are checked with.

A schema becomes protobuf message types, which CEL's compiler knows; a property that rules cannot reach has no field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from k8s_devkit.api_server.custom.cel import engine
from k8s_devkit.api_server.custom.cel.escaping import escape, rewrite

__all__ = ["Checker"]

Schema = Mapping[str, Any]
_META: Schema = {"type": "object", "properties": {"name": {"type": "string"}, "generateName": {"type": "string"}}}
_RESOURCE: Schema = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": _META}
_FORMATS = {"byte": "bytes", "duration": "duration", "date": "timestamp", "date-time": "timestamp"}
_SCALARS = {"boolean": "bool", "integer": "int", "number": "double"}
_WELL_KNOWN = {"timestamp": "Timestamp", "duration": "Duration", "dyn": "Value", "list": "ListValue", "map": "Struct"}

_WORDS = (
    ("null_type", "null"),
    ("has() argument must be a field selection", "invalid argument to has() macro"),
    ("cannot be the range of", "cannot be range of"),
)


@dataclass(frozen=True, slots=True)
class _Node:
    """The CEL type of a schema node; ``name`` is a message's, ``item`` a list's or map's."""

    kind: str
    name: str = ""
    item: _Node | None = None


class Checker:
    """Compiles the rules of one CRD version.

    Args:
        schema: the schema of the whole object.
    """

    def __init__(self, schema: Schema) -> None:
        from google.protobuf import descriptor_pb2

        self._file = descriptor_pb2.FileDescriptorProto(name="k8s.proto", package="k8s", syntax="proto2")
        self._file.dependency.extend(f"google/protobuf/{name}.proto" for name in ("struct", "timestamp", "duration"))
        self._nodes: dict[int, _Node | None] = {}
        self._environments: dict[tuple[int, bool], Any] = {}
        self._declare(schema, resource=True)
        self._pool: Any = None

    def compile(self, expression: str, schema: Schema, *, optional_old: bool = False) -> str:
        """Compile an expression whose ``self`` is a node of the schema. Returns the name of the result's type.

        Raises:
            CannotCompile: with the compiler's text.
            LookupError: the node has no type that rules can use.
        """
        if self._nodes.get(id(schema)) is None:
            raise LookupError("a schema without a type has no rules")
        text = rewrite(expression)
        try:
            compiled = engine.compile_in(
                self._environment(schema, optional_old), engine.with_optional(text) if optional_old else text
            )
        except engine.CannotCompile as error:
            raise engine.CannotCompile(_readable(str(error), expression, 1 if optional_old else 0)) from None
        return str(compiled.return_type().name())

    # Types

    def _declare(self, schema: Schema, *, resource: bool = False) -> _Node | None:
        node = self._node(schema, resource=resource)
        self._nodes[id(schema)] = node
        return node

    def _node(self, schema: Schema, *, resource: bool) -> _Node | None:
        type_ = schema.get("type")
        if schema.get("x-kubernetes-int-or-string"):
            return _Node("dyn")
        if resource or schema.get("x-kubernetes-embedded-resource"):
            return self._message({**(schema.get("properties") or {}), **_RESOURCE})
        if type_ == "array":
            items = schema.get("items")
            item = self._declare(items) if isinstance(items, Mapping) else None
            return _Node("list", item=item) if item else None
        if type_ == "object":
            additional = schema.get("additionalProperties")
            if isinstance(additional, Mapping) and not schema.get("properties"):
                item = self._declare(additional)
                return _Node("map", item=item) if item else None
            return self._message(schema.get("properties") or {})
        if type_ == "string":
            return _Node(_FORMATS.get(schema.get("format") or "", "string"))
        return _Node(_SCALARS[type_]) if type_ in _SCALARS else None

    def _message(self, properties: Schema) -> _Node:
        name = f"Object{len(self._file.message_type)}"
        message = self._file.message_type.add(name=name)
        for key, schema in properties.items():
            node, field = self._declare(schema), escape(key)
            if node is not None and field is not None:
                self._field(message, field, node)
        return _Node("message", name)

    def _field(self, message: Any, name: str, node: _Node) -> None:
        number = len(message.field) + 1
        field = message.field.add(name=name, json_name=f"f{number}", number=number, label=1)
        item = node.item
        if node.kind == "list" and item is not None and item.kind not in ("list", "map"):
            field.label, node = 3, item
        elif node.kind == "map" and item is not None and item.kind not in ("list", "map"):
            # The name that protobuf wants for the entries of a map.
            entry = message.nested_type.add(
                name="".join(part[:1].upper() + part[1:] for part in name.split("_")) + "Entry"
            )
            entry.options.map_entry = True
            entry.field.add(name="key", json_name="key", number=1, label=1, type=9)
            self._type(entry.field.add(name="value", json_name="value", number=2, label=1), item)
            field.label, field.type, field.type_name = 3, 11, f".k8s.{message.name}.{entry.name}"
            return
        self._type(field, node)

    def _type(self, field: Any, node: _Node) -> None:
        scalars = {"string": 9, "int": 3, "double": 1, "bool": 8, "bytes": 12}
        if node.kind in scalars:
            field.type = scalars[node.kind]
            return
        field.type = 11
        field.type_name = (
            f".k8s.{node.name}" if node.kind == "message" else f".google.protobuf.{_WELL_KNOWN[node.kind]}"
        )

    def _environment(self, schema: Schema, extended: bool) -> Any:
        from cel_expr_python import cel

        from k8s_devkit.api_server.custom.cel.library import CHECKING, typed_functions

        key = (id(schema), extended)
        if key not in self._environments:
            node = self._nodes[id(schema)]
            assert node is not None
            own = _cel_type(cel, node)
            self._environments[key] = cel.NewEnv(
                self._descriptors(),
                config=cel.NewEnvConfigFromYaml(CHECKING[extended]),
                variables={"self": own, "oldSelf": own, "old_": own, "present_": cel.Type.BOOL},
                functions=typed_functions(),
            )
        return self._environments[key]

    def _descriptors(self) -> Any:
        if self._pool is None:
            from google.protobuf import descriptor_pb2, descriptor_pool, duration_pb2, struct_pb2, timestamp_pb2

            self._pool = descriptor_pool.DescriptorPool()
            for module in (struct_pb2, timestamp_pb2, duration_pb2):
                known = descriptor_pb2.FileDescriptorProto()
                module.DESCRIPTOR.CopyToProto(known)
                self._pool.Add(known)
            for message in self._file.message_type:
                message.options.deprecated_legacy_json_field_conflicts = True
            self._pool.Add(self._file)
        return self._pool


def _cel_type(cel: Any, node: _Node) -> Any:
    if node.kind == "message":
        return cel.Type(f"k8s.{node.name}")
    if node.item is not None:
        item = _cel_type(cel, node.item)
        return cel.Type.List(item) if node.kind == "list" else cel.Type.Map(cel.Type.STRING, item)
    return getattr(cel.Type, node.kind.upper())


def _readable(text: str, expression: str, added_lines: int) -> str:
    """The compiler's text as that of Kubernetes' compiler, with lines counted in the author's expression."""
    text = re.sub(r" not found in struct '[^']*'", "", text)
    text = re.sub(r"k8s\.Object\d+", "object", text).replace("validate_(", "validate(").replace("[?0]", "")
    for ours, theirs in _WORDS:
        text = text.replace(ours, theirs)

    def applied(match: re.Match[str]) -> str:
        target, _, rest = match[2].partition(", ")
        member = re.search(rf"\.\s*{re.escape(match[1])}\s*\(", expression)
        return f"'{match[1]}' applied to '{target}.({rest})'" if member else match[0]

    text = re.sub(r"'(\w+)' applied to '\((.*)\)'", applied, text)
    return re.sub(r"(<input>:)(\d+)", lambda match: f"{match[1]}{int(match[2]) - added_lines}", text)
