# SPDX-License-Identifier: Apache-2.0
"""Two distributions that install one import package: whichever was installed last has overwritten the other."""

from __future__ import annotations

from k8s_core.plugins.discovery import COMMANDS_GROUP, HOOKS_GROUP, KINDS_GROUP, SERVERS_GROUP, canonical, scan

__all__ = ["overlapping_packages"]


def overlapping_packages() -> list[str]:
    """A sentence for each distribution that has the import package of an installed plugin, with the way out.

    Namespace packages may be shared, and are left out. Reads the metadata of all installed distributions.
    """
    import importlib_metadata  # noqa: PLC0415  # only a scan needs it (43 modules)

    plugins = scan(KINDS_GROUP, HOOKS_GROUP, COMMANDS_GROUP, SERVERS_GROUP)
    wanted = {plugin.package: plugin.distribution for plugin in plugins}
    found = set()
    for distribution in importlib_metadata.distributions():
        files = {str(file) for file in distribution.files or ()}
        for package, ours in wanted.items():
            name = distribution.name
            if f"{package}/__init__.py" in files and canonical(name) != canonical(ours):
                found.add(
                    f"{ours} and {name} both install the import package {package!r}: run pip uninstall --yes {name}, "
                    f"then pip install --force-reinstall --no-deps {ours}"
                )
    return sorted(found)
