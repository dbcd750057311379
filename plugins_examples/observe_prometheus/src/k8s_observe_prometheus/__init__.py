# SPDX-License-Identifier: Apache-2.0
"""Prometheus metrics of what k8s-core does: see :class:`~k8s_observe_prometheus.metrics.PrometheusObserver`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from k8s_core import hookimpl

if TYPE_CHECKING:
    from k8s_observe_prometheus.metrics import PrometheusObserver

__all__ = ["PrometheusObserver", "default_observer", "k8s_observe"]

_default: PrometheusObserver | None = None


@hookimpl
def k8s_observe() -> PrometheusObserver | None:
    """Observe if the program uses prometheus_client; if it does not, nobody could ever read the metrics."""
    return default_observer() if "prometheus_client" in sys.modules else None


def default_observer() -> PrometheusObserver:
    """The observer whose metrics are in prometheus_client's default registry; the same for all clients."""
    global _default
    if _default is None:
        from k8s_observe_prometheus.metrics import PrometheusObserver  # noqa: PLC0415  # as in `__getattr__`

        _default = PrometheusObserver()
    return _default


def __getattr__(name: str) -> Any:
    # prometheus_client takes longer to import than most programs take to start.
    if name == "PrometheusObserver":
        from k8s_observe_prometheus.metrics import PrometheusObserver  # noqa: PLC0415  # 34 modules

        return PrometheusObserver
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
