# SPDX-License-Identifier: Apache-2.0
"""Checks of whole objects: required fields, enums, and the rules of single kinds (protocol J4, J24). Pure.

Not everything that a real API server refuses: the mistakes that people make with the common kinds.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from k8s_core.testing.api_server.custom.crd import check_definition
from k8s_core.testing.api_server.field_errors import FieldError, duplicate, invalid_value, not_supported, required
from k8s_core.testing.api_server.kinds.shapes import METADATA, Shape
from k8s_core.testing.api_server.writes.immutability import check_immutable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from k8s_core.testing.api_server.kinds.catalog import Kind

__all__ = ["check_immutable", "check_object"]

Json = dict[str, Any]
_CONFIG_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")
_TEMPLATED = {("apps", "deployments"), ("apps", "replicasets"), ("apps", "statefulsets"), ("apps", "daemonsets")}
# Structs that Go fills with zeroes: OpenAPI calls them required, the server does not miss them.
_ZERO_IS_FINE = frozenset({"LabelSelector", "ObjectMeta", "PodSpec", "PodTemplateSpec", "VolumeResourceRequirements"})


def check_object(kind: Kind, document: Json) -> list[FieldError]:
    """Check the next state of an object, metadata apart."""
    if kind.custom is not None:
        return kind.custom.validate(document)
    if kind.traits.custom:
        return []
    errors = list(_walk(document, kind.shape(), "", top=True))
    if rule := _RULES.get(kind.key):
        errors.extend(rule(document))
    if kind.key in _TEMPLATED:
        errors.extend(_check_template(document))
    return list(dict.fromkeys(errors))


def _walk(value: Any, shape: Shape, path: str, *, top: bool = False) -> Iterator[FieldError]:
    """Required fields and enums below one value; status is the controllers' business and not checked."""
    if shape is METADATA:
        return
    if isinstance(value, dict) and shape.type in ("object", "map"):
        yield from _missing(value, shape, path)
        for name, child in value.items():
            if not (top and name in ("status", "metadata")):
                where = f"{path}.{name}" if path else name
                yield from _walk(child, shape.field(name), where)
    elif isinstance(value, list) and shape.type == "list":
        for index, child in enumerate(value):
            yield from _walk(child, shape.item, f"{path}[{index}]")
    elif shape.enum and isinstance(value, str) and value not in shape.enum:
        yield not_supported(path, value, shape.enum)


def _missing(value: Json, shape: Shape, path: str) -> Iterator[FieldError]:
    for name in shape.required:
        if value.get(name) not in (None, ""):
            continue
        where = f"{path}.{name}" if path else name
        field = shape.field(name)
        if field.name in _ZERO_IS_FINE and not (field.name == "LabelSelector" and where == "spec.selector"):
            yield from _missing({}, field, where)
        elif name not in value or value[name] is None or field.type == "string":
            yield required(where)


def _containers(spec: Json, path: str) -> Iterator[tuple[Json, str]]:
    for name in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(name) or []):
            yield container, f"{path}.{name}[{index}]"


def _check_pod_spec(spec: Json, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    if not spec.get("containers"):
        errors.append(required(f"{path}.containers"))
    volumes = {volume.get("name") for volume in spec.get("volumes") or []}
    names: set[str] = set()
    for container, where in _containers(spec, path):
        if container.get("name") in names:
            errors.append(duplicate(f"{where}.name", container["name"]))
        names.add(container.get("name", ""))
        if not container.get("image"):
            errors.append(required(f"{where}.image"))
        for index, port in enumerate(container.get("ports") or []):
            errors.extend(_check_port(port.get("containerPort", 0), f"{where}.ports[{index}].containerPort"))
        for index, mount in enumerate(container.get("volumeMounts") or []):
            if mount.get("name") not in volumes:
                text = f"Not found: {json.dumps(mount.get('name'))}"
                errors.append(FieldError(f"{where}.volumeMounts[{index}].name", "FieldValueNotFound", text))
    return errors


def _check_port(port: Any, path: str) -> list[FieldError]:
    if isinstance(port, int) and 1 <= port <= 65535:
        return []
    return [invalid_value(path, port, "must be between 1 and 65535, inclusive")]


def _check_pod(document: Json) -> list[FieldError]:
    return _check_pod_spec(document.get("spec") or {}, "spec")


def _check_template(document: Json) -> list[FieldError]:
    spec = document.get("spec") or {}
    errors: list[FieldError] = []
    replicas = spec.get("replicas", 0)
    if isinstance(replicas, int) and replicas < 0:
        errors.append(invalid_value("spec.replicas", replicas, "must be greater than or equal to 0"))
    template = spec.get("template") or {}
    labels = (template.get("metadata") or {}).get("labels") or {}
    wanted = (spec.get("selector") or {}).get("matchLabels") or {}
    if any(labels.get(key) != value for key, value in wanted.items()):
        errors.append(
            invalid_value("spec.template.metadata.labels", labels, "`selector` does not match template `labels`")
        )
    pod = template.get("spec") or {}
    errors.extend(_check_pod_spec(pod, "spec.template.spec"))
    if pod.get("restartPolicy", "Always") != "Always":
        errors.append(not_supported("spec.template.spec.restartPolicy", pod["restartPolicy"], ("Always",)))
    return errors


def _check_job(document: Json) -> list[FieldError]:
    pod = ((document.get("spec") or {}).get("template") or {}).get("spec") or {}
    errors = _check_pod_spec(pod, "spec.template.spec")
    if pod.get("restartPolicy") == "Always":
        choices = ("OnFailure", "Never")
        errors.append(
            FieldError(
                "spec.template.spec.restartPolicy",
                "FieldValueRequired",
                'Required value: valid values: "' + '", "'.join(choices) + '"',
            )
        )
    return errors


def _check_service(document: Json) -> list[FieldError]:
    spec = document.get("spec") or {}
    errors = []
    ports = spec.get("ports") or []
    if not ports and spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None":
        errors.append(required("spec.ports"))
    for index, port in enumerate(ports):
        errors.extend(_check_port(port.get("port", 0), f"spec.ports[{index}].port"))
        if len(ports) > 1 and not port.get("name"):
            errors.append(required(f"spec.ports[{index}].name"))
    return errors


def _check_keys(*fields: str) -> Callable[[Json], list[FieldError]]:
    text = (
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',"
        "  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
    )

    def check(document: Json) -> list[FieldError]:
        return [
            invalid_value(f"{field}[{key}]", key, text)
            for field in fields
            for key in document.get(field) or {}
            if not _CONFIG_KEY.fullmatch(key)
        ]

    return check


_RULES: dict[tuple[str, str], Callable[[Json], list[FieldError]]] = {
    ("", "configmaps"): _check_keys("data", "binaryData"),
    ("", "pods"): _check_pod,
    ("", "secrets"): _check_keys("data"),
    ("", "services"): _check_service,
    ("apiextensions.k8s.io", "customresourcedefinitions"): check_definition,
    ("batch", "jobs"): _check_job,
}
