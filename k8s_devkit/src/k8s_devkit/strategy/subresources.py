# SPDX-License-Identifier: Apache-2.0
"""How a strategy serves the subresources of its kind.

`Strategy.subresources` gives each one an instance of `Subresource`, or of one of its subclasses:

- `Subresource` itself takes a document and answers with another, as ``eviction`` does;
- `View` shows the object and changes a part of it, as ``resize`` does;
- `LogSubresource` answers with a log that a test wrote;
- `Connect` upgrades the connection to a stream, as ``exec`` does.

``status``, ``scale`` and ``proxy`` belong to the machinery and need no entry.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

from k8s_devkit.strategy.query import Query

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from k8s_core.kinds import APIResource
    from k8s_devkit.strategy.context import ControllerContext, ServerContext
    from k8s_devkit.strategy.document import Document
    from k8s_devkit.strategy.field_errors import FieldError

__all__ = [
    "Connect",
    "Connection",
    "LogRead",
    "LogStream",
    "LogSubresource",
    "StreamType",
    "Subresource",
    "SubresourceCall",
    "View",
    "success",
]

LogStream = Literal["All", "Stdout", "Stderr"]
StreamType = Literal["exec", "attach", "portforward"]


@dataclass(frozen=True, slots=True)
class SubresourceCall:
    """One request on a subresource.

    Attributes:
        verb: ``create``, ``get`` or ``update``.
        resource: how the kind of the object is served.
        subresource: its name.
        namespace, name: of the object.
        body: the decoded body of a create or an update. It is of the subresource's kind, and its types are those of
            that kind's class; nothing else was checked.
        query: the query parameters.
    """

    verb: str
    resource: APIResource
    subresource: str
    namespace: str
    name: str
    body: Document = field(default_factory=dict)
    query: Query = field(default_factory=lambda: Query(""))

    @property
    def dry_run(self) -> bool:
        """Nothing may be stored."""
        return bool(self.query.all("dryRun"))


def success() -> Document:
    """The Status of a request that has nothing else to answer with; the server adds the HTTP code."""
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}


class Subresource:
    """A subresource with a meaning of its own, such as ``eviction``: implement `serve`."""

    verbs: ClassVar[tuple[str, ...]] = ("create",)
    """The verbs that it takes, as discovery shows them; others are refused."""

    kind: ClassVar[str] = ""
    """Version and kind of its documents, such as ``policy/v1 Eviction``, where the class of the object's kind does not
    declare it (``subresources={"eviction": "policy/v1 Eviction"}``). Without either they are of the object's kind."""

    accepted_versions: ClassVar[tuple[str, ...]] = ()
    """Further API versions in which bodies may be written; they look the same in all of them."""

    negotiated: ClassVar[bool] = True
    """The answer is a document in the form that the client accepts."""

    def serve(self, call: SubresourceCall, ctx: ControllerContext) -> Document:
        """Answer a request with a document, which is sent with the code 201 for a create and 200 otherwise.

        Raises:
            Failure: the request is refused.
        """
        raise NotImplementedError


class View(Subresource):
    """A subresource that shows the object and changes one part of it, as ``status`` does.

    Args:
        part: the field of the object that it can change.
    """

    verbs: ClassVar[tuple[str, ...]] = ("get", "patch", "update")

    def __init__(self, part: Literal["spec", "status"]) -> None:
        self.part = part

    def validate_update(self, new: Document, old: Document, ctx: ServerContext) -> Iterable[FieldError]:
        """The errors of the next state."""
        return ()


# Logs


@dataclass(frozen=True, slots=True)
class LogRead:
    """Which part of which log a request reads.

    Attributes:
        container: whose log.
        previous: the log from before the container's last restart.
        follow: the answer goes on for as long as the log grows.
        since: only what was written from then on.
        tail: only so many of the last lines.
        limit: the most bytes to send.
        timestamps: each line begins with the time at which it was written.
        stream: ``All``, or only what was written to ``Stdout`` or to ``Stderr``.
    """

    container: str
    previous: bool = False
    follow: bool = False
    since: datetime | None = None
    tail: int | None = None
    limit: int | None = None
    timestamps: bool = False
    stream: LogStream = "All"


class LogSubresource(Subresource):
    """A subresource that answers with what `ApiServer.write_log` wrote for a container of the object."""

    verbs = ("get",)
    negotiated = False

    parameters: ClassVar[tuple[tuple[str, str, str], ...]] = ()
    """The query parameters for OpenAPI: name, type and description of each."""

    def read(self, call: SubresourceCall, ctx: ControllerContext) -> LogRead | None:
        """What a request reads; None for an answer without content (204). Raises `Failure` for a refusal."""
        raise NotImplementedError

    def containers(self, obj: Document) -> list[str]:
        """The containers that `ApiServer.write_log` writes for if it is given none."""
        raise NotImplementedError

    def ended(self, obj: Document, container: str) -> bool:
        """Whether the state of an object says that a container has ended, and writes no more."""
        return False


# Streams


@dataclass(frozen=True, slots=True)
class Connection:
    """What a stream goes to.

    Attributes:
        stream: the protocol, and whose handlers serve it: those of `ApiServer.exec`, `attach` or `port_forward`.
        container: the container of ``exec`` and ``attach``.
        command: the program of ``exec`` and its arguments.
        ports: the ports of ``portforward``.
        unreachable: why the object cannot be connected to, which is the message of a 400 if no handler is registered;
            empty if it can.
    """

    stream: StreamType
    container: str = ""
    command: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    unreachable: str = ""


class Connect(Subresource):
    """A subresource that upgrades the connection to a stream.

    The server authorizes the request, asks the admission callables (``CONNECT``), speaks the protocols and runs the
    handlers that a test registered.
    """

    verbs = ("create", "get")
    negotiated = False

    def options(self, call: SubresourceCall) -> Document:
        """The options of a request, which admission callables see. Version and kind are added: `kind`.

        Raises:
            Failure: a query parameter that cannot be read.
        """
        raise NotImplementedError

    def connect(self, obj: Document, options: Document) -> Connection:
        """What the stream goes to, once admission has passed. Raises `Failure` for a refusal."""
        raise NotImplementedError
