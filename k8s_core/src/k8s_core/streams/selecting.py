# SPDX-License-Identifier: Apache-2.0
"""From an object that selects others, such as a Deployment or a Service, to those that it selects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from k8s_core.errors import PodNotRunning, RequestError

if TYPE_CHECKING:
    from k8s_core.behaviour import PodSelector
    from k8s_core.client import Client

__all__ = ["pick", "selector_of"]


def selector_of(obj: Any) -> PodSelector:
    """What the object selects.

    Raises:
        RequestError: nothing.
    """
    selector: PodSelector | None = obj.pod_selector()
    if selector is None:
        raise RequestError(f"{obj.kind} {obj.metadata.name} has no selector, so there is no pod behind it")
    return selector


def pick(client: Client, obj: Any) -> Any:
    """The newest ready one of those that ``obj`` selects.

    Raises:
        PodNotRunning: none is ready.
    """
    selector = selector_of(obj)
    found: list[Any] = client.list(selector.kind, namespace=obj.metadata.namespace or None, labels=selector.labels)
    ready = [each for each in found if each.is_ready() and each.metadata.deletionTimestamp is None]
    if not ready:
        states = [f"{each.metadata.name}: {each.status_text()}" for each in found if hasattr(each, "status_text")]
        seen = "; ".join(states[:5]) or "there is none"
        raise PodNotRunning(f"{obj.kind} {obj.metadata.name}: none of its pods is ready ({seen})")
    return max(ready, key=lambda each: str(each.metadata.creationTimestamp or ""))
