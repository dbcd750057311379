# SPDX-License-Identifier: Apache-2.0
"""Putting a client together: finding its configuration, and its transport with what plugins add."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from k8s_core import meta
from k8s_core.configuration import Config
from k8s_core.errors import KubernetesError
from k8s_core.model import Model
from k8s_core.plugins import default_plugins
from k8s_core.redaction import mask_strings
from k8s_core.transport import Observers, make_transport

if TYPE_CHECKING:
    from k8s_core.auth import Credentials
    from k8s_core.plugins import Plugins
    from k8s_core.redaction import Mask, MaskOf
    from k8s_core.registry import Registry
    from k8s_core.transport import Transport

__all__ = ["connect", "find_config", "load_config", "masks_of"]


def load_config(plugins: Plugins | None = None) -> Config:
    """The configuration that a plugin provides, else what kubectl would use. Reads files.

    Raises:
        ConfigError: there is none, or it is invalid.
        PluginError: a hook plugin is broken.
    """
    return _plugins(plugins).load_config() or Config.load()


def find_config(config: Config | None, plugins: Plugins | None, *, has_transport: bool) -> Config:
    """The configuration of a new client: the given one, else the loaded one; a ready transport needs none."""
    if config is not None:
        if not isinstance(config, Config):
            raise TypeError(f"config must be a Config, such as Config.from_kubeconfig(), not {config!r}")
        return config
    return Config() if has_transport else load_config(plugins)


def connect(
    config: Config, plugins: Plugins | None, registry: Registry
) -> tuple[Transport, Observers, Credentials | None]:
    """The transport for a configuration, with the credentials, wrappers and observers of plugins. Opens no socket.

    The classes of the registry say what is secret in debug logs.

    Returns:
        The transport; the observers, for what happens above the transport; and the credentials, if a plugin has them.

    Raises:
        ConfigError: certificates or credentials of the configuration cannot be used.
        PluginError: a hook plugin is broken; never skipped, as the request might go out as somebody else.
    """
    hooks = _plugins(plugins)
    credentials = hooks.credentials(config)
    observers = Observers(hooks.observers(config))
    transport = make_transport(
        config,
        wrappers=hooks.transport_wrappers(config),
        credentials=credentials,
        observers=[observers] if observers else [],
        mask_of=masks_of(registry),
    )
    return transport, observers, credentials


def masks_of(registry: Registry) -> MaskOf:
    """The secrets that the classes of a registry, and the types that all kinds share, declare."""

    def mask_of(api_version: str, kind: str) -> Mask | None:
        cls = _shared_type(api_version, kind)
        if cls is None:
            try:
                cls = registry.get(api_version, kind)
            except KubernetesError:
                # Unknown, or its package is broken: no class says what is secret in it.
                return None
        return partial(_masked, cls)

    return mask_of


def _masked(cls: type[Model], document: dict[str, Any]) -> dict[str, Any]:
    from k8s_core.model.secrecy import masked  # noqa: PLC0415  # only debug logs need it

    try:
        return masked(cls, document)
    except TypeError:
        # An annotation of the class does not resolve. Its fields say so when they are used; a log is no place for it.
        return mask_strings(document)  # type: ignore[no-any-return]  # a dict in, a dict out


def _shared_type(api_version: str, kind: str) -> type[Model] | None:
    """Status, DeleteOptions and the like, which no package provides."""
    if api_version in ("v1", "meta.k8s.io/v1") and kind in meta.__all__:
        found: object = getattr(meta, kind)
        return found if isinstance(found, type) and issubclass(found, Model) else None
    return None


def _plugins(plugins: Plugins | None) -> Plugins:
    if plugins is not None:
        return plugins

    return default_plugins()
