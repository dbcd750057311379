# SPDX-License-Identifier: Apache-2.0
"""Verbs of a Node beside those of every kind: ``kubectl cordon``, ``uncordon``, ``taint`` and ``drain``."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from k8s_core.behaviour import client_for
from k8s_core.errors import Conflict, NotFound, RequestError
from k8s_plugins_builtin._editing import edited

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_core.client import Client
    from k8s_core.requests.options import DryRun
    from k8s_core.selectors import Labels
    from k8s_plugins_builtin.core.drain import DrainEvent, DrainResult
    from k8s_plugins_builtin.core.v1 import Node, Pod, Taint

__all__ = ["NodeVerbs"]


class NodeVerbs:
    """Verbs of a Node, each of which sends requests and leaves this object as it is.

    The object need not have been read: ``Node(metadata=ObjectMeta(name="worker-1")).cordon()`` will do. ``client`` is
    who asks; None means the active client, else the default one.
    """

    __slots__ = ()

    def cordon(self, *, dry_run: DryRun = False, client: Client | None = None) -> Node:
        """Keep new pods away from the node, as ``kubectl cordon`` does. A GET and, unless it is cordoned, a PATCH.

        https://kubernetes.io/docs/concepts/nodes/node/#manual-node-administration

        Args:
            dry_run: process and answer, but store nothing.
            client: who asks.

        Returns:
            The node as the server has it now.

        Raises:
            NotFound: there is no such node. Conflict, ApiError, TransportError: as ``Client.edit``.
        """
        return _set_unschedulable(cast("Node", self), True, dry_run, client)

    def uncordon(self, *, dry_run: DryRun = False, client: Client | None = None) -> Node:
        """Let new pods come to the node again. Arguments, result and errors are those of :meth:`cordon`."""
        return _set_unschedulable(cast("Node", self), None, dry_run, client)

    def taint(
        self, *taints: str | Taint, overwrite: bool = False, dry_run: DryRun = False, client: Client | None = None
    ) -> Node:
        """Add and remove taints, as ``kubectl taint`` does. A GET and a PATCH, again after a Conflict.

        ::

            node.taint("gpu=true:NoSchedule", "old-")

        https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/

        Args:
            taints: ``"key=value:Effect"`` or ``"key:Effect"`` adds, as a ``Taint`` does; ``"key:Effect-"`` removes,
                and ``"key-"`` removes it with every effect. Effects are NoSchedule, PreferNoSchedule and NoExecute.
            overwrite: True replaces the value of a taint that has the same key and effect.
            dry_run: process and answer, but store nothing.
            client: who asks.

        Returns:
            The node as the server has it now. It is written only if something changes.

        Raises:
            RequestError: not a taint, one to remove that is not there, one that is there with another value while
                ``overwrite`` is not set, or one given twice; nothing was written.
            Invalid: a key or value that the server refuses.
            NotFound, Conflict, ApiError, TransportError: as ``Client.edit``.
        """
        from k8s_plugins_builtin.core._taints import changed_taints, parse_change

        if not taints:
            raise RequestError("taint() is given no taint")
        node = cast("Node", self)
        changes = [parse_change(item) for item in taints]
        subject = f"Node {node.metadata.name!r}"

        def change(fresh: Node) -> None:
            after = changed_taints(list(fresh.spec.taints), changes, overwrite=overwrite, subject=subject)
            if after or fresh.spec.taints:
                fresh.spec.taints = after

        return edited(node, change, dry_run=dry_run, client=client)

    def drain(
        self,
        *,
        ignore_daemonsets: bool = False,
        delete_emptydir_data: bool = False,
        force: bool = False,
        grace_period_seconds: int | None = None,
        pod_selector: Labels | None = None,
        disable_eviction: bool = False,
        timeout: float | None = 600.0,
        progress: Callable[[DrainEvent], object] | None = None,
        dry_run: bool = False,
        client: Client | None = None,
    ) -> DrainResult:
        """Cordon the node and evict its pods, as ``kubectl drain`` does; returns when they are gone. Blocks.

        While a disruption budget forbids an eviction, it is tried again every 5 seconds, or when the server said, and
        the other pods go meanwhile. Static pods, and with ``ignore_daemonsets`` those of DaemonSets, stay. If there
        are pods that need an option which is not set, nothing is evicted at all.

        https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/

        Args:
            ignore_daemonsets: leave pods of DaemonSets where they are; without it they are in the way.
            delete_emptydir_data: evict pods with emptyDir volumes too, whose data is lost.
            force: evict pods too that no controller would create again, and those of a DaemonSet that does not exist.
            grace_period_seconds: 0 = at once; None = the pods' own.
            pod_selector: evict only pods with these labels.
            disable_eviction: delete pods whatever disruption budgets say.
            timeout: seconds for everything; None = without end, which is kubectl's default.
            progress: called with a ``DrainEvent`` for each step, in this thread.
            dry_run: cordon and evict nothing, but say what would be evicted, or what is in the way.
            client: who asks.

        Returns:
            The pods that were evicted and those that were ignored.

        Raises:
            DrainRefused: pods are in the way; ``pods`` has each with the option that lets it go.
            DrainTimeout: pods are still there when the time is up; ``pods`` says why.
            DrainError: the server refused some evictions for good; ``pods`` says why. The others are gone.
            NotFound: there is no such node. ApiError, TransportError, SelectorError: of the other requests.
        """
        from k8s_core.requests import ALL_NAMESPACES
        from k8s_plugins_builtin.core._draining import Drain
        from k8s_plugins_builtin.core.drain import DrainEvent, DrainResult, DrainRules, PodInTheWay, refusal, verdict

        node, asking = cast("Node", self), client_for(cast("Node", self), client)
        # By the registry, since the module that has the class imports this one.
        kind: type[Pod] = asking.class_for("v1", "Pod")
        name, here = node.metadata.name or "", {"spec.nodeName": node.metadata.name or ""}
        self.cordon(dry_run=dry_run, client=asking)
        pods = asking.list(kind, namespace=ALL_NAMESPACES, fields=here, labels=pod_selector)
        rules = DrainRules(ignore_daemonsets, delete_emptydir_data, force, _daemon_sets(asking))
        verdicts = [(pod, verdict(pod, rules)) for pod in pods]
        tell = progress or (lambda event: None)

        def evict(pod: Pod) -> bool:
            try:
                if disable_eviction:
                    asking.delete(pod, grace_period_seconds=grace_period_seconds)
                    return True
                return pod.evict(wait=0, grace_period_seconds=grace_period_seconds, client=asking)
            except (NotFound, Conflict):
                return False  # gone, and maybe another one has its name

        def present() -> set[str]:
            listed = asking.list_metadata(kind, namespace=ALL_NAMESPACES, fields=here)
            return {item.metadata.uid or "" for item in listed}

        in_the_way = [PodInTheWay.of(pod, why.reason, why.option) for pod, why in verdicts if why.step == "refuse"]
        if in_the_way:
            raise refusal(name, in_the_way)
        ignored = [(pod, why.reason) for pod, why in verdicts if why.step == "ignore"]
        for pod, reason in ignored:
            tell(DrainEvent(pod, "ignored", reason))
        chosen = [pod for pod, why in verdicts if why.step == "evict"]
        if not dry_run:
            Drain(name, evict, present, tell).run(chosen, timeout)
        return DrainResult(tuple(chosen), tuple(pod for pod, _ in ignored))


def _set_unschedulable(node: Node, value: bool | None, dry_run: DryRun, client: Client | None) -> Node:
    def change(fresh: Node) -> None:
        fresh.spec.unschedulable = value

    return edited(node, change, dry_run=dry_run, client=client)


def _daemon_sets(client: Client) -> Callable[[str, str], bool]:
    """Ask the server for each DaemonSet once."""
    kind = client.class_for("apps/v1", "DaemonSet")
    known: dict[tuple[str, str], bool] = {}

    def exists(namespace: str, name: str) -> bool:
        if (namespace, name) not in known:
            try:
                client.get_metadata(kind, name, namespace=namespace)
                known[namespace, name] = True
            except NotFound:
                known[namespace, name] = False
        return known[namespace, name]

    return exists
