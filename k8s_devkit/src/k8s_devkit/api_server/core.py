# SPDX-License-Identifier: Apache-2.0
"""The API server without its network: a request value goes in, an answer value comes out.

All of it runs under one lock, one request at a time, so every request sees and makes one state (protocol J16).
Time, uids and suffixes come from outside (J31); background work (`later`) is done by `settle`, which the rim calls
after each answer and a test may call itself.
"""

from __future__ import annotations

import logging
import threading
import weakref
from collections import deque
from typing import TYPE_CHECKING

from k8s_devkit.api_server.access.access import ServerAccess
from k8s_devkit.api_server.access.admission import Admission
from k8s_devkit.api_server.access.authorizers import switch_on
from k8s_devkit.api_server.access.rules import Authorization
from k8s_devkit.api_server.allocations import Allocations
from k8s_devkit.api_server.clock import Clock, Identities, format_time, system_clock
from k8s_devkit.api_server.controllers import Controllers
from k8s_devkit.api_server.custom.crd_controller import Definitions
from k8s_devkit.api_server.deletes.garbage import Collector
from k8s_devkit.api_server.deletes.namespaces import INITIAL_NAMESPACES, Lifecycle, namespace_document
from k8s_devkit.api_server.discovery.documents import GIT_VERSION
from k8s_devkit.api_server.logs.book import LogBook
from k8s_devkit.api_server.requests.dispatch import answer_failure, dispatch
from k8s_devkit.api_server.requests.routing import RequestInfo, parse_request
from k8s_devkit.api_server.store import Entry, Store
from k8s_devkit.api_server.streams.registry import StreamHandlers
from k8s_devkit.api_server.writes.go_form import fill_zeros
from k8s_devkit.strategy.failures import Failure, internal_error
from k8s_devkit.strategy.users import ANONYMOUS, User

if TYPE_CHECKING:
    from collections.abc import Callable

    from k8s_devkit.api_server.access.users import Authenticator
    from k8s_devkit.api_server.kinds.catalog import Catalog
    from k8s_devkit.api_server.kinds.kind import Kind
    from k8s_devkit.api_server.network.messages import HttpRequest, Reply
    from k8s_devkit.api_server.reads.watching import WatchSession
    from k8s_devkit.strategy.document import Document

__all__ = ["ApiCore"]

_log = logging.getLogger("k8s_devkit")


class ApiCore:
    """Store, kinds and rules of one server.

    Args:
        catalog: the kinds to serve.
        history: how many changes watches can resume over.
        clock: returns the current time.
        identities: makes uids and name suffixes.
        create_missing_namespaces: see `Lifecycle`.
        collect_garbage: dependents of deleted owners are deleted in the background.
        authorization_mode: whose authorizer decides what users may do, such as ``RBAC``; empty for everything.
    """

    def __init__(
        self,
        catalog: Catalog,
        *,
        history: int = 10_000,
        clock: Clock = system_clock,
        identities: Identities | None = None,
        create_missing_namespaces: bool = False,
        collect_garbage: bool = True,
        authorization_mode: str = "",
    ) -> None:
        self.lock = threading.RLock()
        self.catalog = catalog
        self.servers = catalog.servers
        self.clock = clock
        self.identities = identities or Identities()
        self.store = Store(history)
        self.admission = Admission()
        self.authorization = Authorization()
        self.authenticator: Authenticator | None = None
        self.access = ServerAccess(self)
        self.allocations = Allocations(self)
        self.controllers = Controllers(self)
        self.logs = LogBook(self)
        self.streams = StreamHandlers()
        self.sessions: weakref.WeakSet[WatchSession] = weakref.WeakSet()
        self.git_version = GIT_VERSION
        self.address = "127.0.0.1"
        self.openapi: dict[str, tuple[tuple[Kind, ...], str, bytes]] = {}
        self.wake: Callable[[], None] = lambda: None
        self._work: deque[Callable[[], None]] = deque()
        namespace_kind = catalog.find("", "v1", "namespaces")
        assert namespace_kind is not None  # it is one of the intrinsic kinds
        self.namespace_kind = namespace_kind
        self.lifecycle = Lifecycle(self, create_missing=create_missing_namespaces)
        for name in INITIAL_NAMESPACES:
            self.seed(namespace_document(name))
        self.definitions = Definitions(self)
        self.collector = Collector(self, automatic=collect_garbage)
        self.servers.listen(self.controllers.group_loaded)
        if authorization_mode:
            switch_on(self, authorization_mode)
        self.settle()

    @property
    def minor(self) -> int:
        """The minor of the Kubernetes version that is served."""
        return int(self.git_version.split(".")[1])

    def now(self) -> str:
        """The current time as the API writes it."""
        return format_time(self.clock())

    @property
    def version(self) -> int:
        """The version of the store."""
        return self.store.version

    def info(self, request: HttpRequest) -> RequestInfo | None:
        """What a request is about; None if it is about no resource."""
        return parse_request(request.method, request.path, watch=request.query.flag("watch"))

    def handle(self, request: HttpRequest, user: User = ANONYMOUS) -> Reply:
        """Answer one request. Never raises `Failure`: it becomes the Status that it is."""
        with self.lock:
            try:
                return dispatch(self, request, user)
            except Failure as failure:
                return answer_failure(failure, request)
            except Exception as error:  # noqa: BLE001
                # As the API server does with a panic: this request fails, the others do not.
                _log.exception("%s %s", request.method, request.path)
                return answer_failure(internal_error(f"{type(error).__name__}: {error}"), request)

    def check_impersonation(self, user: User, target: User) -> None:
        """Raise the 403 of a user who may not act as another one."""
        with self.lock:
            self.authorization.check_impersonation(user, target)

    def send(self, request: HttpRequest, user: User) -> Reply:
        """Answer a request of the server itself, which may do everything. Raises Failure for a refusal."""
        return dispatch(self, request, user, internal=True)

    # Background work

    def later(self, work: Callable[[], None]) -> None:
        """Do ``work`` after the current request was answered, as a controller would."""
        self._work.append(work)
        self.wake()

    @property
    def idle(self) -> bool:
        """True if no background work waits."""
        return not self._work

    def settle(self, limit: int = 10_000) -> None:
        """Do the background work until none is left.

        Raises:
            RuntimeError: it does not end.
            Exception: whatever a piece of work raised, such as a mistake in an admission callable.
        """
        for _ in range(limit):
            if not self.work():
                return
        raise RuntimeError("the background work of the embedded server does not come to an end")

    def work(self) -> bool:
        """Do one piece of background work. Returns whether there was any. Raises whatever the work raises."""
        with self.lock:
            if not self._work:
                return False
            self._work.popleft()()
            return True

    def step(self) -> bool:
        """Do one piece of background work; one that fails is logged. Returns whether there is more."""
        with self.lock:
            try:
                self.work()
            except Exception:  # noqa: BLE001
                # As a controller does: this piece of work fails, and the ones behind it are still done.
                _log.exception("background work of the embedded server")
            return bool(self._work)

    # Direct access, past validation

    def kind_of(self, document: Document) -> Kind:
        """The kind of a document. Raises LookupError if it is not served."""
        group, _, version = str(document.get("apiVersion", "")).rpartition("/")
        kind = self.catalog.by_kind(group, version, str(document.get("kind", "")))
        if kind is None:
            raise LookupError(f"{document.get('apiVersion')} {document.get('kind')} is not served")
        return kind

    def seed(self, document: Document) -> Entry:
        """Put an object into the store as it is; uid and creationTimestamp are filled in where absent."""
        with self.lock:
            kind = self.kind_of(document)
            metadata = dict(document.get("metadata") or {})
            document = {**document, "metadata": metadata}
            if kind.resource.namespaced:
                metadata.setdefault("namespace", "default")
            metadata.setdefault("uid", self.identities.uid())
            metadata.setdefault("creationTimestamp", self.now())
            if kind.strategy.generation in ("counted", "fixed"):
                metadata.setdefault("generation", 1)
            return self.put(kind, document)

    def update_status(self, kind: Kind, entry: Entry, change: Callable[[Document], None]) -> Entry | None:
        """Change an object as a controller would; None if ``change`` leaves it as it was, or if it is gone."""
        current = self.store.get(kind.key, entry.key)
        if current is None or current.uid != entry.uid:
            return None
        document = kind.document(current)
        change(document)
        if document == kind.document(current):
            return None
        return self.put(kind, document)

    def put(self, kind: Kind, document: Document, *, whole: bool = False) -> Entry:
        """Store a document of a kind; its resourceVersion is set in ``document`` too.

        Args:
            whole: the zero values that Go shows are there already.
        """
        if not whole:
            fill_zeros(kind, document)
        stored = kind.stored(document)
        entry = self.store.put(kind.key, stored)
        document["metadata"]["resourceVersion"] = stored["metadata"]["resourceVersion"]
        return entry

    def deletion_done(self, kind: Kind, document: Document) -> bool:
        """True if a marked object without finalizers may go."""
        return not document["metadata"].get("deletionGracePeriodSeconds") and kind.strategy.may_be_removed(document)
