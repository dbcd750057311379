# SPDX-License-Identifier: Apache-2.0
"""The old spellings say what the new ones are: once for each name, where it is written."""

from __future__ import annotations

import importlib
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["deprecated", "forward"]


def deprecated(old: str, new: str, *, level: int = 3) -> None:
    """Warn of an old spelling; ``level`` is as for ``warnings.warn``, counted from here."""
    warnings.warn(f"{old}: write {new}", DeprecationWarning, stacklevel=level)


def forward(
    module: str, home: str, names: Mapping[str, str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]], list[str]]:
    """``__getattr__``, ``__dir__`` and ``__all__`` of a module with the old spellings of names.

    Args:
        module: its ``__name__``.
        home: the module that has the names.
        names: each old name with its new spelling.
    """

    def find(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        deprecated(f"{module}.{name}", names[name])
        return getattr(importlib.import_module(home), name)

    return find, lambda: sorted(names), list(names)


def forward_models(module: str, instead: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The same for a module of kinds, whose names are those of the private module that is called like it.

    Args:
        module: its ``__name__``.
        instead: the module that has such classes in the new spelling.
    """

    def home() -> Any:
        return importlib.import_module(module.replace(".models.", "._models."))

    def find(name: str) -> Any:
        if name == "__all__":
            return home().__all__
        if name not in home().__all__:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        shared = instead if name not in _SHARED else "k8s_core.meta"
        deprecated(f"{module}.{name}", f"from {shared} import {_RENAMED.get(name, name)}")
        return getattr(home(), name)

    return find, lambda: sorted(home().__all__)


_SHARED = frozenset(("Condition", "DeleteOptions", "LabelSelector", "LabelSelectorRequirement", "ObjectMeta"))
_RENAMED = {
    "Handler": "LifecycleHandler",
    "IssuerReference": "CertificateIssuerRef",
    "JSONSchemaPropsStatusEnabled": "JSONSchemaProps",
    "LoadBalancerIngress": "IngressLoadBalancerIngress",
    "LoadBalancerStatus": "IngressLoadBalancerStatus",
    "PortStatus": "IngressPortStatus",
    "ThirdPartyResource": "CustomResourceDefinition",
    "APIVersion": "CustomResourceDefinitionVersion",
}
