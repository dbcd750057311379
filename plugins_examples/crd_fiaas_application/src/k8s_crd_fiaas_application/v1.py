# SPDX-License-Identifier: Apache-2.0
"""``fiaas.schibsted.io/v1``. The CRD is made from these classes: ``Application.crd()``."""

from __future__ import annotations

from typing import Any

from k8s_core import Model, Resource, field
from k8s_core.kinds import PrinterColumn

__all__ = ["Application", "ApplicationSpec"]


class ApplicationSpec(Model):
    """What is to run, and how."""

    application: str = field(description="Name of the application.", min_length=1)
    image: str = field(description="The container image to run.", min_length=1)
    config: dict[str, Any] = field(
        description="The application's fiaas.yml: FIAAS checks it, not the API server.", preserve_unknown_fields=True
    )


class Application(
    Resource,
    group="fiaas.schibsted.io",
    version="v1",
    plural="applications",
    singular="application",
    short_names=("app", "fa"),
):
    """An application that FIAAS deploys."""

    printer_columns = (
        PrinterColumn("Application", ".spec.application"),
        PrinterColumn("Image", ".spec.image"),
    )

    spec: ApplicationSpec
