# SPDX-License-Identifier: Apache-2.0
"""``log``: the options of a request for a log, and which containers have one (protocol F18-F20)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from k8s_devkit.strategy.failures import bad_request, invalid, not_found
from k8s_devkit.strategy.field_errors import Problems, forbidden_field
from k8s_devkit.strategy.subresources import LogRead, LogSubresource
from k8s_plugins_builtin.core.server.pods.running import choose_container, container_status, has_node, is_terminated

if TYPE_CHECKING:
    from k8s_devkit.strategy.context import ControllerContext
    from k8s_devkit.strategy.document import Document
    from k8s_devkit.strategy.query import Query
    from k8s_devkit.strategy.subresources import LogStream, SubresourceCall

__all__ = ["PodLog"]

_STREAMS = ("All", "Stdout", "Stderr")
_TIME_LAYOUT = (
    ("2006", r"\d{4}"),
    ("-", "-"),
    ("01", r"\d\d"),
    ("-", "-"),
    ("02", r"\d\d"),
    ("T", "T"),
    ("15", r"\d\d"),
    (":", ":"),
    ("04", r"\d\d"),
    (":", ":"),
    ("05", r"\d\d(\.\d+)?"),
    ("Z07:00", r"(Z|[+-]\d\d:\d\d)$"),
)
_WAITING = {
    "ErrImagePull": "image can't be pulled",
    "ImagePullBackOff": "trying and failing to pull image",
}


class PodLog(LogSubresource):
    """``log`` of a Pod."""

    parameters = (
        ("container", "string", "The container; needed where the Pod has several."),
        ("follow", "boolean", "Go on while there is more to come."),
        ("insecureSkipTLSVerifyBackend", "boolean", "Do not check the certificate of the kubelet."),
        ("limitBytes", "integer", "The most bytes to read."),
        ("previous", "boolean", "Of the container that ran before this one."),
        ("sinceSeconds", "integer", "Only what is younger than so many seconds."),
        ("stream", "string", "Which of the streams: All, Stdout or Stderr."),
        ("tailLines", "integer", "Only so many of the last lines."),
        ("timestamps", "boolean", "Begin each line with its time."),
    )

    def read(self, call: SubresourceCall, ctx: ControllerContext) -> LogRead | None:
        query, whose = call.query, ("", "pods", call.name, call.namespace)
        since, tail, limit, stream = _read_options(call, ctx)
        pod = ctx.get(*whose)
        if pod is None:
            raise not_found(call.resource, call.name)
        container = choose_container(pod, query.get("container"))
        if not has_node(pod) and not ctx.has_log(*whose):
            return None
        previous = query.flag("previous")
        if previous:
            if not ctx.has_log(*whose, container, previous=True):
                raise bad_request(f'previous terminated container "{container}" in pod "{call.name}" not found')
        elif not ctx.has_log(*whose, container):
            _check_started(pod, container)
        return LogRead(
            container,
            previous,
            follow=query.flag("follow") and not is_terminated(pod, container),
            since=since,
            tail=tail,
            limit=limit,
            timestamps=query.flag("timestamps"),
            stream=stream,
        )

    def containers(self, obj: Document) -> list[str]:
        return [container["name"] for container in obj["spec"]["containers"]]

    def ended(self, obj: Document, container: str) -> bool:
        return is_terminated(obj, container)


def _check_started(pod: Document, container: str) -> None:
    """Raise the kubelet's 400 for a container that waits."""
    state = (container_status(pod, container) or {}).get("state") or {}
    if "waiting" in state:
        reason = (state["waiting"] or {}).get("reason", "")
        text = f'container "{container}" in pod "{pod["metadata"]["name"]}" is waiting to start: '
        raise bad_request(text + _WAITING.get(reason, reason))


def _read_options(
    call: SubresourceCall, ctx: ControllerContext
) -> tuple[datetime | None, int | None, int | None, LogStream]:
    """Since when, how many lines, how many bytes, and of which stream."""
    query, problems = call.query, Problems()
    since, seconds, stream = _time(query), query.integer("sinceSeconds"), query.get("stream") or "All"
    tail, limit = query.integer("tailLines"), query.integer("limitBytes")
    if tail is not None and tail < 0:
        problems.invalid("tailLines", tail, "must be greater than or equal to 0")
    if limit is not None and limit < 1:
        problems.invalid("limitBytes", limit, "must be greater than 0")
    if seconds is not None and since is not None:
        problems.append(forbidden_field("[]", "at most one of `sinceTime` or `sinceSeconds` may be specified"))
    elif seconds is not None and seconds < 1:
        problems.invalid("sinceSeconds", seconds, "must be greater than 0")
    if stream not in _STREAMS:
        problems.unsupported("stream", stream, _STREAMS)
    elif stream != "All" and tail is not None:
        problems.append(forbidden_field("[]", "`tailLines` and specific `stream` are mutually exclusive for now"))
    if problems:
        raise invalid("PodLogOptions", "", call.name, problems)
    if seconds is not None:
        since = ctx.time() - timedelta(seconds=seconds)
    return since, tail, limit, cast("LogStream", stream)


def _time(query: Query) -> datetime | None:
    text = query.get("sinceTime")
    if not text:
        return None
    rest = text
    for element, pattern in _TIME_LAYOUT:
        match = re.match(pattern, rest)
        if match is None:
            raise bad_request(
                f'parsing time "{text}" as "2006-01-02T15:04:05Z07:00": cannot parse "{rest}" as "{element}"'
            )
        rest = rest[match.end() :]
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise bad_request(f'parsing time "{text}": day out of range') from None
