# SPDX-License-Identifier: Apache-2.0
"""The settings of the default client, as attributes of this module: those of ``k8s_core.config``.

An assignment to an attribute of a module reaches no code of the module, so this module is of a class of its own. It is
the only place that needs one: ``from k8s import config`` and ``import k8s.config`` give the same module.
"""

from __future__ import annotations

import datetime
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from k8s._deprecation import deprecated
from k8s_core import config as settings

if TYPE_CHECKING:
    from collections.abc import Callable

    # For type checkers; what they are is in k8s_core.configuration.Settings.
    api_server: str | None
    api_token: Any
    api_token_source: Any
    cert: str | tuple[str, str] | None
    verify_ssl: bool | str
    timeout: float
    stream_timeout: float
    debug: bool
    watcher_cache_size: int | None

__all__ = ["FileTokenSource", "use_in_cluster_config"]

_SETTINGS: Final = frozenset(
    ("api_server", "api_token", "api_token_source", "cert", "verify_ssl", "timeout", "stream_timeout", "debug",
     "watcher_cache_size")
)  # fmt: skip
_IN_CLUSTER = "https://kubernetes.default.svc.cluster.local"
_MOUNTED = "/var/run/secrets/kubernetes.io/serviceaccount"
_REFRESH = datetime.timedelta(minutes=1)


class FileTokenSource:
    """A token in a file, read again when the last reading is a minute old.

    Args:
        token_file: its path. It is read at once.
        now_func: the clock.

    Raises:
        OSError: the file can't be read.
    """

    def __init__(self, token_file: str, now_func: Callable[[], datetime.datetime] = datetime.datetime.now) -> None:
        self._file = Path(token_file)
        self._read(now_func())

    def token(self, now_func: Callable[[], datetime.datetime] = datetime.datetime.now) -> str:
        """The token."""
        now = now_func()
        if now - self._read_at >= _REFRESH:
            self._read(now)
        return self._token

    def _read(self, now: datetime.datetime) -> None:
        self._token = self._file.read_text(encoding="utf-8").strip()
        self._read_at = now


def use_in_cluster_config(token_file: str = f"{_MOUNTED}/token", ca_cert_file: str = f"{_MOUNTED}/ca.crt") -> None:
    """Log in as the service account of the pod that this runs in; the token is read again as it rotates.

    Raises:
        OSError: the token can't be read.
    """
    deprecated("k8s.config.use_in_cluster_config()", "k8s_core.config.use_in_cluster_config()")
    settings.api_token_source = FileTokenSource(token_file).token
    if Path(ca_cert_file).exists():
        settings.verify_ssl = ca_cert_file
    if settings.api_server is None:
        settings.api_server = _IN_CLUSTER


class _Settings(ModuleType):
    """The module, with the settings as attributes."""

    def __getattr__(self, name: str) -> Any:
        if name not in _SETTINGS:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        if name == "api_token_source":
            source = settings.api_token_source
            return getattr(source, "__self__", source)
        value = getattr(settings, name)
        return value.reveal() if name == "api_token" and hasattr(value, "reveal") else value

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _SETTINGS:
            super().__setattr__(name, value)
            return
        deprecated(f"k8s.config.{name}", f"k8s_core.config.{name}")
        if name == "api_token_source" and value is not None:
            # fiaas/k8s wants an object with a method `token`; a function is a source as well.
            value = getattr(value, "token", value)
        elif name == "api_token" and value == "":
            value = None
        setattr(settings, name, value)

    def __delattr__(self, name: str) -> None:
        # As tests do that put things back.
        if name in _SETTINGS:
            setattr(settings, name, None)
        else:
            super().__delattr__(name)


sys.modules[__name__].__class__ = _Settings
