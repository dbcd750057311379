# SPDX-License-Identifier: Apache-2.0
"""The paths and operations of a kind as OpenAPI v3 describes them (protocol J28). Pure.

Clients read them: kubectl looks for the parameters of PATCH, generators make a method of each operation.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from k8s_core.model.fields import model_fields
from k8s_devkit.api_server.discovery import openapi_parameters as parameters
from k8s_devkit.api_server.discovery.openapi_schemas import REFERENCE, SchemaBuilder, group_version_kind
from k8s_devkit.api_server.discovery.served import (
    SCALE_VERBS,
    subresource_gvk,
    subresource_model,
    verbs_of,
)
from k8s_devkit.strategy.subresources import LogSubresource

if TYPE_CHECKING:
    from k8s_devkit.api_server.kinds.kind import Kind
    from k8s_devkit.strategy.document import Document

__all__ = ["CustomKindPaths", "KindPaths", "document_path", "operation_label"]

_FORMS = ("application/json", "application/vnd.kubernetes.protobuf", "application/yaml")
_STREAMS = ("application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch")
_CUSTOM_FORMS = ("application/json", "application/yaml")
_PATCHES = (
    "application/apply-patch+yaml",
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
)
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_TITLES = {"get": "read", "put": "replace", "patch": "partially update"}


def operation_label(group: str, version: str) -> tuple[str, str]:
    """Group and version as operation names (``AppsV1``) and as tags (``apps_v1``) spell them."""
    words = re.split(r"\W+", group.replace(".k8s.io", "") or "core")
    title = "".join(word[:1].upper() + word[1:] for word in words)
    tag = title[:1].lower() + title[1:]
    return title + version[:1].upper() + version[1:], f"{tag}_{version}" if version else tag


def document_path(name: str, description: str, tag: str, schema: str, types: tuple[str, ...] = _FORMS) -> Document:
    """A path with nothing but a GET of one document."""
    operation = {
        "tags": [tag],
        "description": description,
        "operationId": name,
        "responses": _responses(("200",), {"$ref": REFERENCE + schema}, types),
    }
    return {"get": operation}


def _responses(codes: tuple[str, ...], schema: Document, types: tuple[str, ...]) -> Document:
    texts = {"200": "OK", "201": "Created", "202": "Accepted"}
    content = {media_type: {"schema": schema} for media_type in types}
    found: Document = {code: {"description": texts[code], "content": content} for code in codes}
    return {**found, "401": {"description": "Unauthorized"}}


class KindPaths:
    """Makes the paths of one kind; the schemas they refer to are added to ``builder``."""

    forms: tuple[str, ...] = _FORMS
    streams: tuple[str, ...] = _STREAMS
    bodies: tuple[str, ...] = ("*/*",)
    patches: tuple[str, ...] = _PATCHES
    patch_codes: tuple[str, ...] = ("200", "201")
    get_parameters: tuple[Document, ...] = ()
    collection_parameters = parameters.DELETE_COLLECTION

    def __init__(self, kind: Kind, builder: SchemaBuilder) -> None:
        resource = kind.resource
        self.kind, self.builder, self.resource = kind, builder, resource
        self.paths: Document = {}
        self._label, self._tag = operation_label(resource.group, resource.version)
        self._noun = ("Namespaced" if resource.namespaced else "") + resource.kind
        self._gvk = group_version_kind(resource.group, resource.version, resource.kind)
        self._schema = {"$ref": REFERENCE + builder.add_kind(kind)}
        scope = f"{resource.base_path}/namespaces/{{namespace}}" if resource.namespaced else resource.base_path
        self._collection = f"{scope}/{resource.plural}"

    def make(self) -> Document:
        """All paths, sorted."""
        verbs = verbs_of(self.kind)
        self._collections(verbs)
        self._objects(verbs)
        if "watch" in verbs:
            self._watches()
        for name in self.kind.subresource_names:
            self._subresource(name)
        return dict(sorted(self.paths.items()))

    # Operations

    def _add(self, path: str, method: str, operation: Document) -> None:
        self.paths.setdefault(path, {})[method] = operation

    def _operation(self, name: str, action: str, description: str, own: list[Document], **more: Any) -> Document:
        """One operation; ``more``: ``result`` (its schema), ``codes``, ``body``, ``types`` of the result, ``gvk``."""
        operation: Document = {"tags": [self._tag], "description": description, "operationId": name}
        if own:
            operation["parameters"] = sorted(own, key=lambda item: str(item["name"]))
        if more.get("body"):
            operation["requestBody"] = more["body"]
        types = more.get("types") or self.forms
        operation["responses"] = _responses(more.get("codes") or ("200",), more.get("result") or self._schema, types)
        operation["x-kubernetes-action"] = action
        operation["x-kubernetes-group-version-kind"] = more.get("gvk") or self._gvk
        return operation

    def _body(self, schema: Document, *, required: bool = True) -> Document:
        content = {media_type: {"schema": schema} for media_type in self.bodies}
        return {"content": content, "required": True} if required else {"content": content}

    def _patch_body(self) -> Document:
        schema = {"$ref": REFERENCE + self.builder.add_meta("Patch")}
        return {"content": {media_type: {"schema": schema} for media_type in self.patches}, "required": True}

    def _delete_body(self) -> Document:
        return self._body({"$ref": REFERENCE + self.builder.add_meta("DeleteOptions")}, required=False)

    def _collection_body(self) -> Document:
        return {"body": self._delete_body()}

    def _finish(self, path: str, *places: Document) -> None:
        """Put what all operations of a path take beside them, as the API server does; ``places`` are in the path."""
        item = self.paths.get(path)
        if item is None:
            return
        if self.resource.namespaced and "{namespace}" in path:
            places = (*places, parameters.NAMESPACE)
        operations = [item[method] for method in _METHODS if method in item]
        shared = [
            parameter
            for parameter in operations[0].get("parameters", [])
            if all(parameter in operation.get("parameters", []) for operation in operations)
        ]
        for operation in operations if shared else ():
            own = [parameter for parameter in operation["parameters"] if parameter not in shared]
            operation.pop("parameters")
            if own:
                operation["parameters"] = own
        item["parameters"] = sorted((*places, *shared), key=lambda parameter: str(parameter["name"]))

    # Paths

    def _collections(self, verbs: list[str]) -> None:
        kind, label, noun = self.resource.kind, self._label, self._noun
        path = self._collection
        if "list" in verbs:
            listed = {"$ref": REFERENCE + self.builder.add_list(self.kind, self._schema["$ref"].rpartition("/")[2])}
            more = {"result": listed, "types": tuple(sorted((*self.forms, *self.streams)))}
            text = f"list or watch objects of kind {kind}"
            self._add(path, "get", self._operation(f"list{label}{noun}", "list", text, parameters.LIST, **more))
            if self.resource.namespaced:
                everywhere = f"{self.resource.base_path}/{self.resource.plural}"
                name = f"list{label}{kind}ForAllNamespaces"
                self._add(everywhere, "get", self._operation(name, "list", text, parameters.LIST, **more))
                self._finish(everywhere, parameters.PRETTY)
        if "create" in verbs:
            more = {"codes": ("200", "201", "202"), "body": self._body(self._schema)}
            text = f"create a {kind}"
            self._add(path, "post", self._operation(f"create{label}{noun}", "post", text, parameters.CREATE, **more))
        if "deletecollection" in verbs:
            more = {"result": {"$ref": REFERENCE + self.builder.add_meta("Status")}, **self._collection_body()}
            name, text = f"delete{label}Collection{noun}", f"delete collection of {kind}"
            own = self.collection_parameters
            self._add(path, "delete", self._operation(name, "deletecollection", text, own, **more))
        self._finish(path, parameters.PRETTY)

    def _objects(self, verbs: list[str]) -> None:
        kind, label, noun = self.resource.kind, self._label, self._noun
        path = f"{self._collection}/{{name}}"
        if "get" in verbs:
            text = f"read the specified {kind}"
            self._add(path, "get", self._operation(f"read{label}{noun}", "get", text, [*self.get_parameters]))
        self._writes(path, verbs, f"{label}{noun}", f"the specified {kind}", self._schema, self._gvk)
        if "delete" in verbs:
            returned = self.kind.strategy.delete_returns_object
            result = self._schema if returned else {"$ref": REFERENCE + self.builder.add_meta("Status")}
            more = {"codes": ("200", "202"), "result": result, "body": self._delete_body()}
            name, text = f"delete{label}{noun}", f"delete a {kind}"
            self._add(path, "delete", self._operation(name, "delete", text, parameters.DELETE, **more))
        self._finish(path, parameters.NAME, parameters.PRETTY)

    def _writes(self, path: str, verbs: list[str], name: str, what: str, schema: Document, gvk: Document) -> None:
        for verb, method in (("update", "put"), ("patch", "patch")):
            if verb not in verbs:
                continue
            body = self._body(schema) if method == "put" else self._patch_body()
            operation = self._operation(
                f"{'replace' if method == 'put' else 'patch'}{name}",
                method,
                f"{_TITLES[method]} {what}",
                parameters.CREATE if method == "put" else parameters.PATCH,
                codes=self.patch_codes if method == "patch" else ("200", "201"),
                result=schema,
                body=body,
                gvk=gvk,
            )
            self._add(path, method, operation)

    def _watches(self) -> None:
        kind, label, noun, base = self.resource.kind, self._label, self._noun, self.resource.base_path
        event = {"$ref": REFERENCE + self.builder.add_meta("WatchEvent")}
        more = {"result": event, "types": tuple(sorted((*self.forms, *_STREAMS)))}
        collection = f"{base}/watch{self._collection.removeprefix(base)}"
        text = f"watch changes of a list of {kind}; the watch parameter of a list does the same"
        found = {collection: (f"watch{label}{noun}List", "watchlist", text)}
        if self.resource.namespaced:
            name = f"watch{label}{kind}ListForAllNamespaces"
            found[f"{base}/watch/{self.resource.plural}"] = (name, "watchlist", text)
        if "get" in verbs_of(self.kind):
            text = f"watch changes of an object of kind {kind}; a list with a field selector does the same"
            found[f"{collection}/{{name}}"] = (f"watch{label}{noun}", "watch", text)
        for path, (name, action, description) in found.items():
            self._add(path, "get", self._operation(name, action, description, parameters.LIST, **more))
            place = (parameters.NAME,) if path.endswith("}") else ()
            self._finish(path, *place, parameters.PRETTY)

    # Subresources

    def _subresource(self, name: str) -> None:
        gvk = group_version_kind(*subresource_gvk(self.kind, name))
        path = f"{self._collection}/{{name}}/{name}"
        title = f"{self._label}{self._noun}{name[:1].upper()}{name[1:]}"
        verbs = verbs_of(self.kind, name)
        what = f"{name} of the specified {self.resource.kind}"
        if gvk["kind"].endswith("Options"):
            self._connect(path, verbs, name, title, gvk)
            return
        if isinstance(log := self.kind.strategy.subresources.get(name), LogSubresource):
            lines = {"type": "string"}
            types = tuple(sorted((*_FORMS, "text/plain")))
            own = [parameters.query(*parameter) for parameter in log.parameters]
            operation = self._operation(f"read{title}", "get", f"read {what}", own, result=lines, types=types)
            self._add(path, "get", operation)
            self._finish(path, parameters.NAME, parameters.PRETTY)
            return
        schema = self._schema if gvk == self._gvk else self._other_schema(name)
        if "get" in verbs:
            own = [*self.get_parameters]
            operation = self._operation(f"read{title}", "get", f"read {what}", own, result=schema, gvk=gvk)
            self._add(path, "get", operation)
        self._writes(path, verbs, title, what, schema, gvk)
        if "create" in verbs:
            more = {"codes": ("200", "201", "202"), "result": schema, "body": self._body(schema), "gvk": gvk}
            text = f"create {name} of a {self.resource.kind}"
            self._add(path, "post", self._operation(f"create{title}", "post", text, parameters.CREATE, **more))
        self._finish(path, parameters.NAME, parameters.PRETTY)

    def _other_schema(self, name: str) -> Document:
        model = subresource_model(self.kind, name)
        if model is None:
            return {"type": "object"}
        return {"$ref": REFERENCE + self.builder.add_model(model)}

    def _connect(self, path: str, verbs: list[str], name: str, title: str, gvk: Document) -> None:
        """exec, attach, port-forward and proxy: their options are parameters, and what follows is no JSON."""
        methods = _METHODS if set(SCALE_VERBS) < set(verbs) else ("get", "post")
        own = self._option_parameters(name)
        for suffix, places in (("", (parameters.NAME,)), ("WithPath", (parameters.NAME, parameters.PATH))):
            where = f"{path}/{{path}}" if suffix else path
            if suffix and name != "proxy":
                continue
            for method in methods:
                operation = self._operation(
                    f"connect{self._label}{method.title()}{title.removeprefix(self._label)}{suffix}",
                    "connect",
                    f"connect {method.upper()} requests to {name} of {self.resource.kind}",
                    own,
                    result={"type": "string"},
                    types=("*/*",),
                    gvk=gvk,
                )
                self._add(where, method, operation)
            self._finish(where, *places)

    def _option_parameters(self, name: str) -> list[Document]:
        model = subresource_model(self.kind, name)
        types = {"bool": "boolean", "int": "integer"}
        found = []
        for wire_name, spec in model_fields(model).items() if model is not None else ():
            type_ = getattr(spec.type, "item", spec.type)
            if wire_name != "metadata":
                found.append(parameters.query(wire_name, types.get(type_.name, "string")))
        return found


class CustomKindPaths(KindPaths):
    """The paths of a kind of a CRD: no protobuf, no strategic merge patch, no watches apart from lists."""

    forms = _CUSTOM_FORMS
    streams = ()
    bodies = _CUSTOM_FORMS
    patches = _PATCHES[:-1]
    patch_codes = ("200",)
    get_parameters = (parameters.VERSION,)
    collection_parameters = parameters.LIST

    def _collection_body(self) -> Document:
        return {}

    def _watches(self) -> None:
        """A list with ``watch=true`` is the only way."""
