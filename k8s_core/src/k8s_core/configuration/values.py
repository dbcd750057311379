# SPDX-License-Identifier: Apache-2.0
"""The parts of a :class:`~k8s_core.configuration.Config` that have parts themselves: plain frozen values, no I/O."""

from __future__ import annotations

import ntpath
import os
import posixpath
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from k8s_core.errors import ConfigError
from k8s_core.redaction import Sensitive, conceal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "EXEC_API_VERSIONS",
    "INTERACTIVE_MODES",
    "AuthProviderConfig",
    "ExecConfig",
    "ExecPolicy",
    "Impersonation",
    "InteractiveMode",
]

InteractiveMode = Literal["Never", "IfAvailable", "Always"]

INTERACTIVE_MODES: Final = ("Never", "IfAvailable", "Always")
EXEC_API_VERSIONS: Final = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")


@dataclass(frozen=True, kw_only=True)
class Impersonation:
    """Whom to act as; sent as ``Impersonate-*`` headers with every request, on top of the credentials (A28).

    Raises:
        ConfigError: uid, groups or extra without a user, or a value that would break out of its header (I11).
    """

    user: str = ""
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Key and its values; a mapping of key to list is accepted as well."""

    def __post_init__(self) -> None:
        extra: Any = self.extra
        pairs = extra.items() if hasattr(extra, "items") else extra
        object.__setattr__(self, "groups", tuple(self.groups))
        object.__setattr__(self, "extra", tuple((key, tuple(values)) for key, values in pairs))
        if not self.user and (self.uid or self.groups or self.extra):
            message = "requesting uid, groups or user-extra without impersonating a user; set `as` too"
            raise ConfigError(message, option="as")
        texts = [self.user, self.uid, *self.groups, *(value for _, values in self.extra for value in values)]
        if any(char in "\r\n\0" or "\ud800" <= char <= "\udfff" for text in texts for char in text):
            message = "an impersonation value contains a line break, NUL or half a character: no header can carry it"
            raise ConfigError(message, option="as")


@dataclass(frozen=True, kw_only=True)
class ExecConfig:
    """A login program that prints an ExecCredential (A30-A41). Making this value runs nothing.

    ``args``, ``env`` and ``cluster_config`` may hold secrets: they are kept as :class:`~k8s_core.redaction.Sensitive`.
    """

    command: str
    api_version: str
    args: Sensitive[tuple[str, ...]] | tuple[str, ...] = ()
    env: Sensitive[tuple[tuple[str, str], ...]] | Mapping[str, str] | Iterable[tuple[str, str]] = ()
    """Added to the environment of this process; later entries win."""
    interactive_mode: InteractiveMode = "IfAvailable"
    provide_cluster_info: bool = False
    cluster_config: Sensitive[Any] | Any = None
    """The cluster's extension ``client.authentication.k8s.io/exec``, handed to the program with the cluster info."""
    install_hint: str = ""
    timeout: float | None = 300.0
    """Seconds that a run without a terminal may take; None = no limit. A run with a terminal waits for its user."""

    def __post_init__(self) -> None:
        env: Any = self.env
        if not isinstance(env, Sensitive):
            pairs = env.items() if hasattr(env, "items") else env
            object.__setattr__(self, "env", Sensitive(tuple((str(name), str(value)) for name, value in pairs)))
        if not isinstance(self.args, Sensitive):
            object.__setattr__(self, "args", Sensitive(tuple(self.args)))
        object.__setattr__(self, "cluster_config", conceal(self.cluster_config))
        if not self.command:
            raise ConfigError("command must be specified to use an exec authentication plugin", option="exec.command")
        if self.api_version not in EXEC_API_VERSIONS:
            known = " and ".join(EXEC_API_VERSIONS)
            message = f"exec plugin: invalid apiVersion {self.api_version!r}: only {known} are supported"
            raise ConfigError(message, option="exec.apiVersion")
        if self.interactive_mode not in INTERACTIVE_MODES:
            raise ConfigError(
                f"invalid interactiveMode {self.interactive_mode!r}: use one of {', '.join(INTERACTIVE_MODES)}",
                option="exec.interactiveMode",
            )


@dataclass(frozen=True, kw_only=True)
class ExecPolicy:
    """Which login programs may run at all (A41). The default lets any run, as kubectl does."""

    mode: Literal["AllowAll", "DenyAll", "Allowlist"] = "AllowAll"
    allowlist: tuple[str, ...] = ()
    """Names (looked up on PATH) or absolute paths; used with ``Allowlist`` only."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "allowlist", tuple(self.allowlist))
        if self.mode not in ("AllowAll", "DenyAll", "Allowlist"):
            message = f"unknown exec policy {self.mode!r}: use AllowAll, DenyAll or Allowlist"
            raise ConfigError(message, option="exec_policy")
        if self.mode == "Allowlist" and not self.allowlist:
            raise ConfigError("exec policy Allowlist needs at least one entry", option="exec_policy")
        if self.mode != "Allowlist" and self.allowlist:
            raise ConfigError(f"exec policy {self.mode} takes no allowlist", option="exec_policy")


@dataclass(frozen=True, kw_only=True)
class AuthProviderConfig:
    """The ``auth-provider`` of a kubeconfig user: ``oidc`` is built in, any other name needs a plugin (A42)."""

    name: str
    config: Sensitive[Mapping[str, str]] | Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "config", conceal(self.config))


def has_separator(command: str) -> bool:
    """Whether ``command`` is a path rather than a name to look up on PATH."""
    path = ntpath if os.name == "nt" else posixpath
    return path.sep in command or bool(path.altsep and path.altsep in command)
