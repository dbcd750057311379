# SPDX-License-Identifier: Apache-2.0
"""Generators: OpenAPI documents to plugin packages. Needs the extra ``codegen`` (ruff formats what is written).

Frontends produce the neutral description in `ir`; `emit` turns it into source; `write` formats and writes.
"""

from __future__ import annotations

from k8s_devkit.codegen.documents import discover_facts, read_cluster, read_directory
from k8s_devkit.codegen.errors import CodegenError
from k8s_devkit.codegen.generate import plan
from k8s_devkit.codegen.overlay import Overlay, load_overlay
from k8s_devkit.codegen.write import Changes, apply_changes

__all__ = [
    "Changes",
    "CodegenError",
    "Overlay",
    "apply_changes",
    "discover_facts",
    "load_overlay",
    "plan",
    "read_cluster",
    "read_directory",
]
