# SPDX-License-Identifier: Apache-2.0
"""Admission as Python callables: what webhooks do in a cluster, for tests.

A callable gets an `AdmissionRequest`; it may change ``request.object`` in place, return a replacement, or raise
`AdmissionDenied`. It runs inside the server, under its lock: it must be quick and must not call the server.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from k8s_devkit.strategy.failures import Failure

if TYPE_CHECKING:
    from k8s_core.kinds import GroupVersionKind
    from k8s_devkit.api_server.kinds.kind import Kind
    from k8s_devkit.api_server.requests.call import Call
    from k8s_devkit.strategy.document import Document

__all__ = ["Admission", "AdmissionDenied", "AdmissionHook", "AdmissionRequest"]


class AdmissionDenied(Exception):
    """Raised by an admission callable to refuse the request.

    Args:
        message: what the client is told.
        code: the HTTP code; 403 as for webhooks, unless said otherwise.
    """

    def __init__(self, message: str, code: int = 403) -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True)
class AdmissionRequest:
    """What an admission callable decides on.

    Attributes:
        operation: ``CREATE``, ``UPDATE``, ``DELETE``, or ``CONNECT`` for exec, attach and port-forward.
        kind: group, version and kind of the object.
        object: the object that will be stored; None for a deletion. For a ``CONNECT`` the options, such as a
            PodExecOptions.
        old_object: the object as it is; None for a creation.
        user: the name of the user who asks.
        warnings: texts that go to the client as Warning headers.
    """

    operation: str
    kind: GroupVersionKind
    namespace: str
    name: str
    object: Document | None
    old_object: Document | None
    user: str = ""
    subresource: str = ""
    dry_run: bool = False
    warnings: list[str] = field(default_factory=list)


AdmissionHook = Callable[[AdmissionRequest], "Document | None"]


class Admission:
    """The callables of a server, in the order in which they were added."""

    def __init__(self) -> None:
        self.hooks: list[AdmissionHook] = []

    def review(self, call: Call | None, operation: str, document: Document, old: Document | None) -> Document:
        """Run all callables on a create or update. Returns the object to store."""
        if not self.hooks or call is None:
            return document
        request = self._request(call.kind, operation, document, old, call)
        for hook in self.hooks:
            request.object = _run(hook, request) or request.object
        call.warnings.extend(request.warnings)
        assert request.object is not None
        return request.object

    def review_delete(self, kind: Kind, document: Document, call: Call | None, *, dry_run: bool) -> None:
        """Run all callables on a deletion; ``call`` is None for one that a controller does."""
        if self.hooks:
            request = self._request(kind, "DELETE", None, document, call)
            request.dry_run = dry_run
            for hook in self.hooks:
                _run(hook, request)
            if call is not None:
                call.warnings.extend(request.warnings)

    def review_connect(self, call: Call, kind: GroupVersionKind, options: Document) -> Document:
        """Run all callables on the options of a stream, which are of ``kind``. Returns the options to use."""
        if not self.hooks:
            return options
        info = call.info
        request = AdmissionRequest(
            operation="CONNECT",
            kind=kind,
            namespace=info.namespace,
            name=info.name,
            object=options,
            old_object=None,
            user=call.user.name,
            subresource=info.subresource,
        )
        for hook in self.hooks:
            request.object = _run(hook, request) or request.object
        call.warnings.extend(request.warnings)
        assert request.object is not None
        return request.object

    def _request(
        self, kind: Kind, operation: str, document: Document | None, old: Document | None, call: Call | None
    ) -> AdmissionRequest:
        metadata = (document or old or {}).get("metadata") or {}
        return AdmissionRequest(
            operation=operation,
            kind=kind.resource.gvk,
            namespace=metadata.get("namespace", ""),
            name=metadata.get("name", ""),
            object=document,
            old_object=old,
            user=call.user.name if call else "",
            subresource=call.info.subresource if call else "",
            dry_run=bool(call and call.request.query.all("dryRun")),
        )


def _run(hook: AdmissionHook, request: AdmissionRequest) -> Document | None:
    try:
        return hook(request)
    except AdmissionDenied as denied:
        name = getattr(hook, "__name__", type(hook).__name__)
        reason = "Forbidden" if denied.code == 403 else "Invalid" if denied.code == 422 else "BadRequest"
        message = f'admission webhook "{name}" denied the request: {denied}'
        raise Failure(denied.code, reason, message) from None
