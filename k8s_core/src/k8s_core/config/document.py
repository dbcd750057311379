# SPDX-License-Identifier: Apache-2.0
"""The shape of a kubeconfig document, as types that msgspec checks. Unknown keys are ignored, as kubectl does (A8)."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

__all__ = ["AuthProvider", "Cluster", "Context", "Document", "EnvVar", "Exec", "Extension", "User"]


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
