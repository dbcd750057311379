# SPDX-License-Identifier: Apache-2.0
"""Checks of a plugin package's kinds that need no server: classes, documents, secrets, the CRDs that it ships."""

from __future__ import annotations

import json
import random
import re
from importlib import resources
from typing import TYPE_CHECKING, Any

from k8s_core.errors import DecodeError, KubernetesError, ValidationError
from k8s_core.model import model_fields
from k8s_core.model.codec import encode_json, load_resource
from k8s_core.model.crd_manifest import stored_first
from k8s_core.model.fields import sensitive_fields
from k8s_core.model.hooked import is_hooked
from k8s_core.model.types import ListType, MapType, ScalarType
from k8s_core.model.yaml import load_all_yaml
from k8s_devkit.api_server.custom.definitions import check_definition, default_definition
from k8s_devkit.codegen.crd_compare import comparable_crd, differences
from k8s_devkit.plugin_checks.documents import any_document, models_of, touch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from k8s_core.model import Resource
    from k8s_core.plugins import Plugins
    from k8s_devkit.plugin_checks.report import PluginCheckReport

__all__ = [
    "check_classes",
    "check_crds",
    "check_round_trip",
    "check_secrets",
    "check_uniqueness",
    "shipped_crds",
]

_TRIP = "round trip"
_SECRET_WORDS = frozenset({"password", "passphrase", "secret", "token", "passwd"})
_KEY_WORDS = frozenset({"private", "api", "secret", "access", "encryption", "signing"})


def check_uniqueness(report: PluginCheckReport, plugins: Plugins, package: str) -> None:
    """No other installed package provides one of the kinds."""
    mine = plugins.kinds_of_package(package)
    for group in sorted({kind.gvk.group for kind in mine}):
        for other in plugins.declared_kinds(group):
            clash = next((kind for kind in mine if kind.gvk == other.gvk and kind.target != other.target), None)
            if clash is not None:
                message = f"{other.origin} provides it too, as {other.target}"
                report.add("kinds unique", "error", str(clash.gvk), message, "uninstall one of the two packages")
    report.passed("kinds unique", f"{len(mine)} kinds")


def check_classes(report: PluginCheckReport, plugins: Plugins, package: str, classes: Sequence[type[Resource]]) -> None:
    """What was filed is what the classes say, and all annotations are field types."""
    by_gvk = {cls.api_resource.gvk: cls for cls in classes}
    for kind in plugins.kinds_of_package(package):
        resource = by_gvk[kind.gvk].api_resource
        if kind.plural and kind.plural != resource.plural:
            message = f"filed as plural {kind.plural!r}, the class says {resource.plural!r}"
            report.add("classes", "error", str(kind.gvk), message, "say the same in add_kind and in the class line")
        if kind.plural and set(kind.short_names) != set(resource.short_names):
            message = f"filed with short names {kind.short_names}, the class says {resource.short_names}"
            report.add("classes", "error", str(kind.gvk), message, "say the same in add_kind and in the class line")
    count = 0
    for cls in classes:
        try:
            count += sum(1 for _ in models_of(cls))
        except TypeError as error:
            report.add("classes", "error", cls.__qualname__, str(error), "give the field a type that models know")
    report.passed("classes", f"{count} classes")


def check_round_trip(report: PluginCheckReport, classes: Sequence[type[Resource]], examples: int) -> None:
    """Property test: any document survives load, reading every attribute, and dump, as JSON and as YAML.

    A class that is read through a Schema of its own may refuse documents and rewrite them. What it wrote must then
    survive.
    """
    for cls in classes:
        rng = random.Random(str(cls.api_resource.gvk))
        resource = cls.api_resource
        trip = _trip_through_schema if is_hooked(cls) else _trip
        for _ in range(examples):
            document = {"apiVersion": resource.api_version, "kind": resource.kind, **any_document(cls, rng)}
            shown = json.dumps(document)[:300]
            try:
                same = trip(cls, document)
            except Exception as error:  # noqa: BLE001  # whatever a class's own code raises is the finding
                message = f"reading raised {type(error).__name__}: {error}; the document: {shown}"
                report.add(_TRIP, "error", cls.__qualname__, message, "never refuse or change what a server sent")
                break
            if not same:
                fix = "keep unknown fields and odd values"
                report.add(_TRIP, "error", cls.__qualname__, f"a document changed: {shown}", fix)
                break
    report.passed(_TRIP, f"{examples} documents for each of {len(classes)} kinds")


def _trip(cls: type[Resource], document: Mapping[str, Any]) -> bool:
    obj = load_resource(cls, json.dumps(document).encode())
    touch(obj)
    return all(
        result == document
        for result in (obj.to_dict(), json.loads(encode_json(obj)), cls.from_yaml(obj.to_yaml()).to_dict())
    )


def _trip_through_schema(cls: type[Resource], document: Mapping[str, Any]) -> bool:
    try:
        obj = load_resource(cls, json.dumps(document).encode())
    except ValidationError:
        return True  # the Schema's right
    written = encode_json(obj)
    again = load_resource(cls, written)
    touch(again)
    return json.loads(encode_json(again)) == json.loads(written)  # type: ignore[no-any-return]  # of Any


def shipped_crds(package: str) -> Iterator[dict[str, Any]]:
    """The CRDs in the ``crds`` folder of a Python package. Raises DecodeError for a file that is no YAML."""
    folder = resources.files(package).joinpath("crds")
    if not folder.is_dir():
        return
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith((".yaml", ".yml")):
            for document in load_all_yaml(file.read_text(encoding="utf-8")):
                if isinstance(document, dict) and document.get("kind") == "CustomResourceDefinition":
                    yield document


def check_crds(report: PluginCheckReport, package: str, classes: Sequence[type[Resource]]) -> None:
    """The classes make CRDs that an API server takes, and agree with those that the package ships."""
    try:
        shipped = {document["metadata"]["name"]: document for document in shipped_crds(package)}
    except DecodeError as error:
        report.add("CRDs", "error", package, f"a shipped CRD cannot be read: {error}", "make it YAML")
        return
    made = {}
    for versions in stored_first(classes):
        subject = versions[0].api_resource.kind
        try:
            document = versions[0].crd(*versions[1:])
        except (TypeError, KubernetesError) as error:
            report.add("CRDs", "error", subject, f"the classes make no CRD: {error}", "see k8s_core.model.crd_manifest")
            continue
        made[document["metadata"]["name"]] = document
        completed = json.loads(json.dumps(document))
        default_definition(completed)
        for finding in check_definition(completed):
            report.add("CRDs", "error", subject, f"an API server would refuse it: {finding}", "correct the field")
    for name, document in shipped.items():
        if name not in made:
            message = "the package ships the CRD but has no class for it"
            report.add("CRDs", "error", name, message, "register the kind, or remove the file")
            continue
        for path, expected, found in differences(comparable_crd(document), comparable_crd(made[name])):
            message = f"{path}: the CRD has {_short(expected)}, the class {_short(found)}"
            fix = "run 'k8s-core plugin new' again, or correct the field's type or field() options"
            report.add("CRDs", "error", name, message, fix)
    report.passed("CRDs", f"{len(made)} made, {len(shipped)} shipped")


def _short(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value)[:120]


def check_secrets(report: PluginCheckReport, classes: Sequence[type[Resource]]) -> None:
    """Fields that look like secrets are marked as such, so that they never show in logs."""
    for cls in classes:
        if sensitive_fields(cls):
            continue
        for model in models_of(cls):
            for spec in model_fields(model).values():
                if not spec.sensitive and _is_text(spec.type) and _sounds_secret(spec.wire_name):
                    message = "looks like a secret, and would show in repr() and logs"
                    fix = 'field(sensitive=True), or in kinds.toml: [fields."Class.field"] sensitive = true'
                    report.add("secrets", "warning", f"{model.__qualname__}.{spec.name}", message, fix)
    report.passed("secrets")


def _is_text(type_: Any) -> bool:
    while isinstance(type_, (ListType, MapType)):
        type_ = type_.item if isinstance(type_, ListType) else type_.value
    return isinstance(type_, ScalarType) and type_.name in ("str", "bytes")


def _sounds_secret(name: str) -> bool:
    words = [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]
    if not words:
        return False
    return words[-1] in _SECRET_WORDS or (words[-1] == "key" and len(words) > 1 and words[-2] in _KEY_WORDS)
