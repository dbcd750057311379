# SPDX-License-Identifier: Apache-2.0
"""``k8s-core crd manifest``: the CustomResourceDefinitions of a package's kinds."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the sub-command."""
    group = typer.Typer(name="crd", no_args_is_help=True, help="Work with CustomResourceDefinitions.")
    group.command("manifest")(manifest)
    # With one command only, typer would leave its name out.
    group.callback()(lambda: None)
    app.add_typer(group)


def manifest(
    package: Annotated[str, typer.Argument(help="Distribution or Python package, and :Kind for one of its kinds.")],
) -> None:
    """Print the CRD manifests of the kinds that an installed package provides, as YAML for kubectl apply."""
    from k8s_core.errors import PluginError, UnknownKindError
    from k8s_core.model.crd_manifest import stored_first
    from k8s_core.model.yaml import dump_yaml
    from k8s_core.registry import classes_of_package

    name, _, kind = package.partition(":")
    classes = classes_of_package(name)
    chosen = [cls for cls in classes if kind in ("", cls.api_resource.kind)]
    if not chosen:
        known = ", ".join(dict.fromkeys(cls.api_resource.kind for cls in classes))
        raise UnknownKindError(f"{name} has no kind {kind!r}; it has: {known}")
    try:
        texts = [dump_yaml(versions[0].crd(*versions[1:])) for versions in stored_first(chosen)]
    except TypeError as error:
        # A mistake in the classes of somebody's package is for its author to read, not a fault of this program.
        raise PluginError(str(error)) from error
    sys.stdout.write("---\n".join(texts))
