# SPDX-License-Identifier: Apache-2.0
"""What a strategy may ask of the server, and what a simulated controller may do in it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from k8s_devkit.strategy.authorization import Attributes, Decision, UserRules
    from k8s_devkit.strategy.document import Document
    from k8s_devkit.strategy.field_errors import Problems
    from k8s_devkit.strategy.users import User

__all__ = ["Access", "ControllerContext", "ObjectReference", "ServerContext"]

_T = TypeVar("_T", bound=Hashable)


class ServerContext(Protocol):
    """Read access to the server, for the methods of a `Strategy`. Valid during the call that it is passed to."""

    user: User
    """The user whose request is served."""

    @property
    def access(self) -> Access:
        """Authentication and authorization of the server."""
        ...

    @property
    def minor(self) -> int:
        """The minor of the Kubernetes version that is served: 36 for 1.36."""
        ...

    def time(self) -> datetime:
        """The current time, by the server's clock."""
        ...

    def now(self) -> str:
        """The current time as the API writes it, such as ``2026-11-30T12:00:00Z``."""
        ...

    def uid(self) -> str:
        """A new uid, from the server's source of uids."""
        ...

    def get(self, group: str, resource: str, name: str, namespace: str = "") -> Document | None:
        """The current state of an object as a new dict, without apiVersion and kind; None if there is none.

        Args:
            group: API group; empty for the legacy group.
            resource: plural, such as ``pods``.
            name, namespace: of the object; no namespace for cluster-wide kinds.
        """
        ...

    def objects(self, group: str, resource: str, namespace: str = "") -> Iterator[Document]:
        """The current states of all objects of a resource, in one namespace or in all, as `get` gives them."""
        ...

    def check_declared(self, document: Document) -> Problems:
        """The errors of what the kind's class declares: required fields that are missing, values outside of an enum."""
        ...

    def warn(self, message: str) -> None:
        """Add a warning to the answer."""
        ...

    def later(self, work: Callable[[], None]) -> None:
        """Do ``work`` in the background, after the current request has been answered, as a controller would."""
        ...

    def reserve(self, pool: str, value: Hashable) -> bool:
        """Take a value that the client asks for, such as an address. False if another object of the kind holds it.

        Objects hold what `Strategy.allocated` says of them.
        """
        ...

    def allocate(self, pool: str, size: int, key: str, value: Callable[[int], _T]) -> _T:
        """Take a value that no object of the kind holds, and that this write did not take yet.

        Args:
            pool: names the sort of value, such as ``nodePort``.
            size: the number of values in the pool.
            key: the first choice depends on it alone, so that runs repeat; such as namespace and name.
            value: makes the values, from the numbers in ``range(size)``.

        Raises:
            Failure: 500 if all values are held.
        """
        ...


@dataclass(frozen=True, slots=True)
class ObjectReference:
    """One object: what it is called, and its uid, so that another one of that name is not taken for it."""

    group: str
    resource: str
    namespace: str
    name: str
    uid: str


class Access(Protocol):
    """Authentication and authorization of the server, for reviews and token requests."""

    def decide(self, attributes: Attributes) -> Decision:
        """Whether an action is allowed: by the rules of the test, then by the server's authorizer if it has one."""
        ...

    def rules_of(self, user: User, namespace: str) -> UserRules:
        """What a user may do in a namespace."""
        ...

    def user_of_token(self, token: str) -> User | None:
        """The user that a bearer token belongs to; None for an unknown token."""
        ...

    def issue_token(self, token: str, user: User, *, expires: datetime, lives_with: Iterable[ObjectReference]) -> None:
        """Accept ``token`` for ``user`` from now on, until it expires or one of the objects is gone."""
        ...


class ControllerContext(ServerContext, Protocol):
    """What simulated controllers and subresources get: they may write, through the same handlers as HTTP requests.

    The server itself is who writes: rules for users (`ApiServer.deny`), request logs and faults do not see it.
    """

    def create(self, document: Document) -> Document:
        """Create an object; returns it as it was stored. Raises `Failure` where the server refuses."""
        ...

    def update(self, document: Document) -> Document:
        """Replace an object. Raises as `create`."""
        ...

    def update_status(self, document: Document) -> Document:
        """Replace the status of an object. Raises as `create`."""
        ...

    def guaranteed_update(
        self, group: str, resource: str, name: str, namespace: str, change: Callable[[Document], None]
    ) -> None:
        """Store what ``change`` makes of an object, whatever its strategy says: neither defaults nor checks apply.

        For what no request can write, such as the node that a pod is bound to.

        Raises:
            Failure: 404 if there is no such object, and what ``change`` raises.
        """
        ...

    def delete(
        self, group: str, resource: str, name: str, namespace: str = "", options: Document | None = None
    ) -> None:
        """Delete an object, or begin to; ``options`` is a DeleteOptions document. Raises as `create`."""
        ...

    def has_log(
        self, group: str, resource: str, name: str, namespace: str, container: str = "", *, previous: bool = False
    ) -> bool:
        """Whether `ApiServer.write_log` wrote anything for an object, or for one of its containers.

        Args:
            previous: whether the container has a log from before a restart.
        """
        ...

    def after_change(self, group: str, resource: str, work: Callable[[], None]) -> None:
        """Do ``work`` once, in the background, after the next change of any object of a resource."""
        ...
