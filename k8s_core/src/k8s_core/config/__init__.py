# SPDX-License-Identifier: Apache-2.0
"""Configuration: where the API server is, whom to be there, and how far to trust it.

``from k8s_core import config`` gives the settings of the default client. This package goes by the same name, so the
package itself answers to the settings' names: ``config.api_server = "…"`` and ``config.use_in_cluster_config()`` work
on it, and ``from k8s_core.config import Config`` works as for any package. (One object has to serve both: importing
a sub-package always binds it as an attribute of its parent, and would replace anything else of that name.)
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from k8s_core.config.client_config import Config
from k8s_core.config.settings import SETTING_NAMES, Settings
from k8s_core.config.settings import config as _settings
from k8s_core.config.values import AuthProviderConfig, ExecConfig, ExecPolicy, Impersonation

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

    from k8s_core.redaction import Sensitive

    api_server: str | None
    api_token: Sensitive[str] | str | None
    cert: str | tuple[str, str] | None
    verify_ssl: bool | str
    timeout: float
    stream_timeout: float
    debug: bool
    watcher_cache_size: int | None
    exec_policy: ExecPolicy | None
    revision: int
    configured: bool

    def use_in_cluster_config() -> None: ...
    def load_kubeconfig(path: str | PathLike[str] | None = None, context: str | None = None) -> None: ...
    def load() -> None: ...
    def use(base: Config) -> None: ...
    def reset() -> None: ...
    def to_config(loader: Callable[[], Config] | None = None) -> Config: ...


__all__ = [
    "AuthProviderConfig",
    "Config",
    "ExecConfig",
    "ExecPolicy",
    "Impersonation",
    "Settings",
]

_METHODS = frozenset(
    {"configured", "load", "load_kubeconfig", "reset", "revision", "to_config", "use", "use_in_cluster_config"}
)


class _SettingsPackage(ModuleType):
    """This package, with the attributes of the default :class:`Settings` as its own."""

    def __getattribute__(self, name: str) -> Any:
        # Not __getattr__: the sub-module `load` would hide the method of that name once it is imported.
        if name in SETTING_NAMES or name in _METHODS:
            return getattr(_settings, name)
        return super().__getattribute__(name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("__") or isinstance(value, ModuleType):
            super().__setattr__(name, value)
        else:
            setattr(_settings, name, value)

    def __repr__(self) -> str:
        return f"<k8s_core.config: {_settings!r}>"


sys.modules[__name__].__class__ = _SettingsPackage
