# SPDX-License-Identifier: Apache-2.0
"""The five hooks: the whole contract between the core and plugins.

A hook implementation may take any subset of the arguments. Of several implementations the one registered last runs
first (``tryfirst`` and ``trylast`` move it); entry points are registered in the order of distribution and entry-point
name, then what the program registers itself. A hook may be called from any thread, one call at a time per ``Plugins``
while plugins load.

An exception of the KubernetesError tree that a hook raises reaches the caller as it is, with a note that names the
plugin; any other becomes a ``PluginError`` that names the plugin, with the original as its cause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from k8s_core.auth import Credentials
    from k8s_core.configuration import Config
    from k8s_core.plugins.registrar import KindRegistrar
    from k8s_core.transport import Observer, TransportWrapper

__all__ = [
    "KIND_HOOKS",
    "PROJECT",
    "hookimpl",
    "hookspec",
    "k8s_credentials",
    "k8s_load_config",
    "k8s_observe",
    "k8s_register_kinds",
    "k8s_transport_wrapper",
]

PROJECT = "k8s_core"
KIND_HOOKS = frozenset({"k8s_register_kinds"})
"""Hooks of entry-point group ``k8s_core.kinds``; all others belong to ``k8s_core.plugins``."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a function as a hook implementation: ``@hookimpl`` or ``@hookimpl(tryfirst=True)``."""


@hookspec(historic=True)
def k8s_register_kinds(registrar: KindRegistrar) -> None:
    """File the kinds of a package, as import strings.

    Called once per plugin, when the first kind of one of its API groups is asked for: never at import, never when a
    Client is made. It must be cheap and must not import the models: it runs also when only one of the kinds is needed.
    Kinds that are filed for an API group need an entry point of that name in ``k8s_core.kinds``.

    Args:
        registrar: takes ``add_kind`` and ``add_type`` while the hook runs, in the name of this plugin.
    """


@hookspec(firstresult=True)
def k8s_load_config() -> Config | None:
    """Find the configuration: the server and how to log in.

    Called when a Client is made without a Config, before kubeconfig files and the in-cluster files are looked at.
    May do I/O.

    Returns:
        A Config, which is used as it is; or None to leave it to the next plugin, and at last to the core.
    """


@hookspec(firstresult=True)
def k8s_credentials(config: Config) -> Credentials | None:
    """Provide the credentials for a configuration.

    Called once when a Client is made; the answer serves all its requests, from several threads. Answer only for
    configurations that are meant for this plugin. Fetch tokens lazily, in ``headers()``.

    Args:
        config: the configuration in use. It may hold secrets: do not log it.

    Returns:
        An object with the methods of ``k8s_core.auth.Credentials``; or None to leave it to the next plugin, and at
        last to the core. Anything else, and any exception, ends the making of the Client: no request is ever sent
        anonymously because a plugin failed.
    """


@hookspec
def k8s_transport_wrapper(config: Config) -> TransportWrapper | None:
    """Wrap the transport: refuse, change, record or answer requests.

    Called once when a Client is made. The wrappers of all plugins are nested: that of the implementation which runs
    first is outermost. All of them sit outside observation, retries and authentication: they see each request once
    and never see the credentials.

    Args:
        config: the configuration in use. It may hold secrets: do not log it.

    Returns:
        A callable that takes a Transport and returns a Transport; or None.
    """


@hookspec
def k8s_observe(config: Config) -> Observer | None:
    """Observe requests, retries, throttling, token refreshes, watches and relists.

    Called once when a Client is made. The observer's methods are called in the thread that does the work, so they must
    be quick; what they raise is logged and goes no further.

    Args:
        config: the configuration in use. It may hold secrets: do not log it.

    Returns:
        An object with any of the methods of ``k8s_core.transport.Observer``; or None.
    """
