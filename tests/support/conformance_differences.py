# SPDX-License-Identifier: Apache-2.0
"""Where the embedded server and the kube-apiserver of CI (1.20.2) answer differently, and why that is accepted.

The embedded server answers as a real 1.36.2 does. A test that meets a difference looks up both answers here, by name.
Where a whole corpus is compared (defaults, validation, kubectl), what a version answers is recorded beside the case.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["DIFFERENCES", "Answers", "Difference", "answers"]

Answers = Callable[[str], tuple[Any, ...]]
"""The fixture ``answers``: what this server may answer, by the name of the difference."""


@dataclass(frozen=True)
class Difference:
    """One accepted difference: what the embedded server answers, what a real one may answer instead, and the reason.

    ``custom`` is what the apiextensions-apiserver 1.36.4 of CI answers, where that is not what 1.36.2 does.
    """

    embedded: Any
    real: tuple[Any, ...]
    reason: str
    custom: tuple[Any, ...] = ()


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
    "status of an apply that empties a map": Difference(
        200,
        (422,),
        "1.36.2 keeps the empty map; others, newer ones too, make it null (structured-merge-diff, issue 305)",
        custom=(422,),
    ),
    "code of a malformed operation in a JSON patch": Difference(
        422,
        (422,),
        "Debian builds 1.36.4 with a newer JSON patch library, which refuses it when it is decoded",
        custom=(400,),
    ),
    "code of a JSON patch that adds no value": Difference(
        200,
        (200, 422),
        "Debian builds 1.36.4 with a newer JSON patch library, which wants the value",
        custom=(400,),
    ),
    "scheme in the error of an unknown kind": Difference(
        "pkg/api/legacyscheme/scheme.go:30",
        ("k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30",),
        "the path of a source file is that of the build: newer ones cut it off",
    ),
    "a path that leads nowhere": Difference(
        "text/plain; charset=utf-8",
        ("application/json",),
        "1.20 lists the paths that there are",
    ),
    "text of a 406": Difference(
        "406: Not Acceptable\n\nAvailable representations: ",
        ("406: Not Acceptable",),
        "1.20 does not say what it could send",
    ),
    "health checks": Difference(
        {
            "healthz": ["ping", "log", "loopback-serving-certificate"],
            "livez": ["ping", "log", "loopback-serving-certificate"],
            "readyz": ["ping", "log", "informer-sync"],
        },
        ({name: ["ping", "log", "etcd"] for name in ("healthz", "livez", "readyz")},),
        "1.36 has a check more, and asks in another order",
    ),
    "a property with an example in OpenAPI v2": Difference(
        {
            "type": "string",
            "example": "one",
            "externalDocs": {"url": "https://x.example", "description": "More."},
        },
        ({"type": "string"},),
        "1.20 leaves examples and links out",
    ),
    "start of a continue token": Difference("/c0\0", ("c0\0",), "the key is absolute in newer versions"),
    "warning of an Ingress with an annotation for its class": Difference(
        ["annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead"],
        ([],),
        "1.20 did not warn of it yet",
    ),
    "warning of an unknown field of a Pod": Difference(
        ['unknown field "containers"'], ([],), "fields are validated by the server since 1.25"
    ),
}


def answers(name: str, server: str) -> tuple[Any, ...]:
    """What ``server`` (``embedded``, ``real`` or ``real-custom``) may answer."""
    difference = DIFFERENCES[name]
    if server == "real":
        return difference.real
    return (server == "real-custom" and difference.custom) or (difference.embedded,)
