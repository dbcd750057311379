# SPDX-License-Identifier: Apache-2.0
"""``Config``: everything a client needs to know about one API server and one identity, as one frozen value."""

from __future__ import annotations

import dataclasses
import warnings
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from k8s_core.configuration.urls import assumed_http, check_proxy_url, normalize_server, split_user
from k8s_core.errors import ConfigError
from k8s_core.errors.calls import explains_calls
from k8s_core.errors.habits import CONFIG, has_habits, without_habits
from k8s_core.redaction import REDACTED, Sensitive, conceal, mask_url, reveal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from os import PathLike

    from k8s_core.configuration.values import AuthProviderConfig, ExecConfig, ExecPolicy, Impersonation

__all__ = ["Config"]

_CREDENTIAL_FIELDS = (
    "token", "token_file", "token_source", "username", "password", "client_certificate", "client_certificate_data",
    "client_key", "client_key_data", "exec", "auth_provider",
)  # fmt: skip


@has_habits(CONFIG)
@explains_calls
@dataclass(frozen=True, kw_only=True, repr=False)
class Config:
    """One API server, one identity, and how patient to be. Immutable, hashable; making one reads no file.

    Secrets are stored as :class:`~k8s_core.redaction.Sensitive`, whatever they are given as: ``repr``, logs and
    pickles never show them (I1). Files that it names are read when credentials or connections are made from it.

    Raises:
        ConfigError: the fields contradict each other (protocol A14-A16, A25), or a value can't be used.

    Warns:
        UserWarning: the server has no scheme and counts as http.
    """

    server: str = "http://localhost:8080"
    """URL of the API server, or ``host:port``; a path is kept, so a server behind a gateway works (A19, A20)."""
    namespace: str = "default"
    """For requests that name none."""
    token: Sensitive[str] | str | None = None
    token_file: str | None = None
    """Re-read as it rotates; wins over ``token`` once it was read (A23)."""
    token_source: Callable[[], str] | None = None
    """Called for the token before each request, from any thread, and after a 401; it should answer from memory."""
    username: str | None = None
    password: Sensitive[str] | str | None = None
    client_certificate: str | None = None
    """Path of a PEM file; re-read as it rotates (A27)."""
    client_certificate_data: bytes | None = None
    """PEM (not base64 of it); wins over the file. The same goes for the key and the authority."""
    client_key: str | None = None
    client_key_data: Sensitive[bytes] | bytes | None = None
    certificate_authority: str | None = None
    """Path of a PEM bundle, the only trust root if given; None means the system's roots (A17)."""
    certificate_authority_data: bytes | None = None
    verify_ssl: bool = True
    """False accepts any server certificate; it can't be combined with an authority (A16)."""
    tls_server_name: str | None = None
    """The name to ask for and to verify, where it is not the host of ``server`` (A18)."""
    proxy_url: Sensitive[str] | str | None = None
    """http, https or socks5; overrides the proxy variables of the environment (A22)."""
    trust_env: bool = True
    """False ignores the proxy variables of the environment."""
    disable_compression: bool = False
    impersonate: Impersonation | None = None
    exec: ExecConfig | None = None
    """A login program; not used if a token, password or client certificate is set too (A40)."""
    exec_policy: ExecPolicy | None = None
    auth_provider: AuthProviderConfig | None = None
    timeout: float = 20.0
    """Seconds for a whole request, retries included."""
    stream_timeout: float = 270.0
    """Seconds without a byte after which a stream counts as dead."""
    watcher_cache_size: int | None = None
    """Default ``capacity`` of a Watcher: how many objects it remembers; None means every live one."""
    max_retries: int = 10
    user_agent: str | None = None
    """None lets the transport name the program."""
    qps: float | None = None
    """Requests per second that the client allows itself; None = no limit. Watches are exempt."""
    burst: int = 10
    debug: bool = False
    """Log each request and response, bodies shortened and secrets masked."""
    source: str = "Config"
    """Where this came from, for messages."""

    def __post_init__(self) -> None:
        for name in ("token", "password"):
            self._set(name, conceal(getattr(self, name)))
        for name in ("client_certificate_data", "certificate_authority_data"):
            self._set(name, _pem(getattr(self, name)))
        self._set("client_key_data", conceal(_pem(reveal(self.client_key_data))))
        self._normalize_server()
        self._check()

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def _normalize_server(self) -> None:
        tls_by_default = self.has_authority or self.has_client_certificate or not self.verify_ssl
        server = normalize_server(self.server, tls_by_default=tls_by_default)
        if note := assumed_http(self.server, server):
            warnings.warn(note, UserWarning, stacklevel=5)
        server, user, password = split_user(server)
        if user is not None and not self.has_credentials:
            self._set("username", user)
            self._set("password", Sensitive(password or ""))
        self._set("server", server)
        if self.proxy_url:
            check_proxy_url(reveal(self.proxy_url))
            if "@" in reveal(self.proxy_url):
                self._set("proxy_url", conceal(self.proxy_url))

    def _check(self) -> None:
        if not self.verify_ssl and self.has_authority:
            raise self._error("specifying a root certificates file with the insecure flag is not allowed", "verify_ssl")
        self._check_credentials()
        for name in ("timeout", "stream_timeout", "qps"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or not value > 0):
                raise self._error(f"{name} must be a number greater than 0", name)
        size: object = self.watcher_cache_size
        if size is not None and (isinstance(size, bool) or not isinstance(size, int) or size < 1):
            message = "watcher_cache_size must be None or a number of objects greater than 0"
            raise self._error(message, "watcher_cache_size")
        for name in ("user_agent", "tls_server_name", "namespace"):
            value = getattr(self, name)
            if value and any(char in value for char in "\r\n\0"):
                raise self._error(f"{name} contains a line break or NUL", name)

    def _check_credentials(self) -> None:
        if self.token_source is not None and not callable(self.token_source):
            raise self._error("token_source must be a function that gives a token", "token_source")
        if self.token_source is not None and (self.token or self.token_file):
            raise self._error("a token source or a token may be set, but not both", "token_source")
        if (self.token or self.token_file or self.token_source) and (self.username or self.password):
            raise self._error("username/password or bearer token may be set, but not both", "token")
        certificate = self.client_certificate_data is not None or self.client_certificate is not None
        key = self.client_key_data is not None or self.client_key is not None
        if certificate and not key:
            raise self._error("client_key or client_key_data must be given with a client certificate", "client_key")
        if key and not certificate:
            message = "client_certificate or client_certificate_data must be given with a client key"
            raise self._error(message, "client_certificate")
        if self.exec is not None and self.auth_provider is not None:
            raise self._error("exec and auth_provider are mutually exclusive", "exec")

    def _error(self, message: str, option: str) -> ConfigError:
        prefix = "" if self.source == "Config" else f"{self.source}: "
        return ConfigError(prefix + message, source=self.source, option=option)

    # -- questions

    @property
    def uses_tls(self) -> bool:
        """Whether ``server`` is https."""
        return self.server.startswith("https://")

    @property
    def server_path(self) -> str:
        """The path of ``server``, without a slash at its end: goes in front of every request path (A19)."""
        return urlsplit(self.server).path

    @property
    def has_authority(self) -> bool:
        """Whether an authority replaces the system's roots."""
        return self.certificate_authority is not None or self.certificate_authority_data is not None

    @property
    def has_client_certificate(self) -> bool:
        """Whether a client certificate with its key is configured (one from a login program doesn't count)."""
        return self.client_certificate is not None or self.client_certificate_data is not None

    @property
    def has_credentials(self) -> bool:
        """Whether any source of credentials is configured; impersonation alone is none."""
        return any(getattr(self, name) is not None for name in _CREDENTIAL_FIELDS if name != "password")

    # -- derived configurations

    def replace(self, **changes: Any) -> Config:
        """A copy with some fields changed, with kubectl's rules for overrides.

        A new ``server`` drops the inherited ``tls_server_name`` (A18); ``verify_ssl=False`` drops the inherited
        authority and an authority drops the inherited ``verify_ssl=False`` (A16); data drops the inherited file and
        the other way round; a token drops the inherited password and the other way round.

        Raises:
            ConfigError: as for a new Config.
            TypeError: no such field.
        """
        defaults: dict[str, Any] = {}
        if "server" in changes:
            defaults["tls_server_name"] = None
        if changes.get("verify_ssl") is False:
            defaults.update(certificate_authority=None, certificate_authority_data=None)
        for name in ("certificate_authority", "client_certificate", "client_key"):
            if changes.get(name) is not None:
                defaults[f"{name}_data"] = None
            if changes.get(f"{name}_data") is not None:
                defaults[name] = None
        if changes.get("certificate_authority") is not None or changes.get("certificate_authority_data") is not None:
            defaults["verify_ssl"] = True
        if any(changes.get(name) is not None for name in ("token", "token_file", "token_source")):
            defaults.update(username=None, password=None, token=None, token_file=None, token_source=None)
        if changes.get("username") is not None:
            defaults.update(token=None, token_file=None, token_source=None)
        return dataclasses.replace(self, **(defaults | changes))

    def without_credentials(self, **changes: Any) -> Config:
        """A copy without any source of credentials, and with the given changes; impersonation stays."""
        cleared: dict[str, Any] = dict.fromkeys(_CREDENTIAL_FIELDS)
        return dataclasses.replace(self, **(cleared | changes))

    # -- loading

    @classmethod
    def load(cls, *, context: str | None = None, environ: Mapping[str, str] | None = None) -> Self:
        """What kubectl would use: kubeconfig, and only if that is empty, in-cluster (A47). Reads files.

        Raises:
            ConfigError: the kubeconfig is invalid, or there is no configuration at all.
        """
        from k8s_core.configuration.loading import load  # noqa: PLC0415  # only files need it (19 modules)

        return load(cls, context=context, environ=environ)

    @classmethod
    def from_kubeconfig(
        cls,
        path: str | PathLike[str] | None = None,
        context: str | None = None,
        *,
        namespace: str | None = None,
    ) -> Self:
        """One context of a kubeconfig file, or of the files in ``KUBECONFIG``, or of ``~/.kube/config``.

        Reads files; runs nothing.

        Args:
            path: this file only; it must exist (A4).
            context: default is the file's ``current-context``.
            namespace: instead of the context's.

        Raises:
            ConfigError: names the file and what is wrong in it.
        """
        from k8s_core.configuration.loading import from_kubeconfig  # noqa: PLC0415  # only files need it (19 modules)

        return from_kubeconfig(cls, path, context, namespace=namespace)

    @classmethod
    def in_cluster(cls) -> Self:
        """The configuration of a pod: its service account's mounted files (A43-A46). Reads files.

        Raises:
            ConfigError: not in a cluster, or the token can't be read.
        """
        from k8s_core.configuration.incluster import in_cluster  # noqa: PLC0415  # only files need it (9 modules)

        return in_cluster(cls)

    def __dir__(self) -> list[str]:
        return without_habits(type(self), super().__dir__())

    def __repr__(self) -> str:
        shown = (
            f"{item.name}={_shown(item.name, getattr(self, item.name))}"
            for item in fields(self)
            if item.name == "server" or getattr(self, item.name) != item.default
        )
        return f"Config({', '.join(shown)})"


def _pem(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value


def _shown(name: str, value: object) -> str:
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    if name == "proxy_url":
        return repr(mask_url(reveal(value)) if isinstance(value, str) else REDACTED)
    if name == "token_source":
        # The repr of a partial or of an object of its own may have the token.
        return f"<{getattr(value, '__qualname__', type(value).__qualname__)}>"
    return repr(value)
