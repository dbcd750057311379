# SPDX-License-Identifier: Apache-2.0
"""The one way up: what the lower layers reach of :mod:`k8s_core.verbs` when it is called, and never on import.

Kinds have verbs (``Deployment.get("nginx")``), and verbs need a client, which is built on kinds. So ``Resource``
declares the verbs, and this object finds what they do; a Watcher and the behaviour of kinds find the default client
here. No other module reaches a layer above its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["verbs"]

if TYPE_CHECKING:
    from k8s_core import verbs
else:

    class _Verbs:
        """The module ``k8s_core.verbs``, imported when a name of it is first used."""

        def __getattr__(self, name):
            from importlib import import_module

            found = getattr(import_module("k8s_core.verbs"), name)
            setattr(self, name, found)
            return found

    verbs = _Verbs()
