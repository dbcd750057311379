# SPDX-License-Identifier: Apache-2.0
"""``Client.wait``: block until an object is as it should be."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

from k8s_core.client.core import AnyKind, ClientCore
from k8s_core.errors import RequestError
from k8s_core.model import Resource

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["WaitVerbs"]

R = TypeVar("R", bound=Resource)


class WaitVerbs(ClientCore):
    """wait."""

    @overload
    def wait(
        self, subject: R, condition: str | Callable[[R], object], *, namespace: str | None = None, timeout: float = 30.0
    ) -> R | None: ...
    @overload
    def wait(
        self,
        subject: type[R],
        condition: str | Callable[[R], object],
        *,
        name: str,
        namespace: str | None = None,
        timeout: float = 30.0,
    ) -> R | None: ...
    @overload
    def wait(
        self,
        subject: AnyKind | Mapping[str, Any],
        condition: str | Callable[[Any], object],
        *,
        name: str | None = None,
        namespace: str | None = None,
        timeout: float = 30.0,
    ) -> Any: ...
    def wait(
        self,
        subject: AnyKind | Resource | Mapping[str, Any],
        condition: str | Callable[[Any], object],
        *,
        name: str | None = None,
        namespace: str | None = None,
        timeout: float = 30.0,
    ) -> Any:
        """Block until a condition holds for one object, as ``kubectl wait`` and ``kubectl rollout status`` define it.

        Built on list and watch: it survives disconnections, misses no state that lasts, and ends in time whatever the
        server does. Conditions:

        * ``"ready"``: the kind's own ``is_ready()``;
        * ``"rollout"``: the kind's own ``rollout_status()`` is done;
        * ``"condition=Ready"``, ``"condition=Ready=False"``, or for short ``"Available"``: a status condition, unless
          it is about an older generation (protocol H19);
        * ``"jsonpath={.status.phase}=Running"``, or without a value: anything is there (H20);
        * ``"delete"``: no such object, or, if ``subject`` has a uid, another one of that name (H21);
        * ``"create"``: the object exists;
        * a function of the object that returns something true.

        Args:
            subject: the object, or its kind together with ``name``.
            condition: what to wait for.
            name: of the object, with a kind.
            namespace: None means the object's, else the client's.
            timeout: seconds; 0 checks once, negative means a week.

        Returns:
            The object as it was when the condition held; None after ``"delete"``.

        Raises:
            WaitTimeout: not in time; of a rollout the message says where it stands.
            NotFound: the object does not exist, or vanished, while something else than these two was waited for.
            RolloutError: the rollout has failed, or its strategy has none that could be followed.
            RequestError: not a condition, one that the class of the kind does not answer, or an unusable name; nothing
                was sent.
            Forbidden, Unauthorized, ...: the collection can't be listed and watched, and trying again will not help.
        """
        # The watch layer is built on the client, so it is looked up when it is needed.
        wait_for = importlib.import_module("k8s_core.watch.waiting").wait_for
        uid: str | None = None
        if isinstance(subject, (Resource, Mapping)):
            if name is not None:
                raise RequestError("name= goes with a kind; the object that was given has one of its own")
            known = self._subject(subject, namespace)
            cls, name, place, uid = known.cls, known.name, known.namespace, known.uid or None
        else:
            cls = self._kind(subject)
            place = self._namespace_for(cls.api_resource, namespace)
        if not name:
            raise RequestError("give the object to wait for, or its kind and name=")
        return cast("Any", wait_for(self, cls, name, condition, namespace=place, uid=uid, timeout=timeout))
