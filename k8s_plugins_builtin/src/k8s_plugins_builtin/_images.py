# SPDX-License-Identifier: Apache-2.0
"""``set_image()`` for the kinds with containers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, cast

from k8s_core.errors import RequestError
from k8s_plugins_builtin._editing import edited

if TYPE_CHECKING:
    from collections.abc import Mapping

    from k8s_core.client import Client
    from k8s_core.model import Resource
    from k8s_core.requests.options import DryRun
    from k8s_plugins_builtin.core.v1 import PodSpec

__all__ = ["RunsImages"]

EVERY_CONTAINER = "*"


class RunsImages:
    """A mixin for kinds with containers, in a pod template unless ``_pod_spec`` says otherwise."""

    __slots__ = ()

    @staticmethod
    def _pod_spec(obj: Any) -> PodSpec:
        spec: PodSpec = obj.spec.template.spec
        return spec

    def set_image(
        self,
        images: Mapping[str, str] | None = None,
        /,
        *,
        dry_run: DryRun = False,
        client: Client | None = None,
        **containers: str,
    ) -> Self:
        """Give containers another image, as ``kubectl set image`` does. A GET and a PATCH, again after a Conflict.

        ::

            deployment.set_image(web="nginx:1.29")
            deployment.set_image({"log-shipper": "fluent-bit:4", "web": "nginx:1.29"})
            deployment.set_image({"*": "registry.example.com/app:2"})  # every container

        This object stays as it is: get it again before you change and save it.

        https://kubernetes.io/docs/reference/kubectl/generated/kubectl_set/kubectl_set_image/

        Args:
            images: image by the name of a container, init containers included; ``"*"`` means each of them.
            dry_run: process and answer, but store nothing.
            client: who asks; None means the active client, else the default one.
            containers: the same, for names that are Python names.

        Returns:
            The object as the server has it now.

        Raises:
            RequestError: no container of that name, or none is named; nothing was written.
            NotFound, Conflict, ApiError, TransportError: as ``Client.edit``.
        """
        wanted = {**(images or {}), **containers}
        obj = cast("Resource", self)
        if not wanted:
            raise RequestError(f"set_image() of {obj.kind} {obj.metadata.name!r} names no container")

        def change(fresh: Any) -> None:
            spec = self._pod_spec(fresh)
            known = {item.name: item for item in (*spec.initContainers, *spec.containers)}
            for name, image in wanted.items():
                if name != EVERY_CONTAINER and name not in known:
                    raise RequestError(
                        f"{fresh.kind} {fresh.metadata.name!r} has no container {name!r}; it has "
                        f"{', '.join(map(repr, known))}; nothing was written"
                    )
                for item in known.values() if name == EVERY_CONTAINER else (known[name],):
                    item.image = image

        return cast("Self", edited(obj, change, dry_run=dry_run, client=client))
