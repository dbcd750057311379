# SPDX-License-Identifier: Apache-2.0
"""What an authorizer is asked and answers: who may do what. Pure values, and the class that packages subclass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from k8s_devkit.strategy.context import ServerContext
    from k8s_devkit.strategy.document import Document
    from k8s_devkit.strategy.users import User

__all__ = ["Attributes", "Authorizer", "Decision", "UserRules"]


@dataclass(frozen=True, slots=True)
class Attributes:
    """One action, as an authorizer sees it.

    Attributes:
        user: who acts.
        verb: ``list``, ``deletecollection``, ``impersonate``, …; the method in lower case for a `path`.
        group: API group; empty for the legacy group.
        resource: plural, such as ``pods``.
        subresource: such as ``log``.
        namespace: empty for cluster-wide kinds and for all namespaces.
        name: of the object; empty for a whole collection.
        path: for what is not a resource, such as ``/metrics``; the fields between are empty then.
    """

    user: User
    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""

    @property
    def combined_resource(self) -> str:
        """Resource and subresource, such as ``pods/log``."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


@dataclass(frozen=True, slots=True)
class Decision:
    """What an authorizer says.

    Attributes:
        reason: what allowed the action, or why it is refused; may be empty.
        denied: it is forbidden; otherwise nothing allows it, and another authorizer might.
    """

    allowed: bool
    reason: str = ""
    denied: bool = False


@dataclass(frozen=True, slots=True)
class UserRules:
    """What a user may do in a namespace, as a SelfSubjectRulesReview shows it.

    Attributes:
        resources: rules with ``verbs``, ``apiGroups``, ``resources`` and perhaps ``resourceNames``.
        paths: rules with ``verbs`` and ``nonResourceURLs``.
        incomplete: the user may be allowed more.
        error: why not all rules were found.
    """

    resources: Sequence[Document] = ()
    paths: Sequence[Document] = ()
    incomplete: bool = False
    error: str = ""


class Authorizer:
    """Decides by objects of the server, such as Roles and their bindings.

    A package registers one with `ServerRegistrar.add_authorizer`. The server makes an instance when a decision is due,
    and another one after each change of what it `watches`: so it reads once, and answers from what it has.

    Args:
        ctx: read access to the server, valid during the call.
    """

    watches: ClassVar[Sequence[tuple[str, str]]] = ()
    """Group and plural of each resource that decisions depend on."""

    def __init__(self, ctx: ServerContext) -> None:
        raise NotImplementedError

    @classmethod
    def initial_objects(cls) -> Iterable[Document]:
        """The objects that a server with this authorizer has from the start."""
        return ()

    def decide(self, attributes: Attributes) -> Decision:
        """Whether an action is allowed."""
        raise NotImplementedError

    def impersonation(self, user: User, target: User) -> Iterable[Attributes]:
        """The actions that a user must be allowed to act as another one, in the order in which they are checked.

        Args:
            target: as the request names it, with no other groups than it asks for.
        """
        raise NotImplementedError

    def rules_of(self, user: User, namespace: str) -> UserRules:
        """What a user may do in a namespace, cluster-wide permissions included."""
        raise NotImplementedError
