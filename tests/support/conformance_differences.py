# SPDX-License-Identifier: Apache-2.0
"""Where the embedded server and the kube-apiserver of CI (1.20.2) answer differently, and why that is accepted.

The embedded server answers as 1.36 does. A test that meets a difference looks up both answers here, by name. Where a
whole corpus is compared (defaults, validation, kubectl), what a version answers is recorded beside the case.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["DIFFERENCES", "Difference", "answers"]


@dataclass(frozen=True)
class Difference:
    """One accepted difference: what the embedded server answers, what a real one may answer instead, and the reason."""

    embedded: Any
    real: tuple[Any, ...]
    reason: str


DIFFERENCES = {
    "status of a malformed resourceVersion": Difference(
        400,
        (400, 500),
        "1.20 lets the storage layer's error through as a 500 without a reason; a client's mistake is a 400",
    ),
    "kind of the answer to deleting a Service": Difference(
        "Service",
        ("Service", "Status"),
        "since 1.23 the deleted Service itself is returned; 1.20 answers with a Status",
    ),
    "path of an item's error in a custom resource": Difference(
        "spec.parts[0].name",
        ("spec.parts[0].name", "spec.parts.name"),
        "1.20 leaves the index out of paths below lists",
    ),
}


def answers(name: str, server: str) -> tuple[Any, ...]:
    """What ``server`` (``embedded`` or ``real``) may answer."""
    difference = DIFFERENCES[name]
    return difference.real if server == "real" else (difference.embedded,)
