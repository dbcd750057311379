# SPDX-License-Identifier: Apache-2.0
"""The distribution ``k8s`` of fiaas has the same import package: said at the first use, and when a client is made."""

from __future__ import annotations

import functools
import warnings
from importlib.metadata import PackageNotFoundError, distribution

__all__ = ["RIVAL", "check_installation"]

RIVAL = "k8s"
"""The distribution that fiaas/k8s is installed as."""

_ADVICE = (
    f"the distribution {RIVAL!r} (fiaas/k8s) is installed beside k8s-core-compat-fiaas, and both are the import "
    f"package 'k8s': which modules you get depends on which was installed last. Run: pip uninstall --yes {RIVAL} && "
    "pip install --force-reinstall --no-deps k8s-core-compat-fiaas"
)


@functools.cache
def check_installation() -> None:
    """Warn if fiaas/k8s is installed as well. Looks once."""
    try:
        distribution(RIVAL)
    except PackageNotFoundError:
        return
    warnings.warn(_ADVICE, RuntimeWarning, stacklevel=2)
