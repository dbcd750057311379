# SPDX-License-Identifier: Apache-2.0
"""What a kube-apiserver asks a kubelet: other paths and parameters than those of its own API. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote

from k8s_devkit.api_server.network.messages import Upgrade
from k8s_devkit.api_server.requests.routing import RequestInfo
from k8s_devkit.api_server.streams.accepting import check_ports, names_ports_later, upgrade_of
from k8s_devkit.api_server.streams.registry import StreamTarget
from k8s_devkit.strategy.failures import bad_request
from k8s_devkit.strategy.subresources import LogRead

if TYPE_CHECKING:
    from k8s_devkit.api_server.network.messages import HttpRequest, Query
    from k8s_devkit.strategy.document import Document
    from k8s_devkit.strategy.subresources import LogStream, StreamType

__all__ = ["parse_path", "read_log_options", "requested_stream"]

_SUBRESOURCES = {"containerLogs": "log", "exec": "exec", "attach": "attach", "portForward": "portforward"}
_FLAGS = {"stdin": "input", "stdout": "output", "stderr": "error", "tty": "tty"}


def parse_path(method: str, path: str) -> RequestInfo | None:
    """The subresource of a pod that a path stands for, with the container as its ``rest``; None for any other path."""
    first, *names = unquote(path).removeprefix("/").split("/")
    subresource = _SUBRESOURCES.get(first)
    if subresource is None or not all(names) or len(names) != (2 if subresource == "portforward" else 3):
        return None
    namespace, pod, *container = names
    verb = {"GET": "get", "POST": "create"}.get(method, "")
    return RequestInfo(verb, "", "v1", "pods", namespace, pod, subresource, "".join(container), in_namespace=True)


def read_log_options(query: Query, container: str, now: datetime) -> LogRead:
    """The part of a log that is asked for. Raises Failure for options that cannot be read."""
    return LogRead(
        container,
        previous=query.flag("previous"),
        follow=query.flag("follow"),
        since=_since(query, now),
        tail=query.integer("tailLines"),
        limit=query.integer("limitBytes"),
        timestamps=query.flag("timestamps"),
        stream=cast("LogStream", query.get("stream") or "All"),
    )


def _since(query: Query, now: datetime) -> datetime | None:
    seconds, text = query.integer("sinceSeconds"), query.get("sinceTime")
    try:
        if seconds is not None:
            return now - timedelta(seconds=seconds)
        moment = datetime.fromisoformat(text) if text else None
    except (ValueError, OverflowError):
        raise bad_request(f'"{text or seconds}" is not a time to read a log from') from None
    return moment.replace(tzinfo=moment.tzinfo or UTC) if moment else None


def requested_stream(request: HttpRequest, info: RequestInfo, pod: Document, user: str) -> Upgrade:
    """The stream that is asked for. Raises Failure for ports that are not there or cannot be read."""
    query, stream = request.query, cast("StreamType", info.subresource)
    options: Document = {name: query.flag(parameter) for name, parameter in _FLAGS.items()}
    if stream == "portforward":
        ports_later = names_ports_later(request)
        ports = (0,) if ports_later else _ports(query)
        targets = tuple(StreamTarget(stream, "pod", info.namespace, info.name, port=port) for port in ports)
    else:
        options["command"] = query.all("command")
        command = tuple(options["command"])
        targets = (StreamTarget(stream, "pod", info.namespace, info.name, info.rest, command),)
    return Upgrade(upgrade_of(request), targets, options, pod, user)


def _ports(query: Query) -> tuple[int, ...]:
    try:
        ports = tuple(int(text) for text in query.all("port"))
    except ValueError:
        raise bad_request(f"unable to parse {query.all('port')} as ports") from None
    check_ports(ports, needed=True)
    return ports
