# SPDX-License-Identifier: Apache-2.0
"""The one way up: the modules that lower layers reach when they are called, and never on import.

* ``verbs``: kinds have verbs (``Deployment.get("nginx")``), and verbs need a client, which is built on kinds. So
  ``Resource`` declares the verbs, and finds here what they do. A Watcher and the behaviour of kinds find the default
  client there.
* ``schemas`` and ``display``: every model can be checked and shown. Nothing else that models do needs marshmallow, or
  the rules of what is secret.
* ``registry``: a class that was imported directly may use annotation types that its package's plugin registers.
* ``fetching``: a login at an identity provider needs HTTP, and the transport needs logins.

No other module reaches a layer above its own; ``make check`` holds that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["display", "fetching", "registry", "schemas", "verbs"]

if TYPE_CHECKING:
    from k8s_core import registry, verbs
    from k8s_core.model import display, schemas
    from k8s_core.transport import fetch as fetching
else:

    class _Later:
        """A module that is imported when a name of it is first used."""

        def __init__(self, module):
            self._module = module

        def __getattr__(self, name):
            from importlib import import_module  # noqa: PLC0415  # not before the first way up (3 modules)

            found = getattr(import_module(self._module), name)
            setattr(self, name, found)
            return found

    verbs = _Later("k8s_core.verbs")
    registry = _Later("k8s_core.registry")
    schemas = _Later("k8s_core.model.schemas")
    display = _Later("k8s_core.model.display")
    fetching = _Later("k8s_core.transport.fetch")
