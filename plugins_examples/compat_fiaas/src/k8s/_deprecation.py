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
        instead: the module that has new spellings of the classes that are derived from none of k8s-core.
    """

    def home() -> Any:
        return importlib.import_module(module.replace(".models.", "._models."))

    def find(name: str) -> Any:
        if name == "__all__":
            return home().__all__
        if name not in home().__all__:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        found = getattr(home(), name)
        deprecated(f"{module}.{name}", _new_spelling(found, name, instead))
        return found

    return find, lambda: sorted(home().__all__)


def _new_spelling(found: Any, name: str, instead: str) -> str:
    if not isinstance(found, type):
        return repr(found)
    for base in found.__mro__:
        if base.__module__.startswith("k8s_plugins_builtin."):
            return f"from {base.__module__} import {base.__name__}"
        if base.__module__.startswith("k8s_core.") and base.__name__ == name:
            return f"from k8s_core.meta import {name}"
    return f"from {instead} import {_REPLACED.get(name, name)}"


_REPLACED = {
    "APIVersion": "CustomResourceDefinitionVersion",
    "CustomResourceSubresourceStatusDisabled": "CustomResourceSubresources",
    "CustomResourceSubresourceStatusEnabled": "CustomResourceSubresources",
    "IssuerReference": "CertificateIssuerRef",
    "ThirdPartyResource": "CustomResourceDefinition",
}
