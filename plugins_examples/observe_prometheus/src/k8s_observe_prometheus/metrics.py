# SPDX-License-Identifier: Apache-2.0
"""The metrics. Names follow Prometheus' conventions; labels take few values, so that cardinality stays bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from prometheus_client import REGISTRY, Counter, Histogram

from k8s_core.transport import Observer

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from k8s_core.requests import Request
    from k8s_core.transport import (
        RelistObservation,
        RequestObservation,
        RetryObservation,
        ThrottleObservation,
        TokenRefreshObservation,
        WatchObservation,
    )

__all__ = ["PrometheusObserver"]

_NAMESPACE: Final = "k8s_client"
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class PrometheusObserver(Observer):
    """Counts what it is told. Thread-safe, as the metrics are."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        """Register the metrics; ``registry`` must not have them yet."""

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(name, text, labels, namespace=_NAMESPACE, registry=registry)

        self.requests = counter("requests", "Requests by outcome", "verb", "resource", "code")
        self.latency = Histogram(
            "request_duration_seconds",
            "From the call to the answer, retries included; of a watch, to its beginning",
            ["verb"],
            buckets=_BUCKETS,
            namespace=_NAMESPACE,
            registry=registry,
        )
        self.retries = counter("retries", "Attempts after the first", "verb", "reason")
        self.throttled = counter("throttled_seconds", "Waits for the client's own rate limit", "verb")
        self.watches = counter("watch_starts", "Watch connections begun", "resource")
        self.watch_failures = counter(
            "watch_failures", "Watch connections that broke or were never opened", "resource", "error"
        )
        self.watch_events = counter("watch_events", "Events of watch connections that are over", "resource")
        self.relists = counter("relists", "Whole lists by watchers", "resource", "reason")
        self.refreshes = counter("token_refreshes", "Renewals of credentials after a 401", "result")

    def request(self, event: RequestObservation) -> None:
        """Count an answered request and how long it took."""
        verb = _verb(event.request)
        code = str(event.status) if event.status is not None else type(event.error).__name__
        self.requests.labels(verb, _resource(event.request), code).inc()
        self.latency.labels(verb).observe(event.seconds)

    def retry(self, event: RetryObservation) -> None:
        """Count a repeated request."""
        # "429 Too Many Requests (…)" or the text of an error: only the number is fit for a label.
        word = event.reason.partition(" ")[0]
        self.retries.labels(_verb(event.request), word if word.isdecimal() else "connection").inc()

    def throttle(self, event: ThrottleObservation) -> None:
        """Add up what the client-side rate limit delayed."""
        self.throttled.labels(_verb(event.request)).inc(event.wait)

    def token_refresh(self, event: TokenRefreshObservation) -> None:
        """Count a renewal of credentials."""
        self.refreshes.labels("succeeded" if event.succeeded else "failed").inc()

    def watch(self, event: WatchObservation) -> None:
        resource = event.resource.group_resource if event.resource is not None else ""
        if event.phase == "started":
            self.watches.labels(resource).inc()
            return
        self.watch_events.labels(resource).inc(event.events)
        if event.phase == "failed":
            self.watch_failures.labels(resource, type(event.error).__name__).inc()

    def relist(self, event: RelistObservation) -> None:
        resource = event.resource.group_resource if event.resource is not None else ""
        self.relists.labels(resource, event.reason).inc()


def _verb(request: Request) -> str:
    return request.verb or request.method.lower()


def _resource(request: Request) -> str:
    if request.resource is None:
        return ""
    name = request.resource.group_resource
    return f"{name}/{request.subresource}" if request.subresource else name
