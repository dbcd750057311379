# SPDX-License-Identifier: Apache-2.0
"""How a strategy serves the subresources of its kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from k8s_devkit.strategy.context import ControllerContext, Document, ServerContext
    from k8s_devkit.strategy.field_errors import FieldError

__all__ = ["Connection", "Subresource", "SubresourceCall", "View"]


@dataclass(frozen=True, slots=True)
class SubresourceCall:
    """One request on a subresource.

    Attributes:
        verb: ``create``, ``get``, ``update`` or ``patch``.
        subresource: its name.
        namespace, name: of the object that it belongs to.
        body: the decoded body; None where there is none.
        query: the first value of each query parameter.
        queries: all values of each query parameter.
        dry_run: nothing may be stored.
    """

    verb: str
    subresource: str
    namespace: str
    name: str
    body: Any = None
    query: Mapping[str, str] = field(default_factory=dict)
    queries: Mapping[str, list[str]] = field(default_factory=dict)
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Connection:
    """The answer to a request for a stream to a container: who serves it is registered with the `ApiServer`.

    Attributes:
        stream: ``exec``, ``attach``, ``portforward`` or ``log``.
        container: which one; empty for port-forward.
    """

    stream: str
    container: str = ""


class Subresource:
    """A subresource with a meaning of its own, such as ``eviction``."""

    verbs: ClassVar[tuple[str, ...]] = ("create",)
    """The verbs that it takes; others are refused."""

    def serve(self, call: SubresourceCall, ctx: ControllerContext) -> Document | Connection:
        """Answer a request with a document, or with a stream. Raises `Failure` for a refusal."""
        raise NotImplementedError


class View(Subresource):
    """A subresource that shows the object and changes one part of it, as ``status`` does.

    Args:
        part: the field of the object that it can change.
    """

    verbs = ("get", "update", "patch")

    def __init__(self, part: Literal["spec", "status"]) -> None:
        self.part = part

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        """The errors of the next state."""
        return ()
