# SPDX-License-Identifier: Apache-2.0
"""The settings of the default client: ``from k8s_core import config``."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final, Generic, NoReturn, TypeVar, cast, overload

from k8s_core.configuration.client_config import Config
from k8s_core.errors import ConfigError
from k8s_core.errors.habits import SETTINGS, no_attribute
from k8s_core.errors.hints import nearest, offer
from k8s_core.redaction import conceal

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from k8s_core.configuration.values import ExecPolicy
    from k8s_core.redaction import Sensitive

__all__ = ["SETTING_NAMES", "Settings", "config"]

T = TypeVar("T")


class _Setting(Generic[T]):
    """One attribute of :class:`Settings`: the value that was assigned, else what the loaded configuration says."""

    def __init__(self, read: Callable[[Config], T], default: T) -> None:
        self._read = read
        self._default = default

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, settings: None, owner: type) -> _Setting[T]: ...
    @overload
    def __get__(self, settings: Settings, owner: type) -> T: ...
    def __get__(self, settings: Settings | None, owner: type) -> _Setting[T] | T:
        if settings is None:
            return self
        return cast("T", settings._value(self._name, self._read, self._default))

    def __set__(self, settings: Settings, value: T) -> None:
        settings._assign(self._name, value)


def _certificate_paths(base: Config) -> str | tuple[str, str] | None:
    if base.client_certificate is None or base.client_key is None:
        return None
    return (base.client_certificate, base.client_key)


class Settings:
    """What the default client is made of; assign attributes or call a loading method, before or between requests.

    Assigning replaces that one thing; :meth:`use_in_cluster_config`, :meth:`load_kubeconfig`, :meth:`load` and
    :meth:`use` replace server, credentials and trust together, and forget earlier assignments of those. If nothing
    was set at all, the first request loads what kubectl would use. A wrong value raises ConfigError at once and
    changes nothing. Thread-safe. An attribute that does not exist can't be assigned.
    """

    __slots__ = ("_automatic", "_base", "_lock", "_own", "_revision")

    api_server: _Setting[str | None] = _Setting(lambda base: base.server, None)
    """URL of the API server."""
    api_token: _Setting[Sensitive[str] | str | None] = _Setting(lambda base: base.token, None)
    """Bearer token; replaces every loaded credential."""
    api_token_source: _Setting[Callable[[], str] | None] = _Setting(lambda base: base.token_source, None)
    """A function that gives the bearer token, called before each request; takes the place of ``api_token`` and of every
    loaded credential."""
    cert: _Setting[str | tuple[str, str] | None] = _Setting(_certificate_paths, None)
    """Client certificate: path of a PEM file with certificate and key, or (certificate path, key path)."""
    verify_ssl: _Setting[bool | str] = _Setting(lambda base: base.certificate_authority or base.verify_ssl, True)
    """True, False, or the path of a PEM file: the only certificate authority to trust."""
    timeout: _Setting[float] = _Setting(lambda base: base.timeout, Config.timeout)
    """Seconds for a whole request."""
    stream_timeout: _Setting[float] = _Setting(lambda base: base.stream_timeout, Config.stream_timeout)
    """Seconds without a byte after which a watch or log stream counts as dead."""
    debug: _Setting[bool] = _Setting(lambda base: base.debug, False)
    """Log every request and response (logger ``k8s_core``), secrets masked."""
    watcher_cache_size: _Setting[int | None] = _Setting(lambda base: base.watcher_cache_size, None)
    """Default ``capacity`` of a Watcher; None = remember every live object."""
    exec_policy: _Setting[ExecPolicy | None] = _Setting(lambda base: base.exec_policy, None)
    """Which login programs of a kubeconfig may run."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._own: dict[str, Any] = {}
        self._base: Config | None = None
        self._automatic: Config | None = None
        self._revision = 0

    @property
    def revision(self) -> int:
        """Grows with every change; the default client is rebuilt when it differs."""
        return self._revision

    @property
    def configured(self) -> bool:
        """Whether a server is known without loading anything."""
        return self._base is not None or "api_server" in self._own

    def use_in_cluster_config(self) -> None:
        """Take server, token and authority of the pod that this runs in. Reads files.

        Raises:
            ConfigError: as :meth:`Config.in_cluster`; nothing is changed then.
        """
        self.use(Config.in_cluster())

    def load_kubeconfig(self, path: str | os.PathLike[str] | None = None, context: str | None = None) -> None:
        """Take one context of a kubeconfig. Reads files, runs nothing; arguments as :meth:`Config.from_kubeconfig`."""
        self.use(Config.from_kubeconfig(path, context))

    def load(self) -> None:
        """Take what kubectl would use: kubeconfig, else in-cluster. Reads files; see :meth:`Config.load`."""
        self.use(Config.load())

    def use(self, base: Config) -> None:
        """Take a Config that the caller made; its timeouts count unless they were assigned here."""
        with self._lock:
            own = {name: value for name, value in self._own.items() if name not in _REPLACED_BY_LOADING}
            _overlay(base, own)
            self._base, self._own, self._automatic = base, own, None
            self._revision += 1

    def reset(self) -> None:
        """Forget everything, as after import."""
        with self._lock:
            self._base, self._own, self._automatic = None, {}, None
            self._revision += 1

    def to_config(self, loader: Callable[[], Config] | None = None) -> Config:
        """The Config that these settings amount to. Reads files only if no server was set or loaded yet.

        Args:
            loader: finds a configuration in that case, instead of :meth:`Config.load`; its result is kept.

        Raises:
            ConfigError: nothing was set, and nothing could be loaded either.
        """
        with self._lock:
            base = self._base
            if base is None and "api_server" not in self._own:
                if self._automatic is None:
                    self._automatic = (loader or Config.load)()
                base = self._automatic
            return _overlay(base, self._own)

    def _value(self, name: str, read: Callable[[Config], Any], default: Any) -> Any:
        with self._lock:
            if name in self._own:
                return self._own[name]
            base = self._base or self._automatic
            return default if base is None else read(base)

    def _assign(self, name: str, value: Any) -> None:
        with self._lock:
            own = {**self._own, name: conceal(value) if name == "api_token" else value}
            if value is None:
                del own[name]
            _overlay(self._base or self._automatic, own)
            if own != self._own:
                self._own = own
                self._revision += 1

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_") or name in SETTING_NAMES:
            object.__setattr__(self, name, value)
            return
        habit = SETTINGS.get(name)
        hint = offer([habit] if habit in SETTING_NAMES else nearest(name, SETTING_NAMES))
        hint = hint or f"; there are {', '.join(SETTING_NAMES)}"
        raise AttributeError(f"no setting {name!r}{hint}")

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            raise no_attribute(self, name, SETTINGS)

    def __repr__(self) -> str:
        with self._lock:
            base = self._base or self._automatic
            if base is None and "api_server" not in self._own:
                return "<Settings: nothing set; the first request loads kubeconfig or in-cluster>"
            return f"<Settings: {_overlay(base, self._own)!r}>"


SETTING_NAMES: Final = tuple(name for name, value in vars(Settings).items() if isinstance(value, _Setting))
_REPLACED_BY_LOADING: Final = frozenset({"api_server", "api_token", "api_token_source", "cert", "verify_ssl"})


def _overlay(base: Config | None, own: dict[str, Any]) -> Config:
    """``base`` with the assigned settings on top; without a base, a Config of those alone."""
    result = base or Config(server=own.get("api_server", Config.server), source="k8s_core.config")
    if not own.keys().isdisjoint(("api_token", "api_token_source", "cert")):
        source = own.get("api_token_source")
        token = own.get("api_token") or None
        result = result.without_credentials(
            token=token if source is None else None, token_source=source, **_certificate_fields(own.get("cert"))
        )
    plain = ("timeout", "stream_timeout", "debug", "watcher_cache_size", "exec_policy")
    changes: dict[str, Any] = {name: own[name] for name in plain if name in own}
    verify = own.get("verify_ssl")
    if isinstance(verify, str):
        changes["certificate_authority"] = verify
    elif isinstance(verify, bool):
        changes["verify_ssl"] = verify
    elif verify is not None:
        raise ConfigError("verify_ssl must be True, False or the path of a CA file", option="verify_ssl")
    if base is None or "api_server" in own:
        changes["server"] = own.get("api_server", Config.server)
    return result.replace(**changes)


def _certificate_fields(cert: Any) -> dict[str, str]:
    if cert is None:
        return {}
    if isinstance(cert, str):
        return {"client_certificate": cert, "client_key": cert}
    if isinstance(cert, tuple | list) and len(cert) == 2 and all(isinstance(item, str) for item in cert):
        return {"client_certificate": cert[0], "client_key": cert[1]}
    raise ConfigError("cert must be the path of a PEM file, or a pair (certificate path, key path)", option="cert")


config = Settings()
