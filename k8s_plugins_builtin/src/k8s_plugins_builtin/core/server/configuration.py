# SPDX-License-Identifier: Apache-2.0
"""ConfigMaps and Secrets."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from k8s_devkit.strategy import Problems, Strategy
from k8s_devkit.strategy.defaults import fill_paths
from k8s_devkit.strategy.equality import same
from k8s_devkit.strategy.formats import config_key
from k8s_devkit.strategy.immutability import freeze
from k8s_devkit.strategy.json_text import load_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from k8s_devkit.strategy import Document, FieldError, ServerContext

__all__ = ["ConfigMapStrategy", "SecretStrategy"]

_MOST_BYTES = 1024 * 1024
_ACCOUNT = "kubernetes.io/service-account.name"
_check_type_kept = freeze("type")
# The keys that a Secret of a type must have, and whether it needs all of them.
_SECRET_KEYS: dict[str, tuple[tuple[str, ...], bool]] = {
    "kubernetes.io/dockercfg": ((".dockercfg",), True),
    "kubernetes.io/dockerconfigjson": ((".dockerconfigjson",), True),
    "kubernetes.io/basic-auth": (("username", "password"), False),
    "kubernetes.io/ssh-auth": (("ssh-privatekey",), True),
    "kubernetes.io/tls": (("tls.crt", "tls.key"), True),
}


class ConfigMapStrategy(Strategy):
    """ConfigMap."""

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check_config_map(new)]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [
            *self.check_metadata_update(new, old),
            *_check_frozen(new, old),
            *self.check_metadata(new, created=False),
            *_check_config_map(new),
        ]


class SecretStrategy(Strategy):
    """Secret: what its data must hold depends on its type."""

    selectable_fields = ("type",)

    def default(self, new: Document, old: Document | None) -> None:
        fill_paths(new, {"type": "Opaque"})
        # stringData is write-only: it is merged into data (E12).
        if strings := new.pop("stringData", None):
            encoded = {name: base64.b64encode(value.encode()).decode() for name, value in strings.items()}
            new["data"] = {**new.get("data", {}), **encoded}

    def validate(self, new: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [*self.check_metadata(new), *_check_secret(new)]

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        return [
            *self.check_metadata_update(new, old),
            *_check_type_kept(new, old),
            *_check_frozen(new, old),
            *self.check_metadata(new, created=False),
            *_check_secret(new),
        ]


def _check_frozen(document: Document, live: Document) -> Problems:
    """An object that was made immutable keeps its data, and stays immutable."""
    problems = Problems()
    if live.get("immutable"):
        text = "field is immutable when `immutable` is set"
        if not document.get("immutable"):
            problems.forbidden("immutable", text)
        for name in ("data", "binaryData"):
            if not same(document.get(name), live.get(name)):
                problems.forbidden(name, text)
    return problems


def _size(encoded: str) -> int:
    """The number of bytes that a base64 string stands for."""
    return len(encoded) // 4 * 3 - encoded[-2:].count("=")


def _check_config_map(document: Document) -> Problems:
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


def _check_secret(document: Document) -> Problems:
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
    content = base64.b64decode(encoded)
    try:
        value = load_json(content)
    except ValueError:
        problem = "unexpected end of JSON input"
        if content.strip():
            problem = f"invalid character '{chr(content.strip()[0])}' looking for beginning of value"
        problems.invalid(path, "<secret contents redacted>", problem)
        return
    if not isinstance(value, dict) and value is not None:
        found = {list: "array", str: "string", bool: "bool"}.get(type(value), "number")
        problem = f"json: cannot unmarshal {found} into Go value of type map[string]interface {{}}"
        problems.invalid(path, "<secret contents redacted>", problem)
