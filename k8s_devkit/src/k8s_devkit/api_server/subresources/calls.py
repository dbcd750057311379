# SPDX-License-Identifier: Apache-2.0
"""A request as the subresources of strategies see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.strategy.subresources import SubresourceCall

if TYPE_CHECKING:
    from k8s_devkit.api_server.requests.call import Call
    from k8s_devkit.strategy.document import Document

__all__ = ["call_of"]


def call_of(call: Call, body: Document | None = None) -> SubresourceCall:
    """The view of a request that strategies get; ``body`` is its decoded body."""
    info = call.info
    return SubresourceCall(
        verb=info.verb,
        resource=call.kind.resource,
        subresource=info.subresource,
        namespace=info.namespace,
        name=info.name,
        body=body or {},
        query=call.request.query,
    )
