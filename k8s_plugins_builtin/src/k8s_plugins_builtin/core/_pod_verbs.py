# SPDX-License-Identifier: Apache-2.0
"""Verbs of a Pod beside those of every kind: evicting, binding, resizing, debugging (protocol C36, H16-H18)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from k8s_core.behaviour import client_for
from k8s_core.errors import RequestError
from k8s_core.meta import DeleteOptions, ObjectMeta

if TYPE_CHECKING:
    from k8s_core.client import Client
    from k8s_core.meta import Status
    from k8s_core.requests.options import DryRun, PropagationPolicy
    from k8s_plugins_builtin.core.v1 import EphemeralContainer, Pod, ResourceRequirements

__all__ = ["PodVerbs"]


class PodVerbs:
    """Verbs of a Pod, each of which sends requests and leaves this object as it is.

    The object need not have been read: ``Pod(metadata=ObjectMeta(name="web-1")).evict()`` will do. Without a namespace
    it is in the client's. ``client`` is who asks; None means the active client, else the default one.
    """

    __slots__ = ()

    def evict(
        self,
        *,
        wait: float | None = 60.0,
        until_gone: bool = False,
        grace_period_seconds: int | None = None,
        propagation_policy: PropagationPolicy | None = None,
        dry_run: DryRun = False,
        client: Client | None = None,
    ) -> bool:
        """Evict the pod as a node drain does: delete it unless that would break a disruption budget. Blocks.

        While a budget forbids it, the server is asked again every 5 seconds, or when it said (H17). If this object was
        read, only the pod with its uid is evicted.

        Args:
            wait: seconds to go on trying, and then waiting; 0 = try once, None = without end.
            until_gone: return only when the pod is gone, or another one has its name.
            grace_period_seconds: 0 = at once; None = the pod's own.
            propagation_policy: what happens to dependents.
            dry_run: ask, but keep the pod.
            client: who asks.

        Returns:
            True if it was evicted, False if it was gone already.

        Raises:
            TooManyRequests: the budget still forbids it when the time is up.
            WaitTimeout: evicted, but not gone when the time is up.
            InternalError: several disruption budgets cover the pod, which the server does not support.
            RequestError, InvalidName: before anything is sent.
        """
        from k8s_core.requests import delete_options
        from k8s_plugins_builtin.core._eviction import EvictionPlan, evict
        from k8s_plugins_builtin.policy.v1 import Eviction

        pod = cast("Pod", self)
        chosen = client_for(pod, client)
        name, namespace = pod.metadata.name or "", pod.metadata.namespace or chosen.namespace
        options = delete_options(
            grace_period_seconds=grace_period_seconds,
            propagation_policy=propagation_policy,
            uid=pod.metadata.uid or None,
            dry_run=dry_run,
        )
        body = Eviction(metadata=ObjectMeta(name=name, namespace=namespace))
        if options is not None:
            body.deleteOptions = DeleteOptions.from_dict(options)

        def post() -> None:
            # The loop around this owns the retries: the transport's would sleep unseen (H17).
            chosen.create_subresource(pod, subresource="eviction", body=body, dry_run=dry_run, max_retries=0)

        def current_uid() -> str:
            return chosen.get_metadata(type(pod), name, namespace=namespace).metadata.uid or ""

        return evict(EvictionPlan(post, current_uid, f"Pod {name!r}", wait, until_gone))

    def bind(self, node: str, *, timeout: float | None = None, client: Client | None = None) -> Status:
        """Bind the pod to a node, as a scheduler does. One request.

        Args:
            node: its name.
            timeout: seconds, total; None = as configured.
            client: who asks.

        Raises:
            Conflict: the pod is bound already. NotFound: no such pod. RequestError: before anything is sent.
        """
        if not node:
            raise RequestError("node= must be the name of a node, not empty")
        pod = cast("Pod", self)
        chosen, metadata = client_for(pod, client), pod.metadata
        place = ObjectMeta(
            name=metadata.name, namespace=metadata.namespace or chosen.namespace, uid=metadata.uid or None
        )
        # The class Binding is in the module that imports this one.
        body = {
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": place.to_dict(),
            "target": {"apiVersion": "v1", "kind": "Node", "name": node},
        }
        status: Status = chosen.create_subresource(pod, subresource="binding", body=body, timeout=timeout)
        return status

    def add_ephemeral_container(
        self,
        container: EphemeralContainer | Mapping[str, Any],
        *,
        timeout: float | None = None,
        client: Client | None = None,
    ) -> Pod:
        """Start a debugging container in the running pod, behind those that this object has; it can't be removed.

        One request.

        Args:
            container: an ``EphemeralContainer`` or its wire dict.
            timeout: seconds, total; None = as configured.
            client: who asks.

        Returns:
            The pod as the server has it now.
        """
        name = container.get("name") if isinstance(container, Mapping) else container.name
        names = [*(each.name for each in cast("Pod", self).spec.ephemeralContainers), name]
        order = [{"name": each} for each in names]
        # Without the order a server puts the new one in front of those that are there.
        spec = {"ephemeralContainers": [container], "$setElementOrder/ephemeralContainers": order}
        return self._patch("ephemeralcontainers", spec, timeout, client)

    def resize(
        self,
        resources: Mapping[str, ResourceRequirements | Mapping[str, Any]],
        *,
        timeout: float | None = None,
        client: Client | None = None,
    ) -> Pod:
        """Change CPU and memory of running containers. One request.

        Args:
            resources: container name to ``ResourceRequirements`` or its wire dict.
            timeout: seconds, total; None = as configured.
            client: who asks.

        Returns:
            The pod as the server has it now.

        Raises:
            RequestError: no container is named; nothing was sent.
        """
        containers = [{"name": name, "resources": wanted} for name, wanted in resources.items()]
        if not containers:
            raise RequestError("resources= names no container")
        return self._patch("resize", {"containers": containers}, timeout, client)

    def _patch(self, subresource: str, spec: dict[str, Any], timeout: float | None, client: Client | None) -> Pod:
        from k8s_core.patches import StrategicMergePatch

        pod = cast("Pod", self)
        patch = StrategicMergePatch({"spec": spec})
        patched: Pod = client_for(pod, client).patch(pod, patch=patch, subresource=subresource, timeout=timeout)
        return patched
