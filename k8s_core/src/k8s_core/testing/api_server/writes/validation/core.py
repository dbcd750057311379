# SPDX-License-Identifier: Apache-2.0
"""The small kinds of the core group: data, limits, nodes, events. Pure."""

from __future__ import annotations

import base64
from typing import Any

from k8s_core.testing.api_server.field_errors import Problems
from k8s_core.testing.api_server.json_text import load_json
from k8s_core.testing.api_server.kinds.formats import config_key, dns_subdomain, label_key, label_value
from k8s_core.testing.api_server.writes.validation.addresses import cidr
from k8s_core.testing.api_server.writes.validation.scheduling import TAINT_EFFECTS

__all__ = [
    "check_config_map",
    "check_event",
    "check_namespace",
    "check_node",
    "check_node_update",
    "check_secret",
    "check_standard_finalizer",
]

Json = dict[str, Any]
_MOST_BYTES = 1024 * 1024
_STANDARD_FINALIZERS = ("kubernetes", "orphan", "foregroundDeletion")
_EVENT_LIMITS = {"reportingInstance": 128, "action": 128, "reason": 128, "message": 1024}
_ACCOUNT = "kubernetes.io/service-account.name"
# What a Secret of a type must have: the keys, and whether all are needed.
_SECRET_KEYS: dict[str, tuple[tuple[str, ...], bool]] = {
    "kubernetes.io/dockercfg": ((".dockercfg",), True),
    "kubernetes.io/dockerconfigjson": ((".dockerconfigjson",), True),
    "kubernetes.io/basic-auth": (("username", "password"), False),
    "kubernetes.io/ssh-auth": (("ssh-privatekey",), True),
    "kubernetes.io/tls": (("tls.crt", "tls.key"), True),
}


def _size(encoded: str) -> int:
    return len(encoded) // 4 * 3 - encoded[-2:].count("=")


def check_config_map(document: Json, live: Json | None = None) -> Problems:
    """A ConfigMap."""
    problems = Problems()
    data, binary = document.get("data") or {}, document.get("binaryData") or {}
    for key in data:
        problems.invalid(f"data[{key}]", key, *config_key(key))
        if key in binary:
            problems.invalid(f"data[{key}]", key, "duplicate of key present in binaryData")
    for key in binary:
        problems.invalid(f"binaryData[{key}]", key, *config_key(key))
    size = sum(len(value.encode()) for value in data.values()) + sum(map(_size, binary.values()))
    if size > _MOST_BYTES:
        problems.too_long("", _MOST_BYTES)
    return problems


def check_secret(document: Json, live: Json | None = None) -> Problems:
    """A Secret, by its type."""
    problems, data, type_ = Problems(), document.get("data") or {}, document.get("type", "")
    for key in data:
        problems.invalid(f"data[{key}]", key, *config_key(key))
    if sum(map(_size, data.values())) > _MOST_BYTES:
        problems.too_long("data", _MOST_BYTES)
    annotations = document["metadata"].get("annotations") or {}
    if type_ == "kubernetes.io/service-account-token" and not annotations.get(_ACCOUNT):
        problems.required(f"metadata.annotations[{_ACCOUNT}]")
    keys, all_needed = _SECRET_KEYS.get(type_, ((), True))
    missing = [key for key in keys if key not in data or (type_.endswith("ssh-auth") and not data[key])]
    if missing and (all_needed or len(missing) == len(keys)):
        for key in missing:
            problems.required(f"data[{key}]")
    elif type_.startswith("kubernetes.io/docker"):
        _check_docker(problems, data[keys[0]], f"data[{keys[0]}]")
    return problems


def _check_docker(problems: Problems, encoded: str, path: str) -> None:
    text = base64.b64decode(encoded)
    try:
        value = load_json(text)
    except ValueError:
        problem = "unexpected end of JSON input"
        if text.strip():
            problem = f"invalid character '{chr(text.strip()[0])}' looking for beginning of value"
        problems.invalid(path, "<secret contents redacted>", problem)
        return
    if not isinstance(value, dict) and value is not None:
        found = {list: "array", str: "string", bool: "bool"}.get(type(value), "number")
        problem = f"json: cannot unmarshal {found} into Go value of type map[string]interface {{}}"
        problems.invalid(path, "<secret contents redacted>", problem)


def check_standard_finalizer(problems: Problems, finalizer: str, path: str) -> None:
    """A finalizer without a domain is one of Kubernetes' own."""
    if "/" not in finalizer and finalizer not in _STANDARD_FINALIZERS:
        text = "name is neither a standard finalizer name nor is it fully qualified"
        problems.invalid(path, finalizer, text)


def check_namespace(document: Json, live: Json | None = None) -> Problems:
    """A Namespace."""
    problems = Problems()
    for finalizer in (document.get("spec") or {}).get("finalizers") or []:
        problems.invalid("spec.finalizers", finalizer, *label_key(finalizer))
        check_standard_finalizer(problems, finalizer, "spec.finalizers")
    return problems


def check_node(document: Json, live: Json | None = None) -> Problems:
    """A Node."""
    from k8s_core.testing.api_server.writes.validation.resources import check_amount

    spec, status, problems = document.get("spec") or {}, document.get("status") or {}, Problems()
    if live is None:
        _check_taints(problems, spec.get("taints") or [])
    for field in ("capacity", "allocatable"):
        for name, value in (status.get(field) or {}).items():
            problems += check_amount(name, value, f"status.{field}.{name}")
    if live is not None:
        _check_taints(problems, spec.get("taints") or [])
        return problems
    ranges = spec.get("podCIDRs") or []
    for index, text in enumerate(ranges):
        problems.invalid(f"spec.podCIDRs[{index}]", text, *cidr(text))
    if len(ranges) > 2 or (len(ranges) == 2 and len({":" in text for text in ranges}) == 1):
        problems.invalid("spec.podCIDRs", ranges, "may specify no more than one CIDR for each IP family")
    for index, text in enumerate(ranges):
        if text in ranges[:index]:
            problems.duplicate(f"spec.podCIDRs[{index}]", text)
    return problems


def _check_taints(problems: Problems, taints: list[Json]) -> None:
    seen: set[tuple[str, str]] = set()
    for index, taint in enumerate(taints):
        # The API server takes the path of the metadata for that of the taints.
        where, key, effect = f"metadata.taints[{index}]", taint.get("key", ""), taint.get("effect", "")
        problems.invalid(f"{where}.key", key, *label_key(key))
        if faults := label_value(taint.get("value", "")):
            problems.invalid(f"{where}.value", taint["value"], ";".join(faults))
        if not effect:
            problems.required(f"{where}.effect")
        elif effect not in TAINT_EFFECTS:
            problems.unsupported(f"{where}.effect", effect, TAINT_EFFECTS)
        if (key, effect) in seen:
            shown = {"Key": key, "Value": taint.get("value", ""), "Effect": effect, "TimeAdded": None}
            problems.duplicate(where, shown, "taints must be unique by key and effect pair")
        seen.add((key, effect))


def check_node_update(document: Json, live: Json) -> Problems:
    """What stays as it is once a Node has it."""
    spec, old, problems = document.get("spec") or {}, live.get("spec") or {}, Problems()
    for field, shown in (("podCIDRs", "podCIDR"), ("providerID", "providerID")):
        if old.get(field) and spec.get(field) != old[field]:
            problems.forbidden(f"spec.{field}", f'node updates may not change {shown} except from "" to valid')
    return problems


def check_event(document: Json, live: Json | None = None) -> Problems:
    """An Event, as the core group stores it."""
    problems, namespace = Problems(), document["metadata"].get("namespace", "")
    own = (document.get("involvedObject") or {}).get("namespace", "")
    text = "does not match event.namespace"
    if not document.get("eventTime"):
        if namespace != own and (own or namespace not in ("", "default")):
            problems.invalid("involvedObject.namespace", own, text)
    else:
        if not own and namespace not in ("default", "kube-system"):
            problems.invalid("involvedObject.namespace", own, text)
        controller = document.get("reportingComponent", "")
        if not controller:
            problems.required("reportingController")
        problems.invalid("reportingController", controller, *label_key(controller))
        for name, limit in _EVENT_LIMITS.items():
            value = document.get(name, "")
            if not value and name != "message":
                problems.required(name)
            if len(value) > limit:
                problems.invalid(name, "", f"can have at most {limit} characters")
    problems.invalid("namespace", namespace, *dns_subdomain(namespace))
    return problems
