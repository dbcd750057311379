# SPDX-License-Identifier: Apache-2.0
"""From a kubeconfig and the name of a context to a Config. Pure: finds every fault that shows without reading files."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from k8s_core.configuration.urls import assumed_http, check_proxy_url, normalize_server, split_user
from k8s_core.configuration.values import AuthProviderConfig, ExecConfig, Impersonation, InteractiveMode
from k8s_core.errors import ConfigError
from k8s_core.redaction import Sensitive

if TYPE_CHECKING:
    from collections.abc import Mapping

    from k8s_core.configuration.client_config import Config
    from k8s_core.configuration.document import Cluster, Context, Exec, User
    from k8s_core.configuration.kubeconfig import Entry, KubeConfig

__all__ = ["NO_CONFIGURATION", "Selection", "default_namespace", "select"]

C = TypeVar("C", bound="Config")

NO_CONFIGURATION = "invalid configuration: no configuration has been provided"
EXEC_EXTENSION = "client.authentication.k8s.io/exec"

T = TypeVar("T", "Cluster", "User", "Context")


@dataclass(frozen=True)
class Selection(Generic[C]):
    """What a context amounts to, and where its parts came from."""

    config: C
    context: Entry[Context]
    cluster: Entry[Cluster]
    user: Entry[User] | None
    notes: tuple[str, ...] = ()
    """What is configured and not used, and why; free of secrets."""


def select(
    cls: type[C],
    kubeconfig: KubeConfig,
    *,
    context: str | None = None,
    cluster: str | None = None,
    user: str | None = None,
    namespace: str | None = None,
) -> Selection[C]:
    """Resolve a context to a Config.

    Args:
        cls: ``Config``, or a subclass.
        context: its name; default is the current one.
        cluster, user, namespace: instead of what the context says.

    Raises:
        ConfigError: nothing is configured; a name leads nowhere (A11, A12: the entry that is missing is named); or the
            entries contradict themselves (A14-A16, A20, A22, A25, A28, A30, A31).
    """
    chosen = _context(kubeconfig, context)
    cluster_entry = _entry(kubeconfig.clusters, cluster or chosen.value.cluster, "cluster", chosen)
    user_name = user or chosen.value.user
    user_entry = _entry(kubeconfig.users, user_name, "user", chosen) if user_name else None
    fields = _cluster_fields(cluster_entry, user_entry)
    notes = _unknown_keys(cluster_entry, "cluster")
    if note := assumed_http(cluster_entry.value.server, fields["server"]):
        notes.append(f'cluster "{cluster_entry.name}": {note}')
    if user_entry is not None:
        user_fields, user_notes = _user_fields(user_entry, cluster_entry.value)
        if not fields["server"].startswith("https:"):
            user_fields, user_notes = _without_secrets(user_fields, user_entry)
        fields |= user_fields
        notes += [*user_notes, *_unknown_keys(user_entry, "user")]
    name = chosen.name
    source = f'context "{name}" of {chosen.origin}' if chosen.origin else f'context "{name}"'
    config = cls(**fields, namespace=namespace or chosen.value.namespace or "default", source=source)
    return Selection(config, chosen, cluster_entry, user_entry, tuple(notes))


def default_namespace(kubeconfig: KubeConfig, context: str | None = None, override: str | None = None) -> str:
    """The namespace for requests that name none; an override works even with an empty kubeconfig (A13)."""
    if override:
        return override
    entry = kubeconfig.contexts.get(context or kubeconfig.current_context)
    return (entry.value.namespace if entry else "") or "default"


# -- finding the entries


def _context(kubeconfig: KubeConfig, asked: str | None) -> Entry[Context]:
    if asked:
        if asked not in kubeconfig.contexts:
            message = f'context "{asked}" does not exist{_instead(kubeconfig.contexts, kubeconfig)}'
            raise ConfigError(message, source=_files(kubeconfig), option="context")
        return kubeconfig.contexts[asked]
    if kubeconfig.empty:
        looked = f" in {', '.join(kubeconfig.files)}" if kubeconfig.files else ""
        raise ConfigError(f"{NO_CONFIGURATION}{looked}", source=_files(kubeconfig))
    current = kubeconfig.current_context
    if not current:
        message = f"no current-context is set; choose a context{_instead(kubeconfig.contexts, kubeconfig)}"
        raise ConfigError(message, source=_files(kubeconfig), option="current-context")
    if current not in kubeconfig.contexts:
        message = f"context was not found for specified context: {current}{_instead(kubeconfig.contexts, kubeconfig)}"
        raise ConfigError(message, source=_files(kubeconfig), option="current-context")
    return kubeconfig.contexts[current]


def _entry(entries: Mapping[str, Entry[T]], name: str, what: str, context: Entry[Context]) -> Entry[T]:
    if not name:
        message = f'{what} was not specified for context "{context.name}"'
        raise ConfigError(message, source=context.origin, option=what)
    if name not in entries:
        known = f"; there are {', '.join(sorted(entries))}" if entries else f"; there is no {what} at all"
        message = f'{what} "{name}" was not found for context "{context.name}"{known}'
        raise ConfigError(message, source=context.origin, option=what)
    return entries[name]


def _instead(contexts: Mapping[str, object], kubeconfig: KubeConfig) -> str:
    names = ", ".join(sorted(contexts)) or "none"
    return f" (contexts in {_files(kubeconfig) or 'the kubeconfig'}: {names})"


def _files(kubeconfig: KubeConfig) -> str | None:
    return ", ".join(kubeconfig.files) or None


# -- reading one entry


class _Checked:
    """Reads the fields of an entry; faults name the entry, its file and the option, never the value."""

    def __init__(self, entry: Entry[Any], what: str) -> None:
        self._entry = entry
        self._what = f'{what} "{entry.name}"'

    def fault(self, message: str, option: str) -> ConfigError:
        where = f" in {self._entry.origin}" if self._entry.origin else ""
        return ConfigError(f"{self._what}{where}: {message}", source=self._entry.origin, option=option)

    def file_or_data(self, option: str) -> tuple[str | None, bytes | None]:
        """``(path, PEM)`` of an option that comes in two forms, of which only one may be used (A14)."""
        name = option.replace("-", "_")
        path: str = getattr(self._entry.value, name)
        encoded: str = getattr(self._entry.value, f"{name}_data")
        if path and encoded:
            message = f"{option}-data and {option} are both specified; remove one of them"
            raise self.fault(message, option)
        if not encoded:
            return path or None, None
        try:
            return None, base64.b64decode(encoded.replace("\n", "").replace("\r", "").encode("ascii"), validate=True)
        except (binascii.Error, UnicodeEncodeError):
            pass
        raise self.fault(f"{option}-data is not valid base64", f"{option}-data")


def _cluster_fields(entry: Entry[Cluster], user: Entry[User] | None) -> dict[str, Any]:
    cluster, checked = entry.value, _Checked(entry, "cluster")
    if not cluster.server:
        raise checked.fault("no server found", "server")
    try:
        server = normalize_server(cluster.server, tls_by_default=_uses_tls(cluster, user.value if user else None))
        if cluster.proxy_url:
            check_proxy_url(cluster.proxy_url)
    except ConfigError as error:
        raise checked.fault(str(error), error.option or "server") from None
    if server.startswith("http:"):
        server, _, _ = split_user(server)  # a password, and TLS is not there to protect it (A21)
    path, data = checked.file_or_data("certificate-authority")
    if cluster.insecure_skip_tls_verify and (path is not None or data is not None):
        message = "specifying a root certificates file with the insecure flag is not allowed"
        raise checked.fault(message, "insecure-skip-tls-verify")
    return {
        "server": server,
        "tls_server_name": cluster.tls_server_name or None,
        "verify_ssl": not cluster.insecure_skip_tls_verify,
        "certificate_authority": path,
        "certificate_authority_data": data,
        "proxy_url": cluster.proxy_url or None,
        "disable_compression": cluster.disable_compression,
    }


def _uses_tls(cluster: Cluster, user: User | None) -> bool:
    """Whether an address without a scheme is https (A20)."""
    authority = cluster.certificate_authority or cluster.certificate_authority_data
    certificate = user is not None and (user.client_certificate or user.client_certificate_data)
    return bool(authority or certificate or cluster.insecure_skip_tls_verify)


def _user_fields(entry: Entry[User], cluster: Cluster) -> tuple[dict[str, Any], list[str]]:
    user, checked = entry.value, _Checked(entry, "user")
    notes: list[str] = []
    if (user.token or user.token_file) and (user.username or user.password):
        message = "more than one authentication method found: token and basicAuth; only one is allowed"
        raise checked.fault(message, "token")
    if user.exec is not None and user.auth_provider is not None:
        raise checked.fault("authProvider cannot be provided in combination with an exec plugin", "exec")
    fields = _certificate_fields(checked)
    basic = bool(user.username or user.password)
    fields |= {
        "token": user.token or None,
        "token_file": user.token_file or None,
        "username": user.username if basic else None,
        "password": user.password if basic else None,
        "impersonate": _impersonation(checked, user),
    }
    direct = bool(
        user.token or user.token_file or basic or fields["client_certificate"] or fields["client_certificate_data"]
    )
    if user.exec is not None:
        _check_exec(checked, user.exec)
        if direct:
            notes.append(f'exec of user "{entry.name}" is not used: the user has other credentials, which come first')
        else:
            fields["exec"] = _exec(checked, user.exec, cluster)
    if user.auth_provider is not None:
        provider = AuthProviderConfig(name=user.auth_provider.name, config=Sensitive(dict(user.auth_provider.config)))
        if direct:
            notes.append(f'auth-provider of user "{entry.name}" is not used: the user has other credentials')
        else:
            fields["auth_provider"] = provider
    return fields, notes


def _certificate_fields(checked: _Checked) -> dict[str, Any]:
    certificate, certificate_data = checked.file_or_data("client-certificate")
    key, key_data = checked.file_or_data("client-key")
    has_certificate = certificate is not None or certificate_data is not None
    has_key = key is not None or key_data is not None
    if has_certificate and not has_key:
        message = "client-key-data or client-key must be specified to use the clientCert authentication method"
        raise checked.fault(message, "client-key")
    if has_key and not has_certificate:
        message = "client-certificate-data or client-certificate must be specified to use a client key"
        raise checked.fault(message, "client-certificate")
    return {
        "client_certificate": certificate,
        "client_certificate_data": certificate_data,
        "client_key": key,
        "client_key_data": key_data,
    }


def _impersonation(checked: _Checked, user: User) -> Impersonation | None:
    if not (user.impersonate or user.as_uid or user.as_groups or user.as_user_extra):
        return None
    try:
        return Impersonation(
            user=user.impersonate,
            uid=user.as_uid,
            groups=tuple(user.as_groups),
            extra=tuple((key, tuple(values)) for key, values in user.as_user_extra.items()),
        )
    except ConfigError as error:
        raise checked.fault(str(error), "as") from None


def _check_exec(checked: _Checked, program: Exec) -> None:
    for option, value in (("command", program.command), ("apiVersion", program.api_version)):
        if not value:
            message = f"{option} must be specified to use exec authentication plugin"
            raise checked.fault(message, f"exec.{option}")
    if any(not variable.name for variable in program.env):
        raise checked.fault("env variable name must be specified to use exec authentication plugin", "exec.env")
    if not program.interactive_mode and program.api_version.endswith("/v1"):
        raise checked.fault(
            "interactiveMode must be specified to use exec authentication plugin (Never, IfAvailable or Always)",
            "exec.interactiveMode",
        )


def _exec(checked: _Checked, program: Exec, cluster: Cluster) -> ExecConfig:
    extension = next((item.extension for item in cluster.extensions if item.name == EXEC_EXTENSION), None)
    try:
        return ExecConfig(
            command=program.command,
            api_version=program.api_version,
            args=tuple(program.args),
            env=tuple((variable.name, variable.value) for variable in program.env),
            interactive_mode=cast("InteractiveMode", program.interactive_mode or "IfAvailable"),
            provide_cluster_info=program.provide_cluster_info,
            cluster_config=extension,
            install_hint=program.install_hint,
        )
    except ConfigError as error:
        raise checked.fault(str(error), error.option or "exec") from None


def _without_secrets(fields: dict[str, Any], entry: Entry[User]) -> tuple[dict[str, Any], list[str]]:
    """Only the impersonation: nothing secret goes to a server without TLS (A21)."""
    kept = {"impersonate": fields["impersonate"]}
    if not any(value is not None for name, value in fields.items() if name not in kept):
        return kept, []
    return kept, [f'credentials of user "{entry.name}" are not sent: the server is not https']


def _unknown_keys(entry: Entry[Any], what: str) -> list[str]:
    return [f'{what} "{entry.name}" has the unknown key {key!r}, which is ignored' for key in entry.unknown]
