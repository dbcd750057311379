# SPDX-License-Identifier: Apache-2.0
"""GET of a log, to its end or for as long as it grows (protocol F18-F20)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from k8s_devkit.api_server.context import WritingContext
from k8s_devkit.api_server.logs.book import LogKey
from k8s_devkit.api_server.logs.following import show_log
from k8s_devkit.api_server.network.messages import Answer
from k8s_devkit.api_server.reads.reading import object_key
from k8s_devkit.api_server.subresources.calls import call_of

if TYPE_CHECKING:
    from k8s_devkit.api_server.core import ApiCore
    from k8s_devkit.api_server.network.messages import Follow
    from k8s_devkit.api_server.requests.call import Call
    from k8s_devkit.strategy.subresources import LogSubresource

__all__ = ["read_log"]


def read_log(core: ApiCore, call: Call, *, log: LogSubresource) -> Answer | Follow:
    """Serve a log, to its end or for as long as it grows."""
    read = log.read(call_of(call), WritingContext(core, call.kind, call.user, call.warnings))
    if read is None:
        return Answer(204, b"", "")
    key = LogKey(call.kind.key, object_key(call.info.namespace, call.info.name), read.container)
    found = core.logs.previous(key) if read.previous else core.logs.of(key)
    if found is None:
        return Answer(200, b"", "text/plain")
    return show_log(found, read, f"{call.info.resource}/{call.info.subresource}")
