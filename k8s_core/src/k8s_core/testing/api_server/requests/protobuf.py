# SPDX-License-Identifier: Apache-2.0
"""Protobuf bodies of the kinds that kubectl creates by itself (``create deployment``, ``auth can-i``), read only.

Clients since 1.32 send typed objects as protobuf. The server answers in JSON, which they accept. The field numbers are
those of the published ``generated.proto`` files; a body with a field that is not listed here is refused, not cut. Pure.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MAGIC", "CannotDecode", "decode_protobuf"]

Json = dict[str, Any]
MAGIC = b"k8s\0"

# How values are written: a name of MESSAGES, or one of the types below. A star repeats, "map" and "bytemap" are maps,
# "int?" and "bool?" are pointers, whose zero is a value, and "-" is read over.
_MESSAGES: dict[str, dict[int, tuple[str, str]]] = {
    "ObjectMeta": {
        1: ("name", "str"),
        2: ("generateName", "str"),
        3: ("namespace", "str"),
        4: ("selfLink", "-"),
        5: ("uid", "str"),
        6: ("resourceVersion", "str"),
        7: ("generation", "int"),
        8: ("creationTimestamp", "time"),
        9: ("deletionTimestamp", "time"),
        10: ("deletionGracePeriodSeconds", "int?"),
        11: ("labels", "map"),
        12: ("annotations", "map"),
        13: ("ownerReferences", "OwnerReference*"),
        14: ("finalizers", "str*"),
    },
    "OwnerReference": {
        1: ("kind", "str"),
        3: ("name", "str"),
        4: ("uid", "str"),
        5: ("apiVersion", "str"),
        6: ("controller", "bool?"),
        7: ("blockOwnerDeletion", "bool?"),
    },
    "LabelSelector": {1: ("matchLabels", "map"), 2: ("matchExpressions", "LabelSelectorRequirement*")},
    "LabelSelectorRequirement": {1: ("key", "str"), 2: ("operator", "str"), 3: ("values", "str*")},
    "ConfigMap": {
        1: ("metadata", "ObjectMeta"),
        2: ("data", "map"),
        3: ("binaryData", "bytemap"),
        4: ("immutable", "bool?"),
    },
    "Secret": {
        1: ("metadata", "ObjectMeta"),
        2: ("data", "bytemap"),
        3: ("type", "str"),
        4: ("stringData", "map"),
        5: ("immutable", "bool?"),
    },
    "ServiceAccount": {1: ("metadata", "ObjectMeta"), 3: ("imagePullSecrets", "Named*"), 4: ("automount", "-")},
    "Named": {1: ("name", "str")},
    "Namespace": {1: ("metadata", "ObjectMeta"), 2: ("spec", "NamespaceSpec"), 3: ("status", "-")},
    "NamespaceSpec": {1: ("finalizers", "str*")},
    "Deployment": {1: ("metadata", "ObjectMeta"), 2: ("spec", "DeploymentSpec"), 3: ("status", "-")},
    "DeploymentSpec": {
        1: ("replicas", "int?"),
        2: ("selector", "LabelSelector"),
        3: ("template", "PodTemplateSpec"),
        4: ("strategy", "DeploymentStrategy"),
        5: ("minReadySeconds", "int"),
        6: ("revisionHistoryLimit", "int?"),
        7: ("paused", "bool"),
        9: ("progressDeadlineSeconds", "int?"),
    },
    "DeploymentStrategy": {1: ("type", "str")},
    "Job": {1: ("metadata", "ObjectMeta"), 2: ("spec", "JobSpec"), 3: ("status", "-")},
    "JobSpec": {
        1: ("parallelism", "int?"),
        2: ("completions", "int?"),
        3: ("activeDeadlineSeconds", "int?"),
        6: ("template", "PodTemplateSpec"),
        7: ("backoffLimit", "int?"),
    },
    "PodTemplateSpec": {1: ("metadata", "ObjectMeta"), 2: ("spec", "PodSpec")},
    "PodSpec": {
        2: ("containers", "Container*"),
        3: ("restartPolicy", "str"),
        6: ("dnsPolicy", "str"),
        7: ("nodeSelector", "map"),
        8: ("serviceAccountName", "str"),
        9: ("serviceAccount", "str"),
        10: ("nodeName", "str"),
        **{number: (f"field{number}", "false") for number in (11, 12, 13)},
        **{number: (f"field{number}", "empty") for number in (16, 17, 19, 24)},
    },
    "Container": {
        1: ("name", "str"),
        2: ("image", "str"),
        3: ("command", "str*"),
        4: ("args", "str*"),
        5: ("workingDir", "str"),
        6: ("ports", "ContainerPort*"),
        7: ("env", "EnvVar*"),
        8: ("resources", "empty"),
        13: ("terminationMessagePath", "str"),
        14: ("imagePullPolicy", "str"),
        16: ("stdin", "bool"),
        17: ("stdinOnce", "bool"),
        18: ("tty", "bool"),
        20: ("terminationMessagePolicy", "str"),
    },
    "ContainerPort": {
        1: ("name", "str"),
        2: ("hostPort", "int"),
        3: ("containerPort", "int"),
        4: ("protocol", "str"),
        5: ("hostIP", "str"),
    },
    "EnvVar": {1: ("name", "str"), 2: ("value", "str")},
    "Role": {1: ("metadata", "ObjectMeta"), 2: ("rules", "PolicyRule*")},
    "PolicyRule": {
        1: ("verbs", "str*"),
        2: ("apiGroups", "str*"),
        3: ("resources", "str*"),
        4: ("resourceNames", "str*"),
        5: ("nonResourceURLs", "str*"),
    },
    "SelfSubjectAccessReview": {1: ("metadata", "-"), 2: ("spec", "AccessSpec"), 3: ("status", "-")},
    "AccessSpec": {1: ("resourceAttributes", "ResourceAttributes"), 2: ("nonResourceAttributes", "PathAttributes")},
    "ResourceAttributes": {
        1: ("namespace", "str"),
        2: ("verb", "str"),
        3: ("group", "str"),
        4: ("version", "str"),
        5: ("resource", "str"),
        6: ("subresource", "str"),
        7: ("name", "str"),
    },
    "PathAttributes": {1: ("path", "str"), 2: ("verb", "str")},
    "SelfSubjectRulesReview": {1: ("metadata", "-"), 2: ("spec", "RulesSpec"), 3: ("status", "-")},
    "RulesSpec": {1: ("namespace", "str")},
    "SelfSubjectReview": {1: ("metadata", "-"), 2: ("status", "-")},
    "DeleteOptions": {
        1: ("gracePeriodSeconds", "int?"),
        2: ("preconditions", "Preconditions"),
        3: ("orphanDependents", "bool?"),
        4: ("propagationPolicy", "str"),
        5: ("dryRun", "str*"),
    },
    "Preconditions": {1: ("uid", "str"), 2: ("resourceVersion", "str")},
}
_MESSAGES["ClusterRole"] = _MESSAGES["Role"]


class CannotDecode(Exception):
    """The body is no protobuf, or holds a kind or field that this server cannot read."""


def decode_protobuf(body: bytes) -> Json:
    """Decode a ``runtime.Unknown`` envelope and the object in it. Raises CannotDecode."""
    if not body.startswith(MAGIC):
        raise CannotDecode("the magic bytes are missing")
    api_version = kind = ""
    raw = b""
    for number, value in _fields(body[len(MAGIC) :]):
        if number == 1 and isinstance(value, bytes):
            for inner, text in _fields(value):
                api_version = _text(text) if inner == 1 else api_version
                kind = _text(text) if inner == 2 else kind
        elif number == 2 and isinstance(value, bytes):
            raw = value
    if kind not in _MESSAGES:
        raise CannotDecode(f"{api_version} {kind} is not among the kinds that can be read")
    return {"apiVersion": api_version, "kind": kind, **_message(raw, kind)}


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if position >= len(data):
            raise CannotDecode("unexpected end")
        byte = data[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:
            return value, position


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    position = 0
    while position < len(data):
        key, position = _varint(data, position)
        if key & 7 == 0:
            number, position = _varint(data, position)
            # Negative numbers are written as 64 bits of two's complement.
            yield key >> 3, number - (1 << 64) if number >= 1 << 63 else number
        elif key & 7 == 2:
            size, position = _varint(data, position)
            if position + size > len(data):
                raise CannotDecode("unexpected end")
            yield key >> 3, data[position : position + size]
            position += size
        else:
            raise CannotDecode(f"wire type {key & 7} is not used by Kubernetes")


def _text(value: int | bytes) -> str:
    if not isinstance(value, bytes):
        raise CannotDecode("a number where text should be")
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise CannotDecode(str(error)) from None


def _message(data: bytes, name: str) -> Json:
    known = _MESSAGES[name]
    document: Json = {}
    for number, value in _fields(data):
        if number not in known:
            raise CannotDecode(f"field {number} of {name} is not among those that can be read")
        field, type_ = known[number]
        if type_.endswith("*"):
            document.setdefault(field, []).append(_value(value, type_[:-1], name))
        elif type_ in ("map", "bytemap"):
            key, item = _pair(value)
            text = base64.b64encode(item).decode() if type_ == "bytemap" else _text(item)
            document.setdefault(field, {})[key] = text
        else:
            decoded = _value(value, type_, name)
            # Go writes the zero of what is no pointer; in JSON it would be left out.
            if decoded is not None and (type_.endswith("?") or decoded not in ("", 0, False)):
                document[field] = decoded
    return document


def _value(value: int | bytes, type_: str, owner: str) -> Any:
    if type_ == "-":
        return None
    if type_ in ("false", "empty"):
        if value:
            raise CannotDecode(f"a field of {owner} has a value that cannot be read")
        return None
    if type_ == "str":
        return _text(value)
    if isinstance(value, int):
        return bool(value) if type_.startswith("bool") else value
    if type_ == "time":
        seconds = dict(_fields(value)).get(1)
        moment = datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) and seconds > 0 else None
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
    if type_ in _MESSAGES:
        return _message(value, type_)
    raise CannotDecode(f"a field of {owner} is not what it should be")


def _pair(value: int | bytes) -> tuple[str, bytes]:
    if not isinstance(value, bytes):
        raise CannotDecode("a number where a map entry should be")
    entry = dict(_fields(value))
    item = entry.get(2, b"")
    return _text(entry.get(1, b"")), item if isinstance(item, bytes) else b""
