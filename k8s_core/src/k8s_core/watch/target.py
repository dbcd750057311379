# SPDX-License-Identifier: Apache-2.0
"""What is watched, and the requests that list and watch it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from k8s_core.errors import RequestError
from k8s_core.requests.options import AllNamespaces, check_namespace
from k8s_core.requests.read import list_request, watch_request
from k8s_core.seam import verbs
from k8s_core.selectors import field_selector, label_selector

if TYPE_CHECKING:
    from k8s_core.client import Client
    from k8s_core.kinds import APIResource
    from k8s_core.requests import Request
    from k8s_core.requests.options import NamespaceOption
    from k8s_core.selectors import Fields, Labels
    from k8s_core.watch.instructions import ListPage, OpenWatch

__all__ = ["Target", "check_watchable"]


@dataclass(frozen=True, slots=True)
class Target:
    """What is watched: a kind, in one namespace or all, restricted by selectors. See :meth:`of`."""

    resource: APIResource
    namespace: str | None = None
    labels: str = ""
    fields: str = ""

    @classmethod
    def of(
        cls,
        resource: APIResource,
        namespace: NamespaceOption,
        labels: Labels | None,
        fields: Fields | None,
        client: Client | None,
    ) -> Target:
        """Build from what callers give; ``namespace=None`` means the namespace of the client, None the default one.

        Raises:
            RequestError: an unusable selector or namespace, a namespace for a kind that has none, or a kind that cannot
                be watched.
            ConfigError: the default client is asked for its namespace, and nothing is configured.
        """
        check_watchable(resource)
        place = None
        if not isinstance(namespace, AllNamespaces):
            if namespace is not None and not resource.namespaced:
                raise RequestError(f"{resource.kind} is cluster-scoped: namespace={namespace!r} does not apply")
            if namespace is not None:
                place = check_namespace(namespace)
            elif resource.namespaced:
                place = (client or verbs.default_client()).namespace
        resource.path(place)
        # Selectors become texts once: an iterable of pairs would be empty the second time, and select everything.
        return cls(resource, place, label_selector(labels), field_selector(fields))

    def list_request(self, page: ListPage, inactivity_timeout: float) -> Request:
        """The request for one page; read as a stream so that ``stop()`` can end it."""
        request = list_request(
            self.resource,
            namespace=self.namespace,
            labels=self.labels or None,
            fields=self.fields or None,
            limit=page.limit,
            continue_token=page.continue_token,
            resource_version=page.resource_version,
        )
        return replace(request, stream=True, max_retries=0, inactivity_timeout=inactivity_timeout)

    def watch_request(self, watch: OpenWatch, inactivity_timeout: float | None) -> Request:
        """The request that opens the watch. Failures are the state's to judge, so the transport retries nothing."""
        return watch_request(
            self.resource,
            namespace=self.namespace,
            labels=self.labels or None,
            fields=self.fields or None,
            resource_version=watch.resource_version,
            resource_version_match="NotOlderThan" if watch.initial_events else None,
            send_initial_events=True if watch.initial_events else None,
            timeout_seconds=watch.timeout_seconds,
            inactivity_timeout=inactivity_timeout,
            max_retries=0,
        )

    def __str__(self) -> str:
        where = f" in namespace {self.namespace}" if self.namespace else ""
        return f"{self.resource.group_resource}{where}"


def check_watchable(resource: APIResource) -> None:
    """Raise RequestError for a kind that API servers do not let anyone watch, as its class or the discovery says."""
    if "watch" not in resource.verbs:
        verbs = ", ".join(resource.verbs) or "none"
        raise RequestError(f"{resource.gvk} cannot be watched: its verbs are {verbs}; read it again when you need it")
