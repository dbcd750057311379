# SPDX-License-Identifier: Apache-2.0
"""What stops a generator: always before the first file is written, and always with the place in the input."""

from __future__ import annotations

from k8s_core.errors import KubernetesError

__all__ = ["CodegenError"]


class CodegenError(KubernetesError):
    """The input cannot be turned into Python; nothing was written.

    Attributes:
        source: the document: a file name, a URL, or ``""`` when it is the combination of several.
        path: where in the document, as dotted text such as ``components.schemas.Pod.properties.spec``.
        reason: what is wrong there, and the way out where there is one.
    """

    def __init__(self, reason: str, *, source: str = "", path: str = "") -> None:
        self.source = source
        self.path = path
        self.reason = reason
        super().__init__(": ".join(part for part in (source, path, reason) if part))
