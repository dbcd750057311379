# SPDX-License-Identifier: Apache-2.0
"""The shape of a kubeconfig document, as types that msgspec checks. Unknown keys are ignored, as kubectl does (A8)."""

from __future__ import annotations

from types import UnionType
from typing import Any, get_args, get_origin

from msgspec import Struct, ValidationError, convert, field, structs

__all__ = ["AuthProvider", "Cluster", "Context", "Document", "EnvVar", "Exec", "Extension", "User", "misfit"]


class _Part(Struct, kw_only=True, rename="kebab"):
    """Shows only its type: its fields may be secret."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []


class Extension(_Part):
    """What another program keeps in an entry."""

    name: str = ""
    extension: Any = None


class Cluster(_Part):
    """A server and how to reach and trust it."""

    server: str = ""
    tls_server_name: str = ""
    insecure_skip_tls_verify: bool = False
    certificate_authority: str = ""
    certificate_authority_data: str = ""
    proxy_url: str = ""
    disable_compression: bool = False
    extensions: list[Extension] = []


class AuthProvider(_Part):
    """A login that is built into a client."""

    name: str = ""
    config: dict[str, str] = {}


class EnvVar(_Part):
    """A variable for a login program."""

    name: str = ""
    value: str = ""


class Exec(_Part, rename="camel"):
    """A login program."""

    command: str = ""
    args: list[str] = []
    env: list[EnvVar] = []
    api_version: str = ""
    install_hint: str = ""
    provide_cluster_info: bool = False
    interactive_mode: str = ""


class User(_Part):
    """Credentials, and whom to act as."""

    client_certificate: str = ""
    client_certificate_data: str = ""
    client_key: str = ""
    client_key_data: str = ""
    token: str = ""
    token_file: str = field(default="", name="tokenFile")
    impersonate: str = field(default="", name="as")
    as_uid: str = ""
    as_groups: list[str] = []
    as_user_extra: dict[str, list[str]] = {}
    username: str = ""
    password: str = ""
    auth_provider: AuthProvider | None = None
    exec: Exec | None = None


class Context(_Part):
    """A cluster, a user and a namespace."""

    cluster: str = ""
    user: str = ""
    namespace: str = ""


class NamedCluster(_Part):
    """An item of ``clusters``."""

    name: str = ""
    cluster: Cluster = field(default_factory=Cluster)


class NamedUser(_Part):
    """An item of ``users``."""

    name: str = ""
    user: User = field(default_factory=User)


class NamedContext(_Part):
    """An item of ``contexts``."""

    name: str = ""
    context: Context = field(default_factory=Context)


class Document(_Part):
    """A whole kubeconfig."""

    api_version: str = field(default="", name="apiVersion")
    kind: str = ""
    clusters: list[NamedCluster] = []
    users: list[NamedUser] = []
    contexts: list[NamedContext] = []
    current_context: str = ""


_NAMES = {str: "a string", bool: "true or false", list: "a list", dict: "a mapping", int: "a number", float: "a number"}


def misfit(value: Any, type_: Any, path: str = "") -> str:
    """Where a decoded document is not of a type, and what is there instead; never the value, which may be secret."""
    if get_origin(type_) is UnionType:  # a part, or None
        type_ = get_args(type_)[0]
    kind = get_origin(type_) or type_
    if isinstance(value, dict) and issubclass(kind, Struct):
        parts = [(value.get(each.encode_name), each.type, each.encode_name) for each in structs.fields(kind)]
        return _first_misfit([part for part in parts if part[2] in value], path, ".{}")
    if isinstance(value, dict) and kind is dict:
        return _first_misfit([(item, get_args(type_)[1], key) for key, item in value.items()], path, ".{}")
    if isinstance(value, list) and kind is list:
        return _first_misfit([(item, get_args(type_)[0], index) for index, item in enumerate(value)], path, "[{}]")
    expected = _NAMES.get(kind, "a mapping")
    found = _NAMES.get(type(value), "null")
    quote = ": quote it" if kind is str and found in ("a number", "true or false") else ""
    return f"{path.lstrip('.')}: expected {expected}, found {found}{quote}"


def _first_misfit(parts: list[tuple[Any, Any, Any]], path: str, step: str) -> str:
    for value, type_, key in parts:
        try:
            convert(value, type_)
        except ValidationError:
            return misfit(value, type_, path + step.format(key))
    return f"{path.lstrip('.')}: not what a kubeconfig has there"
